//! The decisions about items of the failure list, each once.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{SaleId, Timestamp};
use rusqlite::{Connection, Row, Transaction, params};

use super::failures::{self, FailureStatus};
use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = concat!(
    "
CREATE TABLE resolutions (
    sale_id TEXT NOT NULL REFERENCES failures (sale_id),
    n INTEGER NOT NULL CHECK (n > 0),
    choice TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    money TEXT,
    decided_at INTEGER NOT NULL,
    document TEXT NOT NULL CHECK (json_valid(document)),
    PRIMARY KEY (sale_id, n)
) STRICT, WITHOUT ROWID;
",
    never_changes!("resolutions")
);

/// A decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// The sale whose item was decided.
    pub sale_id: SaleId,
    /// The how-manieth decision about it, from 1.
    pub n: u32,
    /// What was chosen.
    pub choice: String,
    /// Why.
    pub reason: String,
    /// By whom.
    pub decided_by: String,
    /// Where the money is, for the choices that must ask.
    pub money: Option<String>,
    /// When, by the register's clock.
    pub decided_at: Timestamp,
    /// The whole decision, as its journal link proves it.
    pub document: Fields,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Resolution> {
    Ok(Resolution {
        sale_id: column::parsed(row, 0)?,
        n: row.get(1)?,
        choice: row.get(2)?,
        reason: row.get(3)?,
        decided_by: row.get(4)?,
        money: row.get(5)?,
        decided_at: column::time(row, 6)?,
        document: column::json(row, 7)?,
    })
}

/// The decisions about a sale, in order.
pub fn of_sale(conn: &Connection, sale: SaleId) -> Result<Vec<Resolution>, StoreError> {
    let mut rows = conn.prepare_cached(
        "SELECT sale_id, n, choice, reason, decided_by, money, decided_at, document
         FROM resolutions WHERE sale_id = ?1 ORDER BY n",
    )?;
    Ok(rows
        .query_map([sale.to_string()], from_row)?
        .collect::<Result<_, _>>()?)
}

/// Records a decision and closes the item with `status`. Its `n` must be above the failure's
/// `decisions`.
///
/// # Errors
/// [`StoreError::Refused`] where the item is not open any more, or `n` was there before.
pub fn record(
    tx: &Transaction<'_>,
    resolution: &Resolution,
    status: FailureStatus,
) -> Result<(), StoreError> {
    failures::decide(tx, resolution.sale_id, resolution.n, status)?;
    tx.prepare_cached(
        "INSERT INTO resolutions
             (sale_id, n, choice, reason, decided_by, money, decided_at, document)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        resolution.sale_id.to_string(),
        resolution.n,
        resolution.choice,
        resolution.reason,
        resolution.decided_by,
        resolution.money,
        resolution.decided_at.ms(),
        column::stored(&resolution.document)?
    ])?;
    Ok(())
}
