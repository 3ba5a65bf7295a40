//! The failure list: what could not go up by itself, and what other registers hold.

use counterfoil_domain::document::Fields;
use counterfoil_domain::sale::{self, SaleRecord};
use counterfoil_domain::{Amount, Timestamp};
use counterfoil_store::Connection;
use counterfoil_store::table::elsewhere::{self, Elsewhere};
use counterfoil_store::table::failures::{self, Failure, FailureStatus};
use counterfoil_store::table::warnings::{self, Warning};
use counterfoil_store::table::{outbox, sale_marks, sales};
use counterfoil_store::unreadable::{self, Unreadable, Why};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::before::Before;
use crate::dto::{
    ChoiceKind, ElsewhereItem, ElsewhereOutcome, FailedDetail, FailedItem, FailedPage,
    FailedStatus, FailureKind, Minor, SyncState, SyncStatus, UnreadableItem, UnreadableKind,
    WarningDecision, WarningItem, WarningKind,
};
use crate::error::{AppError, ErrorCode, Result};
use crate::sale::{Sale, damaged, register_name, view};
use crate::sync::Wake;
use crate::till::Till;
use crate::{choices, diff, sales as ledger, settings};

/// Items of one page.
const PAGE: u32 = 50;

/// A failed sale with both versions, as counterfoilctl prints it.
#[derive(Clone, Debug)]
pub struct FailedSale {
    /// The item.
    pub item: FailedItem,
    /// This register's version, as it was signed.
    pub local: Value,
    /// The cloud's version, as it was read.
    pub remote: Option<Value>,
    /// What was decided elsewhere and stands in the cloud.
    pub decided_before: Option<ElsewhereOutcome>,
}

/// One page of the failure list with whole documents.
#[derive(Clone, Debug)]
pub struct FailedSales {
    /// The open items, oldest first.
    pub items: Vec<FailedSale>,
    /// Possible duplicates; with the first page.
    pub warnings: Vec<WarningItem>,
    /// What other registers hold, the newest; with the first page.
    pub elsewhere: Vec<ElsewhereItem>,
    /// How many older ones they hold.
    pub more_elsewhere: u32,
    /// What of it cannot be read; with the first page.
    pub unreadable: Vec<UnreadableItem>,
    /// Whether more cannot be read than is listed.
    pub more_unreadable: bool,
    /// The next page's number.
    pub next: Option<u32>,
}

impl Till {
    /// One page (from 1) of the failure list, oldest first: what is open, then what was dismissed
    /// and can be decided again. Warnings and other registers' items come with the first page.
    pub fn failed_page(&self, page: u32) -> Result<FailedPage> {
        let page = page.max(1);
        self.read(|conn| {
            settings::require_store(conn)?;
            let (listed, next) = one_page(page, |offset, limit| {
                open_and_dismissed(conn, offset, limit)
            })?;
            let items = listed
                .iter()
                .map(|failure| Ok(item_of(failure, &local(conn, failure)?)));
            let beside = Beside::of(conn, page)?;
            Ok(FailedPage {
                items: items.collect::<Result<_>>()?,
                warnings: beside.warnings,
                elsewhere: beside.elsewhere,
                more_elsewhere: beside.more_elsewhere,
                unreadable: beside.unreadable,
                more_unreadable: beside.more_unreadable,
                next,
            })
        })
    }

    /// The same with both versions whole, without what was dismissed.
    pub fn failed_sales(&self, page: u32) -> Result<FailedSales> {
        self.whole_sales(page, FailureStatus::Open)
    }

    /// What was dismissed, with both versions whole; each can be decided again.
    pub fn dismissed_sales(&self, page: u32) -> Result<FailedSales> {
        self.whole_sales(page, FailureStatus::Dismissed)
    }

    fn whole_sales(&self, page: u32, status: FailureStatus) -> Result<FailedSales> {
        let page = page.max(1);
        self.read(|conn| {
            settings::require_store(conn)?;
            let (listed, next) = one_page(page, |offset, limit| {
                Ok(failures::page(conn, status, offset, limit)?)
            })?;
            let items = listed.into_iter().map(|failure| {
                let local = local(conn, &failure)?;
                let item = item_of(&failure, &local);
                let before = Before::of(conn, failure.sale_id, &local.fields)?;
                let remote = failure.remote.map(Value::Object);
                Ok(FailedSale {
                    item,
                    local: local.document(),
                    remote,
                    decided_before: before.map(|before| before.outcome),
                })
            });
            let beside = Beside::of(conn, page)?;
            Ok(FailedSales {
                items: items.collect::<Result<_>>()?,
                warnings: beside.warnings,
                elsewhere: beside.elsewhere,
                more_elsewhere: beside.more_elsewhere,
                unreadable: beside.unreadable,
                more_unreadable: beside.more_unreadable,
                next,
            })
        })
    }

