//! The catalogue: export, find, browse.

use counterfoil_store::table::products;
use counterfoil_store::table::{categories, product_search, stock_levels};

use crate::convert;
use crate::csv;
use crate::dto::{Category, Product, StockItem, StockPage};
use crate::error::{AppError, Result};
use crate::settings;
use crate::till::Till;

/// Products of one answer at most.
const MAX_PAGE: u32 = 500;

impl Till {
    /// The whole catalogue as CSV, in the columns that the import reads.
    pub fn export_catalogue(&self) -> Result<String> {
        self.read(|conn| {
            let currency = settings::require_store(conn)?.currency;
            let mut text = csv::export_header();
            products::for_each(conn, |product| {
                let listed = &product.listed;
                let cost = listed
                    .cost
                    .map_or_else(String::new, |cost| currency.format(cost));
                let reorder = listed.reorder.map_or_else(String::new, |q| q.to_string());
                text.push_str(&csv::export_row([
                    &listed.sku,
                    &listed.barcodes.join("|"),
                    &listed.name,
                    &listed.category,
                    &currency.format(listed.price),
                    &cost,
                    &listed.tax_codes.join("|"),
                    &product.stock.to_string(),
                    &reorder,
                    listed.unit.as_str(),
                ]));
                Ok::<(), AppError>(())
            })?;
            Ok(text)
        })
    }

    /// Products that answer to `text`: the exact sku or barcode first, then names.
    pub fn search_products(&self, text: &str, limit: u32) -> Result<Vec<Product>> {
        self.read(|conn| {
            let found = product_search::search(conn, text, limit.min(MAX_PAGE))?;
            Ok(found.iter().map(convert::product).collect())
        })
    }

    /// The categories that hold products.
    pub fn categories(&self) -> Result<Vec<Category>> {
        self.read(|conn| {
            let all = categories::all(conn)?.into_iter();
            let count = |products: i64| u32::try_from(products).unwrap_or(u32::MAX);
            Ok(all
                .map(|c| Category {
                    name: c.name,
                    products: count(c.products),
                })
                .collect())
        })
    }

    /// One page of a category's products, by name.
    pub fn category_products(
        &self,
        category: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Product>> {
        self.read(|conn| {
            let page = products::by_category(conn, category, offset, limit.min(MAX_PAGE))?;
            Ok(page.iter().map(convert::product).collect())
        })
    }

    /// What is on hand of every product.
    pub fn stock_list(&self) -> Result<StockPage> {
        self.read(|conn| {
            settings::require_store(conn)?;
            let list = stock_levels::list(conn)?.into_iter();
            let item = |row: stock_levels::OnHand| StockItem {
                sku: row.sku,
                name: row.name,
                on_hand: row.on_hand.to_string(),
                reorder: row.reorder.map(|reorder| reorder.to_string()),
            };
            Ok(StockPage {
                items: list.map(item).collect(),
            })
        })
    }
}
