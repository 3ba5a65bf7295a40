//! A sale as it is shown.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Minor, ProductUnit, TaxRow, TenderMethod};

/// Where a sale is on its way to the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum SyncState {
    /// No cloud is connected; nothing waits.
    LocalOnly,
    /// Waits to be sent.
    Pending,
    /// Is being sent.
    InFlight,
    /// Is in the cloud.
    Synced,
    /// Stands in the failure list, or was decided there.
    Failed,
}

/// One line of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SaleLineView {
    /// Position from 1.
    pub line: u32,
    /// The product's sku.
    pub sku: String,
    /// Its name when it was sold.
    pub name: String,
    /// How many, as a decimal; negative on a reversal.
    pub quantity: String,
    /// Pieces or kilograms.
    pub unit: ProductUnit,
    /// The price of one unit.
    pub unit_price: Minor,
    /// What all discounts took off this line.
    pub discount: Minor,
    /// What the line came to.
    pub total: Minor,
    /// A note.
    pub note: Option<String>,
}

/// One discount of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SaleDiscountView {
    /// `percent` or `amount`.
    pub kind: String,
    /// The percentage as a decimal, or the amount in minor units.
    pub value: String,
    /// What it took off.
    pub amount: Minor,
    /// Why it was given.
    pub reason: Option<String>,
}

/// One payment of a sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SaleTenderView {
    /// How.
    pub method: TenderMethod,
    /// How much was handed over; negative when it was given back.
    pub amount: Minor,
    /// The terminal's or the voucher's number.
    pub reference: Option<String>,
    /// The last four digits of a card.
    pub last4: Option<String>,
}

/// A sale, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SaleView {
    /// Its id.
    pub sale_id: String,
    /// The cart it was made from.
    pub cart_id: String,
    /// Its number as printed.
    pub receipt_number: String,
    /// When it was paid, by the register's clock.
    pub sold_at: String,
    /// The trading day it belongs to.
    pub business_day: String,
    /// Who rang it up.
    pub cashier_name: String,
    /// This register's name; `null` for a sale of another one.
    pub register_name: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// Whether line prices include the tax.
    pub prices_include_tax: bool,
    /// The lines.
    pub lines: Vec<SaleLineView>,
    /// The discounts.
    pub discounts: Vec<SaleDiscountView>,
    /// Taxes by code.
    pub taxes: Vec<TaxRow>,
    /// What was owed, exact.
    pub total: Minor,
    /// The cash rounding.
    pub rounding: Minor,
    /// What a card paid above the total.
    pub tip: Minor,
    /// The payments.
    pub tenders: Vec<SaleTenderView>,
    /// What went back to the customer.
    pub change_due: Minor,
    /// The sale that this one cancels.
    pub cancels: Option<String>,
    /// The receipt number of the sale that this one cancels, where this register has it.
    pub reverses: Option<String>,
    /// The receipt number of the reversal that cancels this one.
    pub superseded_by: Option<String>,
    /// The sale that this one is a copy of.
    pub original_sale_id: Option<String>,
    /// When the cloud took it, by the cloud's clock.
    pub created_at: Option<String>,
    /// Where it is on its way to the cloud.
    pub sync_state: SyncState,
}

/// One page of sales, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SalePage {
    /// The sales.
    pub items: Vec<SaleView>,
    /// Ask for the page before this; `null` at the end.
    pub next: Option<u32>,
}
