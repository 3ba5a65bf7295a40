//! The books against the cloud: what a register knows of one document there, and what stands there.
//!
//! Pure: who reads either is elsewhere. What a document says about itself is never believed.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::document::Fields;
use counterfoil_domain::sale::{SCHEMA, verify};
use counterfoil_domain::{Digest, SaleId};
use serde_json::Value;

use crate::archive::Totals;
use crate::remote::Found;

/// Where a document of this register stands, as its own database says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It has landed: it must be there.
    There,
    /// It waits, or is being sent: it may be there.
    Waiting,
    /// It stands in the failure list: another version may be there.
    Open,
    /// It was dismissed: another version may be there.
    Dismissed,
    /// It was decided; what went up has another id.
    Decided,
    /// It went up to another store.
    Elsewhere,
}

/// What the register's own books say about one of its documents in the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The sale that it is, or is a copy of.
    pub sale_id: SaleId,
    /// The number on the receipt.
    pub receipt_number: String,
    /// What it comes to, in minor units.
    pub total: i64,
    /// What was signed; none where the register's own books do not tell any more.
    pub digest: Option<Digest>,
    /// The hash of its journal link.
    pub link: Option<Digest>,
    /// Where it stands.
    pub standing: Standing,
}

/// What one register expects of one day, by the document's id.
pub type DayBook = BTreeMap<SaleId, Expected>;

/// How many documents must be there, and what they come to.
pub fn expected_totals(book: &DayBook) -> Totals {
    let there = book.values().filter(|one| one.standing == Standing::There);
    let (count, sum) = there.fold((0, 0_i64), |(count, sum), one| {
        (count + 1, sum.saturating_add(one.total))
    });
    Totals {
        count,
        sum: Some(sum),
    }
}

/// What a document in the cloud turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is what the register signed.
    Same,
    /// It holds the place of a sale whose case is known: in the failure list, decided, dismissed.
    Known,
    /// It is what the register signed, of a sale that it takes for one that is not there: in the failure list,
    /// decided, dismissed. An upload that was given up has arrived after all. Never said where the register's own
    /// books do not tell what was signed: any valid sale could stand there, also the one that came first.
    Late,
    /// It is not what the register signed.
    Differs {
        /// In words.
        reason: String,
    },
    /// It is no valid document.
    Unreadable {
        /// In words.
        reason: String,
    },
    /// A newer program wrote it.
    NewerSchema {
        /// Its schema.
        schema: i64,
    },
}

/// Compares a document with what the register knows of it.
pub fn compare(expected: &Expected, found: &Found) -> Verdict {
    let verdict = content(expected, found);
    match (expected.standing, &verdict) {
        (Standing::Open | Standing::Dismissed | Standing::Decided, Verdict::Same)
            if expected.digest.is_some() =>
        {
            Verdict::Late
        }
        (Standing::There | Standing::Waiting | Standing::Elsewhere, Verdict::Same) => verdict,
        // Whatever is there was not put there by this sale: that is what its case is about.
        (Standing::Waiting | Standing::Open | Standing::Dismissed | Standing::Decided, _) => {
            Verdict::Known
        }
        (Standing::There | Standing::Elsewhere, _) => verdict,
    }
}

fn content(expected: &Expected, found: &Found) -> Verdict {
    let fields = match &found.fields {
        Ok(fields) => fields,
        Err(reason) => {
            let reason = reason.clone();
            return Verdict::Unreadable { reason };
        }
    };
    let recomputed = match Digest::of_sale(fields) {
        Ok(recomputed) => recomputed,
        Err(error) => {
            let reason = error.to_string();
            return Verdict::Unreadable { reason };
        }
    };
    if expected.digest.is_some_and(|signed| signed != recomputed) {
        return match newer_schema(fields) {
            Some(schema) => Verdict::NewerSchema { schema },
            None => Verdict::Differs {
                reason: "its content is not what was signed".to_owned(),
            },
        };
    }
    if let Err(mismatch) = verify(fields) {
        let reason = mismatch.to_string();
        return Verdict::Differs { reason };
    }
    let link = fields.get("journal").and_then(|link| link.get("hash"));
    let link = link.and_then(Value::as_str).map(str::parse);
    match (expected.link, link) {
        (Some(own), Some(Ok(there))) if own != there => Verdict::Differs {
            reason: "its journal link is another one".to_owned(),
        },
        _ => Verdict::Same,
    }
}

/// The schema of a document that a newer program wrote.
pub fn newer_schema(fields: &Fields) -> Option<i64> {
    let schema = fields.get("schema").and_then(Value::as_i64);
    schema.filter(|schema| *schema > SCHEMA)
}

/// The names of the fields in which two versions of a sale differ, apart from what only the cloud
/// adds and what follows from the others.
pub fn differing_fields(one: &Fields, other: &Fields) -> Vec<String> {
    const ADDED: [&str; 3] = ["storeId", "createdAt", "syncState"];
    const FOLLOWS: [&str; 3] = ["digest", "fingerprint", "journal"];
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = |name: &&String| one.get(*name) != other.get(*name);
    let mut names: Vec<String> = names.into_iter().filter(differ).cloned().collect();
    names.retain(|name| !ADDED.contains(&name.as_str()));
    if names.iter().any(|name| !FOLLOWS.contains(&name.as_str())) {
        names.retain(|name| !FOLLOWS.contains(&name.as_str()));
    }
    names
}

#[cfg(test)]
mod tests;
