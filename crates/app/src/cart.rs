//! Ringing up: every edit is a small transaction that answers the whole new cart.

use counterfoil_domain::tender;
use counterfoil_domain::{Amount, CartId, Quantity, Unit};
use counterfoil_store::table::open_cart as table;
use counterfoil_store::table::products::{self, ForSale};
use counterfoil_store::{Connection, Transaction};
use serde_json::json;

use crate::convert;
use crate::dto::{CartView, DiscountInput, Minor, PaymentPreview, TenderInput};
use crate::error::{AppError, ErrorCode, Result};
use crate::open_cart::{self, OpenCart};
use crate::settings;
use crate::till::Till;

impl Till {
    /// The open cart. A new one is begun where there is none.
    pub fn cart(&self) -> Result<CartView> {
        let kept = self.read(|conn| {
            let store = settings::require_store(conn)?;
            let Some(kept) = table::get::<OpenCart>(conn)? else {
                return Ok(None);
            };
            let priced = kept.cart.price(&store)?;
            kept.cart
                .view(&priced, kept.revision, settings::last_change(conn)?)
                .map(Some)
        })?;
        match kept {
            Some(cart) => Ok(cart),
            None => self.edit(|_, _| Ok(())),
        }
    }

    /// Adds the product with this barcode (or this sku) to the cart.
    ///
    /// # Errors
    /// `unknown_barcode`; `quantity_needed` with the product in the details, when it is sold by
    /// weight and no quantity was given; `invalid_quantity`.
    pub fn scan(&self, code: &str, quantity: Option<&str>) -> Result<CartView> {
        let quantity = parsed_quantity(quantity)?;
        let code = code.to_owned();
        self.edit(move |tx, open| {
            let product = open_cart::by_code(tx, &code)?;
            let quantity = quantity_of(tx, &product, quantity)?;
            open.add(product, quantity, None)
        })
    }

    /// Adds a product by its sku, at another price than the catalogue's if one is given.
    pub fn add_product(
        &self,
        sku: &str,
        quantity: Option<&str>,
        unit_price: Option<Minor>,
    ) -> Result<CartView> {
        let quantity = parsed_quantity(quantity)?;
        let sku = sku.to_owned();
        self.edit(move |tx, open| {
            let product = open_cart::by_sku(tx, &sku)?;
            let quantity = quantity_of(tx, &product, quantity)?;
            open.add(product, quantity, unit_price.map(Amount::from))
        })
    }

    /// Changes how many of a line are bought.
    pub fn set_line_quantity(&self, line: u32, quantity: &str) -> Result<CartView> {
        let quantity: Quantity = quantity.parse()?;
        self.edit(move |_, open| open.set_quantity(line, quantity))
    }

    /// Gives a line a discount of its own, or takes it off.
    pub fn set_line_discount(
        &self,
        line: u32,
        discount: Option<DiscountInput>,
    ) -> Result<CartView> {
        let discount = convert::discount(discount.as_ref())?;
        self.edit(move |_, open| open.set_line_discount(line, discount))
    }

    /// Charges another price for one unit of a line. Nothing is a price.
    pub fn set_line_price(&self, line: u32, price: Minor) -> Result<CartView> {
        self.edit(move |_, open| open.set_price(line, price.into()))
    }

    /// Notes something on a line, or takes the note off.
    pub fn set_line_note(&self, line: u32, note: Option<String>) -> Result<CartView> {
        self.edit(move |_, open| open.set_note(line, note))
    }

    /// Takes a line out of the cart.
    pub fn remove_line(&self, line: u32) -> Result<CartView> {
        self.edit(move |_, open| open.remove(line))
    }

    /// Gives the whole cart a discount, or takes it off.
    pub fn set_cart_discount(
        &self,
        discount: Option<DiscountInput>,
        reason: Option<String>,
    ) -> Result<CartView> {
        let discount = convert::discount(discount.as_ref())?;
        self.edit(move |_, open| {
            open.set_discount(discount, reason);
            Ok(())
        })
    }

    /// Throws the cart away and begins another one.
    pub fn clear_cart(&self, reason: Option<String>) -> Result<CartView> {
        let fresh = CartId::new(self.ids().uuid());
        let with_reason = reason.is_some_and(|reason| !reason.trim().is_empty());
        self.edit(move |_, open| {
            tracing::info!(
                cart_id = %open.cart.id, lines = open.cart.lines.len(), with_reason,
                "the cart is cleared"
            );
            *open = OpenCart::empty(fresh);
            Ok(())
        })
    }

    /// How far these tenders get with the open cart. Books nothing.
    pub fn payment_preview(&self, tenders: &[TenderInput]) -> Result<PaymentPreview> {
        let intents = convert::intents(tenders);
        self.read(|conn| {
            let store = settings::require_store(conn)?;
            let total = match table::get::<OpenCart>(conn)? {
                Some(kept) => kept.cart.price(&store)?.total,
                None => Amount::ZERO,
            };
            let preview = tender::preview(total, &intents, &store.rules);
            let keys = tender::quick_cash(preview.cash_due, store.currency);
            let problem = preview
                .problem
                .as_ref()
                .map(|error| convert::tender_error(error, store.currency));
            Ok(PaymentPreview {
                total: total.into(),
                remaining: preview.remaining.into(),
                cash_due: preview.cash_due.into(),
                rounding: preview.rounding.into(),
                change: preview.change.into(),
                tip: preview.tip.into(),
                complete: preview.complete,
                quick_cash: keys.into_iter().map(Minor::from).collect(),
                problem,
            })
        })
    }

    /// One edit of the open cart, saved before it is shown.
    fn edit(
        &self,
        change: impl FnOnce(&Transaction<'_>, &mut OpenCart) -> Result<()> + Send + 'static,
    ) -> Result<CartView> {
        let (now, fresh) = (self.clock().now(), CartId::new(self.ids().uuid()));
        self.write(move |tx| {
            let store = settings::require_store(tx)?;
            let (mut open, _) = open_cart::load(tx, fresh)?;
            change(tx, &mut open)?;
            open_cart::save(tx, &open, &store, now)
        })
    }
}

fn parsed_quantity(quantity: Option<&str>) -> Result<Option<Quantity>> {
    Ok(quantity
        .filter(|text| !text.trim().is_empty())
        .map(str::parse)
        .transpose()?)
}

/// One piece unless told otherwise; what is weighed must be told.
fn quantity_of(
    conn: &Connection,
    product: &ForSale,
    quantity: Option<Quantity>,
) -> Result<Quantity> {
    match (quantity, product.unit) {
        (Some(quantity), _) => Ok(quantity),
        (None, Unit::Piece) => Ok(Quantity::ONE),
        (None, Unit::Kilogram) => {
            let message = format!("{} is sold by weight; enter the kilograms", product.name);
            let error = AppError::new(ErrorCode::QuantityNeeded, message);
            Err(match products::by_sku(conn, &product.sku)? {
                Some(product) => {
                    error.with_details(json!({ "product": convert::product(&product) }))
                }
                None => error,
            })
        }
    }
}
