//! What the shop has chosen: one JSON value per name.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
";

/// The value of `name`, if one was chosen.
///
/// # Errors
/// [`StoreError::Damaged`] where the value is not of this type.
pub fn get<T: DeserializeOwned>(conn: &Connection, name: &str) -> Result<Option<T>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([name], |row| column::json(row, 0))
        .optional()?)
}

/// Chooses `value` for `name`.
pub fn set<T: Serialize>(tx: &Transaction<'_>, name: &str, value: &T) -> Result<(), StoreError> {
    let value =
        serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))?;
    tx.prepare_cached(
        "INSERT INTO settings (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![name, value])?;
    Ok(())
}

/// Forgets the choice for `name`.
pub fn remove(tx: &Transaction<'_>, name: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM settings WHERE name = ?1", [name])?;
    Ok(())
}
