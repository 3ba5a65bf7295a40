//! The real program, on a folder of its own.

#![allow(dead_code, reason = "every test file uses a part of this")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a store on it.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) dir: TempDir,
}

/// What a call printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status.code().expect("no signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 0, "{self:?}");
        serde_json::from_str(&self.stdout).expect(&self.stdout)
    }

    /// The JSON objects on stdout, one a line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }

    /// The error on stderr: exit status, code.
    pub(crate) fn error(&self) -> (i32, String) {
        let error = self.errors().pop().expect("an error");
        assert!(
            error["error"]["message"].as_str().unwrap().len() > 10,
            "{error}"
        );
        (
            self.status,
            error["error"]["code"].as_str().unwrap().to_owned(),
        )
    }

    pub(crate) fn errors(&self) -> Vec<Value> {
        self.stderr
            .lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }
}

/// The folder that says which installation works on `data`, and not this user's own.
pub(crate) fn config(data: &Path) -> PathBuf {
    data.join("config")
}

pub(crate) fn ctl(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterfoilctl"));
    command
        .arg("--data")
        .arg(data)
        .arg("--json")
        .env("COUNTERFOIL_CONFIG", config(data))
        .env_remove("FIRESTORE_EMULATOR_HOST");
    command
}

pub(crate) fn run(data: &Path, arguments: &[&str]) -> Ran {
    Ran::of(ctl(data).args(arguments).output().unwrap())
}

/// Runs with `input` on standard input.
pub(crate) fn pipe(data: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    let mut command = ctl(data);
    command.args(arguments);
    feed(command, input)
}

/// Runs a call with `input` on standard input.
pub(crate) fn feed(command: Command, input: &[u8]) -> Ran {
    let mut child = start(command);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Beside the reading, or both would wait for each other when the pipes are full.
    let writer = std::thread::spawn(move || {
        // A program that refuses its arguments does not read.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran::of(output)
}

pub(crate) fn spawn(data: &Path, arguments: &[&str]) -> Child {
    let mut command = ctl(data);
    command.args(arguments);
    start(command)
}

fn start(mut command: Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

pub(crate) const INIT: [&str; 9] = [
    "init",
    "--store",
    "Corner shop",
    "--currency",
    "EUR",
    "--register",
    "Till 1",
    "--time-zone",
    "Europe/Berlin",
];

/// A shop with the demo catalogue.
pub(crate) fn shop() -> Shop {
    let dir = tempfile::tempdir().unwrap();
    let mut arguments = INIT.to_vec();
    arguments.push("--demo");
    run(dir.path(), &arguments).json();
    Shop { dir }
}

impl Shop {
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        run(self.path(), arguments)
    }

    pub(crate) fn pipe(&self, arguments: &[&str], input: &str) -> Ran {
        pipe(self.path(), arguments, input.as_bytes())
    }

    /// A backup as it is now; its file.
    pub(crate) fn backup(&self) -> String {
        let file = self.path().join("backup.db").display().to_string();
        self.run(&["backup", &file]).json();
        file
    }

    /// How many sales there are.
    pub(crate) fn sales(&self) -> usize {
        self.run(&["sales", "export"]).lines().len()
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// Two espressos in cash.
pub(crate) const CART: &str = r#"{"lines":[{"barcode":"2000000010014","quantity":"2"}],
"tenders":[{"method":"cash","amount":500}],"cashier":"Anna"}"#;

/// The same with an id, on one line.
pub(crate) fn cart(id: &str, quantity: &str) -> String {
    format!(
        r#"{{"cartId":"{id}","lines":[{{"sku":"COF-001","quantity":"{quantity}"}}],"tenders":[{{"method":"cash","amount":5000}}]}}"#
    )
}
