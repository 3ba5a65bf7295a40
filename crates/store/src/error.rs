//! What can go wrong with the database, by what its user can do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// What the front ends tell apart: one kind, one advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The database was written by a newer program: update.
    Newer,
    /// The file is damaged, or not a Counterfoil database: restore a backup.
    Damaged,
    /// Another program holds the database: try again, or close it.
    Locked,
    /// The disk is full: make room.
    Full,
    /// The folder or the file cannot be written: give the right to.
    ReadOnly,
    /// There is no database.
    Missing,
    /// What was named is no folder, and none can be made there: name another one.
    NoFolder,
    /// The disk answered with an error.
    Io,
    /// No register has been set up in this database.
    NotSetUp,
    /// A barcode belongs to another product.
    BarcodeTaken,
    /// What was to be written contradicts what is there.
    Refused,
    /// Anything else that SQLite says: a fault of this program.
    Failed,
}

/// Why the database did not do what it was asked. Nothing is half written after any of these.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database's schema is newer than this program and says that it must not be opened by it.
    #[error(
        "the database has version {found}, this program knows up to {known}; {} opens it",
        needs.as_deref().map_or_else(|| "a newer Counterfoil".to_owned(), |v| format!("Counterfoil {v} or newer"))
    )]
    Newer {
        /// The database's schema version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
        /// The oldest program version that may open it, where the database says so.
        needs: Option<String>,
    },
    /// The file is damaged or holds something that this program never wrote.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// Another connection held the database for longer than the busy timeout.
    #[error("the database is in use by another program")]
    Locked,
    /// No room is left.
    #[error("the disk is full")]
    Full,
    /// The folder or the file cannot be written.
    #[error("“{}” cannot be written", .0.display())]
    ReadOnly(PathBuf),
    /// There is no database in this folder.
    #[error("there is no database in “{}”", .0.display())]
    Missing(PathBuf),
    /// A file stands there, or nothing can be made in the folder around it.
    #[error("“{}” is no folder and cannot be made one", .0.display())]
    NoFolder(PathBuf),
    /// The disk or the operating system failed.
    #[error("the disk answered with an error: {0}")]
    Io(String),
    /// No register has been set up in this database.
    #[error("no register is set up in this database")]
    NotSetUp,
    /// A barcode can belong to one product only.
    #[error("the barcode {barcode} belongs to the product {sku} already")]
    BarcodeTaken {
        /// The barcode.
        barcode: String,
        /// The product that has it.
        sku: String,
    },
    /// What was to be written contradicts what is there: a number out of its series, a link that
    /// does not follow the last one, a row that is there already.
    #[error("the database refuses this: {0}")]
    Refused(String),
    /// SQLite's own words for a fault of this program.
    #[error("the database failed: {0}")]
    Failed(String),
}

impl StoreError {
    /// What a front end acts on.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Newer { .. } => ErrorKind::Newer,
            Self::Damaged(_) => ErrorKind::Damaged,
            Self::Locked => ErrorKind::Locked,
            Self::Full => ErrorKind::Full,
            Self::ReadOnly(_) => ErrorKind::ReadOnly,
            Self::Missing(_) => ErrorKind::Missing,
            Self::NoFolder(_) => ErrorKind::NoFolder,
            Self::Io(_) => ErrorKind::Io,
            Self::NotSetUp => ErrorKind::NotSetUp,
            Self::BarcodeTaken { .. } => ErrorKind::BarcodeTaken,
            Self::Refused(_) => ErrorKind::Refused,
            Self::Failed(_) => ErrorKind::Failed,
        }
    }

    /// An error of the file system about `path`.
    pub(crate) fn from_io(error: &std::io::Error, path: &Path) -> Self {
        use std::io::ErrorKind as Io;
        match error.kind() {
            Io::NotFound => Self::Missing(path.to_owned()),
            Io::PermissionDenied | Io::ReadOnlyFilesystem => Self::ReadOnly(path.to_owned()),
            Io::StorageFull | Io::QuotaExceeded => Self::Full,
            Io::WouldBlock => Self::Locked,
            _ => Self::Io(format!("{}: {error}", path.display())),
        }
    }

    /// Something in the database that this program never wrote.
    pub(crate) fn damaged(what: impl std::fmt::Display) -> Self {
        Self::Damaged(what.to_string())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as Sql;
        let text = error.to_string();
        match &error {
            Sql::SqliteFailure(failure, _) | Sql::SqlInputError { error: failure, .. } => {
                from_code(failure, text)
            }
            // A value that does not parse was not written by this program.
            Sql::FromSqlConversionFailure(..)
            | Sql::IntegralValueOutOfRange(..)
            | Sql::Utf8Error(..)
            | Sql::InvalidColumnType(..) => Self::Damaged(text),
            _ => Self::Failed(text),
        }
    }
}

fn from_code(failure: &ffi::Error, text: String) -> StoreError {
    match failure.code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged(text),
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => StoreError::Locked,
        ErrorCode::DiskFull => StoreError::Full,
        // The shared index of the WAL could not grow: on Unix that is the disk's room.
        ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => {
            StoreError::Full
        }
        ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => StoreError::Io(text),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            StoreError::ReadOnly(PathBuf::from(crate::store::FILE_NAME))
        }
        ErrorCode::ConstraintViolation => StoreError::Refused(text),
        _ => StoreError::Failed(text),
    }
}
