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
    /// The register took a new identity: the first link of its chain, which names the chain before.
    Identity,
}

impl LinkKind {
    /// The kind's spelling in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Resolution => "resolution",
            Self::Attempt => "attempt",
            Self::Identity => "identity",
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
        let sequence = before.saturating_add(1);
        let mut link = Self {
            sequence,
            previous_hash,
            kind,
            recorded_at,
            hash: Digest::ZERO,
        };
        link.hash = link.hash_over(register, digest)?;
        Ok(link)
    }

    /// Whether this link's hash is that of its own content for the document with `digest`.
    pub fn signs(&self, register: RegisterId, digest: Digest) -> Result<bool, DocumentError> {
        Ok(self.hash == self.hash_over(register, digest)?)
    }

    /// Whether this link stands right behind `previous` (none: it is the first).
    pub fn follows(&self, previous: Option<&Self>) -> bool {
        let (before, hash) = previous.map_or((0, Digest::ZERO), |link| (link.sequence, link.hash));
        self.sequence == before.saturating_add(1) && self.previous_hash == hash
    }

    fn hash_over(&self, register: RegisterId, digest: Digest) -> Result<Digest, DocumentError> {
        Digest::of(&json!({
            "registerId": register, "sequence": self.sequence,
            "previousHash": self.previous_hash, "kind": self.kind,
            "recordedAt": self.recorded_at, "digest": digest,
        }))
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
