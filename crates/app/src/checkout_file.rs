//! A cart that is written as JSON, as scripts hand it to counterfoilctl.

use counterfoil_domain::cart::{Cart, CartDiscount, CartLine, Discount, TaxExempt};
use counterfoil_domain::sale::content_digest;
use counterfoil_domain::tender::{Method, TenderIntent};
use counterfoil_domain::{Amount, CartId, Digest, Quantity, Rate};
use counterfoil_store::table::products::{self, ForSale};
use counterfoil_store::table::{sale_requests, sales};
use counterfoil_store::{Connection, Transaction};
use serde::Deserialize;
use serde_json::{Number, Value, json};

use crate::checkout::{paid_differently, ring_up};
use crate::error::{AppError, ErrorCode, Result};
use crate::identity::require_confirmed;
use crate::open_cart::{by_sku, line_of, unknown_barcode};
use crate::people::Person;
use crate::sale::Sale;
use crate::settings;
use crate::sync::Wake;
use crate::till::Till;

/// A cart as JSON. A field that is not known is refused: a misspelt discount would cost money.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileCart {
    cart_id: Option<CartId>,
    lines: Vec<FileLine>,
    discount: Option<FileDiscount>,
    tax_exempt: Option<TaxExempt>,
    tenders: Vec<FileTender>,
    cashier: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileLine {
    barcode: Option<String>,
    sku: Option<String>,
    quantity: String,
    unit_price: Option<Number>,
    discount: Option<FileDiscount>,
    note: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileDiscount {
    percent: Option<String>,
    amount: Option<Number>,
    reason: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileTender {
    method: Method,
    amount: Number,
    reference: Option<String>,
    last4: Option<String>,
}

/// A cart that was read and is well-formed. What it names is looked up when it is rung up.
#[derive(Clone, Debug)]
pub struct OfferedCart {
    cart_id: Option<CartId>,
    lines: Vec<OfferedLine>,
    discount: Option<CartDiscount>,
    tax_exempt: Option<TaxExempt>,
    tenders: Vec<TenderIntent>,
    cashier: Option<String>,
}

#[derive(Clone, Debug)]
struct OfferedLine {
    code: Code,
    quantity: Quantity,
    unit_price: Option<Amount>,
    discount: Option<Discount>,
    note: Option<String>,
}

#[derive(Clone, Debug)]
enum Code {
    Barcode(String),
    Sku(String),
}

impl OfferedCart {
    /// Reads a cart.
    ///
    /// # Errors
    /// `invalid_input` with `{line, column}` for what is no JSON or no cart; `invalid_quantity`,
    /// `invalid_amount`, `amount_too_large` with the cart's line in the message.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(error) = no_cart(text) {
            return Err(error);
        }
        let file: FileCart = serde_json::from_str(text).map_err(|error| {
            AppError::invalid(format!(
                "the cart cannot be read: {error}. Nothing is booked"
            ))
            .with_details(json!({ "line": error.line(), "column": error.column() }))
        })?;
        let mut lines = Vec::with_capacity(file.lines.len());
        for (index, line) in file.lines.into_iter().enumerate() {
            lines.push(offered_line(line).map_err(|error| at_line(index + 1, error))?);
        }
        let discount = file.discount.map(offered_discount).transpose()?.flatten();
        let mut tenders = Vec::with_capacity(file.tenders.len());
        for tender in file.tenders {
            tenders.push(TenderIntent {
                method: tender.method,
                amount: amount(&tender.amount, "a tender")?,
                reference: tender.reference,
                last4: tender.last4,
            });
        }
        let (cart_id, tax_exempt, cashier) = (file.cart_id, file.tax_exempt, file.cashier);
        Ok(Self {
            cart_id,
            lines,
            discount,
            tax_exempt,
            tenders,
            cashier,
        })
    }

    /// What is asked for, in the words in which it is asked.
    fn json(&self) -> Value {
        let lines = self.lines.iter().map(|line| {
            let mut words = json!({ "quantity": line.quantity });
            let (name, code) = match &line.code {
                Code::Barcode(code) => ("barcode", code),
                Code::Sku(sku) => ("sku", sku),
            };
            words[name] = json!(code);
            for (name, word) in [
                ("unitPrice", line.unit_price.map(|price| json!(price))),
                ("discount", line.discount.map(|discount| json!(discount))),
                ("note", line.note.as_ref().map(|note| json!(note))),
            ] {
                if let Some(word) = word {
                    words[name] = word;
                }
            }
            words
        });
        let lines: Vec<_> = lines.collect();
        let mut words = json!({ "lines": lines, "tenders": self.tenders });
        if let Some(discount) = &self.discount {
            words["discount"] = json!(discount.discount);
        }
        if let Some(exempt) = &self.tax_exempt {
            words["taxExempt"] = json!(exempt);
        }
        words
    }

    fn digest(&self) -> Result<Digest> {
        Digest::of(&self.json()).map_err(AppError::internal)
    }
}

