//! Looking back: lists, one sale, the whole ledger.

use counterfoil_domain::SaleId;
use counterfoil_store::Connection;
use counterfoil_store::table::sales;

use crate::dto::{SalePage, SaleView};
use crate::error::{AppError, Result};
use crate::sale::Sale;
use crate::settings;
use crate::till::Till;

/// Sales of one answer at most.
const MAX_PAGE: u32 = 500;

/// One page of sales, newest first.
#[derive(Clone, Debug)]
pub struct Sales {
    /// The sales.
    pub items: Vec<Sale>,
    /// Ask for the page before this; none at the end.
    pub next: Option<i64>,
}

impl Till {
    /// Sales, the newest first; with `before`, those before that page's `next`.
    pub fn sales(&self, limit: u32, before: Option<i64>) -> Result<Sales> {
        let limit = limit.clamp(1, MAX_PAGE);
        self.read(|conn| {
            settings::require_store(conn)?;
            // One more than asked for tells whether there is a next page.
            let mut page = sales::list(conn, before, limit + 1)?;
            let more = page.len() > usize::try_from(limit).unwrap_or(usize::MAX);
            if more {
                page.pop();
            }
            let next = page.last().map(|sale| sale.entry).filter(|_| more);
            let items = page.into_iter().map(|stored| Sale::of(conn, stored));
            Ok(Sales {
                items: items.collect::<Result<_>>()?,
                next,
            })
        })
    }

    /// The same for the window.
    pub fn recent_sales(&self, limit: u32, before: Option<u32>) -> Result<SalePage> {
        let page = self.sales(limit, before.map(i64::from))?;
        Ok(SalePage {
            items: page.items.iter().map(Sale::view).collect(),
            next: page.next.and_then(|next| u32::try_from(next).ok()),
        })
    }

    /// One sale, by its id or its receipt number.
    pub fn find_sale(&self, id_or_receipt: &str) -> Result<Sale> {
        self.read(|conn| {
            settings::require_store(conn)?;
            find(conn, id_or_receipt)
        })
    }

    /// The same for the window.
    pub fn sale(&self, id_or_receipt: &str) -> Result<SaleView> {
        Ok(self.find_sale(id_or_receipt)?.view())
    }

    /// Hands every sale to `each`, the oldest first.
    pub fn each_sale(&self, mut each: impl FnMut(Sale) -> Result<()>) -> Result<()> {
        const PAGE: u32 = 200;
        let mut after = 0;
        loop {
            let page = self.read(|conn| {
                settings::require_store(conn)?;
                let page = sales::list_from(conn, after, PAGE)?;
                let last = page.last().map(|sale| sale.entry);
                let sales = page.into_iter().map(|stored| Sale::of(conn, stored));
                Ok((sales.collect::<Result<Vec<_>>>()?, last))
            })?;
            let (sales, last) = page;
            let Some(last) = last else { return Ok(()) };
            after = last;
            sales.into_iter().try_for_each(&mut each)?;
        }
    }
}

/// One sale, by its id or its receipt number.
pub(crate) fn find(conn: &Connection, id_or_receipt: &str) -> Result<Sale> {
    let text = id_or_receipt.trim();
    let stored = match text.parse::<SaleId>() {
        Ok(id) => sales::by_id(conn, id)?,
        Err(_) => sales::by_receipt(conn, &text.to_ascii_uppercase())?,
    };
    let stored = stored.ok_or_else(|| {
        AppError::not_found(format!("no sale has the id or the receipt number “{text}”"))
    })?;
    Sale::of(conn, stored)
}
