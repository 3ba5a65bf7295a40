//! The register's own books: its receipt series, its chain, and the sales of a day.

use counterfoil_domain::SaleId;
use counterfoil_store::Connection;
use counterfoil_store::audit::{self, AuditedDay, AuditedSale, Fault, SentState};
use counterfoil_store::table::failures;
use counterfoil_store::table::register::Register;
use counterfoil_store::table::resolutions;
use counterfoil_sync::reconcile::{DayBook, Expected, Standing};

use super::findings::{Gap, about, minor};
use super::{MOST_TOLD, Run, small};
use crate::dto::{Book, Explained, ExplainedKind, Finding, FindingKind, RegisterBooks};
use crate::error::Result;

/// Sales of one page.
const PAGE: u32 = 500;

/// A sale of the day whose own books are wrong.
pub(super) struct Wrong {
    pub(super) sale: SaleId,
    /// Its place among the findings, where it has one.
    pub(super) told: Option<usize>,
}

/// A day, as the register's own books have it.
#[derive(Default)]
pub(super) struct Day {
    pub(super) day: Option<String>,
    pub(super) book: DayBook,
    pub(super) wrong: Vec<Wrong>,
}

impl Run<'_> {
    /// Compares series and chain, and begins the register's line of the report.
    pub(super) fn begin(&mut self, register: &Register, current: bool) -> Result<()> {
        let id = register.register_id;
        let ((gaps, missing), chain) = self.db.read(|conn| {
            let gaps = audit::gaps(conn, id, MOST_TOLD)?;
            Ok::<_, crate::AppError>((gaps, audit::chain(conn, id, MOST_TOLD)?))
        })?;
        let untold = usize::try_from(missing).unwrap_or(usize::MAX) - gaps.len();
        self.report.differences = self.report.differences.saturating_add(small(untold));
        self.gaps = gaps.into_iter().map(|n| (n, Gap::default())).collect();
        self.report.registers.push(RegisterBooks {
            register_id: id.to_string(),
            register_name: register.name.clone(),
            receipt_prefix: register.prefix.to_string(),
            current,
            days: 0,
            receipts: 0,
            total: minor(0),
            links: u32::try_from(chain.links).unwrap_or(u32::MAX),
            in_cloud: 0,
            in_cloud_total: minor(0),
        });
        for fault in chain.faults {
            let (sequence, sale_id) = (fault.sequence.unwrap_or_default(), fault.sale_id);
            let (kind, message) = match fault.fault {
                Fault::SaleMissing => {
                    let gap = self.gaps.entry(fault.receipt_sequence.unwrap_or_default());
                    let gap = gap.or_default();
                    gap.sale_id = sale_id.map(|sale| sale.to_string());
                    gap.in_journal = true;
                    continue;
                }
                Fault::Unlinked => (
                    FindingKind::Missing,
                    "Its journal link is missing.".to_owned(),
                ),
                Fault::LinkMissing => (
                    FindingKind::Missing,
                    format!("Link {sequence} of the journal is missing."),
                ),
                Fault::Broken(reason) => (
                    FindingKind::Differs,
                    format!("Link {sequence} of the journal does not hold: {reason}."),
                ),
            };
            let finding = Finding {
                sale_id: sale_id.map(|sale| sale.to_string()),
                ..about(id, kind, Book::Journal, message)
            };
            let finding = self.receipt(register, fault.receipt_sequence, finding)?;
            self.find(finding);
        }
        let told = chain.broken.min(u64::try_from(MOST_TOLD).unwrap_or(0));
        let untold = usize::try_from(chain.broken - told).unwrap_or(usize::MAX);
        self.report.differences = self.report.differences.saturating_add(small(untold));
        Ok(())
    }

    /// Reads a day of the register's own books, page by page, and tells what is wrong with them.
    pub(super) fn own_day(&mut self, register: &Register, day: &AuditedDay) -> Result<Day> {
        let id = register.register_id;
        let mut read = Day {
            day: Some(day.day.clone()),
            ..Day::default()
        };
        let (mut after, mut receipts, mut total) = (0, 0_u32, 0_i64);
        loop {
            let page = |conn: &Connection| audit::sales_of_day(conn, id, &day.day, after, PAGE);
            let page = self.db.read(page)?;
            let Some(last) = page.last() else {
                break;
            };
            after = last.entry;
            for sale in page {
                receipts += 1;
                total = total.saturating_add(sale.total);
                self.own_sale(register, &sale, &mut read)?;
            }
        }
        if let Some(books) = self.report.registers.last_mut() {
            books.days += 1;
            books.receipts = books.receipts.saturating_add(receipts);
            books.total = minor(i64::from(books.total).saturating_add(total));
        }
        Ok(read)
    }

    fn own_sale(&mut self, register: &Register, sale: &AuditedSale, day: &mut Day) -> Result<()> {
        let finding = |kind, place, reason: &str| {
            let name = match place {
                Book::Journal => "journal link",
                Book::Register | Book::Cloud => "sale",
            };
            let number = &sale.receipt_number;
            let message =
                format!("Receipt {number}: the {name} is not as it was signed: {reason}.");
            let written = match &sale.sale_id {
                Ok(id) => id.to_string(),
                Err(text) => text.clone(),
            };
            Finding {
                receipt_number: Some(sale.receipt_number.clone()),
                sale_id: Some(written),
                day: Some(sale.day.clone()),
                total: Some(minor(sale.total)),
                ..about(register.register_id, kind, place, message)
            }
        };
        if let Some(reason) = &sale.link_wrong {
            self.find(finding(FindingKind::Differs, Book::Journal, reason));
        }
        let told = sale
            .wrong
            .as_ref()
            .and_then(|reason| self.find(finding(FindingKind::Differs, Book::Register, reason)));
        let Ok(id) = sale.sale_id else {
            self.find(finding(
                FindingKind::Unreadable,
                Book::Register,
                "its id is none",
            ));
            return Ok(());
        };
        if sale.wrong.is_some() {
            day.wrong.push(Wrong { sale: id, told });
        }
        for sent in &sale.sent {
            let standing = self.standing(sent.state);
            let copy = sent.id != id;
            let expected = Expected {
                sale_id: id,
                receipt_number: sale.receipt_number.clone(),
                total: sale.total,
                digest: if copy { sent.digest } else { sale.digest },
                link: sale.link,
                standing,
            };
            day.book.insert(sent.id, expected);
        }
        match sale.sent.last().map(|sent| self.standing(sent.state)) {
            Some(standing) => self.explained(sale, id, standing),
            None => Ok(()),
        }
    }

    fn standing(&self, state: SentState) -> Standing {
        match state {
            SentState::Landed(at) => match &self.whose.connected {
                Some(now) if self.left.is_elsewhere(at, now) => Standing::Elsewhere,
                _ => Standing::There,
            },
            SentState::Lost => Standing::There,
            SentState::Waiting => Standing::Waiting,
            SentState::Open => Standing::Open,
            SentState::Dismissed => Standing::Dismissed,
            SentState::Decided => Standing::Decided,
        }
    }

    /// A sale that is not in the cloud for a reason that is known.
    fn explained(&mut self, sale: &AuditedSale, id: SaleId, standing: Standing) -> Result<()> {
        let counts = &mut self.report.explained_counts;
        let (kind, count) = match standing {
            // Without a cloud nothing waits for one.
            Standing::Waiting if self.whose.connected.is_none() => return Ok(()),
            Standing::Waiting => (ExplainedKind::Waiting, &mut counts.waiting),
            Standing::Open => (ExplainedKind::Failed, &mut counts.failed),
            Standing::Dismissed => (ExplainedKind::Dismissed, &mut counts.dismissed),
            Standing::Elsewhere => (ExplainedKind::OtherStore, &mut counts.other_store),
            Standing::There | Standing::Decided => return Ok(()),
        };
        *count = count.saturating_add(1);
        if self.report.explained.len() >= MOST_TOLD {
            return Ok(());
        }
        let note = self.db.read(|conn| note(conn, id, kind))?;
        self.explain(Explained {
            kind,
            receipt_number: sale.receipt_number.clone(),
            sale_id: id.to_string(),
            day: sale.day.clone(),
            total: minor(sale.total),
            note,
        });
        Ok(())
    }
}

/// What is known of why: who decided and for which reason, or what the failure list says.
fn note(conn: &Connection, sale: SaleId, kind: ExplainedKind) -> Result<Option<String>> {
    Ok(match kind {
        ExplainedKind::Dismissed => {
            let decision = resolutions::of_sale(conn, sale)?.pop();
            decision.map(|decision| format!("{}: {}", decision.decided_by, decision.reason))
        }
        ExplainedKind::Failed => failures::get(conn, sale)?.map(|failure| failure.message),
        ExplainedKind::Waiting | ExplainedKind::OtherStore | ExplainedKind::DecidedElsewhere => {
            None
        }
    })
}
