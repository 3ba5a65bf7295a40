//! counterfoilctl.
fn main() {}
