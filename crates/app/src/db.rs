//! The register's database in one process: one thread owns the only writable connection, a few
//! others only read. Where a run must be repeatable, the caller's own thread writes.

use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use counterfoil_domain::Timestamp;
use counterfoil_store::{Connection, Store, StoreError, Transaction};

/// Writes that may wait in line. A till has one cashier; more means that the disk hangs, and then
/// callers wait here instead of filling memory.
const WRITES_WAITING: usize = 64;
/// Reading connections that are kept open.
const READERS_KEPT: usize = 4;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// A handle on the database; clones share it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    writer: Writer,
    readers: Mutex<Vec<Store>>,
}

/// Who holds the writable connection.
enum Writer {
    /// A thread of its own, which callers hand their work to.
    Thread {
        /// None only while this is being dropped.
        jobs: Option<SyncSender<Job>>,
        thread: Option<JoinHandle<()>>,
    },
    /// Whoever calls.
    Inline(Mutex<Store>),
}

impl Drop for Inner {
    /// Closes the writing connection last, so that SQLite puts its log into the database file and
    /// the file alone is the whole database.
    fn drop(&mut self) {
        self.readers
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        let Writer::Thread { jobs, thread } = &mut self.writer else {
            return;
        };
        drop(jobs.take());
        // A job that holds the last handle cannot wait for its own thread.
        let other = |writer: &JoinHandle<()>| writer.thread().id() != thread::current().id();
        if let Some(writer) = thread.take().filter(other)
            && writer.join().is_err()
        {
            tracing::error!("the writing thread panicked");
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("dir", &self.inner.dir)
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Opens the database in `dir`, making it (and the folder) where it is not there yet, and
    /// starts the writing thread. The thread ends when the last handle is dropped.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, StoreError> {
        Self::over(Store::open(dir, now)?)
    }

    /// The same, but [`StoreError::Missing`] where there is no database.
    pub fn open_existing(dir: &Path, now: Timestamp) -> Result<Self, StoreError> {
        Self::over(Store::open_existing(dir, now)?)
    }

    /// Opens the database in `dir` without a writing thread: the caller's thread writes, one at a
    /// time. The simulator calls the store inline, so a seed replays.
    pub fn open_inline(dir: &Path, now: Timestamp) -> Result<Self, StoreError> {
        let store = Store::open(dir, now)?;
        let dir = store.dir().to_owned();
        Ok(Self::with(dir, Writer::Inline(Mutex::new(store))))
    }

    fn with(dir: PathBuf, writer: Writer) -> Self {
        let readers = Mutex::default();
        Self {
            inner: Arc::new(Inner {
                dir,
                writer,
                readers,
            }),
        }
    }

    fn over(mut store: Store) -> Result<Self, StoreError> {
        let dir = store.dir().to_owned();
        let (jobs, waiting) = mpsc::sync_channel::<Job>(WRITES_WAITING);
        let writer = thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || {
                for job in waiting {
                    // A fault of one use case rolls its transaction back and ends no other.
                    let done = panic::catch_unwind(AssertUnwindSafe(|| job(&mut store)));
                    if done.is_err() {
                        tracing::error!("a use case panicked while it was writing");
                    }
                }
            })
            .map_err(|error| StoreError::Io(format!("no thread for the database: {error}")))?;
        let (jobs, thread) = (Some(jobs), Some(writer));
        Ok(Self::with(dir, Writer::Thread { jobs, thread }))
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Does `work` in one transaction that holds the write lock from its beginning. What it did is
    /// on disk when this returns; on an error nothing of it is.
    pub fn write<T, E>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.with_writer(move |store| store.write(work))
    }

    /// Does `work` with the writable connection itself: a backup, for one.
    pub fn with_writer<T, E>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let jobs = match &self.inner.writer {
            Writer::Thread { jobs, .. } => jobs.as_ref(),
            Writer::Inline(store) => {
                // A transaction that panicked was rolled back when it was dropped.
                return work(&mut store.lock().unwrap_or_else(PoisonError::into_inner));
            }
        };
        let (answer, answered) = mpsc::sync_channel(1);
        let job: Job = Box::new(move |store| {
            // Nobody waits any more only when the caller's thread is gone.
            let _ = answer.send(work(store));
        });
        let gone = || {
            E::from(StoreError::Failed(
                "a use case ended without an answer".to_owned(),
            ))
        };
        let jobs = jobs.ok_or_else(gone)?;
        jobs.send(job).map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?
    }

    /// Does `work` on one snapshot, beside whatever is being written.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let kept = self.readers().pop();
        let reader = match kept {
            Some(reader) => reader,
            None => Store::open_read_only(&self.inner.dir)?,
        };
        let done = reader.read(work);
        let mut readers = self.readers();
        if readers.len() < READERS_KEPT {
            readers.push(reader);
        }
        done
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Store>> {
        // A panic while the list was held leaves it whole.
        self.inner
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
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
    fn without_a_thread_the_caller_writes_and_everybody_reads() {
        let dir = tempfile::tempdir().expect("a folder");
        let db = Db::open_inline(dir.path(), Timestamp::from_ms(0)).expect("a database");
        let here = thread::current().id();
        let writer = db
            .write::<_, StoreError>(|tx| {
                settings::set(tx, "cashier", &"Anna")?;
                Ok(thread::current().id())
            })
            .expect("a write");
        assert_eq!(writer, here);
        let kept: Option<String> = db
            .read(|conn| settings::get(conn, "cashier"))
            .expect("a read");
        assert_eq!(kept.as_deref(), Some("Anna"));
    }
}
