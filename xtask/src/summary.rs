//! What every runner said in the end, and one line that counts it all.

use crate::console::{say, spoken};
use crate::step::Done;

/// The outcome of all runners so far.
#[derive(Default)]
pub(crate) struct Summary {
    rows: Vec<Row>,
    left_out: Vec<(String, usize)>,
}

struct Row {
    name: String,
    good: bool,
    passed: usize,
    failed: usize,
    /// The runner's own closing line, where it has one.
    closing: Option<String>,
    took: String,
}

impl Summary {
    /// Counts a step: its runner's tests, or the step itself where it ran no counted ones.
    pub(crate) fn add(&mut self, done: &Done) {
        let closing = closing_line(&done.output);
        let (mut passed, mut failed) = counts(&done.output).unwrap_or((0, 0));
        if !done.good && failed == 0 {
            failed = 1;
        } else if done.good && closing.is_none() {
            passed = 1;
        }
        self.rows.push(Row {
            name: done.name.clone(),
            good: done.good,
            passed,
            failed,
            closing,
            took: spoken(done.took),
        });
    }

    /// Takes over another lane's rows.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.rows.append(&mut other.rows);
        self.left_out.append(&mut other.left_out);
    }

    /// Notes tests that were not run on purpose.
    pub(crate) fn leave_out(&mut self, name: String, tests: usize) {
        self.left_out.push((name, tests));
    }

    /// Whether everything that ran went well.
    pub(crate) fn good(&self) -> bool {
        self.rows.iter().all(|row| row.good)
    }

    /// Prints the table, and last the line that other programs read.
    pub(crate) fn print(&self) {
        say("\n== Summary");
        for row in &self.rows {
            let mark = if row.good { "good" } else { "FAILED" };
            say(&format!("{mark:>6}  {}  ({})", row.name, row.took));
            if let Some(closing) = &row.closing {
                say(&format!("        {closing}"));
            }
        }
        let skipped: usize = self.left_out.iter().map(|(_, tests)| tests).sum();
        for (name, tests) in &self.left_out {
            say(&format!(
                "  left out, for want of the Firestore emulator: {name}, {tests} tests"
            ));
        }
        let sum = |of: fn(&Row) -> usize| self.rows.iter().map(of).sum::<usize>();
        let (passed, failed) = (sum(|row| row.passed), sum(|row| row.failed));
        if skipped > 0 {
            say(&format!(
                "\n{passed} passed, {failed} failed, {skipped} skipped"
            ));
        } else {
            say(&format!("\n{passed} passed, {failed} failed"));
        }
    }
}

/// The runner's last line about its tests; of several test programs in one output, the last that ran any.
fn closing_line(output: &str) -> Option<String> {
    let lines = || {
        output
            .lines()
            .map(str::trim)
            .filter(|line| of_line(line).is_some())
    };
    lines()
        .rfind(|line| of_line(line) != Some((0, 0)))
        .or_else(|| lines().next_back())
        .map(str::to_owned)
}

/// Passed and failed over a runner's whole output, or nothing where it has no line that says so.
fn counts(output: &str) -> Option<(usize, usize)> {
    output
        .lines()
        .filter_map(|line| of_line(line.trim()))
        .reduce(|a, b| (a.0 + b.0, a.1 + b.1))
}

/// Passed and failed of a closing line as libtest (`test result: ok. 3 passed; 0 failed; …`), Vitest
/// (`Tests  1 failed | 3 passed (4)`) and this project's scripts (`3 passed, 0 failed`) write it.
fn of_line(line: &str) -> Option<(usize, usize)> {
    let vitest = line.starts_with("Tests ") && line.ends_with(')');
    let plain = line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(" passed, ");
    if !(vitest || plain || line.starts_with("test result: ")) {
        return None;
    }
    let before = |word: &str| -> Option<usize> {
        let words: Vec<&str> = line
            .split([' ', ';', ','])
            .filter(|w| !w.is_empty())
            .collect();
        let at = words.iter().position(|found| *found == word)?;
        words.get(at.checked_sub(1)?)?.parse().ok()
    };
    Some((before("passed").unwrap_or(0), before("failed").unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::{closing_line, counts};

    #[test]
    fn every_runners_closing_line_is_counted() {
        let cargo = "test result: ok. 12 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(counts(cargo), Some((12, 1)));
        assert_eq!(
            counts("      Tests  1 failed | 56 passed (57)"),
            Some((56, 1))
        );
        assert_eq!(counts("Tests  56 passed (56)"), Some((56, 0)));
        assert_eq!(counts("9 passed, 2 failed"), Some((9, 2)));
        assert_eq!(counts("Finished in 3 s"), None);
    }

    #[test]
    fn several_programs_in_one_output_are_added_up() {
        let output =
            "test result: ok. 3 passed; 0 failed;\n…\ntest result: ok. 0 passed; 0 failed;";
        assert_eq!(counts(output), Some((3, 0)));
        assert_eq!(
            closing_line(output).as_deref(),
            Some("test result: ok. 3 passed; 0 failed;")
        );
    }
}
