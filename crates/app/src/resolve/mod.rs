//! Deciding about a failed item: four choices, each one SQLite transaction, taken once.
//!
//! The sale itself, its number and its journal link never change. What a choice does stands beside
//! it: a reversal, a link, a mark, and one outbox group that goes up as one commit.
//!
//! - `decided`: a manager's answers; `again`: what is sent again; `group`: the documents that go up.

mod again;
mod decided;
mod group;

use counterfoil_domain::document::Fields;
use counterfoil_domain::reversal::{ReversalInput, copy_of, reversal_of};
use counterfoil_domain::sale::Restock as Back;
use counterfoil_domain::{ReceiptNumber, SaleId, Timestamp};
use counterfoil_store::table::failures::{self, Failure, FailureStatus};
use counterfoil_store::table::register::{self, Register};
use counterfoil_store::table::resolutions::Resolution;
use counterfoil_store::table::sale_marks::{self, SaleMarks};
use counterfoil_store::table::stock_movements::{Movement, MovementKind};
use counterfoil_store::table::{outbox, sales};
use counterfoil_store::{Stock, Transaction, Upload, uploads};
use counterfoil_sync::Create;
use serde_json::{Value, json};

use crate::before::Before;
use crate::checkout::book;
use crate::choices;
use crate::dto::{ChoiceKind, ResolveInput, ResolveResult, Restock};
use crate::error::{AppError, ErrorCode, Result};
use crate::failures::{require, standing};
use crate::identity::require_confirmed;
use crate::sale::Sale;
use crate::settings;
use crate::sync::Wake;
use crate::till::Till;
use decided::Decided;
use group::id_of;

/// What a decision did, with the reversal whole.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The failed sale.
    pub sale_id: SaleId,
    /// Which of the four.
    pub choice: ChoiceKind,
    /// The reversal that was booked.
    pub reversal: Option<Sale>,
    /// The id under which this register's version goes up.
    pub cloud_id: Option<SaleId>,
}

impl Till {
    /// Decides about a failed item. Works offline: what it does goes up when it can.
    ///
    /// # Errors
    /// `already_resolved`; `choice_not_available`; `reason_missing`; `not_permitted` for the sale's
    /// own cashier; `reference_missing` for a card refund without its reference; `identity_needed`
    /// over a database that was copied or moved.
    pub fn resolve_failed(&self, input: ResolveInput) -> Result<ResolveResult> {
        let done = self.decide(input)?;
        Ok(ResolveResult {
            sale_id: done.sale_id.to_string(),
            choice: done.choice,
            reversal: done.reversal.as_ref().map(Sale::view),
            cloud_id: done.cloud_id.map(|id| id.to_string()),
            status: self.sync_status()?,
        })
    }

    /// The same, answering documents instead of views.
    pub fn decide(&self, input: ResolveInput) -> Result<Decision> {
        let now = self.clock().now();
        let installation = self.db()?.installation().cloned();
        let decision = self.write(move |tx| {
            // A decision takes a link of the journal and perhaps a number of the series.
            require_confirmed(tx, installation.as_deref())?;
            let local = crate::sales::find(tx, &input.sale_id)?;
            let failure = require(tx, &local)?;
            open_again(tx, &failure, input.choice)?;
            let before = Before::of(tx, failure.sale_id, &local.fields)?;
            let standing = standing(tx, &local)?;
            let item = choices::Item {
                kind: failure.kind,
                standing,
                before: before.as_ref(),
            };
            choices::check(input.choice, item)?;
            let register = register::require(tx)?;
            let deciding = Deciding {
                tx,
                local: &local,
                failure: &failure,
                before: before.as_ref(),
                register: &register,
                now,
            };
            // With a decision goes what the cloud has refused of the sale's conflict until now.
            let overtaken = deciding.overtaken()?;
            let stuck = outbox::retry_stuck(tx, failure.sale_id, overtaken, now)? > 0;
            match (input.choice, standing) {
                (ChoiceKind::Retry, Some(_)) => deciding.send_again(overtaken, stuck, &input.by),
                (ChoiceKind::Retry, None) => deciding.retry(&input.by),
                _ => deciding.decide(&Decided::new(&input, &local)?),
            }
        })?;
        tracing::info!(
            sale_id = %decision.sale_id, choice = ?decision.choice,
            cloud_id = decision.cloud_id.map(tracing::field::display),
            "a failed item is decided"
        );
        self.wake(Wake::Checkout);
        Ok(decision)
    }
}

/// A dismissed item is opened again by the next decision; a resolved one stays.
fn open_again(tx: &Transaction<'_>, failure: &Failure, choice: ChoiceKind) -> Result<()> {
    let dismissed_again =
        failure.status == FailureStatus::Dismissed && choice == ChoiceKind::Dismiss;
    if failure.status == FailureStatus::Resolved || dismissed_again {
        return Err(AppError::new(
            ErrorCode::AlreadyResolved,
            "this item was decided already; look at the list again",
        ));
    }
    if failure.status == FailureStatus::Dismissed {
        failures::set_status(tx, failure.sale_id, FailureStatus::Open)?;
    }
    Ok(())
}

/// Everything that a decision is made in.
struct Deciding<'a> {
    tx: &'a Transaction<'a>,
    local: &'a Sale,
    failure: &'a Failure,
    /// What was decided elsewhere.
    before: Option<&'a Before>,
    register: &'a Register,
    now: Timestamp,
}

