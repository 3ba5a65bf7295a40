//! Every movement of stock, as it happened. The sum of a product's movements is what is on hand.

use counterfoil_domain::{ProductId, RegisterId, SaleId, Timestamp};
use rusqlite::{Transaction, params};
use serde::{Deserialize, Serialize};

use super::stock_levels;
use crate::column;
use crate::error::StoreError;
use crate::stock::Stock;

pub(crate) const SCHEMA: &str = concat!(
    "
CREATE TABLE stock_movements (
    sequence INTEGER PRIMARY KEY,
    register_id TEXT NOT NULL REFERENCES registers (register_id),
    product_id TEXT NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('received', 'sold', 'returned', 'adjusted', 'transferred')),
    change INTEGER NOT NULL,
    sale_id TEXT REFERENCES sales (sale_id),
    line INTEGER,
    reason TEXT,
    moved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX stock_movements_by_product ON stock_movements (product_id, sequence);
CREATE INDEX stock_movements_by_sale ON stock_movements (sale_id) WHERE sale_id IS NOT NULL;
",
    never_changes!("stock_movements")
);

/// Why stock moved; each has its own cumulative figure in a register's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MovementKind {
    /// Delivered, or the opening stock.
    Received,
    /// Sold.
    Sold,
    /// Back on the shelf.
    Returned,
    /// Counted, broken, lost.
    Adjusted,
    /// To or from another shop.
    Transferred,
}

/// A movement that is to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// What moved.
    pub product_id: ProductId,
    /// Why.
    pub kind: MovementKind,
    /// By how much what is on hand changes: negative for what is sold.
    pub change: Stock,
    /// The line of the sale that it belongs to (from 1), for a sale's movement.
    pub line: Option<i64>,
    /// The reason that was given.
    pub reason: Option<String>,
}

/// Posts a movement in the register's ledger, of a sale or of its own, and answers its sequence.
///
/// # Errors
/// [`StoreError::Refused`] where the count would leave 64 bits.
pub fn post(
    tx: &Transaction<'_>,
    register: RegisterId,
    movement: &Movement,
    sale: Option<SaleId>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO stock_movements
             (register_id, product_id, kind, change, sale_id, line, reason, moved_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        register.to_string(),
        movement.product_id.to_string(),
        column::spelling(&movement.kind),
        movement.change.thousandths(),
        sale.map(|id| id.to_string()),
        movement.line,
        movement.reason,
        now.ms()
    ])?;
    let sequence = tx.last_insert_rowid();
    stock_levels::add(tx, register, movement, sequence)?;
    Ok(sequence)
}

/// Posts the difference between what is on hand and `target` as an adjustment; nothing where they
/// agree. Answers the difference.
pub fn set_on_hand(
    tx: &Transaction<'_>,
    register: RegisterId,
    product: ProductId,
    target: Stock,
    reason: &str,
    now: Timestamp,
) -> Result<Stock, StoreError> {
    let change = target.minus(stock_levels::on_hand(tx, product)?)?;
    if change != Stock::NONE {
        let movement = Movement {
            product_id: product,
            kind: MovementKind::Adjusted,
            change,
            line: None,
            reason: Some(reason.to_owned()),
        };
        post(tx, register, &movement, None, now)?;
    }
    Ok(change)
}
