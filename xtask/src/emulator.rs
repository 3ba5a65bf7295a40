//! Google's Firestore emulator: found where Google's tools leave it, started on a free port.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::child::{Running, answer};
use crate::failure::{Doing as _, Result, fail};

/// The project that the demo store lives in; a name that begins with `demo-` can never be a real one.
pub const PROJECT: &str = "demo-counterfoil";
/// The variable that names the jar, before any other place.
pub const JAR: &str = "FIRESTORE_EMULATOR_JAR";
/// What the emulator's classes were compiled for.
const JAVA: u32 = 11;
const PATIENCE: Duration = Duration::from_mins(1);

/// How to get it, in a few lines.
pub const HOW: &str = "\
Google's Firestore emulator is a Java program. Install Java 17 (Debian's package default-jre-headless) and one of
  - Google's package google-cloud-cli-firestore-emulator (https://cloud.google.com/sdk/docs/install#deb), or
  - `gcloud components install cloud-firestore-emulator`, or
  - `npx firebase-tools setup:emulators:firestore`,
or point FIRESTORE_EMULATOR_JAR at its jar.";

/// The jar, with a Java that runs it.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where the jar lies.
    pub jar: PathBuf,
}

/// Looks at the variable, under the gcloud SDK's root, in firebase-tools' cache; in that order.
///
/// # Errors
/// What is missing, in one sentence.
pub fn find() -> std::result::Result<Found, String> {
    let jar = match std::env::var_os(JAR) {
        Some(jar) if Path::new(&jar).is_file() => PathBuf::from(jar),
        Some(jar) => {
            return Err(format!(
                "{JAR} names {}, which is not a file.",
                jar.display()
            ));
        }
        None => in_sdk()
            .or_else(in_firebase_cache)
            .ok_or("The Firestore emulator (google-cloud-cli-firestore-emulator) is not here.")?,
    };
    let version = answer(Command::new("java").arg("-version"))
        .ok_or("Java, which the Firestore emulator needs, is not here.")?;
    match java_major(&version) {
        Some(major) if major >= JAVA => Ok(Found { jar }),
        _ => Err(format!(
            "Java is too old for the Firestore emulator: {}",
            version.lines().next().unwrap_or_default()
        )),
    }
}

fn in_sdk() -> Option<PathBuf> {
    let root =
        answer(Command::new("gcloud").args(["info", "--format=value(installation.sdk_root)"]))?;
    newest_jar(&Path::new(&root).join("platform/cloud-firestore-emulator"))
}

fn in_firebase_cache() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?;
    newest_jar(&Path::new(&home).join(".cache/firebase/emulators"))
}

/// The jar of the emulator in a folder, the last by name where there are several.
fn newest_jar(folder: &Path) -> Option<PathBuf> {
    let mut jars: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("cloud-firestore-emulator") && name.ends_with(".jar")
        })
        .collect();
    jars.sort();
    jars.pop()
}

/// 17 of `openjdk version "17.0.15"`; 8 of `java version "1.8.0"`.
fn java_major(version: &str) -> Option<u32> {
    let mut numbers = version.split('"').nth(1)?.split(['.', '-', '+']);
    let major = numbers.next()?.parse().ok()?;
    if major == 1 {
        numbers.next()?.parse().ok()
    } else {
        Some(major)
    }
}

/// What [`heap`] reads.
pub const HEAP: &str = "FIRESTORE_EMULATOR_HEAP";

/// How much memory it may take.
fn heap() -> String {
    let size = std::env::var(HEAP).ok().filter(|size| !size.is_empty());
    format!("-Xmx{}", size.as_deref().unwrap_or("512m"))
}

/// A running emulator, ended when this is dropped.
pub struct Emulator {
    running: Running,
    host: String,
}

impl Emulator {
    /// Starts it and waits until it answers; with `kept`, a folder that [`Emulator::keep`] wrote, it begins with what that holds.
    ///
    /// # Errors
    /// When Java cannot be started, or the emulator ends or stays silent.
    pub fn start(found: &Found, kept: Option<&Path>) -> Result<Self> {
        let seed = kept.and_then(export_in);
        let seed = seed.map(|metadata| format!("--seed_from_export={}", metadata.display()));
        Self::begin(found, seed)
    }

    /// The same, empty, with the rules of this file; without any it lets everybody do everything.
    ///
    /// # Errors
    /// As [`Emulator::start`]; and when the rules are not valid, what is wrong with them.
    pub fn start_with_rules(found: &Found, rules: &Path) -> Result<Self> {
        let text = fs::read_to_string(rules).doing(format_args!("read {}", rules.display()))?;
        let emulator = Self::begin(found, Some(format!("--rules={}", rules.display())))?;
        emulator.take_rules(&text)?;
        Ok(emulator)
    }

