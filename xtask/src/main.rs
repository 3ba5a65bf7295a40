//! Set-up, build, test and bundle.
fn main() {}
