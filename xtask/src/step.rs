//! A named step with its log: one line when it begins, one at every heartbeat, one when it ends.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::console::{complain, say, spoken};
use crate::{interrupt, places};
use xtask::child::{Running, shown};
use xtask::failure::{Doing as _, Result, fail};

/// How often a long step says that it is still at work.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// No step of this program takes longer; one that does hangs.
const LIMIT: Duration = Duration::from_mins(30);
/// How much of the log a failed step shows.
const SHOWN_LINES: usize = 120;

/// How a step ended.
pub(crate) struct Done {
    /// Its name.
    pub(crate) name: String,
    /// Whether it did what it should.
    pub(crate) good: bool,
    /// How long it took.
    pub(crate) took: Duration,
    /// Everything that it printed.
    pub(crate) output: String,
}

impl Done {
    /// Itself, or a failure where it went wrong.
    pub(crate) fn or_fail(self) -> Result<Self> {
        if self.good {
            Ok(self)
        } else {
            fail(format!("Stopped: {} failed.", self.name))
        }
    }
}

/// Runs `command` to its end, its output in a log of the step's name.
///
/// # Errors
/// When it cannot be started, when it takes too long, or when somebody asks to stop; a step that runs and fails is a [`Done`].
pub(crate) fn step(name: &str, command: &mut Command) -> Result<Done> {
    let log = log_of(name, "log")?;
    let output = File::create(&log).doing(format_args!("write {}", log.display()))?;
    command
        .stdout(Stdio::from(output.try_clone()?))
        .stderr(Stdio::from(output));
    finish(name, command, &log)
}

/// As [`step`], with what the command prints on standard output kept apart and returned.
pub(crate) fn step_with_answer(name: &str, command: &mut Command) -> Result<(Done, String)> {
    let (log, answer) = (log_of(name, "log")?, log_of(name, "out")?);
    command
        .stdout(File::create(&answer)?)
        .stderr(File::create(&log)?);
    let done = finish(name, command, &log)?;
    Ok((done, read(&answer)))
}

fn log_of(name: &str, ending: &str) -> Result<PathBuf> {
    let folder = places::logs();
    fs::create_dir_all(&folder).doing(format_args!("make {}", folder.display()))?;
    let name: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    Ok(folder.join(format!("{name}.{ending}")))
}

fn finish(name: &str, command: &mut Command, log: &Path) -> Result<Done> {
    say(&format!("-- {name}"));
    let begun = Instant::now();
    let mut running = Running::start(name, command)?;
    let mut beat = begun;
    let status = loop {
        if let Some(status) = running.ended()? {
            break status;
        }
        if interrupt::asked() {
            return fail(format!("Stopped during {name}, as asked."));
        }
        if begun.elapsed() > LIMIT {
            complain(&tail(&read(log)));
            return fail(format!("{name} took longer than {}: ended.", spoken(LIMIT)));
        }
        if beat.elapsed() > HEARTBEAT {
            beat = Instant::now();
            say(&format!(
                "   {name}: {}, {}",
                spoken(begun.elapsed()),
                last_line(log)
            ));
        }
        thread::sleep(Duration::from_millis(30));
    };
    let done = Done {
        name: name.to_owned(),
        good: status.success(),
        took: begun.elapsed(),
        output: read(log),
    };
    if done.good {
        say(&format!("   {name}: done in {}", spoken(done.took)));
    } else {
        complain(&format!(
            "{}\n!! {name}: {status} after {} (`{}`; all of it in {})",
            tail(&done.output),
            spoken(done.took),
            shown(command),
            log.display()
        ));
    }
    Ok(done)
}

fn read(log: &Path) -> String {
    fs::read(log).map_or_else(
        |_| String::new(),
        |bytes| String::from_utf8_lossy(&bytes).into_owned(),
    )
}

fn last_line(log: &Path) -> String {
    let text = read(log);
    let line = text
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty());
    line.map_or_else(
        || "at work".to_owned(),
        |line| line.chars().take(100).collect(),
    )
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
