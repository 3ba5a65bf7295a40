//! Possible duplicates: both stay, and somebody is told.
//!
//! Two rules. Of two sales of the same goods about the same time, by clocks that are right, somebody is told of the one
//! or of the other, whatever else went wrong, once both were asked about. And register by register, whatever
//! the clocks say: what was asked about each sale, what was there when it was asked, and so what must be told, what may
//! be, and what must not.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::{Digest, Timestamp};
use counterfoil_sync::{Collection, DuplicateQuery};
use serde_json::Value;

use crate::books::{self, Books};
use crate::checks::{Asked, Checks, Question};
use crate::cloud::Stored;
use crate::controls::Control;
use crate::desk::Desk;
use crate::world::World;

/// How far apart two sales may be, as the registers have it.
const WINDOW_MS: i64 = 60_000;
/// How far apart they may be so that every register takes them for near.
const NEAR_MS: i64 = 55_000;
/// As many as one question reads. Of more than these nobody says which one is told of.
const MANY: usize = 20;

/// A sale that a duplicate may be of.
struct Sale<'a> {
    id: &'a str,
    at: i64,
    nth: usize,
    /// A manager is told, whatever the other one is.
    is_listed: bool,
    cards: Vec<&'a str>,
}

/// Sales of the same goods, by their fingerprint.
type Alike<'a> = BTreeMap<&'a str, Vec<Sale<'a>>>;

/// Possible duplicates at all registers.
pub(crate) fn check(world: &World, desks: &[Desk]) {
    let Some(first) = desks.first() else { return };
    if first.control == Some(Control::Founding) {
        return;
    }
    let cloud = first.cloud.documents();
    let mut alike = Alike::new();
    for (name, stored) in &cloud {
        if name.collection == Collection::Sales
            && let Some((fingerprint, sale)) = sale(&name.id, stored)
        {
            alike.entry(fingerprint).or_default().push(sale);
        }
    }
    let forged = first.cloud.forged();
    let forged = forged.iter().map(|name| name.id.as_str()).collect();
    let mut all = Vec::new();
    for desk in desks {
        let checks = desk.link.checks();
        let Some(now) = desk.books(books::read) else {
            continue;
        };
        for (sale, times) in &now.owed {
            if *times > 0 && checks.was_refused {
                world.found("a check that was refused and waits");
            } else {
                let what = format!("the check of {sale} waits although nothing is wrong");
                world.broken(4, what);
            }
        }
        for books in desk.before.iter().map(AsRef::as_ref).chain([&now]) {
            let register = Register {
                world,
                desk,
                books,
                checks: &checks,
            };
            register.check(&alike);
        }
        all.push((desk, now));
    }
    somebody_is_told(world, &alike, &forged, &all);
}

fn sale<'a>(id: &'a str, stored: &'a Stored) -> Option<(&'a str, Sale<'a>)> {
    let fields = &stored.fields;
    let of_decision = fields.contains_key("cancels") || fields.contains_key("originalSaleId");
    let text = |field: &str| fields.get(field).and_then(Value::as_str);
    let fingerprint = text("fingerprint").filter(|_| !of_decision)?;
    let is = Digest::fingerprint_of_sale(fields).ok()?;
    let at: Timestamp = text("soldAt")?.parse().ok()?;
    let lines = fields.get("lines").and_then(Value::as_array)?;
    let by_weight = |line: &Value| line.get("unit").and_then(Value::as_str) == Some("kg");
    let sale = Sale {
        id,
        at: at.ms(),
        nth: stored.nth,
        is_listed: lines.len() >= 3 || lines.iter().any(by_weight),
        cards: cards(fields),
    };
    (is.to_string() == fingerprint).then_some((fingerprint, sale))
}

