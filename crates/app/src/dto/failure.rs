//! The failure list: what could not go up, both versions, and what each choice does.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Minor, ProductUnit, SaleView, SyncStatus, TenderMethod};

/// Why a sale could not go up by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum FailureKind {
    /// Another sale has the same id; the cloud's came first.
    SameId,
    /// The cart was paid at another register.
    CartPaidElsewhere,
    /// The receipt number was used twice.
    NumberReused,
    /// The cloud refuses it for good.
    Refused,
}

/// Whether an item still waits for a manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum FailedStatus {
    /// Nobody has decided.
    Open,
    /// Put aside; it can be decided again.
    Dismissed,
}

/// One item of the failure list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FailedItem {
    /// The sale.
    pub sale_id: String,
    /// Its number as printed.
    pub receipt_number: String,
    /// What was owed.
    pub total: Minor,
    /// Why.
    pub kind: FailureKind,
    /// The same in words.
    pub message: String,
    /// How often it was sent.
    pub attempts: u32,
    /// When it failed.
    pub failed_at: String,
    /// When it was sold.
    pub sold_at: String,
    /// Who sold it.
    pub cashier_name: String,
    /// Whether it still waits for a manager.
    pub status: FailedStatus,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum WarningKind {
    /// The same goods under two ids within the window.
    PossibleDuplicate,
}

/// What a manager says about a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum WarningDecision {
    /// Two customers, two sales.
    BothReal,
}

/// A possible duplicate: both stay, a manager may look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WarningItem {
    /// Its number in this register's list.
    pub id: u32,
    /// What it is about.
    pub kind: WarningKind,
    /// The sales, this register's first.
    pub sale_ids: Vec<String>,
    /// Their numbers as printed.
    pub receipt_numbers: Vec<String>,
    /// The registers they were sold at.
    pub registers: Vec<String>,
    /// What each of them came to.
    pub total: Minor,
    /// Seconds between them.
    pub seconds_apart: u32,
    /// The same in words.
    pub message: String,
    /// When it was noticed.
    pub raised_at: String,
}

/// What was decided at another register, or before a backup was put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ElsewhereOutcome {
    /// Which of the four.
    pub choice: ChoiceKind,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub decided_at: String,
}

/// An item of another register's failure list, as read from the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ElsewhereItem {
    /// The sale.
    pub sale_id: String,
    /// The digest of the losing version.
    pub digest: String,
    /// The register that holds it.
    pub register_id: String,
    /// Its number as printed.
    pub receipt_number: String,
    /// What was owed.
    pub total: Minor,
    /// Why it failed.
    pub kind: FailureKind,
    /// When.
    pub failed_at: String,
    /// What was decided; `null` while nobody has.
    pub outcome: Option<ElsewhereOutcome>,
}

/// Why a document cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum UnreadableKind {
    /// It is not what such a document is.
    Invalid,
    /// It has a newer schema than this program.
    NewerSchema,
}

/// A document of another register that this program cannot read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct UnreadableItem {
    /// Its name in the store, `saleConflicts/…`.
    pub document: String,
    /// The register that it says it is of; `null` where not even that can be read.
    pub register_id: Option<String>,
    /// Why.
    pub kind: UnreadableKind,
    /// The same in words.
    pub message: String,
}

/// One page of the failure list, oldest first. Warnings and other registers' items come with the
/// first page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FailedPage {
    /// Failed sales of this register.
    pub items: Vec<FailedItem>,
    /// Possible duplicates.
    pub warnings: Vec<WarningItem>,
    /// What other registers hold, the newest.
    pub elsewhere: Vec<ElsewhereItem>,
    /// How many older ones they hold.
    pub more_elsewhere: u32,
    /// What of it cannot be read.
    pub unreadable: Vec<UnreadableItem>,
    /// Whether more cannot be read than is listed.
    pub more_unreadable: bool,
    /// The next page's number; `null` at the end.
    pub next: Option<u32>,
}

/// Which part of a sale a row compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum DiffPart {
    /// Number, time, cashier.
    Head,
    /// A line.
    Line,
    /// A discount.
    Discount,
    /// A tax code.
    Tax,
    /// The total and its rounding.
    Total,
    /// A payment.
    Tender,
}

/// One side of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DiffCell {
    /// Words.
    pub text: Option<String>,
    /// A quantity as a decimal.
    pub quantity: Option<String>,
    /// An amount.
    pub amount: Option<Minor>,
}

