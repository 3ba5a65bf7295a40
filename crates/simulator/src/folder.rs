//! The folder of a run: in memory where the system has one. What killed runs left there is cleared away.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Once;

use tempfile::{Builder, TempDir};

/// Linux keeps files in memory here. Nothing is proved about disks, and nobody but a restart clears it.
const MEMORY: &str = "/dev/shm";
/// A process id follows, for people.
const NAME: &str = "counterfoil-simulator-";
/// Somebody who clears away may be quicker than a lock; so often in a row nobody is.
const ATTEMPTS: usize = 16;

/// A folder that goes with this.
pub(crate) struct Folder {
    dir: TempDir,
    /// Locked as long as its process lives, however that ends. Let go after the folder has gone.
    _alive: Option<File>,
}

impl Folder {
    /// A new one, in memory where that can be had.
    pub(crate) fn new() -> io::Result<Self> {
        static CLEARED: Once = Once::new();
        let memory = Path::new(MEMORY);
        if memory.is_dir() {
            CLEARED.call_once(|| clear(memory));
            if let Ok(folder) = Self::within(memory) {
                return Ok(folder);
            }
        }
        Ok(Self {
            dir: tempfile::tempdir()?,
            _alive: None,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    fn within(parent: &Path) -> io::Result<Self> {
        let name = format!("{NAME}{}-", std::process::id());
        for _ in 0..ATTEMPTS {
            let dir = Builder::new().prefix(&name).tempdir_in(parent)?;
            let Ok(alive) = File::open(dir.path()) else {
                continue;
            };
            alive.lock()?;
            // Until it was locked it looked like a dead one's.
            if dir.path().is_dir() {
                return Ok(Self {
                    dir,
                    _alive: Some(alive),
                });
            }
        }
        Err(io::Error::other(
            "folders are cleared away as they are made",
        ))
    }
}

/// Removes the folders of processes that live no more. A lock tells, not a process id: ids are given out again, and
/// containers that share the memory may not see each other's.
fn clear(parent: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let left = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(NAME));
    for path in left.map(|entry| entry.path()) {
        let Ok(folder) = File::open(&path) else {
            continue;
        };
        if folder.try_lock().is_ok() {
            // Best effort: it may be another user's.
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dead_runs_left_goes_and_what_lives_or_is_somebody_elses_stays() {
        let memory = tempfile::tempdir().expect("a folder");
        let living = Folder::within(memory.path()).expect("a run's folder");
        let dead = memory.path().join(format!("{NAME}1-left"));
        let strange = memory.path().join("somebody-else");
        for folder in [&dead, &strange] {
            fs::create_dir(folder).expect("a folder");
        }
        for folder in [living.path(), &dead, &strange] {
            fs::write(folder.join("counterfoil.db"), "sales").expect("a file");
        }
        clear(memory.path());
        assert!(!dead.exists());
        assert!(strange.join("counterfoil.db").exists());
        assert!(living.path().join("counterfoil.db").exists());

        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists(), "it goes with its run");
    }
}
