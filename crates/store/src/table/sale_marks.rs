//! What has become known about a sale since: the sale itself never changes.

use counterfoil_domain::{SaleId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE sale_marks (
    sale_id TEXT NOT NULL PRIMARY KEY REFERENCES sales (sale_id),
    cloud_id TEXT,
    superseded_by TEXT REFERENCES sales (sale_id),
    dismissed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sale_marks_dismissed ON sale_marks (sale_id) WHERE dismissed_at IS NOT NULL;
";

/// The marks of one sale; none of them for most sales.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SaleMarks {
    /// The id under which it is in the cloud, where that is another than its own.
    pub cloud_id: Option<SaleId>,
    /// The reversal that cancels it, because the cloud's version was kept.
    pub superseded_by: Option<SaleId>,
    /// When it was dismissed: still a sale, but not in the cloud's totals.
    pub dismissed_at: Option<Timestamp>,
}

/// The marks of a sale.
pub fn get(conn: &Connection, sale: SaleId) -> Result<SaleMarks, StoreError> {
    let marks = conn
        .prepare_cached(
            "SELECT cloud_id, superseded_by, dismissed_at FROM sale_marks WHERE sale_id = ?1",
        )?
        .query_row([sale.to_string()], |row| {
            Ok(SaleMarks {
                cloud_id: column::parsed_optional(row, 0)?,
                superseded_by: column::parsed_optional(row, 1)?,
                dismissed_at: column::time_optional(row, 2)?,
            })
        })
        .optional()?;
    Ok(marks.unwrap_or_default())
}

/// The sale that this reversal cancels. Only sales that somebody decided about have marks, so few
/// rows are read.
pub fn superseded(conn: &Connection, reversal: SaleId) -> Result<Option<SaleId>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT sale_id FROM sale_marks WHERE superseded_by = ?1")?
        .query_row([reversal.to_string()], |row| column::parsed(row, 0))
        .optional()?)
}

/// Sets all marks of a sale at once.
pub fn set(tx: &Transaction<'_>, sale: SaleId, marks: &SaleMarks) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO sale_marks (sale_id, cloud_id, superseded_by, dismissed_at)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (sale_id) DO UPDATE SET cloud_id = excluded.cloud_id,
             superseded_by = excluded.superseded_by, dismissed_at = excluded.dismissed_at",
    )?
    .execute(params![
        sale.to_string(),
        marks.cloud_id.map(|id| id.to_string()),
        marks.superseded_by.map(|id| id.to_string()),
        marks.dismissed_at.map(Timestamp::ms)
    ])?;
    Ok(())
}

/// How many sales are dismissed now.
pub fn dismissed(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM sale_marks WHERE dismissed_at IS NOT NULL")?
        .query_row([], |row| row.get(0))?)
}

/// How many sales are in the cloud through a decision: as a copy, as the reversal of one, or as a reversal that came
/// second. Read in this order: hardly any sale has marks, and every one has a row in the outbox.
pub(crate) fn landed(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*) FROM (
                 SELECT 'sales' AS collection, cloud_id AS id FROM sale_marks
                 WHERE cloud_id IS NOT NULL
                 UNION ALL
                 SELECT 'sales', superseded_by FROM sale_marks WHERE superseded_by IS NOT NULL
                 UNION ALL
                 SELECT 'saleConflicts', s.sale_id || '_' || s.digest
                 FROM sale_marks m JOIN sales s ON s.sale_id = m.superseded_by
             ) AS sent
             CROSS JOIN outbox_documents d
                 ON d.collection = sent.collection AND d.document_id = sent.id
             CROSS JOIN outbox o ON o.group_id = d.group_id WHERE o.state = 'synced'",
        )?
        .query_row([], |row| row.get(0))?)
}
