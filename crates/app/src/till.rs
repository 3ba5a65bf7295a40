//! The till: one value that a front end holds, whose methods are the use cases.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use counterfoil_domain::{Clock, IdSource};
use counterfoil_firestore::auth::AuthServer;
use counterfoil_store::table::register;
use counterfoil_store::{Connection, Transaction};

use crate::account::Keep;
use crate::db::Db;
use crate::dto::{AppState, Phase, Preferences, RegisterView};
use crate::error::{AppError, Result};
use crate::identity;
use crate::installation::{Installation, Places};
use crate::people::Person;
use crate::settings;
use crate::sync::{FirestoreConnect, Parts, SyncHandle, SyncSettings, Threads, Wake};

/// The till over one data directory. Cheap to clone; methods block while they read or write the
/// disk and never wait for the network.
#[derive(Clone)]
pub struct Till {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    db: Result<Db>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    sync: OnceLock<SyncHandle>,
    /// How many snapshots of the sync were given out.
    snapshots: Mutex<u32>,
    keep: Arc<Keep>,
}

impl std::fmt::Debug for Till {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Till")
            .field("dir", &self.inner.dir)
            .finish_non_exhaustive()
    }
}

impl Till {
    /// Opens the till in `places`, making the folder and an empty database where there are none.
    pub fn open(places: &Places, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Result<Self> {
        let db = Db::open(&places.data, clock.now())?;
        Ok(Self::at(places, Ok(db), clock, ids))
    }

    /// The same, but `not_set_up` where there is no store, and nothing is made.
    pub fn open_existing(
        places: &Places,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self> {
        let db = Db::open_existing(&places.data, clock.now())?;
        let till = Self::at(places, Ok(db), clock, ids);
        till.read(|conn| settings::require_store(conn).map(drop))?;
        Ok(till)
    }

    /// The till over a database that is open already; nobody tells installations apart unless the
    /// database says which one works on it.
    pub fn over_database(db: Db, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        let dir = db.dir().to_owned();
        Self::over(&Places::within(&dir), Ok(db), clock, ids)
    }

    /// Opens the till for a window, which must come up whatever is wrong: with a database that
    /// cannot be used, [`Till::app_state`] is `blocked` with the problem, and every other method
    /// answers the same problem.
    pub fn open_or_blocked(places: &Places, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        let db = Db::open(&places.data, clock.now()).map_err(AppError::from);
        Self::at(places, db, clock, ids)
    }

    /// Over a database in its place: which installation this is, is read now.
    fn at(places: &Places, db: Result<Db>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        if let Ok(db) = &db {
            db.belongs_to(Installation::of(places));
        }
        let till = Self::over(places, db, clock, ids);
        // Selling goes on without: nothing contradicts the database.
        if let Err(error) = identity::adopt(&till) {
            tracing::warn!(%error, "the register belongs to no installation yet");
        }
        till
    }

    fn over(
        places: &Places,
        db: Result<Db>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        let (dir, sync) = (places.data.clone(), OnceLock::new());
        let keep = Arc::new(Keep::of(places));
        Self {
            inner: Arc::new(Inner {
                dir,
                db,
                clock,
                ids,
                sync,
                snapshots: Mutex::default(),
                keep,
            }),
        }
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// The database, for the sync driver beside this till.
    pub fn db(&self) -> Result<&Db> {
        self.inner.db.as_ref().map_err(Clone::clone)
    }

    /// Where the time comes from.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Where identities come from.
    pub fn ids(&self) -> &Arc<dyn IdSource> {
        &self.inner.ids
    }

    /// Where the register's own account is kept.
    pub(crate) fn keep(&self) -> &Arc<Keep> {
        &self.inner.keep
    }

    /// What a sync beside this till is made of: [`sync::start`](crate::sync::start) runs it,
    /// [`sync::sync_with_firestore`](crate::sync::sync_with_firestore) does one drain.
    pub fn sync_parts(&self) -> Result<Parts> {
        Ok(Parts {
            store: Arc::new(self.db()?.clone()),
            connect: Arc::new(FirestoreConnect::from_environment().with_account(
                Arc::clone(self.keep()),
                AuthServer::from_environment(),
                Arc::clone(&self.inner.clock),
            )),
            clock: Arc::clone(&self.inner.clock),
            ids: Arc::clone(&self.inner.ids),
            settings: SyncSettings::default(),
            blocking: Arc::new(Threads),
        })
    }

    /// Tells the till which sync runs beside it in this process. Only the first call counts.
    pub fn attach_sync(&self, handle: SyncHandle) {
        // A second sync in one process would not get the lock either.
        let _ = self.inner.sync.set(handle);
    }

    /// The number of the last snapshot of the sync, held while the next is read.
    pub(crate) fn snapshots(&self) -> MutexGuard<'_, u32> {
        self.inner
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sync_handle(&self) -> Option<&SyncHandle> {
        self.inner.sync.get()
    }

    /// Somebody asked for it: what waits is tried now. Without a sync in this process, nothing.
    pub fn wake_sync(&self) {
        self.wake(Wake::User);
    }

    pub(crate) fn wake(&self, why: Wake) {
        if let Some(handle) = self.sync_handle() {
            handle.wake(why);
        }
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.db()?.write(work)
    }

    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.db()?.read(work)
    }

    /// All that a window needs when it opens.
    pub fn app_state(&self) -> Result<AppState> {
        let mut state = AppState {
            phase: Phase::SetUp,
            problem: None,
            store: None,
            register: None,
            identity: None,
            cashier: String::new(),
            preferences: Preferences::default(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let installation = self.db().ok().and_then(Db::installation);
        let known = self.read(|conn| {
            Ok((
                identity::problem(conn, installation.map(Arc::as_ref))?,
                settings::store(conn)?,
                register::current(conn)?,
                settings::cashier(conn)?,
                settings::preferences(conn)?,
            ))
        });
        match known {
            Err(problem) => {
                state.phase = Phase::Blocked;
                state.problem = Some(problem);
            }
            Ok((identity, store, register, cashier, preferences)) => {
                state.identity = identity;
                if store.is_some() {
                    state.phase = Phase::Ready;
                }
                state.store = store.map(|store| store.view());
                state.register = register.map(|register| RegisterView {
                    name: register.name,
                    prefix: register.prefix.to_string(),
                });
                state.cashier = cashier;
                state.preferences = preferences;
            }
        }
        Ok(state)
    }

    /// Says who is at the till.
    pub fn set_cashier(&self, name: &str) -> Result<AppState> {
        let name = Person::named(name)?.name;
        self.write(move |tx| Ok(settings::set_cashier(tx, &name)?))?;
        self.app_state()
    }

    /// Keeps how the window looks and sounds.
    pub fn save_preferences(&self, preferences: Preferences) -> Result<AppState> {
        self.write(move |tx| Ok(settings::set_preferences(tx, &preferences)?))?;
        self.app_state()
    }
}
