//! Sales that cannot go up by themselves: each stands here with what a manager needs to decide.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{SaleId, Timestamp};
use counterfoil_sync::FailureKind;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE failures (
    sale_id TEXT NOT NULL PRIMARY KEY REFERENCES sales (sale_id),
    kind TEXT NOT NULL
        CHECK (kind IN ('sameId', 'cartPaidElsewhere', 'numberReused', 'refused')),
    message TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    remote TEXT CHECK (json_valid(remote)),
    status TEXT NOT NULL CHECK (status IN ('open', 'resolved', 'dismissed')),
    decisions INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX failures_listed ON failures (status, failed_at, sale_id);
";

/// Items that failed in the same millisecond stay in the order in which they failed.
pub(crate) const SECOND_SCHEMA: &str = "
ALTER TABLE failures ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
UPDATE failures SET sequence = (SELECT entry FROM sales WHERE sales.sale_id = failures.sale_id);
CREATE INDEX failures_sequence ON failures (sequence);
DROP INDEX failures_listed;
CREATE INDEX failures_listed ON failures (status, failed_at, sequence);
";

/// The place of an item that fails now.
const NEXT: &str = "(SELECT coalesce(max(sequence), 0) + 1 FROM failures)";

/// Whether an item waits for a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FailureStatus {
    /// It waits.
    Open,
    /// It is decided, or the sale has landed since.
    Resolved,
    /// It stays local; it can be reopened.
    Dismissed,
}

/// An item of the failure list.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The sale that failed.
    pub sale_id: SaleId,
    /// Why.
    pub kind: FailureKind,
    /// The same in words, with the server's own.
    pub message: String,
    /// How often the sale had been sent.
    pub attempts: u32,
    /// When it failed last.
    pub failed_at: Timestamp,
    /// What stands in the cloud, for a conflict; recompute its digest, do not believe it.
    pub remote: Option<Fields>,
    /// Whether it waits for a decision.
    pub status: FailureStatus,
    /// The number of the last decision that was taken about it here; 0 before the first.
    pub decisions: u32,
}

const COLUMNS: &str =
    "sale_id, kind, message, attempts, failed_at, remote, status, decisions FROM failures";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Failure> {
    Ok(Failure {
        sale_id: column::parsed(row, 0)?,
        kind: column::spelt(row, 1)?,
        message: row.get(2)?,
        attempts: row.get(3)?,
        failed_at: column::time(row, 4)?,
        remote: column::document_optional(row, 5)?,
        status: column::spelt(row, 6)?,
        decisions: row.get(7)?,
    })
}

/// The items of one status, the oldest first; of one moment, as they came.
pub fn page(
    conn: &Connection,
    status: FailureStatus,
    offset: u32,
    limit: u32,
) -> Result<Vec<Failure>, StoreError> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} WHERE status = ?1 ORDER BY failed_at, sequence LIMIT ?3 OFFSET ?2"
    ))?;
    let page = rows.query_map(params![column::spelling(&status), offset, limit], from_row)?;
    Ok(page.collect::<Result<_, _>>()?)
}

/// The item of a sale.
pub fn get(conn: &Connection, sale: SaleId) -> Result<Option<Failure>, StoreError> {
    Ok(conn
        .prepare_cached(&format!("SELECT {COLUMNS} WHERE sale_id = ?1"))?
        .query_row([sale.to_string()], from_row)
        .optional()?)
}

/// How many items wait for a decision.
pub fn open(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM failures WHERE status = 'open'")?
        .query_row([], |row| row.get(0))?)
}

/// Sales, and what they come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// How many.
    pub sales: i64,
    /// Minor units.
    pub total: i64,
}

/// The sales that the cloud refused and nobody has decided about. They are in no document of it; of a conflict,
/// the version that lost is.
pub fn refused(conn: &Connection) -> Result<Refused, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*), coalesce(sum(s.total), 0)
             FROM failures f CROSS JOIN sales s ON s.sale_id = f.sale_id
             WHERE f.status = 'open' AND f.kind = 'refused'",
        )?
        .query_row([], |row| {
            Ok(Refused {
                sales: row.get(0)?,
                total: row.get(1)?,
            })
        })?)
}

/// How many items were dismissed: sales that stay on this register and out of the cloud's.
pub fn dismissed(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM failures WHERE status = 'dismissed'")?
        .query_row([], |row| row.get(0))?)
}

