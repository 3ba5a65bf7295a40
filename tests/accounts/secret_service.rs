//! `counterfoilctl` on a desktop whose keychain is a real Secret Service, or that has none: signed in, syncing, signed
//! out, each time another process.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use counterfoil_app::sync::SyncStore as _;
use counterfoil_tests::rig::PATIENCE;
use counterfoil_tests::rig::secrets::{Begins, Desktop};
use counterfoil_tests::window::beside;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::is_there;
use crate::world::{PASSWORD, Signed, Store};

/// How long a till is left alone before it is asked to hurry.
const HURRY: Duration = Duration::from_millis(200);

/// A register of a store, worked with by `counterfoilctl` in somebody's session.
struct Desk {
    store: Store,
    signed: Signed,
    bus: String,
}

impl Desk {
    async fn on(bus: String) -> Self {
        let store = Store::founded().await;
        let signed = Signed::out(&store);
        Self { store, signed, bus }
    }

    fn ctl(&self, arguments: &[&str]) -> Command {
        let data = self.signed.register.dir();
        let mut ctl = Command::new(beside("counterfoilctl").expect("counterfoilctl is built"));
        ctl.arg("--data")
            .arg(data)
            .arg("--config")
            .arg(data.join("config"))
            .args(arguments)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("FIRESTORE_EMULATOR_HOST", self.store.host())
            .env("FIREBASE_AUTH_EMULATOR_HOST", self.store.auth().host())
            .env_remove("COUNTERFOIL_KEYCHAIN")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        ctl
    }

    /// What it prints, or the error that it ends with.
    async fn run(&self, arguments: &[&str]) -> Result<String, Value> {
        let mut ctl = self.ctl(arguments).spawn().expect("counterfoilctl runs");
        let mut input = ctl.stdin.take().expect("a pipe");
        let password = format!("{PASSWORD}\n");
        // One that asks for none has ended by then.
        let _ = input.write_all(password.as_bytes()).await;
        drop(input);
        let ended = tokio::time::timeout(PATIENCE, ctl.wait_with_output()).await;
        let ended = ended.expect("it ends").expect("its output");
        if ended.status.success() {
            return Ok(String::from_utf8(ended.stdout).expect("UTF-8"));
        }
        let said = String::from_utf8(ended.stderr).expect("UTF-8");
        let error: Value = serde_json::from_str(said.trim()).expect(&said);
        Err(error["error"].clone())
    }

    async fn asked(&self, arguments: &[&str]) -> Result<Value, Value> {
        let said = self.run(&[&["--json"], arguments].concat()).await?;
        Ok(serde_json::from_str(&said).expect(&said))
    }

    /// The account that the register has then.
    async fn sign_in(&self) -> Result<Value, Value> {
        let owner = self.store.owner.as_str();
        let sign_in = ["sync", "sign-in", "--email", owner, "--password-stdin"];
        Ok(self.asked(&sign_in).await?["account"].clone())
    }

    /// Sells, and sends it: the token is read by a process that did not write it.
    async fn sells_and_sends(&self) {
        let sale = self.signed.register.sell(&[("bread", "1")]);
        let sent = self.asked(&["sync", "once"]).await.expect("all is up");
        assert_eq!(sent["pending"], 0, "{sent}");
        assert!(is_there(&self.store, &sale).await, "{sent}");
    }

    /// The account's file; there is only one.
    fn file(&self) -> Option<PathBuf> {
        let folder = self.signed.register.dir().join("config/accounts");
        let mut files = fs::read_dir(folder).ok()?;
        files.find_map(|file| {
            let path = file.expect("readable").path();
            path.extension().is_none().then_some(path)
        })
    }

    fn kept(&self) -> Value {
        let file = fs::read(self.file().expect("an account")).expect("read");
        serde_json::from_slice(&file).expect("JSON")
    }
}

