//! Journeys through the real window, against the real Firestore emulator. `cargo xtask e2e` gives them both.

mod account;
mod backlog;
mod blocked;
mod books;
mod causes;
mod closing;
mod conflict;
mod decisions;
mod dialogs;
mod frame;
mod german;
mod hands;
mod identity;
mod import;
mod instance;
mod keyboard;
mod looks;
mod mouse;
mod paying;
mod recent;
mod refusing;
mod sale;
mod setup;
mod shop;
#[cfg(target_os = "linux")]
mod sign_ins;
mod states;
mod trouble;
mod twins;
