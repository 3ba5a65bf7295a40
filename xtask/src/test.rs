//! Every test of the project, in an order that builds each thing once.

use std::process::Command;
use std::thread;

use crate::build::{self, TestProgram};
use crate::console::{complain, say};
use crate::step::step;
use crate::summary::Summary;
use crate::system::{self, cargo, in_virtual_screen, npm};
use crate::{bundle, places};
use xtask::child::answer;
use xtask::emulator::{self, Found, HOW};
use xtask::failure::{Doing as _, Result, fail};

/// The package whose tests cross the crates.
const CROSSING: &str = "tests";
/// The one of them that drives the window as a person would.
const JOURNEYS: &str = "desktop";

/// How much of everything is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it.
    All,
    /// What needs neither window nor emulator.
    Quick,
    /// The journeys in the real window.
    Journeys,
}

/// What a test program of [`CROSSING`] needs beside itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    Emulator,
    EmulatorAndWindow,
    /// The package to install, and the window.
    Installer,
}

impl Needs {
    fn of(program: &TestProgram) -> Self {
        match program.target.as_str() {
            _ if program.package != CROSSING || program.unit => Self::Nothing,
            JOURNEYS | "kills" => Self::EmulatorAndWindow,
            "installer" => Self::Installer,
            name if name.starts_with("emulator") => Self::Emulator,
            _ => Self::Nothing,
        }
    }

    fn emulator(self) -> bool {
        matches!(self, Self::Emulator | Self::EmulatorAndWindow)
    }
}

/// Sets up, runs, sums up; fails when anything did.
pub(crate) fn run(extent: Extent, without_emulator: bool) -> Result {
    system::set_up()?;
    let emulator = if without_emulator || extent == Extent::Quick {
        None
    } else {
        Some(emulator::find().or_else(|why| {
            fail(format!(
                "{why}\n{HOW}\nOr leave out what needs it: cargo xtask test --without-emulator"
            ))
        })?)
    };
    if emulator.is_some() {
        system::auth_emulator()?;
    }
    let mut summary = Summary::default();
    let outcome = in_order(extent, emulator.as_ref(), &mut summary);
    summary.print();
    outcome?;
    if summary.good() {
        Ok(())
    } else {
        fail("Not everything passed.")
    }
}

fn in_order(extent: Extent, emulator: Option<&Found>, summary: &mut Summary) -> Result {
    // The crates of every system, not only of this one: from then on the licence check needs no network.
    summary.add(&step("fetch", cargo().args(["fetch", "--locked"]))?.or_fail()?);
    // First, because the shell embeds it.
    summary.add(&build::interface()?.or_fail()?);
    let (interface, rust) = thread::scope(|scope| {
        let interface = scope.spawn(|| match extent {
            Extent::Journeys => Ok(Summary::default()),
            Extent::All | Extent::Quick => scripts(),
        });
        let rust = compile(extent);
        (interface.join(), rust)
    });
    match interface {
        Ok(rows) => summary.append(rows?),
        Err(_) => return fail("The interface's checks ended early."),
    }
    let (rows, programs) = rust?;
    summary.append(rows);
    if programs.is_empty() {
        return Ok(());
    }

    let (plain, special): (Vec<_>, Vec<_>) = programs
        .iter()
        .partition(|program| Needs::of(program) == Needs::Nothing);
    let (left, right) = thread::scope(|scope| {
        let left = scope.spawn(|| match extent {
            Extent::Journeys => Ok(Summary::default()),
            Extent::All | Extent::Quick => plain_tests(&plain),
        });
        let right = match extent {
            Extent::Quick => Ok(Summary::default()),
            Extent::All | Extent::Journeys => special_tests(extent, &special, emulator),
        };
        (left.join(), right)
    });
    match left {
        Ok(rows) => summary.append(rows?),
        Err(_) => return fail("A lane of tests ended early."),
    }
    summary.append(right?);
    Ok(())
}

