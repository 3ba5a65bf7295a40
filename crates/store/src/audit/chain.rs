//! The chain of a register walked to its end, past everything that does not hold.

use counterfoil_domain::journal::Link;
use counterfoil_domain::{Digest, RegisterId, SaleId};
use rusqlite::{Connection, Row};
use serde_json::Value;

use crate::column;
use crate::error::StoreError;
use crate::table::journal::{self, Kept};

/// What the walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedChain {
    /// How many links there are.
    pub links: i64,
    /// How many of them are sales.
    pub sales: i64,
    /// How many faults there are; [`faults`](Self::faults) holds the first of them.
    pub broken: u64,
    /// What does not hold.
    pub faults: Vec<ChainFault>,
}

/// One thing that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainFault {
    /// The link's place in the chain, where it is known.
    pub sequence: Option<i64>,
    /// The sale that it is about.
    pub sale_id: Option<SaleId>,
    /// The place of that sale in the receipt series.
    pub receipt_sequence: Option<i64>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a chain at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A sale has no link.
    Unlinked,
    /// The sale of a link is not in the ledger.
    SaleMissing,
    /// A link is missing that was no sale's, as far as can be told.
    LinkMissing,
    /// A link does not hold, in words.
    Broken(String),
}

/// The walk: what came before.
struct Walk {
    /// The last link's place.
    sequence: i64,
    /// Its hash as it stands there, and as its content gives.
    hashes: Vec<Digest>,
    /// The last sale's place in the receipt series.
    receipt: i64,
    limit: usize,
    found: AuditedChain,
}

/// Walks a register's chain. At most `limit` faults are kept; all are counted.
pub fn chain(
    conn: &Connection,
    register: RegisterId,
    limit: usize,
) -> Result<AuditedChain, StoreError> {
    let mut walk = Walk {
        sequence: 0,
        hashes: vec![Digest::ZERO],
        receipt: 0,
        limit,
        found: AuditedChain {
            links: 0,
            sales: 0,
            broken: 0,
            faults: Vec::new(),
        },
    };
    let unlinked = unlinked(conn, register, &mut walk)?;
    let mut links = conn.prepare(&format!(
        "SELECT {}, (SELECT receipt_sequence FROM sales s WHERE s.sale_id = journal.sale_id)
         FROM journal WHERE register_id = ?1 ORDER BY sequence",
        journal::COLUMNS
    ))?;
    let mut rows = links.query([register.to_string()])?;
    while let Some(row) = rows.next()? {
        walk.link(register, row, &unlinked)?;
    }
    Ok(walk.found)
}

/// Sales without a link; answers the places in the chain that they say they have, and in the series.
fn unlinked(
    conn: &Connection,
    register: RegisterId,
    walk: &mut Walk,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut rows = conn.prepare(
        "SELECT sale_id, receipt_sequence,
             CASE WHEN json_valid(record) THEN record ->> '$.journal.sequence' END
         FROM sales s WHERE register_id = ?1
             AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.sale_id = s.sale_id)
         ORDER BY receipt_sequence",
    )?;
    let mut rows = rows.query([register.to_string()])?;
    let mut places = Vec::new();
    while let Some(row) = rows.next()? {
        let (sequence, receipt) = (row.get::<_, i64>(2).ok(), row.get(1)?);
        places.extend(sequence.map(|sequence| (sequence, receipt)));
        walk.fault(ChainFault {
            sequence,
            sale_id: column::parsed(row, 0).ok(),
            receipt_sequence: Some(receipt),
            fault: Fault::Unlinked,
        });
    }
    Ok(places)
}

impl Walk {
    fn fault(&mut self, fault: ChainFault) {
        self.found.broken += 1;
        if self.found.faults.len() < self.limit {
            self.found.faults.push(fault);
        }
    }

    fn link(
        &mut self,
        register: RegisterId,
        row: &Row<'_>,
        unlinked: &[(i64, i64)],
    ) -> Result<(), StoreError> {
        let sequence: i64 = row.get(0)?;
        let of_sale = row.get_ref(6)?.as_str_or_null().ok().flatten().is_some();
        let sale_id: Option<SaleId> = column::parsed_optional(row, 6).unwrap_or_default();
        let receipt: Option<i64> = row.get(8)?;
        self.found.links += 1;
        self.found.sales += i64::from(of_sale);
        let whole = self.skip_to(sequence, unlinked);
        let place = |fault| ChainFault {
            sequence: Some(sequence),
            sale_id,
            receipt_sequence: receipt,
            fault,
        };
        let kept = journal::from_row(row);
        match &kept {
            Err(error) => {
                let reason = format!("it cannot be read: {error}");
                self.fault(place(Fault::Broken(reason)));
            }
            Ok(kept) => {
                let points_back = !whole
                    || self.hashes.is_empty()
                    || self.hashes.contains(&kept.link.previous_hash);
                let wrong = if points_back {
                    content(register, kept)
                } else {
                    Some("it does not point back to the link before it".to_owned())
                };
                if let Some(reason) = wrong {
                    self.fault(place(Fault::Broken(reason)));
                }
            }
        }
        if of_sale && receipt.is_none() {
            // Receipts and their links go up together, so its number follows the one before.
            self.receipt += 1;
            self.fault(ChainFault {
                receipt_sequence: Some(self.receipt),
                ..place(Fault::SaleMissing)
            });
        }
        self.receipt = receipt.unwrap_or(self.receipt);
        self.sequence = sequence;
        // What is wrong with a link is told once: the next may point back to it as it was or as it is.
        self.hashes = match kept {
            Ok(kept) => hashes(register, &kept),
            Err(_) => Vec::new(),
        };
        Ok(())
    }

    /// Notes what is missing before `sequence`; whether nothing is.
    fn skip_to(&mut self, sequence: i64, unlinked: &[(i64, i64)]) -> bool {
        let expected = self.sequence + 1;
        // The link of a sale that is there is named by that sale.
        let missing = expected..sequence;
        let few = missing.clone().take(self.limit);
        for missing in few {
            if let Some((_, receipt)) = unlinked.iter().find(|(place, _)| *place == missing) {
                self.receipt = *receipt;
                continue;
            }
            self.fault(ChainFault {
                sequence: Some(missing),
                sale_id: None,
                receipt_sequence: None,
                fault: Fault::LinkMissing,
            });
        }
        missing.is_empty()
    }
}

/// What is wrong with a link by itself.
fn content(register: RegisterId, kept: &Kept) -> Option<String> {
    let signs = kept.link.signs(register, kept.digest);
    if !matches!(signs, Ok(true)) {
        return Some("its hash is not that of its content".to_owned());
    }
    match (&kept.sale_id, &kept.document) {
        // A sale is compared with its link where the sale is looked at.
        (Some(_), _) => None,
        (None, Some(document)) => match Digest::of(&Value::Object(document.clone())) {
            Ok(recomputed) if recomputed == kept.digest => None,
            Ok(_) => Some("its document is not what was recorded".to_owned()),
            Err(error) => Some(error.to_string()),
        },
        (None, None) => Some("it has no document".to_owned()),
    }
}

/// The hash of a link as it stands there, and as its content gives.
fn hashes(register: RegisterId, kept: &Kept) -> Vec<Digest> {
    let Link {
        sequence,
        previous_hash,
        kind,
        recorded_at,
        hash,
    } = kept.link;
    let before = Some((sequence - 1, previous_hash));
    let recomputed = Link::after(before, register, kind, recorded_at, kept.digest);
    let mut hashes = vec![hash];
    hashes.extend(recomputed.map(|link| link.hash).ok());
    hashes
}
