//! The files that belong to the project, and what cargo knows of it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// The checkout's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are a member of the workspace")
}

/// Every file that git knows or would take, as paths from the root.
pub(crate) fn files() -> &'static [PathBuf] {
    static FILES: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FILES.get_or_init(|| {
        let listed = answer(Command::new("git").args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
        ]));
        let mut files: Vec<PathBuf> = listed
            .lines()
            .map(PathBuf::from)
            // A file that was removed and is still in the index.
            .filter(|file| root().join(file).is_file())
            .collect();
        files.sort();
        assert!(files.len() > 20, "git lists the project's files");
        files
    })
}

/// The files with one of these endings.
pub(crate) fn ending_in(
    endings: &'static [&'static str],
) -> impl Iterator<Item = &'static PathBuf> {
    files().iter().filter(|file| {
        let ending = file.extension().unwrap_or_default().to_string_lossy();
        endings.contains(&&*ending)
    })
}

/// A file's text.
pub(crate) fn text(file: &Path) -> String {
    std::fs::read_to_string(root().join(file))
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// `cargo metadata`, whole, from what is on this machine.
pub(crate) fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        let json = answer(
            Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).args([
                "metadata",
                "--format-version=1",
                "--offline",
                "--locked",
            ]),
        );
        serde_json::from_str(&json).expect("cargo writes JSON")
    })
}

/// The workspace's own packages.
pub(crate) fn members() -> impl Iterator<Item = &'static Value> {
    packages().filter(|package| package["source"].is_null())
}

/// All packages, on whatever system they are used.
pub(crate) fn packages() -> impl Iterator<Item = &'static Value> {
    metadata()["packages"].as_array().into_iter().flatten()
}

/// A text of cargo's or npm's answer; absent is empty.
pub(crate) fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn answer(command: &mut Command) -> String {
    let output = command
        .current_dir(root())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} (`cargo fetch` brings what it needs): {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("names are UTF-8")
}
