//! [`Archive`]: a register's sales of some days, added up by the server or read page by page.

use std::collections::HashSet;

use async_trait::async_trait;
use counterfoil_sync::{
    Archive, ArchivePage, Cursor, Days, DocumentName, Found, Remote, RemoteError, Totals,
};
use firestore::FirestoreDb;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{Document, Value};

use crate::query;
use crate::remote::{FirestoreRemote, client, read, silent};
use crate::status::remote_error;

#[async_trait]
impl Archive for FirestoreRemote {
    async fn totals(&self, days: &Days) -> Result<Totals, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let request = query::total_days(days, self.store_path(&db));
            let answer = client(&db).run_aggregation_query(request).await;
            let mut answers = answer.map_err(|s| remote_error(&s))?.into_inner();
            while let Some(answer) = answers.message().await.map_err(|s| remote_error(&s))? {
                if let Some(mut result) = answer.result {
                    let mut field = |name| result.aggregate_fields.remove(name);
                    let count = whole(field(query::COUNT))?.unwrap_or(0);
                    return Ok(Totals {
                        count: u64::try_from(count).unwrap_or(0),
                        sum: whole(field(query::SUM))?,
                    });
                }
            }
            Err(silent("a sum"))
        })
        .await
    }

    async fn sales_of(
        &self,
        days: &Days,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<ArchivePage, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let request = query::read_days(days, after, self.store_path(&db), limit);
            let answer = client(&db).run_query(request).await;
            let mut answers = answer.map_err(|s| remote_error(&s))?.into_inner();
            let mut page = ArchivePage::default();
            let mut last = None;
            // One that the answer brings twice is one, and the place of the last one is that of the last new one.
            let mut told = HashSet::new();
            while let Some(answer) = answers.message().await.map_err(|s| remote_error(&s))? {
                let new = |document: &Document| told.insert(document.name.clone());
                let Some(document) = answer.document.filter(new) else {
                    continue;
                };
                last = cursor(&document);
                page.found.extend(read(&document));
            }
            let full = u32::try_from(page.found.len()).is_ok_and(|n| n >= limit);
            page.next = last.filter(|_| full);
            Ok(page)
        })
        .await
    }

    async fn documents(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        self.get(names).await
    }
}

/// A whole number that was counted or added up; a sum over something else is a double.
fn whole(value: Option<Value>) -> Result<Option<i64>, RemoteError> {
    match value.and_then(|value| value.value_type) {
        Some(ValueType::IntegerValue(whole)) => Ok(Some(whole)),
        Some(ValueType::DoubleValue(_)) => Ok(None),
        _ => Err(silent("a sum")),
    }
}

/// The place of a document, as it stands there: also of one that is no valid sale.
fn cursor(document: &Document) -> Option<Cursor> {
    let (_, id) = document.name.rsplit_once('/')?;
    let day = document.fields.get(query::DAY)?.value_type.as_ref()?;
    match day {
        ValueType::StringValue(day) => Some(Cursor {
            day: day.clone(),
            id: id.to_owned(),
        }),
        _ => None,
    }
}
