//! The taxes of each line, for refunds by the stored figures.

use counterfoil_domain::{Amount, Rate};
use rusqlite::{Transaction, params};
use serde::Deserialize;

use crate::error::StoreError;

pub(crate) const SCHEMA: &str = concat!(
    "
CREATE TABLE sale_line_taxes (
    sale INTEGER NOT NULL,
    line INTEGER NOT NULL,
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    rate_ppm INTEGER NOT NULL,
    base INTEGER NOT NULL,
    tax INTEGER NOT NULL,
    PRIMARY KEY (sale, line, position),
    FOREIGN KEY (sale, line) REFERENCES sale_lines (sale, line)
) STRICT, WITHOUT ROWID;
",
    never_changes!("sale_line_taxes")
);

/// A tax of a line, as its record has it.
#[derive(Debug, Deserialize)]
pub(crate) struct Columns {
    code: String,
    rate: Rate,
    base: Amount,
    pub(crate) tax: Amount,
}

/// Inserts the taxes of a line.
pub(crate) fn insert(
    tx: &Transaction<'_>,
    sale: i64,
    line: i64,
    taxes: &[Columns],
) -> Result<(), StoreError> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO sale_line_taxes (sale, line, position, code, rate_ppm, base, tax)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (tax, position) in taxes.iter().zip(0_i64..) {
        insert.execute(params![
            sale,
            line,
            position,
            tax.code,
            tax.rate.ppm(),
            tax.base.minor(),
            tax.tax.minor()
        ])?;
    }
    Ok(())
}
