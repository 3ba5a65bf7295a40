//! What `cargo xtask`, the journeys through the real window and the benchmarks share: programs that end when they should,
//! and data made for trying things out.

pub mod auth;
pub mod barcode;
pub mod catalogue;
pub mod child;
pub mod emulator;
pub mod failure;
pub mod products;
