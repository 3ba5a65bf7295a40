//! Installers, made by the Tauri command line from programs that are built already.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::build;
use crate::console::say;
use crate::failure::Result;
use crate::places;
use crate::step::{Done, step};
use crate::system::{self, cargo};

/// What Linux gets here; the release workflow makes the others, each on its own system.
const LINUX: &str = "deb,rpm";

/// Release installers, under `target/release/bundle`.
pub(crate) fn run(debug: bool) -> Result {
    system::set_up()?;
    build::interface()?.or_fail()?;
    if debug {
        build::programs()?.or_fail()?;
    } else {
        let mut release = cargo();
        release.args([
            "build",
            "--release",
            "--bins",
            "--package=counterfoil",
            "--package=counterfoil-ctl",
        ]);
        step("build the programs for release", &mut release)?.or_fail()?;
    }
    bundle(
        debug,
        if cfg!(target_os = "linux") {
            LINUX
        } else {
            "all"
        },
    )?
    .or_fail()?;
    for package in packages(debug) {
        let size = fs::metadata(&package)?.len();
        say(&format!("{} ({} kB)", package.display(), size / 1000));
    }
    Ok(())
}

/// The .deb of the programs that the tests were built with: the same content, without a second, optimised build.
pub(crate) fn debian_package_for_tests() -> Result<Done> {
    bundle(true, "deb")
}

fn bundle(debug: bool, kinds: &str) -> Result<Done> {
    let profile = if debug { "debug" } else { "release" };
    // counterfoilctl is installed beside the till. Where it lies depends on the profile, so it is said here.
    let ctl = format!("target/{profile}/counterfoilctl");
    let files = serde_json::json!({ "/usr/bin/counterfoilctl": ctl });
    let config = serde_json::json!({ "bundle": { "linux": { "deb": { "files": files }, "rpm": { "files": files } } } });
    let tauri = if cfg!(windows) { "tauri.cmd" } else { "tauri" };
    let mut command = Command::new(places::ui().join("node_modules/.bin").join(tauri));
    command
        .args([
            "bundle",
            "--bundles",
            kinds,
            "--config",
            &config.to_string(),
        ])
        .args(debug.then_some("--debug"))
        .current_dir(places::root())
        .env("CI", "true");
    step(&format!("bundle {kinds}"), &mut command)
}

/// The installers that lie there now.
fn packages(debug: bool) -> Vec<PathBuf> {
    let folder = places::target()
        .join(if debug { "debug" } else { "release" })
        .join("bundle");
    let inside = |folder: PathBuf| {
        fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
    };
    let mut found: Vec<PathBuf> = inside(folder)
        .flat_map(inside)
        .filter(|path| {
            let ending = path.extension().unwrap_or_default().to_string_lossy();
            ["deb", "rpm", "AppImage", "exe", "msi", "dmg"].contains(&&*ending)
        })
        .collect();
    found.sort();
    found
}
