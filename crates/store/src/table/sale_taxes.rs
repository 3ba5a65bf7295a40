//! The taxes of each sale by code, as its receipt shows them.

use counterfoil_domain::{Amount, Rate};
use rusqlite::{Transaction, params};
use serde::Deserialize;

use crate::error::StoreError;

pub(crate) const SCHEMA: &str = concat!(
    "
CREATE TABLE sale_taxes (
    sale INTEGER NOT NULL REFERENCES sales (entry),
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    rate_ppm INTEGER NOT NULL,
    net INTEGER NOT NULL,
    tax INTEGER NOT NULL,
    gross INTEGER NOT NULL,
    PRIMARY KEY (sale, position)
) STRICT, WITHOUT ROWID;
",
    never_changes!("sale_taxes")
);

/// A tax code's share of a sale, as its record has it.
#[derive(Debug, Deserialize)]
pub(crate) struct Columns {
    pub(crate) code: String,
    rate: Rate,
    pub(crate) net: Amount,
    pub(crate) tax: Amount,
    pub(crate) gross: Amount,
}

/// Inserts the taxes of the sale in row `sale`.
pub(crate) fn insert(tx: &Transaction<'_>, sale: i64, taxes: &[Columns]) -> Result<(), StoreError> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO sale_taxes (sale, position, code, rate_ppm, net, tax, gross)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (tax, position) in taxes.iter().zip(0_i64..) {
        insert.execute(params![
            sale,
            position,
            tax.code,
            tax.rate.ppm(),
            tax.net.minor(),
            tax.tax.minor(),
            tax.gross.minor()
        ])?;
    }
    Ok(())
}
