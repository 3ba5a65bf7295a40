//! Seeds of the simulator, as many as there is time for, from where it stopped the last time.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::builds::{Counted, kept_in, this_build};
use crate::console::{say, spoken};
use crate::step::{step, step_with_answer};
use crate::{interrupt, kills, places, system};
use xtask::failure::{Doing as _, Result, fail};
use xtask::goals::{Found, PACE, SEEDS_A_MINUTE};
use xtask::words::grouped;

/// Seeds of one call of the simulator: less than a minute's.
const CHUNK: u64 = 250;

/// Less than this of simulation says nothing about its pace.
const TELLING_MS: u64 = 60_000;
/// The pace is that of seeds which run two at a time.
const CORES: usize = 2;

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
    fn seeds(&self, build: &str) -> String {
        self.counted.words(build, RUNS, "seeds")
    }

    /// What has held, with which builds, and how fast that was.
    fn held(&self) -> String {
        let all = Pace {
            seeds: self.counted.total(RUNS),
            ms: self.counted.total(REAL_MS),
        };
        let seeds = self.counted.with_builds(RUNS, "seeds");
        let broken = match self.failed.len() {
            0 => String::new(),
            failed => format!(", {failed} of which broke a rule"),
        };
        format!("{seeds}{broken}, {} a minute", grouped(all.a_minute()))
    }
}

/// Seeds, and how long they took.
#[derive(Debug, Default)]
struct Pace {
    seeds: u64,
    ms: u64,
}

impl Pace {
    fn a_minute(&self) -> u64 {
        self.seeds.saturating_mul(60_000) / self.ms.max(1)
    }

    /// Beside the goal, where it can be told on a machine of so many cores.
    fn found(&self, cores: usize) -> Option<Found> {
        let telling = self.ms >= TELLING_MS && cores >= CORES;
        telling.then(|| PACE.found(self.a_minute().saturating_mul(100) / SEEDS_A_MINUTE))
    }

    fn judge(&self, cores: usize) -> Result {
        if self.found(cores).is_none_or(|found| found.reached()) {
            return Ok(());
        }
        fail(format!(
            "The simulator is too slow: this call ran {} seeds a minute; on {CORES} cores or more at least \
             {SEEDS_A_MINUTE} are wanted. Nothing else may run beside it.",
            self.a_minute()
        ))
    }
}

/// Runs seeds for so long, counts on from the state that it keeps under `target`.
///
/// # Errors
/// When a rule is broken for any seed, of this time or an earlier one that is still in the state, and when the seeds of
/// this time took longer than they may.
pub(crate) fn run(time: &str) -> Result {
    let time = length(time)?;
    let build = this_build();
    step(
        "build the simulator",
        // Optimized: ten times as many seeds in the same time.
        system::cargo().args(["build", "--release", "--package=counterfoil-ctl"]),
    )?
    .or_fail()?;
    let state = state();
    let mut proved = of_kept(&kept_in(&state));
    let mut pace = Pace::default();
    let begun = Instant::now();
    while begun.elapsed() < time && !interrupt::asked() {
        chunk(&mut proved, &mut pace, &build)?;
        write(&state, &proved)?;
        say(&format!(
            "{} of {}: {}, {} sales, {} failed; {} seeds a minute",
            spoken(begun.elapsed()),
            spoken(time),
            proved.seeds(&build),
            proved.counted.total(SALES),
            proved.failed.len(),
            pace.a_minute()
        ));
    }
    let judged = sum_up(&proved, &build, &state);
    say(&held());
    judged.and_then(|()| pace.judge(available_parallelism().map_or(1, usize::from)))
}

/// All that has held until now, seeds and kills, as `docs/RELIABILITY.md` tells it.
pub(crate) fn held() -> String {
    let proved = of_kept(&kept_in(&state()));
    format!("Until now: {}; {}.", proved.held(), kills::held())
}

fn chunk(proved: &mut Proved, pace: &mut Pace, build: &str) -> Result {
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
    pace.seeds += count(RUNS);
    pace.ms += count(REAL_MS);
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
            "Every rule held for {}; the next one is {}.",
            proved.seeds(build),
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

fn state() -> PathBuf {
    places::target().join("prove.json")
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

fn write(state: &Path, proved: &Proved) -> Result {
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
    }

    #[test]
    fn a_pace_below_500_seeds_a_minute_fails_on_two_cores_and_says_so() {
        let pace = |seeds, ms| Pace { seeds, ms };
        assert!(pace(500, 60_000).judge(2).is_ok());
        assert!(pace(4_990, 600_000).judge(1).is_ok(), "one core runs half");
        assert!(
            pace(250, 59_999).judge(2).is_ok(),
            "too short to be told from chance"
        );
        let slow = pace(4_990, 600_000).judge(2);
        assert_eq!(
            slow.expect_err("it is too slow").to_string(),
            "The simulator is too slow: this call ran 499 seeds a minute; on 2 cores or more at least 500 are wanted. \
             Nothing else may run beside it."
        );
    }

    #[test]
    fn all_that_has_held_is_one_line_with_its_builds() {
        let mut proved = Proved::default();
        proved
            .counted
            .add("abc", &[(RUNS, 1_000), (REAL_MS, 60_000)]);
        assert_eq!(
            proved.held(),
            "1,000 seeds with 1 build (abc), 1,000 a minute"
        );
        proved.counted.add("def", &[(RUNS, 500), (REAL_MS, 60_000)]);
        proved
            .failed
            .push("counterfoilctl simulate --seed 7".to_owned());
        assert_eq!(
            proved.held(),
            "1,500 seeds with 2 builds (abc, def), 1 of which broke a rule, 750 a minute"
        );
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
