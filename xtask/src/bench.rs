//! The benchmarks, and what they come to: ratios of one run, beside the goals. Where one was missed, it fails when all
//! have run to their end.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::console::say;
use crate::{build, interrupt, places, system};
use xtask::child::Running;
use xtask::failure::{Doing as _, Result, fail};
use xtask::goals::{self, CHECKOUT};

/// A figure of criterion: its group and its name there.
type Figure = (&'static str, &'static str);

const BARE: Figure = ("checkout", "bare transaction of the same rows");
const OURS: Figure = ("checkout", "processCheckout, five lines");

/// Times, and what they should be on a till's computer, in nanoseconds. They are said and judged by nobody: how fast this
/// machine is and what else it does is in them.
const TIMES: [(Figure, &str, u64); 8] = [
    (
        ("catalogue of 50,000", "barcode"),
        "a barcode among 50,000",
        50_000,
    ),
    search("m"),
    search("mi"),
    search("mil"),
    search("milk"),
    search("milk 1"),
    search("organic milk"),
    (
        ("catalogue of 50,000", "import"),
        "the import of 50,000",
        10_000_000_000,
    ),
];

const fn search(typed: &'static str) -> (Figure, &'static str, u64) {
    (("catalogue of 50,000/search", typed), typed, 5_000_000)
}

/// Runs them; criterion's own output is for reading as it comes, so it goes to the terminal.
///
/// # Errors
/// When one does not run to its end, or misses a goal.
pub(crate) fn run(names: &[&str]) -> Result {
    system::set_up()?;
    build::interface()?.or_fail()?;
    // The benchmarks run in a folder of their own.
    let notes = std::path::absolute(places::target().join("bench-notes"))?;
    forget(&notes)?;
    let mut bench = system::cargo();
    bench
        .args(["bench", "--package=counterfoil-tests", "--benches"])
        .args(["--no-fail-fast", "--"])
        // Tens of thousands of documents.
        .env(xtask::emulator::HEAP, "3g")
        .env(goals::NOTES, &notes)
        .args(names);
    let mut running = Running::start("the benchmarks", &mut bench)?;
    loop {
        match running.ended()? {
            Some(status) => {
                let judged = sum_up(&notes);
                return match status.success() {
                    true => judged,
                    false => fail(format!("The benchmarks failed: {status}")),
                };
            }
            None if interrupt::asked() => return Ok(()),
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// Removes what earlier runs came to, so that this one is not judged by it.
fn forget(notes: &Path) -> Result {
    let figures = [BARE, OURS].into_iter();
    let figures = figures.chain(TIMES.map(|(figure, ..)| figure));
    let estimates = figures.map(|figure| estimates(&criterion(), figure));
    for file in estimates.chain([notes.to_owned()]) {
        if file.is_file() {
            fs::remove_file(&file).doing(format_args!("remove {}", file.display()))?;
        }
    }
    Ok(())
}

/// Says what this run came to, and judges it. Medians, because a machine that does something else for a moment moves a mean.
fn sum_up(notes: &Path) -> Result {
    let folder = criterion();
    say("\nWhat it comes to:");
    let mut found = goals::noted(notes)?;
    if let (Some(bare), Some(ours)) = (median(&folder, BARE)?, median(&folder, OURS)?) {
        found.push(CHECKOUT.found(ours * 100 / bare.max(1)));
        let (ours, bare) = (spelt(ours), spelt(bare));
        say(&format!(
            "  processCheckout, five lines: {ours}; a bare transaction of the same rows: {bare}"
        ));
    }
    for (figure, what, goal) in TIMES {
        if let Some(took) = median(&folder, figure)? {
            let what = match figure.0 {
                "catalogue of 50,000/search" => format!("search as you type, “{what}”"),
                _ => what.to_owned(),
            };
            let beyond = if took > goal { ", and it is not" } else { "" };
            say(&format!(
                "  {what}: {}; should be {}{beyond}",
                spelt(took),
                spelt(goal)
            ));
        }
    }
    for found in &found {
        let mark = if found.reached() { "good" } else { "MISSED" };
        say(&format!("{mark:>8}  {found}"));
    }
    goals::judge(&found)
}

fn criterion() -> PathBuf {
    places::target().join("criterion")
}

fn estimates(folder: &Path, (group, name): Figure) -> PathBuf {
    folder.join(group).join(name).join("new/estimates.json")
}

/// The median in whole nanoseconds; nothing where it has not been run.
fn median(folder: &Path, figure: Figure) -> Result<Option<u64>> {
    let file = estimates(folder, figure);
    if !file.is_file() {
        return Ok(None);
    }
    let text = fs::read_to_string(&file).doing(format_args!("read {}", file.display()))?;
    let estimates: Value =
        serde_json::from_str(&text).doing(format_args!("read {}", file.display()))?;
    let number = estimates["median"]["point_estimate"].to_string();
    let whole = number.split('.').next().unwrap_or_default();
    Ok(whole.parse().ok())
}

fn spelt(nanoseconds: u64) -> String {
    match nanoseconds {
        0..10_000 => format!("{nanoseconds} ns"),
        10_000..10_000_000 => format!("{} µs", nanoseconds / 1_000),
        10_000_000..10_000_000_000 => format!("{} ms", nanoseconds / 1_000_000),
        _ => format!("{} s", nanoseconds / 1_000_000_000),
    }
}
