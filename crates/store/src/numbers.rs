//! Receipt numbers of a register, and how many sales the cloud can have under them.
//!
//! A register's numbers in the cloud are counted after a drain. What has been counted once is not
//! counted again: the mark stands in the settings, with the register that it is about.

use counterfoil_domain::document::Fields;
use counterfoil_domain::reversal::copy_id;
use counterfoil_domain::{Digest, RegisterId, SaleId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::column;
use crate::error::StoreError;
use crate::table::{register, sales, settings};

const MARK: &str = "numbersCounted";

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mark {
    register_id: RegisterId,
    through: i64,
}

/// What this database knows to be in the cloud in a stretch of a receipt series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Sales, reversals and copies that have landed, and others' versions that hold their place with their number.
    pub there: u64,
    /// What was sent and whose answer is not known; what stands in the place of a sale and cannot be read.
    pub perhaps: u64,
}

/// The stretch of the current register's series that was sent and not counted yet; none where
/// there is nothing of it.
pub fn to_count(conn: &Connection) -> Result<Option<(RegisterId, i64, i64)>, StoreError> {
    let register = register::require(conn)?.register_id;
    let from = counted_through(conn, register)? + 1;
    let waiting = first_waiting(conn, register, from, "attempts = 0")?;
    let to = match waiting {
        Some(waiting) => waiting - 1,
        None => sales::last_receipt(conn, register)?,
    };
    Ok((from <= to).then_some((register, from, to)))
}

/// Up to which of the numbers to `to` nothing of this register waits any more. A count that is asked for
/// now is about these: what lands while it is under way may be known by its answer and not be in it.
pub fn settled(conn: &Connection, register: RegisterId, to: i64) -> Result<i64, StoreError> {
    let from = counted_through(conn, register)? + 1;
    let waiting = first_waiting(conn, register, from, "attempts >= 0")?;
    Ok(waiting.map_or(to, |waiting| to.min(waiting - 1)))
}

/// Remembers that the current register's numbers were counted up to `to`, as far as none of them
/// still waits. `to` was [`settled`] before they were counted.
pub fn set_counted(tx: &Transaction<'_>, register: RegisterId, to: i64) -> Result<(), StoreError> {
    let through = settled(tx, register, to)?;
    settings::set(
        tx,
        MARK,
        &Mark {
            register_id: register,
            through,
        },
    )
}

/// Counts anew from the number of this sale on, which had failed: its number was counted while it was not in the
/// cloud, and another computer may have used it since.
pub(crate) fn count_again(tx: &Transaction<'_>, sale: SaleId) -> Result<(), StoreError> {
    let Some(mark) = settings::get::<Mark>(tx, MARK)? else {
        return Ok(());
    };
    let number: Option<i64> = tx
        .prepare_cached(
            "SELECT receipt_sequence FROM sales
             WHERE sale_id = ?1 AND register_id = ?2 AND receipt_sequence <= ?3",
        )?
        .query_row(
            params![sale.to_string(), mark.register_id.to_string(), mark.through],
            |row| row.get(0),
        )
        .optional()?;
    match number {
        Some(number) => settings::set(
            tx,
            MARK,
            &Mark {
                through: number - 1,
                ..mark
            },
        ),
        None => Ok(()),
    }
}

/// Begins to count anew after all that has landed until now: in another store nothing of it is.
pub fn begin_anew(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let register = register::require(tx)?.register_id;
    let through: i64 = tx.query_row(
        "SELECT coalesce(max(s.receipt_sequence), 0) FROM sales s
         JOIN outbox o ON o.kind = 'sale' AND o.sale_id = s.sale_id
         WHERE s.register_id = ?1 AND o.state = 'synced'",
        [register.to_string()],
        |row| row.get(0),
    )?;
    settings::set(
        tx,
        MARK,
        &Mark {
            register_id: register,
            through,
        },
    )
}

