//! The documents of groups that are more than one sale. A sale's own document is its record.

use counterfoil_sync::{Collection, Create, DocumentName};
use rusqlite::{Connection, Transaction, params};

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
pub(super) fn of_group(conn: &Connection, group: i64) -> Result<Vec<Create>, StoreError> {
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
            fields: column::json(row, 2)?,
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

/// Whether any group holds a document of this name.
pub(crate) fn contains(conn: &Connection, name: &DocumentName) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox_documents
             WHERE collection = ?1 AND document_id = ?2)",
        )?
        .query_row(params![name.collection.as_str(), name.id], |row| row.get(0))?)
}
