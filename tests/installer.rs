//! The Debian package: installed, used, removed, and the data kept. Changes the machine it runs on, and puts it back.

use std::path::{Path, PathBuf};
use std::process::Command;

use counterfoil_tests::window::{Chord, Place, Program, Window, beside};
use fantoccini::key::Key;

/// The package's name, as dpkg knows it.
const PACKAGE: &str = "counterfoil";

/// `cargo xtask test` bundles it before it runs this.
fn package() -> PathBuf {
    let programs = beside("counterfoil").expect("the till is built");
    let folder = programs.parent().expect("in a folder").join("bundle/deb");
    let mut found: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| {
            panic!(
                "{}: {error}: cargo xtask bundle --debug makes it",
                folder.display()
            )
        })
        .map(|entry| entry.expect("the folder reads").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "deb"))
        .collect();
    found.sort_by_key(|path| path.metadata().and_then(|about| about.modified()).ok());
    found.pop().expect("a .deb was bundled")
}

/// What a program prints; it must succeed.
fn done(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// dpkg with the right to change the system.
fn dpkg() -> Command {
    if done(Command::new("id").arg("-u")).trim() == "0" {
        return Command::new("dpkg");
    }
    let sudo = Command::new("sudo")
        .args(["--non-interactive", "true"])
        .status();
    assert!(
        sudo.is_ok_and(|status| status.success()),
        "installing a package needs root: run this as root, or unlock sudo first (`sudo --validate`)"
    );
    let mut command = Command::new("sudo");
    command.args(["--non-interactive", "dpkg"]);
    command
}

/// Takes the package off the system again, whatever happens.
struct Installed;

impl Installed {
    fn of(package: &Path) -> Self {
        done(dpkg().arg("--install").arg(package));
        Self
    }

    /// Where the package put a file whose path ends so.
    fn file(&self, ending: &str) -> PathBuf {
        let listed = done(Command::new("dpkg").args(["--listfiles", PACKAGE]));
        let found = listed.lines().find(|line| line.ends_with(ending));
        PathBuf::from(found.unwrap_or_else(|| panic!("{ending} is not among {listed}")))
    }

    fn remove(self) {
        drop(self);
        let left = Command::new("dpkg")
            .args(["--status", PACKAGE])
            .output()
            .expect("dpkg runs");
        assert!(!String::from_utf8_lossy(&left.stdout).contains("ok installed"));
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        // Not `done`: this may run while a test is failing already.
        let _ = dpkg().args(["--purge", PACKAGE]).output();
    }
}

#[tokio::test]
async fn a_sale_rung_up_in_the_installed_program_outlives_the_package() {
    let folder = tempfile::tempdir().expect("a folder for the data");
    let place = Place::under(folder.path());
    let installed = Installed::of(&package());
    let till = installed.file("/bin/counterfoil");
    let ctl = installed.file("/bin/counterfoilctl");

    let entry =
        std::fs::read_to_string(installed.file(".desktop")).expect("the desktop entry reads");
    for line in [
        "Type=Application",
        "Name=Counterfoil",
        "Exec=counterfoil",
        "Icon=counterfoil",
    ] {
        assert!(
            entry.contains(line),
            "{line} is not in the desktop entry:\n{entry}"
        );
    }
    installed.file("/128x128/apps/counterfoil.png");
    let copyright = std::fs::read_to_string(installed.file("/doc/counterfoil/copyright"))
        .expect("the copyright file reads");
    assert!(
        copyright.contains("License: MIT OR Apache-2.0"),
        "{copyright}"
    );
    installed.file("/doc/counterfoil/LICENSE-MIT");
    installed.file("/doc/counterfoil/LICENSE-APACHE");

    done(
        place
            .command(&ctl)
            .args([
                "init",
                "--demo",
                "--store",
                "Corner Shop",
                "--currency",
                "EUR",
            ])
            .args(["--register", "Till 1"]),
    );
    let window = Window::open("installed", &Program::installed(till), &place)
        .await
        .expect("the window opens");
    window.part("till").await.expect("the till is shown");
    // An espresso.
    window.scan(&["2000000010014"]).await.expect("scanned");
    window.part("cart-line-1").await.expect("in the cart");
    window
        .press(Chord::key(Key::Enter).with_control())
        .await
        .expect("pay");
    window
        .click("tender-cash-exact")
        .await
        .expect("the exact amount");
    let number = window.text("receipt-number").await.expect("the receipt");
    window.pictures("receipt").await.expect("pictures");
    window.close().await.expect("closed");

    installed.remove();
    assert!(!ctl.exists(), "the package's programs are gone");
    let kept = beside("counterfoilctl").expect("counterfoilctl is built");
    let sale = done(
        place
            .command(&kept)
            .args(["--json", "sales", "show", number.trim()]),
    );
    let sale: serde_json::Value = serde_json::from_str(&sale).expect("a sale as JSON");
    assert_eq!(sale["receiptNumber"], number.trim());
    assert_eq!(sale["total"], 220);
    done(place.command(&kept).args(["journal", "verify"]));
}
