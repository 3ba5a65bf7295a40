//! What was asked for with a cart that came in a file. A barcode may move to another product
//! afterwards; the cart that was paid with it is the same one all the same.

use counterfoil_domain::{CartId, Digest};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = concat!(
    "
CREATE TABLE sale_requests (
    cart_id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;
",
    never_changes!("sale_requests")
);

/// Keeps what was asked for with a cart; in the transaction that makes it a sale.
pub fn insert(tx: &Transaction<'_>, cart: CartId, digest: Digest) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO sale_requests (cart_id, digest) VALUES (?1, ?2)")?
        .execute(params![cart.to_string(), digest.to_string()])?;
    Ok(())
}

/// What was asked for with this cart, where it is kept.
pub fn get(conn: &Connection, cart: CartId) -> Result<Option<Digest>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT digest FROM sale_requests WHERE cart_id = ?1")?
        .query_row([cart.to_string()], |row| column::parsed(row, 0))
        .optional()?)
}
