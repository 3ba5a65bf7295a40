//! The register's database in one process: one writable connection behind a lock, a few others that
//! only read.

use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use counterfoil_domain::Timestamp;
use counterfoil_store::{Connection, Store, StoreError, Transaction};
use parking_lot::{Mutex as FairMutex, MutexGuard as FairMutexGuard};

use crate::error::Result as AppResult;
use crate::installation::Installation;
use crate::sync::Joined;

/// Reading connections that are kept open.
const READERS_KEPT: usize = 4;

/// A handle on the database; clones share it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
    /// What a session began with, where this handle is a session's.
    session: Option<Arc<Joined>>,
}

/// Closed in this order: the writing connection last, so that SQLite puts its log into the database
/// file and the file alone is the whole database.
struct Inner {
    dir: PathBuf,
    readers: Mutex<Vec<Store>>,
    /// Handed to whoever has waited longest (see [`Db::with_writer`]).
    writer: FairMutex<Store>,
    installation: OnceLock<Arc<Installation>>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("dir", &self.inner.dir)
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Opens the database in `dir`, making it (and the folder) where it is not there yet.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, StoreError> {
        Store::open(dir, now).map(Self::over)
    }

    /// The same, but [`StoreError::Missing`] where there is no database.
    pub fn open_existing(dir: &Path, now: Timestamp) -> Result<Self, StoreError> {
        Store::open_existing(dir, now).map(Self::over)
    }

    fn over(store: Store) -> Self {
        Self {
            inner: Arc::new(Inner {
                dir: store.dir().to_owned(),
                readers: Mutex::default(),
                writer: FairMutex::new(store),
                installation: OnceLock::new(),
            }),
            session: None,
        }
    }

    /// The handle of the session that began with `joined`.
    pub(crate) fn of_session(&self, joined: &Joined) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            session: Some(Arc::new(joined.clone())),
        }
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Says which installation works on it. Only the first call counts; without one nobody tells
    /// installations apart.
    pub fn belongs_to(&self, installation: Installation) {
        let _ = self.inner.installation.set(Arc::new(installation));
    }

    /// The installation that works on it.
    pub fn installation(&self) -> Option<&Arc<Installation>> {
        self.inner.installation.get()
    }

    /// Does `work` in one transaction that holds the write lock from its beginning. What it did is
    /// on disk when this returns; on an error nothing of it is.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with_writer(|store| store.write(work))
    }

    /// The same for what a session writes down: nothing, where the register has been connected anew or has become
    /// another one since it began. What it was told is then true of another cloud, or of another register.
    ///
    /// # Errors
    /// `not_connected` where the session is over.
    pub(crate) fn book<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> AppResult<T>,
    ) -> AppResult<T> {
        self.write(|tx| {
            if let Some(session) = &self.session {
                session.require_current(tx)?;
            }
            work(tx)
        })
    }

    /// Does `work` with the writable connection itself: a backup, for one. Whoever else writes
    /// waits.
    pub fn with_writer<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut store = self.inner.writer.lock();
        // A fault of one use case rolls its transaction back and ends no other.
        let done = panic::catch_unwind(AssertUnwindSafe(|| work(&mut store)));
        // A drain wants to write again as soon as it has written: a cashier who waits goes first, or she would wait for
        // many of its transactions, and not for one.
        FairMutexGuard::unlock_fair(store);
        done.unwrap_or_else(|_| {
            tracing::error!("a use case panicked while it was writing");
            Err(E::from(StoreError::Failed(
                "a use case ended without an answer".to_owned(),
            )))
        })
    }

    /// Does `work` on one snapshot, beside whatever is being written.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let kept = held(&self.inner.readers).pop();
        let reader = match kept {
            Some(reader) => reader,
            None => Store::open_read_only(&self.inner.dir)?,
        };
        let done = reader.read(work);
        let mut readers = held(&self.inner.readers);
        if readers.len() < READERS_KEPT {
            readers.push(reader);
        }
        done
    }
}

/// A panic while the lock was held leaves a list whole, and a transaction rolled back.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use counterfoil_store::table::settings;

    use super::*;

    #[test]
    fn a_write_that_panics_leaves_nothing_and_ends_no_other() {
        let dir = tempfile::tempdir().expect("a folder");
        let db = Db::open(dir.path(), Timestamp::from_ms(0)).expect("a database");
        let panicked = db.write::<(), StoreError>(|tx| {
            settings::set(tx, "cashier", &"Anna")?;
            panic!("on purpose");
        });
        assert!(panicked.is_err());
        let kept: Option<String> = db
            .write(|tx| settings::get(tx, "cashier"))
            .expect("the next one");
        assert_eq!(kept, None);
    }

    #[test]
    fn whoever_waits_is_next_even_where_another_one_writes_without_a_pause() {
        const WRITES: u32 = 40;
        let dir = tempfile::tempdir().expect("a folder");
        let db = Db::open(dir.path(), Timestamp::from_ms(0)).expect("a database");
        let (written, done) = (AtomicU32::new(0), AtomicBool::new(false));
        let meanwhile = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    db.write::<_, StoreError>(|tx| {
                        (0..500).try_for_each(|n| settings::set(tx, "drain", &n))
                    })
                    .expect("written");
                    written.fetch_add(1, Ordering::SeqCst);
                }
            });
            while written.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now();
            }
            let before = written.load(Ordering::SeqCst);
            for _ in 0..WRITES {
                db.write::<_, StoreError>(|tx| settings::set(tx, "cashier", &"Anna"))
                    .expect("written");
            }
            done.store(true, Ordering::SeqCst);
            written.load(Ordering::SeqCst) - before
        });
        // One is under way when somebody asks; between two writes the one who asks may not run for a moment.
        assert!(meanwhile <= WRITES * 3, "{meanwhile} of the other one's");
    }
}
