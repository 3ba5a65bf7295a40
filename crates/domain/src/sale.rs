//! The record of a sale (`docs/SYNC.md`, “The record”): typed for the program, fields for the world.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cart::{Cart, Discount, TaxExempt, Unit};
use crate::currency::Currency;
use crate::digest::Digest;
use crate::document::{DocumentError, Fields, nfc_all};
use crate::ids::{CartId, ProductId, ReceiptNumber, RegisterId, SaleId};
use crate::money::Amount;
use crate::pricing::{AppliedDiscount, PricedCart};
use crate::quantity::Quantity;
use crate::tax::{LineTax, TaxTotal};
use crate::tender::{Settlement, Tender, TenderIntent};
use crate::time::{BusinessDay, Timestamp};

pub use crate::seal::{Mismatch, SealedSale, seal, verify};

/// The version of the record's shape. Optional fields may be added within one version.
pub const SCHEMA: i64 = 1;

/// What a sale is made of when it is rung up.
#[derive(Clone, Debug)]
pub struct SaleInput {
    /// Its fresh random identity.
    pub sale_id: SaleId,
    /// What was bought.
    pub cart: Cart,
    /// What it costs, priced from that cart.
    pub priced: PricedCart,
    /// How it was paid.
    pub settlement: Settlement,
    /// The register.
    pub register_id: RegisterId,
    /// The number printed on the receipt.
    pub receipt_number: ReceiptNumber,
    /// Its place in the register's gapless series, from 1.
    pub receipt_sequence: i64,
    /// The trading day.
    pub business_day: BusinessDay,
    /// The store's IANA time zone.
    pub time_zone: String,
    /// When, by the register's clock.
    pub sold_at: Timestamp,
    /// The open shift, if the store works in shifts.
    pub shift_id: Option<String>,
    /// Who rang it up.
    pub cashier_id: String,
    /// The same by name.
    pub cashier_name: String,
    /// The store's currency.
    pub currency: Currency,
    /// Whether prices include tax.
    pub prices_include_tax: bool,
}

/// Where goods go that come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Restock {
    /// Back to the shelf: stock grows.
    Shelf,
    /// Written off: they came back but cannot be sold.
    WriteOff,
    /// Nothing came back.
    None,
}

/// The line of an earlier sale that a line takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundOf {
    /// The sale, by its name in the cloud.
    pub sale_id: SaleId,
    /// Its line, from 1.
    pub line: i64,
}

/// A line of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaleLine {
    /// Its place, from 1.
    pub line: i64,
    /// The product.
    pub product_id: ProductId,
    /// Its sku.
    pub sku: String,
    /// Its name as printed.
    pub name: String,
    /// How many; negative where goods come back.
    pub quantity: Quantity,
    /// What one is.
    pub unit: Unit,
    /// The price of one.
    pub unit_price: Amount,
    /// What one cost the shop; absent when unknown or nothing.
    #[serde(default, skip_serializing_if = "none_or_zero")]
    pub unit_cost: Option<Amount>,
    /// All that was taken off, the share of the cart's discount included.
    pub discount: Amount,
    /// What the line comes to: with tax where prices include it, without where it is added.
    pub total: Amount,
    /// Its taxes.
    pub taxes: Vec<LineTax>,
    /// A note for the receipt.
    #[serde(default, skip_serializing_if = "none_or_empty")]
    pub note: Option<String>,
    /// What this line takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_of: Option<RefundOf>,
    /// Where the goods go that come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restock: Option<Restock>,
}

/// A sale, with the fields that this version of the program knows.
///
/// For views and sums. Digests are never taken over it but over the document's [`Fields`], which
/// may hold more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the names are the record's own, explained in docs/SYNC.md"
)]
pub struct SaleRecord {
    pub schema: i64,
    pub sale_id: SaleId,
    pub cart_id: CartId,
    pub register_id: RegisterId,
    pub receipt_number: ReceiptNumber,
    pub receipt_sequence: i64,
    pub business_day: BusinessDay,
    pub time_zone: String,
    pub sold_at: Timestamp,
    #[serde(default, skip_serializing_if = "none_or_empty")]
    pub shift_id: Option<String>,
    pub cashier_id: String,
    pub cashier_name: String,
    pub currency: Currency,
    pub prices_include_tax: bool,
    pub lines: Vec<SaleLine>,
    pub discounts: Vec<AppliedDiscount>,
    pub taxes: Vec<TaxTotal>,
    pub total: Amount,
    pub rounding: Amount,
    #[serde(default, skip_serializing_if = "Amount::is_zero_ref")]
    pub tip: Amount,
    pub tenders: Vec<Tender>,
    pub change_due: Amount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_exempt: Option<TaxExempt>,
    #[serde(default, skip_serializing_if = "none_or_empty")]
    pub customer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancels: Option<SaleId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_sale_id: Option<SaleId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_digest: Option<Digest>,
}

