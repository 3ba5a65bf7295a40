//! The cart that is being rung up: what an edit does to it, and how it is shown.

use counterfoil_domain::cart::{Cart, CartDiscount, CartLine, Discount, TaxRate, Unit};
use counterfoil_domain::pricing::{self, PricedCart};
use counterfoil_domain::{Amount, CartId, ProductId, Quantity, Timestamp};
use counterfoil_store::table::products::ForSale;
use counterfoil_store::table::{open_cart, products};
use counterfoil_store::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::convert;
use crate::dto::{CartLineView, CartView, Minor};
use crate::error::{AppError, ErrorCode, Result};
use crate::settings::{self, StoreSettings};

/// The open cart as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenCart {
    /// What is in it.
    pub(crate) cart: Cart,
    /// The catalogue's price of each line when it was added.
    list_prices: Vec<Amount>,
    /// The line that was added or changed last, from 1.
    last_line: Option<u32>,
}

/// The open cart and its revision; `fresh` is the id of a new one where there is none.
pub(crate) fn load(conn: &Connection, fresh: CartId) -> Result<(OpenCart, i64)> {
    match open_cart::get::<OpenCart>(conn)? {
        Some(kept) => Ok((kept.cart, kept.revision)),
        None => Ok((OpenCart::empty(fresh), 0)),
    }
}

/// Prices the cart, saves it and shows it. Nothing is saved that has no price.
pub(crate) fn save(
    tx: &Transaction<'_>,
    open: &OpenCart,
    store: &StoreSettings,
    now: Timestamp,
) -> Result<CartView> {
    let priced = open.price(store)?;
    let revision = open_cart::save(tx, open.cart.id, open, now)?;
    open.view(&priced, revision, settings::last_change(tx)?)
}

impl OpenCart {
    pub(crate) const fn empty(id: CartId) -> Self {
        Self {
            cart: Cart::empty(id),
            list_prices: Vec::new(),
            last_line: None,
        }
    }

    pub(crate) fn price(&self, store: &StoreSettings) -> Result<PricedCart> {
        pricing::price(&self.cart, &store.rules)
            .map_err(|error| convert::pricing_error(&error, store.currency))
    }

    /// Adds so many of a product. An equal line (same product and price, no discount, no note)
    /// grows instead.
    pub(crate) fn add(
        &mut self,
        product: ForSale,
        quantity: Quantity,
        unit_price: Option<Amount>,
    ) -> Result<()> {
        let list_price = product.price;
        let line = line_of(product, quantity, unit_price.unwrap_or(list_price))?;
        let equal = |other: &CartLine| {
            other.sku == line.sku
                && other.unit_price == line.unit_price
                && other.taxes == line.taxes
                && other.discount.is_none()
                && other.note.is_none()
        };
        let index = match self.cart.lines.iter().position(equal) {
            Some(index) => {
                let grown = &mut self.cart.lines[index];
                let sum = grown.quantity.thousandths() + quantity.thousandths();
                grown.quantity = Quantity::new(sum)?;
                index
            }
            None => {
                self.cart.lines.push(line);
                self.list_prices.push(list_price);
                self.cart.lines.len() - 1
            }
        };
        self.touched(index);
        Ok(())
    }

    pub(crate) fn set_quantity(&mut self, line: u32, quantity: Quantity) -> Result<()> {
        let index = self.index(line)?;
        check_quantity(
            quantity,
            self.cart.lines[index].unit,
            &self.cart.lines[index].name,
        )?;
        self.cart.lines[index].quantity = quantity;
        self.touched(index);
        Ok(())
    }

    pub(crate) fn set_price(&mut self, line: u32, price: Amount) -> Result<()> {
        let index = self.index(line)?;
        self.cart.lines[index].unit_price = price;
        self.touched(index);
        Ok(())
    }

    pub(crate) fn set_line_discount(
        &mut self,
        line: u32,
        discount: Option<Discount>,
    ) -> Result<()> {
        let index = self.index(line)?;
        self.cart.lines[index].discount = discount;
        self.touched(index);
        Ok(())
    }

    pub(crate) fn set_note(&mut self, line: u32, note: Option<String>) -> Result<()> {
        let index = self.index(line)?;
        let note = note
            .map(|note| note.trim().to_owned())
            .filter(|note| !note.is_empty());
        self.cart.lines[index].note = note;
        self.touched(index);
        Ok(())
    }

    pub(crate) fn remove(&mut self, line: u32) -> Result<()> {
        let index = self.index(line)?;
        self.cart.lines.remove(index);
        self.list_prices.remove(index);
        if self.cart.lines.is_empty() {
            self.cart.discount = None;
        }
        self.last_line = None;
        Ok(())
    }

    pub(crate) fn set_discount(&mut self, discount: Option<Discount>, reason: Option<String>) {
        let reason = reason
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
        self.cart.discount = discount.map(|discount| CartDiscount { discount, reason });
    }

