//! The till with the demo store, connected to an emulator of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::console::{complain, say};
use crate::step::{step, step_with_answer};
use crate::{build, interrupt, places, system};
use xtask::child::Running;
use xtask::emulator::{self, Emulator, HOW, PROJECT};
use xtask::failure::{Doing as _, Result, fail};

/// The demo store's id in the emulator.
const STORE: &str = "demo";

/// Builds, starts, and stays until the window is closed or somebody presses Ctrl-C.
pub(crate) fn run() -> Result {
    system::set_up()?;
    build::interface()?.or_fail()?;
    build::programs()?.or_fail()?;
    let mut session = Session::begin()?;
    let outcome = if system::has_display() {
        session.open()
    } else {
        say("No display here: the till runs on a virtual one and rings up one sale by itself.");
        session.ring_up_by_itself()
    };
    outcome.and(session.end())
}

/// A demo store on this machine, and the cloud that it is connected to where there is one.
struct Session {
    data: PathBuf,
    emulator: Option<Emulator>,
}

impl Session {
    /// Starts the emulator and sets the store up. What a former run left is taken up again where both sides of it
    /// are there: the register's database and the emulator's export agree, or both begin anew.
    fn begin() -> Result<Self> {
        let session = match emulator::find() {
            Ok(found) => {
                let data = folder().join("connected");
                if emulator::export_in(&cloud()).is_none() {
                    clear(&data)?;
                }
                let emulator = Emulator::start(&found, Some(&cloud()))?;
                say(&format!(
                    "   The Firestore emulator answers at {}",
                    emulator.host()
                ));
                // From now on the emulator holds it. Should this run end before it is kept again, the next begins anew.
                clear(&cloud())?;
                Self {
                    data,
                    emulator: Some(emulator),
                }
            }
            Err(why) => {
                say(&format!(
                    "{why}\nThe till runs local-only: it sells, and no sale goes to the cloud.\n{HOW}\n"
                ));
                Self {
                    data: folder().join("local-only"),
                    emulator: None,
                }
            }
        };
        session.set_up_store()?;
        Ok(session)
    }

    fn set_up_store(&self) -> Result {
        if self.data.join("counterfoil.db").is_file() {
            say(&format!(
                "   The demo store of the last run: {}",
                self.data.display()
            ));
            return Ok(());
        }
        fs::create_dir_all(&self.data)?;
        let mut init = self.ctl();
        init.args([
            "init",
            "--demo",
            "--store",
            "Corner Shop",
            "--currency",
            "EUR",
        ])
        .args(["--register", "Till 1", "--receipt-prefix", "A"]);
        step("set up the demo store", &mut init)?.or_fail()?;
        if self.emulator.is_some() {
            let mut connect = self.ctl();
            connect.args(["sync", "connect", "--project", PROJECT, "--store", STORE]);
            step("connect the demo store", &mut connect)?.or_fail()?;
        }
        Ok(())
    }

    fn ctl(&self) -> Command {
        let mut ctl = Command::new(places::built("counterfoilctl"));
        ctl.arg("--data").arg(&self.data);
        self.tell(&mut ctl);
        ctl
    }

    /// Says to a program which data and which cloud are meant.
    fn tell(&self, command: &mut Command) {
        command
            .env("COUNTERFOIL_DATA", &self.data)
            .env("COUNTERFOIL_CONFIG", self.data.join("config"));
        match &self.emulator {
            Some(emulator) => command.env("FIRESTORE_EMULATOR_HOST", emulator.host()),
            None => command.env_remove("FIRESTORE_EMULATOR_HOST"),
        };
    }

    /// Opens the window, and waits for it to close.
    fn open(&mut self) -> Result {
        let mut command = Command::new(places::built("counterfoil"));
        self.tell(&mut command);
        let mut till = Running::start("the till", &mut command)?;
        say("   The till is open. Close its window, or press Ctrl-C, to end.");
        let mut cloud = true;
        loop {
            if let Some(status) = till.ended()? {
                return if status.success() {
                    Ok(())
                } else {
                    fail(format!("The till ended: {status}"))
                };
            }
            if interrupt::asked() {
                say("   Ending.");
                return Ok(());
            }
            if cloud
                && self
                    .emulator
                    .as_mut()
                    .is_some_and(|emulator| !emulator.lives())
            {
                cloud = false;
                complain("The Firestore emulator has ended. The till sells on without it.");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Keeps what is in the cloud for the next run, now that the till is closed.
    fn end(self) -> Result {
        self.emulator
            .map_or(Ok(()), |emulator| emulator.keep(&cloud()))
    }

    /// Drives the window without a screen through one sale.
    fn ring_up_by_itself(&self) -> Result {
        let mut command = system::in_virtual_screen(&places::built("first-sale"));
        self.tell(&mut command);
        let (done, said) = step_with_answer("ring up a sale in the window", &mut command)?;
        say(said.trim_end());
        done.or_fail().map(drop)
    }
}

/// What runs leave for the next.
fn folder() -> PathBuf {
    places::target().join("run")
}

/// What the emulator held at the end of the last run.
fn cloud() -> PathBuf {
    folder().join("cloud")
}

/// Removes a folder that may not be there.
fn clear(folder: &Path) -> Result {
    if folder.exists() {
        fs::remove_dir_all(folder).doing(format_args!("remove {}", folder.display()))?;
    }
    Ok(())
}
