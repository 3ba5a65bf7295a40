//! The shop's tax codes and their rates.

use counterfoil_domain::Rate;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE tax_codes (
    code TEXT NOT NULL PRIMARY KEY,
    rate_ppm INTEGER NOT NULL CHECK (rate_ppm >= 0)
) STRICT, WITHOUT ROWID;
";

/// A tax code; zero-rated and exempt are different codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxCode {
    /// Its name on receipts and in the catalogue.
    pub code: String,
    /// Its rate today; a sale keeps the rate it was rung with.
    pub rate: Rate,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<TaxCode> {
    Ok(TaxCode {
        code: row.get(0)?,
        rate: rate(row, 1)?,
    })
}

/// The rate in a column.
pub(super) fn rate(row: &Row<'_>, index: usize) -> rusqlite::Result<Rate> {
    Rate::from_ppm(row.get(index)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(index, Type::Integer, Box::new(error))
    })
}

/// The code with this name.
pub fn get(conn: &Connection, code: &str) -> Result<Option<TaxCode>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT code, rate_ppm FROM tax_codes WHERE code = ?1")?
        .query_row([code], from_row)
        .optional()?)
}

/// All of them, by name.
pub fn all(conn: &Connection) -> Result<Vec<TaxCode>, StoreError> {
    let mut rows = conn.prepare_cached("SELECT code, rate_ppm FROM tax_codes ORDER BY code")?;
    Ok(rows.query_map([], from_row)?.collect::<Result<_, _>>()?)
}

/// Adds a code or changes its rate.
pub fn set(tx: &Transaction<'_>, code: &TaxCode) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO tax_codes (code, rate_ppm) VALUES (?1, ?2)
         ON CONFLICT (code) DO UPDATE SET rate_ppm = excluded.rate_ppm",
    )?
    .execute(params![code.code, code.rate.ppm()])?;
    Ok(())
}
