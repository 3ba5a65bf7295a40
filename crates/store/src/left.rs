//! The stores that a register was connected to before: what went up there is not looked for here.

use counterfoil_domain::Timestamp;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::table::settings;
use crate::table::sync_state::Connected;

const LEFT: &str = "storesLeft";

/// Stores that were left, the earliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Left(Vec<Stay>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stay {
    project: String,
    store_id: String,
    /// When the last document landed there, by the server's clock.
    until: Timestamp,
}

impl Left {
    /// Whether what landed at this moment (server time) went up to another store than `now`.
    pub fn is_elsewhere(&self, landed: Timestamp, now: &Connected) -> bool {
        let stay = self.stay(landed);
        stay.is_some_and(|stay| stay.project != now.project || stay.store_id != now.store_id)
    }

    /// The store that took what landed at this moment (server time); none where it was not left since.
    pub fn took(&self, landed: Timestamp) -> Option<&str> {
        self.stay(landed).map(|stay| stay.store_id.as_str())
    }

    fn stay(&self, landed: Timestamp) -> Option<&Stay> {
        self.0.iter().find(|stay| landed <= stay.until)
    }
}

/// The stores that were left.
pub fn get(conn: &Connection) -> Result<Left, StoreError> {
    Ok(settings::get(conn, LEFT)?.unwrap_or_default())
}

/// Notes that the register leaves `store`: all that has landed since the last one was left, landed
/// there.
pub fn leave(tx: &Transaction<'_>, store: &Connected) -> Result<(), StoreError> {
    let until: Option<i64> =
        tx.query_row("SELECT max(created_at) FROM outbox", [], |row| row.get(0))?;
    let Some(until) = until.map(Timestamp::from_ms) else {
        return Ok(());
    };
    let mut left = get(tx)?;
    left.0.push(Stay {
        project: store.project.clone(),
        store_id: store.store_id.clone(),
        until,
    });
    settings::set(tx, LEFT, &left)
}
