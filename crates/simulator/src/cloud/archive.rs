//! The model for whoever proves the books.

use std::ops::Bound;
use std::sync::Arc;

use async_trait::async_trait;
use counterfoil_sync::{
    Archive, ArchivePage, Collection, Cursor, Days, DocumentName, Found, RemoteError, Totals,
};
use serde_json::Value;

use super::{Cloud, Stored, found};
use crate::random::lock;

/// Reads without any fault on the way.
pub(crate) struct Reader(pub(crate) Arc<Cloud>);

fn text<'a>(stored: &'a Stored, field: &str) -> Option<&'a str> {
    stored.fields.get(field).and_then(Value::as_str)
}

fn is_within(days: &Days, day: &str) -> bool {
    let after = match &days.from {
        Bound::Included(from) => day >= from.as_str(),
        Bound::Excluded(from) => day > from.as_str(),
        Bound::Unbounded => true,
    };
    let before = match &days.to {
        Bound::Included(to) => day <= to.as_str(),
        Bound::Excluded(to) => day < to.as_str(),
        Bound::Unbounded => true,
    };
    after && before
}

impl Cloud {
    /// A register's sales of these days, in the order of days and ids.
    fn of_days(&self, days: &Days) -> Vec<(Cursor, Found, Option<i64>)> {
        let register = days.register_id.to_string();
        let state = lock(&self.state);
        let mut of_days: Vec<(Cursor, Found, Option<i64>)> = state
            .documents
            .iter()
            .filter(|(name, stored)| {
                name.collection == Collection::Sales
                    && text(stored, "registerId") == Some(&register)
            })
            .filter_map(|(name, stored)| {
                let day = text(stored, "businessDay").filter(|day| is_within(days, day))?;
                let cursor = Cursor {
                    day: day.to_owned(),
                    id: name.id.clone(),
                };
                let total = stored.fields.get("total").and_then(Value::as_i64);
                Some((cursor, found(name, stored), total))
            })
            .collect();
        of_days.sort_by(|(one, ..), (other, ..)| (&one.day, &one.id).cmp(&(&other.day, &other.id)));
        of_days
    }

    /// Counts and adds up.
    pub(crate) fn totals(&self, days: &Days) -> Totals {
        let of_days = self.of_days(days);
        Totals {
            count: u64::try_from(of_days.len()).unwrap_or(u64::MAX),
            sum: of_days.iter().map(|(.., total)| *total).sum(),
        }
    }

    /// A page of them.
    pub(crate) fn sales_of(&self, days: &Days, after: Option<&Cursor>, limit: u32) -> ArchivePage {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let follows = |cursor: &Cursor| {
            after.is_none_or(|after| (&cursor.day, &cursor.id) > (&after.day, &after.id))
        };
        let of_days = self.of_days(days).into_iter();
        let page: Vec<_> = of_days
            .filter(|(cursor, ..)| follows(cursor))
            .take(limit)
            .collect();
        let next = page.last().filter(|_| page.len() == limit);
        ArchivePage {
            next: next.map(|(cursor, ..)| cursor.clone()),
            found: page.into_iter().map(|(_, found, _)| found).collect(),
        }
    }
}

#[async_trait]
impl Archive for Reader {
    async fn totals(&self, days: &Days) -> Result<Totals, RemoteError> {
        Ok(self.0.totals(days))
    }

    async fn sales_of(
        &self,
        days: &Days,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<ArchivePage, RemoteError> {
        Ok(self.0.sales_of(days, after, limit))
    }

    async fn documents(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        Ok(self.0.get(names))
    }
}