    /// A failed item (by the sale's id or receipt number) with both versions side by side and what
    /// each choice does.
    pub fn failed_detail(&self, sale: &str) -> Result<FailedDetail> {
        self.read(|conn| {
            let local = ledger::find(conn, sale)?;
            let failure = require(conn, &local)?;
            let before = Before::of(conn, failure.sale_id, &local.fields)?;
            let choosing = choices::Item {
                kind: failure.kind,
                standing: standing(conn, &local)?,
                before: before.as_ref(),
            };
            let (remote, remote_problem) = remote_of(&failure);
            let remote_view = match &remote {
                Some((record, at)) => {
                    let name = register_name(conn, record.register_id)?;
                    Some(view(record, name, SyncState::Synced, *at))
                }
                None => None,
            };
            Ok(FailedDetail {
                item: item_of(&failure, &local),
                local: local.view(),
                remote: remote_view,
                remote_problem,
                rows: diff::rows(&local.record, remote.as_ref().map(|(record, _)| record)),
                choices: choices::all(choosing, &local.record)?,
                decided_before: before.map(|before| before.outcome),
            })
        })
    }

    /// Settles a warning about a possible duplicate.
    pub fn decide_warning(&self, id: u32, decision: WarningDecision) -> Result<SyncStatus> {
        let now = self.clock().now();
        let WarningDecision::BothReal = decision;
        self.write(move |tx| {
            let by = settings::cashier(tx)?;
            if warnings::decide(tx, i64::from(id), "bothReal", &by, now)? {
                tracing::info!(warning = id, "both sales are real");
                return Ok(());
            }
            Err(match warnings::get(tx, i64::from(id))? {
                Some(_) => AppError::new(ErrorCode::AlreadyResolved, "this was decided already"),
                None => AppError::not_found(format!("there is no warning {id}")),
            })
        })?;
        self.wake(Wake::Checkout);
        self.sync_status()
    }
}

/// The item of a sale.
pub(crate) fn require(conn: &Connection, sale: &Sale) -> Result<Failure> {
    failures::get(conn, sale.record.sale_id)?.ok_or_else(|| {
        AppError::not_found(format!(
            "receipt {} is not in the failure list",
            sale.record.receipt_number
        ))
    })
}

/// The decision about the sale that sends a copy of it: kept beside the cloud's version, or reversed. Such a decision is
/// not taken back. An item that is open all the same waits for its upload.
pub(crate) fn standing(conn: &Connection, sale: &Sale) -> Result<Option<ChoiceKind>> {
    let marks = sale_marks::get(conn, sale.record.sale_id)?;
    Ok(match (marks.cloud_id, marks.superseded_by) {
        (None, _) => None,
        (Some(_), None) => Some(ChoiceKind::RecordSeparately),
        (Some(_), Some(_)) => Some(ChoiceKind::KeepCloud),
    })
}

/// The first open items, for the status.
pub(crate) fn first_items(conn: &Connection) -> Result<Vec<FailedItem>> {
    let first = failures::page(conn, FailureStatus::Open, 0, PAGE)?;
    first
        .iter()
        .map(|failure| Ok(item_of(failure, &local(conn, failure)?)))
        .collect()
}

/// The failures of one page (from 1), and the next page where there is one: one more than a page
/// holds is asked for to know.
fn one_page(
    page: u32,
    read: impl FnOnce(u32, u32) -> Result<Vec<Failure>>,
) -> Result<(Vec<Failure>, Option<u32>)> {
    let mut listed = read((page - 1).saturating_mul(PAGE), PAGE + 1)?;
    let more = listed.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    if more {
        listed.pop();
    }
    Ok((listed, more.then_some(page + 1)))
}

/// What stands beside the failures on the first page, and on no other.
#[derive(Default)]
struct Beside {
    warnings: Vec<WarningItem>,
    elsewhere: Vec<ElsewhereItem>,
    more_elsewhere: u32,
    unreadable: Vec<UnreadableItem>,
    more_unreadable: bool,
}

impl Beside {
    fn of(conn: &Connection, page: u32) -> Result<Self> {
        if page != 1 {
            return Ok(Self::default());
        }
        let held = u32::try_from(elsewhere::count(conn)?).unwrap_or(u32::MAX);
        let unread = unreadable::get(conn)?;
        Ok(Self {
            warnings: open_warnings(conn)?,
            elsewhere: held_elsewhere(conn)?,
            more_elsewhere: held.saturating_sub(PAGE),
            unreadable: unread.documents.iter().map(unreadable_item).collect(),
            more_unreadable: unread.more(),
        })
    }
}

fn unreadable_item(one: &Unreadable) -> UnreadableItem {
    UnreadableItem {
        document: format!("{}/{}", one.collection, one.id),
        register_id: one.register_id.clone(),
        kind: match one.why {
            Why::Invalid => UnreadableKind::Invalid,
            Why::NewerSchema => UnreadableKind::NewerSchema,
        },
        message: one.message.clone(),
    }
}

