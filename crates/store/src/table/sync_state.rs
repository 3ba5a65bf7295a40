//! Which cloud this register is connected to, and how far it has come with it.

use counterfoil_domain::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{elsewhere, settings};
use crate::column;
use crate::error::StoreError;
use crate::unreadable;

/// Counts the connections: another one is another session's, also to the same store.
const CONNECTIONS: &str = "connections";
/// There where somebody has disconnected the register; its store is remembered.
const DISCONNECTED: &str = "disconnected";

pub(crate) const SCHEMA: &str = "
CREATE TABLE sync_state (
    only_one INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
    project TEXT,
    store_id TEXT,
    api_key TEXT,
    store_created_at INTEGER,
    last_synced_at INTEGER,
    clock_offset_ms INTEGER,
    conflicts_cursor INTEGER,
    resolutions_cursor INTEGER,
    CHECK ((project IS NULL) = (store_id IS NULL))
) STRICT;
INSERT INTO sync_state (only_one) VALUES (1);
";

/// What the program that syncs says about itself, and what others wish of it.
pub(crate) const SECOND_SCHEMA: &str = "
ALTER TABLE sync_state ADD COLUMN said TEXT CHECK (json_valid(said));
ALTER TABLE sync_state ADD COLUMN wishes INTEGER NOT NULL DEFAULT 0;
";

/// Where the register's sales go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The Google Cloud project.
    pub project: String,
    /// The store in it.
    pub store_id: String,
    /// The project's web API key, where signing in needs one.
    pub api_key: Option<String>,
}

/// All that is remembered about the cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncState {
    /// The connection; none for a register that sells locally only.
    pub connected: Option<Connected>,
    /// The store that somebody has disconnected the register from. It is its store still: what is known of it is true,
    /// and what waits is for no other.
    pub disconnected: Option<Connected>,
    /// When the cloud's store was created: tells it from an emptied or another one.
    pub store_created_at: Option<Timestamp>,
    /// When something landed last, by the register's clock.
    pub last_synced_at: Option<Timestamp>,
    /// The server's clock minus the register's, in milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// Other registers' conflicts are read up to here (server time).
    pub conflicts_cursor: Option<Timestamp>,
    /// Other registers' resolutions are read up to here (server time).
    pub resolutions_cursor: Option<Timestamp>,
}

impl SyncState {
    /// The store that the register is of, whether or not it is connected now.
    pub fn store(&self) -> Option<&Connected> {
        self.connected.as_ref().or(self.disconnected.as_ref())
    }
}

/// What is remembered.
pub fn get(conn: &Connection) -> Result<SyncState, StoreError> {
    let state = conn
        .prepare_cached(
            "SELECT project, store_id, api_key, store_created_at, last_synced_at,
                    clock_offset_ms, conflicts_cursor, resolutions_cursor,
                    EXISTS (SELECT 1 FROM settings WHERE name = ?1) FROM sync_state",
        )?
        .query_row([DISCONNECTED], |row| {
            let project: Option<String> = row.get(0)?;
            let store_id: Option<String> = row.get(1)?;
            let api_key = row.get(2)?;
            let store = project.zip(store_id).map(|(project, store_id)| Connected {
                project,
                store_id,
                api_key,
            });
            let (disconnected, connected) = if row.get(8)? {
                (store, None)
            } else {
                (None, store)
            };
            Ok(SyncState {
                connected,
                disconnected,
                store_created_at: column::time_optional(row, 3)?,
                last_synced_at: column::time_optional(row, 4)?,
                clock_offset_ms: row.get(5)?,
                conflicts_cursor: column::time_optional(row, 6)?,
                resolutions_cursor: column::time_optional(row, 7)?,
            })
        })
        .optional()?;
    state.ok_or_else(|| StoreError::damaged("sync_state has no row"))
}

/// Connects the register and forgets what was remembered about the cloud before.
///
/// Also when it is the same project and store: somebody who connects again after the cloud was
/// emptied or replaced says that this is the right one now.
pub fn connect(tx: &Transaction<'_>, to: &Connected) -> Result<(), StoreError> {
    tx.execute_batch(
        "UPDATE sync_state SET store_created_at = NULL, clock_offset_ms = NULL,
             conflicts_cursor = NULL, resolutions_cursor = NULL",
    )?;
    tx.execute(
        "UPDATE sync_state SET project = ?1, store_id = ?2, api_key = ?3",
        params![to.project, to.store_id, to.api_key],
    )?;
    unreadable::clear(tx)?;
    elsewhere::clear(tx)?;
    settings::remove(tx, DISCONNECTED)?;
    settings::set(tx, CONNECTIONS, &(connections(tx)? + 1))
}

/// Disconnects the register from its store: nothing is sent and nothing is asked until it is connected again. All that
/// is remembered about the store stays.
pub fn disconnect(tx: &Transaction<'_>) -> Result<(), StoreError> {
    settings::set(tx, DISCONNECTED, &true)
}

/// How often the register has been connected.
pub fn connections(conn: &Connection) -> Result<u64, StoreError> {
    Ok(settings::get(conn, CONNECTIONS)?.unwrap_or_default())
}

/// Remembers when the cloud's store was created.
pub fn set_store_created_at(tx: &Transaction<'_>, at: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE sync_state SET store_created_at = ?1", [at.ms()])?;
    Ok(())
}

/// Remembers that something landed at `now`.
pub fn set_last_synced_at(tx: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE sync_state SET last_synced_at = ?1")?
        .execute([now.ms()])?;
    Ok(())
}

/// Remembers how far the register's clock is behind the server's.
pub fn set_clock_offset_ms(tx: &Transaction<'_>, offset_ms: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE sync_state SET clock_offset_ms = ?1", [offset_ms])?;
    Ok(())
}

/// Remembers up to where other registers' conflicts were read.
pub fn set_conflicts_cursor(tx: &Transaction<'_>, at: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE sync_state SET conflicts_cursor = ?1", [at.ms()])?;
    Ok(())
}

/// Remembers up to where other registers' resolutions were read.
pub fn set_resolutions_cursor(tx: &Transaction<'_>, at: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE sync_state SET resolutions_cursor = ?1", [at.ms()])?;
    Ok(())
}

/// What the holder of the [`SyncLock`](crate::SyncLock) has said last about itself. It is true only
/// while the lock is held.
pub fn said<T: DeserializeOwned>(conn: &Connection) -> Result<Option<T>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT said FROM sync_state WHERE said IS NOT NULL")?
        .query_row([], |row| column::json(row, 0))
        .optional()?)
}

/// Says something about the sync to other programs. Only the holder of the lock may.
pub fn say<T: Serialize>(tx: &Transaction<'_>, said: &T) -> Result<(), StoreError> {
    let said =
        serde_json::to_string(said).map_err(|error| StoreError::Refused(error.to_string()))?;
    tx.execute("UPDATE sync_state SET said = ?1", [said])?;
    Ok(())
}

/// How often somebody wished that everything that waits is tried at once.
pub fn wishes(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("SELECT wishes FROM sync_state")?
        .query_row([], |row| row.get(0))?)
}

/// Wishes it once more; the program that syncs sees it.
pub fn wish(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute("UPDATE sync_state SET wishes = wishes + 1", [])?;
    Ok(())
}
