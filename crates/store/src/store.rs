//! The open database: how it is opened, written and read.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use counterfoil_domain::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::StoreError;
use crate::migrations;

/// The database's file in the data directory.
pub const FILE_NAME: &str = "counterfoil.db";

/// How long a writer waits for another program's transaction.
pub(crate) const BUSY_TIMEOUT_MS: u64 = 5_000;

/// Statements that are kept prepared; more than the crate has.
const STATEMENTS_KEPT: usize = 160;

/// One connection to the register's database.
#[derive(Debug)]
pub struct Store {
    conn: Connection,
    dir: PathBuf,
    /// The newest version of the schema that this program knows.
    known: i64,
}

impl Store {
    /// Opens the database in `dir`, and makes the folder and the database where they are not
    /// there yet. An older schema is backed up and brought up to date.
    ///
    /// # Errors
    /// Every [`ErrorKind`](crate::ErrorKind) of a file: newer, damaged, locked, full, read-only.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, StoreError> {
        use std::io::ErrorKind as Io;
        fs::create_dir_all(dir).map_err(|error| match error.kind() {
            Io::NotFound | Io::NotADirectory | Io::AlreadyExists => {
                StoreError::NoFolder(dir.to_owned())
            }
            _ => StoreError::from_io(&error, dir),
        })?;
        Self::open_with(dir, migrations::STEPS, now)
    }

    /// Opens the database in `dir` for writing; [`StoreError::Missing`] where there is none.
    pub fn open_existing(dir: &Path, now: Timestamp) -> Result<Self, StoreError> {
        if !Self::exists(dir) {
            return Err(StoreError::Missing(dir.to_owned()));
        }
        Self::open_with(dir, migrations::STEPS, now)
    }

    /// Opens the database for reading only; it must have this program's schema already.
    pub fn open_read_only(dir: &Path) -> Result<Self, StoreError> {
        if !Self::exists(dir) {
            return Err(StoreError::Missing(dir.to_owned()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(dir.join(FILE_NAME), flags)
            .map_err(|error| cannot_open(dir, error))?;
        configure(&conn)?;
        let known = migrations::known(migrations::STEPS);
        match migrations::version(&conn, known)? {
            migrations::Version::Known(found) if found < known => Err(StoreError::Failed(format!(
                "the database has version {found} and must be opened for writing once"
            ))),
            migrations::Version::Empty => Err(StoreError::Missing(dir.to_owned())),
            _ => Ok(Self {
                conn,
                dir: dir.to_owned(),
                known,
            }),
        }
    }

    /// Whether `dir` holds a database file.
    pub fn exists(dir: &Path) -> bool {
        dir.join(FILE_NAME).is_file()
    }

    pub(crate) fn open_with(
        dir: &Path,
        steps: &[migrations::Step],
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(dir.join(FILE_NAME), flags)
            .map_err(|error| cannot_open(dir, error))?;
        // SQLite falls back to reading where it may not write; a till must know at once.
        if conn.is_readonly("main")? {
            return Err(StoreError::ReadOnly(dir.join(FILE_NAME)));
        }
        configure(&conn)?;
        // Refused before anything is written, even the journal's mode.
        let known = migrations::known(steps);
        migrations::version(&conn, known)?;
        make_durable(&conn).map_err(|error| cannot_write(dir, error))?;
        migrations::migrate(&mut conn, dir, steps, now).map_err(|error| with_path(dir, error))?;
        Ok(Self {
            conn,
            dir: dir.to_owned(),
            known,
        })
    }

    /// Does `work` in one transaction that holds the write lock from its beginning
    /// (`BEGIN IMMEDIATE`), so that what it reads is still true when it writes. It is on disk when
    /// this returns; on an error nothing of it is.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where a newer program has brought the database to a version meanwhile that this
    /// one cannot write.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let dir = &self.dir;
        let located = |error: rusqlite::Error| E::from(with_path(dir, error.into()));
        let tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(located)?;
        let version = tx
            .prepare_cached("PRAGMA user_version")
            .and_then(|mut version| version.query_row([], |row| row.get::<_, i64>(0)))
            .map_err(located)?;
        if version > self.known {
            migrations::version(&tx, self.known)?;
        }
        let done = work(&tx)?;
        tx.commit().map_err(located)?;
        Ok(done)
    }

    /// Does `work` on one snapshot: all that it reads is of the same moment.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let snapshot = self
            .conn
            .unchecked_transaction()
            .map_err(|error| E::from(StoreError::from(error)))?;
        work(&snapshot)
    }

    /// The connection, for a single reading statement.
    pub const fn connection(&self) -> &Connection {
        &self.conn
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A number that changes when another connection has written
    /// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
    pub fn data_version(&self) -> Result<i64, StoreError> {
        Ok(self
            .conn
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?)
    }

    /// Reads the whole file and checks its structure; slow on a large one.
    pub fn check(&self) -> Result<(), StoreError> {
        check(&self.conn)
    }

    /// Copies the database, as it is at this moment, into the file `path`, and proves the copy
    /// readable. A file of that name is replaced when the copy is complete, never before.
    pub fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        crate::backup::copy(&self.conn, path)
    }
}

