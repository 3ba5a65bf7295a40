//! The catalogue: products with their barcodes and tax codes.

use counterfoil_domain::{Amount, ProductId, Quantity, Rate, Timestamp, Unit};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::{categories, product_search, tax_codes};
use crate::column;
use crate::error::StoreError;
use crate::stock::Stock;

pub(crate) const SCHEMA: &str = "
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    product_id TEXT NOT NULL,
    sku TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    category_id INTEGER NOT NULL REFERENCES categories (category_id),
    price INTEGER NOT NULL CHECK (price >= 0),
    cost INTEGER,
    unit TEXT NOT NULL CHECK (unit IN ('piece', 'kg')),
    reorder INTEGER,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX products_by_name ON products (folded);
CREATE INDEX products_by_category ON products (category_id, folded);
CREATE TABLE product_barcodes (
    barcode TEXT NOT NULL PRIMARY KEY,
    product INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX product_barcodes_by_product ON product_barcodes (product, position);
CREATE TABLE product_taxes (
    product INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    code TEXT NOT NULL REFERENCES tax_codes (code),
    PRIMARY KEY (product, position)
) STRICT, WITHOUT ROWID;
";

/// A product as the catalogue has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProduct {
    /// Its number in this shop, which never changes.
    pub sku: String,
    /// Its barcodes; none of them may belong to another product.
    pub barcodes: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its category; empty for none.
    pub category: String,
    /// Its price for one unit.
    pub price: Amount,
    /// What one unit costs the shop.
    pub cost: Option<Amount>,
    /// Its tax codes, which must exist.
    pub tax_codes: Vec<String>,
    /// Counted or weighed.
    pub unit: Unit,
    /// The stock at which to order more.
    pub reorder: Option<Quantity>,
}

/// A product and how much of it is on hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its identity, derived from the sku.
    pub product_id: ProductId,
    /// All that the catalogue says.
    pub listed: NewProduct,
    /// On hand over all registers.
    pub stock: Stock,
}

/// What a line of a sale takes from the catalogue, and no more: a cashier waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForSale {
    /// Its number in this shop.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Its price for one unit.
    pub price: Amount,
    /// What one unit costs the shop.
    pub cost: Option<Amount>,
    /// Counted or weighed.
    pub unit: Unit,
    /// Its tax codes with today's rates.
    pub taxes: Vec<(String, Rate)>,
}

/// What became of a product that was put into the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted {
    /// It is new.
    Inserted,
    /// The sku was there; the rest is now as given.
    Updated,
}

/// Separates listed texts within one column: a control character that no barcode or code holds.
const SEPARATOR: char = '\u{1f}';

/// The columns of a product `p`, in one statement so that a scan costs one look-up.
pub(super) const COLUMNS: &str = "p.id, p.product_id, p.sku, p.name, c.name, p.price, p.cost,
    p.unit, p.reorder,
    (SELECT group_concat(barcode, char(31)) FROM (SELECT barcode FROM product_barcodes
        WHERE product = p.id ORDER BY position)),
    (SELECT group_concat(code, char(31)) FROM (SELECT code FROM product_taxes
        WHERE product = p.id ORDER BY position)),
    (SELECT coalesce(sum(received - sold + returned + adjusted + transferred), 0)
        FROM stock_levels WHERE product_id = p.product_id)
    FROM products p JOIN categories c USING (category_id)";

/// A row of [`COLUMNS`], with the catalogue's own row number.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<(i64, Product)> {
    let list = |index: usize| -> rusqlite::Result<Vec<String>> {
        let text = row.get_ref(index)?.as_str_or_null()?.unwrap_or_default();
        Ok(text
            .split(SEPARATOR)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect())
    };
    let reorder: Option<i64> = row.get(8)?;
    let product = Product {
        product_id: column::parsed(row, 1)?,
        listed: NewProduct {
            sku: row.get(2)?,
            name: row.get(3)?,
            category: row.get(4)?,
            price: column::amount(row, 5)?,
            cost: column::amount_optional(row, 6)?,
            unit: column::spelt(row, 7)?,
            reorder: reorder.and_then(|thousandths| Quantity::new(thousandths).ok()),
            barcodes: list(9)?,
            tax_codes: list(10)?,
        },
        stock: Stock::from_thousandths(row.get(11)?),
    };
    Ok((row.get(0)?, product))
}

