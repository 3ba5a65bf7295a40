//! A register in a folder of its own, and the programs that run over it.

use std::path::Path;
use std::process::{Command, Stdio};

use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::window::{Place, beside};
use serde_json::Value;

/// A register of the store.
#[derive(Clone)]
pub(crate) struct Counter {
    pub(crate) name: String,
    pub(crate) place: Place,
    /// Its stock before anything was sold.
    pub(crate) first: Value,
}

impl Counter {
    /// With the demo catalogue, connected.
    pub(crate) fn set_up(folder: &Path, name: &str, cloud: &Cloud) -> Self {
        let folder = folder.join(name);
        std::fs::create_dir(&folder).expect("a folder for the register");
        let place = Place::under(&folder).with_emulator(cloud.host());
        let mut counter = Self {
            name: name.to_owned(),
            place,
            first: Value::Null,
        };
        let store = [
            "init",
            "--demo",
            "--store",
            "Corner Shop",
            "--currency",
            "EUR",
        ];
        let register = ["--register", name, "--receipt-prefix", name];
        counter.answers(&[&store[..], &register[..]].concat());
        let project = ["sync", "connect", "--project", cloud.project()];
        counter.answers(&[&project[..], &["--store", cloud.store_id()][..]].concat());
        counter.first = counter.answers(&["stock", "list"]).remove(0);
        counter
    }

    /// `counterfoilctl --json` with these arguments.
    pub(crate) fn ctl(&self, arguments: &[&str]) -> Command {
        let mut ctl = self
            .place
            .command(&beside("counterfoilctl").expect("counterfoilctl is built"));
        ctl.arg("--json").args(arguments);
        ctl
    }

    /// The same as a program that runs beside, its words in a pipe.
    pub(crate) fn beside(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut ctl = tokio::process::Command::from(self.ctl(arguments));
        ctl.stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        ctl
    }

    /// What has not gone up, as its status counts it; nothing where all has. Asking sends nothing.
    pub(crate) fn waiting(&self) -> Vec<(&'static str, i64)> {
        let status = &self.answers(&["sync", "status"])[0];
        let counts = ["pending", "inFlight", "failedTotal"];
        let counts = counts.map(|count| (count, status[count].as_i64().expect("a number")));
        counts.into_iter().filter(|(_, n)| *n != 0).collect()
    }

    /// What it prints, line by line, when it succeeds.
    pub(crate) fn answers(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.ctl(arguments).output().expect("counterfoilctl runs");
        assert!(
            output.status.success(),
            "{} {arguments:?}: {}",
            self.name,
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }
}
