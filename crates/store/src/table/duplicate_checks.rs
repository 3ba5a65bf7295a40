//! Sales that have landed and are still owed a look for the same goods under another id. The debt
//! is on disk, so that a crash does not skip it.

use counterfoil_domain::{Digest, SaleId, Timestamp};
use rusqlite::{Connection, Transaction, params};

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

/// Owes a check for a sale that landed at `landed_at` (server time).
pub(crate) fn owe(
    tx: &Transaction<'_>,
    sale: SaleId,
    landed_at: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO duplicate_checks (sale_id, fingerprint, sold_at, landed_at)
         SELECT sale_id, fingerprint, sold_at, ?2 FROM sales WHERE sale_id = ?1
         ON CONFLICT (sale_id) DO NOTHING",
    )?
    .execute(params![sale.to_string(), landed_at.ms()])?;
    Ok(())
}

/// The checks that have been owed for longest.
pub fn owed(conn: &Connection, limit: u32) -> Result<Vec<OwedCheck>, StoreError> {
    let mut rows = conn.prepare_cached(
        "SELECT sale_id, fingerprint, sold_at FROM duplicate_checks
         ORDER BY landed_at, sale_id LIMIT ?1",
    )?;
    let checks = rows.query_map([limit], |row| {
        Ok(OwedCheck {
            sale_id: column::parsed(row, 0)?,
            fingerprint: column::parsed(row, 1)?,
            sold_at: column::time(row, 2)?,
        })
    })?;
    Ok(checks.collect::<Result<_, _>>()?)
}

/// Whether any check is owed.
pub fn any(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM duplicate_checks)")?
        .query_row([], |row| row.get(0))?)
}

/// Pays the debt for these sales; in the transaction that lists the warnings they led to.
pub fn settle(tx: &Transaction<'_>, sales: &[SaleId]) -> Result<(), StoreError> {
    let mut pay = tx.prepare_cached("DELETE FROM duplicate_checks WHERE sale_id = ?1")?;
    for sale in sales {
        pay.execute([sale.to_string()])?;
    }
    Ok(())
}
