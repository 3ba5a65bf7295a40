//! What each sale was paid with.

use counterfoil_domain::Amount;
use rusqlite::{Transaction, params};
use serde::Deserialize;

use crate::error::StoreError;

pub(crate) const SCHEMA: &str = concat!(
    "
CREATE TABLE sale_tenders (
    sale INTEGER NOT NULL REFERENCES sales (entry),
    position INTEGER NOT NULL,
    method TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reference TEXT,
    last4 TEXT,
    PRIMARY KEY (sale, position)
) STRICT, WITHOUT ROWID;
",
    never_changes!("sale_tenders")
);

/// A tender, as its record has it.
#[derive(Debug, Deserialize)]
pub(crate) struct Columns {
    pub(crate) method: String,
    pub(crate) amount: Amount,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    last4: Option<String>,
}

/// Inserts the tenders of the sale in row `sale`.
pub(crate) fn insert(
    tx: &Transaction<'_>,
    sale: i64,
    tenders: &[Columns],
) -> Result<(), StoreError> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO sale_tenders (sale, position, method, amount, reference, last4)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (tender, position) in tenders.iter().zip(0_i64..) {
        insert.execute(params![
            sale,
            position,
            tender.method,
            tender.amount.minor(),
            tender.reference,
            tender.last4
        ])?;
    }
    Ok(())
}
