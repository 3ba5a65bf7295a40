//! Pairs of sales that may be one sale rung twice: warnings for the manager, never failures.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{SaleId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE warnings (
    warning_id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('possibleDuplicate')),
    sale_low TEXT NOT NULL,
    sale_high TEXT NOT NULL,
    message TEXT NOT NULL,
    details TEXT NOT NULL CHECK (json_valid(details)),
    listed INTEGER NOT NULL CHECK (listed IN (0, 1)),
    raised_at INTEGER NOT NULL,
    decision TEXT,
    decided_by TEXT,
    decided_at INTEGER,
    CHECK (sale_low < sale_high),
    UNIQUE (kind, sale_low, sale_high)
) STRICT;
CREATE INDEX warnings_open ON warnings (warning_id) WHERE listed = 1 AND decision IS NULL;
";

/// A warning that is to be raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWarning {
    /// The two sales, in any order.
    pub sales: [SaleId; 2],
    /// The same in words.
    pub message: String,
    /// What the panel shows beside it: receipt numbers, registers, total, seconds apart.
    pub details: Fields,
    /// Whether the manager sees it; every one is in the log.
    pub listed: bool,
}

/// A warning as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its row.
    pub id: i64,
    /// The two sales.
    pub sales: [SaleId; 2],
    /// The same in words.
    pub message: String,
    /// What the panel shows beside it.
    pub details: Fields,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// What the manager decided, if so.
    pub decision: Option<String>,
}

const COLUMNS: &str = "warning_id, sale_low, sale_high, message, details, raised_at, decision";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Warning> {
    Ok(Warning {
        id: row.get(0)?,
        sales: [column::parsed(row, 1)?, column::parsed(row, 2)?],
        message: row.get(3)?,
        details: column::json(row, 4)?,
        raised_at: column::time(row, 5)?,
        decision: row.get(6)?,
    })
}

/// Raises a warning once for a pair; answers whether it is new.
pub fn raise(
    tx: &Transaction<'_>,
    warning: &NewWarning,
    now: Timestamp,
) -> Result<bool, StoreError> {
    // Ordered by their text, which is what the column compares.
    let mut pair = warning.sales.map(|sale| sale.to_string());
    pair.sort_unstable();
    let details = column::stored(&warning.details)?;
    let raised = tx
        .prepare_cached(
            "INSERT INTO warnings (kind, sale_low, sale_high, message, details, listed, raised_at)
             VALUES ('possibleDuplicate', ?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (kind, sale_low, sale_high) DO NOTHING",
        )?
        .execute(params![
            pair[0],
            pair[1],
            warning.message,
            details,
            warning.listed,
            now.ms()
        ])?;
    Ok(raised == 1)
}

/// The listed warnings that nobody has decided, the oldest first.
pub fn page(conn: &Connection, offset: u32, limit: u32) -> Result<Vec<Warning>, StoreError> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM warnings WHERE listed = 1 AND decision IS NULL
         ORDER BY warning_id LIMIT ?2 OFFSET ?1"
    ))?;
    Ok(rows
        .query_map([offset, limit], from_row)?
        .collect::<Result<_, _>>()?)
}

/// One warning.
pub fn get(conn: &Connection, id: i64) -> Result<Option<Warning>, StoreError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM warnings WHERE warning_id = ?1"
        ))?
        .query_row([id], from_row)
        .optional()?)
}

/// How many listed warnings wait for a decision.
pub fn open(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM warnings WHERE listed = 1 AND decision IS NULL")?
        .query_row([], |row| row.get(0))?)
}

/// Notes the manager's decision; answers `false` where there is none to decide.
pub fn decide(
    tx: &Transaction<'_>,
    id: i64,
    decision: &str,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let decided = tx.execute(
        "UPDATE warnings SET decision = ?2, decided_by = ?3, decided_at = ?4
         WHERE warning_id = ?1 AND decision IS NULL",
        params![id, decision, by, now.ms()],
    )?;
    Ok(decided == 1)
}
