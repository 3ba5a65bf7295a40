//! What a person at the terminal reads. The only file that prints.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program's window is the terminal"
)]

use std::io::Write as _;
use std::time::Duration;

/// One line of progress or result.
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// What went wrong and what to do about it.
pub(crate) fn complain(text: &str) {
    eprintln!("{text}");
}

/// Text as it is, for a file that the shell redirects to.
///
/// # Errors
/// When the other end of the pipe is gone or its disk is full.
pub(crate) fn write(text: &str) -> std::io::Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes())
}

/// A length of time as a person says it.
pub(crate) fn spoken(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        s @ 1..60 => format!("{s} s"),
        s => format!("{} min {:02} s", s / 60, s % 60),
    }
}
