//! What the cloud bills, in operations and in money.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What the cloud was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum CostPurpose {
    /// Own sales, conflicts and decisions, and the reads that tell what became of them.
    Upload,
    /// Checks for the same sale under another id.
    Duplicates,
    /// What other registers hold.
    Others,
    /// The store's document, the register's claim, the numbers counted.
    Session,
    /// Series, journal and cloud compared.
    Reconcile,
}

/// What one purpose has taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CostOfPurpose {
    /// What for.
    pub purpose: CostPurpose,
    /// Billed reads.
    pub reads: u32,
    /// Billed writes.
    pub writes: u32,
    /// Reads for each sale that landed, with three decimals; `null` where none has.
    pub reads_per_sale: Option<String>,
    /// The same of writes.
    pub writes_per_sale: Option<String>,
    /// What it comes to, a decimal with two to six places.
    pub money: String,
}

/// What a stretch of time has taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CostSum {
    /// Sales that landed.
    pub sales: u32,
    /// Billed reads.
    pub reads: u32,
    /// Billed writes.
    pub writes: u32,
    /// Reads for each sale that landed, with three decimals; `null` where none has.
    pub reads_per_sale: Option<String>,
    /// The same of writes.
    pub writes_per_sale: Option<String>,
    /// What it comes to, a decimal with two to six places.
    pub money: String,
    /// What a thousand sales come to at this rate; `null` where none has landed.
    pub money_per_thousand_sales: Option<String>,
    /// The same by purpose.
    pub purposes: Vec<CostOfPurpose>,
}

/// What the cloud bills for this register's sync.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncCosts {
    /// The currency of every money here: that of the prices, not of the shop.
    pub currency: String,
    /// Since it is counted.
    #[serde(flatten)]
    pub total: CostSum,
    /// The month that it is (UTC), `2026-11`; none while nothing was ever billed.
    pub month: Option<String>,
    /// What that month has taken.
    pub of_month: CostSum,
}

/// What the cloud asks for 100,000 operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncPrices {
    /// ISO 4217.
    pub currency: String,
    /// For 100,000 reads: a decimal with at most six places.
    pub reads: String,
    /// For 100,000 writes.
    pub writes: String,
}