/// What the keychain is to have for an account, and whether it can be read.
fn of(account: &Value, kept: &Value, open: bool) -> Vec<(String, bool)> {
    let entry = kept["entry"].as_str().expect("an entry");
    assert!(entry.ends_with(account["uid"].as_str().expect("an id")));
    vec![(entry.to_owned(), open)]
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_service_a_file_of_its_owners_has_the_token() {
    let desktop = Desktop::bare().await;
    let nowhere = format!("{}-that-is-none", desktop.address());
    // Nobody on the bus has the name; there is no bus.
    for bus in [desktop.address(), nowhere] {
        let desk = Desk::on(bus).await;
        let account = desk.sign_in().await.expect("signed in");
        let file = desk.file().expect("an account");
        assert_eq!(account["keptIn"], "file", "{account}");
        assert_eq!(account["file"], file.display().to_string());
        let mode = fs::metadata(&file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(desk.kept()["refreshToken"].is_string());
        let said = desk.run(&["sync", "status"]).await.expect("a status");
        let words = "There is no keychain here: the account's token lies in ";
        assert!(said.contains(words), "{said}");
        desk.sells_and_sends().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_secret_service_has_the_token_and_no_file_does() {
    let desktop = Desktop::open().await;
    let desk = Desk::on(desktop.address()).await;
    let account = desk.sign_in().await.expect("signed in");
    assert_eq!(account["keptIn"], "keychain", "{account}");
    let kept = desk.kept();
    assert!(kept.get("refreshToken").is_none());
    assert_eq!(desktop.entries(), of(&account, &kept, true));
    let said = desk.run(&["sync", "status"]).await.expect("a status");
    assert!(said.contains("token lies in the keychain"), "{said}");
    desk.sells_and_sends().await;

    let another = desk.sign_in().await.expect("signed in");
    assert_ne!(another["uid"], account["uid"]);
    assert_eq!(desktop.entries(), of(&another, &desk.kept(), true));
    desk.sells_and_sends().await;

    let out = desk.asked(&["sync", "sign-out"]).await.expect("signed out");
    assert_eq!(out["signedOut"], true);
    assert_eq!((desktop.entries(), desk.file()), (Vec::new(), None));
}

/// Nobody is signed in, and nothing is new anywhere; what is said.
async fn is_closed(desk: &Desk) -> String {
    let (members, file) = (desk.store.members().await, desk.file());
    let before = file.as_ref().map(|_| desk.kept());
    let refused = desk.sign_in().await.expect_err("locked");
    assert_eq!(refused["code"], "keychain_closed", "{refused}");
    let message = refused["message"].as_str().expect("a message");
    assert!(message.contains("Unlock it and sign in again"), "{message}");
    assert_eq!(desk.store.members().await, members);
    assert_eq!(desk.file(), file);
    assert_eq!(desk.file().map(|_| desk.kept()), before);
    message.to_owned()
}

/// A register that is signed in says that its keychain is locked, and what it sells waits.
async fn waits_for_it(desk: &Desk) {
    is_closed(desk).await;
    let sale = desk.signed.register.sell(&[("bread", "1")]);
    let mut watch = Watch::over(desk);
    watch.says_why(desk, "keychain_locked").await;
    assert!(!is_there(&desk.store, &sale).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_secret_service_is_not_none_and_is_read_again_when_it_is_open() {
    let mut desktop = Desktop::open().await;
    let desk = Desk::on(desktop.address()).await;
    desktop.lock();
    is_closed(&desk).await;
    assert_eq!((desktop.entries(), desk.file()), (Vec::new(), None));
    desktop.unlock();
    let account = desk.sign_in().await.expect("signed in");

    // Locked by hand; opened as logging in does.
    desktop.lock();
    waits_for_it(&desk).await;
    assert_eq!(desktop.entries(), of(&account, &desk.kept(), false));
    desktop.unlock();
    assert_eq!(desktop.entries(), of(&account, &desk.kept(), true));
    desk.sells_and_sends().await;

    // The computer is started, and nobody types the password; then somebody does.
    desktop.end().await;
    desktop.begin(Begins::Locked).await;
    waits_for_it(&desk).await;
    desktop.end().await;
    desktop.begin(Begins::Unlocked).await;
    assert_eq!(desktop.entries(), of(&account, &desk.kept(), true));
    desk.sells_and_sends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_waited_for_who_does_not_answer_the_secret_services_window() {
    let desktop = Desktop::open().await;
    let desk = Desk::on(desktop.address()).await;
    desk.sign_in().await.expect("signed in");
    desktop.lock();
    let nobody = desktop.nobody_at_the_window();
    waits_for_it(&desk).await;
    nobody.is_asked();
    drop(nobody);
    desktop.unlock();
    desk.sells_and_sends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_service_that_nobody_ever_set_up_is_closed() {
    let mut desktop = Desktop::bare().await;
    desktop.begin(Begins::Locked).await;
    let desk = Desk::on(desktop.address()).await;
    let message = is_closed(&desk).await;
    assert!(message.contains("it has no default keyring"), "{message}");
}

/// `counterfoilctl sync watch`, which keeps its connection to the keychain.
struct Watch {
    _program: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Watch {
    fn over(desk: &Desk) -> Self {
        let mut program = desk.ctl(&["--json", "sync", "watch"]);
        let mut program = program.spawn().expect("counterfoilctl runs");
        let said = program.stdout.take().expect("a pipe");
        Self {
            _program: program,
            said: BufReader::new(said).lines(),
        }
    }

    /// Waits for a status of which this holds, and hurries it meanwhile.
    async fn says(&mut self, desk: &Desk, what: &str, holds: impl Fn(&Value) -> bool) {
        let listening = async {
            loop {
                tokio::select! {
                    line = self.said.next_line() => {
                        let line = line.expect("UTF-8").expect("it goes on");
                        let status: Value = serde_json::from_str(&line).expect("JSON");
                        if holds(&status) {
                            return;
                        }
                    }
                    () = tokio::time::sleep(HURRY) => {
                        desk.signed.register.db().wish().expect("written");
                    }
                }
            }
        };
        let heard = tokio::time::timeout(PATIENCE, listening).await;
        heard.unwrap_or_else(|_| panic!("it does not say {what}"));
    }

    async fn says_why(&mut self, desk: &Desk, code: &str) {
        let closed =
            |status: &Value| status["state"] == "signInNeeded" && status["problem"]["code"] == code;
        self.says(desk, code, closed).await;
    }

    async fn says_that_all_is_up(&mut self, desk: &Desk) {
        let up = |status: &Value| status["state"] == "idle" && status["pending"] == 0;
        self.says(desk, "that all is up", up).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_runs_goes_on_when_its_secret_service_is_opened() {
    let desktop = Desktop::open().await;
    let desk = Desk::on(desktop.address()).await;
    desk.sign_in().await.expect("signed in");
    desktop.lock();
    let sale = desk.signed.register.sell(&[("bread", "1")]);
    let mut watch = Watch::over(&desk);
    watch.says_why(&desk, "keychain_locked").await;
    desktop.unlock();
    watch.says_that_all_is_up(&desk).await;
    assert!(is_there(&desk.store, &sale).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_runs_goes_on_when_its_secret_service_begins_after_it_or_anew() {
    let mut desktop = Desktop::open().await;
    let desk = Desk::on(desktop.address()).await;
    desk.sign_in().await.expect("signed in");
    // There is none yet; there was one, which has ended.
    for (before, code) in [
        (None, "sign_in_needed"),
        (Some(Begins::Locked), "keychain_locked"),
    ] {
        desktop.end().await;
        if let Some(begins) = before {
            desktop.begin(begins).await;
        }
        let sale = desk.signed.register.sell(&[("bread", "1")]);
        let mut watch = Watch::over(&desk);
        watch.says_why(&desk, code).await;
        desktop.end().await;
        desktop.begin(Begins::Unlocked).await;
        watch.says_that_all_is_up(&desk).await;
        assert!(is_there(&desk.store, &sale).await);
    }
}
