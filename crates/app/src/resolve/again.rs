//! Trying again: the sale under its own id, or what was decided about it and could not go up.

use counterfoil_domain::document::Fields;
use counterfoil_domain::journal::LinkKind;
use counterfoil_domain::reversal::copy_of;
use counterfoil_store::instead;
use counterfoil_store::table::failures::{self, FailureStatus};
use counterfoil_store::table::resolutions::{self, Resolution};
use counterfoil_store::table::sale_marks::{self, SaleMarks};
use counterfoil_store::table::{journal, outbox, sales};
use serde_json::json;

use super::group::{name_of, sale_document};
use super::{Deciding, Decision};
use crate::dto::ChoiceKind;
use crate::error::{AppError, ErrorCode, Result};
use crate::people::Person;

impl Deciding<'_> {
    /// Sends the sale again under the same id. A real conflict stays one, and says so.
    pub(super) fn retry(&self, by: &str) -> Result<Decision> {
        let sale_id = self.failure.sale_id;
        if !outbox::retry_sale(self.tx, sale_id, self.now)? {
            return Err(AppError::new(
                ErrorCode::AlreadyResolved,
                "this sale is on its way again already",
            ));
        }
        failures::set_status(self.tx, sale_id, FailureStatus::Resolved)?;
        sale_marks::set(self.tx, sale_id, &SaleMarks::default())?;
        self.attempted(by)
    }

    /// The number up to which decisions of this register that were refused are not sent again as they are: others
    /// stand in the cloud under their names, or have put there what they would send.
    pub(super) fn overtaken(&self) -> Result<u32> {
        let Some(before) = self.before else {
            return Ok(0);
        };
        let copy = sale_document(copy_of(&self.local.fields).map_err(AppError::internal)?)?;
        let sends_copy = before.left_copy() && instead::is_refused(self.tx, &copy.name)?;
        let last = if sends_copy {
            self.failure.decisions
        } else {
            0
        };
        Ok(before.n.max(last))
    }

    /// Sends a decision again that the cloud has refused: one that was overtaken as the next one about the item.
    /// What it did here stays as it is. `stuck` says that something about the item is on its way again.
    pub(super) fn send_again(&self, overtaken: u32, stuck: bool, by: &str) -> Result<Decision> {
        let last = resolutions::of_sale(self.tx, self.failure.sale_id)?.pop();
        let last = last.filter(|last| last.n <= overtaken);
        let name = last.as_ref().and_then(|last| name_of(&last.document));
        let refused = match &name {
            Some(name) => instead::is_refused(self.tx, name)?,
            None => false,
        };
        match last {
            Some(last) if refused => self.renumber(last)?,
            _ if stuck => {
                failures::set_status(self.tx, self.failure.sale_id, FailureStatus::Resolved)?;
            }
            _ => {
                return Err(AppError::new(
                    ErrorCode::AlreadyResolved,
                    "what was decided about this sale is on its way already",
                ));
            }
        }
        self.attempted(by)
    }

    /// The same decision once more, as the next one about the item.
    fn renumber(&self, last: Resolution) -> Result<()> {
        let mut document = last.document.clone();
        document.remove("journal");
        let decision = Resolution { document, ..last };
        let resolution = self.sign(decision, FailureStatus::Resolved)?;
        let copy = copy_of(&self.local.fields).map_err(AppError::internal)?;
        let marks = sale_marks::get(self.tx, self.failure.sale_id)?;
        let reversal = match marks.superseded_by {
            Some(reversal) => sales::by_id(self.tx, reversal)?,
            None => None,
        };
        let reversal = reversal.as_ref().map(|reversal| &reversal.record);
        self.queue(resolution, Some(copy), reversal)
    }

    /// Records an attempt as a link of the journal.
    fn attempted(&self, by: &str) -> Result<Decision> {
        let sale_id = self.failure.sale_id;
        let mut attempt = Fields::new();
        attempt.insert("schema".to_owned(), json!(1));
        attempt.insert("saleId".to_owned(), json!(sale_id));
        attempt.insert("choice".to_owned(), json!(ChoiceKind::Retry));
        attempt.insert("decidedAt".to_owned(), json!(self.now));
        if !by.trim().is_empty() {
            attempt.insert("by".to_owned(), json!(Person::named(by)?.name));
        }
        let register = self.register.register_id;
        journal::append(self.tx, register, LinkKind::Attempt, &attempt, self.now)?;
        Ok(Decision {
            sale_id,
            choice: ChoiceKind::Retry,
            reversal: None,
            cloud_id: None,
        })
    }
}
