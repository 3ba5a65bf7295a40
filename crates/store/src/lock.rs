//! Locks of the operating system: gone with the process that held them, however it ended.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::error::StoreError;

/// The file whose lock admits one syncing process.
const SYNC_LOCK: &str = "sync.lock";
/// The file whose lock admits one process that changes the schema or replaces the database.
const SCHEMA_LOCK: &str = "schema.lock";

/// The right to sync: one process at a time holds it for a data directory.
#[derive(Debug)]
pub struct SyncLock {
    /// The lock lives as long as the open file.
    _file: File,
}

impl SyncLock {
    /// Takes the lock, or answers `None` while another process (or this one) holds it.
    pub fn acquire(dir: &Path) -> Result<Option<Self>, StoreError> {
        // Somebody who only looks whether it is held has it for a moment.
        let file = patient(dir, SYNC_LOCK, 20)?;
        Ok(file.map(|file| Self { _file: file }))
    }

    /// Whether somebody holds it, in this process or another.
    pub fn is_held(dir: &Path) -> Result<bool, StoreError> {
        let path = dir.join(SYNC_LOCK);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(StoreError::from_io(&error, &path)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(StoreError::from_io(&error, &path)),
        }
    }
}

/// Waits for the right to change the schema, at most as long as for a busy database.
pub(crate) fn schema(dir: &Path, patience_ms: u64) -> Result<File, StoreError> {
    patient(dir, SCHEMA_LOCK, patience_ms)?.ok_or(StoreError::Locked)
}

fn patient(dir: &Path, name: &str, patience_ms: u64) -> Result<Option<File>, StoreError> {
    const STEP_MS: u64 = 10;
    let mut waited_ms = 0;
    loop {
        if let Some(file) = try_lock(dir, name)? {
            return Ok(Some(file));
        }
        if waited_ms >= patience_ms {
            return Ok(None);
        }
        sleep(Duration::from_millis(STEP_MS));
        waited_ms += STEP_MS;
    }
}

fn try_lock(dir: &Path, name: &str) -> Result<Option<File>, StoreError> {
    let path = dir.join(name);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| StoreError::from_io(&error, &path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(StoreError::from_io(&error, &path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_syncs_at_a_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let is_held = || SyncLock::is_held(dir.path()).expect("looked");
        assert!(!is_held(), "nobody has ever synced here");
        let held = SyncLock::acquire(dir.path()).expect("lock").expect("free");
        assert!(SyncLock::acquire(dir.path()).expect("lock").is_none());
        assert!(is_held());
        drop(held);
        assert!(!is_held(), "looking holds nothing");
        assert!(SyncLock::acquire(dir.path()).expect("lock").is_some());
    }

    #[test]
    fn a_folder_that_is_not_there_has_no_lock() {
        let dir = tempfile::tempdir().expect("a folder");
        let error = SyncLock::acquire(&dir.path().join("absent")).expect_err("no folder");
        assert_eq!(error.kind(), crate::ErrorKind::Missing);
    }

    #[test]
    fn waiting_for_the_schema_lock_ends() {
        let dir = tempfile::tempdir().expect("a folder");
        let _held = schema(dir.path(), 0).expect("free");
        let error = schema(dir.path(), 20).expect_err("held");
        assert_eq!(error.kind(), crate::ErrorKind::Locked);
    }
}