/// Why a text is no cart at all, where it is not even an object.
fn no_cart(text: &str) -> Option<AppError> {
    let what = match text.trim_start().chars().next() {
        None => "there is no cart in it",
        Some('{') => return None,
        Some(_) => "this is no cart",
    };
    let message = format!(
        "{what}: a cart is an object, {{\"lines\": [{{\"sku\": \"…\", \"quantity\": \"1\"}}], \
         \"tenders\": [{{\"method\": \"cash\", \"amount\": 1000}}]}}. Nothing is booked"
    );
    Some(AppError::invalid(message).with_details(json!({ "line": 1, "column": 1 })))
}

fn at_line(line: usize, mut error: AppError) -> AppError {
    error.message = format!("line {line} of the cart: {}", error.message);
    error
}

fn offered_line(line: FileLine) -> Result<OfferedLine> {
    let code = match (line.barcode, line.sku) {
        (Some(barcode), None) => Code::Barcode(barcode.trim().to_owned()),
        (None, Some(sku)) => Code::Sku(sku.trim().to_owned()),
        _ => {
            return Err(AppError::invalid(
                "a line names its product by barcode or by sku, one of both",
            ));
        }
    };
    let unit_price = line
        .unit_price
        .as_ref()
        .map(|price| amount(price, "the price"));
    Ok(OfferedLine {
        code,
        quantity: line.quantity.parse()?,
        unit_price: unit_price.transpose()?,
        discount: line
            .discount
            .map(offered_discount)
            .transpose()?
            .flatten()
            .map(|d| d.discount),
        note: line.note.filter(|note| !note.trim().is_empty()),
    })
}

fn offered_discount(discount: FileDiscount) -> Result<Option<CartDiscount>> {
    let value = match (discount.percent, discount.amount) {
        (Some(percent), None) => {
            let rate: Rate = percent.parse().map_err(|error| {
                AppError::new(ErrorCode::InvalidAmount, format!("the discount: {error}"))
            })?;
            Discount::Percent(rate)
        }
        (None, Some(value)) => Discount::Amount(amount(&value, "the discount")?),
        _ => {
            return Err(AppError::invalid(
                "a discount is a percent or an amount, one of both",
            ));
        }
    };
    let reason = discount.reason;
    Ok(Some(CartDiscount {
        discount: value,
        reason,
    })
    .filter(|d| !d.discount.is_zero()))
}

/// Whether a number that is no `i64` is none because of its size. What does not fit is spelt with
/// all its digits, or with an exponent: `18446744073709551615`, `1e20`.
fn is_huge(spelt: &str) -> bool {
    let (digits, exponent) = spelt.split_once('e').unwrap_or((spelt, "0"));
    let whole = digits.trim_start_matches('-').split('.').next();
    whole.is_some_and(|whole| whole.len() > 15) || exponent.parse().is_ok_and(|e: i32| e > 0)
}

/// An amount in minor units; beyond 2^53−1 it is refused by name.
fn amount(number: &Number, what: &str) -> Result<Amount> {
    let too_large = || {
        let message =
            format!("{what} of {number} is beyond 9007199254740991 minor units; nothing is booked");
        AppError::new(ErrorCode::AmountTooLarge, message)
    };
    match number.as_i64() {
        Some(minor) => Amount::new(minor).map_err(|_| too_large()),
        None if is_huge(&number.to_string()) => Err(too_large()),
        None => Err(AppError::new(
            ErrorCode::InvalidAmount,
            format!("{what} of {number} is not a whole number of minor units"),
        )),
    }
}

