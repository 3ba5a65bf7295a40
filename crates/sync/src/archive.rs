//! The cloud for whoever proves the books: sums first, documents only where they differ.

use std::ops::Bound;

use async_trait::async_trait;
use counterfoil_domain::RegisterId;

use crate::remote::{DocumentName, Found, RemoteError};

/// A register's sales of some business days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    /// The register.
    pub register_id: RegisterId,
    /// The first day, `2026-11-22`.
    pub from: Bound<String>,
    /// The last day.
    pub to: Bound<String>,
}

impl Days {
    /// One day.
    pub fn one(register_id: RegisterId, day: &str) -> Self {
        Self {
            register_id,
            from: Bound::Included(day.to_owned()),
            to: Bound::Included(day.to_owned()),
        }
    }
}

/// How many sales there are, and what they come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// How many.
    pub count: u64,
    /// The sum of their `total`, in minor units; none where that is no whole number, because one of
    /// them is no valid sale.
    pub sum: Option<i64>,
}

/// After which document the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its business day, as it stands there.
    pub day: String,
    /// Its id.
    pub id: String,
}

/// Documents in the order of their days and ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArchivePage {
    /// The documents.
    pub found: Vec<Found>,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
}

/// The cloud, for reading only. Every call has a deadline of its own and never retries by itself.
#[async_trait]
pub trait Archive: Send + Sync {
    /// Counts and adds up these sales by one aggregation.
    async fn totals(&self, days: &Days) -> Result<Totals, RemoteError>;

    /// Reads these sales, at most `limit` after `after`, whatever they look like.
    async fn sales_of(
        &self,
        days: &Days,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<ArchivePage, RemoteError>;

    /// Reads documents by name in one `BatchGetDocuments`; `None` for an absent one, in the order
    /// of `names`.
    async fn documents(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError>;
}