fn open_and_dismissed(conn: &Connection, offset: u32, limit: u32) -> Result<Vec<Failure>> {
    let mut listed = failures::page(conn, FailureStatus::Open, offset, limit)?;
    let got = u32::try_from(listed.len()).unwrap_or(limit);
    if got < limit {
        let open = outbox::counts(conn)?.failed;
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        let offset = offset.saturating_sub(open);
        listed.extend(failures::page(
            conn,
            FailureStatus::Dismissed,
            offset,
            limit - got,
        )?);
    }
    Ok(listed)
}

fn local(conn: &Connection, failure: &Failure) -> Result<Sale> {
    let stored = sales::by_id(conn, failure.sale_id)?
        .ok_or_else(|| damaged(format!("sale {} is missing", failure.sale_id)))?;
    Sale::of(conn, stored)
}

pub(crate) fn item_of(failure: &Failure, local: &Sale) -> FailedItem {
    let record = &local.record;
    FailedItem {
        sale_id: record.sale_id.to_string(),
        receipt_number: record.receipt_number.to_string(),
        total: record.total.into(),
        kind: kind_of(failure.kind),
        message: failure.message.clone(),
        attempts: failure.attempts,
        failed_at: failure.failed_at.to_string(),
        sold_at: record.sold_at.to_string(),
        cashier_name: record.cashier_name.clone(),
        status: match failure.status {
            FailureStatus::Dismissed => FailedStatus::Dismissed,
            FailureStatus::Open | FailureStatus::Resolved => FailedStatus::Open,
        },
    }
}

const fn kind_of(kind: counterfoil_sync::FailureKind) -> FailureKind {
    use counterfoil_sync::FailureKind as Kind;
    match kind {
        Kind::SameId => FailureKind::SameId,
        Kind::CartPaidElsewhere => FailureKind::CartPaidElsewhere,
        Kind::NumberReused => FailureKind::NumberReused,
        Kind::Refused => FailureKind::Refused,
    }
}

/// The cloud's version and when the server took it, and what is wrong with it: it is never
/// believed.
fn remote_of(failure: &Failure) -> (Option<(SaleRecord, Option<Timestamp>)>, Option<String>) {
    let Some(fields) = &failure.remote else {
        return (None, None);
    };
    let problem = sale::verify(fields)
        .err()
        .map(|mismatch| mismatch.to_string());
    match SaleRecord::from_fields(fields) {
        Ok(record) => (Some((record, field(fields, "createdAt"))), problem),
        Err(error) => (None, Some(problem.unwrap_or_else(|| error.to_string()))),
    }
}

/// A field, if it is there and of this type.
pub(crate) fn field<T: DeserializeOwned>(fields: &Fields, name: &str) -> Option<T> {
    fields
        .get(name)
        .and_then(|value| T::deserialize(value).ok())
}

fn open_warnings(conn: &Connection) -> Result<Vec<WarningItem>> {
    Ok(warnings::page(conn, 0, PAGE)?
        .into_iter()
        .map(warning_item)
        .collect())
}

fn warning_item(warning: Warning) -> WarningItem {
    let Warning {
        id,
        sales,
        message,
        details,
        raised_at,
        ..
    } = warning;
    let listed: Option<Vec<String>> = field(&details, "saleIds");
    WarningItem {
        id: u32::try_from(id).unwrap_or(u32::MAX),
        kind: WarningKind::PossibleDuplicate,
        sale_ids: listed.unwrap_or_else(|| sales.iter().map(ToString::to_string).collect()),
        receipt_numbers: field(&details, "receiptNumbers").unwrap_or_default(),
        registers: field(&details, "registers").unwrap_or_default(),
        total: minor(&details, "total"),
        seconds_apart: field(&details, "secondsApart").unwrap_or_default(),
        message,
        raised_at: raised_at.to_string(),
    }
}

fn minor(fields: &Fields, name: &str) -> Minor {
    field::<Amount>(fields, name).unwrap_or_default().into()
}

fn held_elsewhere(conn: &Connection) -> Result<Vec<ElsewhereItem>> {
    Ok(elsewhere::page(conn, 0, PAGE)?
        .iter()
        .map(elsewhere_item)
        .collect())
}

fn text(fields: &Fields, name: &str) -> String {
    field(fields, name).unwrap_or_default()
}

/// What a decision's document says, where it is one.
pub(crate) fn outcome_of(resolution: &Fields) -> Option<ElsewhereOutcome> {
    Some(ElsewhereOutcome {
        choice: field(resolution, "choice")?,
        by: text(resolution, "by"),
        reason: text(resolution, "reason"),
        decided_at: text(resolution, "decidedAt"),
    })
}

fn elsewhere_item(item: &Elsewhere) -> ElsewhereItem {
    let conflict = &item.conflict;
    let outcome = item.resolution.as_ref().and_then(outcome_of);
    ElsewhereItem {
        sale_id: item.sale_id.to_string(),
        digest: item.digest.to_string(),
        register_id: text(conflict, "registerId"),
        receipt_number: text(conflict, "receiptNumber"),
        total: minor(conflict, "total"),
        kind: field(conflict, "kind").unwrap_or(FailureKind::SameId),
        failed_at: text(conflict, "failedAt"),
        outcome,
    }
}
