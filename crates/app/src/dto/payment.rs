//! Paying: what is offered, what is still due, and the checkout itself.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{CartView, Minor, SaleView};
use crate::error::AppError;

/// How money arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum TenderMethod {
    /// Notes and coins.
    Cash,
    /// A card, taken on a terminal of its own.
    Card,
    /// A voucher with a number.
    Voucher,
    /// Anything else that has a reference.
    Other,
}

/// One payment that the customer offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TenderInput {
    /// How.
    pub method: TenderMethod,
    /// How much is handed over, in minor units.
    pub amount: Minor,
    /// The terminal's or the voucher's number. Never a card number.
    pub reference: Option<String>,
    /// The last four digits of a card.
    pub last4: Option<String>,
}

/// What the payment dialog shows while tenders are added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PaymentPreview {
    /// What the cart costs, exact.
    pub total: Minor,
    /// What is still to be paid by any method, exact.
    pub remaining: Minor,
    /// What is still to be paid if the rest is cash, rounded to the coins there are.
    pub cash_due: Minor,
    /// The rounding that belongs to it.
    pub rounding: Minor,
    /// What goes back to the customer.
    pub change: Minor,
    /// What a card paid above the total.
    pub tip: Minor,
    /// Whether the tenders cover the total.
    pub complete: bool,
    /// Amounts for the quick-cash keys: exact, then the next notes up.
    pub quick_cash: Vec<Minor>,
    /// Why the tenders cannot be taken as they are.
    pub problem: Option<AppError>,
}

/// A checkout, as the window asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CheckoutInput {
    /// The cart that is paid. The same cart again returns the same sale.
    pub cart_id: String,
    /// How it is paid.
    pub tenders: Vec<TenderInput>,
    /// The cashier's name.
    pub cashier: String,
}

/// The sale that was made, and the fresh cart after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CheckoutResult {
    /// The sale, durable before this is returned.
    pub sale: SaleView,
    /// The next customer's cart.
    pub cart: CartView,
}
