//! Errors in the log of a run. A product that works logs none, unless the plan explains it.

use std::cell::{Cell, RefCell};
use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

thread_local! {
    static ERRORS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static MUTED: Cell<bool> = const { Cell::new(false) };
}

/// Whether what is logged on this thread is left out.
pub(crate) fn mute(muted: bool) {
    MUTED.with(|cell| cell.set(muted));
}

/// The errors of this thread since the last time it was asked.
pub(crate) fn take() -> Vec<String> {
    ERRORS.with(|errors| errors.take())
}

/// Keeps errors of the thread that logs them.
pub(crate) struct Errors;

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(tracing::level_filters::LevelFilter::ERROR)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if MUTED.with(Cell::get) {
            return;
        }
        let mut words = Words(event.metadata().target().to_owned());
        event.record(&mut words);
        ERRORS.with(|errors| errors.borrow_mut().push(words.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
