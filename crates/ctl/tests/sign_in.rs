//! `sync sign-in`, `sync sign-out`, against a small server in the place of Firebase Auth.

#![allow(missing_docs, reason = "test names are sentences")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::{fs, thread};

use common::{CART, Ran, Shop, ctl, feed, shop};

const PASSWORD: &str = "a-password-for-nobody-else";
const ID_TOKEN: &str = "e30.e30.the-id-token";
const REFRESH_TOKEN: &str = "the-refresh-token";

/// A free port at which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Answers every call with this.
fn auth(status: u16, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap() > 2 {
                let lower = line.to_ascii_lowercase();
                if let Some(text) = lower.strip_prefix("content-length:") {
                    length = text.trim().parse().unwrap();
                }
                line.clear();
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            let size = body.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
            );
            stream.write_all((head + &body).as_bytes()).unwrap();
        }
    });
    host
}

fn connected() -> Shop {
    let shop = shop();
    let to = [
        "sync",
        "connect",
        "--project",
        "demo-x",
        "--store",
        "corner",
    ];
    shop.run(&to).json();
    shop
}

fn command(data: &Path, auth: &str, arguments: &[&str]) -> Command {
    let mut command = ctl(data);
    command
        .args(arguments)
        .env("COUNTERFOIL_KEYCHAIN", "file")
        .env("COUNTERFOIL_LOG", "trace")
        .env("FIREBASE_AUTH_EMULATOR_HOST", auth)
        .env("FIRESTORE_EMULATOR_HOST", nobody());
    command
}

fn sign_in(shop: &Shop, auth: &str) -> Ran {
    let arguments = ["sync", "sign-in", "--email", "maria@shop.example"];
    let mut command = command(shop.path(), auth, &arguments);
    command.arg("--password-stdin");
    feed(command, format!("{PASSWORD}\n").as_bytes())
}

/// The whole log.
fn log(shop: &Shop) -> String {
    let logs = fs::read_dir(shop.path().join("logs")).unwrap();
    let files = logs.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    files.collect()
}

#[test]
fn a_wrong_password_is_its_own_code_and_changes_nothing() {
    let shop = connected();
    let body = r#"{"error":{"code":400,"message":"INVALID_LOGIN_CREDENTIALS"}}"#;
    let ran = sign_in(&shop, &auth(400, body.to_owned()));
    assert_eq!(ran.error(), (1, "wrong_password".to_owned()));
    let out = command(shop.path(), &nobody(), &["sync", "sign-out"]);
    assert_eq!(feed(out, b"").json()["signedOut"], false);
}

#[test]
fn not_even_the_longest_log_holds_a_secret() {
    let shop = connected();
    let body = format!(
        r#"{{"localId":"u1","idToken":"{ID_TOKEN}","refreshToken":"{REFRESH_TOKEN}","expiresIn":"3600"}}"#
    );
    // The manager is signed in; then nobody answers at Firestore.
    let ran = sign_in(&shop, &auth(200, body));
    assert_eq!(ran.error(), (1, "cloud_unreachable".to_owned()));
    let said = log(&shop) + &ran.stderr + &ran.stdout;
    assert!(said.contains("TRACE"), "the log is the longest");
    for secret in [PASSWORD, ID_TOKEN, REFRESH_TOKEN] {
        assert!(!said.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn it_asks_for_a_cloud_a_password_and_a_name_first() {
    let shop = shop();
    let ran = sign_in(&shop, &nobody());
    assert_eq!(ran.error(), (1, "not_connected".to_owned()));
    let shop = connected();
    let arguments = ["sync", "sign-in", "--email", "maria@shop.example"];
    let mut without = command(shop.path(), &nobody(), &arguments);
    without.arg("--password-stdin");
    assert_eq!(feed(without, b"").error(), (2, "invalid_input".to_owned()));
    let named = ["sync", "sign-in", "--email", "maria@shop.example"];
    let mut nameless = command(shop.path(), &nobody(), &named);
    nameless.args(["--register-name", " ", "--password-stdin"]);
    let ran = feed(nameless, format!("{PASSWORD}\n").as_bytes());
    assert_eq!(ran.error(), (2, "invalid_input".to_owned()));
    let mut shown = command(shop.path(), &nobody(), &arguments);
    shown.args(["--password", PASSWORD]);
    let ran = feed(shown, b"");
    assert_eq!(ran.error(), (2, "invalid_input".to_owned()));
}

#[test]
fn signing_out_with_sales_that_wait_has_to_be_meant() {
    let shop = connected();
    shop.pipe(&["checkout", "-"], CART).json();
    let kept = shop.path().join("config").join("accounts");
    fs::create_dir_all(&kept).unwrap();
    let installations = shop.path().join("config").join("installations");
    let name = fs::read_dir(installations)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let file = kept.join(name.file_name());
    fs::write(
        &file,
        r#"{"project":"demo-x","storeId":"corner","uid":"u1","email":"register-1@registers.invalid",
        "signedInBy":"maria@shop.example","keptIn":"file","refreshToken":"r"}"#,
    )
    .unwrap();
    let run = |arguments: &[&str]| feed(command(shop.path(), &nobody(), arguments), b"");
    let status = run(&["sync", "status"]).json();
    assert_eq!(status["account"]["keptIn"], "file");
    assert_eq!(status["account"]["file"], file.display().to_string());
    assert!(status["account"].get("refreshToken").is_none(), "{status}");
    let refused = run(&["sync", "sign-out"]);
    assert_eq!(refused.error(), (1, "unsynced_sales".to_owned()));
    assert_eq!(refused.errors()[0]["error"]["details"]["waiting"], 1);
    assert!(file.exists());
    let out = run(&["sync", "sign-out", "--yes"]).json();
    assert_eq!(out["signedOut"], true);
    assert!(!file.exists());
    assert_eq!(run(&["sync", "status"]).json().get("account"), None);
}
