//! The five rules of `docs/SYNC.md`, checked against the dumb model when the world has come to rest.

mod before;
mod numbers;
mod register;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::Digest;
use counterfoil_domain::document::Fields;
use counterfoil_sync::{Collection, DocumentName};
use serde_json::Value;

use crate::books;
use crate::cloud::{Stored, short};
use crate::controls::Control;
use crate::desk::Desk;
use crate::founding;
use crate::world::World;
use numbers::Holder;
pub(crate) use register::{copy_of, thousandths};
pub(crate) use warnings::check as check_warnings;

/// What may stand under a name in the cloud.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Expected {
    /// The digest of its content, recomputed.
    digest: String,
    /// Whose it is, by its record.
    register: String,
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
    fn expect(&mut self, id: &str, record: &Fields, digest: String, required: bool) {
        let name = DocumentName {
            collection: Collection::Sales,
            id: id.to_owned(),
        };
        self.expected.entry(name).or_default().push(Expected {
            digest,
            register: register_of(record),
            required,
        });
    }

    /// Rule 2, from the cloud's side: what must be there is, and nothing that nobody sold.
    fn in_the_cloud(&self) {
        for (name, all) in &self.expected {
            let there = self
                .cloud
                .get(name)
                .map(|stored| (digest_of(&stored.fields), register_of(&stored.fields)));
            let mut required: Vec<&Expected> = all.iter().filter(|one| one.required).collect();
            // A copied database holds the same sales.
            required.sort();
            required.dedup();
            if required.len() > 1 {
                self.world.broken(2, format!("{} is two sales", name.id));
            }
            for one in required {
                match &there {
                    Some((digest, register))
                        if *digest == one.digest && *register == one.register => {}
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
            let (digest, register) = (digest_of(&stored.fields), register_of(&stored.fields));
            let all = self.expected.get(name).map_or(&[][..], Vec::as_slice);
            if !all
                .iter()
                .any(|one| one.digest == digest && one.register == register)
            {
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

    /// Rule 3: every commit that ever arrived, once more, latest first.
    fn replay(&self, desk: &Desk) {
        for arrived in desk.cloud.arrived().iter().rev() {
            // One that never landed in whole or part was refused, or given up for another.
            let landed = arrived
                .creates
                .iter()
                .any(|create| self.cloud.contains_key(&create.name));
            if landed && desk.cloud.commit(&arrived.by, &arrived.creates).is_ok() {
                self.world.broken(3, "a commit was taken twice");
            }
        }
        if desk.cloud.documents() != self.cloud {
            self.world.broken(3, "a replay changed the cloud");
        }
    }
}

/// The digest of a sale, recomputed; what the document says of itself is not believed.
fn digest_of(fields: &Fields) -> String {
    Digest::of_sale(fields).map_or_else(|error| error.to_string(), |digest| digest.to_string())
}

fn register_of(fields: &Fields) -> String {
    let register = fields.get("registerId").and_then(Value::as_str);
    register.unwrap_or_default().to_owned()
}
