//! What is being bought, before it is paid: lines, discounts, and the limits of a cart.

use serde::{Deserialize, Serialize};

use crate::ids::{CartId, ProductId};
use crate::money::Amount;
use crate::pricing::PricingError;
use crate::quantity::Quantity;
use crate::rate::Rate;
use crate::tender::card_number_in;

/// Lines of a cart at most. With the other limits here, a sale stays under the 1 MiB of a Firestore
/// document (<https://firebase.google.com/docs/firestore/quotas>).
pub const MAX_LINES: usize = 1000;
/// Tax codes of a line at most.
pub const MAX_TAXES: usize = 4;
/// Characters of a line's note at most.
pub const MAX_NOTE: usize = 500;
/// Characters of a product's name at most.
pub const MAX_NAME: usize = 200;
/// Characters of a sku at most.
pub const MAX_SKU: usize = 64;
/// Characters of a tax code at most.
pub const MAX_TAX_CODE: usize = 20;
/// Characters of a reason, a certificate or a payment reference at most.
pub const MAX_REFERENCE: usize = 100;
/// Bytes of all texts of a cart together at most: the limits above, all used, would be too much.
pub const MAX_TEXT_BYTES: usize = 200_000;

/// What one of a product is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Unit {
    /// Counted.
    #[default]
    #[serde(rename = "piece")]
    Piece,
    /// Weighed, in kilograms.
    #[serde(rename = "kg")]
    Kilogram,
}

impl Unit {
    /// The unit's spelling in records and in the catalogue's CSV.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Piece => "piece",
            Self::Kilogram => "kg",
        }
    }
}

/// A reduction of a line or of the whole cart: `{"percent":"10"}` or `{"amount":50}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Discount {
    /// A part of the price, at most 100 percent.
    Percent(Rate),
    /// An amount in minor units, at most what it is taken from.
    Amount(Amount),
}

impl Discount {
    /// Whether it takes nothing off: such a discount is not recorded.
    pub const fn is_zero(self) -> bool {
        match self {
            Self::Percent(rate) => rate.ppm() == 0,
            Self::Amount(amount) => amount.is_zero(),
        }
    }
}

/// A tax that a product carries, as it stood when the line was rung up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxRate {
    /// The store's name for it. Zero-rated and exempt are codes of their own.
    pub code: String,
    /// Its percentage.
    pub rate: Rate,
}

/// One line of a cart: a product with what was frozen of it when it was rung up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartLine {
    /// The product.
    pub product_id: ProductId,
    /// Its sku.
    pub sku: String,
    /// Its name as printed.
    pub name: String,
    /// What one of it is.
    pub unit: Unit,
    /// How many; more than nothing.
    pub quantity: Quantity,
    /// The price of one, in minor units; zero is allowed.
    pub unit_price: Amount,
    /// What one cost the shop, frozen for the margin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_cost: Option<Amount>,
    /// Its taxes.
    #[serde(default)]
    pub taxes: Vec<TaxRate>,
    /// The line's own discount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// A note for the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A discount on the whole cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartDiscount {
    /// How much.
    pub discount: Discount,
    /// Why, if the cashier said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why no tax is charged on a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxExempt {
    /// The reason, printed on the receipt.
    pub reason: String,
    /// The number of the certificate that proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// What a customer is about to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cart {
    /// Its identity: a cart becomes one sale at most.
    pub id: CartId,
    /// What is in it, in the order it was rung up.
    #[serde(default)]
    pub lines: Vec<CartLine>,
    /// A discount on the whole, spread over the lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<CartDiscount>,
    /// Set when the customer pays no tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_exempt: Option<TaxExempt>,
}

impl Cart {
    /// A cart with nothing in it.
    pub const fn empty(id: CartId) -> Self {
        Self {
            id,
            lines: Vec::new(),
            discount: None,
            tax_exempt: None,
        }
    }

    /// Refuses what no sale may hold: lines that go back, negative prices, text beyond its limits,
    /// a card's number in a note. [`price`](crate::pricing::price) calls it first.
    pub fn check(&self) -> Result<(), PricingError> {
        if self.lines.len() > MAX_LINES {
            return Err(PricingError::TooManyLines {
                found: self.lines.len(),
                limit: MAX_LINES,
            });
        }
        let mut text = TextBudget::default();
        for (index, line) in self.lines.iter().enumerate() {
            let number = index + 1;
            line.check(number)?;
            text.take(Some(number), "sku", &line.sku, MAX_SKU)?;
            text.take(Some(number), "name", &line.name, MAX_NAME)?;
            text.take(
                Some(number),
                "note",
                line.note.as_deref().unwrap_or(""),
                MAX_NOTE,
            )?;
        }
        let reason = self
            .discount
            .as_ref()
            .and_then(|discount| discount.reason.as_deref());
        text.take(None, "discount reason", reason.unwrap_or(""), MAX_REFERENCE)?;
        if let Some(exempt) = &self.tax_exempt {
            text.take(None, "exemption reason", &exempt.reason, MAX_REFERENCE)?;
            let certificate = exempt.certificate.as_deref().unwrap_or("");
            text.take(None, "certificate", certificate, MAX_REFERENCE)?;
        }
        Ok(())
    }
}

impl CartLine {
    fn check(&self, line: usize) -> Result<(), PricingError> {
        if self.quantity <= Quantity::default() {
            return Err(PricingError::QuantityNotPositive {
                line,
                quantity: self.quantity,
            });
        }
        if self.unit_price.is_negative() {
            return Err(PricingError::NegativePrice {
                line,
                price: self.unit_price,
            });
        }
        if self.unit_cost.is_some_and(Amount::is_negative) {
            return Err(PricingError::NegativeCost { line });
        }
        if self.taxes.len() > MAX_TAXES {
            return Err(PricingError::TooManyTaxes {
                line,
                limit: MAX_TAXES,
            });
        }
        for (index, tax) in self.taxes.iter().enumerate() {
            if tax.code.chars().count() > MAX_TAX_CODE {
                let (field, limit) = ("tax code", MAX_TAX_CODE);
                return Err(PricingError::TextTooLong {
                    line: Some(line),
                    field,
                    limit,
                });
            }
            if self
                .taxes
                .iter()
                .take(index)
                .any(|other| other.code == tax.code)
            {
                return Err(PricingError::TaxTwice {
                    line,
                    code: tax.code.clone(),
                });
            }
        }
        if self.note.as_deref().is_some_and(card_number_in) {
            return Err(PricingError::CardNumber { line });
        }
        Ok(())
    }
}

/// Counts the bytes of a cart's texts.
#[derive(Default)]
struct TextBudget {
    bytes: usize,
}

impl TextBudget {
    fn take(
        &mut self,
        line: Option<usize>,
        field: &'static str,
        text: &str,
        limit: usize,
    ) -> Result<(), PricingError> {
        if text.chars().count() > limit {
            return Err(PricingError::TextTooLong { line, field, limit });
        }
        self.bytes += text.len();
        if self.bytes > MAX_TEXT_BYTES {
            return Err(PricingError::TooMuchText {
                limit: MAX_TEXT_BYTES,
            });
        }
        Ok(())
    }
}
