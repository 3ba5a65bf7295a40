//! A demo store with its registers and its cloud, made for one journey and gone after it.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use counterfoil_tests::window::{Place, Program, Window, beside};
use serde_json::Value;
use tempfile::TempDir;
use xtask::auth::Auth;
use xtask::emulator::{self, Emulator, HOW, PROJECT};

/// The store's id in the cloud.
const STORE: &str = "demo";

/// A store, its emulator and the folder that its registers are in.
pub(crate) struct Shop {
    folder: TempDir,
    cloud: Emulator,
    auth: Option<Auth>,
}

/// One register of it.
pub(crate) struct Register {
    pub(crate) place: Place,
}

impl Shop {
    pub(crate) fn open() -> Self {
        let found = emulator::find().unwrap_or_else(|why| panic!("{why}\n{HOW}"));
        // The port that was free may be taken by the time Java has started.
        let cloud = Emulator::start(&found, None).or_else(|_| Emulator::start(&found, None));
        Self {
            folder: tempfile::tempdir().expect("a folder for the data"),
            cloud: cloud.expect("the emulator starts"),
            auth: None,
        }
    }

    /// A store that is guarded by the rules, founded as the set-up tells by the owner with this account.
    pub(crate) fn guarded(email: &str, password: &str) -> Self {
        let firebase = Path::new(env!("CARGO_MANIFEST_DIR")).join("../firebase");
        let found = emulator::find().unwrap_or_else(|why| panic!("{why}\n{HOW}"));
        let rules = firebase.join("firestore.rules");
        let cloud = Emulator::start_with_rules(&found, &rules).expect("the emulator starts");
        let auth = Auth::start(&firebase).expect("the Auth emulator starts");
        auth.sign_up(email, password).expect("an owner");
        let mut script = Command::new("node");
        script
            .current_dir(&firebase)
            .args(["create-store.mjs", "--project", PROJECT, "--key", "any"])
            .args(["--email", email, "--store", STORE])
            .args(["--name", "Corner Shop", "--currency", "EUR"])
            .env("COUNTERFOIL_PASSWORD", password)
            .env("FIREBASE_AUTH_EMULATOR_HOST", auth.host())
            .env("FIRESTORE_EMULATOR_HOST", cloud.host());
        let output = script.output().expect("node");
        assert!(output.status.success(), "{output:?}");
        Self {
            folder: tempfile::tempdir().expect("a folder for the data"),
            cloud,
            auth: Some(auth),
        }
    }

    /// The accounts of a store that is guarded.
    pub(crate) fn auth(&self) -> &Auth {
        self.auth.as_ref().expect("a guarded store")
    }

    /// A register whose data directory is empty still. No other of the shop has this name.
    pub(crate) fn new_register(&self, name: &str) -> Register {
        let folder = self.folder.path().join(name);
        std::fs::create_dir(&folder).expect("a folder for the register");
        let mut place = Place::under(&folder).with_emulator(self.cloud.host());
        if let Some(auth) = &self.auth {
            place = place.with_auth(auth.host());
        }
        Register { place }
    }

    /// A register with the demo catalogue, not connected yet.
    pub(crate) fn register(&self, prefix: &str) -> Register {
        self.printing(prefix, prefix)
    }

    /// The same, called “Till NAME”: several may print one series.
    pub(crate) fn printing(&self, name: &str, prefix: &str) -> Register {
        let register = self.new_register(name);
        let name = format!("Till {name}");
        register.ctl(
            &[
                "init",
                "--demo",
                "--store",
                "Corner Shop",
                "--currency",
                "EUR",
            ],
            &[
                "--time-zone",
                "Europe/Berlin",
                "--register",
                &name,
                "--receipt-prefix",
                prefix,
            ],
        );
        register
    }

    /// A register with the demo catalogue, connected to the store's cloud.
    pub(crate) fn connected_register(&self, prefix: &str) -> Register {
        let register = self.register(prefix);
        register.connect();
        register
    }

