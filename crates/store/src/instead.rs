//! A decision in the place of one that the cloud refused, because another one about the same item came first.

use counterfoil_domain::{SaleId, Timestamp};
use counterfoil_sync::{Create, DocumentName, GroupKind};
use rusqlite::{Connection, Transaction, params};

use crate::error::StoreError;
use crate::table::{outbox, outbox_documents};

/// Documents that another decision has put into the cloud.
#[derive(Clone, Debug)]
pub struct There {
    /// They have the content that this database would send.
    pub creates: Vec<Create>,
    /// When the server took them.
    pub created_at: Timestamp,
}

/// Queues what a decision sends. Refused decisions about the same sale keep nothing but themselves; what is `there` is
/// not sent, and noted as landed.
///
/// # Errors
/// [`StoreError::Refused`] where a document of that name is queued already.
pub fn queue(
    tx: &Transaction<'_>,
    sale: SaleId,
    creates: &[Create],
    there: &There,
    now: Timestamp,
) -> Result<(), StoreError> {
    outbox_documents::take_refused(tx, sale)?;
    let mut unknown = Vec::new();
    for create in &there.creates {
        if !outbox_documents::contains(tx, &create.name)? {
            unknown.push(create.clone());
        }
    }
    if !unknown.is_empty() {
        let group = outbox::queue(tx, GroupKind::Resolution, sale, &unknown, now)?;
        tx.prepare_cached(
            "UPDATE outbox SET state = 'synced', created_at = ?2 WHERE group_id = ?1",
        )?
        .execute([group.0, there.created_at.ms()])?;
    }
    outbox::queue(tx, GroupKind::Resolution, sale, creates, now).map(drop)
}

/// Whether the cloud has refused the group with this document.
pub fn is_refused(conn: &Connection, name: &DocumentName) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox_documents d JOIN outbox o ON o.group_id = d.group_id
             WHERE d.collection = ?1 AND d.document_id = ?2 AND o.state = 'failed')",
        )?
        .query_row(params![name.collection.as_str(), name.id], |row| row.get(0))?)
}
