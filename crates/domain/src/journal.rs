//! The journal: one hash chain per register, one link for everything that touches money.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::digest::Digest;
use crate::document::{DocumentError, Fields};
use crate::ids::RegisterId;
use crate::time::Timestamp;

/// What a link records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LinkKind {
    /// A sale, recorded at `soldAt`.
    Sale,
    /// A manager's decision about an item of the failure list.
    Resolution,
    /// A failed sale was sent again under the same id.
    Attempt,
}

impl LinkKind {
    /// The kind's spelling in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Resolution => "resolution",
            Self::Attempt => "attempt",
        }
    }
}

/// One link of a register's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Position in the chain, from 1, without gaps.
    pub sequence: i64,
    /// The hash of the link before; [`Digest::ZERO`] for the first.
    pub previous_hash: Digest,
    /// What is recorded.
    pub kind: LinkKind,
    /// When, by the register's clock.
    pub recorded_at: Timestamp,
    /// SHA-256 over canonical `{registerId, sequence, previousHash, kind, recordedAt, digest}`.
    pub hash: Digest,
}

impl Link {
    /// The link for the document with `digest`, after the link at `previous` (none: the first).
    pub fn after(
        previous: Option<(i64, Digest)>,
        register: RegisterId,
        kind: LinkKind,
        recorded_at: Timestamp,
        digest: Digest,
    ) -> Result<Self, DocumentError> {
        let (before, previous_hash) = previous.unwrap_or((0, Digest::ZERO));
        let sequence = before + 1;
        let hash = Digest::of(&json!({
            "registerId": register, "sequence": sequence, "previousHash": previous_hash,
            "kind": kind, "recordedAt": recorded_at, "digest": digest,
        }))?;
        Ok(Self { sequence, previous_hash, kind, recorded_at, hash })
    }

    /// This link as the `journal` field of its document.
    pub fn to_fields(&self) -> Fields {
        match json!({
            "sequence": self.sequence, "previousHash": self.previous_hash, "kind": self.kind,
            "recordedAt": self.recorded_at, "hash": self.hash,
        }) {
            serde_json::Value::Object(fields) => fields,
            _ => Fields::new(),
        }
    }
}