/// Lists a sale, again where it was listed before.
pub(crate) fn list(tx: &Transaction<'_>, failure: &Failure) -> Result<(), StoreError> {
    let remote = failure
        .remote
        .as_ref()
        .map(serde_json::to_string)
        .transpose();
    let remote = remote.map_err(|error| StoreError::Refused(error.to_string()))?;
    tx.prepare_cached(&format!(
        "INSERT INTO failures
             (sale_id, kind, message, attempts, failed_at, remote, status, sequence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', {NEXT})
         ON CONFLICT (sale_id) DO UPDATE SET kind = excluded.kind, message = excluded.message,
             attempts = excluded.attempts, failed_at = excluded.failed_at,
             remote = excluded.remote, status = 'open', sequence = excluded.sequence"
    ))?
    .execute(params![
        failure.sale_id.to_string(),
        column::spelling(&failure.kind),
        failure.message,
        failure.attempts,
        failure.failed_at.ms(),
        remote
    ])?;
    Ok(())
}

/// The sale waits neither to be sent again nor has it landed.
const STILL_FAILED: &str = "EXISTS (SELECT 1 FROM outbox
    WHERE kind = 'sale' AND outbox.sale_id = ?1 AND state = 'failed')";

/// Opens an item again whose decision cannot go up: what was decided stands, but not in the cloud.
/// One that is on its way under its own id since, or has landed, stays as it is; so does one about which
/// a later decision went up, or may.
pub(crate) fn stuck(
    tx: &Transaction<'_>,
    sale: SaleId,
    group: i64,
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(&format!(
        "UPDATE failures SET status = 'open', message = ?2, failed_at = ?3, sequence = {NEXT}
         WHERE sale_id = ?1 AND {STILL_FAILED} AND NOT EXISTS (SELECT 1 FROM outbox
             WHERE kind = 'resolution' AND outbox.sale_id = ?1 AND group_id > ?4
                 AND state <> 'failed')"
    ))?
    .execute(params![sale.to_string(), message, now.ms(), group])?;
    Ok(())
}

/// Opens a decided item again whose losing version the cloud refuses. One that is open stays as it is, with what it
/// says.
pub(crate) fn reopened(
    tx: &Transaction<'_>,
    sale: SaleId,
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(&format!(
        "UPDATE failures SET status = 'open', message = ?2, failed_at = ?3, sequence = {NEXT}
         WHERE sale_id = ?1 AND status <> 'open' AND {STILL_FAILED}"
    ))?
    .execute(params![sale.to_string(), message, now.ms()])?;
    Ok(())
}

/// Closes the items of sales that have landed after all.
pub(crate) fn landed(tx: &Transaction<'_>, sales: &[SaleId]) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE failures SET status = 'resolved'
         WHERE sale_id IN (SELECT value FROM json_each(?1))",
    )?
    .execute([json!(sales).to_string()])?;
    Ok(())
}

/// Sets an item's status without a decision: `Open` reopens a dismissed one, `Resolved` stands
/// while it is sent again. Answers `false` where there is no such item.
pub fn set_status(
    tx: &Transaction<'_>,
    sale: SaleId,
    status: FailureStatus,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE failures SET status = ?2 WHERE sale_id = ?1",
        params![sale.to_string(), column::spelling(&status)],
    )?;
    Ok(changed == 1)
}

/// Counts the `n`-th decision about an open item and gives it its new status. Numbers of decisions that were
/// taken elsewhere are passed over.
///
/// # Errors
/// [`StoreError::Refused`] where the item is not open, or has that number behind it: somebody decided first.
pub(crate) fn decide(
    tx: &Transaction<'_>,
    sale: SaleId,
    n: u32,
    status: FailureStatus,
) -> Result<(), StoreError> {
    let decided = tx
        .prepare_cached(
            "UPDATE failures SET status = ?2, decisions = ?3
             WHERE sale_id = ?1 AND status = 'open' AND decisions < ?3",
        )?
        .execute(params![sale.to_string(), column::spelling(&status), n])?;
    if decided == 1 {
        return super::outbox::settle(tx, sale);
    }
    Err(StoreError::Refused(format!(
        "the item of sale {sale} is not open for a decision {n}"
    )))
}