impl Till {
    /// Rings up a cart that was written as JSON: the same `processCheckout` as the window's.
    ///
    /// The same `cartId` with the same content returns the same sale, also when a price in the
    /// catalogue has changed since.
    pub fn checkout(&self, offered: OfferedCart) -> Result<Sale> {
        let fresh = self.fresh();
        let installation = self.db()?.installation().cloned();
        let sale = self.write(move |tx| {
            let store = settings::require_store(tx)?;
            let at_till = match &offered.cashier {
                Some(name) => name.clone(),
                None => settings::cashier(tx)?,
            };
            let cashier = Person::at_till(&at_till)?;
            let cart_id = offered.cart_id.unwrap_or(fresh.cart);
            if let Some(stored) = sales::by_cart(tx, cart_id)? {
                return paid_before(tx, cart_id, &offered, stored);
            }
            require_confirmed(tx, installation.as_deref())?;
            let cart = cart_of(tx, cart_id, &offered)?;
            let sale = ring_up(tx, &store, cart, &offered.tenders, &cashier, fresh)?;
            // Nobody can offer a cart again that has no id of its own.
            if offered.cart_id.is_some() {
                sale_requests::insert(tx, cart_id, offered.digest()?)?;
            }
            Ok(sale)
        })?;
        self.wake(Wake::Checkout);
        Ok(sale)
    }
}

/// The sale that this cart became, if it is offered again as it was sold.
///
/// The same words again are the same cart, whatever their barcodes belong to by now. Other words
/// may mean the same; then the catalogue says what they name.
fn paid_before(
    tx: &Transaction<'_>,
    cart_id: CartId,
    offered: &OfferedCart,
    stored: sales::StoredSale,
) -> Result<Sale> {
    let content = stored.content_digest;
    let paid = Sale::of(tx, stored)?;
    if sale_requests::get(tx, cart_id)? != Some(offered.digest()?) {
        let cart = match cart_as_paid(tx, cart_id, offered, &paid) {
            Err(error) if error.code.is_input() => {
                return Err(paid_differently(&paid, offered.json()));
            }
            cart => cart?,
        };
        let again = content_digest(&cart, &offered.tenders).map_err(AppError::internal)?;
        if again != content {
            let offered = offered_json(&cart, &offered.tenders);
            return Err(paid_differently(&paid, offered));
        }
    }
    tracing::info!(sale_id = %paid.record.sale_id, "the same cart again: the same sale");
    Ok(paid)
}

fn product_of(conn: &Connection, code: &Code) -> Result<ForSale> {
    match code {
        Code::Sku(sku) => by_sku(conn, sku),
        Code::Barcode(code) => {
            products::for_sale_by_barcode(conn, code)?.ok_or_else(|| unknown_barcode(code))
        }
    }
}

/// The cart with today's catalogue.
fn cart_of(tx: &Transaction<'_>, id: CartId, offered: &OfferedCart) -> Result<Cart> {
    let mut cart = bare_cart(id, offered);
    for (index, line) in offered.lines.iter().enumerate() {
        let made = product_of(tx, &line.code).and_then(|product| {
            let price = line.unit_price.unwrap_or(product.price);
            line_of(product, line.quantity, price)
        });
        let made = made.map_err(|error| at_line(index + 1, error))?;
        cart.lines.push(CartLine {
            discount: line.discount,
            note: line.note.clone(),
            ..made
        });
    }
    Ok(cart)
}

/// The cart with the prices of the sale that it became, where it names none itself.
fn cart_as_paid(
    tx: &Transaction<'_>,
    id: CartId,
    offered: &OfferedCart,
    paid: &Sale,
) -> Result<Cart> {
    let mut cart = cart_of(tx, id, offered)?;
    let mut left: Vec<_> = paid.record.lines.iter().collect();
    for (line, offer) in cart.lines.iter_mut().zip(&offered.lines) {
        let like = |other: &&counterfoil_domain::sale::SaleLine| {
            other.sku == line.sku && other.quantity == line.quantity
        };
        if let Some(place) = left.iter().position(like) {
            let sold = left.remove(place);
            if offer.unit_price.is_none() {
                line.unit_price = sold.unit_price;
            }
        }
    }
    Ok(cart)
}

fn bare_cart(id: CartId, offered: &OfferedCart) -> Cart {
    Cart {
        id,
        lines: Vec::with_capacity(offered.lines.len()),
        discount: offered.discount.clone(),
        tax_exempt: offered.tax_exempt.clone(),
    }
}

fn offered_json(cart: &Cart, tenders: &[TenderIntent]) -> Value {
    let lines: Vec<_> = cart
        .lines
        .iter()
        .map(|line| {
            json!({
                "sku": line.sku, "name": line.name, "quantity": line.quantity,
                "unitPrice": line.unit_price, "discount": line.discount, "note": line.note,
            })
        })
        .collect();
    json!({ "lines": lines, "discount": cart.discount, "tenders": tenders })
}
