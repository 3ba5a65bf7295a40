//! The programs, built once for everything that runs them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::places;
use crate::step::{Done, step, step_with_answer};
use crate::system::{cargo, npm};
use xtask::failure::{Result, fail};

/// The interface, which the shell embeds.
pub(crate) fn interface() -> Result<Done> {
    step("build the interface", npm().args(["run", "build"]))
}

/// The till, counterfoilctl and the programs that drive them.
pub(crate) fn programs() -> Result<Done> {
    step(
        "build the programs",
        cargo().args(["build", "--workspace", "--exclude=xtask", "--bins"]),
    )
}

/// A program made of tests.
pub(crate) struct TestProgram {
    /// The folder of its package, from the root; empty for the root's own.
    pub(crate) package: String,
    /// The target's name: the crate's for unit tests, the file's for the others.
    pub(crate) target: String,
    /// Whether it holds a crate's unit tests.
    pub(crate) unit: bool,
    pub(crate) path: PathBuf,
}

impl TestProgram {
    /// Where cargo would run it.
    pub(crate) fn folder(&self) -> PathBuf {
        places::root().join(&self.package)
    }

    /// What a summary calls it.
    pub(crate) fn name(&self) -> String {
        match (self.package.as_str(), self.unit) {
            ("", true) => format!("unit tests of the shell, {}", self.target),
            (package, true) => format!("unit tests of {package}, {}", self.target),
            (package, false) => format!("{package}: {}", self.target),
        }
    }
}

/// Everything that the tests run, in one call of cargo, so that nothing is built twice with other features;
/// and the test programs among it.
pub(crate) fn everything() -> Result<(Done, Vec<TestProgram>)> {
    built(
        "build the programs and the tests",
        &["--lib", "--bins", "--tests"],
    )
}

/// The programs, and the test program of this target.
pub(crate) fn with_tests_of(target: &str) -> Result<TestProgram> {
    let name = format!("build the programs and {target}");
    let (done, programs) = built(&name, &["--bins", "--test", target])?;
    done.or_fail()?;
    let found = programs
        .into_iter()
        .find(|program| program.target == target);
    found.map_or_else(|| fail(format!("{target} was not built.")), Ok)
}

fn built(name: &str, targets: &[&str]) -> Result<(Done, Vec<TestProgram>)> {
    let mut build = cargo();
    build
        .args(["build", "--workspace"])
        .args(targets)
        .arg("--message-format=json-render-diagnostics");
    let (done, messages) = step_with_answer(name, &mut build)?;
    let root = places::root();
    let mut programs: Vec<TestProgram> = messages
        .lines()
        .filter_map(|line| test_program(&serde_json::from_str(line).ok()?, &root))
        .collect();
    programs
        .sort_by(|a, b| (&a.package, &a.target, &a.path).cmp(&(&b.package, &b.target, &b.path)));
    Ok((done, programs))
}

/// Reads one of cargo's messages.
fn test_program(message: &Value, root: &Path) -> Option<TestProgram> {
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let manifest = Path::new(message["manifest_path"].as_str()?);
    let package = manifest.parent()?.strip_prefix(root).ok()?;
    Some(TestProgram {
        package: package.to_string_lossy().replace('\\', "/"),
        target: message["target"]["name"].as_str()?.to_owned(),
        unit: message["target"]["kind"][0] != "test",
        path: PathBuf::from(message["executable"].as_str()?),
    })
}