    fn begin(found: &Found, option: Option<String>) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let host = format!("127.0.0.1:{port}");
        let mut java = Command::new("java");
        java.arg(heap()).arg("-cp").arg(&found.jar).args([
            "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
            "start",
            "--host=127.0.0.1",
            &format!("--port={port}"),
            &format!("--project_id={PROJECT}"),
            "--single_project_mode",
        ]);
        java.args(option);
        // It prints a stack trace for every document that is not there.
        java.stdout(Stdio::null()).stderr(Stdio::null());
        let begun = Instant::now();
        let mut running = Running::start("the Firestore emulator", &mut java)?;
        while !answers(&host) {
            if running.ended()?.is_some() {
                return fail(format!(
                    "The Firestore emulator ended at once: {}",
                    found.jar.display()
                ));
            }
            if begun.elapsed() > PATIENCE {
                return fail("The Firestore emulator did not begin to answer.");
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(Self { running, host })
    }

    /// Writes everything that it holds into `folder`, which must be absolute and becomes its own. (Its option to export
    /// when it ends does nothing when it is ended by a signal.)
    ///
    /// # Errors
    /// When it does not answer, or cannot write there.
    pub fn keep(&self, folder: &Path) -> Result {
        fs::create_dir_all(folder).doing(format_args!("make {}", folder.display()))?;
        let body = serde_json::json!({
            "database": format!("projects/{PROJECT}/databases/(default)"),
            "export_directory": folder,
            "export_name": "cloud",
        })
        .to_string();
        let kept = self.ask("POST", "export", &body);
        let kept = kept.doing("keep what the Firestore emulator holds")?;
        if is_good(&kept) && export_in(folder).is_some() {
            Ok(())
        } else {
            fail(format!(
                "The Firestore emulator did not write what it holds to {}.",
                folder.display()
            ))
        }
    }

    /// Gives it rules, from now on and for everything in it. When it starts with invalid ones it tells nobody; here
    /// it does.
    ///
    /// # Errors
    /// When they are not valid, what is wrong with them.
    pub fn take_rules(&self, text: &str) -> Result {
        let file = serde_json::json!({ "name": "firestore.rules", "content": text });
        let body = serde_json::json!({ "rules": { "files": [file] } }).to_string();
        let answer = self.ask("PUT", "securityRules", &body);
        let answer = answer.doing("give the Firestore emulator its rules")?;
        if is_good(&answer) {
            Ok(())
        } else {
            fail(format!("These rules are not valid: {answer}"))
        }
    }

    /// Sends JSON to what the emulator has beside Firestore; its answer, head and all.
    fn ask(&self, method: &str, task: &str, body: &str) -> std::io::Result<String> {
        let request = format!(
            "{method} /emulator/v1/projects/{PROJECT}:{task} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        answer_of(&self.host, &request)
    }

    /// What `FIRESTORE_EMULATOR_HOST` is to say.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is still there.
    pub fn lives(&mut self) -> bool {
        matches!(self.running.ended(), Ok(None))
    }
}

/// The export that a former run left: a file whose name says so, at most one folder down.
pub fn export_in(folder: &Path) -> Option<PathBuf> {
    let files = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).map_or_else(
            |_| Vec::new(),
            |entries| entries.flatten().map(|e| e.path()).collect(),
        )
    };
    let mut found: Vec<PathBuf> = files(folder)
        .into_iter()
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.to_string_lossy().ends_with("overall_export_metadata"))
        .collect();
    found.sort();
    found.pop()
}

/// Whether something that speaks HTTP answers with success there.
fn answers(host: &str) -> bool {
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    answer_of(host, &request).is_ok_and(|answer| is_good(&answer))
}

/// Sends a request, and reads its answer by the length that it says: this server keeps the connection whatever it is told.
fn answer_of(host: &str, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut stream = BufReader::new(stream);
    let (mut answer, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let said = line.to_ascii_lowercase();
        if let Some(said) = said.strip_prefix("content-length:") {
            length = said.trim().parse().unwrap_or(0);
        }
        answer.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    answer.push_str(&String::from_utf8_lossy(&body));
    Ok(answer)
}

fn is_good(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200")
}

#[cfg(test)]
mod tests {
    use super::java_major;

    #[test]
    fn old_and_new_version_numbers_of_java_are_read() {
        assert_eq!(
            java_major("openjdk version \"17.0.15\" 2025-04-15"),
            Some(17)
        );
        assert_eq!(java_major("openjdk version \"21\" 2023-09-19"), Some(21));
        assert_eq!(java_major("java version \"1.8.0_412\""), Some(8));
        assert_eq!(java_major("no Java"), None);
    }
}
