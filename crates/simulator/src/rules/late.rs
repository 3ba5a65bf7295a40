//! Rule 3, of what never landed: a commit that was refused, denied or lost, and given up, may arrive after all, when its
//! sales have long been decided about. When all the rest has been checked they all do. What appears then must be
//! permitted, what was there stays, and the proof of the books has to name it (`proof`).

use std::collections::BTreeMap;

use counterfoil_domain::document::Fields;
use counterfoil_sync::{Collection, DocumentName};
use serde_json::Value;

use super::content::{Content, text};
use super::register::item_of;
use crate::books::{self, Books, Kept};
use crate::cloud::Stored;
use crate::controls::Control;
use crate::desk::Desk;
use crate::world::World;

/// Lets every commit arrive that was sent and of which nothing is in the cloud, latest first. Answers whether anything
/// has appeared.
pub(crate) fn check(world: &World, desks: &[Desk]) -> bool {
    let Some(first) = desks.first() else {
        return false;
    };
    if first.control == Some(Control::Founding) {
        return false;
    }
    let before = first.cloud.documents();
    for sent in first.cloud.sent().iter().rev() {
        let mut names = sent.creates.iter().map(|create| &create.name);
        if !names.any(|name| before.contains_key(name)) {
            // It may be refused once more, or by now something of it is there.
            let _ = first.cloud.commit(&sent.by, &sent.creates);
        }
    }
    let after = first.cloud.documents();
    for (name, stored) in &before {
        if after.get(name) != Some(stored) {
            let what = format!("{} is another one since a late commit came", name.id);
            world.broken(3, what);
        }
    }
    let now: Vec<Books> = desks
        .iter()
        .filter_map(|desk| desk.books(books::read))
        .collect();
    let replaced = desks.iter().flat_map(|desk| &desk.before);
    let sold = Sold::of(desks, replaced.map(AsRef::as_ref).chain(&now));
    let forged = first.cloud.forged();
    let new = |(name, _): &(&DocumentName, &Stored)| {
        !before.contains_key(*name) && !forged.contains(*name)
    };
    let mut appeared = false;
    for (name, stored) in after.iter().filter(new) {
        appeared = true;
        world.found("a document that a late commit brought");
        if !sold.permits(name, &stored.fields) {
            let what = format!(
                "a late commit brought {} ({:?}), and nobody sold or decided that",
                name.id, name.collection
            );
            world.broken(3, what);
        }
    }
    appeared
}

/// Every sale that is in anybody's books, or was returned by a checkout or a decision.
struct Sold<'a> {
    records: BTreeMap<&'a str, Vec<&'a Fields>>,
    /// The items of the failure lists, by what their losing versions are called.
    items: BTreeMap<String, &'a Kept>,
}

impl<'a> Sold<'a> {
    fn of(desks: &'a [Desk], books: impl Iterator<Item = &'a Books>) -> Self {
        let mut records: BTreeMap<&str, Vec<&Fields>> = BTreeMap::new();
        for receipt in desks.iter().flat_map(|desk| &desk.receipts) {
            records
                .entry(&receipt.id)
                .or_default()
                .push(&receipt.fields);
        }
        let mut items = BTreeMap::new();
        for kept in books.flat_map(|books| &books.sales) {
            records.entry(&kept.id).or_default().push(&kept.record);
            items.insert(item_of(kept), kept);
        }
        Self { records, items }
    }

    fn records(&self, id: &str) -> &[&'a Fields] {
        self.records.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whether somebody has sold or decided what this document says.
    fn permits(&self, name: &DocumentName, there: &Fields) -> bool {
        match name.collection {
            Collection::Sales => {
                let original = text(there, "originalSaleId").unwrap_or_default();
                let mut own = self.records(&name.id).iter();
                let mut copied = self.records(original).iter();
                own.any(|record| Content::of_record(record).is(there))
                    || copied.any(|record| Content::of_copy(record, &name.id).is(there))
            }
            // The losing version lies in it as it was signed.
            Collection::SaleConflicts => {
                let sale = there.get("sale").and_then(Value::as_object);
                let lost = self.items.get(&name.id);
                lost.is_some_and(|lost| sale == Some(&lost.record))
            }
            Collection::SaleResolutions => {
                let item = name.id.rsplit_once('_').map(|(item, _)| item);
                item.is_some_and(|item| self.items.contains_key(item))
            }
        }
    }
}