impl SaleRecord {
    /// The record of a sale that was just priced and paid.
    pub fn new(input: SaleInput) -> Self {
        let SaleInput {
            cart,
            priced,
            settlement,
            ..
        } = input;
        debug_assert_eq!(
            cart.lines.len(),
            priced.lines.len(),
            "the price is of this cart"
        );
        let lines = cart.lines.into_iter().zip(priced.lines).zip(1..);
        let lines = lines
            .map(|((line, priced), number)| SaleLine {
                line: number,
                product_id: line.product_id,
                sku: line.sku,
                name: line.name,
                quantity: line.quantity,
                unit: line.unit,
                unit_price: line.unit_price,
                unit_cost: line.unit_cost,
                discount: priced.discount,
                total: priced.total,
                taxes: priced.taxes,
                note: line.note,
                refund_of: None,
                restock: None,
            })
            .collect();
        Self {
            schema: SCHEMA,
            sale_id: input.sale_id,
            cart_id: cart.id,
            register_id: input.register_id,
            receipt_number: input.receipt_number,
            receipt_sequence: input.receipt_sequence,
            business_day: input.business_day,
            time_zone: input.time_zone,
            sold_at: input.sold_at,
            shift_id: input.shift_id,
            cashier_id: input.cashier_id,
            cashier_name: input.cashier_name,
            currency: input.currency,
            prices_include_tax: input.prices_include_tax,
            lines,
            discounts: priced.discounts,
            taxes: priced.taxes,
            total: priced.total,
            rounding: settlement.rounding,
            tip: settlement.tip,
            tenders: settlement.tenders,
            change_due: settlement.change_due,
            tax_exempt: cart.tax_exempt,
            customer: None,
            cancels: None,
            original_sale_id: None,
            original_digest: None,
        }
    }

    /// The record as its document: every text in NFC, nothing that is unsigned.
    pub fn to_fields(&self) -> Result<Fields, DocumentError> {
        let mut value = serde_json::to_value(self).map_err(|error| DocumentError::Shape {
            reason: error.to_string(),
        })?;
        nfc_all(&mut value);
        match value {
            Value::Object(fields) => Ok(fields),
            _ => Err(DocumentError::Missing {
                path: "document".to_owned(),
            }),
        }
    }

    /// Reads a document; fields that this version does not know are left aside.
    pub fn from_fields(fields: &Fields) -> Result<Self, DocumentError> {
        Self::deserialize(fields).map_err(|error| DocumentError::Shape {
            reason: error.to_string(),
        })
    }

    /// All taxes together.
    pub fn tax(&self) -> i128 {
        self.taxes.iter().map(|tax| tax.tax).sum()
    }
}

fn none_or_empty(text: &Option<String>) -> bool {
    text.as_deref().is_none_or(str::is_empty)
}

fn none_or_zero(amount: &Option<Amount>) -> bool {
    amount.is_none_or(Amount::is_zero)
}

/// A line as [`content_digest`] sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContentLine<'a> {
    sku: &'a str,
    quantity: Quantity,
    unit_price: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    discount: Option<Discount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

/// What decides whether a cart that comes again is “the same cart, paid the same way”: its lines
/// (in any order), discounts, tenders (in their order) and exemption.
///
/// Kept by the register beside the sale; it is no part of the record.
pub fn content_digest(cart: &Cart, tenders: &[TenderIntent]) -> Result<Digest, DocumentError> {
    let shape = |error: serde_json::Error| DocumentError::Shape {
        reason: error.to_string(),
    };
    let kept = |discount: Option<Discount>| discount.filter(|discount| !discount.is_zero());
    let mut lines = Vec::with_capacity(cart.lines.len());
    for line in &cart.lines {
        let mut value = serde_json::to_value(ContentLine {
            sku: &line.sku,
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount: kept(line.discount),
            note: line.note.as_deref().filter(|note| !note.is_empty()),
        })
        .map_err(shape)?;
        nfc_all(&mut value);
        lines.push((crate::canonical::canonical(&value)?, value));
    }
    lines.sort_by(|one, other| one.0.cmp(&other.0));
    let lines: Vec<Value> = lines.into_iter().map(|(_, line)| line).collect();
    let mut paid = Vec::with_capacity(tenders.len());
    for tender in tenders {
        let mut value = Fields::new();
        value.insert("method".to_owned(), tender.method.as_str().into());
        value.insert("amount".to_owned(), tender.amount.minor().into());
        let reference = tender
            .reference
            .as_deref()
            .map(str::trim)
            .unwrap_or_default();
        if !reference.is_empty() {
            value.insert("reference".to_owned(), reference.into());
        }
        paid.push(Value::Object(value));
    }
    let mut content = Fields::new();
    content.insert("lines".to_owned(), Value::Array(lines));
    content.insert("tenders".to_owned(), Value::Array(paid));
    if let Some(discount) = kept(cart.discount.as_ref().map(|discount| discount.discount)) {
        content.insert(
            "discount".to_owned(),
            serde_json::to_value(discount).map_err(shape)?,
        );
    }
    if let Some(exempt) = &cart.tax_exempt {
        content.insert(
            "taxExempt".to_owned(),
            serde_json::to_value(exempt).map_err(shape)?,
        );
    }
    let mut content = Value::Object(content);
    nfc_all(&mut content);
    Digest::of(&content)
}
