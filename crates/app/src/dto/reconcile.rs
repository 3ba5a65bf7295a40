//! The proof of the books: receipt series, journal and cloud compared.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Minor;
use crate::error::AppError;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum FindingKind {
    /// It is not there.
    Missing,
    /// A receipt number has two sales.
    Doubled,
    /// It is not what was signed.
    Differs,
    /// It is no valid document.
    Unreadable,
    /// A newer program wrote it.
    NewerSchema,
    /// It is in the cloud as it was signed, although the register takes it for one that is not: its upload was given up
    /// and arrived after all.
    Late,
}

/// Where a sale that came late stands at its register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum StandsHere {
    /// In the failure list.
    Open,
    /// A manager dismissed it.
    Dismissed,
    /// It was decided; what went up has another id.
    Decided,
}

/// Which of the three books it is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(rename_all = "camelCase")]
pub enum Book {
    /// The register's receipt series and its sales.
    Register,
    /// Its journal.
    Journal,
    /// The cloud.
    Cloud,
}

/// A difference, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// Where.
    pub place: Book,
    /// Whose receipt it is.
    pub register_id: String,
    /// The number on the receipt, where it is known.
    pub receipt_number: Option<String>,
    /// The sale, or the document in the cloud.
    pub sale_id: Option<String>,
    /// Its business day.
    pub day: Option<String>,
    /// What it comes to.
    pub total: Option<Minor>,
    /// The fields that differ, where two versions can be laid side by side.
    pub fields: Vec<String>,
    /// Where the sale stands here, of one that came late.
    pub stands_here: Option<StandsHere>,
    /// The same in words.
    pub message: String,
    /// Whether it can be sent again.
    pub can_send: bool,
}

/// Why a sale that is not in the cloud, or is there under another id, is no difference.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(rename_all = "camelCase")]
pub enum ExplainedKind {
    /// It waits to be uploaded.
    Waiting,
    /// It stands in the failure list.
    Failed,
    /// A manager dismissed it.
    Dismissed,
    /// It went up to the store that the register was connected to before.
    OtherStore,
    /// It stands in the cloud as a copy, by a decision at a copy of this register or before a backup was put back.
    DecidedElsewhere,
}

/// A sale that is not in the cloud, or there under another id, and why that is no difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// Why.
    pub kind: ExplainedKind,
    /// The number on the receipt.
    pub receipt_number: String,
    /// The sale.
    pub sale_id: String,
    /// Its business day.
    pub day: String,
    /// What it comes to.
    pub total: Minor,
    /// Who decided it and why, for a dismissed one and, where it is known, for one that was decided elsewhere;
    /// what the failure list says, for a failed one.
    pub note: Option<String>,
}

/// How many are explained, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedCounts {
    /// They wait to be uploaded.
    pub waiting: u32,
    /// They stand in the failure list.
    pub failed: u32,
    /// They were dismissed.
    pub dismissed: u32,
    /// They went up to another store.
    pub other_store: u32,
    /// They stand in the cloud as copies that another database's decision made.
    pub decided_elsewhere: u32,
    /// The cloud has them of a register that this database was before; another installation sold them.
    pub other_installation: u32,
}

/// What was compared of one register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RegisterBooks {
    /// The register.
    pub register_id: String,
    /// Its name.
    pub register_name: String,
    /// The prefix of its receipts.
    pub receipt_prefix: String,
    /// Whether it is who this database is now.
    pub current: bool,
    /// Business days.
    pub days: u32,
    /// Receipts.
    pub receipts: u32,
    /// What they come to.
    pub total: Minor,
    /// Journal links.
    pub links: u32,
    /// Documents that the cloud counted for these days.
    pub in_cloud: u32,
    /// What those come to.
    pub in_cloud_total: Minor,
}

/// What a run compared and what it found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReconcileReport {
    /// Whether all three were compared and agree.
    pub clean: bool,
    /// Whether the cloud was compared to the end.
    pub cloud_compared: bool,
    /// Why not.
    pub cloud_problem: Option<AppError>,
    /// The first business day that was asked for.
    pub from: Option<String>,
    /// The last one.
    pub to: Option<String>,
    /// Whether every document was read, and not only those of days whose figures differ.
    pub every_document: bool,
    /// Each register that this database has been.
    pub registers: Vec<RegisterBooks>,
    /// Business days, over all registers.
    pub days: u32,
    /// Receipts.
    pub receipts: u32,
    /// What they come to.
    pub total: Minor,
    /// Journal links.
    pub links: u32,
    /// Documents that were read and recomputed.
    pub documents_read: u32,
    /// Reads that Google bills for this run.
    pub billed_reads: u32,
    /// How many differences there are.
    pub differences: u32,
    /// The first of them.
    pub findings: Vec<Finding>,
    /// How many sales are explained, by reason.
    pub explained_counts: ExplainedCounts,
    /// The first of them.
    pub explained: Vec<Explained>,
    /// Set where numbers were used twice: the sync stops and asks who this register is.
    pub identity_problem: Option<AppError>,
    /// How many of the differences can be sent again.
    pub sendable: u32,
    /// How many sales were put back to be sent again, where that was asked for.
    pub sent_again: Option<u32>,
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReconcileProgress {
    /// The register that is looked at.
    pub register_name: String,
    /// The business day.
    pub day: String,
    /// Days that are done.
    pub done: u32,
    /// All of them.
    pub total: u32,
}

/// What is to be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReconcileInput {
    /// The first business day, `2026-11-22`; all where it is left out.
    pub from: Option<String>,
    /// The last one.
    pub to: Option<String>,
    /// Read every document, and not only those of days whose figures differ.
    pub every_document: bool,
    /// Send again what is missing in the cloud.
    pub send_missing: Option<SendAgain>,
}

/// Who sends again what is missing, and why.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SendAgain {
    /// Who decides it.
    pub by: String,
    /// Why.
    pub reason: String,
}
