//! The five rules of `docs/SYNC.md`, checked against the dumb model when the world has come to rest.

mod before;
mod content;
mod late;
mod numbers;
mod register;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::document::Fields;
use counterfoil_sync::{Collection, DocumentName};
use serde_json::Value;

use crate::books;
use crate::cloud::{Stored, short};
use crate::controls::Control;
use crate::desk::Desk;
use crate::founding;
use crate::world::World;
pub(crate) use content::Content;
use content::text;
pub(crate) use late::check as check_late;
use numbers::Holder;
pub(crate) use register::thousandths;
pub(crate) use warnings::check as check_warnings;

/// What may stand under a name in the cloud.
#[derive(Clone, Debug, PartialEq)]
struct Expected {
    content: Content,
    /// It must be there; else it may.
    required: bool,
}

/// Everything that is looked at.
struct Check<'a> {
    world: &'a World,
    cloud: BTreeMap<DocumentName, Stored>,
    forged: BTreeSet<DocumentName>,
    /// What was denied for a while.
    denied: BTreeSet<DocumentName>,
    expected: BTreeMap<DocumentName, Vec<Expected>>,
}

/// Checks all rules; what is broken is told to the world.
pub(crate) fn check(world: &World, desks: &[Desk]) {
    let Some(first) = desks.first() else { return };
    let mut cloud = first.cloud.documents();
    if first.control == Some(Control::Founding) {
        // Its documents have random names; what is in them is what counts.
        cloud = named_by_content(world, cloud);
    }
    let mut check = Check {
        world,
        cloud,
        forged: first.cloud.forged(),
        denied: first.cloud.denied(),
        expected: BTreeMap::new(),
    };
    let mut holders = Vec::new();
    for desk in desks {
        for replaced in &desk.before {
            check.before(replaced);
        }
        let Some(books) = desk.books(books::read) else {
            world.broken(
                1,
                format!("{} is not open at the end", short(desk.register)),
            );
            continue;
        };
        desk.check_on_disk();
        check.ledger(desk, &books);
        check.stock(desk, &books);
        for kept in &books.sales {
            check.sale(kept, &books);
        }
        holders.push(Holder { desk, books });
    }
    check.in_the_cloud();
    check.numbers(&holders);
    if first.control == Some(Control::Founding) {
        check.increments(desks);
    } else {
        check.replay(first);
    }
}

/// Gives each document the name that its content has in our design.
fn named_by_content(
    world: &World,
    documents: BTreeMap<DocumentName, Stored>,
) -> BTreeMap<DocumentName, Stored> {
    let mut named = BTreeMap::new();
    for (mut name, stored) in documents {
        let text = |field: &str| stored.fields.get(field).and_then(Value::as_str);
        let id = text("saleId").unwrap_or_default();
        name.id = match name.collection {
            Collection::Sales => id.to_owned(),
            _ => format!("{id}_{}", text("digest").unwrap_or_default()),
        };
        let what = format!("{} is in the cloud twice", name.id);
        if named.insert(name, stored).is_some() {
            world.broken(2, what);
        }
    }
    named
}

impl Check<'_> {
    fn expect(&mut self, id: &str, content: Content, required: bool) {
        let name = DocumentName {
            collection: Collection::Sales,
            id: id.to_owned(),
        };
        let expected = Expected { content, required };
        self.expected.entry(name).or_default().push(expected);
    }

    /// Rule 2, from the cloud's side: what must be there is, and nothing that nobody sold.
    fn in_the_cloud(&self) {
        for (name, all) in &self.expected {
            let there = self.cloud.get(name);
            let mut required: Vec<&Expected> = Vec::new();
            for one in all.iter().filter(|one| one.required) {
                // A copied database holds the same sales.
                if !required.contains(&one) {
                    required.push(one);
                }
            }
            if required.len() > 1 {
                self.world.broken(2, format!("{} is two sales", name.id));
            }
            for one in required {
                match there {
                    Some(there) if one.content.is(&there.fields) => {}
                    Some(_) => self
                        .world
                        .broken(2, format!("{} is another sale in the cloud", name.id)),
                    None => self
                        .world
                        .broken(2, format!("{} is not in the cloud", name.id)),
                }
            }
        }
        let sales = self
            .cloud
            .iter()
            .filter(|(name, _)| name.collection == Collection::Sales);
        for (name, stored) in sales.filter(|(name, _)| !self.forged.contains(name)) {
            let all = self.expected.get(name).map_or(&[][..], Vec::as_slice);
            if !all.iter().any(|one| one.content.is(&stored.fields)) {
                self.world
                    .broken(2, format!("nobody sold {} in the cloud", name.id));
            }
        }
    }

    /// Rule 5 of a stock that is counted by increments: as much is gone as the sales say that are there.
    fn increments(&self, desks: &[Desk]) {
        let Some(first) = desks.first() else { return };
        let mut sold: BTreeMap<String, i64> = BTreeMap::new();
        let mut counted = BTreeSet::new();
        for books in desks.iter().filter_map(|desk| desk.books(books::read)) {
            for kept in books.sales {
                if kept.upload.as_deref() == Some("synced") && counted.insert(kept.id) {
                    for (sku, quantity) in founding::sold(&kept.record) {
                        *sold.entry(sku.to_owned()).or_default() += quantity;
                    }
                }
            }
        }
        let counters = first.cloud.counters();
        if counters != sold {
            let what = format!("the increments count {counters:?} sold, not {sold:?}");
            self.world.broken(5, what);
        }
    }

    /// Rule 3, of what has landed: every commit that was ever sent and of which something is there, once more, latest
    /// first. The others come when all the rest has been checked.
    fn replay(&self, desk: &Desk) {
        for sent in desk.cloud.sent().iter().rev() {
            let mut names = sent.creates.iter().map(|create| &create.name);
            let landed = names.any(|name| self.cloud.contains_key(name));
            if landed && desk.cloud.commit(&sent.by, &sent.creates).is_ok() {
                self.world.broken(3, "a commit was taken twice");
            }
        }
        if desk.cloud.documents() != self.cloud {
            self.world.broken(3, "a replay changed the cloud");
        }
    }
}

fn register_of(fields: &Fields) -> String {
    text(fields, "registerId").unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
