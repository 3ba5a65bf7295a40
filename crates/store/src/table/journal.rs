//! The hash chain of each register: one link for everything that touches money.

use counterfoil_domain::document::Fields;
use counterfoil_domain::journal::{Link, LinkKind};
use counterfoil_domain::{Digest, RegisterId, SaleId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde_json::Value;

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = concat!(
    "
CREATE TABLE journal (
    register_id TEXT NOT NULL REFERENCES registers (register_id),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    previous_hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    digest TEXT NOT NULL,
    hash TEXT NOT NULL,
    sale_id TEXT REFERENCES sales (sale_id),
    document TEXT,
    PRIMARY KEY (register_id, sequence),
    CHECK ((kind = 'sale') = (sale_id IS NOT NULL)),
    CHECK ((sale_id IS NULL) = (document IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX journal_by_sale ON journal (sale_id) WHERE sale_id IS NOT NULL;
",
    never_changes!("journal")
);

/// A link as it is kept. Nothing in it is believed: [`verify`](crate::verify) recomputes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) link: Link,
    pub(crate) digest: Digest,
    pub(crate) sale_id: Option<SaleId>,
    pub(crate) document: Option<Fields>,
}

pub(crate) const COLUMNS: &str =
    "sequence, previous_hash, kind, recorded_at, hash, digest, sale_id, document";

pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        link: Link {
            sequence: row.get(0)?,
            previous_hash: column::parsed(row, 1)?,
            kind: column::spelt(row, 2)?,
            recorded_at: column::time(row, 3)?,
            hash: column::parsed(row, 4)?,
        },
        digest: column::parsed(row, 5)?,
        sale_id: column::parsed_optional(row, 6)?,
        document: column::document_optional(row, 7)?,
    })
}

/// The last link of a register: what the next one must point back to. None before the first.
pub fn head(conn: &Connection, register: RegisterId) -> Result<Option<(i64, Digest)>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT sequence, hash FROM journal WHERE register_id = ?1
             ORDER BY sequence DESC LIMIT 1",
        )?
        .query_row([register.to_string()], |row| {
            Ok((row.get(0)?, column::parsed(row, 1)?))
        })
        .optional()?)
}

/// Appends a link for a document that is not a sale, and keeps the document with it.
///
/// # Errors
/// [`StoreError::Refused`] for a document that has no canonical form.
pub fn append(
    tx: &Transaction<'_>,
    register: RegisterId,
    kind: LinkKind,
    document: &Fields,
    now: Timestamp,
) -> Result<Link, StoreError> {
    let refused =
        |error: counterfoil_domain::document::DocumentError| StoreError::Refused(error.to_string());
    let digest = Digest::of(&Value::Object(document.clone())).map_err(refused)?;
    let link = Link::after(head(tx, register)?, register, kind, now, digest).map_err(refused)?;
    let text = column::stored(document)?;
    insert(tx, register, &link, digest, None, Some(&text))?;
    Ok(link)
}

/// Inserts a sale's link.
///
/// # Errors
/// [`StoreError::Refused`] where it does not follow the register's last link.
pub(crate) fn insert_sale(
    tx: &Transaction<'_>,
    register: RegisterId,
    link: &Link,
    digest: Digest,
    sale: SaleId,
) -> Result<(), StoreError> {
    let (sequence, hash) = head(tx, register)?.unwrap_or((0, Digest::ZERO));
    if link.sequence != sequence + 1 || link.previous_hash != hash {
        return Err(StoreError::Refused(format!(
            "journal link {} does not follow link {sequence}",
            link.sequence
        )));
    }
    insert(tx, register, link, digest, Some(sale), None)
}

fn insert(
    tx: &Transaction<'_>,
    register: RegisterId,
    link: &Link,
    digest: Digest,
    sale: Option<SaleId>,
    document: Option<&str>,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO journal (register_id, sequence, previous_hash, kind, recorded_at, digest,
             hash, sale_id, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        register.to_string(),
        link.sequence,
        link.previous_hash.to_string(),
        link.kind.as_str(),
        link.recorded_at.ms(),
        digest.to_string(),
        link.hash.to_string(),
        sale.map(|id| id.to_string()),
        document
    ])?;
    Ok(())
}
