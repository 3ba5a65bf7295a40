//! Numbers that are in the cloud twice: only twins of one register can do that, and of each pair somebody has noticed
//! it who could.

use std::collections::BTreeMap;

use counterfoil_sync::Collection;
use serde_json::Value;

use super::{Check, register_of};
use crate::books::Books;
use crate::cloud::Stored;
use crate::desk::Desk;

/// A register with its books as they are at the end.
pub(super) struct Holder<'a> {
    pub(super) desk: &'a Desk,
    pub(super) books: Books,
}

/// Two documents of one register with one receipt number.
struct Pair<'a> {
    register: &'a str,
    sequence: i64,
    first: &'a str,
    /// The one that came later: who sent it counted after it was there.
    later: &'a str,
}

/// What a register that sent the later one has to say about a pair.
enum Heard {
    /// It noticed that the numbers of that register were used twice.
    Noticed,
    /// A backup took its place before it had counted that number: it is another register since.
    Replaced,
    /// It counted, or had all the time for it, and noticed nothing.
    Deaf,
}

impl Check<'_> {
    /// Rule 2, of numbers: none is in the cloud twice without somebody who has noticed it.
    pub(super) fn numbers(&self, holders: &[Holder<'_>]) {
        let mut numbers: BTreeMap<(String, &str), Vec<(&str, &Stored)>> = BTreeMap::new();
        let sales = self.cloud.iter();
        for (name, stored) in sales.filter(|(name, _)| !self.forged.contains(name)) {
            let number = stored.fields.get("receiptNumber").and_then(Value::as_str);
            if let (Collection::Sales, Some(number)) = (name.collection, number) {
                let same = numbers.entry((register_of(&stored.fields), number));
                same.or_default().push((&name.id, stored));
            }
        }
        for ((register, _), mut same) in numbers {
            same.sort_by_key(|(_, stored)| stored.nth);
            for both in same.windows(2) {
                let sequence = both[1].1.fields.get("receiptSequence");
                let pair = Pair {
                    register: &register,
                    sequence: sequence.and_then(Value::as_i64).unwrap_or_default(),
                    first: both[0].0,
                    later: both[1].0,
                };
                self.pair(&pair, holders);
            }
        }
    }

    fn pair(&self, pair: &Pair<'_>, holders: &[Holder<'_>]) {
        let heard = holders.iter().filter_map(|holder| {
            let heard = holder.heard(pair)?;
            let name = format!("desk {}", holder.desk.number);
            Some((name, heard))
        });
        let heard: Vec<(String, Heard)> = heard.collect();
        let (one, other) = (pair.first, pair.later);
        let deaf = heard.iter().find(|(_, heard)| matches!(heard, Heard::Deaf));
        if let Some((name, _)) = deaf {
            let what = format!("{name} did not notice that {one} and {other} have one number");
            self.world.broken(2, what);
            return;
        }
        let noticed = |(_, heard): &&(String, Heard)| matches!(heard, Heard::Noticed);
        match heard.iter().find(noticed).or(heard.first()) {
            Some((name, Heard::Noticed)) => {
                self.world.found("a number used twice, noticed");
                self.world
                    .log(|| format!("{name} noticed that {one} and {other} have one number"));
            }
            Some((name, _)) => {
                self.world.found("a number used twice, before a restore");
                self.world.log(|| {
                    format!(
                        "{name} was restored before it counted {one} and {other}, of one number"
                    )
                });
            }
            None => {
                let what = format!("nobody could notice that {one} and {other} have one number");
                self.world.broken(2, what);
            }
        }
    }
}

impl Holder<'_> {
    /// What it says, if it knows that the later one has landed and was that register.
    fn heard(&self, pair: &Pair<'_>) -> Option<Heard> {
        let mut before = self.desk.before.iter();
        let here = self.books.has_landed(pair.later);
        if !here && !before.any(|books| books.has_landed(pair.later)) {
            return None;
        }
        let mut noticed = self.desk.noticed.iter();
        if noticed.any(|one| one.to_string() == pair.register) {
            return Some(Heard::Noticed);
        }
        let mut was = (self.desk.before.iter()).filter(|books| books.register == pair.register);
        let counted = |books: &Books| {
            books.has_landed(pair.later) && books.counted_through(pair.register) >= pair.sequence
        };
        if here && self.books.register == pair.register || was.clone().any(|books| counted(books)) {
            return Some(Heard::Deaf);
        }
        was.next().map(|_| Heard::Replaced)
    }
}
