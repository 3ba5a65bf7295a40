//! Sales that have landed and are still owed a look for the same goods under another id. The debt
//! is on disk, so that a crash does not skip it.

use counterfoil_domain::{Digest, SaleId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde_json::json;

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE duplicate_checks (
    sale_id TEXT NOT NULL PRIMARY KEY REFERENCES sales (sale_id),
    fingerprint TEXT NOT NULL,
    sold_at INTEGER NOT NULL,
    landed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicate_checks_oldest ON duplicate_checks (landed_at, sale_id);
";

/// A check that the cloud refuses, while it answers others, is set aside and tried again later.
pub(crate) const SECOND_SCHEMA: &str = "
ALTER TABLE duplicate_checks ADD COLUMN set_aside INTEGER NOT NULL DEFAULT 0;
ALTER TABLE duplicate_checks ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
";

/// Kept in the order of the sales: ids are random, and a batch that lands would touch as many pages as it has
/// sales.
pub(crate) const FOURTH_SCHEMA: &str = "
CREATE TABLE owed_checks (
    entry INTEGER PRIMARY KEY REFERENCES sales (entry),
    landed_at INTEGER NOT NULL,
    set_aside INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO owed_checks (entry, landed_at, set_aside, not_before)
    SELECT s.entry, d.landed_at, d.set_aside, d.not_before
    FROM duplicate_checks d JOIN sales s ON s.sale_id = d.sale_id;
DROP TABLE duplicate_checks;
ALTER TABLE owed_checks RENAME TO duplicate_checks;
CREATE INDEX duplicate_checks_oldest ON duplicate_checks (landed_at, entry);
";

/// How long a check waits that was set aside for the first time; each time it waits twice as long.
const FIRST_WAIT_MS: i64 = 60_000;
/// No check waits longer.
const LONGEST_WAIT_MS: i64 = 24 * 3_600_000;

/// A check that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwedCheck {
    /// The sale that landed.
    pub sale_id: SaleId,
    /// What another sale of the same goods would share.
    pub fingerprint: Digest,
    /// When it was sold, by the register's clock.
    pub sold_at: Timestamp,
}

/// Owes a check for each of these sales, which landed at `landed_at` (server time).
pub(crate) fn owe(
    tx: &Transaction<'_>,
    sales: &[SaleId],
    landed_at: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO duplicate_checks (entry, landed_at)
         SELECT entry, ?2 FROM json_each(?1) AS landed CROSS JOIN sales ON sale_id = landed.value
         WHERE TRUE ON CONFLICT (entry) DO NOTHING",
    )?
    .execute(params![json!(sales).to_string(), landed_at.ms()])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<OwedCheck> {
    Ok(OwedCheck {
        sale_id: column::parsed(row, 0)?,
        fingerprint: column::parsed(row, 1)?,
        sold_at: column::time(row, 2)?,
    })
}

/// The checks that have been owed for longest; of those that were set aside, only what is due.
pub fn owed(conn: &Connection, limit: u32, now: Timestamp) -> Result<Vec<OwedCheck>, StoreError> {
    let mut rows = conn.prepare_cached(
        "SELECT sale_id, fingerprint, sold_at FROM duplicate_checks JOIN sales USING (entry)
         WHERE not_before <= ?2 ORDER BY landed_at, entry LIMIT ?1",
    )?;
    let checks = rows.query_map(params![limit, now.ms()], from_row)?;
    Ok(checks.collect::<Result<_, _>>()?)
}

/// The check that was owed last, of those that were never set aside.
pub fn newest(conn: &Connection) -> Result<Option<OwedCheck>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT sale_id, fingerprint, sold_at FROM duplicate_checks JOIN sales USING (entry)
             WHERE set_aside = 0 ORDER BY landed_at DESC, entry DESC LIMIT 1",
        )?
        .query_row([], from_row)
        .optional()?)
}

/// Whether any check is owed, but for those that were set aside: nobody waits for them.
pub fn any(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM duplicate_checks WHERE set_aside = 0)")?
        .query_row([], |row| row.get(0))?)
}

/// Sets these checks aside at `now`, each for twice as long as the last time.
pub fn set_aside(tx: &Transaction<'_>, sales: &[SaleId], now: Timestamp) -> Result<(), StoreError> {
    let mut aside = tx.prepare_cached(
        "UPDATE duplicate_checks SET set_aside = set_aside + 1,
             not_before = ?2 + min(?3 << min(set_aside, 20), ?4)
         WHERE entry = (SELECT entry FROM sales WHERE sale_id = ?1)",
    )?;
    for sale in sales {
        let (first, longest) = (FIRST_WAIT_MS, LONGEST_WAIT_MS);
        aside.execute(params![sale.to_string(), now.ms(), first, longest])?;
    }
    Ok(())
}

/// Owes none any more: what landed in a store that was left has no twins in the next one.
pub fn begin_anew(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM duplicate_checks", [])?;
    Ok(())
}

/// Pays the debt for these sales; in the transaction that lists the warnings they led to.
pub fn settle(tx: &Transaction<'_>, sales: &[SaleId]) -> Result<(), StoreError> {
    let mut pay = tx.prepare_cached(
        "DELETE FROM duplicate_checks WHERE entry = (SELECT entry FROM sales WHERE sale_id = ?1)",
    )?;
    for sale in sales {
        pay.execute([sale.to_string()])?;
    }
    Ok(())
}