/// One row of the comparison of both versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DiffRow {
    /// Which part.
    pub part: DiffPart,
    /// What is compared: a product's name, a field's name (`soldAt`), a tax code, a tender's method.
    pub label: String,
    /// This register's.
    pub local: Option<DiffCell>,
    /// The cloud's.
    pub remote: Option<DiffCell>,
    /// Whether they differ.
    pub differs: bool,
}

/// The four things that can be done about a failed item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ChoiceKind {
    /// The cloud's version is the sale; ours is reversed.
    KeepCloud,
    /// Both are sales; ours goes up as a copy under an id of its own.
    RecordSeparately,
    /// Send it again under the same id.
    Retry,
    /// Leave it out of the cloud; it stays a sale here.
    Dismiss,
}

/// What a choice does to one product's stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StockEffect {
    /// The product's name.
    pub name: String,
    /// Pieces or kilograms.
    pub unit: ProductUnit,
    /// How many come back, as a signed decimal.
    pub quantity: String,
}

/// What a choice does to the money of one method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MoneyEffect {
    /// The method.
    pub method: TenderMethod,
    /// Signed: negative leaves the drawer or goes back to the card.
    pub amount: Minor,
}

/// What a choice does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Effects {
    /// Stock that comes back when the goods do.
    pub stock: Vec<StockEffect>,
    /// Money that goes back when it was taken.
    pub money: Vec<MoneyEffect>,
    /// Codes of sentences that the front end spells out: `reversalTakesNextNumber`,
    /// `cloudUntouched`, `bothCount`, `printedNumberStays`, `sameIdAgain`, `realConflictStays`,
    /// `staysLocal`, `notInCloudTotals`.
    pub notes: Vec<String>,
}

/// One of the four choices for one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// Which.
    pub choice: ChoiceKind,
    /// Whether it can be taken.
    pub available: bool,
    /// Why not, in words.
    pub unavailable: Option<String>,
    /// Whether that is because of what was decided before.
    pub earlier: bool,
    /// Whether only an owner may take it.
    pub owner_only: bool,
    /// What it does.
    pub effects: Effects,
}

/// A failed item with all that is needed to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FailedDetail {
    /// The item.
    pub item: FailedItem,
    /// This register's version.
    pub local: SaleView,
    /// The cloud's version.
    pub remote: Option<SaleView>,
    /// Why the cloud's version cannot be shown.
    pub remote_problem: Option<String>,
    /// What was decided before and stands in the cloud: at a copy of this register, or before a backup was put
    /// back.
    pub decided_before: Option<ElsewhereOutcome>,
    /// Both side by side.
    pub rows: Vec<DiffRow>,
    /// What can be done.
    pub choices: Vec<Choice>,
}

/// Where the money of a reversed sale is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum MoneyAnswer {
    /// It is given back now.
    GivenBack,
    /// It was never taken, or it is the same payment as the cloud's.
    NeverTaken,
    /// It was taken and stays: then the sale is to be recorded separately.
    TakenAndKept,
}

/// What becomes of goods that were sold and are not any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Restock {
    /// Back on the shelf: they count again.
    Shelf,
    /// Written off.
    WriteOff,
    /// The customer has them: nothing moves.
    None,
}

/// What becomes of one line's goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RestockLine {
    /// The line, from 1.
    pub line: u32,
    /// What becomes of its goods.
    pub restock: Restock,
}

/// A manager's decision.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ResolveInput {
    /// The failed sale.
    pub sale_id: String,
    /// Which of the four.
    pub choice: ChoiceKind,
    /// Why, in the manager's words. Required, but for `retry`.
    pub reason: String,
    /// Who decides.
    pub by: String,
    /// Where the money is. Required to keep the cloud's version.
    pub money: Option<MoneyAnswer>,
    /// The terminal's reference of the refund, when a card is given back.
    pub card_reference: Option<String>,
    /// What becomes of the goods of every line that `restockLines` does not name. Default: none.
    pub restock: Option<Restock>,
    /// What becomes of single lines' goods.
    pub restock_lines: Vec<RestockLine>,
}

/// What a decision did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ResolveResult {
    /// The failed sale.
    pub sale_id: String,
    /// Which of the four.
    pub choice: ChoiceKind,
    /// The reversal that was booked.
    pub reversal: Option<SaleView>,
    /// The id under which this register's version goes up.
    pub cloud_id: Option<String>,
    /// The state of the sync after it.
    pub status: SyncStatus,
}