/// The product with this barcode.
pub fn by_barcode(conn: &Connection, barcode: &str) -> Result<Option<Product>, StoreError> {
    const WHERE: &str = "WHERE p.id = (SELECT product FROM product_barcodes WHERE barcode = ?1)";
    one(conn, WHERE, barcode)
}

/// The product with this sku.
pub fn by_sku(conn: &Connection, sku: &str) -> Result<Option<Product>, StoreError> {
    one(conn, "WHERE p.sku = ?1", sku)
}

fn one(conn: &Connection, condition: &str, text: &str) -> Result<Option<Product>, StoreError> {
    Ok(conn
        .prepare_cached(&format!("SELECT {COLUMNS} {condition}"))?
        .query_row([text], |row| from_row(row).map(|(_, product)| product))
        .optional()?)
}

/// What is sold under this barcode.
pub fn for_sale_by_barcode(
    conn: &Connection,
    barcode: &str,
) -> Result<Option<ForSale>, StoreError> {
    const WHERE: &str = "p.id = (SELECT product FROM product_barcodes WHERE barcode = ?1)";
    for_sale(conn, WHERE, barcode)
}

/// What is sold under this sku.
pub fn for_sale_by_sku(conn: &Connection, sku: &str) -> Result<Option<ForSale>, StoreError> {
    for_sale(conn, "p.sku = ?1", sku)
}

/// A row for each tax code of the product; at least one.
fn for_sale(conn: &Connection, condition: &str, text: &str) -> Result<Option<ForSale>, StoreError> {
    let mut read = conn.prepare_cached(&format!(
        "SELECT p.sku, p.name, p.price, p.cost, p.unit, t.code, t.rate_ppm
         FROM products p LEFT JOIN product_taxes x ON x.product = p.id
              LEFT JOIN tax_codes t ON t.code = x.code
         WHERE {condition} ORDER BY x.position"
    ))?;
    let mut rows = read.query([text])?;
    let mut found: Option<ForSale> = None;
    while let Some(row) = rows.next()? {
        let product = match &mut found {
            Some(product) => product,
            None => found.insert(ForSale {
                sku: row.get(0)?,
                name: row.get(1)?,
                price: column::amount(row, 2)?,
                cost: column::amount_optional(row, 3)?,
                unit: column::spelt(row, 4)?,
                taxes: Vec::new(),
            }),
        };
        if let Some(code) = row.get(5)? {
            product.taxes.push((code, tax_codes::rate(row, 6)?));
        }
    }
    Ok(found)
}

/// The products of a category, by name.
pub fn by_category(
    conn: &Connection,
    category: &str,
    offset: u32,
    limit: u32,
) -> Result<Vec<Product>, StoreError> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} WHERE p.category_id = (SELECT category_id FROM categories WHERE name = ?1)
         ORDER BY p.folded, p.id LIMIT ?3 OFFSET ?2"
    ))?;
    let products = rows.query_map(params![category, offset, limit], |row| {
        from_row(row).map(|(_, p)| p)
    })?;
    Ok(products.collect::<Result<_, _>>()?)
}

/// Hands every product to `each`, in the order of the skus: an export of any size.
pub fn for_each<E: From<StoreError>>(
    conn: &Connection,
    mut each: impl FnMut(Product) -> Result<(), E>,
) -> Result<(), E> {
    let mut read = conn
        .prepare(&format!("SELECT {COLUMNS} ORDER BY p.sku"))
        .map_err(|error| E::from(error.into()))?;
    let rows = read
        .query_map([], from_row)
        .map_err(|error| E::from(error.into()))?;
    for row in rows {
        let (_, product) = row.map_err(|error| E::from(error.into()))?;
        each(product)?;
    }
    Ok(())
}

/// How many products the catalogue has.
pub fn count(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn.query_row("SELECT count(*) FROM products", [], |row| row.get(0))?)
}