    /// The store's id in the cloud.
    pub(crate) fn store(&self) -> &'static str {
        STORE
    }

    /// `host:port` of the cloud.
    pub(crate) fn cloud(&self) -> &str {
        self.cloud.host()
    }

    /// Writes a file that lasts as long as the shop, and returns its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).expect("the file is written");
        path(&file).to_owned()
    }

    /// The documents of one of the store's collections, as the emulator's REST interface shows them.
    pub(crate) fn documents(&self, collection: &str) -> Vec<Value> {
        let answer = self.rest("GET", &format!("{collection}?pageSize=300"), "");
        answer["documents"].as_array().cloned().unwrap_or_default()
    }

    /// Writes a document as another register would have.
    pub(crate) fn create(&self, collection: &str, id: &str, fields: &Value) {
        let body = serde_json::json!({ "fields": fields }).to_string();
        let answer = self.rest("POST", &format!("{collection}?documentId={id}"), &body);
        assert!(answer["name"].is_string(), "{answer}");
    }

    /// Removes a document, as somebody with the project's console can.
    pub(crate) fn remove(&self, collection: &str, id: &str) {
        self.rest("DELETE", &format!("{collection}/{id}"), "");
    }

    /// Changes one field of a document, likewise.
    pub(crate) fn change(&self, collection: &str, id: &str, field: &str, value: &Value) {
        let body = serde_json::json!({ "fields": { field: value } }).to_string();
        let path = format!("{collection}/{id}?updateMask.fieldPaths={field}");
        let answer = self.rest("PATCH", &path, &body);
        assert!(answer["name"].is_string(), "{answer}");
    }

    fn rest(&self, method: &str, path: &str, body: &str) -> Value {
        let host = self.cloud.host();
        let request = format!(
            "{method} /v1/projects/{PROJECT}/databases/(default)/documents/stores/{STORE}/{path} HTTP/1.1\r\nHost: {host}\r\n\
             Authorization: Bearer owner\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(host).expect("the emulator answers");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a limit");
        stream.write_all(request.as_bytes()).expect("asked");
        let answer = body_of(&mut BufReader::new(stream));
        serde_json::from_slice(&answer)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&answer)))
    }
}

/// Reads an HTTP answer's body, whose length is said at its head or before each of its chunks (RFC 9112, 6).
fn body_of(answer: &mut impl BufRead) -> Vec<u8> {
    let mut line = || {
        let mut line = String::new();
        answer.read_line(&mut line).expect("answered");
        line.trim().to_lowercase()
    };
    let mut length = None;
    loop {
        let header = line();
        match header.split_once(':') {
            Some(("content-length", value)) => {
                length = Some(value.trim().parse().expect("a length"))
            }
            _ if header.is_empty() => break,
            _ => {}
        }
    }
    let mut body = Vec::new();
    if let Some(length) = length {
        answer.take(length).read_to_end(&mut body).expect("a body");
        return body;
    }
    loop {
        let mut size = String::new();
        answer.read_line(&mut size).expect("a chunk");
        let size = u64::from_str_radix(size.trim(), 16).expect("a chunk's size");
        let mut chunk = answer.by_ref().take(size);
        chunk.read_to_end(&mut body).expect("a chunk");
        answer.read_line(&mut String::new()).expect("a chunk's end");
        if size == 0 {
            return body;
        }
    }
}

impl Register {
    /// Opens the till's window and waits until it sells; its pictures are called after `name`.
    pub(crate) async fn window(&self, name: &str) -> Window {
        let window = self.first_window(name).await;
        window.part("till").await.expect("the till");
        window
    }

    /// Opens the window of a register that may not be set up.
    pub(crate) async fn first_window(&self, name: &str) -> Window {
        let program = Program::built().expect("the till is built");
        Window::open(name, &program, &self.place)
            .await
            .expect("the window opens")
    }

    /// The same register with its cloud behind another address, such as a proxy's.
    pub(crate) fn behind(self, host: &str) -> Self {
        Self {
            place: self.place.with_emulator(host),
        }
    }

    pub(crate) fn connect(&self) {
        self.ctl(
            &["sync", "connect"],
            &["--project", PROJECT, "--store", STORE],
        );
    }

    /// What `counterfoilctl` answers, which must be success.
    pub(crate) fn ctl(&self, command: &[&str], arguments: &[&str]) -> Value {
        let mut ctl = self
            .place
            .command(&beside("counterfoilctl").expect("counterfoilctl is built"));
        ctl.arg("--json").args(command).args(arguments);
        answer(&mut ctl)
    }

    /// Rings up a cart without the window.
    pub(crate) fn ring_up(&self, cart: &Value) -> Value {
        let file = self.place.data().join("cart.json");
        std::fs::write(&file, cart.to_string()).expect("the cart is written");
        self.ctl(&["checkout"], &[path(&file)])
    }

    /// How many pieces of a product its stock has.
    pub(crate) fn stock(&self, sku: &str) -> i64 {
        let list = self.ctl(&["stock", "list"], &[]);
        let items = list["items"].as_array().expect("a list of products");
        let item = items.iter().find(|item| item["sku"] == sku);
        let on_hand = item.and_then(|item| item["onHand"].as_str());
        on_hand
            .and_then(|pieces| pieces.parse().ok())
            .unwrap_or_else(|| panic!("{sku} is counted in pieces: {item:?}"))
    }

    /// All its sales, newest first.
    pub(crate) fn sales(&self) -> Vec<Value> {
        let list = self.ctl(&["sales", "list"], &[]);
        list["items"].as_array().cloned().expect("a list of sales")
    }
}

fn path(file: &Path) -> &str {
    file.to_str().expect("a temporary path is UTF-8")
}

fn answer(command: &mut Command) -> Value {
    let output = command.output().expect("counterfoilctl runs");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}