/// What is known to be in the cloud under the numbers `from..=to` of `register`.
pub fn known(
    conn: &Connection,
    register: RegisterId,
    from: i64,
    to: i64,
) -> Result<Known, StoreError> {
    let mut known = Known::default();
    let mut groups = conn.prepare_cached(
        "SELECT o.state = 'synced', count(*) FROM (
             SELECT o.group_id FROM sales s JOIN outbox o ON o.kind = 'sale' AND o.sale_id = s.sale_id
             WHERE s.register_id = ?1 AND s.receipt_sequence BETWEEN ?2 AND ?3
             UNION ALL
             SELECT group_id FROM outbox_documents WHERE collection = 'sales'
                 AND fields ->> 'registerId' = ?1
                 AND fields ->> 'receiptSequence' BETWEEN ?2 AND ?3
         ) d JOIN outbox o ON o.group_id = d.group_id
         WHERE o.state = 'synced' OR o.state <> 'failed' AND o.attempts > 0
         GROUP BY o.state = 'synced'",
    )?;
    let counted = groups.query_map(params![register.to_string(), from, to], |row| {
        Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?))
    })?;
    for row in counted {
        let (landed, n) = row?;
        let n = n.unsigned_abs();
        if landed {
            known.there += n;
        } else {
            known.perhaps += n;
        }
    }
    // One that has another number than the sale whose place it holds was given out by somebody else.
    let winners: i64 = conn
        .prepare_cached(
            "SELECT count(*) FROM failures f CROSS JOIN sales s ON s.sale_id = f.sale_id
             WHERE s.register_id = ?1 AND s.receipt_sequence BETWEEN ?2 AND ?3
                 AND f.remote ->> 'registerId' = s.register_id
                 AND f.remote ->> 'receiptSequence' = s.receipt_sequence",
        )?
        .query_row(params![register.to_string(), from, to], |row| row.get(0))?;
    known.there += winners.unsigned_abs();
    let unreadable: i64 = conn
        .prepare_cached(
            "SELECT count(*) FROM failures f JOIN sales s ON s.sale_id = f.sale_id
             WHERE f.kind = 'sameId' AND f.remote IS NULL AND s.register_id = ?1
                 AND s.receipt_sequence BETWEEN ?2 AND ?3",
        )?
        .query_row(params![register.to_string(), from, to], |row| row.get(0))?;
    known.perhaps += unreadable.unsigned_abs();
    Ok(known)
}

/// A sale of which [`known`] counts nothing: it failed, perhaps before it landed after all, and no copy of ours is in
/// the cloud; or it was never sent.
#[derive(Clone, Debug, PartialEq)]
pub struct NotKnown {
    /// Its place in the receipt series.
    pub sequence: i64,
    /// Its record.
    pub record: Fields,
    /// Nobody has read what stands under its id.
    pub is_unread: bool,
}

/// Sales under the numbers after `after` up to `to` of which [`known`] counts nothing, in their order, at most `limit`.
/// At a copy of this database somebody may have decided about one that failed here, and one that was never sent from
/// here may have gone up from there.
pub fn not_known(
    conn: &Connection,
    register: RegisterId,
    (after, to): (i64, i64),
    limit: usize,
) -> Result<Vec<NotKnown>, StoreError> {
    let mut sales = conn.prepare_cached(
        "SELECT s.receipt_sequence, s.sale_id, s.digest, s.record,
             o.state = 'pending' OR o.state = 'failed' AND f.remote IS NULL AND f.kind <> 'sameId'
         FROM (
             SELECT sale_id FROM failures
             UNION SELECT sale_id FROM outbox
                 WHERE kind = 'sale' AND state = 'pending' AND attempts = 0
         ) d
         JOIN sales s ON s.sale_id = d.sale_id
         JOIN outbox o ON o.kind = 'sale' AND o.sale_id = s.sale_id
         LEFT JOIN failures f ON f.sale_id = s.sale_id
         WHERE s.register_id = ?1 AND s.receipt_sequence > ?2 AND s.receipt_sequence <= ?3
             AND (o.state IN ('failed', 'synced') OR o.state = 'pending' AND o.attempts = 0)
         ORDER BY s.receipt_sequence",
    )?;
    let mut is_counted = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM outbox_documents d JOIN outbox o ON o.group_id = d.group_id
             WHERE d.collection = 'sales' AND d.document_id = ?1
                 AND (o.state = 'synced' OR o.state <> 'failed' AND o.attempts > 0))",
    )?;
    let mut rows = sales.query(params![register.to_string(), after, to])?;
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        let (sale, digest): (SaleId, Digest) = (column::parsed(row, 1)?, column::parsed(row, 2)?);
        let copy = copy_id(sale, digest).to_string();
        if !is_counted.query_row([copy], |row| row.get::<_, bool>(0))? {
            found.push(NotKnown {
                sequence: row.get(0)?,
                record: column::json(row, 3)?,
                is_unread: row.get(4)?,
            });
        }
    }
    Ok(found)
}

fn counted_through(conn: &Connection, register: RegisterId) -> Result<i64, StoreError> {
    let mark: Option<Mark> = settings::get(conn, MARK)?;
    Ok(mark
        .filter(|mark| mark.register_id == register)
        .map_or(0, |mark| mark.through))
}

/// The first number from `from` on whose sale is not up yet, of those with so many attempts.
fn first_waiting(
    conn: &Connection,
    register: RegisterId,
    from: i64,
    attempts: &str,
) -> Result<Option<i64>, StoreError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT min(s.receipt_sequence) FROM outbox o JOIN sales s ON s.sale_id = o.sale_id
             WHERE o.kind = 'sale' AND o.state IN ('pending', 'inFlight') AND o.{attempts}
                 AND s.register_id = ?1 AND s.receipt_sequence >= ?2"
        ))?
        .query_row(params![register.to_string(), from], |row| row.get(0))?)
}
