//! What is missing in the cloud is sent again, under the same id: the protocol does the rest.

use counterfoil_domain::document::Fields;
use counterfoil_domain::journal::LinkKind;
use counterfoil_domain::{SaleId, Timestamp};
use counterfoil_store::table::{journal, outbox, register, sale_marks, sales};
use counterfoil_store::{Connection, Transaction};
use counterfoil_sync::{Collection, DocumentName, GroupId};
use serde_json::json;

use super::cloud::name_of;
use super::{Run, require_same, small};
use crate::dto::SendAgain;
use crate::error::{AppError, ErrorCode, Result};
use crate::identity::require_confirmed;
use crate::people::Person;

/// Why a group that had landed waits again, as the outbox tells it.
const REASON: &str = "missing in the cloud, sent again";

/// Sales of one transaction.
const PAGE: usize = 100;

/// A group with the documents of it that are missing.
type Missing = (SaleId, GroupId, Vec<DocumentName>);

impl Run<'_> {
    /// Puts what is missing back into the outbox, where that was asked for.
    pub(super) async fn send_missing(&mut self, now: Timestamp) -> Result<()> {
        let Some(asked) = &self.input.send_missing else {
            return Ok(());
        };
        let (by, reason) = checked(asked)?;
        let mut sales = std::mem::take(&mut self.missing);
        sales.sort_unstable();
        sales.dedup();
        let mut sent = 0;
        for sales in sales.chunks(PAGE) {
            let Some(groups) = self.gone(sales).await? else {
                break;
            };
            let installation = self.db.installation().cloned();
            let put = self.db.write(|tx| {
                // What is missing in one store is not sent to another, nor is it another register's attempt.
                require_same(tx, &self.whose)?;
                require_confirmed(tx, installation.as_deref())?;
                put_back(tx, sales, &groups, (&by, &reason), now)
            });
            sent += put.map_err(|error| after(sent, error))?;
        }
        self.report.sent_again = Some(small(sent));
        Ok(())
    }

    /// The documents about these sales that are gone: themselves, their copies and reversals, and what
    /// was written about their cases. None once the cloud does not answer.
    async fn gone(&mut self, sales: &[SaleId]) -> Result<Option<Vec<Missing>>> {
        let mut gone = Vec::new();
        for sale in sales {
            let groups = self.db.read(|conn| landed(conn, *sale))?;
            for (group, names) in groups {
                let Some(archive) = self.archive else {
                    return Ok(None);
                };
                let answer = archive.documents(&names).await;
                let Some(found) = self.answered(answer) else {
                    return Ok(None);
                };
                let missing = names.into_iter().zip(found);
                let missing: Vec<DocumentName> = missing
                    .filter(|(_, found)| found.is_none())
                    .map(|(name, _)| name)
                    .collect();
                if !missing.is_empty() {
                    gone.push((*sale, group, missing));
                }
            }
        }
        Ok(Some(gone))
    }
}

/// The error after so many sales were put back: they stay in the outbox, whatever came between.
fn after(sent: usize, error: AppError) -> AppError {
    if sent == 0 {
        return error;
    }
    let message = format!(
        "{} {sent} sale(s) were put back before that and go up with what waits.",
        error.message
    );
    AppError { message, ..error }
}

/// The groups that sent anything about a sale and have landed.
fn landed(conn: &Connection, sale: SaleId) -> Result<Vec<(GroupId, Vec<DocumentName>)>> {
    let mut sent = vec![name_of(sale)];
    sent.extend(sale_marks::get(conn, sale)?.cloud_id.map(name_of));
    // One whose record is damaged has its own finding, and no conflict to look for.
    if let Ok(Some(stored)) = sales::by_id(conn, sale) {
        sent.push(DocumentName {
            collection: Collection::SaleConflicts,
            id: format!("{sale}_{}", stored.digest),
        });
    }
    Ok(outbox::landed_groups(conn, &sent)?)
}

/// Puts groups back, and a link into the journal for each sale: who, why. Answers how many sales.
fn put_back(
    tx: &Transaction<'_>,
    sales: &[SaleId],
    groups: &[Missing],
    (by, reason): (&str, &str),
    now: Timestamp,
) -> Result<usize> {
    let register = register::require(tx)?.register_id;
    let mut sent = 0;
    for sale in sales {
        let mut again = false;
        for (_, group, missing) in groups.iter().filter(|(of, _, _)| of == sale) {
            again |= outbox::send_again(tx, *group, missing, REASON, now)?;
        }
        if !again && !outbox::has_group(tx, *sale)? {
            outbox::queue_lost_sale(tx, *sale, now)?;
            again = true;
        }
        if !again {
            continue;
        }
        let mut attempt = Fields::new();
        attempt.insert("schema".to_owned(), json!(1));
        attempt.insert("saleId".to_owned(), json!(sale));
        attempt.insert("choice".to_owned(), json!("sendAgain"));
        attempt.insert("by".to_owned(), json!(by));
        attempt.insert("reason".to_owned(), json!(reason));
        attempt.insert("decidedAt".to_owned(), json!(now));
        journal::append(tx, register, LinkKind::Attempt, &attempt, now)?;
        tracing::warn!(sale_id = %sale, by, "sent again: it is missing in the cloud");
        sent += 1;
    }
    Ok(sent)
}

fn checked(asked: &SendAgain) -> Result<(String, String)> {
    let by = Person::named(&asked.by)?.name;
    let reason = counterfoil_domain::document::nfc(asked.reason.trim());
    if reason.is_empty() {
        let message = "say why it is sent again: somebody else must understand it in a year";
        return Err(AppError::new(ErrorCode::ReasonMissing, message));
    }
    Ok((by, reason))
}
