//! The categories that products are shown under.

use rusqlite::{Connection, OptionalExtension as _, Transaction};

use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE categories (
    category_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
";

/// A category and how many products are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its name; empty for the products that were given none.
    pub name: String,
    /// How many products it holds.
    pub products: i64,
}

/// Every category that holds a product, by name.
pub fn all(conn: &Connection) -> Result<Vec<Category>, StoreError> {
    let mut rows = conn.prepare_cached(
        "SELECT c.name, count(*) FROM products p JOIN categories c USING (category_id)
         GROUP BY p.category_id ORDER BY c.name",
    )?;
    let categories = rows.query_map([], |row| {
        Ok(Category {
            name: row.get(0)?,
            products: row.get(1)?,
        })
    })?;
    Ok(categories.collect::<Result<_, _>>()?)
}

/// The row of the category with this name, made where there is none.
pub(crate) fn id_of(tx: &Transaction<'_>, name: &str) -> Result<i64, StoreError> {
    let found = tx
        .prepare_cached("SELECT category_id FROM categories WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    match found {
        Some(id) => Ok(id),
        None => {
            tx.prepare_cached("INSERT INTO categories (name) VALUES (?1)")?
                .execute([name])?;
            Ok(tx.last_insert_rowid())
        }
    }
}
