//! What each register has moved of each product so far, cumulatively. On hand is the sum over the
//! registers: the same figures that a register writes to its ledger in the cloud.

use counterfoil_domain::{ProductId, RegisterId};
use rusqlite::{Connection, Transaction, params};

use super::stock_movements::{Movement, MovementKind};
use crate::column;
use crate::error::StoreError;
use crate::stock::Stock;

pub(crate) const SCHEMA: &str = "
CREATE TABLE stock_levels (
    product_id TEXT NOT NULL,
    register_id TEXT NOT NULL REFERENCES registers (register_id),
    received INTEGER NOT NULL DEFAULT 0,
    sold INTEGER NOT NULL DEFAULT 0,
    returned INTEGER NOT NULL DEFAULT 0,
    adjusted INTEGER NOT NULL DEFAULT 0,
    transferred INTEGER NOT NULL DEFAULT 0,
    through_sequence INTEGER NOT NULL,
    PRIMARY KEY (product_id, register_id)
) STRICT, WITHOUT ROWID;
";

/// One product in one register's ledger, in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The product.
    pub product_id: ProductId,
    /// Whose ledger.
    pub register_id: RegisterId,
    /// Delivered.
    pub received: Stock,
    /// Sold, counted upwards.
    pub sold: Stock,
    /// Back on the shelf.
    pub returned: Stock,
    /// Counted more (or, negative, less) than was there.
    pub adjusted: Stock,
    /// From (or, negative, to) another shop.
    pub transferred: Stock,
    /// The register's last movement that is counted in.
    pub through_sequence: i64,
}

/// A product with what is on hand of it: a row of the stock list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnHand {
    /// Its number.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// On hand over all registers.
    pub on_hand: Stock,
    /// The stock at which to order more.
    pub reorder: Option<Stock>,
}

/// Counts a movement into its register's ledger.
pub(super) fn add(
    tx: &Transaction<'_>,
    register: RegisterId,
    movement: &Movement,
    sequence: i64,
) -> Result<(), StoreError> {
    let change = movement.change.thousandths();
    let of = |kind| if movement.kind == kind { change } else { 0 };
    let sold = of(MovementKind::Sold)
        .checked_neg()
        .ok_or_else(|| StoreError::Refused("more stock than can be counted".to_owned()))?;
    tx.prepare_cached(
        "INSERT INTO stock_levels (product_id, register_id, received, sold, returned, adjusted,
             transferred, through_sequence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (product_id, register_id) DO UPDATE SET
             received = received + excluded.received, sold = sold + excluded.sold,
             returned = returned + excluded.returned, adjusted = adjusted + excluded.adjusted,
             transferred = transferred + excluded.transferred,
             through_sequence = excluded.through_sequence",
    )?
    .execute(params![
        movement.product_id.to_string(),
        register.to_string(),
        of(MovementKind::Received),
        sold,
        of(MovementKind::Returned),
        of(MovementKind::Adjusted),
        of(MovementKind::Transferred),
        sequence
    ])?;
    Ok(())
}

/// What is on hand of a product, over all registers.
pub fn on_hand(conn: &Connection, product: ProductId) -> Result<Stock, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT coalesce(sum(received - sold + returned + adjusted + transferred), 0)
             FROM stock_levels WHERE product_id = ?1",
        )?
        .query_row([product.to_string()], |row| {
            row.get(0).map(Stock::from_thousandths)
        })?)
}

/// A product's figures, one row for each register that moved it.
pub fn of_product(conn: &Connection, product: ProductId) -> Result<Vec<Level>, StoreError> {
    let mut rows = conn.prepare_cached(
        "SELECT product_id, register_id, received, sold, returned, adjusted, transferred,
                through_sequence FROM stock_levels WHERE product_id = ?1 ORDER BY register_id",
    )?;
    let levels = rows.query_map([product.to_string()], |row| {
        let stock = |index: usize| row.get(index).map(Stock::from_thousandths);
        Ok(Level {
            product_id: column::parsed(row, 0)?,
            register_id: column::parsed(row, 1)?,
            received: stock(2)?,
            sold: stock(3)?,
            returned: stock(4)?,
            adjusted: stock(5)?,
            transferred: stock(6)?,
            through_sequence: row.get(7)?,
        })
    })?;
    Ok(levels.collect::<Result<_, _>>()?)
}

/// The stock list: every product of the catalogue, by sku.
pub fn list(conn: &Connection) -> Result<Vec<OnHand>, StoreError> {
    let mut rows = conn.prepare_cached(
        "SELECT p.sku, p.name, p.reorder,
             (SELECT coalesce(sum(received - sold + returned + adjusted + transferred), 0)
              FROM stock_levels WHERE product_id = p.product_id)
         FROM products p ORDER BY p.sku",
    )?;
    let list = rows.query_map([], |row| {
        Ok(OnHand {
            sku: row.get(0)?,
            name: row.get(1)?,
            reorder: row.get::<_, Option<i64>>(2)?.map(Stock::from_thousandths),
            on_hand: Stock::from_thousandths(row.get(3)?),
        })
    })?;
    Ok(list.collect::<Result<_, _>>()?)
}
