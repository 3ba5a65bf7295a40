//! Seeds of the simulator, as many as there is time for, from where it stopped the last time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::builds::{Counted, this_build};
use crate::console::{say, spoken};
use crate::step::{step, step_with_answer};
use crate::{interrupt, places, system};
use xtask::failure::{Doing as _, Result, fail};

/// Seeds of one call of the simulator: less than a minute's.
const CHUNK: u64 = 250;

const RUNS: &str = "runs";
const SALES: &str = "sales";
/// How long they took, in milliseconds.
const REAL_MS: &str = "realMs";

/// What is known from all times that it ran.
#[derive(Debug, Default, PartialEq, Eq)]
struct Proved {
    /// The next seed.
    next: u64,
    /// Runs, sales and the time that they took.
    counted: Counted,
    /// The lines that replay what failed, each with the build that it failed with.
    failed: Vec<String>,
}

impl Proved {
    /// Seeds a minute that this build ran.
    fn a_minute(&self, build: &str) -> u64 {
        let runs = self.counted.of(build, RUNS).saturating_mul(60_000);
        runs / self.counted.of(build, REAL_MS).max(1)
    }

    fn seeds(&self, build: &str) -> String {
        self.counted.words(build, RUNS, "seeds")
    }
}

/// Runs seeds for so long, counts on from the state that it keeps under `target`.
///
/// # Errors
/// When a rule is broken for any seed, of this time or an earlier one that is still in the state.
pub(crate) fn run(time: &str) -> Result {
    let time = length(time)?;
    let build = this_build();
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
        chunk(&mut proved, &build)?;
        write(&state, &proved)?;
        say(&format!(
            "{} of {}: {}, {} sales, {} failed; {} seeds a minute",
            spoken(begun.elapsed()),
            spoken(time),
            proved.seeds(&build),
            proved.counted.total(SALES),
            proved.failed.len(),
            proved.a_minute(&build)
        ));
    }
    sum_up(&proved, &build, &state)
}

fn chunk(proved: &mut Proved, build: &str) -> Result {
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
    if count(RUNS) != CHUNK {
        return fail("The simulator did not run every seed that it was given.");
    }
    let figures = [RUNS, SALES, REAL_MS].map(|name| (name, count(name)));
    proved.counted.add(build, &figures);
    for failed in answer["failed"].as_array().into_iter().flatten() {
        let line = failed["smaller"].as_str().or(failed["replay"].as_str());
        proved
            .failed
            .extend(line.map(|line| format!("{line}  # with {build}")));
    }
    proved.next += CHUNK;
    Ok(())
}

fn sum_up(proved: &Proved, build: &str, state: &Path) -> Result {
    if proved.failed.is_empty() {
        say(&format!(
            "Every rule held for {}, {} a minute; the next one is {}.",
            proved.seeds(build),
            proved.a_minute(build),
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
    kept.map_or_else(Proved::default, |kept| of_kept(&kept))
}

fn of_kept(kept: &Value) -> Proved {
    let failed = kept["failed"].as_array().into_iter().flatten();
    Proved {
        next: kept["next"].as_u64().unwrap_or_default(),
        counted: Counted::read(kept, &[RUNS, SALES, REAL_MS]),
        failed: failed
            .filter_map(|line| line.as_str().map(str::to_owned))
            .collect(),
    }
}

fn to_keep(proved: &Proved) -> Value {
    json!({
        "next": proved.next, "builds": proved.counted.kept(), "failed": proved.failed,
    })
}

fn write(state: &PathBuf, proved: &Proved) -> Result {
    fs::write(state, to_keep(proved).to_string()).doing(format_args!("write {}", state.display()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_older_builds_ran_counts_in_all_and_not_for_this_one() {
        let before = json!({
            "next": 10_000, "runs": 10_000, "sales": 300_000, "realMs": 600_000, "failed": [],
        });
        let mut proved = of_kept(&before);
        let figures = [(RUNS, 250), (SALES, 9_000), (REAL_MS, 30_000)];
        proved.counted.add("abc", &figures);
        assert_eq!(
            proved.seeds("abc"),
            "10250 seeds, 250 of them with this build (abc)"
        );
        assert_eq!(proved.counted.total(SALES), 309_000);
        assert_eq!(proved.a_minute("abc"), 500);
        assert_eq!(proved.a_minute("def"), 0, "it has not run yet");
    }

    #[test]
    fn the_state_is_read_as_it_was_written() {
        let mut proved = Proved {
            next: 500,
            failed: vec!["counterfoilctl simulate --seed 7  # with abc".to_owned()],
            ..Proved::default()
        };
        proved.counted.add("abc", &[(RUNS, 250)]);
        proved.counted.add("abc+", &[(RUNS, 250)]);
        assert_eq!(of_kept(&to_keep(&proved)), proved);
    }
}