fn cards(fields: &counterfoil_domain::document::Fields) -> Vec<&str> {
    let tenders = fields.get("tenders").and_then(Value::as_array);
    let text =
        |tender: &'_ Value, field: &str| tender.get(field).and_then(Value::as_str) == Some("card");
    let cards = tenders
        .into_iter()
        .flatten()
        .filter(|tender| text(tender, "method"));
    cards
        .filter_map(|tender| tender.get("reference").and_then(Value::as_str))
        .collect()
}

fn pair<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    (one.min(other), one.max(other))
}

/// Of two registers that race at least one sees the other. Of many that are alike a check tells of one, so that of a
/// pair somebody is told of the one or of the other. Left out are pairs of a register whose clock was off, and those of
/// which one check is still owed, or went with the database that a backup replaced.
fn somebody_is_told(
    world: &World,
    alike: &Alike<'_>,
    forged: &BTreeSet<&str>,
    all: &[(&Desk, Books)],
) {
    if world.is_server_off() {
        return;
    }
    let books = || {
        all.iter().flat_map(|(desk, now)| {
            let before = desk.before.iter().map(AsRef::as_ref);
            before.chain([now]).map(move |books| (*desk, books))
        })
    };
    let warned: BTreeSet<&str> = books()
        .flat_map(|(_, books)| &books.warned)
        .flat_map(|(one, other)| [one.as_str(), other.as_str()])
        .collect();
    let (mut off, mut asked) = (BTreeSet::new(), BTreeSet::new());
    for (desk, books) in books() {
        for kept in &books.sales {
            if desk.clock.was_set() {
                off.insert(kept.id.as_str());
            }
            if kept.upload.as_deref() == Some("synced") && !books.owed.contains_key(&kept.id) {
                asked.insert(kept.id.as_str());
            }
        }
    }
    let counts = |sale: &&Sale<'_>| {
        !forged.contains(sale.id) && asked.contains(sale.id) && !off.contains(sale.id)
    };
    for sales in alike.values() {
        let sales: Vec<&Sale<'_>> = sales.iter().filter(counts).collect();
        for (nth, one) in sales.iter().enumerate() {
            for other in &sales[..nth] {
                let alone = !warned.contains(one.id) && !warned.contains(other.id);
                if (one.at - other.at).abs() <= NEAR_MS {
                    world.found("two sales of the same goods");
                    if alone {
                        let (one, other) = pair(one.id, other.id);
                        world.broken(4, format!("nobody warned about {one} and {other}"));
                    }
                }
            }
        }
    }
}

/// The books of a register, as they are or as a backup has replaced them.
struct Register<'a> {
    world: &'a World,
    desk: &'a Desk,
    books: &'a Books,
    checks: &'a Checks,
}

/// What may have come of a question about a sale.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Told<'a> {
    /// There is none.
    Nothing,
    /// This one.
    Of(&'a str),
    /// One of too many.
    OneOf(Vec<&'a str>),
}

impl Register<'_> {
    fn check(&self, alike: &Alike<'_>) {
        let mut may: BTreeSet<(&str, &str)> = BTreeSet::new();
        for kept in &self.books.sales {
            if kept.upload.as_deref() != Some("synced") {
                continue;
            }
            let fingerprint = kept.record.get("fingerprint").and_then(Value::as_str);
            let sales = fingerprint.and_then(|of| alike.get_key_value(of));
            let own = sales.and_then(|(of, sales)| {
                let own = sales.iter().find(|sale| sale.id == kept.id)?;
                Some((*of, sales, own))
            });
            // That it is there is another rule.
            let Some((of, sales, own)) = own else {
                continue;
            };
            let told: BTreeSet<Told<'_>> = (self.checks.asked().iter())
                .filter(|asked| own.nth < asked.there)
                .filter_map(|asked| came_of(asked, of, own, sales))
                .collect();
            let pairs = told.iter().flat_map(|told| match told {
                Told::Nothing => &[],
                Told::Of(other) => std::slice::from_ref(other),
                Told::OneOf(others) => others.as_slice(),
            });
            let pairs: Vec<(&str, &str)> = pairs.map(|other| pair(own.id, other)).collect();
            may.extend(&pairs);
            if !self.books.owed.contains_key(&kept.id) {
                self.must(own.id, &told, &pairs);
            }
        }
        for (one, other) in &self.books.warned {
            if !may.contains(&(one.as_str(), other.as_str())) {
                let what = format!(
                    "{} warned about {one} and {other} for no reason",
                    self.name()
                );
                self.world.broken(4, what);
            }
        }
    }

    /// A sale whose check was made.
    fn must(&self, own: &str, told: &BTreeSet<Told<'_>>, pairs: &[(&str, &str)]) {
        let name = self.name();
        let is_told = |(one, other): &(&str, &str)| {
            let pair = ((*one).to_owned(), (*other).to_owned());
            self.books.warned.contains(&pair)
        };
        if told.is_empty() {
            let what = format!("{name} never asked whether {own} is there twice");
            self.world.broken(4, what);
        } else if pairs.is_empty() {
            self.world.found("no possible duplicate");
        } else if told.contains(&Told::Nothing) {
            self.world
                .found("a possible duplicate that may be told of or not");
        } else if pairs.iter().any(is_told) {
            self.world.found("a possible duplicate that is told of");
        } else {
            let what = format!("{name} did not warn of {pairs:?}");
            self.world.broken(4, what);
        }
    }

    fn name(&self) -> String {
        format!("desk {}", self.desk.number)
    }
}

