//! Ctrl-C, and a polite request to end, stop every program that a task started.

use std::sync::atomic::{AtomicBool, Ordering};

use xtask::failure::{Doing as _, Result};

static ASKED: AtomicBool = AtomicBool::new(false);

/// Listens from now on.
pub(crate) fn listen() -> Result {
    ctrlc::set_handler(|| ASKED.store(true, Ordering::SeqCst)).doing("listen for Ctrl-C")
}

/// Whether somebody has asked to stop.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
