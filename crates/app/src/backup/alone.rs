//! What a restore works with alone: a folder of its own, and nobody else at the data.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use counterfoil_domain::IdSource;
use counterfoil_store::{FILE_NAME, SyncLock};

use super::unwritable;
use crate::error::{AppError, ErrorCode, Result};

/// The file whose lock the desktop app holds while its window is open.
const WINDOW_LOCK: &str = "window.lock";

/// A folder inside the data directory in which the backup is made ready; gone when dropped.
pub(super) struct Staged {
    pub(super) dir: PathBuf,
}

impl Staged {
    pub(super) fn new(dir: &Path, backup: &Path, ids: &dyn IdSource) -> Result<Self> {
        let staged = Self {
            dir: dir.join(format!("restoring-{}", ids.uuid())),
        };
        fs::create_dir(&staged.dir).map_err(|error| unwritable(dir, &error))?;
        fs::copy(backup, staged.file()).map_err(|error| unwritable(dir, &error))?;
        Ok(staged)
    }

    pub(super) fn file(&self) -> PathBuf {
        self.dir.join(FILE_NAME)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.dir) {
            tracing::warn!(%error, "a restore left its folder behind");
        }
    }
}

/// Nobody sells or syncs while the database is exchanged.
pub(super) struct Alone {
    _window: File,
    _sync: SyncLock,
}

impl Alone {
    pub(super) fn take(dir: &Path) -> Result<Self> {
        let locked = |who: &str| {
            AppError::new(
                ErrorCode::DatabaseLocked,
                format!("{who} works with this data; close it first. Nothing was changed"),
            )
        };
        let path = dir.join(WINDOW_LOCK);
        let window = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let window = window.map_err(|error| unwritable(&path, &error))?;
        match window.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(locked("the desktop app")),
            Err(TryLockError::Error(error)) => return Err(unwritable(&path, &error)),
        }
        let sync = SyncLock::acquire(dir)?.ok_or_else(|| locked("a syncing program"))?;
        Ok(Self {
            _window: window,
            _sync: sync,
        })
    }
}
