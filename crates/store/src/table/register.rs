//! Who this register is, and who it was: a copied or restored database takes a new identity, and
//! the old one's sales keep theirs.

use counterfoil_domain::{ReceiptPrefix, RegisterId, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE registers (
    register_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL UNIQUE,
    installation_id TEXT,
    since INTEGER NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX registers_current ON registers (current) WHERE current = 1;
";

/// A register: one receipt series, one journal chain, one stock ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Its identity.
    pub register_id: RegisterId,
    /// Its name in the shop.
    pub name: String,
    /// What its receipt numbers begin with.
    pub prefix: ReceiptPrefix,
    /// The installation that may use this identity; another one finds a copied database.
    pub installation_id: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

const COLUMNS: &str = "register_id, name, prefix, installation_id, since";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Register> {
    let prefix: String = row.get(2)?;
    Ok(Register {
        register_id: column::parsed(row, 0)?,
        name: row.get(1)?,
        prefix: ReceiptPrefix::new(&prefix).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(2, Type::Text, Box::new(error))
        })?,
        installation_id: row.get(3)?,
        since: column::time(row, 4)?,
    })
}

/// The register that rings up now; none before the shop is set up.
pub fn current(conn: &Connection) -> Result<Option<Register>, StoreError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM registers WHERE current = 1"
        ))?
        .query_row([], from_row)
        .optional()?)
}

/// The register that rings up now, or [`StoreError::NotSetUp`].
pub fn require(conn: &Connection) -> Result<Register, StoreError> {
    current(conn)?.ok_or(StoreError::NotSetUp)
}

/// Every identity that this database has had, the oldest first.
pub fn all(conn: &Connection) -> Result<Vec<Register>, StoreError> {
    let mut rows = conn.prepare(&format!(
        "SELECT {COLUMNS} FROM registers ORDER BY since, register_id"
    ))?;
    Ok(rows.query_map([], from_row)?.collect::<Result<_, _>>()?)
}

/// Makes `register` the one that rings up from now on.
///
/// # Errors
/// [`StoreError::Refused`] where its id or its prefix was used in this database before.
pub fn make_current(tx: &Transaction<'_>, register: &Register) -> Result<(), StoreError> {
    tx.execute("UPDATE registers SET current = 0 WHERE current = 1", [])?;
    tx.execute(
        "INSERT INTO registers (register_id, name, prefix, installation_id, since, current)
         VALUES (?1, ?2, ?3, ?4, ?5, 1)",
        params![
            register.register_id.to_string(),
            register.name,
            register.prefix.as_str(),
            register.installation_id,
            register.since.ms()
        ],
    )?;
    Ok(())
}

/// Gives the current register another name.
pub fn rename(tx: &Transaction<'_>, name: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE registers SET name = ?1 WHERE current = 1", [name])?;
    Ok(())
}

/// Names the installation that may use the current register's identity.
pub fn set_installation(tx: &Transaction<'_>, installation_id: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE registers SET installation_id = ?1 WHERE current = 1",
        [installation_id],
    )?;
    Ok(())
}
