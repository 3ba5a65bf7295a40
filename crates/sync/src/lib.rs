//! The pure sync engine: `(state, event, now) → (state, actions)`.
//!
//! It knows no clock, no network and no database. A driver (`counterfoil-app`) performs its
//! actions against a [`Remote`] and a store and feeds the answers back as events.
//! `docs/SYNC.md` is the protocol in words.
//!
//! - [`engine`]: what to do next, and the one place where it is decided;
//! - [`decide`]: the outcome table, for one group against what the cloud holds under its names;
//! - [`classify`]: what a gRPC code means;
//! - [`backoff`], [`batch`]: how long to wait, how much to send at once;
//! - [`duplicates`]: the same sale under another id; [`together`]: one question for many of them;
//! - [`archive`]: the cloud for whoever proves the books; [`reconcile`]: the books against it;
//! - [`meter`]: what the cloud bills; [`progress`]: how fast a backlog goes up;
//! - [`outbox`], [`remote`]: the words shared with the store and the cloud.

pub mod archive;
pub mod backoff;
pub mod batch;
pub mod classify;
pub mod decide;
pub mod duplicates;
pub mod engine;
pub mod meter;
pub mod outbox;
pub mod progress;
pub mod reconcile;
pub mod remote;
pub mod together;

pub use archive::{Archive, ArchivePage, Cursor, Days, Totals};
pub use batch::{Batch, BatchId, Limits};
pub use duplicates::{DuplicateRule, OwedCheck, Twin};
pub use engine::{
    Action, Condition, Decision, Doubt, Engine, Event, Expected, Numbers, PauseReason, Problem,
    Wake,
};
pub use meter::{Bill, Meter, Metered, MeteredArchive, Purpose, Spent};
pub use outbox::{FailureKind, Group, GroupId, GroupKind, Landed, Outcome};
pub use progress::{Backlog, Pace, Progress};
pub use remote::{
    Code, Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, Printing,
    RegisterClaim, RegisterDocument, Remote, RemoteError, Revision, StoreDocument,
};
pub use together::{AnyOf, OwnSale};
