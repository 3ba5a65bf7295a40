//! What is checked from a register's side: its ledger, its stock, and where each of its sales is.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_sync::{Collection, DocumentName};
use serde_json::Value;

use super::content::text;
use super::{Check, Content, register_of};
use crate::books::{Books, Kept};
use crate::case::MAX_REGISTERS;
use crate::cloud::{DENIED_NOTE, short};
use crate::desk::Desk;
use crate::identities::Standing;
use crate::template::register_id;

/// What there was of each product when the day began, in thousandths.
const OPENING: i64 = 1_000_000;

impl Check<'_> {
    /// Rules 1 and 4: nothing on disk that nobody sold, no gap, every link holds, nothing waits.
    pub(super) fn ledger(&self, desk: &Desk, books: &Books) {
        let name = short(desk.register);
        let known: BTreeSet<&str> = desk.receipts.iter().map(|one| one.id.as_str()).collect();
        let reversals: BTreeSet<&str> = books
            .sales
            .iter()
            .filter_map(|kept| kept.superseded_by.as_deref())
            .collect();
        for kept in &books.sales {
            // A reversal may have been committed by a decision whose answer nobody saw.
            if !known.contains(kept.id.as_str()) && !reversals.contains(kept.id.as_str()) {
                self.world
                    .broken(1, format!("{name}: nobody sold {}", kept.id));
            }
        }
        let mut series: BTreeMap<String, i64> = BTreeMap::new();
        for kept in &books.sales {
            let sequence = series.entry(register_of(&kept.record)).or_default();
            *sequence += 1;
            let number = kept.record.get("receiptSequence").and_then(Value::as_i64);
            if number != Some(*sequence) {
                self.world
                    .broken(5, format!("{name}: receipt {number:?} is the {sequence}th"));
            }
        }
        let till = desk.open.as_ref().map(|open| open.till.verify_journal());
        match till {
            Some(Ok(report)) if report.intact() => {}
            Some(Ok(report)) => self.world.broken(5, format!("{name}: {:?}", report.chains)),
            Some(Err(error)) => self.world.broken(5, format!("{name}: no proof: {error}")),
            None => {}
        }
        let (waiting, _) = desk.waiting().unwrap_or((1, 0));
        if waiting > 0 {
            let what = format!("{name}: {waiting} groups wait although nothing is wrong");
            self.world.broken(4, what);
        }
        let doubt = desk.open.as_ref().map(|open| open.till.identity());
        if desk.standing == Standing::Own
            && let Some(Ok(doubt)) = doubt.map(|identity| identity.map(|one| one.doubt))
            && let Some(doubt) = doubt
        {
            let what = format!("{name} is nobody else and doubts it: {doubt:?}");
            self.world.broken(2, what);
        }
    }

    /// Rule 5: on hand = received − sold + returned to the shelf, by what was returned.
    pub(super) fn stock(&self, desk: &Desk, books: &Books) {
        // A register that was set up was stocked; one that took its place was not.
        let set_up: BTreeSet<String> = (0..MAX_REGISTERS)
            .map(|number| register_id(number).to_string())
            .collect();
        let opening = |register| {
            if set_up.contains(register) {
                OPENING
            } else {
                0
            }
        };
        let mut on_hand: BTreeMap<(String, String), i64> = books
            .stock
            .keys()
            .map(|key| (key.clone(), opening(&key.0)))
            .collect();
        for kept in &books.sales {
            let lines = kept.record.get("lines").and_then(Value::as_array);
            let reversal = kept.record.contains_key("cancels");
            let register = register_of(&kept.record);
            for line in lines.into_iter().flatten() {
                let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
                let back = text("restock") == "shelf";
                if reversal && !back {
                    continue;
                }
                // A reversal's quantities are negative.
                let key = (register.clone(), text("sku").to_owned());
                *on_hand.entry(key).or_default() -= thousandths(text("quantity"));
            }
        }
        if on_hand != books.stock {
            let what = format!(
                "{}: {on_hand:?} is on hand, not {:?}",
                short(desk.register),
                books.stock
            );
            self.world.broken(5, what);
        }
    }

    /// Rule 2, from the register's side: each sale is in the cloud, or in the list whole.
    pub(super) fn sale(&mut self, kept: &Kept, books: &Books) {
        match (kept.upload.as_deref(), kept.failure.as_deref()) {
            // A reversal goes up with its decision.
            (None, None) => self.reversal(kept, books),
            (Some("synced"), None | Some("resolved")) => {
                self.expect(&kept.id, Content::of_record(&kept.record), true);
            }
            (Some("failed"), Some(status)) => self.failed(kept, status),
            (Some("pending" | "inFlight"), _) => {}
            (upload, failure) => {
                let what = format!("{}: {upload:?} and {failure:?} at once", kept.id);
                self.world.broken(2, what);
            }
        }
    }

    fn reversal(&mut self, kept: &Kept, books: &Books) {
        let decided = books
            .sales
            .iter()
            .find(|sale| sale.superseded_by.as_ref() == Some(&kept.id));
        match decided {
            Some(sale) => {
                let landed = sale.decision.as_deref() == Some("synced");
                let content = Content::of_record(&kept.record);
                match (kept.came_second, landed) {
                    (false, _) => self.expect(&kept.id, content, landed),
                    (true, true) => self.second(kept),
                    (true, false) => {}
                }
            }
            None => self
                .world
                .broken(2, format!("{} reverses nothing", kept.id)),
        }
    }

    fn failed(&mut self, kept: &Kept, status: &str) {
        self.reason(kept, status);
        let decided = kept.decision.as_deref() == Some("synced");
        if kept.kind.as_deref() == Some("refused") {
            // A commit that was given up may arrive after all, when the item is listed already.
            self.expect(&kept.id, Content::of_record(&kept.record), false);
        }
        match (status, &kept.copy) {
            ("open", None) => {}
            ("open", Some(copy)) if !decided => self.copy(kept, copy, false),
            // A copy that the rules deny waits, like a sale that they deny.
            ("resolved", Some(copy)) => self.copy(kept, copy, decided || !is_denied(kept)),
            ("dismissed", None) => {}
            _ => {
                let what = format!("{} is {status} and neither here nor there", kept.id);
                self.world.broken(2, what);
            }
        }
        let loses = kept.kind.as_deref() != Some("refused") || status == "dismissed";
        // Refused by a made-up answer, it goes up with the next decision; until then the list has it.
        let stuck = status == "open" && kept.conflict.as_deref() == Some("failed");
        if loses && !stuck {
            self.kept_whole(kept);
        }
    }

    /// Nothing fails without a reason: the plan refuses the sale, or something else has its id.
    fn reason(&self, kept: &Kept, status: &str) {
        let name = name_of(Collection::Sales, &kept.id);
        let reasons = self.world.reasons();
        let why = match kept.kind.as_deref() {
            // A manager may have decided about one that was denied for a while.
            Some("refused") => {
                let for_a_while = status != "open" && self.denied.contains(&name);
                reasons.has(&name) || is_denied(kept) || for_a_while
            }
            Some("sameId") => {
                let own = Content::of_record(&kept.record);
                let there = self.cloud.get(&name);
                there.is_some_and(|there| !own.is(&there.fields))
            }
            _ => false,
        };
        let item = item_of(kept);
        let conflict = name_of(Collection::SaleConflicts, &item);
        let decided_elsewhere = || {
            let mut names = self.cloud.keys();
            names.any(|name| {
                name.collection == Collection::SaleResolutions && name.id.starts_with(&item)
            })
        };
        let is_failed = |state: &Option<String>| state.as_deref() == Some("failed");
        let broken = [
            (!why, "is a failed item"),
            (
                is_failed(&kept.conflict) && !reasons.has(&conflict),
                "has a losing version that failed",
            ),
            (
                is_failed(&kept.decision)
                    && !reasons.has_of(Collection::SaleResolutions, &item)
                    && !decided_elsewhere(),
                "has a decision that failed",
            ),
        ];
        drop(reasons);
        for (_, what) in broken.iter().filter(|(broken, _)| *broken) {
            let kind = kept.kind.as_deref().unwrap_or("no kind");
            let what = format!("{} {what} ({kind}) for no reason", kept.id);
            self.world.broken(2, what);
        }
    }

    /// The copy under which a losing version counts: the same content under its own id.
    pub(super) fn copy(&mut self, kept: &Kept, copy: &str, required: bool) {
        self.expect(copy, Content::of_copy(&kept.record, copy), required);
    }

    /// A reversal that came second is whole among the losing versions, and another one of the same copy is first.
    fn second(&self, kept: &Kept) {
        self.kept_whole(kept);
        let name = name_of(Collection::Sales, &kept.id);
        let first = self.cloud.get(&name);
        if first.is_none_or(|first| first.fields.get("cancels") != kept.record.get("cancels")) {
            let what = format!("{} came second, and nothing was first", kept.id);
            self.world.broken(2, what);
        }
    }

    /// The losing version stands whole in `saleConflicts`.
    fn kept_whole(&self, kept: &Kept) {
        let item = item_of(kept);
        let name = name_of(Collection::SaleConflicts, &item);
        let whole = self
            .cloud
            .get(&name)
            .and_then(|stored| stored.fields.get("sale"));
        if whole != Some(&Value::Object(kept.record.clone())) {
            let what = format!("{} lost and is not whole in saleConflicts", kept.id);
            self.world.broken(2, what);
        }
    }
}

/// What the losing version of a sale is called: by its id, and by the digest that it was signed with.
pub(super) fn item_of(kept: &Kept) -> String {
    let digest = text(&kept.record, "digest").unwrap_or_default();
    format!("{}_{digest}", kept.id)
}

fn name_of(collection: Collection, id: &str) -> DocumentName {
    DocumentName {
        collection,
        id: id.to_owned(),
    }
}

fn is_denied(kept: &Kept) -> bool {
    let lines = kept.record.get("lines").and_then(Value::as_array);
    let note = |line: &Value| line.get("note").and_then(Value::as_str) == Some(DENIED_NOTE);
    lines.into_iter().flatten().any(note)
}

/// A decimal of at most three places in thousandths.
pub(crate) fn thousandths(text: &str) -> i64 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = format!("{fraction:0<3}");
    let number = |digits: &str| digits.parse::<i64>().unwrap_or(0);
    sign * (number(whole) * 1_000 + number(&fraction))
}
