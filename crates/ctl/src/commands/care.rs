//! `journal`, `backup`, `restore`.

use std::path::Path;
use std::sync::Arc;

use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::{AppError, CloudStore, Contents, RestoreOptions, RestoreReport};

use super::Context;
use crate::cli::{Journal, Restore};
use crate::{Done, output};

pub(super) fn journal(context: &Context<'_>, command: &Journal) -> Result<Done, AppError> {
    let Journal::Verify = command;
    let report = context.till()?.verify_journal()?;
    if context.json {
        output::json(&report)?;
    } else {
        for chain in &report.chains {
            output::line(&match &chain.broken {
                None => format!(
                    "{}: {} link(s) hold, {} sale(s) among them; the last hash is {}",
                    chain.register_name, chain.links, chain.sales, chain.head
                ),
                Some(broken) => format!(
                    "{}: link {} does not hold: {}",
                    chain.register_name, broken.sequence, broken.reason
                ),
            });
        }
    }
    Ok(if report.intact() {
        Done::Well
    } else {
        Done::Failed
    })
}

pub(super) fn backup(context: &Context<'_>, file: &Path) -> Result<Done, AppError> {
    let report = context.till()?.backup(file)?;
    if context.json {
        output::json(&report)?;
    } else {
        output::line(&format!(
            "{}: {} sale(s), {} of them not in the cloud",
            report.file, report.sales, report.not_in_cloud
        ));
    }
    Ok(Done::Well)
}

pub(super) fn restore(context: &Context<'_>, restore: &Restore) -> Result<Done, AppError> {
    let options = RestoreOptions {
        receipt_prefix: restore.receipt_prefix.clone(),
        dry_run: restore.dry_run,
        keep_unsynced: !restore.yes,
    };
    let report = counterfoil_app::restore(
        context.places,
        &restore.file,
        &options,
        &(Arc::new(SystemClock) as _),
        &(Arc::new(RandomIds) as _),
    )?;
    if context.json {
        output::json(&report)?;
        return Ok(Done::Well);
    }
    output::line(&format!("The backup holds {}.", described(&report.backup)));
    match &report.replaces {
        None => output::line("It replaces nothing that can be read."),
        Some(present) => output::line(&format!(
            "It replaces {}; {} sale(s) of it are not in the backup, {} of those not in the cloud either.",
            described(present),
            report.sales_only_in_replaced,
            report.lost_from_here
        )),
    }
    if let (true, Some(then)) = (report.disconnected, &report.backup.in_cloud) {
        output::line(&disconnected(&report, then));
    }
    if let Some(kept) = &report.kept_as {
        output::line(&format!("What was replaced is kept as {kept}."));
    }
    output::line(&format!(
        "{}: new receipts begin with {}-000001.",
        if report.restored {
            "Restored"
        } else {
            "Nothing was changed. Restored, it would be"
        },
        report.receipt_prefix
    ));
    Ok(Done::Well)
}

/// Why the restored register is connected to no store, what that means for what waits, and how it is connected.
fn disconnected(report: &RestoreReport, then: &CloudStore) -> String {
    let now = report.replaces.as_ref();
    let now = now.and_then(|contents| contents.in_cloud.as_ref());
    let why = match now {
        Some(now) if now.disconnected => "What it replaces was disconnected",
        _ => "What it replaces was connected to another store since",
    };
    let waiting = match report.backup.pending {
        0 => String::new(),
        n => format!(
            " {n} wait(s) in the backup for the store “{}”; if the register was connected to another one since, they may be \
             in that one already.",
            then.store_id
        ),
    };
    format!(
        "{why}, so the restored register is connected to none.{waiting} To connect it: counterfoilctl sync connect --project {} \
         --store {}",
        then.project, then.store_id
    )
}

fn described(contents: &Contents) -> String {
    let cloud = contents
        .in_cloud
        .as_ref()
        .map_or_else(String::new, |store| {
            let now = if store.disconnected {
                "disconnected from"
            } else {
                "connected to"
            };
            format!(
                ", {now} the store “{}” in {}",
                store.store_id, store.project
            )
        });
    format!(
        "{} ({}, receipts {}): {} sale(s), the last at {}, {} waiting{cloud}",
        contents.store,
        contents.register,
        contents.receipt_prefix,
        contents.sales,
        contents.last_sold_at.as_deref().unwrap_or("no time"),
        contents.pending
    )
}
