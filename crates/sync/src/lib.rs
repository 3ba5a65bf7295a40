//! The pure sync engine: `(state, event, now) → (state, actions)`.
//!
//! It knows no clock, no network and no database. A driver (`counterfoil-app`) performs its
//! actions against a [`Remote`] and a store and feeds the answers back as events.
//! `docs/SYNC.md` is the protocol in words.

pub mod outbox;
pub mod remote;

pub use outbox::{FailureKind, Group, GroupId, GroupKind, Landed, Outcome};
pub use remote::{
    Code, Collection, Create, DocumentName, DuplicateQuery, Found, Remote, RemoteError,
    StoreDocument,
};
