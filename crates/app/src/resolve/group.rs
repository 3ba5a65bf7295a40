//! The documents of a decision: the decision itself, a copy of the sale, the copy's reversal. They go up as one commit,
//! without what another decision has put there before.

use counterfoil_domain::SaleId;
use counterfoil_domain::document::Fields;
use counterfoil_domain::journal::LinkKind;
use counterfoil_store::instead::{self, There};
use counterfoil_store::table::failures::FailureStatus;
use counterfoil_store::table::journal;
use counterfoil_store::table::resolutions::{self, Resolution};
use counterfoil_store::uploads;
use counterfoil_sync::{Collection, Create, DocumentName};
use serde_json::{Value, json};

use super::Deciding;
use crate::before::Before;
use crate::error::{AppError, Result};

/// Why a reversal goes up as a losing version.
const CAME_SECOND: &str =
    "The cloud's version was kept before, and the reversal of then has this one's place.";

impl Deciding<'_> {
    /// Records a decision under the next number with its journal link; answers its document for the cloud.
    pub(super) fn sign(&self, decision: Resolution, status: FailureStatus) -> Result<Create> {
        let before = self.before.map_or(0, |before| before.n);
        let n = self.failure.decisions.max(before) + 1;
        let register = self.register.register_id;
        let mut document = decision.document.clone();
        document.insert("n".to_owned(), json!(n));
        document.insert("registerId".to_owned(), json!(register));
        let link = journal::append(self.tx, register, LinkKind::Resolution, &document, self.now)?;
        document.insert("journal".to_owned(), Value::Object(link.to_fields()));
        let decision = Resolution {
            n,
            document: document.clone(),
            ..decision
        };
        resolutions::record(self.tx, &decision, status)?;
        let name =
            name_of(&document).ok_or_else(|| AppError::internal("a decision without a name"))?;
        Ok(Create {
            name,
            fields: document.into(),
        })
    }

    /// Queues what a decision sends.
    pub(super) fn queue(
        &self,
        resolution: Create,
        copy: Option<Fields>,
        reversal: Option<&Fields>,
    ) -> Result<()> {
        let mut send = vec![resolution];
        let mut there = There {
            creates: Vec::new(),
            created_at: self
                .before
                .and_then(|before| before.created_at)
                .unwrap_or(self.now),
        };
        if let Some(copy) = copy {
            let copy = sale_document(copy)?;
            if self.before.is_some_and(Before::left_copy) {
                there.creates.push(copy);
            } else {
                send.push(copy);
            }
        }
        if let Some(reversal) = reversal {
            send.push(if self.before.is_some_and(Before::left_reversal) {
                uploads::losing_version(self.tx, id_of(reversal)?, CAME_SECOND, self.now)?
            } else {
                sale_document(reversal.clone())?
            });
        }
        let sale = self.failure.sale_id;
        Ok(instead::queue(self.tx, sale, &send, &there, self.now)?)
    }
}

/// The name of a decision's document.
pub(super) fn name_of(resolution: &Fields) -> Option<DocumentName> {
    let text = |name: &str| resolution.get(name).and_then(Value::as_str);
    let n = resolution.get("n").and_then(Value::as_i64)?;
    Some(DocumentName {
        collection: Collection::SaleResolutions,
        id: format!("{}_{}_{n}", text("saleId")?, text("digest")?),
    })
}

/// A sale under its id.
pub(super) fn sale_document(fields: Fields) -> Result<Create> {
    let name = DocumentName {
        collection: Collection::Sales,
        id: id_of(&fields)?.to_string(),
    };
    Ok(Create {
        name,
        fields: fields.into(),
    })
}

/// The id that a sale's document says.
pub(super) fn id_of(fields: &Fields) -> Result<SaleId> {
    let id = fields
        .get("saleId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    id.parse().map_err(AppError::internal)
}
