//! What was decided about an item before and stands in the cloud: at a copy of this register, or by this one before
//! a backup was put back. It limits what can still be decided, and says what of it is there already.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Digest, SaleId, Timestamp};
use counterfoil_store::Connection;
use counterfoil_store::table::elsewhere;

use crate::dto::{ChoiceKind, ElsewhereOutcome};
use crate::error::Result;
use crate::failures::{field, outcome_of};

/// A decision of another database about an item of this one.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    /// The how-manieth decision it was.
    pub(crate) n: u32,
    /// Which, by whom, why and when.
    pub(crate) outcome: ElsewhereOutcome,
    /// When the server took it; none where the document does not say it.
    pub(crate) created_at: Option<Timestamp>,
}

impl Before {
    /// What is known of the last one about this version of a sale.
    pub(crate) fn of(conn: &Connection, sale: SaleId, fields: &Fields) -> Result<Option<Self>> {
        let Some(digest) = field::<Digest>(fields, "digest") else {
            return Ok(None);
        };
        let decision = elsewhere::decision(conn, sale, digest)?;
        Ok(decision.and_then(|(n, document)| {
            Some(Self {
                n,
                outcome: outcome_of(&document)?,
                created_at: field(&document, "createdAt"),
            })
        }))
    }

    /// Why this cannot be decided any more: the cloud counts what was decided then.
    pub(crate) fn forbids(&self, choice: ChoiceKind) -> Option<&'static str> {
        match (self.outcome.choice, choice) {
            (ChoiceKind::KeepCloud, ChoiceKind::KeepCloud)
            | (
                ChoiceKind::RecordSeparately,
                ChoiceKind::RecordSeparately | ChoiceKind::KeepCloud,
            )
            | (ChoiceKind::Dismiss | ChoiceKind::Retry, _) => None,
            (ChoiceKind::KeepCloud, _) => {
                Some("the cloud's version was kept before, and that stands in the cloud")
            }
            (ChoiceKind::RecordSeparately, _) => {
                Some("it was recorded separately before, and that stands in the cloud")
            }
        }
    }

    /// Whether a copy of the sale is there.
    pub(crate) fn left_copy(&self) -> bool {
        matches!(
            self.outcome.choice,
            ChoiceKind::KeepCloud | ChoiceKind::RecordSeparately
        )
    }

    /// Whether a reversal of that copy is there.
    pub(crate) fn left_reversal(&self) -> bool {
        self.outcome.choice == ChoiceKind::KeepCloud
    }
}
