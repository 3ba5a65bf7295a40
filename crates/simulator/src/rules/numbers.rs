//! Numbers that are in the cloud twice: only twins of one register can do that, and of each pair somebody has noticed
//! it who could.

use std::collections::BTreeMap;

use counterfoil_domain::RegisterId;
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

/// What a register that had to send the later one has to say about a pair.
#[derive(Debug, PartialEq)]
enum Heard {
    /// It noticed that the numbers of that register were used twice.
    Noticed,
    /// A backup took its place before it had counted that number with the later one: it is another register since.
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
                if is_copy_beside_winner(both[0].0, both[1].1) {
                    continue;
                }
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

/// Whether this is the copy of a sale whose place `winner` holds. Twins have minted one id for one number: that is seen
/// by the id, stands in the failure list with both versions, and a manager has decided about it.
fn is_copy_beside_winner(winner: &str, later: &Stored) -> bool {
    let original = later.fields.get("originalSaleId");
    original.and_then(Value::as_str) == Some(winner)
}

impl Holder<'_> {
    fn heard(&self, pair: &Pair<'_>) -> Option<Heard> {
        let noticed = self.desk.noticed.iter().map(RegisterId::to_string);
        let before: Vec<&Books> = self.desk.before.iter().map(AsRef::as_ref).collect();
        heard(&self.books, &before, &noticed.collect::<Vec<_>>(), pair)
    }
}

/// What a register says, if the later one is in its books and it was that register; `before` are the books that backups
/// have replaced, `noticed` the registers whose numbers it found to be used twice.
///
/// Who has noticed need not know that the later one has landed, nor need a book that was replaced: a backup may take its
/// place while the answer is lost, or while a copy of it, which is another register, sends that sale. Deaf is only who
/// knows it and has counted that number, or is that register to the end.
fn heard(now: &Books, before: &[&Books], noticed: &[String], pair: &Pair<'_>) -> Option<Heard> {
    let mut all = before.iter().copied().chain([now]);
    if !all.any(|books| books.sends(pair.later)) {
        return None;
    }
    if noticed.iter().any(|one| one == pair.register) {
        return Some(Heard::Noticed);
    }
    let mut was = before
        .iter()
        .filter(|books| books.register == pair.register && books.sends(pair.later));
    let counted = |books: &&Books| {
        books.has_landed(pair.later) && books.counted_through(pair.register) >= pair.sequence
    };
    let is_still = now.register == pair.register && now.has_landed(pair.later);
    if is_still || was.clone().any(counted) {
        return Some(Heard::Deaf);
    }
    was.next().map(|_| Heard::Replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: Pair<'_> = Pair {
        register: "r1",
        sequence: 2,
        first: "first",
        later: "later",
    };

    /// The books of `register`, where the later one stands so, counted up to a number.
    fn books(register: &str, later: Option<&str>, counted: i64) -> Books {
        let documents = later.map(|state| ("later".to_owned(), state.to_owned()));
        Books {
            register: register.to_owned(),
            documents: documents.into_iter().collect(),
            counted: Some((register.to_owned(), counted)),
            ..Books::default()
        }
    }

    #[test]
    fn deaf_is_who_knows_the_later_one_and_is_that_register_or_has_counted_it() {
        let (landed, waits) = (Some("synced"), Some("pending"));
        let still = books("r1", landed, 1);
        assert_eq!(heard(&still, &[], &[], &PAIR), Some(Heard::Deaf));
        let noticed = ["r1".to_owned()];
        assert_eq!(heard(&still, &[], &noticed, &PAIR), Some(Heard::Noticed));
        let (since, another) = (books("r2", landed, 9), ["r2".to_owned()]);
        for (was, said) in [
            (books("r1", landed, 2), Some(Heard::Deaf)),
            (books("r1", landed, 1), Some(Heard::Replaced)),
            (books("r1", waits, 1), Some(Heard::Replaced)),
            (books("r1", None, 9), None),
            (books("r3", landed, 9), None),
        ] {
            assert_eq!(heard(&since, &[&was], &another, &PAIR), said, "{was:?}");
        }
    }

    #[test]
    fn only_the_copy_of_the_very_sale_is_seen_by_the_id() {
        let stored = |original: Option<&str>| Stored {
            fields: original
                .map(|id| ("originalSaleId".to_owned(), id.into()))
                .into_iter()
                .collect(),
            created_at: counterfoil_domain::Timestamp::from_ms(0),
            nth: 1,
        };
        assert!(is_copy_beside_winner("first", &stored(Some("first"))));
        assert!(!is_copy_beside_winner("first", &stored(Some("another"))));
        assert!(!is_copy_beside_winner("first", &stored(None)));
    }

    #[test]
    fn who_has_noticed_need_not_hear_what_became_of_the_later_one_and_who_has_it_not_could_not() {
        let (since, was) = (books("r3", None, 0), books("r2", Some("inFlight"), 0));
        let noticed = ["r1".to_owned()];
        assert_eq!(
            heard(&since, &[&was], &noticed, &PAIR),
            Some(Heard::Noticed)
        );
        assert_eq!(heard(&since, &[&was], &[], &PAIR), None);
        assert_eq!(heard(&since, &[], &noticed, &PAIR), None);
        let waits = books("r1", Some("pending"), 9);
        assert_eq!(heard(&waits, &[], &[], &PAIR), None, "nobody could");
    }
}
