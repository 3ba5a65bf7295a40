//! Installers, made by the Tauri command line from programs that are built already.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use crate::build;
use crate::console::say;
use crate::places;
use crate::step::{Done, step};
use crate::system::{self, cargo};
use xtask::failure::Result;

/// What this system's installers are called. Tauri fetches tools from the internet for all but the first two, so only
/// `--all`, which the release workflow asks for, makes those.
const OFFLINE: &str = "deb,rpm";
const ALL: &str = if cfg!(windows) {
    "nsis"
} else if cfg!(target_os = "macos") {
    "dmg"
} else {
    "deb,rpm,appimage"
};

/// Which installers are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// What can be made here without the internet.
    Usual,
    /// Everything that this system can make.
    All,
    /// The usual, from a debug build.
    Debug,
}

/// Installers, under `target/release/bundle`, or `target/debug/bundle`.
pub(crate) fn run(want: Want) -> Result {
    system::set_up()?;
    build::interface()?.or_fail()?;
    let debug = want == Want::Debug;
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
    let usual = if cfg!(target_os = "linux") {
        OFFLINE
    } else {
        ALL
    };
    bundle(debug, if want == Want::All { ALL } else { usual })?.or_fail()?;
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
    let program = format!("counterfoilctl{}", std::env::consts::EXE_SUFFIX);
    let ctl = places::target().join(profile).join(&program);
    let config = if cfg!(target_os = "linux") {
        let installed = json!({ "files": { "/usr/bin/counterfoilctl": ctl } });
        json!({ "bundle": { "linux": { "deb": installed, "rpm": installed, "appimage": installed } } })
    } else {
        let resources: serde_json::Map<_, _> =
            [(ctl.to_string_lossy().into_owned(), program.into())]
                .into_iter()
                .collect();
        json!({ "bundle": { "resources": resources } })
    };
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
