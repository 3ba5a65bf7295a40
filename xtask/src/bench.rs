//! The benchmarks, and what they come to: ratios of one run, beside the goals.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::console::say;
use crate::{build, interrupt, places, system};
use xtask::child::Running;
use xtask::failure::{Doing as _, Result, fail};

/// A figure of criterion: its group and its name there.
type Figure = (&'static str, &'static str);

const BARE: Figure = ("checkout", "bare transaction of the same rows");
const CHECKOUT: Figure = ("checkout", "processCheckout, five lines");

/// Figures with a goal of their own, in nanoseconds.
const GOALS: [(Figure, &str, u64); 8] = [
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
pub(crate) fn run(names: &[&str]) -> Result {
    system::set_up()?;
    build::interface()?.or_fail()?;
    let mut bench = system::cargo();
    bench
        .args(["bench", "--package=counterfoil-tests", "--benches", "--"])
        // Tens of thousands of documents.
        .env(xtask::emulator::HEAP, "3g")
        .args(names);
    let mut running = Running::start("the benchmarks", &mut bench)?;
    loop {
        match running.ended()? {
            Some(status) if status.success() => return sum_up(),
            Some(status) => return fail(format!("The benchmarks failed: {status}")),
            None if interrupt::asked() => return Ok(()),
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// Medians, because a machine that does something else for a moment moves a mean.
fn sum_up() -> Result {
    let folder = places::target().join("criterion");
    say("\nWhat it comes to (medians):");
    if let (Some(bare), Some(ours)) = (median(&folder, BARE)?, median(&folder, CHECKOUT)?) {
        let percent = ours * 100 / bare.max(1);
        say(&format!(
            "  processCheckout, five lines: {}, {}.{:02} times a bare transaction of the same rows ({}); goal 1.50",
            spelt(ours),
            percent / 100,
            percent % 100,
            spelt(bare)
        ));
    }
    for (figure, what, goal) in GOALS {
        if let Some(took) = median(&folder, figure)? {
            let what = match figure.0 {
                "catalogue of 50,000/search" => format!("search as you type, “{what}”"),
                _ => what.to_owned(),
            };
            say(&format!("  {what}: {}; goal {}", spelt(took), spelt(goal)));
        }
    }
    Ok(())
}

/// The median of the last run in whole nanoseconds; nothing where it has not been run.
fn median(folder: &Path, (group, name): Figure) -> Result<Option<u64>> {
    let file = folder.join(group).join(name).join("new/estimates.json");
    if !file.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&file).doing(format_args!("read {}", file.display()))?;
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
