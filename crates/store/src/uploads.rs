//! What became of uploads, recorded: outbox, failure list, the loser's document and the checks that
//! are owed, in one transaction.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Digest, SaleId, Timestamp};
use counterfoil_sync::{
    Collection, Create, DocumentName, FailureKind, GroupId, GroupKind, Landed, Outcome,
};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde_json::{Value, json};

use crate::column;
use crate::error::StoreError;
use crate::numbers;
use crate::table::failures::{Failure, FailureStatus};
use crate::table::{
    duplicate_checks, elsewhere, failures, outbox, outbox_documents, sales, sync_state,
};

/// What an outcome is about.
struct Sent {
    group: i64,
    kind: GroupKind,
    sale: SaleId,
    attempts: u32,
}

/// What came into the cloud: each of these documents was written there once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// All documents.
    pub documents: u64,
    /// The sales among them that are documents of their own.
    pub sales: u64,
}

/// Records what the engine decided about each group, and answers what is in the cloud by it. An outcome
/// for a group that has one already changes nothing, so recording the same again is harmless.
pub fn record(
    tx: &Transaction<'_>,
    outcomes: &[Outcome],
    now: Timestamp,
) -> Result<Arrived, StoreError> {
    let mut arrived = Arrived::default();
    // What came there by one commit is one statement: a drain lives on it.
    let mut together: Vec<(Landed, Timestamp, Vec<GroupId>)> = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Synced {
                group,
                landed,
                created_at,
            } => {
                let like = |one: &&mut (Landed, Timestamp, Vec<GroupId>)| {
                    (one.0, one.1) == (*landed, *created_at)
                };
                match together.iter_mut().find(like) {
                    Some((.., groups)) => groups.push(*group),
                    None => together.push((*landed, *created_at, vec![*group])),
                }
            }
            Outcome::Retry {
                group,
                not_before,
                reason,
            } => {
                retry(tx, *group, *not_before, reason)?;
            }
            Outcome::Unsent { group, not_before } => give_back(tx, *group, *not_before)?,
            Outcome::Failed {
                group,
                kind,
                message,
                remote,
            } => {
                failed(tx, *group, *kind, message, remote.as_ref(), now)?;
            }
            Outcome::Doubted { group, message } => {
                failed(tx, *group, FailureKind::Refused, message, None, now)?;
                doubt(tx, *group)?;
            }
        }
    }
    for (landed, created_at, groups) in together {
        let more = synced(tx, &groups, landed, created_at)?;
        arrived.documents += more.documents;
        arrived.sales += more.sales;
    }
    if arrived.documents > 0 {
        sync_state::set_last_synced_at(tx, now)?;
    }
    Ok(arrived)
}

/// The group, unless its fate is known already.
fn sent(tx: &Transaction<'_>, group: GroupId) -> Result<Option<Sent>, StoreError> {
    Ok(tx
        .prepare_cached(
            "SELECT kind, sale_id, attempts FROM outbox
             WHERE group_id = ?1 AND state IN ('pending', 'inFlight')",
        )?
        .query_row([group.0], |row| sent_row(group, row))
        .optional()?)
}

fn sent_row(group: GroupId, row: &Row<'_>) -> rusqlite::Result<Sent> {
    Ok(Sent {
        group: group.0,
        kind: column::spelt(row, 0)?,
        sale: column::parsed(row, 1)?,
        attempts: row.get(2)?,
    })
}

