//! What `cargo xtask`, the journeys through the real window and the benchmarks share: programs that end when they should,
//! data made for trying things out, and what is to be reached.

pub mod auth;
pub mod barcode;
pub mod catalogue;
pub mod child;
pub mod emulator;
pub mod failure;
pub mod goals;
pub mod products;
pub mod words;
