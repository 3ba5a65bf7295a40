//! `kill -9` over the real programs, as often as is asked, from the seed where it stopped the last time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::builds::{Counted, kept_in, this_build};
use crate::console::say;
use crate::step::step_with_answer;
use crate::{build, interrupt, places, prove, system};
use xtask::emulator::{self, HOW};
use xtask::failure::{Doing as _, Result, fail};

/// Kills of one store, which has a seed.
const ROUND: u64 = 20;
/// Kills of one call of the test.
const CHUNK: u64 = 5 * ROUND;

const KILLS: &str = "kills";

/// What is known from all times that it ran.
#[derive(Debug, Default, PartialEq, Eq)]
struct Survived {
    /// The next seed.
    next: u64,
    counted: Counted,
    /// How often what was killed doing what.
    hits: BTreeMap<String, u64>,
}

/// Kills so many times more, and counts on in the state that it keeps under `target`.
///
/// # Errors
/// When a sale is lost or doubled, a journal broken, a series with a gap; the log names the seed.
pub(crate) fn run(times: &str) -> Result {
    let mut left = times
        .parse::<u64>()
        .doing(format_args!("read {times} as a number"))?;
    system::set_up()?;
    let found = emulator::find().or_else(|why| fail(format!("{why}\n{HOW}")))?;
    build::interface()?.or_fail()?;
    let this = this_build();
    let program = build::with_tests_of("kills")?;
    let state = state();
    let mut survived = of_kept(&kept_in(&state));
    while left > 0 && !interrupt::asked() {
        let kills = left.min(CHUNK);
        let mut test = system::in_virtual_screen(&program.path);
        test.arg("--nocapture")
            .env(emulator::JAR, &found.jar)
            .env("COUNTERFOIL_KILLS", kills.to_string())
            .env("COUNTERFOIL_KILLS_SEED", survived.next.to_string())
            .current_dir(program.folder());
        let name = format!("{kills} kills from seed {}", survived.next);
        let (done, said) = step_with_answer(&name, &mut test)?;
        done.or_fail()?;
        survived.count(&this, kills, &said);
        survived.write(&state)?;
        left -= kills;
    }
    survived.sum_up(&this);
    Ok(())
}

impl Survived {
    fn count(&mut self, build: &str, kills: u64, said: &str) {
        self.counted.add(build, &[(KILLS, kills)]);
        self.next += kills.div_ceil(ROUND);
        for line in said.lines() {
            let Some((times, hit)) = line.split_once(" × ") else {
                continue;
            };
            if let Ok(times) = times.trim().parse::<u64>() {
                *self.hits.entry(hit.to_owned()).or_default() += times;
            }
        }
    }

    fn write(&self, state: &Path) -> Result {
        fs::write(state, self.to_keep().to_string())
            .doing(format_args!("write {}", state.display()))
    }

    fn to_keep(&self) -> Value {
        json!({ "next": self.next, "builds": self.counted.kept(), "hits": self.hits })
    }

    fn sum_up(&self, build: &str) {
        say(&format!(
            "{}; every rule held; the next seed is {}.",
            self.counted.words(build, KILLS, "kills in all"),
            self.next
        ));
        for (hit, times) in &self.hits {
            say(&format!("{times:>6} × {hit}"));
        }
        say(&prove::held());
    }
}

fn state() -> PathBuf {
    places::target().join("kills.json")
}

/// How many kills every sale has survived, and with which builds.
pub(crate) fn held() -> String {
    let survived = of_kept(&kept_in(&state()));
    survived.counted.with_builds(KILLS, "kills")
}

fn of_kept(kept: &Value) -> Survived {
    let hits = kept["hits"].as_object().into_iter().flatten();
    Survived {
        next: kept["next"].as_u64().unwrap_or_default(),
        counted: Counted::read(kept, &[KILLS]),
        hits: hits
            .filter_map(|(hit, times)| Some((hit.clone(), times.as_u64()?)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_of_older_builds_count_in_all_and_not_for_this_one() {
        let said = "   3 × sync watch during an upload\n";
        let before = json!({
            "next": 5, "kills": 100, "hits": { "sync watch during an upload": 36 },
        });
        let mut survived = of_kept(&before);
        survived.count("abc", 20, said);
        assert_eq!(
            survived.counted.words("abc", KILLS, "kills in all"),
            "120 kills in all, 20 of them with this build (abc)"
        );
        assert_eq!(
            (survived.next, survived.hits["sync watch during an upload"]),
            (6, 39)
        );
        assert_eq!(of_kept(&survived.to_keep()), survived);
    }
}
