//! Which build found what: what held for an older program is not proved for this one.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

use crate::places;
use xtask::child::answer;
use xtask::words::grouped;

/// The name of a build of which git says nothing, and of all that was counted before builds had names.
const UNKNOWN: &str = "unknown";

/// What the checkout would build now: its revision, with a `+` where files differ from it. Two such builds may differ
/// and have one name.
pub(crate) fn this_build() -> String {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(places::root()).args(arguments);
        // What it complains of is no answer.
        answer(git.stderr(Stdio::null()))
    };
    named(
        git(&["rev-parse", "--short=12", "HEAD"]).as_deref(),
        git(&["status", "--porcelain"]).as_deref(),
    )
}

fn named(revision: Option<&str>, changes: Option<&str>) -> String {
    match (revision, changes) {
        (Some(revision), Some("")) => revision.to_owned(),
        (Some(revision), Some(_)) => format!("{revision}+"),
        _ => UNKNOWN.to_owned(),
    }
}

/// What an earlier call left in this file; nothing where there is none.
pub(crate) fn kept_in(state: &Path) -> Value {
    let kept = fs::read_to_string(state).ok();
    let kept = kept.and_then(|text| serde_json::from_str(&text).ok());
    kept.unwrap_or_default()
}

/// Figures by the build that they were counted with, the first build first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted(Vec<Stretch>);

/// What one build came to.
#[derive(Debug, PartialEq, Eq)]
struct Stretch {
    build: String,
    figures: Map<String, Value>,
}

impl Stretch {
    fn figure(&self, name: &str) -> u64 {
        self.figures
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    }
}

impl Counted {
    /// Counts on.
    pub(crate) fn add(&mut self, build: &str, figures: &[(&str, u64)]) {
        let at = self.0.iter().position(|stretch| stretch.build == build);
        let at = at.unwrap_or_else(|| {
            self.0.push(Stretch {
                build: build.to_owned(),
                figures: Map::new(),
            });
            self.0.len() - 1
        });
        let stretch = &mut self.0[at];
        for (name, more) in figures {
            let sum = stretch.figure(name).saturating_add(*more);
            stretch.figures.insert((*name).to_owned(), sum.into());
        }
    }

    /// Over all builds.
    pub(crate) fn total(&self, name: &str) -> u64 {
        let figures = self.0.iter().map(|stretch| stretch.figure(name));
        figures.fold(0, u64::saturating_add)
    }

    /// With one build.
    pub(crate) fn of(&self, build: &str, name: &str) -> u64 {
        let stretch = self.0.iter().find(|stretch| stretch.build == build);
        stretch.map_or(0, |stretch| stretch.figure(name))
    }

    /// How many there are, and how many of them are this build's. `what` is in the plural.
    pub(crate) fn words(&self, build: &str, name: &str, what: &str) -> String {
        let (total, ours) = (self.total(name), self.of(build, name));
        format!("{total} {what}, {ours} of them with this build ({build})")
    }

    /// How many of them, and with which builds: `250 seeds with 2 builds (abc, def)`. `what` is in the plural.
    pub(crate) fn with_builds(&self, name: &str, what: &str) -> String {
        let some = self.0.iter().filter(|stretch| stretch.figure(name) > 0);
        let builds: Vec<&str> = some.map(|stretch| stretch.build.as_str()).collect();
        let total = grouped(self.total(name));
        match builds[..] {
            [] => format!("no {what}"),
            [only] => format!("{total} {what} with 1 build ({only})"),
            _ => {
                let (many, names) = (builds.len(), builds.join(", "));
                format!("{total} {what} with {many} builds ({names})")
            }
        }
    }

    /// As it is kept.
    pub(crate) fn kept(&self) -> Value {
        let stretches = self
            .0
            .iter()
            .map(|stretch| json!({ "build": stretch.build, "figures": stretch.figures }));
        stretches.collect()
    }

    /// What is kept under `builds` in a state. One that was written before there were builds has the figures of these
    /// names in itself.
    pub(crate) fn read(state: &Value, names: &[&str]) -> Self {
        let mut counted = Self::default();
        let Some(stretches) = state["builds"].as_array() else {
            let figures = names
                .iter()
                .filter_map(|name| Some((*name, state[*name].as_u64()?)))
                .collect::<Vec<_>>();
            if !figures.is_empty() {
                counted.add(UNKNOWN, &figures);
            }
            return counted;
        };
        for stretch in stretches {
            let build = stretch["build"].as_str().unwrap_or(UNKNOWN);
            let figures = stretch["figures"].as_object().into_iter().flatten();
            let figures: Vec<_> = figures
                .filter_map(|(name, figure)| Some((name.as_str(), figure.as_u64()?)))
                .collect();
            counted.add(build, &figures);
        }
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_named_after_its_revision_and_says_that_files_differ_from_it() {
        assert_eq!(named(Some("abc"), Some("")), "abc");
        assert_eq!(named(Some("abc"), Some(" M xtask/src/main.rs")), "abc+");
        assert_eq!(named(None, None), UNKNOWN);
        assert_eq!(
            named(Some("abc"), None),
            UNKNOWN,
            "git did not say whether files differ"
        );
    }

    #[test]
    fn each_build_counts_for_itself_and_all_of_them_together() {
        let mut counted = Counted::default();
        counted.add("abc", &[("runs", 250), ("sales", 9_000)]);
        counted.add("def", &[("runs", 500)]);
        counted.add("abc", &[("runs", 250), ("sales", 1_000)]);
        assert_eq!(counted.total("runs"), 1_000);
        assert_eq!(
            (counted.of("abc", "runs"), counted.of("def", "runs")),
            (500, 500)
        );
        assert_eq!(counted.of("abc", "sales"), 10_000);
        assert_eq!(counted.of("def", "sales"), 0);
        assert_eq!(counted.of("ghi", "runs"), 0, "one that never ran");
        assert_eq!(
            counted.words("def", "runs", "seeds"),
            "1000 seeds, 500 of them with this build (def)"
        );
    }

    #[test]
    fn the_builds_that_counted_anything_are_named() {
        let mut counted = Counted::default();
        assert_eq!(counted.with_builds("runs", "seeds"), "no seeds");
        counted.add("abc", &[("runs", 1_250)]);
        counted.add("def", &[("sales", 3)]);
        assert_eq!(
            counted.with_builds("runs", "seeds"),
            "1,250 seeds with 1 build (abc)"
        );
        counted.add("ghi", &[("runs", 250)]);
        assert_eq!(
            counted.with_builds("runs", "seeds"),
            "1,500 seeds with 2 builds (abc, ghi)"
        );
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let mut counted = Counted::default();
        counted.add("abc", &[("runs", 250), ("realMs", 30_000)]);
        counted.add("abc+", &[("runs", 500)]);
        let state = json!({ "next": 750, "builds": counted.kept() });
        assert_eq!(Counted::read(&state, &["runs"]), counted);
    }

    #[test]
    fn what_was_counted_before_builds_had_names_is_of_an_unknown_one() {
        let state = json!({ "next": 750, "runs": 750, "sales": 20_000, "failed": [] });
        let mut counted = Counted::read(&state, &["runs", "sales", "realMs"]);
        assert_eq!(counted.total("runs"), 750);
        counted.add("abc", &[("runs", 250)]);
        assert_eq!(
            counted.words("abc", "runs", "seeds"),
            "1000 seeds, 250 of them with this build (abc)"
        );
        assert_eq!(Counted::read(&Value::Null, &["runs"]), Counted::default());
    }
}
