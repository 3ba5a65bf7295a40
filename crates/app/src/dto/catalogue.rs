//! Products, their import, and stock.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Minor;

/// What a product is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ProductUnit {
    /// Whole pieces.
    Piece,
    /// Kilograms, three decimals.
    Kg,
}

/// A category and how many products it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Category {
    /// Its name.
    pub name: String,
    /// How many products are in it.
    pub products: u32,
}

/// A product of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Its id, derived from the sku.
    pub product_id: String,
    /// The store's own name for it; never changes.
    pub sku: String,
    /// Every barcode it answers to.
    pub barcodes: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its category; empty when it has none.
    pub category: String,
    /// The price of one unit.
    pub price: Minor,
    /// What one unit costs the store.
    pub cost: Option<Minor>,
    /// The codes of its taxes.
    pub tax_codes: Vec<String>,
    /// Pieces or kilograms.
    pub unit: ProductUnit,
    /// On hand over all registers, as a decimal; negative when more was sold than received.
    pub stock: String,
}

/// A catalogue file to be imported.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ImportInput {
    /// The CSV as text.
    pub csv: String,
    /// Check everything, change nothing.
    pub dry_run: bool,
    /// Import the good lines although there are bad ones.
    pub skip_bad: bool,
    /// Post the difference between the file's stock and the counted one as an adjustment.
    pub set_stock: bool,
}

/// One thing that is wrong with a line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ImportProblem {
    /// The line in the file, from 1; the header is line 1.
    pub line: u32,
    /// The column's name.
    pub column: String,
    /// What is wrong, and what to write instead.
    pub reason: String,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ImportProgress {
    /// Products written.
    pub done: u32,
    /// Products to write.
    pub total: u32,
}

/// What an import did, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// Whether the catalogue was changed.
    pub imported: bool,
    /// Lines read, without the header.
    pub lines: u32,
    /// Products that are new.
    pub added: u32,
    /// Products that were there before.
    pub updated: u32,
    /// Lines that were left out because they are bad.
    pub skipped: u32,
    /// Products that cost nothing: allowed, but worth a look.
    pub free: u32,
    /// Products whose stock was adjusted.
    pub stock_adjusted: u32,
    /// The file's columns that the catalogue does not have: they are passed over.
    pub ignored_columns: Vec<String>,
    /// What is wrong, in the order of the file; at most the first thousand.
    pub problems: Vec<ImportProblem>,
    /// How many problems there are in all.
    pub problems_total: u32,
}

/// One product's stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StockItem {
    /// The product's sku.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// On hand over all registers, as a decimal.
    pub on_hand: String,
    /// At or below this it is time to order; none: nobody watches it.
    pub reorder: Option<String>,
}

/// All stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StockPage {
    /// One entry a product, by sku.
    pub items: Vec<StockItem>,
}