impl Deciding<'_> {
    fn decide(&self, decided: &Decided) -> Result<Decision> {
        let sale_id = self.local.record.sale_id;
        let copy = match decided.choice {
            ChoiceKind::KeepCloud | ChoiceKind::RecordSeparately => {
                Some(copy_of(&self.local.fields).map_err(AppError::internal)?)
            }
            ChoiceKind::Dismiss | ChoiceKind::Retry => None,
        };
        let cloud_id = copy.as_ref().map(id_of).transpose()?;
        let reversal = match (decided.choice, cloud_id) {
            (ChoiceKind::KeepCloud, Some(copy)) => Some(self.reverse(copy, decided)?),
            _ => None,
        };
        let resolution = self.resolution(decided, cloud_id, reversal.as_ref())?;
        if decided.choice == ChoiceKind::Dismiss {
            uploads::queue_conflict(self.tx, self.failure, self.now)?;
        }
        self.queue(resolution, copy, reversal.as_ref().map(|it| &it.fields))?;
        let marks = SaleMarks {
            cloud_id,
            superseded_by: reversal.as_ref().map(|reversal| reversal.record.sale_id),
            dismissed_at: (decided.choice == ChoiceKind::Dismiss).then_some(self.now),
        };
        sale_marks::set(self.tx, sale_id, &marks)?;
        Ok(Decision {
            sale_id,
            choice: decided.choice,
            reversal,
            cloud_id,
        })
    }

    /// Books the full reversal of the local sale as the register's next receipt.
    fn reverse(&self, copy: SaleId, decided: &Decided) -> Result<Sale> {
        let store = settings::require_store(self.tx)?;
        let sequence = sales::next_receipt(self.tx, self.register.register_id)?;
        let of_line = |line: i64| {
            let index = usize::try_from(line - 1).unwrap_or(usize::MAX);
            match decided.restock.get(index) {
                Some(Restock::Shelf) => Back::Shelf,
                Some(Restock::WriteOff) => Back::WriteOff,
                Some(Restock::None) | None => Back::None,
            }
        };
        let input = ReversalInput {
            register_id: self.register.register_id,
            receipt_number: ReceiptNumber::new(&self.register.prefix, sequence),
            receipt_sequence: sequence,
            business_day: store.business_day(self.now)?,
            time_zone: store.time_zone,
            sold_at: self.now,
            shift_id: None,
            cashier_id: decided.by.id.to_string(),
            cashier_name: decided.by.name.clone(),
            card_reference: decided.card_reference.clone(),
        };
        let record = reversal_of(&self.local.record, copy, input, of_line)?;
        let back = record
            .lines
            .iter()
            .filter(|line| line.restock == Some(Back::Shelf));
        let movements: Vec<Movement> = back
            .map(|line| Movement {
                product_id: line.product_id,
                kind: MovementKind::Returned,
                change: Stock::from(-line.quantity),
                line: Some(line.line),
                reason: Some("superseded by the cloud's version".to_owned()),
            })
            .collect();
        let mut reversal = book(
            self.tx,
            record,
            None,
            &movements,
            self.register,
            Upload::WithGroup,
        )?;
        reversal.crossed.reverses = Some(self.local.record.receipt_number.clone());
        Ok(reversal)
    }

    /// Records the decision with its journal link; answers its document for the cloud.
    fn resolution(
        &self,
        decided: &Decided,
        cloud_id: Option<SaleId>,
        reversal: Option<&Sale>,
    ) -> Result<Create> {
        let sale_id = self.local.record.sale_id;
        let digest = self
            .local
            .fields
            .get("digest")
            .cloned()
            .unwrap_or(Value::Null);
        let mut document = Fields::new();
        let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
        put("schema", json!(1));
        put("saleId", json!(sale_id));
        put("digest", digest);
        put("choice", json!(decided.choice));
        put("reason", json!(decided.reason));
        put("by", json!(decided.by.name));
        put("decidedAt", json!(self.now));
        put("registerId", json!(self.register.register_id));
        if decided.as_owner {
            put("byOwner", json!(true));
        }
        if let Some(money) = decided.money {
            put("money", json!(money));
        }
        let back: Vec<Value> = decided
            .restock
            .iter()
            .enumerate()
            .filter(|(_, restock)| **restock != Restock::None)
            .map(|(index, restock)| json!({ "line": index + 1, "restock": restock }))
            .collect();
        if !back.is_empty() {
            put("restock", Value::Array(back));
        }
        if let Some(id) = cloud_id {
            put("cloudId", json!(id));
        }
        if let Some(reversal) = reversal {
            put("reversalId", json!(reversal.record.sale_id));
        }
        let spelt = |value: Value| value.as_str().unwrap_or_default().to_owned();
        let status = match decided.choice {
            ChoiceKind::Dismiss => FailureStatus::Dismissed,
            _ => FailureStatus::Resolved,
        };
        let decision = Resolution {
            sale_id,
            n: 0,
            choice: spelt(json!(decided.choice)),
            reason: decided.reason.clone(),
            decided_by: decided.by.name.clone(),
            money: decided.money.map(|money| spelt(json!(money))),
            decided_at: self.now,
            document,
        };
        self.sign(decision, status)
    }
}
