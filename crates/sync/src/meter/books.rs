//! The same for whoever proves the books.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Meter, Purpose, Spent, aggregation, reads, wide};
use crate::archive::{Archive, ArchivePage, Cursor, Days, Totals};
use crate::remote::{DocumentName, Found, RemoteError};

/// An archive whose calls are counted, all of them for [`Purpose::Reconcile`].
pub struct MeteredArchive {
    archive: Arc<dyn Archive>,
    meter: Arc<Meter>,
}

impl MeteredArchive {
    /// `archive`, counted by `meter`.
    pub fn new(archive: Arc<dyn Archive>, meter: Arc<Meter>) -> Self {
        Self { archive, meter }
    }

    fn book<T>(&self, answer: &Result<T, RemoteError>, done: Spent) {
        self.meter.book(Purpose::Reconcile, answer, done);
    }
}

#[async_trait]
impl Archive for MeteredArchive {
    async fn totals(&self, days: &Days) -> Result<Totals, RemoteError> {
        let answer = self.archive.totals(days).await;
        let entries = answer.as_ref().map_or(0, |totals| totals.count);
        self.book(&answer, reads(aggregation(entries)));
        answer
    }

    async fn sales_of(
        &self,
        days: &Days,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<ArchivePage, RemoteError> {
        let answer = self.archive.sales_of(days, after, limit).await;
        let found = answer.as_ref().map_or(0, |page| wide(page.found.len()));
        self.book(&answer, reads(found.max(1)));
        answer
    }

    async fn documents(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        let answer = self.archive.documents(names).await;
        if !names.is_empty() {
            self.book(&answer, reads(wide(names.len())));
        }
        answer
    }
}