/// The interface's checks, and the scripts that need only Node.js.
fn scripts() -> Result<Summary> {
    let mut summary = Summary::default();
    for (name, script) in [
        ("types of the interface", "check"),
        ("format of the interface", "format:check"),
        ("tests of the interface", "test"),
    ] {
        summary.add(&step(
            name,
            npm().args(["run", script]).env("NO_COLOR", "1"),
        )?);
    }
    for (name, script) in [
        ("digests by a second program", "tests/vectors/verify.mjs"),
        ("workflows", ".ci/lint-workflows.mjs"),
    ] {
        let mut node = Command::new("node");
        node.arg(script).current_dir(places::root());
        summary.add(&step(name, &mut node)?);
    }
    Ok(summary)
}

/// Format, lints, build; and the test programs where the build succeeded.
fn compile(extent: Extent) -> Result<(Summary, Vec<TestProgram>)> {
    let mut summary = Summary::default();
    if extent != Extent::Journeys {
        summary.add(&step("format", cargo().args(["fmt", "--all", "--check"]))?);
        let mut clippy = cargo();
        clippy.args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny=warnings",
        ]);
        summary.add(&step("clippy", &mut clippy)?);
    }
    let (done, programs) = build::everything()?;
    let good = done.good;
    summary.add(&done);
    Ok((summary, if good { programs } else { Vec::new() }))
}

/// Unit, property and store tests, tidiness, the examples in the documentation.
fn plain_tests(programs: &[&TestProgram]) -> Result<Summary> {
    let mut summary = Summary::default();
    for program in programs {
        let mut command = prepared(program, Command::new(&program.path));
        summary.add(&step(&program.name(), &mut command)?);
    }
    summary.add(&step(
        "examples in the documentation",
        cargo().args(["test", "--workspace", "--doc", "--no-fail-fast"]),
    )?);
    Ok(summary)
}

/// What needs the emulator, the window or an installer: one after the other, because each is timed by a person's patience.
fn special_tests(
    extent: Extent,
    programs: &[&TestProgram],
    emulator: Option<&Found>,
) -> Result<Summary> {
    let mut summary = Summary::default();
    let failed = places::screens().join("failed");
    if failed.exists() {
        std::fs::remove_dir_all(&failed).doing("remove the pictures of former failures")?;
    }
    for program in programs {
        let needs = Needs::of(program);
        if extent == Extent::Journeys && program.target != JOURNEYS {
            continue;
        }
        if needs.emulator() && emulator.is_none() {
            summary.leave_out(program.name(), listed(program));
            continue;
        }
        if needs == Needs::Installer {
            let package = bundle::debian_package_for_tests()?;
            let good = package.good;
            summary.add(&package);
            if !good {
                continue;
            }
        }
        let mut command = if needs == Needs::Emulator {
            Command::new(&program.path)
        } else {
            in_virtual_screen(&program.path)
        };
        if needs != Needs::Emulator {
            // One window at a time: they share a screen and its focus.
            command.arg("--test-threads=1");
        }
        if let Some(found) = emulator {
            command.env(emulator::JAR, &found.jar);
        }
        let mut command = prepared(program, command);
        summary.add(&step(&program.name(), &mut command)?);
    }
    if extent != Extent::Quick && places::screens().is_dir() {
        say(&format!("   Screenshots: {}", places::screens().display()));
    }
    Ok(summary)
}

/// As cargo would run it, and with short messages: they say what failed, and the way there is seldom news.
fn prepared(program: &TestProgram, mut command: Command) -> Command {
    command
        .current_dir(program.folder())
        .env("RUST_BACKTRACE", "0");
    command
}

/// How many tests a program holds.
fn listed(program: &TestProgram) -> usize {
    let mut list = Command::new(&program.path);
    list.args(["--list", "--format=terse"])
        .current_dir(program.folder());
    answer(&mut list).map_or_else(
        || {
            complain(&format!("{} does not list its tests.", program.name()));
            0
        },
        |list| list.lines().filter(|line| line.ends_with(": test")).count(),
    )
}
