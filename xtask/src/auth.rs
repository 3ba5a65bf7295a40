//! Firebase's Auth emulator: installed once beside the rules, started on a free port.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};

use crate::emulator::PROJECT;
use crate::failure::{Doing as _, Failure, Result, fail};

/// Loading it takes seconds where nothing else runs.
const PATIENCE: Duration = Duration::from_mins(2);
/// Notes the lock that `firebase/node_modules` was installed from.
const STAMP: &str = "node_modules/.counterfoil-lock";

/// How to get it, in a few lines.
pub const HOW: &str = "\
Firebase's Auth emulator is a Node.js program. `cargo xtask test` installs it; so does, in the folder `firebase`,
  npm ci --ignore-scripts";

/// The command that installs it into `folder`, unless that was done from the same lock.
///
/// # Errors
/// When the lock cannot be read.
pub fn install(folder: &Path) -> Result<Option<Command>> {
    let lock = lock(folder)?;
    if fs::read(folder.join(STAMP)).is_ok_and(|stamped| stamped == lock) {
        return Ok(None);
    }
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    // Of its packages only one that this emulator never loads would be compiled, with more than npm.
    npm.current_dir(folder)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    Ok(Some(npm))
}

/// Notes that the installation is complete.
///
/// # Errors
/// When that cannot be written.
pub fn installed(folder: &Path) -> Result {
    fs::write(folder.join(STAMP), lock(folder)?)
        .doing("note that firebase/node_modules is complete")
}

fn lock(folder: &Path) -> Result<Vec<u8>> {
    fs::read(folder.join("package-lock.json")).doing("read firebase/package-lock.json")
}

/// A running Auth emulator, ended when this is dropped.
pub struct Auth {
    child: Child,
    host: String,
}

/// Somebody who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Their id, which names their membership.
    pub uid: String,
    /// Their ID token, to be sent as `Bearer`.
    pub token: String,
}

impl Auth {
    /// Starts it from the repository's folder `firebase` and waits until it answers.
    ///
    /// # Errors
    /// When it is not installed, cannot be started, or ends.
    pub fn start(folder: &Path) -> Result<Self> {
        if !folder.join("node_modules/firebase-tools").is_dir() {
            return fail(HOW);
        }
        let mut child = Command::new("node")
            .current_dir(folder)
            .args(["auth-emulator.mjs", PROJECT])
            .env("CI", "1")
            // It ends with this pipe, that is with this program, however that ends.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .doing("start the Auth emulator (node auth-emulator.mjs)")?;
        let port = match child.stdout.take() {
            Some(output) => first_line(output),
            None => None,
        };
        // From here on it is ended with this.
        let auth = Self {
            child,
            host: format!("127.0.0.1:{}", port.as_deref().unwrap_or_default()),
        };
        if port.is_none() {
            return fail("The Auth emulator ended or stayed silent.");
        }
        Ok(auth)
    }

    /// `host:port`, what `FIREBASE_AUTH_EMULATOR_HOST` is to say.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Signs somebody up with an address and a password.
    ///
    /// # Errors
    /// When it does not answer, or refuses.
    pub fn sign_up(&self, email: &str, password: &str) -> Result<Account> {
        let who = json!({ "email": email, "password": password, "returnSecureToken": true });
        self.account(&who)
    }

    /// Signs somebody in who says nothing of themselves.
    ///
    /// # Errors
    /// When it does not answer, or refuses.
    pub fn sign_up_anonymously(&self) -> Result<Account> {
        self.account(&json!({ "returnSecureToken": true }))
    }

    /// Disables an account, or enables it again: what the Firebase console does.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn disable(&self, uid: &str, disabled: bool) -> Result {
        let change = json!({ "localId": uid, "disableUser": disabled });
        let said = self.as_console("update", &change)?;
        if said["localId"] == uid {
            Ok(())
        } else {
            fail(format!("The Auth emulator changed no account: {said}"))
        }
    }

    /// Deletes an account, as the Firebase console does.
    ///
    /// # Errors
    /// When it does not answer, or knows no such account.
    pub fn delete(&self, uid: &str) -> Result {
        let said = self.as_console("delete", &json!({ "localId": uid }))?;
        if said["error"].is_null() {
            Ok(())
        } else {
            fail(format!("The Auth emulator deleted no account: {said}"))
        }
    }

    fn as_console(&self, what: &str, body: &Value) -> Result<Value> {
        let path = format!("/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts:{what}");
        let owner = "Authorization: Bearer owner\r\n";
        post_as(owner, &self.host, &path, &body.to_string())
            .doing("change an account at the Auth emulator")
    }

    fn account(&self, who: &Value) -> Result<Account> {
        let said = post(
            &self.host,
            "/identitytoolkit.googleapis.com/v1/accounts:signUp?key=any",
            &who.to_string(),
        )
        .doing("sign up at the Auth emulator")?;
        let text = |name: &str| said[name].as_str().map(str::to_owned);
        match (text("localId"), text("idToken")) {
            (Some(uid), Some(token)) => Ok(Account { uid, token }),
            _ => fail(format!("The Auth emulator made no account: {said}")),
        }
    }
}

impl Drop for Auth {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first line that is printed, or nothing if none comes in time. The reader ends with the program.
fn first_line(output: impl std::io::Read + Send + 'static) -> Option<String> {
    let (told, hears) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let _ = BufReader::new(output).read_line(&mut line);
        let _ = told.send(line.trim().to_owned());
    });
    let line = hears.recv_timeout(PATIENCE).ok()?;
    (!line.is_empty()).then_some(line)
}

/// Posts JSON and reads the JSON that is answered.
fn post(host: &str, path: &str, body: &str) -> std::result::Result<Value, Failure> {
    post_as("", host, path, body)
}

/// The same with a header more, its line end included.
fn post_as(
    bearer: &str,
    host: &str,
    path: &str,
    body: &str,
) -> std::result::Result<Value, Failure> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // HTTP/1.0: the answer is not cut into chunks.
    let request = format!(
        "POST {path} HTTP/1.0\r\nHost: {host}\r\n{bearer}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(body).doing(format_args!("read its answer: {answer}"))
}
