//! Why something was refused: what a register was told, and whether the plan has a reason for it.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_sync::{Code, Collection, Create, DocumentName};

/// Sent so long after a denial was answered, a register knows of it.
const KNOWN_MS: i64 = 1_000;

/// Codes that say of a document that it cannot be taken. The others are of a moment, or of the session, or say that
/// something is there.
const REFUSING: [Code; 7] = [
    Code::InvalidArgument,
    Code::NotFound,
    Code::PermissionDenied,
    Code::FailedPrecondition,
    Code::OutOfRange,
    Code::Unimplemented,
    Code::DataLoss,
];

/// Documents that were refused for what is in them, or by a made-up answer that says so.
#[derive(Debug, Default)]
pub(crate) struct Reasons(BTreeSet<DocumentName>);

impl Reasons {
    /// A register was told so. Of several sales nobody knows which one is meant.
    pub(crate) fn note(&mut self, sent: &[Create], code: Code) {
        if !REFUSING.contains(&code) {
            return;
        }
        let alone = sent.len() == 1;
        let names = sent.iter().map(|create| &create.name);
        let meant = names.filter(|name| alone || name.collection != Collection::Sales);
        self.0.extend(meant.cloned());
    }

    /// Whether there is one for this document.
    pub(crate) fn has(&self, name: &DocumentName) -> bool {
        self.0.contains(name)
    }

    /// Whether there is one for a document whose id begins so.
    pub(crate) fn has_of(&self, collection: Collection, start: &str) -> bool {
        let mut of_collection = self.0.iter().filter(|name| name.collection == collection);
        of_collection.any(|name| name.id.starts_with(start))
    }
}

/// What one life of a register was told about its sales.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// When what is about a sale was denied last: the sale itself, or a decision.
    denied_ms: BTreeMap<(bool, String), i64>,
    /// When that was sent which was accepted last and had a sale in it.
    accepted_ms: Option<i64>,
}

impl Heard {
    pub(crate) fn accepted(&mut self, sent: &[Create], sent_ms: i64) {
        let mut names = sent.iter().map(|create| create.name.collection);
        if names.any(|collection| collection == Collection::Sales) {
            self.accepted_ms = self.accepted_ms.max(Some(sent_ms));
        }
    }

    pub(crate) fn denied(&mut self, sent: &[Create], now_ms: i64) {
        for name in sent.iter().map(|create| &create.name) {
            let id = name.id.split('_').next().unwrap_or_default();
            let is_sale = name.collection == Collection::Sales;
            self.denied_ms.insert((is_sale, id.to_owned()), now_ms);
        }
    }

    /// Whether the sale, or a decision about it, was denied, and no sale accepted that was sent later.
    pub(crate) fn is_in_doubt(&self, is_sale: bool, sale: &str) -> bool {
        let denied = self.denied_ms.get(&(is_sale, sale.to_owned()));
        denied.is_some_and(|at| {
            self.accepted_ms
                .is_none_or(|accepted| accepted <= at + KNOWN_MS)
        })
    }
}
