//! What the benchmarks and the simulator are to reach, in one place: ratios of one run, because a time is its machine's.
//! The simulator's pace alone is a time, and judged only on a machine that is large enough for it.
//!
//! A benchmark notes down what it found. When all have run to their end, `cargo xtask bench` says what they found, and
//! fails where a goal was missed.

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use crate::failure::{Doing as _, Result, fail};

/// Names the file that the benchmarks note down what they found in; without it they only say it.
pub const NOTES: &str = "COUNTERFOIL_BENCH_NOTES";

/// What a ratio is to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// What is compared with what. It names the goal in the notes.
    pub what: &'static str,
    limit: Limit,
}

/// In hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    AtLeast(u64),
    AtMost(u64),
}

/// Own upload against raw guarded commits of the same documents.
pub const UPLOAD: Goal = Goal::at_least("the upload, of the best raw commits", 80);
/// A drain streams from the database: what it takes does not grow with what waits.
pub const MEMORY: Goal = Goal::at_most("memory for a longer queue, of that for a shorter one", 120);
/// A checkout against a bare transaction that writes the same rows.
pub const CHECKOUT: Goal = Goal::at_most(
    "processCheckout, five lines, of a bare transaction of the same rows",
    150,
);
/// A register whose sales wait against one of as many of which none does.
pub const PANEL_BESIDE_A_QUEUE: Goal =
    Goal::at_most("the sync panel while sales wait, of while none does", 120);
/// The same for what a program does until it can sell.
pub const START_BESIDE_A_QUEUE: Goal =
    Goal::at_most("start-up while sales wait, of while none does", 120);
/// The same for a sale.
pub const CHECKOUT_BESIDE_A_QUEUE: Goal =
    Goal::at_most("a checkout while sales wait, of while none does", 120);
/// Seeds a minute that the simulator is to run, from two cores on.
pub const SEEDS_A_MINUTE: u64 = 500;
/// The simulator's pace against that one. `cargo xtask prove` judges it.
pub const PACE: Goal = Goal::at_least("the simulator's pace, of 500 seeds a minute", 100);

/// Those that benchmarks note down.
const ALL: [Goal; 6] = [
    CHECKOUT,
    PANEL_BESIDE_A_QUEUE,
    START_BESIDE_A_QUEUE,
    CHECKOUT_BESIDE_A_QUEUE,
    UPLOAD,
    MEMORY,
];

impl Goal {
    const fn at_least(what: &'static str, hundredths: u64) -> Self {
        Self {
            what,
            limit: Limit::AtLeast(hundredths),
        }
    }

    const fn at_most(what: &'static str, hundredths: u64) -> Self {
        Self {
            what,
            limit: Limit::AtMost(hundredths),
        }
    }

    /// This goal and what a run came to, in hundredths.
    pub const fn found(self, hundredths: u64) -> Found {
        Found {
            goal: self,
            hundredths,
        }
    }
}

/// The limit alone, as it stands behind “goal”.
impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            Limit::AtLeast(limit) => write!(f, "at least {}", Ratio(limit)),
            Limit::AtMost(limit) => write!(f, "at most {}", Ratio(limit)),
        }
    }
}

/// A goal, and what a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is to reach.
    pub goal: Goal,
    /// What it came to, in hundredths.
    pub hundredths: u64,
}

impl Found {
    /// Whether the goal was reached.
    pub const fn reached(&self) -> bool {
        match self.goal.limit {
            Limit::AtLeast(limit) => self.hundredths >= limit,
            Limit::AtMost(limit) => self.hundredths <= limit,
        }
    }

    /// Notes it down in the file that [`NOTES`] names, if it names one.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn note(&self) -> Result {
        std::env::var_os(NOTES).map_or(Ok(()), |file| self.note_in(Path::new(&file)))
    }

    fn note_in(&self, file: &Path) -> Result {
        let line = format!("{} {}\n", self.hundredths, self.goal.what);
        let mut notes = OpenOptions::new();
        let notes = notes.create(true).append(true).open(file);
        notes
            .and_then(|mut notes| notes.write_all(line.as_bytes()))
            .doing(format_args!("write {}", file.display()))
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { goal, hundredths } = self;
        write!(f, "{}: {}; goal {goal}", goal.what, Ratio(*hundredths))
    }
}

/// Hundredths as a decimal fraction.
struct Ratio(u64);

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// What was noted down in `file`, as it came; nothing where there is no such file.
///
/// # Errors
/// When it cannot be read, or has a note of no goal.
pub fn noted(file: &Path) -> Result<Vec<Found>> {
    if !file.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(file).doing(format_args!("read {}", file.display()))?;
    let note = |line: &str| {
        let (hundredths, what) = line.split_once(' ')?;
        let goal = ALL.into_iter().find(|goal| goal.what == what)?;
        Some(goal.found(hundredths.parse().ok()?))
    };
    let read = |line| match note(line) {
        Some(found) => Ok(found),
        None => fail(format!("{}: “{line}” is about no goal", file.display())),
    };
    text.lines().map(read).collect()
}

/// Fails where a goal was missed, and says which.
///
/// # Errors
/// When one was.
pub fn judge(found: &[Found]) -> Result {
    let missed: Vec<String> = found
        .iter()
        .filter(|found| !found.reached())
        .map(|found| format!("\n  {found}"))
        .collect();
    if missed.is_empty() {
        return Ok(());
    }
    fail(format!("Goals that were missed:{}", missed.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_at_its_limit_and_missed_beyond() {
        let reached = |goal: Goal, at: [u64; 3]| at.map(|at| goal.found(at).reached());
        assert_eq!(reached(UPLOAD, [79, 80, 120]), [false, true, true]);
        assert_eq!(reached(MEMORY, [90, 120, 121]), [true, true, false]);
        assert_eq!(reached(PACE, [99, 100, 180]), [false, true, true]);
    }

    #[test]
    fn every_goal_that_was_missed_is_named_and_no_other() {
        let good = [UPLOAD.found(85), MEMORY.found(105)];
        assert!(judge(&good).is_ok());
        assert!(judge(&[]).is_ok(), "what was not run misses nothing");
        let found = [good[0], MEMORY.found(201), CHECKOUT.found(151)];
        let said = judge(&found).expect_err("two were missed").to_string();
        assert_eq!(
            said,
            "Goals that were missed:\n  \
             memory for a longer queue, of that for a shorter one: 2.01; goal at most 1.20\n  \
             processCheckout, five lines, of a bare transaction of the same rows: 1.51; goal at most 1.50"
        );
    }

    #[test]
    fn what_is_noted_down_is_read_again() {
        let file = std::env::temp_dir().join(format!("counterfoil-notes-{}", std::process::id()));
        assert_eq!(noted(&file).expect("nothing there"), []);
        let found: Vec<Found> = (0..).zip(ALL).map(|(n, goal)| goal.found(99 + n)).collect();
        for found in &found {
            found.note_in(&file).expect("noted");
        }
        assert_eq!(noted(&file).expect("read"), found);
        std::fs::write(&file, "120 something else\n").expect("written");
        assert!(
            noted(&file).is_err(),
            "a note of no goal is not passed over"
        );
        std::fs::remove_file(&file).expect("removed");
    }
}
