//! Seeds of the simulator, as many as there is time for, from where it stopped the last time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::console::{say, spoken};
use crate::step::{step, step_with_answer};
use crate::{interrupt, places, system};
use xtask::failure::{Doing as _, Result, fail};

/// Seeds of one call of the simulator: less than a minute's.
const CHUNK: u64 = 250;

/// What is known from all times that it ran.
#[derive(Default)]
struct Proved {
    /// The next seed.
    next: u64,
    runs: u64,
    sales: u64,
    /// How long they took, in milliseconds.
    real_ms: u64,
    /// The lines that replay what failed.
    failed: Vec<String>,
}

impl Proved {
    /// Seeds a minute, over all the time that it ran.
    fn a_minute(&self) -> u64 {
        self.runs.saturating_mul(60_000) / self.real_ms.max(1)
    }
}

/// Runs seeds for so long, counts on from the state that it keeps under `target`.
///
/// # Errors
/// When a rule is broken for any seed, of this time or an earlier one that is still in the state.
pub(crate) fn run(time: &str) -> Result {
    let time = length(time)?;
    step(
        "build the simulator",
        // Optimized: ten times as many seeds in the same time.
        system::cargo().args(["build", "--release", "--package=counterfoil-ctl"]),
    )?
    .or_fail()?;
    let state = places::target().join("prove.json");
    let mut proved = read(&state);
    let begun = Instant::now();
    while begun.elapsed() < time && !interrupt::asked() {
        chunk(&mut proved)?;
        write(&state, &proved)?;
        say(&format!(
            "{} of {}: {} seeds in all, {} sales, {} failed; {} seeds a minute",
            spoken(begun.elapsed()),
            spoken(time),
            proved.runs,
            proved.sales,
            proved.failed.len(),
            proved.a_minute()
        ));
    }
    sum_up(&proved, &state)
}

fn chunk(proved: &mut Proved) -> Result {
    let program = format!("counterfoilctl{}", std::env::consts::EXE_SUFFIX);
    let mut simulate = std::process::Command::new(places::target().join("release").join(program));
    simulate.args(["simulate", "--json", "--seed"]);
    simulate.arg(proved.next.to_string());
    // Every seed of it: where many fail, none is passed over.
    simulate.args(["--seeds", &CHUNK.to_string(), "--keep-going"]);
    // It ends with 1 where a rule is broken: then it has an answer, too.
    let (done, answer) = step_with_answer("seeds", &mut simulate)?;
    let Ok(answer) = serde_json::from_str::<Value>(&answer) else {
        done.or_fail()?;
        return fail("The simulator's answer cannot be read.");
    };
    let count = |name: &str| answer[name].as_u64().unwrap_or_default();
    if count("runs") != CHUNK {
        return fail("The simulator did not run every seed that it was given.");
    }
    proved.runs += CHUNK;
    proved.sales += count("sales");
    proved.real_ms += count("realMs");
    for failed in answer["failed"].as_array().into_iter().flatten() {
        let line = failed["smaller"].as_str().or(failed["replay"].as_str());
        proved.failed.extend(line.map(str::to_owned));
    }
    proved.next += CHUNK;
    Ok(())
}

fn sum_up(proved: &Proved, state: &Path) -> Result {
    if proved.failed.is_empty() {
        say(&format!(
            "Every rule held for {} seeds, {} a minute; the next one is {}.",
            proved.runs,
            proved.a_minute(),
            proved.next
        ));
        return Ok(());
    }
    fail(format!(
        "A rule was broken. Replay:\n{}\nThey stay listed until {} is deleted.",
        proved.failed.join("\n"),
        state.display()
    ))
}

fn read(state: &Path) -> Proved {
    let kept = fs::read_to_string(state).ok();
    let kept: Option<Value> = kept.and_then(|text| serde_json::from_str(&text).ok());
    let Some(kept) = kept else {
        return Proved::default();
    };
    let count = |name: &str| kept[name].as_u64().unwrap_or_default();
    let failed = kept["failed"].as_array().into_iter().flatten();
    Proved {
        next: count("next"),
        runs: count("runs"),
        sales: count("sales"),
        real_ms: count("realMs"),
        failed: failed
            .filter_map(|line| line.as_str().map(str::to_owned))
            .collect(),
    }
}

fn write(state: &PathBuf, proved: &Proved) -> Result {
    let kept = json!({
        "next": proved.next, "runs": proved.runs, "sales": proved.sales, "realMs": proved.real_ms,
        "failed": proved.failed,
    });
    fs::write(state, kept.to_string()).doing(format_args!("write {}", state.display()))
}

/// `90s`, `30m`, `2h`.
fn length(text: &str) -> Result<Duration> {
    let unit = text.chars().last().unwrap_or(' ');
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        _ => {
            return fail(format!(
                "“{text}” is no length of time; write 90s, 30m or 2h"
            ));
        }
    };
    let number = text.trim_end_matches(unit).parse::<u64>();
    let number = number.doing(format_args!("read {text} as a length of time"))?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}
