//! A program that runs beside this one, and never outlives it.

use std::ffi::OsStr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Doing as _, Result};

/// How long a program may take to put its things in order before it is ended the hard way.
const GRACE: Duration = Duration::from_secs(20);

/// A running program and those that it started, ended when this is dropped.
pub struct Running {
    name: String,
    child: Child,
}

impl Running {
    /// Starts `command` in a process group of its own, so that its children end with it and a Ctrl-C in the terminal
    /// comes to this program alone, which then stops things in order.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .doing(format_args!("start {name} ({})", shown(command)))?;
        Ok(Self {
            name: name.to_owned(),
            child,
        })
    }

    /// Its outcome, if it has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .doing(format_args!("wait for {}", self.name))
    }

    /// Asks it to end, waits, and ends it.
    pub fn stop(&mut self) {
        if self.signal("TERM") {
            let asked = Instant::now();
            while asked.elapsed() < GRACE {
                if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        // Whatever is left of the group, and where there are no groups the program itself.
        self.signal("KILL");
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends a signal to the whole group; false where that cannot be done.
    fn signal(&self, name: &str) -> bool {
        cfg!(unix)
            && Command::new("kill")
                .args([
                    format!("-{name}"),
                    "--".to_owned(),
                    format!("-{}", self.child.id()),
                ])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A command as one would type it.
pub fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a program of this name can be started.
pub fn exists(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| {
            folder.join(program).is_file() || folder.join(format!("{program}.exe")).is_file()
        })
    })
}

/// What a short command prints, or nothing where it cannot be run or fails.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| {
        // Java prints its version where others print errors.
        let text = if output.stdout.is_empty() {
            output.stderr
        } else {
            output.stdout
        };
        String::from_utf8_lossy(&text).trim().to_owned()
    })
}
