//! Many seeds, on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crate::case::Case;
use crate::random::lock;
use crate::run::run;
use crate::world::Tally;

/// What came of many runs.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many were run.
    pub runs: u64,
    /// Sales and reversals that were returned in all of them.
    pub sales: u64,
    /// How long they took in real time, in milliseconds.
    pub real_ms: u64,
    /// Virtual time of all of them, in milliseconds.
    pub virtual_ms: i64,
    /// What happened how often.
    pub tally: Tally,
    /// The cases in which a rule was broken, with what was.
    pub failed: Vec<(Case, Vec<(u8, String)>)>,
}

impl Summary {
    /// How many runs a minute that was.
    pub fn a_minute(&self) -> u64 {
        self.runs.saturating_mul(60_000) / self.real_ms.max(1)
    }
}

/// Runs `case(n)` for each n of `numbers`, on `threads` threads, until that many have failed.
pub fn run_many(
    numbers: std::ops::Range<u64>,
    threads: usize,
    stop_after: usize,
    case: impl Fn(u64) -> Case + Sync,
) -> Summary {
    let begun = Instant::now();
    let next = AtomicU64::new(numbers.start);
    let stop = AtomicBool::new(false);
    let summary = Mutex::new(Summary::default());
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= numbers.end {
                return;
            }
            let case = case(n);
            let outcome = run(&case, false);
            let mut summary = lock(&summary);
            summary.runs += 1;
            summary.sales += outcome.sales;
            summary.virtual_ms += outcome.virtual_ms;
            summary.tally.add(&outcome.tally);
            if !outcome.broken.is_empty() {
                summary.failed.push((case, outcome.broken));
                stop.store(summary.failed.len() >= stop_after, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    let mut summary = lock(&summary).clone();
    summary.real_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    summary.failed.sort_by_key(|(case, _)| case.seed);
    summary
}

/// As many threads as the machine runs at once.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
