//! What a call is about, as far as a plan asks.

use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{BatchGetDocumentsRequest, CommitRequest};
use gcloud_sdk::prost::Message as _;
use gcloud_sdk::prost::bytes::Bytes;

/// The part of a sync that a call belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The store's own document is read or created.
    Store,
    /// A register's document is read.
    Register,
    /// A register's document is written.
    Claim,
    /// Receipt numbers are counted.
    Numbers,
    /// Sales, conflicts or decisions are created.
    Commit,
    /// They are read by name.
    Read,
    /// Possible duplicates are counted.
    Checks,
    /// Documents are asked for.
    Query,
    /// Anything else.
    Other,
}

/// A call on its way to the server.
#[derive(Clone, Debug)]
pub struct Call {
    /// What it is about.
    pub part: Part,
    /// What it brings to say who asks.
    pub authorization: String,
    pub(super) request: Bytes,
}

impl Call {
    pub(super) fn new(method: &str, authorization: String, request: Bytes) -> Self {
        Self {
            part: part(method, &request),
            authorization,
            request,
        }
    }

    /// Whether these bytes are in the request: an id, a name.
    pub fn mentions(&self, words: &str) -> bool {
        mentions(&self.request, words)
    }
}

fn mentions(request: &[u8], words: &str) -> bool {
    let words = words.as_bytes();
    request.windows(words.len()).any(|window| window == words)
}

fn part(method: &str, request: &Bytes) -> Part {
    match method {
        "Commit" => match collection(&written(request)) {
            Some("registers") => Part::Claim,
            Some(_) => Part::Commit,
            None => Part::Store,
        },
        "BatchGetDocuments" => match collection(&asked_for(request)) {
            Some("registers") => Part::Register,
            Some(_) => Part::Read,
            None => Part::Store,
        },
        "RunAggregationQuery" if mentions(request, "fingerprint") => Part::Checks,
        "RunAggregationQuery" => Part::Numbers,
        "RunQuery" => Part::Query,
        _ => Part::Other,
    }
}

/// The name of the first document that is written.
fn written(request: &Bytes) -> String {
    let commit = CommitRequest::decode(request.clone()).unwrap_or_default();
    let first = commit.writes.into_iter().next();
    match first.and_then(|write| write.operation) {
        Some(Operation::Update(document)) => document.name,
        Some(Operation::Delete(name)) => name,
        _ => String::new(),
    }
}

/// The name of the first document that is read.
fn asked_for(request: &Bytes) -> String {
    let read = BatchGetDocumentsRequest::decode(request.clone()).unwrap_or_default();
    read.documents.into_iter().next().unwrap_or_default()
}

/// The collection of a document under a store; none for the store's own.
fn collection(name: &str) -> Option<&str> {
    let (_, under) = name.split_once("/stores/")?;
    under.split('/').nth(1)
}
