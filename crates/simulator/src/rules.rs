//! The five rules of `docs/SYNC.md`, checked against the dumb model when the world has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::Digest;
use counterfoil_domain::document::Fields;
use counterfoil_sync::{Collection, DocumentName};
use serde_json::Value;

use crate::books::{self, Books, Kept};
use crate::cloud::{DENIED_NOTE, Stored, short};
use crate::controls::Control;
use crate::desk::Desk;
use crate::faults::Fault;
use crate::world::World;

/// What there was of each product when the day began, in thousandths.
const OPENING: i64 = 1_000_000;

/// What may stand under a name in the cloud.
struct Expected {
    /// The digest of its content, recomputed.
    digest: String,
    register: String,
    /// It must be there; else it may.
    required: bool,
}

/// Everything that is looked at.
struct Check<'a> {
    world: &'a World,
    cloud: BTreeMap<DocumentName, Stored>,
    forged: BTreeSet<DocumentName>,
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
        expected: BTreeMap::new(),
    };
    for desk in desks {
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
            check.sale(desk, kept, &books);
        }
    }
    check.in_the_cloud();
    if first.control != Some(Control::Founding) {
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
    /// Rules 1 and 4: nothing on disk that nobody sold, no gap, every link holds, nothing waits.
    fn ledger(&self, desk: &Desk, books: &Books) {
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
        for (kept, sequence) in books.sales.iter().zip(1_i64..) {
            let number = kept.record.get("receiptSequence").and_then(Value::as_i64);
            if number != Some(sequence) {
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
        if books.waiting > 0 {
            let what = format!(
                "{name}: {} groups wait although nothing is wrong",
                books.waiting
            );
            self.world.broken(4, what);
        }
    }

    /// Rule 5: on hand = received − sold + returned to the shelf, by what was returned.
    fn stock(&self, desk: &Desk, books: &Books) {
        let mut on_hand: BTreeMap<String, i64> = books
            .stock
            .keys()
            .map(|sku| (sku.clone(), OPENING))
            .collect();
        for kept in &books.sales {
            let lines = kept.record.get("lines").and_then(Value::as_array);
            let reversal = kept.record.contains_key("cancels");
            for line in lines.into_iter().flatten() {
                let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
                let back = text("restock") == "shelf";
                if reversal && !back {
                    continue;
                }
                // A reversal's quantities are negative.
                *on_hand.entry(text("sku").to_owned()).or_default() -=
                    thousandths(text("quantity"));
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
    fn sale(&mut self, desk: &Desk, kept: &Kept, books: &Books) {
        let digest = digest_of(&kept.record);
        match (kept.upload.as_deref(), kept.failure.as_deref()) {
            // A reversal goes up with its decision.
            (None, None) => self.reversal(desk, kept, books),
            (Some("synced"), None | Some("resolved")) => {
                self.expect(Collection::Sales, &kept.id, digest, desk, true);
            }
            (Some("failed"), Some(status)) => self.failed(desk, kept, status),
            (Some("pending" | "inFlight"), _) => {}
            (upload, failure) => {
                let what = format!("{}: {upload:?} and {failure:?} at once", kept.id);
                self.world.broken(2, what);
            }
        }
    }

    fn reversal(&mut self, desk: &Desk, kept: &Kept, books: &Books) {
        let decided = books
            .sales
            .iter()
            .find(|sale| sale.superseded_by.as_ref() == Some(&kept.id));
        match decided {
            Some(sale) => {
                let landed = sale.decision.as_deref() == Some("synced");
                let digest = digest_of(&kept.record);
                self.expect(Collection::Sales, &kept.id, digest, desk, landed);
            }
            None => self
                .world
                .broken(2, format!("{} reverses nothing", kept.id)),
        }
    }

    fn failed(&mut self, desk: &Desk, kept: &Kept, status: &str) {
        let decided = kept.decision.as_deref() == Some("synced");
        if kept.kind.as_deref() == Some("refused") {
            // A commit that was given up may arrive after all, when the item is listed already.
            self.expect(
                Collection::Sales,
                &kept.id,
                digest_of(&kept.record),
                desk,
                false,
            );
        }
        match (status, &kept.copy) {
            ("open", None) => {}
            ("open", Some(copy)) if !decided => self.copy(desk, kept, copy, false),
            // A copy that the rules deny waits, like a sale that they deny.
            ("resolved", Some(copy)) => self.copy(desk, kept, copy, decided || !is_denied(kept)),
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

    /// The copy under which a losing version counts: the same content under its own id.
    fn copy(&mut self, desk: &Desk, kept: &Kept, copy: &str, required: bool) {
        let mut fields = kept.record.clone();
        fields.insert("saleId".to_owned(), copy.into());
        fields.insert("originalSaleId".to_owned(), kept.id.as_str().into());
        fields.insert("originalDigest".to_owned(), digest_of(&kept.record).into());
        self.expect(Collection::Sales, copy, digest_of(&fields), desk, required);
    }

    /// The losing version stands whole in `saleConflicts`.
    fn kept_whole(&self, kept: &Kept) {
        let name = DocumentName {
            collection: Collection::SaleConflicts,
            id: format!("{}_{}", kept.id, digest_of(&kept.record)),
        };
        let whole = self
            .cloud
            .get(&name)
            .and_then(|stored| stored.fields.get("sale"));
        if whole != Some(&Value::Object(kept.record.clone())) {
            let what = format!("{} lost and is not whole in saleConflicts", kept.id);
            self.world.broken(2, what);
        }
    }

    fn expect(
        &mut self,
        collection: Collection,
        id: &str,
        digest: String,
        desk: &Desk,
        required: bool,
    ) {
        let name = DocumentName {
            collection,
            id: id.to_owned(),
        };
        self.expected.entry(name).or_default().push(Expected {
            digest,
            register: desk.register.to_string(),
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
            let required: Vec<&Expected> = all.iter().filter(|one| one.required).collect();
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
        let mut numbers = BTreeMap::new();
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
            let number = stored.fields.get("receiptNumber").and_then(Value::as_str);
            if let Some(other) = numbers.insert((register, number), &name.id) {
                let what = format!("{} and {other} in the cloud have one number", name.id);
                self.world.broken(2, what);
            }
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
            if landed
                && desk
                    .cloud
                    .commit(arrived.register, &arrived.creates)
                    .is_ok()
            {
                self.world.broken(3, "a commit was taken twice");
            }
        }
        if desk.cloud.documents() != self.cloud {
            self.world.broken(3, "a replay changed the cloud");
        }
    }
}

/// Possible duplicates: of two registers that race at least one sees the other.
pub(crate) fn check_warnings(world: &World, desks: &[Desk]) {
    const NEAR_MS: i64 = 55_000;
    let clocks = [Fault::Clock, Fault::ServerClock, Fault::Code];
    if clocks.iter().any(|fault| world.plan.rate(*fault) > 0) {
        // Clocks are advisory, and a check that was refused waits for up to a day.
        return;
    }
    let Some(first) = desks.first() else { return };
    let warned: BTreeSet<(String, String)> = desks
        .iter()
        .filter_map(|desk| desk.books(books::read))
        .flat_map(|books| books.warned)
        .collect();
    let cloud = first.cloud.documents();
    let forged = first.cloud.forged();
    let mut seen: BTreeMap<&str, Vec<(i64, &str)>> = BTreeMap::new();
    for (name, stored) in &cloud {
        let text = |field: &str| stored.fields.get(field).and_then(Value::as_str);
        let of_decision = ["cancels", "originalSaleId"];
        let counts = name.collection == Collection::Sales
            && !of_decision
                .iter()
                .any(|field| stored.fields.contains_key(*field))
            && !forged.contains(name);
        let at: Option<counterfoil_domain::Timestamp> =
            text("soldAt").and_then(|at| at.parse().ok());
        if let (true, Some(at), Some(fingerprint)) = (counts, at, text("fingerprint")) {
            let alike = seen.entry(fingerprint).or_default();
            for (other_at, other) in alike.iter().filter(|(_, other)| *other != name.id) {
                let near = (at.ms() - other_at).abs() <= NEAR_MS;
                let pair = (name.id.as_str().min(other), name.id.as_str().max(other));
                if near && !warned.contains(&(pair.0.to_owned(), pair.1.to_owned())) {
                    world.broken(4, format!("nobody warned about {} and {}", pair.0, pair.1));
                }
            }
            alike.push((at.ms(), &name.id));
        }
    }
}

/// The digest of a sale, recomputed; what the document says of itself is not believed.
fn digest_of(fields: &Fields) -> String {
    Digest::of_sale(fields).map_or_else(|error| error.to_string(), |digest| digest.to_string())
}

fn is_denied(kept: &Kept) -> bool {
    let lines = kept.record.get("lines").and_then(Value::as_array);
    let note = |line: &Value| line.get("note").and_then(Value::as_str) == Some(DENIED_NOTE);
    lines.into_iter().flatten().any(note)
}

fn register_of(fields: &Fields) -> String {
    let register = fields.get("registerId").and_then(Value::as_str);
    register.unwrap_or_default().to_owned()
}

/// A decimal of at most three places in thousandths.
fn thousandths(text: &str) -> i64 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = format!("{fraction:0<3}");
    let number = |digits: &str| digits.parse::<i64>().unwrap_or(0);
    sign * (number(whole) * 1_000 + number(&fraction))
}
