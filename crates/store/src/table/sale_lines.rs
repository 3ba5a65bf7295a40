//! The lines of sales, for figures by product.

use counterfoil_domain::{Amount, ProductId, Quantity, SaleId};
use rusqlite::{Transaction, params};
use serde::Deserialize;

use super::sale_line_taxes;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = concat!(
    "
CREATE TABLE sale_lines (
    sale INTEGER NOT NULL REFERENCES sales (entry),
    line INTEGER NOT NULL,
    product_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit TEXT NOT NULL,
    unit_price INTEGER NOT NULL,
    unit_cost INTEGER,
    discount INTEGER NOT NULL,
    total INTEGER NOT NULL,
    note TEXT,
    refund_sale_id TEXT,
    refund_line INTEGER,
    restock TEXT,
    PRIMARY KEY (sale, line)
) STRICT, WITHOUT ROWID;
",
    never_changes!("sale_lines")
);

/// The parts of a record's line that become columns.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Columns {
    pub(crate) line: i64,
    product_id: ProductId,
    pub(crate) sku: String,
    name: String,
    pub(crate) quantity: Quantity,
    unit: String,
    unit_price: Amount,
    #[serde(default)]
    unit_cost: Option<Amount>,
    discount: Amount,
    pub(crate) total: Amount,
    pub(crate) taxes: Vec<sale_line_taxes::Columns>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    refund_of: Option<RefundOf>,
    #[serde(default)]
    restock: Option<String>,
}

/// The line of the sale that a line gives back.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundOf {
    sale_id: SaleId,
    line: i64,
}

/// Inserts the lines of the sale in row `sale`, with their taxes.
pub(crate) fn insert(tx: &Transaction<'_>, sale: i64, lines: &[Columns]) -> Result<(), StoreError> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO sale_lines (sale, line, product_id, sku, name, quantity, unit, unit_price,
             unit_cost, discount, total, note, refund_sale_id, refund_line, restock)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    for line in lines {
        insert.execute(params![
            sale,
            line.line,
            line.product_id.to_string(),
            line.sku,
            line.name,
            line.quantity.thousandths(),
            line.unit,
            line.unit_price.minor(),
            line.unit_cost.map(Amount::minor),
            line.discount.minor(),
            line.total.minor(),
            line.note,
            line.refund_of.as_ref().map(|of| of.sale_id.to_string()),
            line.refund_of.as_ref().map(|of| of.line),
            line.restock
        ])?;
        sale_line_taxes::insert(tx, sale, line.line, &line.taxes)?;
    }
    Ok(())
}
