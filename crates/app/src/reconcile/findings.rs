//! What a run tells: findings by name, each once; what is explained; what was compared.

use counterfoil_domain::{Amount, ReceiptNumber, RegisterId};
use counterfoil_store::audit;
use counterfoil_store::table::register::Register;

use super::{MOST_TOLD, Run, small};
use crate::dto::{
    Book, Explained, ExplainedCounts, Finding, FindingKind, Minor, ReconcileInput, ReconcileReport,
};
use crate::error::Result;

/// What is known of a number that has no sale here.
#[derive(Clone, Debug, Default)]
pub(super) struct Gap {
    pub(super) sale_id: Option<String>,
    pub(super) day: Option<String>,
    pub(super) total: Option<i64>,
    pub(super) in_cloud: bool,
    pub(super) in_journal: bool,
}

/// A report of nothing yet.
pub(super) fn empty(input: &ReconcileInput) -> ReconcileReport {
    ReconcileReport {
        clean: false,
        cloud_compared: false,
        cloud_problem: None,
        from: input.from.clone(),
        to: input.to.clone(),
        every_document: input.every_document,
        registers: Vec::new(),
        days: 0,
        receipts: 0,
        total: Minor::default(),
        links: 0,
        documents_read: 0,
        billed_reads: 0,
        differences: 0,
        findings: Vec::new(),
        explained_counts: ExplainedCounts::default(),
        explained: Vec::new(),
        identity_problem: None,
        sendable: 0,
        sent_again: None,
    }
}

/// A finding about a register, to be filled in.
pub(super) fn about(
    register: RegisterId,
    kind: FindingKind,
    place: Book,
    message: impl Into<String>,
) -> Finding {
    Finding {
        kind,
        place,
        register_id: register.to_string(),
        receipt_number: None,
        sale_id: None,
        day: None,
        total: None,
        fields: Vec::new(),
        stands_here: None,
        message: message.into(),
        can_send: false,
    }
}

/// Minor units, as far as they can be told.
pub(super) fn minor(minor: i64) -> Minor {
    let most = Amount::MAX.minor();
    Minor::try_from(minor.clamp(-most, most)).unwrap_or_default()
}

impl Run<'_> {
    /// Tells a finding, unless the same was told already. Answers its place in the list.
    pub(super) fn find(&mut self, finding: Finding) -> Option<usize> {
        let what = finding.sale_id.as_ref().or(finding.receipt_number.as_ref());
        if let Some(what) = what
            && !self.named.insert((finding.place, what.clone()))
        {
            return None;
        }
        tracing::warn!(
            kind = ?finding.kind, place = ?finding.place,
            receipt = finding.receipt_number.as_deref().unwrap_or_default(),
            sale_id = finding.sale_id.as_deref().unwrap_or_default(),
            "{}", finding.message
        );
        self.report.differences = self.report.differences.saturating_add(1);
        self.report.sendable += u32::from(finding.can_send);
        let room = self.report.findings.len() < MOST_TOLD;
        room.then(|| {
            self.report.findings.push(finding);
            self.report.findings.len() - 1
        })
    }

    /// Tells a sale that is explained.
    pub(super) fn explain(&mut self, explained: Explained) {
        if self.report.explained.len() < MOST_TOLD {
            self.report.explained.push(explained);
        }
    }

    /// Tells the numbers of a register that have no sale here.
    pub(super) fn tell_gaps(&mut self, register: &Register) -> Result<()> {
        for (sequence, gap) in std::mem::take(&mut self.gaps) {
            let number = ReceiptNumber::new(&register.prefix, sequence);
            let known = match (gap.in_journal, gap.in_cloud) {
                (true, true) => "The journal and the cloud have it.",
                (true, false) => "The journal has it.",
                (false, true) => "The cloud has it.",
                (false, false) => "Nothing else tells what it was.",
            };
            let message = format!("Receipt {number} is missing on this register. {known}");
            let id = register.register_id;
            let (sale_id, day) = (gap.sale_id, gap.day);
            self.find(Finding {
                receipt_number: Some(number.to_string()),
                sale_id,
                day,
                total: gap.total.map(minor),
                ..about(id, FindingKind::Missing, Book::Register, message)
            });
        }
        Ok(())
    }

    /// The number, day and total of a receipt, for a finding that knows only its place.
    pub(super) fn receipt(
        &self,
        register: &Register,
        sequence: Option<i64>,
        finding: Finding,
    ) -> Result<Finding> {
        let Some(sequence) = sequence else {
            return Ok(finding);
        };
        let id = register.register_id;
        let sale = self
            .db
            .read(|conn| audit::by_sequence(conn, id, sequence))?;
        let number = ReceiptNumber::new(&register.prefix, sequence);
        Ok(Finding {
            receipt_number: Some(number.to_string()),
            day: sale.as_ref().map(|sale| sale.day.clone()),
            total: sale.as_ref().map(|sale| minor(sale.total)),
            ..finding
        })
    }

    /// The whole report.
    pub(super) fn told(mut self) -> ReconcileReport {
        let mut report = std::mem::replace(&mut self.report, empty(self.input));
        report.cloud_compared = report.cloud_problem.is_none();
        report.clean = report.cloud_compared && report.differences == 0;
        let registers = report.registers.iter();
        report.days = registers.clone().map(|one| one.days).sum();
        report.receipts = registers.clone().map(|one| one.receipts).sum();
        report.links = registers.clone().map(|one| one.links).sum();
        report.total = minor(registers.map(|one| i64::from(one.total)).sum());
        tracing::info!(
            clean = report.clean,
            differences = report.differences,
            receipts = report.receipts,
            documents = report.documents_read,
            "the books are compared"
        );
        report
    }

    /// Counts documents that were read to be compared.
    pub(super) fn has_read(&mut self, found: usize) {
        self.report.documents_read = self.report.documents_read.saturating_add(small(found));
    }
}
