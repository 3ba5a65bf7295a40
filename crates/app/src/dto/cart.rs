//! The open cart, whole, after every edit.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Minor, ProductUnit};

/// A discount as it is typed: a percentage, or an amount off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum DiscountInput {
    /// So many percent of the line or of the cart.
    Percent {
        /// The percentage as a decimal, `10` or `2.5`.
        value: String,
    },
    /// So much off.
    Amount {
        /// In minor units, more than nothing.
        value: Minor,
    },
}

/// One tax code's figures of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TaxRow {
    /// The tax code.
    pub code: String,
    /// Its percentage as a decimal.
    pub rate: String,
    /// What is taxed, without the tax.
    pub net: Minor,
    /// The tax.
    pub tax: Minor,
    /// What is taxed, with the tax.
    pub gross: Minor,
}

/// One line of the open cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CartLineView {
    /// Position from 1.
    pub line: u32,
    /// The product's sku.
    pub sku: String,
    /// Its name when it was added.
    pub name: String,
    /// Pieces or kilograms.
    pub unit: ProductUnit,
    /// How many, as a decimal.
    pub quantity: String,
    /// The price of one unit as it is charged.
    pub unit_price: Minor,
    /// The price of one unit in the catalogue.
    pub list_price: Minor,
    /// The line's own discount.
    pub discount: Option<DiscountInput>,
    /// What all discounts take off this line.
    pub discount_amount: Minor,
    /// The line after its own discount and its share of the cart's.
    pub total: Minor,
    /// A note for the receipt.
    pub note: Option<String>,
}

/// The open cart with its figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CartView {
    /// The cart's id; it becomes one sale at most.
    pub cart_id: String,
    /// Grows with every edit.
    pub revision: u32,
    /// The lines.
    pub lines: Vec<CartLineView>,
    /// The discount on the whole cart.
    pub discount: Option<DiscountInput>,
    /// What all discounts together take off.
    pub discount_amount: Minor,
    /// All taxes together.
    pub tax_total: Minor,
    /// Taxes by code.
    pub taxes: Vec<TaxRow>,
    /// What the customer owes.
    pub total: Minor,
    /// Pieces, a weighed line counting as one.
    pub item_count: u32,
    /// The line that was added or changed last.
    pub last_line: Option<u32>,
    /// The change of the sale before, until the next payment.
    pub last_change: Option<Minor>,
}
