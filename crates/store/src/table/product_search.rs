//! Search as you type: the exact number first, then names that begin so, then names that hold
//! words that begin so. Accents and case do not matter.

use std::fmt::Write as _;

use rusqlite::{Connection, Transaction, params};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::products::{COLUMNS, Product, from_row};
use crate::error::StoreError;

/// The index holds no copy of the names, and no positions: only whole words and their beginnings
/// are looked for (<https://www.sqlite.org/fts5.html>). Its rows are those of `products`.
pub(crate) const SCHEMA: &str = "
CREATE VIRTUAL TABLE product_words USING fts5 (
    name, sku,
    content = '', contentless_delete = 1, detail = none,
    prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);
";

/// Words beyond these do not narrow a search any more.
const MAX_WORDS: usize = 8;
/// A search field holds a name, not a page.
const MAX_TEXT: usize = 100;

/// Products that answer to `text`, at most `limit`; none for an empty text.
pub fn search(conn: &Connection, text: &str, limit: u32) -> Result<Vec<Product>, StoreError> {
    let text: String = text.trim().chars().take(MAX_TEXT).collect();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found: Vec<(i64, Product)> = Vec::new();
    if text.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let exact = "WHERE p.id IN (SELECT id FROM products WHERE sku = ?1
         UNION SELECT product FROM product_barcodes WHERE barcode = ?1) LIMIT ?2";
    add(conn, &mut found, exact, &text, limit)?;
    let folded = fold(&text);
    let names = "WHERE p.folded >= ?1 AND p.folded < ?1 || char(1114111)
         ORDER BY p.folded LIMIT ?2";
    add(conn, &mut found, names, &folded, limit)?;
    if let Some(query) = words(&folded) {
        let words = "WHERE p.id IN (SELECT rowid FROM product_words
             WHERE product_words MATCH ?1 LIMIT ?2)";
        add(conn, &mut found, words, &query, limit)?;
    }
    Ok(found.into_iter().map(|(_, product)| product).collect())
}

/// Adds what `condition` finds and what is not there yet. Each tier is asked for a whole page, for
/// some of it may have been found by the tier before.
fn add(
    conn: &Connection,
    found: &mut Vec<(i64, Product)>,
    condition: &str,
    text: &str,
    limit: usize,
) -> Result<(), StoreError> {
    if found.len() >= limit {
        return Ok(());
    }
    let mut query = conn.prepare_cached(&format!("SELECT {COLUMNS} {condition}"))?;
    let asked = i64::try_from(limit).unwrap_or(i64::MAX);
    for row in query.query_map(params![text, asked], from_row)? {
        let (id, product) = row?;
        if found.len() < limit && found.iter().all(|(other, _)| *other != id) {
            found.push((id, product));
        }
    }
    Ok(())
}

/// `text` without accents and in lower case, as names are compared.
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// A query for products that hold every word, the beginning of each being enough.
fn words(folded: &str) -> Option<String> {
    let mut query = String::new();
    let words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    for word in words.take(MAX_WORDS) {
        // Only letters and digits are left, so nothing can end the quotes.
        let _ = write!(query, "\"{word}\" * ");
    }
    (!query.is_empty()).then_some(query)
}

/// Makes a product findable by these texts, in the place of those before.
pub(super) fn index(
    tx: &Transaction<'_>,
    id: i64,
    name: &str,
    sku: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO product_words (rowid, name, sku) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![id, name, sku])?;
    Ok(())
}

/// Merges the index into one piece; worth its time after many products were written.
pub fn optimize(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO product_words (product_words) VALUES ('optimize')",
        [],
    )?;
    Ok(())
}
