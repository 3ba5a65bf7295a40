//! Closing the window, or quitting otherwise, while sales are not in the cloud yet: it is held back, and the window
//! says how many.
//!
//! They are safe and go up at the next start, so nobody is kept: whoever means it closes it. Nor does a window that
//! does not answer keep anybody: it is held back once.

use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil_app::Till;
use tauri::{AppHandle, Manager, RunEvent, Window, WindowEvent};
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

/// Holds a close of the window back where sales are in no cloud.
pub(crate) fn ask(window: &Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event
        && is_held(window.app_handle())
    {
        api.prevent_close();
    }
}

/// The same for an end that is asked of the whole program, as by a menu's Quit.
pub(crate) fn ask_at_exit(app: &AppHandle, event: &RunEvent) {
    let RunEvent::ExitRequested { api, .. } = event else {
        return;
    };
    // The last window has closed, which was asked about: nobody is left to answer.
    if !app.webview_windows().is_empty() && is_held(app) {
        api.prevent_exit();
    }
}

/// Whether an end is held back; the window is told why as soon as it is counted and added up.
fn is_held(app: &AppHandle) -> bool {
    let (Some(shell), Some(closing)) = (app.try_state::<Shell>(), app.try_state::<Closing>())
    else {
        return false;
    };
    let till = shell.till();
    let left = Till::has_unsynced(&till).unwrap_or_else(|error| {
        tracing::warn!(%error, "what is not in the cloud yet is not known");
        false
    });
    let held = left && closing.holds();
    if held {
        let app = app.clone();
        tauri::async_runtime::spawn_blocking(move || tell(&app, &till));
    }
    held
}

/// Tells the window what keeps it; ends the program where that cannot be told, or has landed meanwhile.
fn tell(app: &AppHandle, till: &Till) {
    let told = match till.unsynced() {
        Ok(Some(unsynced)) => {
            tracing::info!(
                sales = unsynced.sales,
                "closed with sales that are in no cloud"
            );
            CloseHeld(unsynced).emit(app).is_ok()
        }
        Ok(None) => false,
        Err(error) => {
            tracing::warn!(%error, "what is not in the cloud yet is not known");
            false
        }
    };
    if !told {
        app.state::<Closing>().meant();
        app.exit(0);
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
        assert!(!closing.holds(), "nor does the end that follows its close");
    }

    #[test]
    fn what_was_meant_ends_the_window_and_then_the_program() {
        let closing = Closing::default();
        assert!(closing.holds(), "quit by the menu");
        closing.shown();
        closing.meant();
        assert!(!closing.holds(), "the window closes");
        assert!(!closing.holds(), "and the program ends");
    }
}
