//! What the system must have: Debian's packages, Node.js, the interface's packages.

use std::fs;
use std::process::Command;

use crate::console::say;
use crate::places;
use crate::step::step;
use xtask::auth;
use xtask::child::{answer, exists};
use xtask::failure::{Doing as _, Result, fail};

/// To build the shell.
const BUILD: &[&str] = &[
    "file",
    "libayatana-appindicator3-dev",
    "libgtk-3-dev",
    "librsvg2-dev",
    "libwebkit2gtk-4.1-dev",
    "patchelf",
    "pkg-config",
];
/// To drive the real window without a screen.
const WINDOW: &[&str] = &["dbus", "webkit2gtk-driver", "xauth", "xdotool", "xvfb"];
/// To keep a secret as a desktop does; its session bus is in `dbus`.
const KEYCHAIN: &[&str] = &["gnome-keyring"];
/// What the last two bring, by the names of the programs.
const PROGRAMS: &[&str] = &[
    "Xvfb",
    "xvfb-run",
    "xdotool",
    "WebKitWebDriver",
    "dbus-daemon",
    "gnome-keyring-daemon",
];
/// The oldest Node.js that the interface's tools accept.
const NODE: u32 = 20;

/// Brings the system and the interface's packages up to what every task needs.
pub(crate) fn set_up() -> Result {
    packages()?;
    node()?;
    node_modules()
}

/// Installs with apt what is missing, or names it.
fn packages() -> Result {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let wanted = || BUILD.iter().chain(WINDOW).chain(KEYCHAIN).copied();
    if !exists("dpkg-query") || !exists("apt-get") {
        return elsewhere();
    }
    let missing: Vec<&str> = wanted().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    say(&format!("Missing here: {}", missing.join(" ")));
    let by_hand = format!(
        "Install them, then start again:\n  sudo apt-get install {}",
        missing.join(" ")
    );
    let Some(apt) = privileged() else {
        return fail(format!("Neither root nor sudo is here. {by_hand}"));
    };
    step("apt-get update", apt().arg("update"))?
        .or_fail()
        .or_else(|_| fail(by_hand.clone()))?;
    let mut install = apt();
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(&missing);
    step("apt-get install", &mut install)?
        .or_fail()
        .or_else(|_| fail(by_hand))?;
    Ok(())
}

fn installed(package: &str) -> bool {
    answer(Command::new("dpkg-query").args(["--show", "--showformat=${Status}", package]))
        .is_some_and(|status| status.ends_with("ok installed"))
}

/// `apt-get` with the right to install: as root, or through a sudo that needs no typing or has been unlocked just now.
fn privileged() -> Option<fn() -> Command> {
    fn direct() -> Command {
        quiet(Command::new("apt-get"))
    }
    fn through_sudo() -> Command {
        let mut sudo = Command::new("sudo");
        sudo.args([
            "--non-interactive",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
        ]);
        quiet(sudo)
    }
    fn quiet(mut command: Command) -> Command {
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    }
    if answer(Command::new("id").arg("-u")).as_deref() == Some("0") {
        return Some(direct);
    }
    // Asked here, with the terminal, because the steps run without one.
    let unlocked = exists("sudo")
        && Command::new("sudo")
            .arg("--validate")
            .status()
            .is_ok_and(|status| status.success());
    unlocked.then_some(through_sudo as fn() -> Command)
}

/// On a Linux without apt: looks for what the packages bring, and names the packages if something is not there.
fn elsewhere() -> Result {
    let library =
        |name: &str| answer(Command::new("pkg-config").args(["--modversion", name])).is_some();
    let missing: Vec<&str> = ["webkit2gtk-4.1", "gtk+-3.0", "librsvg-2.0"]
        .into_iter()
        .filter(|name| !library(name))
        .chain(PROGRAMS.iter().copied().filter(|name| !exists(name)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    fail(format!(
        "This system has no apt, so nothing was installed. Missing: {}.\n\
         Install what your system calls these Debian packages, then start again:\n  {}\n  {}\n  {}",
        missing.join(", "),
        BUILD.join(" "),
        WINDOW.join(" "),
        KEYCHAIN.join(" "),
    ))
}

/// Node.js, new enough.
fn node() -> Result {
    let how = "Install Node.js 20 or newer (https://nodejs.org, or your system's package nodejs) and start again.";
    let Some(version) = answer(Command::new("node").arg("--version")) else {
        return fail(format!("Node.js is not here. {how}"));
    };
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE) {
        return fail(format!("Node.js {version} is too old. {how}"));
    }
    if !exists("npm") {
        return fail("npm is not here. Install your system's package npm and start again.");
    }
    Ok(())
}

/// `npm ci` where the lock has changed since the last time.
fn node_modules() -> Result {
    let lock =
        fs::read(places::ui().join("package-lock.json")).doing("read ui/package-lock.json")?;
    let stamp = places::ui().join("node_modules/.counterfoil-lock");
    if fs::read(&stamp).is_ok_and(|stamped| stamped == lock) {
        return Ok(());
    }
    let mut install = npm();
    install.args(["ci", "--no-audit", "--no-fund"]);
    step("npm ci", &mut install)?.or_fail()?;
    fs::write(&stamp, lock).doing("note that ui/node_modules is complete")
}

/// Installs Firebase's Auth emulator where its lock has changed since the last time.
pub(crate) fn auth_emulator() -> Result {
    let folder = places::firebase();
    if let Some(mut install) = auth::install(&folder)? {
        step("npm ci in firebase", &mut install)?.or_fail()?;
        auth::installed(&folder)?;
    }
    Ok(())
}

/// npm in the interface's folder.
pub(crate) fn npm() -> Command {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(places::ui());
    npm
}

/// Cargo in the checkout, the same that started this program.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(places::root());
    // Set for this program by `cargo run`; left in place they would make another cargo build everything again.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Whether a window can be shown to somebody.
pub(crate) fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// `program` in a virtual screen large enough for every window that is drawn, with a session bus of its own.
pub(crate) fn in_virtual_screen(program: &std::path::Path) -> Command {
    let mut command = Command::new("xvfb-run");
    command
        .args(["--auto-servernum", "--server-args=-screen 0 3840x2160x24"])
        .arg("dbus-run-session")
        .arg(format!(
            "--config-file={}",
            places::root().join("xtask/session-bus.conf").display()
        ))
        .arg("--")
        .arg(program)
        .current_dir(places::root())
        // A desktop that happens to run here is not to see these windows.
        .env_remove("WAYLAND_DISPLAY")
        .env("GDK_BACKEND", "x11");
    command
}
