//! Closing the window while sales are not in the cloud yet: it is held back, and the window says how many.
//!
//! They are safe and go up at the next start, so nobody is kept: whoever means it closes it. Nor does a window that
//! does not answer keep anybody: it is held back once.

use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil_app::Till;
use tauri::{Manager, Window, WindowEvent};
use tauri_specta::Event as _;

use crate::events::CloseHeld;
use crate::shell::Shell;

/// What has been asked and answered about closing.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    asked: AtomicBool,
    shown: AtomicBool,
    meant: AtomicBool,
}

impl Closing {
    /// The window shows the question.
    pub(crate) fn shown(&self) {
        self.shown.store(true, Ordering::SeqCst);
    }

    /// The person stays.
    pub(crate) fn stays(&self) {
        self.asked.store(false, Ordering::SeqCst);
        self.shown.store(false, Ordering::SeqCst);
    }

    /// The person means it.
    pub(crate) fn meant(&self) {
        self.meant.store(true, Ordering::SeqCst);
    }

    /// Whether a close is to be held back that would leave something behind.
    fn holds(&self) -> bool {
        let unanswered =
            self.asked.swap(true, Ordering::SeqCst) && !self.shown.load(Ordering::SeqCst);
        !unanswered && !self.meant.load(Ordering::SeqCst)
    }
}

/// Holds a close back where sales wait to be uploaded, and tells the window.
pub(crate) fn ask(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else {
        return;
    };
    let (Some(shell), Some(closing)) = (window.try_state::<Shell>(), window.try_state::<Closing>())
    else {
        return;
    };
    let unsynced = match Till::unsynced(&shell.till()) {
        Ok(Some(unsynced)) => unsynced,
        Ok(None) => return,
        Err(error) => {
            tracing::warn!(%error, "what is not in the cloud yet is not known");
            return;
        }
    };
    tracing::info!(
        sales = unsynced.sales,
        "closed with sales that wait to be uploaded"
    );
    if closing.holds() && CloseHeld(unsynced).emit(window.app_handle()).is_ok() {
        api.prevent_close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_held_while_the_question_is_shown_and_until_it_is_answered() {
        let closing = Closing::default();
        assert!(closing.holds());
        closing.shown();
        assert!(closing.holds(), "again, with the question open");
        closing.stays();
        assert!(closing.holds(), "and asked anew the next time");
        closing.shown();
        closing.meant();
        assert!(!closing.holds());
    }

    #[test]
    fn a_window_that_does_not_answer_keeps_nobody() {
        let closing = Closing::default();
        assert!(closing.holds());
        assert!(!closing.holds());
    }
}