/// The integrity of the whole file, and of every reference between tables.
pub(crate) fn check(conn: &Connection) -> Result<(), StoreError> {
    let verdict: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged(verdict));
    }
    let mut orphans = conn.prepare("PRAGMA foreign_key_check")?;
    let first: Option<String> = orphans
        .query_map([], |row| row.get(0))?
        .next()
        .transpose()?;
    match first {
        None => Ok(()),
        Some(table) => Err(StoreError::Damaged(format!(
            "a row of {table} points nowhere"
        ))),
    }
}

/// What every connection needs, a reading one too.
pub(crate) fn configure(conn: &Connection) -> Result<(), StoreError> {
    conn.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.execute_batch(
        "PRAGMA foreign_keys = ON;
         -- A REPLACE deletes rows; with this their triggers see it.
         PRAGMA recursive_triggers = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA cache_size = -16000;",
    )?;
    Ok(())
}

/// Committed means on disk: NORMAL would lose the last sales when the power fails.
fn make_durable(conn: &Connection) -> Result<(), StoreError> {
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::Io(format!(
            "this disk allows no write-ahead log, only {mode}"
        )));
    }
    conn.execute_batch("PRAGMA synchronous = FULL;")?;
    // Elsewhere a sync reaches the disk; on macOS only with these.
    #[cfg(target_os = "macos")]
    conn.execute_batch("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;")?;
    Ok(())
}

/// SQLite's “unable to open” in words: asks the file system what it would say.
fn cannot_open(dir: &Path, error: rusqlite::Error) -> StoreError {
    let path = dir.join(FILE_NAME);
    if path.is_dir() {
        return StoreError::Io(format!("{} is a folder", path.display()));
    }
    if let Err(error) = fs::OpenOptions::new().read(true).write(true).open(&path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return StoreError::from_io(&error, &path);
    }
    cannot_write(dir, error.into())
}

/// A general refusal made plain by trying to write a file beside the database.
fn cannot_write(dir: &Path, error: StoreError) -> StoreError {
    let StoreError::Io(_) = error else {
        return with_path(dir, error);
    };
    let probe = dir.join(".counterfoil-probe");
    match fs::write(&probe, b"probe") {
        Ok(()) => {
            // Left behind at worst it is an empty file that nobody reads.
            let _ = fs::remove_file(&probe);
            error
        }
        Err(refusal) => {
            let _ = fs::remove_file(&probe);
            StoreError::from_io(&refusal, dir)
        }
    }
}

fn with_path(dir: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::ReadOnly(path) if path.is_relative() => StoreError::ReadOnly(dir.join(path)),
        error => error,
    }
}