/// Puts a product into the catalogue, or changes the one with its sku. Stock is not touched.
///
/// # Errors
/// [`StoreError::BarcodeTaken`] before anything is written; [`StoreError::Refused`] for a tax code
/// that does not exist.
pub fn upsert(
    tx: &Transaction<'_>,
    product: &NewProduct,
    now: Timestamp,
) -> Result<Upserted, StoreError> {
    let found: Option<(i64, String)> = tx
        .prepare_cached("SELECT id, name FROM products WHERE sku = ?1")?
        .query_row([&product.sku], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let held = found.as_ref().map(|(id, _)| *id);
    refuse_taken_barcodes(tx, product, held)?;
    refuse_unknown_taxes(tx, product)?;
    let category = categories::id_of(tx, &product.category)?;
    let id = match held {
        Some(id) => {
            update(tx, id, product, category, now)?;
            tx.prepare_cached("DELETE FROM product_barcodes WHERE product = ?1")?
                .execute([id])?;
            tx.prepare_cached("DELETE FROM product_taxes WHERE product = ?1")?
                .execute([id])?;
            id
        }
        None => insert(tx, product, category, now)?,
    };
    write_lists(tx, id, product)?;
    if found.as_ref().is_none_or(|(_, name)| *name != product.name) {
        product_search::index(tx, id, &product.name, &product.sku)?;
    }
    Ok(if held.is_some() {
        Upserted::Updated
    } else {
        Upserted::Inserted
    })
}

fn refuse_taken_barcodes(
    tx: &Transaction<'_>,
    product: &NewProduct,
    own: Option<i64>,
) -> Result<(), StoreError> {
    let mut holder = tx.prepare_cached(
        "SELECT p.id, p.sku FROM product_barcodes b JOIN products p ON p.id = b.product
         WHERE b.barcode = ?1",
    )?;
    for barcode in &product.barcodes {
        let taken: Option<(i64, String)> = holder
            .query_row([barcode], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match taken {
            Some((id, sku)) if Some(id) != own => {
                return Err(StoreError::BarcodeTaken {
                    barcode: barcode.clone(),
                    sku,
                });
            }
            _ => {}
        }
    }
    Ok(())
}

fn refuse_unknown_taxes(tx: &Transaction<'_>, product: &NewProduct) -> Result<(), StoreError> {
    let mut exists = tx.prepare_cached("SELECT 1 FROM tax_codes WHERE code = ?1")?;
    for code in &product.tax_codes {
        if !exists.exists([code])? {
            return Err(StoreError::Refused(format!(
                "the tax code {code} does not exist"
            )));
        }
    }
    Ok(())
}

fn insert(
    tx: &Transaction<'_>,
    product: &NewProduct,
    category: i64,
    now: Timestamp,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO products (product_id, sku, name, folded, category_id, price, cost, unit,
             reorder, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        ProductId::of_sku(&product.sku).to_string(),
        product.sku,
        product.name,
        product_search::fold(&product.name),
        category,
        product.price.minor(),
        product.cost.map(Amount::minor),
        column::spelling(&product.unit),
        product.reorder.map(Quantity::thousandths),
        now.ms()
    ])?;
    Ok(tx.last_insert_rowid())
}

fn update(
    tx: &Transaction<'_>,
    id: i64,
    product: &NewProduct,
    category: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE products SET name = ?2, folded = ?3, category_id = ?4, price = ?5, cost = ?6,
             unit = ?7, reorder = ?8, changed_at = ?9 WHERE id = ?1",
    )?
    .execute(params![
        id,
        product.name,
        product_search::fold(&product.name),
        category,
        product.price.minor(),
        product.cost.map(Amount::minor),
        column::spelling(&product.unit),
        product.reorder.map(Quantity::thousandths),
        now.ms()
    ])?;
    Ok(())
}

fn write_lists(tx: &Transaction<'_>, id: i64, product: &NewProduct) -> Result<(), StoreError> {
    // A barcode that is listed twice is the same barcode.
    let mut barcode = tx.prepare_cached(
        "INSERT INTO product_barcodes (barcode, product, position) VALUES (?1, ?2, ?3)
         ON CONFLICT (barcode) DO NOTHING",
    )?;
    for (text, position) in product.barcodes.iter().zip(0_i64..) {
        barcode.execute(params![text, id, position])?;
    }
    let mut tax = tx.prepare_cached(
        "INSERT INTO product_taxes (product, position, code) VALUES (?1, ?2, ?3)",
    )?;
    for (code, position) in product.tax_codes.iter().zip(0_i64..) {
        tax.execute(params![id, position, code])?;
    }
    Ok(())
}
