//! `cargo xtask`: the tasks of this repository, each with the set-up that it needs.

mod bench;
mod build;
mod builds;
mod bundle;
mod console;
mod interrupt;
mod kills;
mod pictures;
mod places;
mod prove;
mod run;
mod step;
mod summary;
mod system;
mod test;

use std::process::ExitCode;
use std::time::Duration;

use xtask::emulator;

use crate::bundle::Want;
use crate::console::{complain, say};
use crate::test::Extent;
use xtask::failure::{Doing as _, Result, fail};

const HELP: &str = "\
cargo xtask TASK

  run                         open the till with the demo store, connected to the Firestore emulator
  test [--without-emulator]   set up, build, run every test
  check                       the tests that need neither the window nor the emulator
  e2e                         the journeys in the real window
  bench [NAME]                the benchmarks, and what they come to
  prove [--for 30m]           the simulator, seed after seed, from where it stopped
  prove --kills 500           kill -9 over the real programs, so many times more
  bindings                    ui/src/generated/bindings.ts from the commands in Rust
  pictures                    the documents' pictures, from what e2e took in the real window
  bundle [--all | --debug]    installers, under target/release/bundle: those that need no internet, all of this system's,
                              or the former from a debug build
  emulator                    the Firestore emulator alone, until Ctrl-C
  catalogue                   crates/app/demo/catalogue.csv from products.txt
  products --count N [--seed N]
                              made-up products as a catalogue file, on standard output";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = interrupt::listen().and_then(|()| task(&arguments));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn task(arguments: &[String]) -> Result {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["run"] => run::run(),
        ["test"] => test::run(Extent::All, false),
        ["test", "--without-emulator"] => test::run(Extent::All, true),
        ["check"] => test::run(Extent::Quick, false),
        ["e2e"] => test::run(Extent::Journeys, false),
        ["bench", ref names @ ..] => bench::run(names),
        ["prove"] => prove::run("5m"),
        ["prove", "--for", time] => prove::run(time),
        ["prove", "--kills", times] => kills::run(times),
        ["bindings"] => bindings(),
        ["pictures"] => pictures::run(),
        ["bundle"] => bundle::run(Want::Usual),
        ["bundle", "--all"] => bundle::run(Want::All),
        ["bundle", "--debug"] => bundle::run(Want::Debug),
        ["emulator"] => emulator_alone(),
        ["catalogue"] => {
            let products =
                xtask::catalogue::write(&places::root()).doing("write the demo catalogue")?;
            say(&format!("{products} products"));
            Ok(())
        }
        ["products", ref options @ ..] => products(options),
        ["help" | "--help" | "-h"] | [] => {
            say(HELP);
            Ok(())
        }
        _ => fail(format!("Not a task: {}\n\n{HELP}", arguments.join(" "))),
    }
}

/// The window's types, written anew from the commands; a test compares them.
fn bindings() -> Result {
    build::interface()?.or_fail()?;
    let mut generate = system::cargo();
    generate
        .args(["test", "--package=counterfoil", "--lib"])
        .env("UPDATE_BINDINGS", "1");
    step::step("write the window's types", &mut generate)?.or_fail()?;
    Ok(())
}

fn emulator_alone() -> Result {
    let found = emulator::find().or_else(|why| fail(format!("{why}\n{}", emulator::HOW)))?;
    let mut emulator = emulator::Emulator::start(&found, None)?;
    say(&format!(
        "export FIRESTORE_EMULATOR_HOST={}\nCtrl-C ends it.",
        emulator.host()
    ));
    while emulator.lives() && !interrupt::asked() {
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn products(options: &[&str]) -> Result {
    let number = |text: &str| {
        text.parse::<u64>()
            .doing(format_args!("read {text} as a number"))
    };
    let (mut count, mut seed) = (None, xtask::products::SEED);
    for pair in options.chunks(2) {
        match *pair {
            ["--count", value] => count = Some(number(value)?),
            ["--seed", value] => seed = number(value)?,
            _ => return fail("cargo xtask products --count N [--seed N]"),
        }
    }
    let Some(count) = count.and_then(|count| usize::try_from(count).ok()) else {
        return fail("How many? cargo xtask products --count 50000");
    };
    console::write(&xtask::products::csv(count, seed)?).doing("write the products")
}
