//! The proof of the ledger: every chain from its first link, every sale against its link.

use counterfoil_domain::journal::Link;
use counterfoil_domain::{Digest, RegisterId, SaleId};
use rusqlite::Connection;
use serde_json::Value;

use crate::agree::rows_agree;
use crate::column;
use crate::error::StoreError;
use crate::table::journal::{self, Kept};
use crate::table::sales::Columns;
use crate::table::{register, sales};

/// What a verified chain compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedChain {
    /// Whose chain.
    pub register_id: RegisterId,
    /// The register's name.
    pub register_name: String,
    /// How many links were recomputed.
    pub links: i64,
    /// How many of them are sales, whose records were recomputed too.
    pub sales: i64,
    /// The hash of the last link; 64 zeros where there is none.
    pub head: Digest,
    /// The first link that does not hold; nothing after it was looked at.
    pub broken: Option<BrokenLink>,
}

/// The first link that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenLink {
    /// Its place in the chain.
    pub sequence: i64,
    /// The sale that it proves, if it proves one.
    pub sale_id: Option<SaleId>,
    /// What is wrong.
    pub reason: String,
}

/// Verifies the chain of every register that this database has been. On one snapshot, please:
/// [`Store::read`](crate::Store::read).
pub fn verify(conn: &Connection) -> Result<Vec<VerifiedChain>, StoreError> {
    register::all(conn)?
        .into_iter()
        .map(|register| verify_chain(conn, register))
        .collect()
}

fn verify_chain(
    conn: &Connection,
    register: register::Register,
) -> Result<VerifiedChain, StoreError> {
    let mut chain = VerifiedChain {
        register_id: register.register_id,
        register_name: register.name,
        links: 0,
        sales: 0,
        head: Digest::ZERO,
        broken: None,
    };
    let mut links = conn.prepare(&format!(
        "SELECT {} FROM journal WHERE register_id = ?1 ORDER BY sequence",
        journal::COLUMNS
    ))?;
    let mut rows = links.query([register.register_id.to_string()])?;
    while let Some(row) = rows.next()? {
        let sequence: i64 = row.get(0)?;
        let sale_id = column::parsed_optional(row, 6).unwrap_or_default();
        // A link that does not even parse is a broken link, not a broken program.
        let held = match journal::from_row(row) {
            Ok(kept) => check_link(conn, &chain, &kept)?,
            Err(error) => Err(format!("it cannot be read: {error}")),
        };
        match held {
            Ok(hash) => {
                chain.links += 1;
                chain.sales += i64::from(sale_id.is_some());
                chain.head = hash;
            }
            Err(reason) => {
                chain.broken = Some(BrokenLink {
                    sequence,
                    sale_id,
                    reason,
                });
                return Ok(chain);
            }
        }
    }
    chain.broken = unproved_sale(conn, &chain)?;
    Ok(chain)
}

/// Checks one link against the chain so far; its recomputed hash, or what is wrong.
fn check_link(
    conn: &Connection,
    chain: &VerifiedChain,
    kept: &Kept,
) -> Result<Result<Digest, String>, StoreError> {
    let Kept {
        link,
        digest,
        sale_id,
        document,
    } = kept;
    if link.sequence != chain.links + 1 {
        return Ok(Err(format!("link {} is missing", chain.links + 1)));
    }
    if link.previous_hash != chain.head {
        return Ok(Err(
            "it does not point back to the link before it".to_owned()
        ));
    }
    let previous = Some((chain.links, chain.head));
    match Link::after(
        previous,
        chain.register_id,
        link.kind,
        link.recorded_at,
        *digest,
    ) {
        Ok(recomputed) if recomputed.hash == link.hash => {}
        Ok(recomputed) => {
            let (kept, found) = (link.hash, recomputed.hash);
            return Ok(Err(format!(
                "its hash is {kept}, but its content's is {found}"
            )));
        }
        Err(error) => return Ok(Err(error.to_string())),
    }
    let content = match (sale_id, document) {
        (Some(sale), _) => check_sale(conn, *sale, kept)?,
        (None, Some(document)) => match Digest::of(&Value::Object(document.clone())) {
            Ok(recomputed) if recomputed == *digest => Ok(()),
            Ok(_) => Err("its document is not what was recorded".to_owned()),
            Err(error) => Err(error.to_string()),
        },
        (None, None) => Err("it has no document".to_owned()),
    };
    Ok(content.map(|()| link.hash))
}

/// Checks a sale's record against its link, and its columns and lines against its record.
fn check_sale(
    conn: &Connection,
    sale: SaleId,
    kept: &Kept,
) -> Result<Result<(), String>, StoreError> {
    let stored = match sales::by_id(conn, sale) {
        Ok(Some(stored)) => stored,
        Ok(None) => return Ok(Err("its sale is missing".to_owned())),
        Err(StoreError::Damaged(reason)) => return Ok(Err(reason)),
        Err(error) => return Err(error),
    };
    if let Err(mismatch) = counterfoil_domain::sale::verify(&stored.record) {
        return Ok(Err(mismatch.to_string()));
    }
    let columns = match Columns::of(&stored.record) {
        Ok(columns) => columns,
        Err(error) => return Ok(Err(format!("its record is no sale: {error}"))),
    };
    if columns.sale_id != sale || columns.digest != kept.digest || columns.journal != kept.link {
        return Ok(Err("its record belongs to another link".to_owned()));
    }
    if !rows_agree(conn, stored.entry, &columns)? {
        return Ok(Err("the tables differ from the signed record".to_owned()));
    }
    Ok(Ok(()))
}

/// A sale that no link proves: the end of the chain was cut off. Also a gap in the receipts.
fn unproved_sale(
    conn: &Connection,
    chain: &VerifiedChain,
) -> Result<Option<BrokenLink>, StoreError> {
    let register = chain.register_id.to_string();
    let next = chain.links + 1;
    let mut unproved = conn.prepare(
        "SELECT sale_id, receipt_number FROM sales s WHERE register_id = ?1
         AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.sale_id = s.sale_id) ORDER BY entry",
    )?;
    let mut rows = unproved.query([&register])?;
    if let Some(row) = rows.next()? {
        let number: String = row.get(1)?;
        let reason = format!("the link of receipt {number} is missing");
        let sale_id = column::parsed(row, 0).ok();
        return Ok(Some(BrokenLink {
            sequence: next,
            sale_id,
            reason,
        }));
    }
    let (count, last): (i64, i64) = conn.query_row(
        "SELECT count(*), coalesce(max(receipt_sequence), 0) FROM sales WHERE register_id = ?1",
        [&register],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok((count != last || count != chain.sales).then(|| BrokenLink {
        sequence: next,
        sale_id: None,
        reason: format!(
            "{count} receipts and {} links prove a series of {last}",
            chain.sales
        ),
    }))
}
