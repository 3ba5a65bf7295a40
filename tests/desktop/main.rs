//! Journeys through the real window, against the real Firestore emulator. `cargo xtask e2e` gives them both.

mod account;
mod backlog;
mod blocked;
mod books;
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
mod sale;
mod setup;
mod shop;
mod states;
mod trouble;
mod twins;
