//! What waits to be uploaded, and what became of it.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{SaleId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::remote::Create;

/// The row of the outbox that a group came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub i64);

/// What a group is about: it decides what a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GroupKind {
    /// One sale. Anything else under its id is a conflict.
    Sale,
    /// The whole losing version of a sale, for everybody to see.
    Conflict,
    /// A decision with all that it does: resolution, copy, reversal.
    Resolution,
}

/// Documents that go up together or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its row.
    pub id: GroupId,
    /// What it is about.
    pub kind: GroupKind,
    /// The sale that it belongs to, for the log.
    pub sale_id: SaleId,
    /// What is created, in order. A group of kind [`GroupKind::Sale`] holds one document.
    pub creates: Vec<Create>,
    /// How often it has been sent before.
    pub attempts: u32,
}

/// Why a group cannot go up by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FailureKind {
    /// Another sale has the same id; the cloud's came first.
    SameId,
    /// The cart was paid at another register.
    CartPaidElsewhere,
    /// The receipt number was used twice: a copied register.
    NumberReused,
    /// The cloud refuses it for good.
    Refused,
}

/// How a group came to be in the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Landed {
    /// This commit put it there.
    Accepted,
    /// It was there already, ours, with the same content: an earlier answer was lost.
    AnswerLost,
}

/// What the engine decided about one group. The store records each in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is in the cloud. For a sale, a check for duplicates is owed from now on.
    Synced {
        /// The group.
        group: GroupId,
        /// How it came there.
        landed: Landed,
        /// When the server took it.
        created_at: Timestamp,
    },
    /// It is pending again until `not_before`.
    Retry {
        /// The group.
        group: GroupId,
        /// The earliest moment of the next attempt.
        not_before: Timestamp,
        /// Why, for the log and the panel.
        reason: String,
    },
    /// It was claimed and given back: nothing of it was sent, so that the claim does not count as an attempt.
    Unsent {
        /// The group.
        group: GroupId,
        /// The earliest moment of the next attempt.
        not_before: Timestamp,
    },
    /// It needs a manager.
    Failed {
        /// The group.
        group: GroupId,
        /// Why.
        kind: FailureKind,
        /// The same in words, with the server's own.
        message: String,
        /// The winner as it stands in the cloud, for a conflict.
        remote: Option<Fields>,
    },
    /// The server has denied a sale, and nobody knows yet whether it would deny any: it stands in the failure
    /// list, and is sent again by itself unless a manager decides about it first.
    Doubted {
        /// The group, of a sale.
        group: GroupId,
        /// Why, in words, with the server's own.
        message: String,
    },
}

impl Outcome {
    /// Which group it is about.
    pub const fn group(&self) -> GroupId {
        match self {
            Self::Synced { group, .. }
            | Self::Retry { group, .. }
            | Self::Unsent { group, .. }
            | Self::Failed { group, .. }
            | Self::Doubted { group, .. } => *group,
        }
    }
}
