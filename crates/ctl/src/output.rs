//! Everything that is printed.

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

use counterfoil_app::AppError;
use serde::Serialize;
use serde_json::{Value, json};

/// Why the first thing that could not be printed was not.
static UNPRINTED: OnceLock<String> = OnceLock::new();

/// Notes what became of something printed. A closed pipe (`counterfoilctl … | head`) is no error of
/// ours: whoever read it has had enough.
fn noted(printed: std::io::Result<()>) {
    if let Err(error) = printed
        && error.kind() != ErrorKind::BrokenPipe
    {
        // Only the first one counts.
        let _ = UNPRINTED.set(error.to_string());
    }
}

/// Whether everything arrived that was printed; says so on stderr where it did not. What was done
/// was done all the same, and the caller must know that it has not seen all of it.
pub(crate) fn arrived() -> bool {
    let Some(why) = UNPRINTED.get() else {
        return true;
    };
    let message = format!(
        "what this command printed did not arrive whole: {why}. What it did is done, and sales are \
         recorded; free the place that the output goes to, and ask again (counterfoilctl sales list)"
    );
    let document = json!({ "error": { "code": "output_failed", "message": message } });
    let _ = writeln!(std::io::stderr().lock(), "{document}");
    false
}

/// Prints one JSON document, or one line of a stream.
pub(crate) fn json(value: &impl Serialize) -> Result<(), AppError> {
    let text = serde_json::to_string(value).map_err(AppError::internal)?;
    line(&text);
    Ok(())
}

/// Prints a line of text and flushes it, so that a reader sees a sale as soon as it is durable.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    noted(writeln!(out, "{text}").and_then(|()| out.flush()));
}

/// Prints text as it is.
pub(crate) fn raw(text: &str) {
    let mut out = std::io::stdout().lock();
    noted(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Prints an error on stderr.
pub(crate) fn error(error: &AppError) {
    error_at(error, None);
}

/// Prints an error of one line of the input.
pub(crate) fn error_at(error: &AppError, input_line: Option<usize>) {
    let mut body = json!({ "code": error.code, "message": error.message });
    if let Some(details) = &error.details {
        body["details"] = details.clone();
    }
    let mut document = json!({ "error": body });
    if let Some(number) = input_line {
        document["line"] = json!(number);
    }
    let _ = writeln!(std::io::stderr().lock(), "{document}");
}

/// Prints a sentence for a person on stderr, so that stdout stays a document.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Draws a progress bar on stderr, when a person is watching.
pub(crate) fn progress(done: u32, total: u32, what: &str) {
    const WIDTH: u32 = 40;
    let mut err = std::io::stderr().lock();
    if !err.is_terminal() || total == 0 {
        return;
    }
    let filled = u64::from(WIDTH) * u64::from(done) / u64::from(total);
    let filled = usize::try_from(filled).unwrap_or(0);
    let (full, rest) = ("#".repeat(filled), "·".repeat(WIDTH as usize - filled));
    let end = if done >= total { "\n" } else { "" };
    let _ = write!(err, "\r[{full}{rest}] {done} of {total} {what}{end}");
    let _ = err.flush();
}

/// A table for a person: columns as wide as their widest cell, figures to the right.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
}

impl Table {
    /// A table with these headings; the columns at `right` hold figures.
    pub(crate) fn new(headings: &[&str], right: &[usize]) -> Self {
        let heading = headings.iter().map(|&h| h.to_owned()).collect();
        Self {
            rows: vec![heading],
            right: right.to_vec(),
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Prints it.
    pub(crate) fn print(&self) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut text = String::new();
            for (column, cell) in row.iter().enumerate() {
                let pad = " ".repeat(widths[column].saturating_sub(cell.chars().count()));
                let (before, after) = if self.right.contains(&column) {
                    (pad.as_str(), "")
                } else {
                    ("", pad.as_str())
                };
                text.push_str(&format!("{before}{cell}{after}  "));
            }
            line(text.trim_end());
        }
    }
}

/// The text of a JSON value, for a table's cell.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
