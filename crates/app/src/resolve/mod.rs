//! Deciding about a failed item: four choices, each one SQLite transaction, taken once.
//!
//! The sale itself, its number and its journal link never change. What a choice does stands beside
//! it: a reversal, a link, a mark, and one outbox group that goes up as one commit.

mod decided;

use counterfoil_domain::document::Fields;
use counterfoil_domain::journal::LinkKind;
use counterfoil_domain::reversal::{ReversalInput, copy_of, reversal_of};
use counterfoil_domain::sale::Restock as Back;
use counterfoil_domain::{ReceiptNumber, SaleId, Timestamp};
use counterfoil_store::table::failures::{self, Failure, FailureStatus};
use counterfoil_store::table::register::{self, Register};
use counterfoil_store::table::resolutions::{self, Resolution};
use counterfoil_store::table::sale_marks::{self, SaleMarks};
use counterfoil_store::table::stock_movements::{Movement, MovementKind};
use counterfoil_store::table::{journal, outbox, sales};
use counterfoil_store::{Stock, Transaction, Upload, uploads};
use counterfoil_sync::{Collection, Create, DocumentName, GroupKind};
use serde_json::{Value, json};

use crate::checkout::book;
use crate::choices;
use crate::dto::{ChoiceKind, ResolveInput, ResolveResult, Restock};
use crate::error::{AppError, ErrorCode, Result};
use crate::failures::{has_copy, require};
use crate::identity::require_confirmed;
use crate::people::Person;
use crate::sale::Sale;
use crate::settings;
use crate::sync::Wake;
use crate::till::Till;
use decided::Decided;

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
            let has_copy = has_copy(tx, &local)?;
            choices::check(input.choice, failure.kind, has_copy)?;
            let register = register::require(tx)?;
            // With a decision goes what the cloud has refused of the sale's conflict until now.
            let stuck = outbox::retry_stuck(tx, local.record.sale_id, now)?;
            if has_copy {
                return send_again(tx, &local, &register, (stuck > 0, &input.by), now);
            }
            if input.choice == ChoiceKind::Retry {
                return retry(tx, &local, &register, &input.by, now);
            }
            let decided = Decided::new(&input, &local)?;
            Deciding {
                tx,
                local: &local,
                failure: &failure,
                register: &register,
                now,
            }
            .decide(&decided)
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

/// Sends the sale again under the same id. A real conflict stays one, and says so.
fn retry(
    tx: &Transaction<'_>,
    local: &Sale,
    register: &Register,
    by: &str,
    now: Timestamp,
) -> Result<Decision> {
    let sale_id = local.record.sale_id;
    if !outbox::retry_sale(tx, sale_id, now)? {
        return Err(AppError::new(
            ErrorCode::AlreadyResolved,
            "this sale is on its way again already",
        ));
    }
    failures::set_status(tx, sale_id, FailureStatus::Resolved)?;
    sale_marks::set(tx, sale_id, &SaleMarks::default())?;
    attempted(tx, sale_id, register, by, now)
}

/// Sends a decision again that the cloud has refused. What it did here stays as it is.
fn send_again(
    tx: &Transaction<'_>,
    local: &Sale,
    register: &Register,
    (stuck, by): (bool, &str),
    now: Timestamp,
) -> Result<Decision> {
    let sale_id = local.record.sale_id;
    if !stuck {
        return Err(AppError::new(
            ErrorCode::AlreadyResolved,
            "what was decided about this sale is on its way already",
        ));
    }
    failures::set_status(tx, sale_id, FailureStatus::Resolved)?;
    attempted(tx, sale_id, register, by, now)
}

/// Records an attempt as a link of the journal.
fn attempted(
    tx: &Transaction<'_>,
    sale_id: SaleId,
    register: &Register,
    by: &str,
    now: Timestamp,
) -> Result<Decision> {
    let mut attempt = Fields::new();
    attempt.insert("schema".to_owned(), json!(1));
    attempt.insert("saleId".to_owned(), json!(sale_id));
    attempt.insert("choice".to_owned(), json!(ChoiceKind::Retry));
    attempt.insert("decidedAt".to_owned(), json!(now));
    if !by.trim().is_empty() {
        attempt.insert("by".to_owned(), json!(Person::named(by)?.name));
    }
    journal::append(tx, register.register_id, LinkKind::Attempt, &attempt, now)?;
    Ok(Decision {
        sale_id,
        choice: ChoiceKind::Retry,
        reversal: None,
        cloud_id: None,
    })
}

/// Everything that a decision is made in.
struct Deciding<'a> {
    tx: &'a Transaction<'a>,
    local: &'a Sale,
    failure: &'a Failure,
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
        let mut creates = vec![resolution];
        if let (Some(fields), Some(id)) = (copy, cloud_id) {
            creates.push(sale_document(id, fields));
        }
        if let Some(reversal) = &reversal {
            creates.push(sale_document(
                reversal.record.sale_id,
                reversal.fields.clone(),
            ));
        }
        if decided.choice == ChoiceKind::Dismiss {
            uploads::queue_conflict(self.tx, self.failure, self.now)?;
        }
        outbox::queue(self.tx, GroupKind::Resolution, sale_id, &creates, self.now)?;
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
        let n = self.failure.decisions + 1;
        let id = format!("{sale_id}_{}_{n}", digest.as_str().unwrap_or_default());
        let mut document = Fields::new();
        let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
        put("schema", json!(1));
        put("saleId", json!(sale_id));
        put("digest", digest);
        put("n", json!(n));
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
        let register = self.register.register_id;
        let link = journal::append(self.tx, register, LinkKind::Resolution, &document, self.now)?;
        document.insert("journal".to_owned(), Value::Object(link.to_fields()));
        let spelt = |value: Value| value.as_str().unwrap_or_default().to_owned();
        let record = Resolution {
            sale_id,
            n,
            choice: spelt(json!(decided.choice)),
            reason: decided.reason.clone(),
            decided_by: decided.by.name.clone(),
            money: decided.money.map(|money| spelt(json!(money))),
            decided_at: self.now,
            document: document.clone(),
        };
        let status = match decided.choice {
            ChoiceKind::Dismiss => FailureStatus::Dismissed,
            _ => FailureStatus::Resolved,
        };
        resolutions::record(self.tx, &record, status)?;
        let name = DocumentName {
            collection: Collection::SaleResolutions,
            id,
        };
        Ok(Create {
            name,
            fields: document.into(),
        })
    }
}

fn sale_document(id: SaleId, fields: Fields) -> Create {
    let name = DocumentName {
        collection: Collection::Sales,
        id: id.to_string(),
    };
    Create {
        name,
        fields: fields.into(),
    }
}

fn id_of(fields: &Fields) -> Result<SaleId> {
    let id = fields
        .get("saleId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    id.parse().map_err(AppError::internal)
}
