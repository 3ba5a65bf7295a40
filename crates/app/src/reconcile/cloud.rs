//! A day in the cloud: counted and added up, and read where that differs from the register's books.

use std::collections::BTreeSet;
use std::ops::Bound;

use counterfoil_domain::document::Fields;
use counterfoil_domain::{ReceiptNumber, SaleId};
use counterfoil_store::audit::{self, AuditedDay};
use counterfoil_store::table::register::Register;
use counterfoil_sync::reconcile::{
    DayBook, Expected, Standing, Verdict, compare, differing_fields, expected_totals, newer_schema,
};
use counterfoil_sync::{Collection, Days, DocumentName, Found};
use serde_json::Value;

use super::Run;
use super::books::Day;
use super::findings::{about, minor};
use crate::dto::{Book, Finding, FindingKind, StandsHere};
use crate::error::Result;

/// Documents of one page, and of one question by name.
const PAGE: u32 = 100;

impl Run<'_> {
    /// Compares one day; answers how many documents the cloud counted.
    pub(super) async fn day(
        &mut self,
        register: &Register,
        current: bool,
        day: &AuditedDay,
    ) -> Result<u64> {
        let own = self.own_day(register, day)?;
        let Some(archive) = self.archive else {
            return Ok(0);
        };
        let days = Days::one(register.register_id, &day.day);
        let answer = archive.totals(&days).await;
        let Some(totals) = self.answered(answer) else {
            return Ok(0);
        };
        if let Some(books) = self.report.registers.last_mut() {
            let count = u32::try_from(totals.count).unwrap_or(u32::MAX);
            books.in_cloud = books.in_cloud.saturating_add(count);
            books.in_cloud_total =
                minor(i64::from(books.in_cloud_total).saturating_add(totals.sum.unwrap_or(0)));
        }
        let expected = expected_totals(&own.book);
        if totals == expected && !self.input.every_document {
            // Where the register's own books are wrong, the cloud says what was signed.
            let wrong: Vec<SaleId> = own.wrong.iter().map(|wrong| wrong.sale).collect();
            self.by_name(register, &own, &wrong).await?;
        } else if current {
            let seen = self.read(register, &days, &own).await?;
            if self.archive.is_some() {
                let missing = must_be_there(&own.book);
                let missing: Vec<_> = missing.filter(|id| !seen.contains(id)).collect();
                self.by_name(register, &own, &missing).await?;
            }
        } else {
            let asked = own.book.iter().filter(|(_, expected)| {
                !matches!(expected.standing, Standing::Waiting | Standing::Elsewhere)
            });
            let asked: Vec<SaleId> = asked.map(|(id, _)| *id).collect();
            let found = self.by_name(register, &own, &asked).await?;
            let others = totals.count.saturating_sub(found);
            let counts = &mut self.report.explained_counts.other_installation;
            *counts = counts.saturating_add(u32::try_from(others).unwrap_or(u32::MAX));
        }
        Ok(totals.count)
    }

    /// What the cloud has of this register on days on which the register itself has nothing.
    pub(super) async fn other_days(
        &mut self,
        register: &Register,
        days: &[AuditedDay],
        counted: u64,
    ) -> Result<()> {
        let Some(archive) = self.archive else {
            return Ok(());
        };
        let bound = |day: &Option<String>| match day {
            Some(day) => Bound::Included(day.clone()),
            None => Bound::Unbounded,
        };
        let whole = Days {
            register_id: register.register_id,
            from: bound(&self.input.from),
            to: bound(&self.input.to),
        };
        let answer = archive.totals(&whole).await;
        let Some(totals) = self.answered(answer) else {
            return Ok(());
        };
        if totals.count == counted {
            return Ok(());
        }
        let none = Day::default();
        let mut from = whole.from.clone();
        for day in days {
            let to = Bound::Excluded(day.day.clone());
            let between = Days {
                register_id: register.register_id,
                from: std::mem::replace(&mut from, Bound::Excluded(day.day.clone())),
                to,
            };
            self.read(register, &between, &none).await?;
        }
        let rest = Days {
            register_id: register.register_id,
            from,
            to: whole.to,
        };
        self.read(register, &rest, &none).await?;
        Ok(())
    }

    /// Reads documents page by page and compares each; answers those of the book that were there.
    async fn read(
        &mut self,
        register: &Register,
        days: &Days,
        own: &Day,
    ) -> Result<BTreeSet<SaleId>> {
        let (mut seen, mut after) = (BTreeSet::new(), None);
        while let Some(archive) = self.archive {
            let answer = archive.sales_of(days, after.as_ref(), PAGE).await;
            let Some(page) = self.answered(answer) else {
                break;
            };
            self.has_read(page.found.len());
            for found in &page.found {
                let id: Option<SaleId> = found.name.id.parse().ok();
                match id.and_then(|id| Some((id, own.book.get(&id)?))) {
                    Some((id, expected)) => {
                        seen.insert(id);
                        self.known(register, own, expected, found)?;
                    }
                    None => self.stranger(register, id, found)?,
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(seen)
    }

    /// Reads documents by name and compares each; what must be there and is not is missing. Answers how many are there
    /// of this database's own.
    async fn by_name(&mut self, register: &Register, own: &Day, ids: &[SaleId]) -> Result<u64> {
        let mut there = 0;
        for ids in ids.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            let names: Vec<DocumentName> = ids.iter().map(|id| name_of(*id)).collect();
            let Some(archive) = self.archive else {
                break;
            };
            let answer = archive.documents(&names).await;
            let Some(found) = self.answered(answer) else {
                break;
            };
            let n = found.iter().flatten().count();
            self.has_read(n);
            for (id, found) in ids.iter().zip(found) {
                let Some(expected) = own.book.get(id) else {
                    continue;
                };
                match found {
                    Some(found) => {
                        let must = expected.standing == Standing::There;
                        there += u64::from(must || compare(expected, &found) == Verdict::Late);
                        self.known(register, own, expected, &found)?;
                    }
                    None if expected.standing == Standing::There => {
                        self.missing_there(register, own, *id, expected);
                    }
                    None => {}
                }
            }
        }
        Ok(there)
    }

    /// A document of the book.
    fn known(
        &mut self,
        register: &Register,
        own: &Day,
        expected: &Expected,
        found: &Found,
    ) -> Result<()> {
        let number = &expected.receipt_number;
        let mut late = None;
        let (kind, message) = match compare(expected, found) {
            Verdict::Same => return self.tell_fields(own, expected.sale_id, found),
            Verdict::Known => return Ok(()),
            Verdict::Late => {
                let stands = *late.insert(stands_here(expected.standing));
                (FindingKind::Late, came_late(number, stands))
            }
            Verdict::Differs { reason } => (
                FindingKind::Differs,
                format!("Receipt {number} differs in the cloud: {reason}."),
            ),
            Verdict::Unreadable { reason } => (
                FindingKind::Unreadable,
                format!("Receipt {number} cannot be read in the cloud: {reason}."),
            ),
            Verdict::NewerSchema { schema } => (
                FindingKind::NewerSchema,
                format!(
                    "Receipt {number} in the cloud was written by a newer program (schema {schema})."
                ),
            ),
        };
        let fields = match (kind, &found.fields) {
            (FindingKind::Differs, Ok(there)) => match self.own_fields(&found.name.id)? {
                Some(here) => differing_fields(&here, there),
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
        let finding = Finding {
            receipt_number: Some(expected.receipt_number.clone()),
            sale_id: Some(found.name.id.clone()),
            day: own.day.clone(),
            total: Some(minor(expected.total)),
            fields,
            stands_here: late,
            ..about(register.register_id, kind, Book::Cloud, message)
        };
        self.find(finding);
        Ok(())
    }

    fn missing_there(&mut self, register: &Register, own: &Day, id: SaleId, expected: &Expected) {
        let number = &expected.receipt_number;
        let message = format!("Receipt {number} is missing in the cloud. It is safe here.");
        let finding = Finding {
            receipt_number: Some(number.clone()),
            sale_id: Some(id.to_string()),
            day: own.day.clone(),
            total: Some(minor(expected.total)),
            can_send: true,
            ..about(
                register.register_id,
                FindingKind::Missing,
                Book::Cloud,
                message,
            )
        };
        self.find(finding);
        self.missing.push(expected.sale_id);
    }

    /// A document of this register that is not in the book of its day.
    fn stranger(&mut self, register: &Register, id: Option<SaleId>, found: &Found) -> Result<()> {
        let own = register.register_id;
        // Asked after the answer: what was booked meanwhile is known by now.
        if let Some(id) = id
            && self.db.read(|conn| audit::sends(conn, id))?
        {
            return Ok(());
        }
        let name = &found.name.id;
        let finding = |kind, message: String| Finding {
            sale_id: Some(name.clone()),
            ..about(own, kind, Book::Cloud, message)
        };
        let fields = match &found.fields {
            Ok(fields) => fields,
            Err(reason) => {
                let message = format!("The document {name} in the cloud cannot be read: {reason}.");
                self.find(finding(FindingKind::Unreadable, message));
                return Ok(());
            }
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let total = fields.get("total").and_then(Value::as_i64);
        let told = |finding: Finding| Finding {
            receipt_number: text("receiptNumber"),
            day: text("businessDay"),
            total: total.map(minor),
            ..finding
        };
        if let Some(schema) = newer_schema(fields) {
            let message = format!(
                "The document {name} in the cloud was written by a newer program (schema {schema})."
            );
            self.find(told(finding(FindingKind::NewerSchema, message)));
            return Ok(());
        }
        if self.is_copy(id, fields)? {
            return Ok(());
        }
        let Some(sequence) = fields.get("receiptSequence").and_then(Value::as_i64) else {
            let message = format!("The document {name} in the cloud has no receipt number.");
            self.find(told(finding(FindingKind::Unreadable, message)));
            return Ok(());
        };
        if let Some(gap) = self.gaps.get_mut(&sequence)
            && gap.sale_id.as_ref().is_none_or(|known| known == name)
        {
            gap.sale_id = Some(name.clone());
            gap.day = text("businessDay");
            gap.total = total;
            gap.in_cloud = true;
            return Ok(());
        }
        let number = ReceiptNumber::new(&register.prefix, sequence);
        let here = self
            .db
            .read(|conn| audit::by_sequence(conn, own, sequence))?;
        let message = match here.map(|sale| sale.sale_id) {
            Some(here) => {
                let here = here.map_or_else(|text| text, |id| id.to_string());
                format!(
                    "Receipt {number} was used twice: it is sale {here} here, and {name} in the cloud."
                )
            }
            None => format!(
                "The cloud has receipt {number} of this register, which this database has not given out."
            ),
        };
        self.doubt.get_or_insert_with(|| message.clone());
        self.find(told(finding(FindingKind::Doubled, message)));
        Ok(())
    }

    /// Names the fields in which a sale whose own books are wrong differs from what was signed.
    fn tell_fields(&mut self, own: &Day, sale: SaleId, found: &Found) -> Result<()> {
        let wrong = own.wrong.iter().find(|wrong| wrong.sale == sale);
        let (Some(at), Ok(there)) = (wrong.and_then(|wrong| wrong.told), &found.fields) else {
            return Ok(());
        };
        let Some(here) = self.own_fields(&sale.to_string())? else {
            return Ok(());
        };
        if let Some(finding) = self.report.findings.get_mut(at) {
            finding.fields = differing_fields(&here, there);
        }
        Ok(())
    }

    /// What this register would send under this id.
    fn own_fields(&self, id: &str) -> Result<Option<Fields>> {
        let Ok(id) = id.parse::<SaleId>() else {
            return Ok(None);
        };
        let sent = self.db.read(|conn| audit::fields(conn, id))?;
        Ok(sent)
    }
}

/// Where a sale stands here that is there although it should not be. That is said of no other standing.
const fn stands_here(standing: Standing) -> StandsHere {
    match standing {
        Standing::Dismissed => StandsHere::Dismissed,
        Standing::Decided => StandsHere::Decided,
        Standing::Open | Standing::There | Standing::Waiting | Standing::Elsewhere => {
            StandsHere::Open
        }
    }
}

/// What is said of a sale that is there although its register takes it for one that is not. Whoever tries it again meets
/// it, and it counts as uploaded. One that was decided has its copy there too: alone, or reversed.
fn came_late(number: &str, stands: StandsHere) -> String {
    let (stands, then) = match stands {
        StandsHere::Open => (
            "stands in the failure list",
            "It counts there. Try it again, and it counts once; recorded separately it would count twice.",
        ),
        StandsHere::Dismissed => (
            "was dismissed",
            "It counts there. Try it again, and it is no difference any more; if it was not sold, refund it after that.",
        ),
        StandsHere::Decided => (
            "was decided",
            "It counts there once too often: refund it once.",
        ),
    };
    format!("Receipt {number} {stands}, and is in the cloud all the same, as it was signed. {then}")
}

fn must_be_there(book: &DayBook) -> impl Iterator<Item = SaleId> {
    let there = book
        .iter()
        .filter(|(_, expected)| expected.standing == Standing::There);
    there.map(|(id, _)| *id)
}

pub(super) fn name_of(id: SaleId) -> DocumentName {
    DocumentName {
        collection: Collection::Sales,
        id: id.to_string(),
    }
}