/// Groups that the server took at `created_at`; those whose fate is known already stay as they are.
fn synced(
    tx: &Transaction<'_>,
    groups: &[GroupId],
    landed: Landed,
    created_at: Timestamp,
) -> Result<Arrived, StoreError> {
    let landing = tx
        .prepare_cached(
            "UPDATE outbox SET state = 'synced', created_at = ?2, reason = NULL
             WHERE group_id IN (SELECT value FROM json_each(?1)) AND state IN ('pending', 'inFlight')
             RETURNING kind, sale_id, attempts, group_id",
        )?
        .query_map(params![json!(groups).to_string(), created_at.ms()], |row| {
            sent_row(GroupId(row.get(3)?), row)
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut arrived = Arrived::default();
    let mut sales = Vec::new();
    for sent in landing {
        tracing::info!(sale_id = %sent.sale, kind = ?sent.kind, ?landed, %created_at, "in the cloud");
        if sent.kind == GroupKind::Sale {
            arrived.documents += 1;
            arrived.sales += 1;
            sales.push(sent.sale);
        } else {
            arrived.documents += outbox_documents::number(tx, sent.group)?;
            // A copy has its sale's number.
            numbers::count_again(tx, sent.sale)?;
        }
    }
    if !sales.is_empty() {
        duplicate_checks::owe(tx, &sales, created_at)?;
        failures::landed(tx, &sales)?;
    }
    Ok(arrived)
}

fn retry(
    tx: &Transaction<'_>,
    group: GroupId,
    not_before: Timestamp,
    reason: &str,
) -> Result<(), StoreError> {
    let Some(sent) = sent(tx, group)? else {
        return Ok(());
    };
    tx.prepare_cached(
        "UPDATE outbox SET state = 'pending', not_before = ?2, reason = ?3 WHERE group_id = ?1",
    )?
    .execute(params![sent.group, not_before.ms(), reason])?;
    tracing::debug!(sale_id = %sent.sale, kind = ?sent.kind, %not_before, reason, "pending again");
    if sent.kind == GroupKind::Sale {
        return Ok(());
    }
    outbox::keep_in_order(tx, sent.sale)
}

/// Undoes a claim, as if it had not been: the attempt that was counted with it was none. Once: what is pending by now
/// was given back already.
fn give_back(
    tx: &Transaction<'_>,
    group: GroupId,
    not_before: Timestamp,
) -> Result<(), StoreError> {
    let sent = tx
        .prepare_cached(
            "UPDATE outbox SET state = 'pending', not_before = ?2, attempts = max(attempts - 1, 0)
             WHERE group_id = ?1 AND state = 'inFlight' RETURNING kind, sale_id, attempts",
        )?
        .query_row(params![group.0, not_before.ms()], |row| {
            sent_row(group, row)
        })
        .optional()?;
    tracing::debug!(group = group.0, %not_before, "given back unsent");
    match sent {
        Some(sent) if sent.kind != GroupKind::Sale => outbox::keep_in_order(tx, sent.sale),
        _ => Ok(()),
    }
}

fn failed(
    tx: &Transaction<'_>,
    group: GroupId,
    kind: FailureKind,
    message: &str,
    remote: Option<&Fields>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(sent) = sent(tx, group)? else {
        return Ok(());
    };
    tx.prepare_cached("UPDATE outbox SET state = 'failed', reason = ?2 WHERE group_id = ?1")?
        .execute(params![sent.group, message])?;
    tracing::warn!(sale_id = %sent.sale, group = ?sent.kind, ?kind, message, "cannot go up by itself");
    match sent.kind {
        GroupKind::Sale => {}
        // The losing version is in the cloud or in the list: decided and refused it is in neither.
        GroupKind::Conflict => {
            let message = format!("This version of the sale cannot go up for review. {message}");
            return failures::reopened(tx, sent.sale, &message, now);
        }
        // A sale is in the cloud or in the list: with its copy refused it is in neither.
        GroupKind::Resolution => {
            if let Some(remote) = remote {
                note_decision(tx, sent.group, remote)?;
            }
            // A copy that was sent has stood for a document of this number, which may be somebody else's.
            numbers::count_again(tx, sent.sale)?;
            let message = format!("What was decided about this sale cannot go up. {message}");
            return failures::stuck(tx, sent.sale, sent.group, &message, now);
        }
    }
    let failure = Failure {
        sale_id: sent.sale,
        kind,
        message: message.to_owned(),
        attempts: sent.attempts,
        failed_at: now,
        remote: remote.cloned(),
        status: FailureStatus::Open,
        decisions: 0,
    };
    failures::list(tx, &failure)?;
    // A sale that the cloud refuses has no winner; its copy goes up when it is dismissed.
    if kind == FailureKind::Refused {
        Ok(())
    } else {
        queue_conflict(tx, &failure, now)
    }
}

/// Marks a sale that has failed: it goes up again by itself, unless somebody decides about it first.
fn doubt(tx: &Transaction<'_>, group: GroupId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET doubted = 1
         WHERE group_id = ?1 AND kind = 'sale' AND state = 'failed'",
    )?
    .execute([group.0])?;
    Ok(())
}

/// Notes the decision that stands in the place of one of ours.
fn note_decision(tx: &Transaction<'_>, group: i64, there: &Fields) -> Result<(), StoreError> {
    let creates = outbox_documents::of_group(tx, group)?;
    let ours = creates
        .iter()
        .find(|create| create.name.collection == Collection::SaleResolutions);
    let Some(ours) = ours else {
        return Ok(());
    };
    // What stands there may be the reversal, not the decision.
    let same = ["saleId", "digest", "n"]
        .iter()
        .all(|name| there.get(*name) == ours.fields.get(*name));
    match elsewhere::item_of(&ours.name.id) {
        Some((sale, digest, Some(n))) if same => {
            elsewhere::note_resolution(tx, sale, digest, n, there)
        }
        _ => Ok(()),
    }
}

/// A version of a sale that came second, whole, for `saleConflicts`.
pub fn losing_version(
    tx: &Transaction<'_>,
    sale: SaleId,
    message: &str,
    now: Timestamp,
) -> Result<Create, StoreError> {
    losing(
        tx,
        &Failure {
            sale_id: sale,
            kind: FailureKind::SameId,
            message: message.to_owned(),
            attempts: 0,
            failed_at: now,
            remote: None,
            status: FailureStatus::Resolved,
            decisions: 0,
        },
    )
}

fn losing(tx: &Transaction<'_>, failure: &Failure) -> Result<Create, StoreError> {
    let sale = sales::by_id(tx, failure.sale_id)?
        .ok_or_else(|| StoreError::Refused(format!("sale {} is not here", failure.sale_id)))?;
    let name = DocumentName {
        collection: Collection::SaleConflicts,
        id: format!("{}_{}", sale.sale_id, sale.digest),
    };
    let fields = conflict_document(&sale, failure)?.into();
    Ok(Create { name, fields })
}

/// Queues the whole losing version for `saleConflicts`, once for each version; answers nothing new
/// where it is queued or up already.
pub fn queue_conflict(
    tx: &Transaction<'_>,
    failure: &Failure,
    now: Timestamp,
) -> Result<(), StoreError> {
    let losing = losing(tx, failure)?;
    if outbox_documents::contains(tx, &losing.name)? {
        return Ok(());
    }
    let sale = failure.sale_id;
    outbox::queue(tx, GroupKind::Conflict, sale, &[losing], now)?;
    Ok(())
}

/// The losing version, whole; who rang it up, when it lost, to whom, and why.
fn conflict_document(sale: &sales::StoredSale, failure: &Failure) -> Result<Fields, StoreError> {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("saleId", json!(sale.sale_id));
    put("digest", json!(sale.digest));
    put("kind", json!(failure.kind));
    put(
        "message",
        json!(counterfoil_domain::document::nfc(&failure.message)),
    );
    put("failedAt", json!(failure.failed_at));
    for name in [
        "registerId",
        "receiptNumber",
        "cashierId",
        "cashierName",
        "soldAt",
        "total",
    ] {
        if let Some(value) = sale.record.get(name) {
            put(name, value.clone());
        }
    }
    if let Some(remote) = &failure.remote {
        // Recomputed: what a document says of itself is never believed.
        if let Ok(winner) = Digest::of_sale(remote) {
            put("winnerDigest", json!(winner));
        }
        if let Some(winner) = remote.get("saleId") {
            put("winnerSaleId", winner.clone());
        }
    }
    put("sale", Value::Object(sale.record.clone()));
    Ok(fields)
}
