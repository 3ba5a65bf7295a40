//! What waits to be uploaded: `pending → inFlight → synced | failed | pending again`.

use std::sync::Arc;

use counterfoil_domain::{SaleId, Timestamp};
use counterfoil_sync::{Collection, Create, DocumentName, Group, GroupId, GroupKind};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};

use super::outbox_documents;
use crate::column;
use crate::error::StoreError;
use crate::numbers;

mod schema;

pub(crate) use schema::{FIFTH_SCHEMA, FOURTH_SCHEMA, SCHEMA, THIRD_SCHEMA, mark_doubt};

/// Where a group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GroupState {
    /// It waits.
    Pending,
    /// It is being sent.
    InFlight,
    /// It is in the cloud.
    Synced,
    /// It cannot go up by itself.
    Failed,
}

/// How much stands where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Groups that wait: sales, and documents about conflicts and resolutions.
    pub pending: i64,
    /// Groups that are being sent.
    pub in_flight: i64,
    /// Sales in the cloud, by themselves or through a decision.
    pub synced: i64,
    /// Open items of the failure list.
    pub failed: i64,
    /// Documents about conflicts and resolutions that the cloud refuses.
    pub stuck: i64,
    /// Warnings that wait for a decision.
    pub warnings: i64,
}

/// Queues a sale, which is its own document.
pub(crate) fn queue_sale(
    tx: &Transaction<'_>,
    sale: SaleId,
    record: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let bytes = i64::try_from(record.len()).unwrap_or(i64::MAX);
    insert(tx, GroupKind::Sale, sale, bytes, now).map(drop)
}

/// Queues documents that go up together: a conflict, or a resolution with all that it does.
///
/// # Errors
/// [`StoreError::Refused`] where a document of that name is queued already.
pub fn queue(
    tx: &Transaction<'_>,
    kind: GroupKind,
    sale: SaleId,
    creates: &[Create],
    now: Timestamp,
) -> Result<GroupId, StoreError> {
    let group = insert(tx, kind, sale, 0, now)?;
    let bytes = outbox_documents::insert(tx, group, creates)?;
    tx.prepare_cached("UPDATE outbox SET bytes = ?2 WHERE group_id = ?1")?
        .execute([group, bytes])?;
    if kind == GroupKind::Resolution {
        keep_in_order(tx, sale)?;
    }
    Ok(GroupId(group))
}

/// Lets the decisions about a sale that wait be due no sooner than what waits before them: the rules look for who holds
/// the item in the version that lost, and for what a reversal cancels in the decision before.
pub(crate) fn keep_in_order(tx: &Transaction<'_>, sale: SaleId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET not_before = (
             SELECT max(before.not_before) FROM outbox before
             WHERE before.state = 'pending' AND before.kind <> 'sale'
                 AND before.sale_id = outbox.sale_id AND before.group_id <= outbox.group_id)
         WHERE state = 'pending' AND kind = 'resolution' AND sale_id = ?1",
    )?
    .execute([sale.to_string()])?;
    Ok(())
}

fn insert(
    tx: &Transaction<'_>,
    kind: GroupKind,
    sale: SaleId,
    bytes: i64,
    now: Timestamp,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO outbox (kind, sale_id, bytes, not_before) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        column::spelling(&kind),
        sale.to_string(),
        bytes,
        now.ms()
    ])?;
    Ok(tx.last_insert_rowid())
}

/// Makes pending again what was in flight when the process that sent it ended, and what had failed in
/// doubt. Only the holder of the [`SyncLock`](crate::SyncLock) may call it. Answers how many there were.
pub fn release_in_flight(tx: &Transaction<'_>) -> Result<usize, StoreError> {
    let in_flight = tx.execute(
        "UPDATE outbox SET state = 'pending' WHERE state = 'inFlight'",
        [],
    )?;
    Ok(in_flight + put_back(tx, Timestamp::from_ms(0))?)
}

/// Takes sales that failed in doubt out of the failure list and sends them again from `not_before` on.
/// One about which somebody has decided since is in doubt no more. Answers how many there were.
pub fn put_back(tx: &Transaction<'_>, not_before: Timestamp) -> Result<usize, StoreError> {
    let sales = tx
        .prepare_cached(
            "UPDATE outbox INDEXED BY outbox_doubted
             SET state = 'pending', not_before = ?1, doubted = 0 WHERE doubted = 1
             RETURNING sale_id",
        )?
        .query_map([not_before.ms()], |row| column::parsed(row, 0))?
        .collect::<Result<Vec<SaleId>, _>>()?;
    unlist(tx, &sales)?;
    Ok(sales.len())
}

