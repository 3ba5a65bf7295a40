//! Journeys through the real window, against the real Firestore emulator. `cargo xtask e2e` gives them both.

mod conflict;
mod looks;
mod sale;
mod setup;
mod shop;
