//! The cloud as the engine sees it: a few calls, each of which may fail, hang or lose its answer.

use std::sync::Arc;

use async_trait::async_trait;
use counterfoil_domain::document::Fields;
use counterfoil_domain::{Digest, RegisterId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::together::AnyOf;

/// A collection under `stores/{storeId}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Collection {
    /// Sales, each under its id, written once.
    Sales,
    /// Losing versions, whole, under `{saleId}_{digest}`, written once.
    SaleConflicts,
    /// Decisions, under `{saleId}_{digest}_{n}`, written once.
    SaleResolutions,
}

impl Collection {
    /// The collection's name in the cloud.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::SaleConflicts => "saleConflicts",
            Self::SaleResolutions => "saleResolutions",
        }
    }
}

/// The name of a document under the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentName {
    /// Which collection.
    pub collection: Collection,
    /// The document's id in it.
    pub id: String,
}

/// A document that is to be created, guarded by `exists: false`.
///
/// The remote adds `storeId` and lets the server set `createdAt` (`REQUEST_TIME`).
#[derive(Clone, Debug, PartialEq)]
pub struct Create {
    /// Its name.
    pub name: DocumentName,
    /// Its fields, in the JSON shape of `docs/SYNC.md`. What is sent is kept until the answer is understood, so both
    /// hold the same.
    pub fields: Arc<Fields>,
}

/// A document as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its name.
    pub name: DocumentName,
    /// Its fields in the JSON shape, or why they have none (a double, a sub-millisecond time …).
    pub fields: Result<Fields, String>,
    /// When the server created it.
    pub created_at: Timestamp,
}

/// Sales with one fingerprint, sold in a window: what a possible duplicate looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateQuery {
    /// The fingerprint they share.
    pub fingerprint: Digest,
    /// The window's first moment (inclusive), by the server's clock.
    pub from: Timestamp,
    /// The window's last moment (inclusive).
    pub to: Timestamp,
}

/// The store's own document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreDocument {
    /// The shop's name when it was created.
    pub name: String,
    /// ISO 4217 code; a register with another currency must not join.
    pub currency: String,
    /// When the server created it: what tells one store from an emptied or another one.
    pub created_at: Timestamp,
}

/// Which state of a document was read: a later write is guarded by it (Firestore's `updateTime`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Nanoseconds of the second.
    pub nanos: i32,
}

/// What stands in the cloud under a register's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterDocument {
    /// Whose it is; none once a manager has released it.
    pub installation_id: Option<String>,
    /// The highest receipt number that the register had given out when it was last here.
    pub last_sequence: i64,
    /// What a claim of it is guarded by.
    pub revision: Revision,
}

/// A register says that it is here and whose it is. The server sets the times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterClaim {
    /// Its id.
    pub register_id: RegisterId,
    /// The installation that may use it.
    pub installation_id: String,
    /// The prefix of its receipts.
    pub receipt_prefix: String,
    /// Its name in the shop.
    pub name: String,
    /// The highest receipt number that it has given out; 0 before the first.
    pub last_sequence: i64,
    /// The program's version.
    pub version: String,
    /// What was read there; none creates the document, guarded by `exists: false`.
    pub revision: Option<Revision>,
}

/// A register that prints a receipt series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Printing {
    /// Which register, as its document is named.
    pub register_id: String,
    /// What its store calls it.
    pub name: Option<String>,
    /// The highest number that the cloud knows of it.
    pub last_sequence: i64,
    /// When it first claimed its id.
    pub created_at: Timestamp,
}

/// Sales of one register by their place in its receipt series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberQuery {
    /// The register.
    pub register_id: RegisterId,
    /// The first number (inclusive).
    pub from: i64,
    /// The last number (inclusive); none for all that follow.
    pub to: Option<i64>,
}

/// The codes of gRPC that the engine tells apart (<https://grpc.io/docs/guides/status-codes/>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are gRPC's own")]
pub enum Code {
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}

/// Why the cloud did not do what it was asked, or why that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code:?}: {message}")]
pub struct RemoteError {
    /// The code that decides what follows.
    pub code: Code,
    /// The server's or the connection's own words, for the log and for support.
    pub message: String,
}

/// The cloud. Every call has a deadline of its own and never retries by itself.
#[async_trait]
pub trait Remote: Send + Sync {
    /// Creates all of `creates` in one atomic commit, each guarded by `exists: false`, without a
    /// transaction begun first. Answers the server's commit time.
    async fn commit(&self, creates: &[Create]) -> Result<Timestamp, RemoteError>;

    /// Reads documents by name in one `BatchGetDocuments`; `None` for an absent one, in the order
    /// of `names`.
    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError>;

    /// Counts, by aggregation, the sales that match each query. At most 30 queries.
    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError>;

    /// Counts the sales that match. Who can, does it by one aggregation.
    async fn count_any(&self, query: &AnyOf) -> Result<u64, RemoteError> {
        let each = query.fingerprints.iter().map(|fingerprint| DuplicateQuery {
            fingerprint: *fingerprint,
            from: query.from,
            to: query.to,
        });
        let counts = self.count(&each.collect::<Vec<_>>()).await?;
        Ok(counts.iter().sum())
    }

    /// Reads the sales that match, oldest `soldAt` first, at most `limit`.
    async fn duplicates(
        &self,
        query: &DuplicateQuery,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError>;

    /// Reads the documents of `collection` created at or after `since`, oldest first, at most
    /// `limit`: how a manager sees what other registers hold. Sales are not asked for by their age.
    async fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError>;

    /// The store's own document, if it is there.
    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError>;

    /// Creates the store's own document, guarded by `exists: false`.
    async fn create_store(&self, name: &str, currency: &str) -> Result<Timestamp, RemoteError>;

    /// What stands under a register's id, if anything.
    async fn register(&self, register: RegisterId)
    -> Result<Option<RegisterDocument>, RemoteError>;

    /// Claims a register's id in one guarded write; refused if it changed since it was read.
    async fn claim_register(&self, claim: &RegisterClaim) -> Result<Timestamp, RemoteError>;

    /// Registers of the store that print receipts with this prefix, some of them if they are many. A member may ask.
    async fn printing(&self, prefix: &str) -> Result<Vec<Printing>, RemoteError>;

    /// Counts, by aggregation, the sales with these numbers, whatever their ids.
    async fn count_numbers(&self, query: &NumberQuery) -> Result<u64, RemoteError>;
}
