//! What `cargo xtask` and the benchmarks share: data made for trying things out.

pub mod barcode;
pub mod catalogue;
pub mod products;
