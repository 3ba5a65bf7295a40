//! The proof of the books, at every register when the day is over: what it must find is known beforehand, and it may
//! find nothing else.
//!
//! At a register that is nobody else's that is nothing. Of two computers that are one register each must find what the
//! other one has put into the cloud, as long as it is that register, and says that it is in doubt.

use std::collections::BTreeMap;
use std::sync::Arc;

use counterfoil_app::dto::{
    Book, ExplainedCounts, Finding, FindingKind, ReconcileInput, ReconcileReport, StandsHere,
};
use counterfoil_app::reconcile;
use counterfoil_domain::Clock as _;
use counterfoil_domain::document::Fields;
use counterfoil_sync::{Archive, Collection, DocumentName};
use serde_json::Value;

use crate::books::{self, Books, Kept};
use crate::cloud::{Reader, Stored, short};
use crate::desk::Desk;
use crate::rules::Content;
use crate::veil::Veil;

/// What the proof has to say about a register.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    /// Documents of somebody who is the same register: each with its number, and the sale that has the number here.
    doubled: BTreeMap<String, Doubled>,
    /// Documents of sales that are in the failure list, dismissed or decided, and came late all the same: as signed.
    late: BTreeMap<String, StandsHere>,
    /// How many sales are explained, in the order of [`ExplainedCounts`].
    explained: [u32; 6],
}

#[derive(Debug, PartialEq, Eq)]
struct Doubled {
    number: String,
    day: String,
    total: i64,
    /// The sale that has the number here, if one has.
    here: Option<String>,
}

impl Desk {
    /// Reconciles, and compares what is told with what there is to tell.
    pub(crate) async fn prove(&self, every_document: bool) {
        let Some(db) = self.open.as_ref().and_then(|open| open.till.db().ok()) else {
            return;
        };
        let Some(books) = self.books(books::read) else {
            return;
        };
        let due = due(&books, &self.cloud.documents());
        let input = ReconcileInput {
            every_document,
            ..ReconcileInput::default()
        };
        let reader = Reader(Arc::clone(&self.cloud));
        let archive: Arc<dyn Archive> = Arc::new(Veil::of(self.control, self, &books, reader));
        let now = self.clock.now();
        let report = reconcile(db, Ok(archive), &input, now, &|_| {}).await;
        let name = short(self.register);
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                let what = format!("{name} cannot be reconciled: {error}");
                self.world.broken(2, what);
                return;
            }
        };
        let doubt = report.identity_problem.is_some();
        let differences = due.doubled.len() + due.late.len();
        let whole = report.cloud_compared
            && report.clean == (differences == 0)
            && doubt != due.doubled.is_empty()
            && usize::try_from(report.differences) == Ok(differences)
            && report.sendable == 0;
        let told = told(&report);
        if !whole || told.as_ref() != Some(&due) {
            let findings: Vec<String> = report.findings.iter().map(words).collect();
            let what = format!(
                "{name}: reconcile finds {} differences: {} {:?} {:?}, and not {due:?}",
                report.differences,
                findings.join(" "),
                report.explained_counts,
                report.cloud_problem.or(report.identity_problem)
            );
            self.world.broken(2, what);
            return;
        }
        if doubt {
            self.world.found("a number used twice, found by reconcile");
        }
        for stands in due.late.values() {
            let stands = match stands {
                StandsHere::Open => "open",
                StandsHere::Dismissed => "dismissed",
                StandsHere::Decided => "decided",
            };
            let what = format!("a sale that is {stands} and came late, named by reconcile");
            self.world.found(&what);
        }
    }
}

fn words(found: &Finding) -> String {
    format!("{:?} in {:?}: {}", found.kind, found.place, found.message)
}

/// What a report says; none where it says something that no twin explains.
fn told(report: &ReconcileReport) -> Option<Told> {
    let (mut doubled, mut late) = (BTreeMap::new(), BTreeMap::new());
    for found in &report.findings {
        if let Some((id, stands)) = came_late(found) {
            late.insert(id, stands);
            continue;
        }
        if (found.kind, found.place) != (FindingKind::Doubled, Book::Cloud) || found.can_send {
            return None;
        }
        let id = found.sale_id.clone()?;
        // The words are the only place that names the sale which has the number here.
        let mut named = found.message.split("it is sale ").skip(1);
        let here = named.next().and_then(|rest| rest.split(' ').next());
        let told = Doubled {
            number: found.receipt_number.clone()?,
            day: found.day.clone()?,
            total: i64::from(found.total?),
            here: here.map(str::to_owned),
        };
        doubled.insert(id, told);
    }
    let ExplainedCounts {
        waiting,
        failed,
        dismissed,
        other_store,
        decided_elsewhere,
        other_installation,
    } = report.explained_counts;
    let explained = [
        waiting,
        failed,
        dismissed,
        other_store,
        decided_elsewhere,
        other_installation,
    ];
    Some(Told {
        doubled,
        late,
        explained,
    })
}

/// The document of a sale that came late, and where the finding says that the sale stands.
fn came_late(found: &Finding) -> Option<(String, StandsHere)> {
    let is_late = (found.kind, found.place) == (FindingKind::Late, Book::Cloud)
        && found.fields.is_empty()
        && !found.can_send;
    let stands = found.stands_here.filter(|_| is_late)?;
    Some((found.sale_id.clone()?, stands))
}

