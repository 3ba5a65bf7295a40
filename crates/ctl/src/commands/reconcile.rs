//! `reconcile`.

use counterfoil_app::AppError;
use counterfoil_app::dto::{
    AppState, Book, Explained, ExplainedCounts, ExplainedKind, Finding, FindingKind,
    ReconcileInput, ReconcileReport, RegisterBooks, SendAgain,
};

use super::Context;
use super::sales::money;
use super::sync::runtime;
use crate::Done;
use crate::cli::Reconcile;
use crate::output::{self, Table};

pub(super) fn run(context: &Context<'_>, asked: &Reconcile) -> Result<Done, AppError> {
    let till = context.till()?;
    let input = ReconcileInput {
        from: asked.from.clone(),
        to: asked.to.clone(),
        every_document: asked.every_document,
        send_missing: asked.send_missing.then(|| SendAgain {
            by: asked.by.clone(),
            reason: asked.reason.clone(),
        }),
    };
    let report = runtime()?.block_on(till.reconcile(&input, &|at| {
        output::progress(at.done.saturating_add(1), at.total, "days");
    }))?;
    if context.json {
        output::json(&report)?;
    } else {
        show(&till.app_state()?, &report);
    }
    Ok(if report.clean {
        Done::Well
    } else {
        Done::Failed
    })
}

fn show(state: &AppState, report: &ReconcileReport) {
    for register in &report.registers {
        output::line(&compared(state, register, report.cloud_compared));
    }
    if let Some(problem) = &report.cloud_problem {
        output::line(&format!("The cloud was not compared: {}", problem.message));
    }
    findings(state, report);
    explained(state, report);
    if let Some(problem) = &report.identity_problem {
        output::line(&problem.message);
    }
    if let Some(sent) = report.sent_again {
        output::line(&format!("{sent} sale(s) wait to be sent again."));
    } else if report.sendable > 0 {
        output::line(&format!(
            "{} can be sent again: counterfoilctl reconcile --send-missing",
            report.sendable
        ));
    }
    let read = if report.every_document {
        format!("every document was read ({})", report.documents_read)
    } else {
        format!(
            "{} document(s) were read, the others counted and added up",
            report.documents_read
        )
    };
    let verdict = match (report.clean, report.differences) {
        (true, _) => "Clean: receipt series, journal and cloud agree".to_owned(),
        (false, 0) => "Not clean: no difference, but the cloud was not compared".to_owned(),
        (false, n) => format!("Not clean: {n} difference(s)"),
    };
    output::line(&format!(
        "{verdict}. {} day(s), {} receipt(s), {}, {} journal link(s); {read}, {} billed read(s).",
        report.days,
        report.receipts,
        money(state, report.total.into()),
        report.links,
        report.billed_reads
    ));
}

fn compared(state: &AppState, register: &RegisterBooks, cloud: bool) -> String {
    let there = if cloud {
        format!(
            "; in the cloud {}, {}",
            register.in_cloud,
            money(state, register.in_cloud_total.into())
        )
    } else {
        String::new()
    };
    let before = if register.current {
        ""
    } else {
        " (before this identity)"
    };
    format!(
        "{}, receipts {}{before}: {} day(s), {} receipt(s), {}, {} journal link(s){there}",
        register.register_name,
        register.receipt_prefix,
        register.days,
        register.receipts,
        money(state, register.total.into()),
        register.links
    )
}

fn findings(state: &AppState, report: &ReconcileReport) {
    if report.findings.is_empty() {
        return;
    }
    let headings = [
        "RECEIPT", "DAY", "TOTAL", "WHAT", "WHERE", "WHY", "FIELDS", "ID",
    ];
    let mut table = Table::new(&headings, &[2]);
    for finding in &report.findings {
        let Finding {
            receipt_number,
            day,
            total,
            fields,
            sale_id,
            ..
        } = finding;
        table.row([
            receipt_number.clone().unwrap_or_default(),
            day.clone().unwrap_or_default(),
            total.map_or_else(String::new, |total| money(state, total.into())),
            kind(finding.kind).to_owned(),
            place(finding.place).to_owned(),
            finding.message.clone(),
            fields.join(", "),
            sale_id.clone().unwrap_or_default(),
        ]);
    }
    table.print();
    more(report.differences, report.findings.len());
}

fn explained(state: &AppState, report: &ReconcileReport) {
    let ExplainedCounts {
        waiting,
        failed,
        dismissed,
        other_store,
        decided_elsewhere,
        other_installation,
    } = report.explained_counts;
    if other_installation > 0 {
        output::line(&format!(
            "Explained: {other_installation} receipt(s) in the cloud are another installation's, which this database was copied or restored from."
        ));
    }
    if report.explained.is_empty() {
        return;
    }
    output::line("Explained, no difference:");
    let headings = ["RECEIPT", "DAY", "TOTAL", "WHY", "NOTE", "ID"];
    let mut table = Table::new(&headings, &[2]);
    for one in &report.explained {
        let Explained {
            receipt_number,
            day,
            sale_id,
            note,
            ..
        } = one.clone();
        table.row([
            receipt_number,
            day,
            money(state, one.total.into()),
            why(one.kind).to_owned(),
            note.unwrap_or_default(),
            sale_id,
        ]);
    }
    table.print();
    let all = [waiting, failed, dismissed, other_store, decided_elsewhere];
    more(all.iter().sum(), report.explained.len());
}

fn more(all: u32, told: usize) {
    let told = u32::try_from(told).unwrap_or(u32::MAX);
    if all > told {
        output::line(&format!("… and {} more.", all - told));
    }
}

const fn kind(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Missing => "missing",
        FindingKind::Doubled => "doubled",
        FindingKind::Differs => "differs",
        FindingKind::Unreadable => "unreadable",
        FindingKind::NewerSchema => "newer schema",
        FindingKind::Late => "came late",
    }
}

const fn place(place: Book) -> &'static str {
    match place {
        Book::Register => "register",
        Book::Journal => "journal",
        Book::Cloud => "cloud",
    }
}

const fn why(kind: ExplainedKind) -> &'static str {
    match kind {
        ExplainedKind::Waiting => "waits to be uploaded",
        ExplainedKind::Failed => "needs a manager",
        ExplainedKind::Dismissed => "dismissed",
        ExplainedKind::OtherStore => "went up to another store",
        ExplainedKind::DecidedElsewhere => "decided elsewhere, there as a copy",
    }
}
