//! Which installation of the program this is, for one data directory.
//!
//! The file lies in the user's configuration folder and in no database and no backup, so that a
//! database that was copied or moved is found out by what it does not bring along.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use counterfoil_domain::Digest;
use uuid::Uuid;

use crate::data_dir;
use crate::error::{AppError, ErrorCode, Result};

/// Where a till keeps what it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The data directory: the database, its backups, its log.
    pub data: PathBuf,
    /// The configuration folder: which installation this is.
    pub config: PathBuf,
}

impl Places {
    /// These folders; the user's own where none is given ([`data_dir`]).
    pub fn of_user(data: Option<PathBuf>, config: Option<PathBuf>) -> Result<Self> {
        Ok(Self {
            data: data.map_or_else(data_dir::default, Ok)?,
            config: config.map_or_else(data_dir::config, Ok)?,
        })
    }

    /// Everything in one folder, for a register that is not this user's.
    pub fn within(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            config: data.join("config"),
        }
    }
}

/// The installation that works on a data directory.
#[derive(Debug)]
pub struct Installation {
    file: PathBuf,
    id: Mutex<Option<Uuid>>,
}

impl Installation {
    /// The one that works on `places`. Its file is named by the SHA-256 of the data directory's
    /// canonical path; nothing is made where there is none.
    pub fn of(places: &Places) -> Self {
        let file = places
            .config
            .join("installations")
            .join(name_of(&places.data));
        let installation = Self {
            file,
            id: Mutex::new(None),
        };
        if let Err(error) = installation.read() {
            tracing::warn!(%error, "the installation's file cannot be read");
        }
        installation
    }

    /// Its id; none where the file is missing.
    pub fn id(&self) -> Option<Uuid> {
        *self.id.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is this one. The file is read again before it is said that it is not: another
    /// program may have made it.
    pub(crate) fn is(&self, expected: &str) -> bool {
        let known = || self.id().is_some_and(|id| id.to_string() == expected);
        known() || self.read().is_ok() && known()
    }

    /// Its id, from its file, which is made with `fresh` where it is missing. Only inside a write
    /// transaction, so that two programs do not make two.
    ///
    /// # Errors
    /// `file_unreadable` or `disk_full` where the file cannot be used.
    pub fn ensure(&self, fresh: Uuid) -> Result<Uuid> {
        let there = self.read().map_err(|error| self.unusable(&error))?;
        if let Some(id) = there {
            return Ok(id);
        }
        self.write(fresh).map_err(|error| self.unusable(&error))?;
        self.keep(Some(fresh));
        Ok(fresh)
    }

    fn keep(&self, id: Option<Uuid>) {
        *self.id.lock().unwrap_or_else(PoisonError::into_inner) = id;
    }

    fn read(&self) -> io::Result<Option<Uuid>> {
        let id = match fs::read_to_string(&self.file) {
            Ok(text) => Some(
                text.trim()
                    .parse()
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?,
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        self.keep(id);
        Ok(id)
    }

    /// Whole or not at all: written beside it, then put in place.
    fn write(&self, id: Uuid) -> io::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let beside = self.file.with_extension("new");
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        writeln!(file, "{id}")?;
        file.sync_all()?;
        drop(file);
        fs::rename(&beside, &self.file)
    }

    fn unusable(&self, error: &io::Error) -> AppError {
        let code = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::DiskFull,
            _ => ErrorCode::FileUnreadable,
        };
        AppError::new(
            code,
            format!(
                "“{}” says which installation this is, and cannot be used: {error}. Nothing was changed. \
                 Give this user the right to write there, or name another folder with COUNTERFOIL_CONFIG",
                self.file.display()
            ),
        )
    }
}

/// The file's name: a path says too much, and may hold what a file's name cannot.
pub(crate) fn name_of(data: &Path) -> String {
    let whole = fs::canonicalize(data)
        .or_else(|_| std::path::absolute(data))
        .unwrap_or_else(|_| data.to_owned());
    Digest::of_bytes(whole.as_os_str().as_encoded_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_belongs_to_one_path() {
        let dir = tempfile::tempdir().expect("a folder");
        let places = Places::within(dir.path());
        let one = Installation::of(&places);
        assert_eq!(one.id(), None);
        let (fresh, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(one.ensure(fresh).expect("made"), fresh);
        assert_eq!(one.ensure(other).expect("kept"), fresh);
        assert_eq!(Installation::of(&places).id(), Some(fresh));
        let moved = Places {
            data: dir.path().join("config"),
            ..places
        };
        assert_eq!(Installation::of(&moved).id(), None);
    }

    #[test]
    fn another_path_to_the_same_folder_is_the_same_installation() {
        let dir = tempfile::tempdir().expect("a folder");
        let places = Places::within(dir.path());
        Installation::of(&places)
            .ensure(Uuid::from_u128(1))
            .expect("made");
        let roundabout = Places {
            data: dir.path().join("config").join(".."),
            ..places
        };
        assert_eq!(Installation::of(&roundabout).id(), Some(Uuid::from_u128(1)));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let one = Installation::of(&Places::within(dir.path()));
        one.ensure(Uuid::from_u128(1)).expect("made");
        let mode = fs::metadata(&one.file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