/// Sales that are sent again are no failures, and count among the numbers that are on their way.
fn unlist(tx: &Transaction<'_>, sales: &[SaleId]) -> Result<(), StoreError> {
    let mut resolve =
        tx.prepare_cached("UPDATE failures SET status = 'resolved' WHERE sale_id = ?1")?;
    for sale in sales {
        resolve.execute([sale.to_string()])?;
        numbers::count_again(tx, *sale)?;
    }
    Ok(())
}

/// A decision about a sale that had failed stands, whatever turns out about that failure.
pub(crate) fn settle(tx: &Transaction<'_>, sale: SaleId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE outbox SET doubted = 0 WHERE sale_id = ?1 AND doubted = 1")?
        .execute([sale.to_string()])?;
    Ok(())
}

/// Takes the oldest groups that are due and marks them as in flight, each with one attempt more: who claims and then
/// ends says no more of what was sent. Only what is given back unsent takes its attempt back. At most `max_groups`, and no
/// more than `max_bytes` of documents unless the first alone has more.
pub fn claim(
    tx: &Transaction<'_>,
    max_groups: u32,
    max_bytes: u64,
    now: Timestamp,
) -> Result<Vec<Group>, StoreError> {
    let mut due = tx.prepare_cached(
        "SELECT o.group_id, o.kind, o.sale_id, o.attempts, o.bytes, s.record
         FROM outbox o INDEXED BY outbox_pending
         CROSS JOIN sales s ON s.sale_id = o.sale_id
         WHERE o.state = 'pending' AND o.not_before <= ?1 ORDER BY o.group_id LIMIT ?2",
    )?;
    let mut rows = due.query(params![now.ms(), max_groups])?;
    let mut groups: Vec<Group> = Vec::new();
    let mut total = 0_u64;
    while let Some(row) = rows.next()? {
        total = total.saturating_add(row.get::<_, i64>(4)?.unsigned_abs());
        if total > max_bytes && !groups.is_empty() {
            break;
        }
        let group = row.get(0)?;
        let kind = column::spelt(row, 1)?;
        let creates = match kind {
            GroupKind::Sale => vec![Create {
                name: DocumentName {
                    collection: Collection::Sales,
                    id: row.get(2)?,
                },
                fields: column::json(row, 5).map(Arc::new)?,
            }],
            GroupKind::Conflict | GroupKind::Resolution => outbox_documents::of_group(tx, group)?,
        };
        groups.push(Group {
            id: GroupId(group),
            kind,
            sale_id: column::parsed(row, 2)?,
            creates,
            attempts: row.get(3)?,
        });
    }
    drop(rows);
    if let Some(last) = groups.last() {
        // Everything that is due up to the last one was taken, and nothing else.
        let marked = tx
            .prepare_cached(
                "UPDATE outbox INDEXED BY outbox_pending
                 SET state = 'inFlight', attempts = attempts + 1
                 WHERE state = 'pending' AND not_before <= ?1 AND group_id <= ?2",
            )?
            .execute([now.ms(), last.id.0])?;
        if marked != groups.len() {
            let (read, marked) = (groups.len(), marked);
            return Err(StoreError::Failed(format!(
                "{read} groups were read to be sent and {marked} marked"
            )));
        }
    }
    Ok(groups)
}

