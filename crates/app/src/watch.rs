//! Seeing what another program does to the same database.

use counterfoil_store::Store;

use crate::db::Db;
use crate::error::Result;
use crate::till::Till;

/// Notices that another connection has written: `counterfoilctl` beside the window, for one.
///
/// It owns a connection of its own, because SQLite counts changes per connection
/// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
#[derive(Debug)]
pub struct DatabaseWatch {
    store: Store,
    seen: i64,
}

impl Till {
    /// Starts to watch from what the database is now.
    pub fn watch_database(&self) -> Result<DatabaseWatch> {
        DatabaseWatch::over(self.db()?)
    }
}

impl DatabaseWatch {
    /// Starts to watch from what the database is now.
    pub(crate) fn over(db: &Db) -> Result<Self> {
        let store = Store::open_read_only(db.dir())?;
        let seen = store.data_version()?;
        Ok(Self { store, seen })
    }

    /// Whether anything was written since the last time it was asked.
    pub fn changed(&mut self) -> Result<bool> {
        let now = self.store.data_version()?;
        Ok(std::mem::replace(&mut self.seen, now) != now)
    }
}