/// What came of a question about `own`, if it was one that can have answered it.
fn came_of<'a>(asked: &Asked, of: &str, own: &Sale<'_>, alike: &'a [Sale<'a>]) -> Option<Told<'a>> {
    let others = || {
        let others = alike.iter().filter(|sale| sale.id != own.id);
        others.filter(|sale| sale.nth < asked.there)
    };
    let about = |query: &&DuplicateQuery| {
        let (from, to) = (query.from.ms() - own.at, query.to.ms() - own.at);
        let mut offsets = asked.offsets.iter();
        query.fingerprint.to_string() == of
            && offsets.any(|(least, most)| {
                (least - WINDOW_MS..=most - WINDOW_MS).contains(&from)
                    && (least + WINDOW_MS..=most + WINDOW_MS).contains(&to)
            })
    };
    let within = |query: &DuplicateQuery| {
        let (from, to) = (query.from.ms(), query.to.ms());
        let seen: Vec<&'a Sale<'a>> = others()
            .filter(|sale| (from..=to).contains(&sale.at))
            .collect();
        seen
    };
    match &asked.question {
        Question::Any(any) => {
            let (from, to) = (any.from.ms() - own.at, any.to.ms() - own.at);
            let mut goods = any.fingerprints.iter();
            let mut about = asked
                .offsets
                .iter()
                .filter(|(least, most)| from <= most - WINDOW_MS && to >= least + WINDOW_MS);
            let clears = about.any(|(least, most)| {
                let window = own.at + most - WINDOW_MS..=own.at + least + WINDOW_MS;
                !others().any(|sale| window.contains(&sale.at))
            });
            (goods.any(|goods| goods.to_string() == of) && clears).then_some(Told::Nothing)
        }
        Question::Count(queries) => {
            let query = queries.iter().find(about)?;
            // Where there is any, they are read next.
            within(query).is_empty().then_some(Told::Nothing)
        }
        Question::Read(query) => {
            let query = Some(query).filter(about)?;
            let seen = within(query);
            if seen.len() + 1 >= MANY {
                return Some(Told::OneOf(seen.iter().map(|sale| sale.id).collect()));
            }
            let far = |sale: &&&'a Sale<'a>| {
                let same_card = sale.cards.iter().any(|card| own.cards.contains(card));
                let is_listed = sale.is_listed || same_card;
                (!is_listed, (sale.at - own.at).abs() / 1_000, sale.id)
            };
            let nearest = seen.iter().min_by_key(far);
            Some(nearest.map_or(Told::Nothing, |sale| Told::Of(sale.id)))
        }
    }
}