/// The earliest moment at which something pending is due; none where nothing is pending.
pub fn next_due(conn: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let due: Option<i64> = conn
        .prepare_cached(
            "SELECT min(not_before) FROM outbox INDEXED BY outbox_due WHERE state = 'pending'",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(due.map(Timestamp::from_ms))
}

/// How much stands where.
pub fn counts(conn: &Connection) -> Result<Counts, StoreError> {
    let mut counts = Counts {
        failed: super::failures::open(conn)?,
        warnings: super::warnings::open(conn)?,
        synced: super::sale_marks::landed(conn)?,
        ..Counts::default()
    };
    let mut rows = conn.prepare_cached("SELECT kind, state, groups FROM outbox_counts")?;
    let all = rows.query_map([], |row| {
        let counted: (GroupKind, GroupState, i64) =
            (column::spelt(row, 0)?, column::spelt(row, 1)?, row.get(2)?);
        Ok(counted)
    })?;
    for row in all {
        let (kind, state, groups) = row?;
        match (state, kind) {
            (GroupState::Pending, _) => counts.pending += groups,
            (GroupState::InFlight, _) => counts.in_flight += groups,
            (GroupState::Synced, GroupKind::Sale) => counts.synced += groups,
            (GroupState::Failed, GroupKind::Conflict | GroupKind::Resolution) => {
                counts.stuck += groups;
            }
            (GroupState::Synced | GroupState::Failed, _) => {}
        }
    }
    Ok(counts)
}

/// How many sales wait or are being sent, and what they come to.
pub fn unsent_sales(conn: &Connection) -> Result<(i64, i64), StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*), coalesce(sum(s.total), 0) FROM (
                 SELECT sale_id FROM outbox WHERE state = 'pending' AND kind = 'sale'
                 UNION ALL
                 SELECT sale_id FROM outbox WHERE state = 'inFlight' AND kind = 'sale'
             ) o JOIN sales s ON s.sale_id = o.sale_id",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// How many sales wait of those that were sent already, by themselves or with a decision: whether they arrived is not
/// known. One whose claim was not given back, because the process ended, may have been sent and is among them.
pub fn tried_sales(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*) FROM outbox o
             WHERE o.state IN ('pending', 'inFlight') AND o.attempts > 0
                 AND (o.kind = 'sale' OR EXISTS (
                     SELECT 1 FROM outbox_documents d
                     WHERE d.group_id = o.group_id AND d.collection = 'sales'))",
        )?
        .query_row([], |row| row.get(0))?)
}

/// What waits begins anew: in another store nothing of it was tried yet, nor refused. A decision that waits takes along
/// what is in the store that was left of the same item, the losing version and the decisions before it: a reversal
/// without the copy that it cancels would take money from the other store that was never there. A reversal that came
/// second takes nothing from anywhere: the copy stays with the reversal that came first.
pub fn begin_anew(tx: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    let refused = tx
        .prepare_cached(
            "UPDATE outbox SET state = 'pending', doubted = 0 WHERE kind = 'sale' AND state = 'failed'
                 AND sale_id IN (SELECT sale_id FROM failures WHERE status = 'open' AND kind = 'refused')
             RETURNING sale_id",
        )?
        .query_map([], |row| column::parsed(row, 0))?
        .collect::<Result<Vec<SaleId>, _>>()?;
    unlist(tx, &refused)?;
    tx.execute(
        "UPDATE outbox SET attempts = 0, reason = NULL, not_before = min(not_before, ?1)
         WHERE state IN ('pending', 'inFlight') AND attempts > 0",
        [now.ms()],
    )?;
    tx.execute(
        "UPDATE outbox SET state = 'pending', created_at = NULL, attempts = 0, not_before = ?1,
             reason = 'it is in the store that was left'
         WHERE state = 'synced' AND (kind = 'conflict' AND sale_id IN (
                 SELECT sale_id FROM outbox WHERE kind = 'resolution' AND state IN ('pending', 'inFlight'))
             OR kind = 'resolution' AND sale_id IN (
                 SELECT o.sale_id FROM outbox o JOIN outbox_documents d ON d.group_id = o.group_id
                 WHERE o.kind = 'resolution' AND o.state IN ('pending', 'inFlight')
                 GROUP BY o.sale_id HAVING max(d.collection = 'saleConflicts') = 0))",
        [now.ms()],
    )?;
    Ok(())
}

/// Why the last attempt of the oldest waiting group that was tried did not land.
pub fn last_reason(conn: &Connection) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT reason FROM outbox INDEXED BY outbox_pending
             WHERE state = 'pending' ORDER BY group_id LIMIT 1",
        )?
        .query_row([], |row| row.get(0))
        .optional()?
        .flatten())
}

/// Makes everything that waits for a later attempt due at once, and what has failed in doubt: the network
/// is back, or somebody asked for it.
pub fn hurry(tx: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outbox SET not_before = ?1 WHERE state = 'pending' AND not_before > ?1",
        [now.ms()],
    )?;
    put_back(tx, now)?;
    Ok(())
}

/// Sends a failed sale again, under the same id. Answers `false` where it has not failed.
pub fn retry_sale(tx: &Transaction<'_>, sale: SaleId, now: Timestamp) -> Result<bool, StoreError> {
    let moved = tx.execute(
        "UPDATE outbox SET state = 'pending', not_before = ?2, reason = NULL, doubted = 0
         WHERE kind = 'sale' AND sale_id = ?1 AND state = 'failed'",
        params![sale.to_string(), now.ms()],
    )?;
    numbers::count_again(tx, sale)?;
    Ok(moved == 1)
}

