//! Set-up, build, test and bundle.
fn main() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("in a workspace");
    xtask::catalogue::write(root).expect("written");
}
