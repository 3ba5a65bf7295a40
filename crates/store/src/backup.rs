//! Whole copies of the database: made while it is in use, and put back without a moment in which
//! there is none.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use counterfoil_domain::Timestamp;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;
use crate::lock;
use crate::migrations::{self, STEPS, Version};
use crate::store::{self, BUSY_TIMEOUT_MS, FILE_NAME};

/// What stood in the way of a restored database, kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The file that holds the database as it was before; none where there was none.
    pub before: Option<PathBuf>,
}

/// Copies `conn`'s database into `path`: first beside it, checked and synced, then renamed.
pub(crate) fn copy(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let located = |error: &std::io::Error| StoreError::from_io(error, path);
    if let (Some(source), Ok(target)) = (conn.path(), fs::canonicalize(path))
        && fs::canonicalize(source).is_ok_and(|source| source == target)
    {
        return Err(StoreError::Refused(
            "a database cannot be its own backup".to_owned(),
        ));
    }
    let partial = partial_of(path);
    remove_database(&partial);
    let copied = copy_and_check(conn, &partial)
        .and_then(|()| {
            File::open(&partial)
                .and_then(|file| file.sync_all())
                .map_err(|e| located(&e))
        })
        .and_then(|()| fs::rename(&partial, path).map_err(|e| located(&e)));
    if copied.is_err() {
        remove_database(&partial);
    }
    copied
}

fn copy_and_check(source: &Connection, target: &Path) -> Result<(), StoreError> {
    let mut copy = open_target(target)?;
    transfer(source, &mut copy)?;
    // One file that can be carried away, without a log beside it.
    let _: String = copy.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    store::check(&copy)?;
    copy.close().map_err(|(_, error)| error.into())
}

fn open_target(path: &Path) -> Result<Connection, StoreError> {
    Connection::open(path).map_err(|error| match StoreError::from(error) {
        StoreError::Io(text) => match File::create(path) {
            Ok(_) => StoreError::Io(text),
            Err(error) => StoreError::from_io(&error, path),
        },
        other => other,
    })
}

/// All pages in one step: a step that others' writes interrupt would begin again and again.
fn transfer(source: &Connection, target: &mut Connection) -> Result<(), StoreError> {
    steps(&Backup::new(source, target)?, -1)
}

/// Takes one step of this many pages (-1: all), as soon as nobody is in the way.
fn steps(backup: &Backup<'_, '_>, pages: i32) -> Result<(), StoreError> {
    const STEP_MS: u64 = 10;
    let mut waited_ms = 0;
    loop {
        match backup.step(pages)? {
            StepResult::Done => return Ok(()),
            StepResult::More if pages == 0 => return Ok(()),
            _ if waited_ms >= BUSY_TIMEOUT_MS => return Err(StoreError::Locked),
            _ => sleep(Duration::from_millis(STEP_MS)),
        }
        waited_ms += STEP_MS;
    }
}

/// Reads a backup's version without writing to it, and checks the whole file.
///
/// # Errors
/// Missing, damaged, not a Counterfoil database, or newer than this program.
pub fn inspect(backup: &Path) -> Result<(), StoreError> {
    open_backup(backup).map(drop)
}

fn open_backup(path: &Path) -> Result<Connection, StoreError> {
    if !path.is_file() {
        return Err(StoreError::Missing(path.to_owned()));
    }
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    conn.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    if migrations::version(&conn, migrations::known(STEPS))? == Version::Empty {
        return Err(StoreError::damaged("it holds nothing"));
    }
    store::check(&conn)?;
    Ok(conn)
}

/// Puts the database of the file `backup` in the place of the one in `dir`.
///
/// The backup is checked first. The present database is copied beside it, then overwritten through
/// SQLite in one transaction, so that another program that has it open sees either the old or the
/// new one. One that is too damaged to be opened is renamed. Afterwards
/// [`Store::open`](crate::Store::open) brings an older schema up to date.
///
/// `look` is shown the present database and the backup when nobody can write any more, so that what
/// it counts is what is replaced; where it refuses, nothing is. It is not called where there is none
/// that can be read.
///
/// # Errors
/// What `look` refuses with; the backup or the disk is at fault.
pub fn replace<E: From<StoreError>>(
    dir: &Path,
    backup: &Path,
    now: Timestamp,
    look: impl FnOnce(&Connection, &Connection) -> Result<(), E>,
) -> Result<Replaced, E> {
    let source = open_backup(backup)?;
    fs::create_dir_all(dir).map_err(|error| StoreError::from_io(&error, dir))?;
    let _alone = lock::schema(dir, BUSY_TIMEOUT_MS)?;
    let live = dir.join(FILE_NAME);
    if !live.exists() {
        copy(&source, &live)?;
        return Ok(Replaced { before: None });
    }
    let before = dir.join(format!("counterfoil-before-restore-{}.db", now.ms()));
    match overwrite(&source, &live, &before, look) {
        Err(StoreError::Damaged(reason)) => {
            tracing::warn!(%reason, kept = %before.display(), "a damaged database is set aside");
            set_aside(&live, &before)?;
            copy(&source, &live)?;
        }
        Err(error) => return Err(error.into()),
        Ok(looked) => looked?,
    }
    Ok(Replaced {
        before: Some(before),
    })
}

/// Copies the present database to `before` and writes `source` over it, with no moment between the
/// two: a sale that another program books while this happens would be in neither. Answers what `look`
/// said; where that is an error, nothing was done.
fn overwrite<E>(
    source: &Connection,
    live: &Path,
    before: &Path,
    look: impl FnOnce(&Connection, &Connection) -> Result<(), E>,
) -> Result<Result<(), E>, StoreError> {
    let mut target = Connection::open(live)?;
    target.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    // In WAL mode the copy below may be read while the target is held for writing.
    target.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    let present = Connection::open_with_flags(live, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    present.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    let backup = Backup::new(source, &mut target)?;
    // A step of no pages takes the target's write lock, which the backup keeps until its end.
    steps(&backup, 0)?;
    let looked = look(&present, source);
    if looked.is_ok() {
        copy(&present, before)?;
        steps(&backup, -1)?;
    }
    Ok(looked)
}

/// Renames a database with its log, which may hold what a later rescue needs.
fn set_aside(live: &Path, aside: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (with_suffix(live, suffix), with_suffix(aside, suffix));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::from_io(&error, &from));
            }
            _ => {}
        }
    }
    Ok(())
}

fn partial_of(path: &Path) -> PathBuf {
    with_suffix(path, ".part")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a partial copy; what cannot be removed is overwritten by the next one.
fn remove_database(path: &Path) {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let _ = fs::remove_file(with_suffix(path, suffix));
    }
}