/// Sends again what the cloud refused of the documents about this sale's conflict and decisions, but for the
/// decisions up to the `through`-th: others stand in the cloud under their names. Answers how many groups there
/// were.
pub fn retry_stuck(
    tx: &Transaction<'_>,
    sale: SaleId,
    through: u32,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let groups = tx.execute(
        "UPDATE outbox SET state = 'pending', not_before = ?2, reason = NULL
         WHERE kind <> 'sale' AND sale_id = ?1 AND state = 'failed' AND NOT EXISTS (
             SELECT 1 FROM outbox_documents d WHERE d.group_id = outbox.group_id
                 AND d.collection = 'saleResolutions' AND d.fields ->> 'n' <= ?3)",
        params![sale.to_string(), now.ms(), through],
    )?;
    keep_in_order(tx, sale)?;
    Ok(groups)
}

/// Sends again what is gone from the cloud: this group, or of a decision's only the documents that
/// are missing, as a group of their own. Answers `false` where the group has not landed.
pub fn send_again(
    tx: &Transaction<'_>,
    group: GroupId,
    missing: &[DocumentName],
    reason: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (kind, sale): (GroupKind, SaleId) = tx
        .prepare_cached("SELECT kind, sale_id FROM outbox WHERE group_id = ?1")?
        .query_row([group.0], |row| {
            Ok((column::spelt(row, 0)?, column::parsed(row, 1)?))
        })?;
    let whole = kind == GroupKind::Sale
        || outbox_documents::of_group(tx, group.0)?
            .iter()
            .all(|create| missing.contains(&create.name));
    if whole {
        let moved = tx
            .prepare_cached(
                "UPDATE outbox SET state = 'pending', created_at = NULL, not_before = ?2, reason = ?3
                 WHERE group_id = ?1 AND state = 'synced'",
            )?
            .execute(params![group.0, now.ms(), reason])?;
        return Ok(moved == 1);
    }
    let again = insert(tx, kind, sale, 0, now)?;
    let bytes = outbox_documents::move_to(tx, missing, again)?;
    tx.prepare_cached("UPDATE outbox SET bytes = ?2, reason = ?3 WHERE group_id = ?1")?
        .execute(params![again, bytes, reason])?;
    Ok(true)
}

/// Whether anything sends this sale: by itself, or with a decision.
pub fn has_group(conn: &Connection, sale: SaleId) -> Result<bool, StoreError> {
    let alone: bool = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox WHERE kind = 'sale' AND sale_id = ?1)",
        )?
        .query_row([sale.to_string()], |row| row.get(0))?;
    let name = DocumentName {
        collection: Collection::Sales,
        id: sale.to_string(),
    };
    Ok(alone || outbox_documents::contains(conn, &name)?)
}

/// Queues a sale that nothing sends: its row in the outbox is gone.
pub fn queue_lost_sale(
    tx: &Transaction<'_>,
    sale: SaleId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let record: String = tx
        .prepare_cached("SELECT record FROM sales WHERE sale_id = ?1")?
        .query_row([sale.to_string()], |row| row.get(0))?;
    queue_sale(tx, sale, &record, now)
}

/// The groups that sent any of these documents and have landed, each with all its documents' names.
pub fn landed_groups(
    conn: &Connection,
    sent: &[DocumentName],
) -> Result<Vec<(GroupId, Vec<DocumentName>)>, StoreError> {
    let mut alone = conn.prepare_cached(
        "SELECT group_id FROM outbox WHERE kind = 'sale' AND sale_id = ?1 AND state = 'synced'",
    )?;
    let mut groups: Vec<(GroupId, Vec<DocumentName>)> = Vec::new();
    for name in sent {
        if name.collection == Collection::Sales {
            let found: Option<i64> = alone.query_row([&name.id], |row| row.get(0)).optional()?;
            groups.extend(found.map(|group| (GroupId(group), vec![name.clone()])));
        }
        let Some(group) = outbox_documents::landed_group(conn, name)? else {
            continue;
        };
        if groups.iter().all(|(known, _)| known.0 != group) {
            let creates = outbox_documents::of_group(conn, group)?;
            let names = creates.into_iter().map(|create| create.name).collect();
            groups.push((GroupId(group), names));
        }
    }
    Ok(groups)
}
