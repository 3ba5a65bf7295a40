//! Who may do what: `firebase/firestore.rules` in Google's own emulator, asked with the tokens of real accounts.
//!
//! Every case is a line, “who may (or may not) do what”, in a store of its own; each is counted as a test. Without the
//! emulators they fail and say how to get them.

mod catalogue;
mod copies;
mod decisions;
mod documents;
mod members;
mod program;
mod reading;
mod registers;
mod runner;
mod sales;
mod single;
mod store;
mod types;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    let groups = [
        store::cases(),
        members::cases(),
        registers::cases(),
        sales::cases(),
        decisions::cases(),
        copies::cases(),
        single::cases(),
        catalogue::cases(),
        types::cases(),
        reading::cases(),
        program::cases(),
    ];
    runner::run(groups.into_iter().flatten().collect())
}
