//! The documents of groups that are more than one sale. A sale's own document is its record.

use std::sync::Arc;

use counterfoil_domain::SaleId;
use counterfoil_domain::document::Fields;
use counterfoil_sync::{Collection, Create, DocumentName};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::audit::{SentState, state_of};
use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE outbox_documents (
    group_id INTEGER NOT NULL REFERENCES outbox (group_id),
    position INTEGER NOT NULL,
    collection TEXT NOT NULL
        CHECK (collection IN ('sales', 'saleConflicts', 'saleResolutions')),
    document_id TEXT NOT NULL,
    fields TEXT NOT NULL CHECK (json_valid(fields)),
    PRIMARY KEY (group_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX outbox_documents_by_name ON outbox_documents (collection, document_id);
";

/// Inserts the documents of a group and answers how many bytes they have.
pub(super) fn insert(
    tx: &Transaction<'_>,
    group: i64,
    creates: &[Create],
) -> Result<i64, StoreError> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO outbox_documents (group_id, position, collection, document_id, fields)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut bytes = 0;
    for (create, position) in creates.iter().zip(0_i64..) {
        let fields = column::stored(&create.fields)?;
        bytes += i64::try_from(fields.len()).unwrap_or(i64::MAX);
        insert.execute(params![
            group,
            position,
            create.name.collection.as_str(),
            create.name.id,
            fields
        ])?;
    }
    Ok(bytes)
}

/// The documents of a group, in order.
pub(crate) fn of_group(conn: &Connection, group: i64) -> Result<Vec<Create>, StoreError> {
    let mut rows = conn.prepare_cached(
        "SELECT collection, document_id, fields FROM outbox_documents
         WHERE group_id = ?1 ORDER BY position",
    )?;
    let creates = rows.query_map([group], |row| {
        let collection: Collection = column::spelt(row, 0)?;
        let name = DocumentName {
            collection,
            id: row.get(1)?,
        };
        Ok(Create {
            name,
            fields: Arc::new(column::json(row, 2)?),
        })
    })?;
    Ok(creates.collect::<Result<_, _>>()?)
}

/// How many documents a group has.
pub(crate) fn number(conn: &Connection, group: i64) -> Result<u64, StoreError> {
    let number: i64 = conn
        .prepare_cached("SELECT count(*) FROM outbox_documents WHERE group_id = ?1")?
        .query_row([group], |row| row.get(0))?;
    Ok(number.unsigned_abs())
}

/// A document by its name, and how far it has come.
pub(crate) fn find(
    conn: &Connection,
    name: &DocumentName,
) -> Result<Option<(Fields, SentState)>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT o.state, o.created_at, d.fields FROM outbox_documents d
             JOIN outbox o ON o.group_id = d.group_id
             WHERE d.collection = ?1 AND d.document_id = ?2",
        )?
        .query_row(params![name.collection.as_str(), name.id], |row| {
            Ok((column::json(row, 2)?, state_of(row, None)?))
        })
        .optional()?)
}

/// Whether any group holds a document of this name.
pub(crate) fn contains(conn: &Connection, name: &DocumentName) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox_documents
             WHERE collection = ?1 AND document_id = ?2)",
        )?
        .query_row(params![name.collection.as_str(), name.id], |row| row.get(0))?)
}

/// The group that sent a document of this name and has landed.
pub(super) fn landed_group(
    conn: &Connection,
    name: &DocumentName,
) -> Result<Option<i64>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT d.group_id FROM outbox_documents d JOIN outbox o ON o.group_id = d.group_id
             WHERE d.collection = ?1 AND d.document_id = ?2 AND o.state = 'synced'",
        )?
        .query_row(params![name.collection.as_str(), name.id], |row| row.get(0))
        .optional()?)
}

/// Takes out of the refused decisions about a sale what they would have put beside themselves: it goes up with the
/// next one, or is there.
pub(crate) fn take_refused(tx: &Transaction<'_>, sale: SaleId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM outbox_documents WHERE collection <> 'saleResolutions' AND group_id IN (
             SELECT group_id FROM outbox
             WHERE kind = 'resolution' AND sale_id = ?1 AND state = 'failed')",
    )?
    .execute([sale.to_string()])?;
    Ok(())
}

/// Moves documents to another group, and answers how many bytes they have.
pub(super) fn move_to(
    tx: &Transaction<'_>,
    names: &[DocumentName],
    group: i64,
) -> Result<i64, StoreError> {
    let mut moved = tx.prepare_cached(
        "UPDATE outbox_documents SET group_id = ?3, position = ?4
         WHERE collection = ?1 AND document_id = ?2 RETURNING length(fields)",
    )?;
    let mut bytes = 0;
    for (name, position) in names.iter().zip(0_i64..) {
        let of: Option<i64> = moved
            .query_row(
                params![name.collection.as_str(), name.id, group, position],
                |row| row.get(0),
            )
            .optional()?;
        bytes += of.unwrap_or(0);
    }
    Ok(bytes)
}
