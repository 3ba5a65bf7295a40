//! Journeys through the real window, against the real Firestore emulator. `cargo xtask e2e` gives them both.

mod conflict;
mod frame;
mod hands;
mod instance;
mod keyboard;
mod looks;
mod mouse;
mod paying;
mod sale;
mod setup;
mod shop;
mod trouble;
mod twins;
