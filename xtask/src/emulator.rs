//! Google's Firestore emulator: found where Google's tools leave it, started on a free port.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::console::{say, spoken};
use crate::interrupt;
use xtask::child::{Running, answer};
use xtask::failure::{Result, fail};

/// The project that the demo store lives in; a name that begins with `demo-` can never be a real one.
pub(crate) const PROJECT: &str = "demo-counterfoil";
/// The variable that names the jar, before any other place.
pub(crate) const JAR: &str = "FIRESTORE_EMULATOR_JAR";
/// What the emulator's classes were compiled for.
const JAVA: u32 = 11;
const PATIENCE: Duration = Duration::from_mins(1);

/// How to get it, in a few lines.
pub(crate) const HOW: &str = "\
Google's Firestore emulator is a Java program. Install Java 17 (Debian's package default-jre-headless) and one of
  - Google's package google-cloud-cli-firestore-emulator (https://cloud.google.com/sdk/docs/install#deb), or
  - `gcloud components install cloud-firestore-emulator`, or
  - `npx firebase-tools setup:emulators:firestore`,
or point FIRESTORE_EMULATOR_JAR at its jar.";

/// The jar, with a Java that runs it.
pub(crate) struct Found {
    pub(crate) jar: PathBuf,
}

/// Looks at the variable, under the gcloud SDK's root, in firebase-tools' cache; in that order.
pub(crate) fn find() -> std::result::Result<Found, String> {
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

/// A running emulator, ended when this is dropped.
pub(crate) struct Emulator {
    running: Running,
    host: String,
}

impl Emulator {
    /// Starts it and waits until it answers. With `kept`, it begins with what a former run left in that folder,
    /// and leaves its own there when it is asked to end.
    pub(crate) fn start(found: &Found, kept: Option<&Path>) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let host = format!("127.0.0.1:{port}");
        let mut java = Command::new("java");
        java.arg("-Xmx512m").arg("-cp").arg(&found.jar).args([
            "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
            "start",
            "--host=127.0.0.1",
            &format!("--port={port}"),
            &format!("--project_id={PROJECT}"),
            "--single_project_mode",
        ]);
        if let Some(folder) = kept {
            if let Some(metadata) = export_in(folder) {
                java.arg(format!("--seed_from_export={}", metadata.display()));
            }
            java.arg(format!("--export-on-exit={}", folder.display()));
        }
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
            if interrupt::asked() || begun.elapsed() > PATIENCE {
                return fail("The Firestore emulator did not begin to answer.");
            }
            thread::sleep(Duration::from_millis(100));
        }
        say(&format!(
            "   Firestore emulator: {host} after {}",
            spoken(begun.elapsed())
        ));
        Ok(Self { running, host })
    }

    /// What `FIRESTORE_EMULATOR_HOST` is to say.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is still there.
    pub(crate) fn lives(&mut self) -> bool {
        matches!(self.running.ended(), Ok(None))
    }
}

/// The export that a former run left: a file whose name says so, at most one folder down.
pub(crate) fn export_in(folder: &Path) -> Option<PathBuf> {
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
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(
            format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes(),
        )?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.starts_with(b"HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
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