    fn index(&self, line: u32) -> Result<usize> {
        let index = usize::try_from(line)
            .ok()
            .and_then(|line| line.checked_sub(1));
        index
            .filter(|&index| index < self.cart.lines.len())
            .ok_or_else(|| {
                let lines = self.cart.lines.len();
                AppError::new(
                    ErrorCode::CartChanged,
                    format!(
                        "there is no line {line} in this cart of {lines}; it has changed meanwhile"
                    ),
                )
            })
    }

    fn touched(&mut self, index: usize) {
        self.last_line = u32::try_from(index + 1).ok();
    }

    /// The cart as the window shows it.
    pub(crate) fn view(
        &self,
        priced: &PricedCart,
        revision: i64,
        last_change: Option<i64>,
    ) -> Result<CartView> {
        let mut lines = Vec::with_capacity(self.cart.lines.len());
        let mut items: i64 = 0;
        for (index, (line, priced)) in self.cart.lines.iter().zip(&priced.lines).enumerate() {
            items = items.saturating_add(match line.unit {
                Unit::Piece => line.quantity.thousandths() / Quantity::ONE.thousandths(),
                Unit::Kilogram => 1,
            });
            lines.push(CartLineView {
                line: u32::try_from(index + 1).unwrap_or(u32::MAX),
                sku: line.sku.clone(),
                name: line.name.clone(),
                unit: convert::unit(line.unit),
                quantity: line.quantity.to_string(),
                unit_price: line.unit_price.into(),
                list_price: self
                    .list_prices
                    .get(index)
                    .copied()
                    .unwrap_or(line.unit_price)
                    .into(),
                discount: line.discount.map(convert::discount_view),
                discount_amount: priced.discount.into(),
                total: priced.total.into(),
                note: line.note.clone(),
            });
        }
        let last_change = last_change.filter(|&change| change != 0);
        Ok(CartView {
            cart_id: self.cart.id.to_string(),
            revision: u32::try_from(revision).unwrap_or(u32::MAX),
            discount: self
                .cart
                .discount
                .as_ref()
                .map(|d| convert::discount_view(d.discount)),
            discount_amount: Amount::total(priced.lines.iter().map(|line| line.discount))?.into(),
            tax_total: priced.tax.into(),
            taxes: priced.taxes.iter().map(convert::tax_row).collect(),
            total: priced.total.into(),
            item_count: u32::try_from(items).unwrap_or(u32::MAX),
            last_line: self.last_line,
            last_change: last_change.map(Minor::try_from).transpose()?,
            lines,
        })
    }
}

/// A cart's line for so many of a product, with what is frozen of the product now.
pub(crate) fn line_of(
    product: ForSale,
    quantity: Quantity,
    unit_price: Amount,
) -> Result<CartLine> {
    check_quantity(quantity, product.unit, &product.name)?;
    let taxes = product.taxes.into_iter();
    Ok(CartLine {
        product_id: ProductId::of_sku(&product.sku),
        sku: product.sku,
        name: product.name,
        unit: product.unit,
        quantity,
        unit_price,
        unit_cost: product.cost,
        taxes: taxes.map(|(code, rate)| TaxRate { code, rate }).collect(),
        discount: None,
        note: None,
    })
}

fn check_quantity(quantity: Quantity, unit: Unit, name: &str) -> Result<()> {
    let refused = |message: String| Err(AppError::new(ErrorCode::InvalidQuantity, message));
    if quantity <= Quantity::default() {
        return refused(format!(
            "{name}: a quantity must be more than nothing, not {quantity}"
        ));
    }
    if unit == Unit::Piece && !quantity.is_whole() {
        return refused(format!(
            "{name} is sold by the piece; {quantity} is not a whole number"
        ));
    }
    Ok(())
}

/// What is sold under this barcode, or else under this sku.
pub(crate) fn by_code(conn: &Connection, code: &str) -> Result<ForSale> {
    let code = code.trim();
    let found = match products::for_sale_by_barcode(conn, code)? {
        Some(product) => Some(product),
        None => products::for_sale_by_sku(conn, code)?,
    };
    found.ok_or_else(|| unknown_barcode(code))
}

/// What is sold under this sku.
pub(crate) fn by_sku(conn: &Connection, sku: &str) -> Result<ForSale> {
    products::for_sale_by_sku(conn, sku.trim())?.ok_or_else(|| {
        AppError::new(
            ErrorCode::UnknownProduct,
            format!("no product has the sku “{sku}”; add it to the catalogue first"),
        )
        .with_details(json!({ "sku": sku }))
    })
}

pub(crate) fn unknown_barcode(code: &str) -> AppError {
    AppError::new(
        ErrorCode::UnknownBarcode,
        format!("no product has the barcode “{code}”; a manager can add it to the catalogue"),
    )
    .with_details(json!({ "barcode": code }))
}