/// What there is to tell: counted from the books as they are read here, and from what is in the cloud.
fn due(books: &Books, cloud: &BTreeMap<DocumentName, Stored>) -> Told {
    let mut due = Told::default();
    let mut in_cloud: BTreeMap<(String, String), u32> = BTreeMap::new();
    for (name, stored) in cloud {
        if name.collection != Collection::Sales {
            continue;
        }
        let (register, day) = (
            text(&stored.fields, "registerId"),
            text(&stored.fields, "businessDay"),
        );
        let of_day = in_cloud.entry((register.clone(), day.clone())).or_default();
        *of_day += 1;
        if register != books.register || books.sends(&name.id) {
            continue;
        }
        if is_copy(books, &stored.fields) {
            due.explained[4] += 1;
            continue;
        }
        let sequence = stored.fields.get("receiptSequence");
        let mut here = books.sales.iter().filter(|kept| {
            text(&kept.record, "registerId") == register
                && kept.record.get("receiptSequence") == sequence
        });
        let total = stored.fields.get("total").and_then(Value::as_i64);
        let doubled = Doubled {
            number: text(&stored.fields, "receiptNumber"),
            day,
            total: total.unwrap_or_default(),
            here: here.next().map(|kept| kept.id.clone()),
        };
        due.doubled.insert(name.id.clone(), doubled);
    }
    let mut own: BTreeMap<(String, String), u32> = BTreeMap::new();
    for kept in &books.sales {
        let day = (
            text(&kept.record, "registerId"),
            text(&kept.record, "businessDay"),
        );
        let of_day = own.entry(day).or_default();
        for (document, stands) in late(kept, books, cloud) {
            *of_day += 1;
            due.late.insert(document.to_owned(), stands);
        }
        match stands(kept, books) {
            Stands::There => *of_day += 1,
            Stands::Decided => {}
            Stands::Waiting => due.explained[0] += 1,
            Stands::Open => due.explained[1] += 1,
            Stands::Dismissed => due.explained[2] += 1,
        }
    }
    // Of who it was before only its own are looked for; what somebody else has sold since is counted.
    for (of_day, there) in own.iter().filter(|((of, _), _)| *of != books.register) {
        let all = in_cloud.get(of_day).copied().unwrap_or(0);
        due.explained[5] += all.saturating_sub(*there);
    }
    due
}

/// Documents of a sale that must not be there, or nobody knows of, and are: as they were signed.
fn late<'a>(
    kept: &'a Kept,
    books: &Books,
    cloud: &BTreeMap<DocumentName, Stored>,
) -> Vec<(&'a str, StandsHere)> {
    let is_there = |id: &str, content: Content| {
        let name = DocumentName {
            collection: Collection::Sales,
            id: id.to_owned(),
        };
        cloud
            .get(&name)
            .is_some_and(|there| content.is(&there.fields))
    };
    let of_last = match stands(kept, books) {
        Stands::Open => Some(StandsHere::Open),
        Stands::Dismissed => Some(StandsHere::Dismissed),
        Stands::Decided => Some(StandsHere::Decided),
        Stands::There | Stands::Waiting => None,
    };
    let own = match &kept.copy {
        Some(_) => Some(StandsHere::Decided),
        None => of_last,
    };
    let own = own
        .filter(|_| is_there(&kept.id, Content::of_record(&kept.record)))
        .map(|stands| (kept.id.as_str(), stands));
    let copy = kept.copy.as_deref().and_then(|copy| {
        let stands = of_last?;
        is_there(copy, Content::of_copy(&kept.record, copy)).then_some((copy, stands))
    });
    own.into_iter().chain(copy).collect()
}

/// Where a sale stands, by what goes to the cloud of it last.
enum Stands {
    There,
    Waiting,
    Open,
    Dismissed,
    /// It came second, and goes up as a losing version.
    Decided,
}

fn stands(kept: &Kept, books: &Books) -> Stands {
    let document = |id: &str| books.documents.get(id).map(String::as_str);
    let state = match (&kept.copy, &kept.upload) {
        (Some(copy), _) => document(copy),
        (None, Some(upload)) => Some(upload.as_str()),
        (None, None) if kept.came_second => return Stands::Decided,
        (None, None) => document(&kept.id),
    };
    match state {
        Some("pending" | "inFlight") => Stands::Waiting,
        Some("failed") if kept.copy.is_none() && kept.failure.as_deref() == Some("dismissed") => {
            Stands::Dismissed
        }
        Some("failed") => Stands::Open,
        _ => Stands::There,
    }
}

/// Whether it is the copy of a sale of these books that has not landed itself: by a decision at another computer, or
/// before a restore.
fn is_copy(books: &Books, found: &Fields) -> bool {
    let original = text(found, "originalSaleId");
    let Some(kept) = books.sales.iter().find(|kept| kept.id == original) else {
        return false;
    };
    let copy = Content::of_copy(&kept.record, &text(found, "saleId"));
    !books.has_landed(&kept.id) && copy.is(found)
}

fn text(fields: &Fields, field: &str) -> String {
    let text = fields.get(field).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
