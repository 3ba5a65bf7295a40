//! The cloud as a control shows it to whoever proves the books: without some of its sales, or with a field that no
//! digest depends on.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use counterfoil_domain::document::Fields;
use counterfoil_sync::{
    Archive, ArchivePage, Collection, Cursor, Days, DocumentName, Found, RemoteError, Totals,
};
use serde_json::Value;

use crate::books::Books;
use crate::cloud::Reader;
use crate::controls::{Control, leave_out};
use crate::desk::Desk;
use crate::identities::Standing;

/// A model some of whose sales nobody sees.
pub(crate) struct Veil {
    reader: Reader,
    hidden: BTreeSet<String>,
    /// The sales of the database, where its digests leave a field out.
    own: BTreeMap<String, Fields>,
}

impl Veil {
    /// What `control` shows to `desk`.
    pub(crate) fn of(control: Option<Control>, desk: &Desk, books: &Books, reader: Reader) -> Self {
        let documents = desk.cloud.documents();
        let sales = documents.iter().filter(|(name, stored)| {
            let register = stored.fields.get("registerId").and_then(Value::as_str);
            name.collection == Collection::Sales && register == Some(&books.register)
        });
        let ids = sales.map(|(name, _)| name.id.clone());
        let hidden = match control {
            Some(Control::HiddenDoubles) => ids.filter(|id| !books.sends(id)).collect(),
            Some(Control::HiddenLate) => {
                let own = ids.filter(|id| books.sale(id).is_some());
                own.filter(|id| !books.has_landed(id)).collect()
            }
            // Of a register that is nobody else's this was never overlooked.
            Some(Control::HiddenSale) if desk.standing == Standing::Twin => {
                ids.filter(|id| books.has_landed(id)).take(1).collect()
            }
            _ => BTreeSet::new(),
        };
        let is_blind = control == Some(Control::BlindDigest);
        let own = books.sales.iter().filter(|_| is_blind);
        let own = own.map(|kept| (kept.id.clone(), kept.record.clone()));
        Self {
            reader,
            hidden,
            own: own.collect(),
        }
    }

    fn show(&self, mut found: Found) -> Option<Found> {
        if let Some(own) = self.own.get(&found.name.id) {
            leave_out(&mut found, own);
        }
        (!self.hidden.contains(&found.name.id)).then_some(found)
    }
}

#[async_trait]
impl Archive for Veil {
    async fn totals(&self, days: &Days) -> Result<Totals, RemoteError> {
        if self.hidden.is_empty() {
            return self.reader.totals(days).await;
        }
        let found = self.sales_of(days, None, u32::MAX).await?.found;
        let total = |found: &Found| found.fields.as_ref().ok()?.get("total")?.as_i64();
        Ok(Totals {
            count: u64::try_from(found.len()).unwrap_or(u64::MAX),
            sum: found.iter().map(total).sum(),
        })
    }

    async fn sales_of(
        &self,
        days: &Days,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<ArchivePage, RemoteError> {
        let mut page = self.reader.sales_of(days, after, limit).await?;
        let found = page.found.into_iter();
        page.found = found.filter_map(|found| self.show(found)).collect();
        Ok(page)
    }

    async fn documents(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        let found = self.reader.documents(names).await?.into_iter();
        Ok(found
            .map(|found| found.and_then(|found| self.show(found)))
            .collect())
    }
}
