//! The cart that is being rung up, kept on disk so that a restart loses no line of it.

use counterfoil_domain::{CartId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE open_cart (
    only_one INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
    cart_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    cart TEXT NOT NULL CHECK (json_valid(cart)),
    saved_at INTEGER NOT NULL
) STRICT;
";

/// The open cart as it was saved last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCart<T> {
    /// Which cart.
    pub cart_id: CartId,
    /// Counts its changes from 1, so that a change made from an old view is noticed.
    pub revision: i64,
    /// Its content.
    pub cart: T,
}

/// The open cart, if there is one.
pub fn get<T: DeserializeOwned>(conn: &Connection) -> Result<Option<OpenCart<T>>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT cart_id, revision, cart FROM open_cart")?
        .query_row([], |row| {
            Ok(OpenCart {
                cart_id: column::parsed(row, 0)?,
                revision: row.get(1)?,
                cart: column::json(row, 2)?,
            })
        })
        .optional()?)
}

/// Saves the cart in the place of the one before and answers its new revision.
pub fn save<T: Serialize>(
    tx: &Transaction<'_>,
    cart_id: CartId,
    cart: &T,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let cart =
        serde_json::to_string(cart).map_err(|error| StoreError::Refused(error.to_string()))?;
    Ok(tx
        .prepare_cached(
            "INSERT INTO open_cart (only_one, cart_id, revision, cart, saved_at)
             VALUES (1, ?1, 1, ?2, ?3)
             ON CONFLICT (only_one) DO UPDATE SET
                 revision = iif(cart_id = excluded.cart_id, revision + 1, 1),
                 cart_id = excluded.cart_id, cart = excluded.cart, saved_at = excluded.saved_at
             RETURNING revision",
        )?
        .query_row(params![cart_id.to_string(), cart, now.ms()], |row| {
            row.get(0)
        })?)
}

/// Removes the cart if it is the open one.
pub fn remove(tx: &Transaction<'_>, cart_id: CartId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM open_cart WHERE cart_id = ?1")?
        .execute([cart_id.to_string()])?;
    Ok(())
}
