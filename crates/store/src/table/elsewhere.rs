//! Other registers' conflicts and what became of them, as the cloud tells it. Either may arrive
//! first. Of an item of this database's own, what was decided elsewhere: at a copy of it, or by itself before a
//! backup was put back.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Digest, SaleId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE elsewhere (
    sale_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    conflict TEXT CHECK (json_valid(conflict)),
    conflict_at INTEGER,
    n INTEGER NOT NULL DEFAULT 0,
    resolution TEXT CHECK (json_valid(resolution)),
    PRIMARY KEY (sale_id, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX elsewhere_newest ON elsewhere (conflict_at, sale_id, digest)
    WHERE conflict IS NOT NULL;
";

/// Another register's item.
#[derive(Clone, Debug, PartialEq)]
pub struct Elsewhere {
    /// The sale that lost.
    pub sale_id: SaleId,
    /// Which version of it.
    pub digest: Digest,
    /// Its document in `saleConflicts`.
    pub conflict: Fields,
    /// When the server took that document.
    pub conflict_at: Timestamp,
    /// The last decision's document in `saleResolutions`, if there is one.
    pub resolution: Option<Fields>,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Elsewhere> {
    Ok(Elsewhere {
        sale_id: column::parsed(row, 0)?,
        digest: column::parsed(row, 1)?,
        conflict: column::json(row, 2)?,
        conflict_at: column::time(row, 3)?,
        resolution: column::document_optional(row, 4)?,
    })
}

/// Forgets what was read: the next store says it of itself.
pub(crate) fn clear(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM elsewhere", [])?;
    Ok(())
}

/// The item that a document is about, from its name `{saleId}_{digest}` or `{saleId}_{digest}_{n}`.
pub fn item_of(id: &str) -> Option<(SaleId, Digest, Option<u32>)> {
    let mut parts = id.split('_');
    let sale_id = parts.next()?.parse().ok()?;
    let digest = parts.next()?.parse().ok()?;
    let n = parts.next().map(str::parse).transpose().ok()?;
    Some((sale_id, digest, n))
}

/// Notes a conflict that was read; again is the same.
pub fn note_conflict(
    tx: &Transaction<'_>,
    sale: SaleId,
    digest: Digest,
    document: &Fields,
    created_at: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO elsewhere (sale_id, digest, conflict, conflict_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (sale_id, digest) DO UPDATE SET conflict = excluded.conflict,
             conflict_at = excluded.conflict_at",
    )?
    .execute(params![
        sale.to_string(),
        digest.to_string(),
        column::stored(document)?,
        created_at.ms()
    ])?;
    Ok(())
}

/// Notes the `n`-th decision about an item; an earlier one never replaces a later.
pub fn note_resolution(
    tx: &Transaction<'_>,
    sale: SaleId,
    digest: Digest,
    n: u32,
    document: &Fields,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO elsewhere (sale_id, digest, n, resolution) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (sale_id, digest) DO UPDATE SET n = excluded.n,
             resolution = excluded.resolution WHERE excluded.n >= n",
    )?
    .execute(params![
        sale.to_string(),
        digest.to_string(),
        n,
        column::stored(document)?
    ])?;
    Ok(())
}

/// The last decision about an item that this database has not taken itself, with its number.
pub fn decision(
    conn: &Connection,
    sale: SaleId,
    digest: Digest,
) -> Result<Option<(u32, Fields)>, StoreError> {
    let decision = conn
        .prepare_cached(
            "SELECT n, resolution FROM elsewhere
             WHERE sale_id = ?1 AND digest = ?2 AND resolution IS NOT NULL",
        )?
        .query_row([sale.to_string(), digest.to_string()], |row| {
            Ok((row.get(0)?, column::json(row, 1)?))
        })
        .optional()?;
    Ok(decision)
}

/// How many items other registers have or had.
pub fn count(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM elsewhere WHERE conflict IS NOT NULL")?
        .query_row([], |row| row.get(0))?)
}

/// Other registers' items, the newest first.
pub fn page(conn: &Connection, offset: u32, limit: u32) -> Result<Vec<Elsewhere>, StoreError> {
    let mut rows = conn.prepare_cached(
        "SELECT sale_id, digest, conflict, conflict_at, resolution FROM elsewhere
         WHERE conflict IS NOT NULL ORDER BY conflict_at DESC, sale_id, digest
         LIMIT ?2 OFFSET ?1",
    )?;
    Ok(rows
        .query_map([offset, limit], from_row)?
        .collect::<Result<_, _>>()?)
}
