//! `sync`.

use std::time::Duration;

use counterfoil_app::dto::{
    ChoiceKind, IdentityView, InstallationState, MoneyAnswer, NewIdentityInput, ResolveInput,
    Restock as Back, SyncPhase, SyncStatus,
};
use counterfoil_app::sync::{start, sync_with_firestore};
use counterfoil_app::{AppError, ErrorCode, FailedSales, Till};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::Context;
use super::costs;
use super::duplicates;
use super::sales::money;
use super::sign_in;
use crate::cli::{Money, Resolve, Restock, Sync};
use crate::output::{self, Table};
use crate::{Done, ended};

pub(super) fn run(context: &Context<'_>, command: &Sync) -> Result<Done, AppError> {
    let till = context.till()?;
    match command {
        Sync::Connect {
            project,
            store,
            api_key,
            switch: false,
            yes,
        } => {
            let status = till.sync_connect(project, store, api_key.as_deref(), *yes)?;
            show(context, &status)?;
        }
        Sync::Connect {
            project,
            store,
            api_key,
            switch: true,
            yes,
        } => {
            let (status, sales) = till.sync_switch(project, store, api_key.as_deref(), *yes)?;
            switched(context, &status, sales)?;
        }
        Sync::Disconnect { yes } => show(context, &till.sync_disconnect(*yes)?)?,
        Sync::SignIn {
            email,
            register_name,
            password_stdin,
        } => {
            let name = register_name.as_deref();
            sign_in::sign_in(context, &till, email, name, *password_stdin)?;
        }
        Sync::SignOut { yes } => sign_in::sign_out(context, &till, *yes)?,
        Sync::Status => sign_in::status(context, &till)?,
        Sync::Once { timeout } => {
            let parts = till.sync_parts()?;
            let timeout = Duration::from_secs(*timeout);
            let status = runtime()?.block_on(sync_with_firestore(&parts, timeout))?;
            show(context, &status)?;
        }
        Sync::Watch => return watch(context, &till),
        Sync::Prices(asked) => costs::prices(context, &till, asked)?,
        Sync::Duplicates(asked) => duplicates::settings(context, &till, asked)?,
        Sync::Identity {
            new,
            receipt_prefix,
            by,
        } => {
            if let Some(prefix) = receipt_prefix.as_ref().filter(|_| *new) {
                runtime()?.block_on(till.another_identity(NewIdentityInput {
                    receipt_prefix: prefix.clone(),
                    by: by.clone(),
                }))?;
            }
            identity(context, &till.identity()?)?;
        }
        Sync::Failed { page, dismissed } => failed(context, &till, *page, *dismissed)?,
        Sync::Resolve(resolve) => return decide(context, &till, resolve),
    }
    Ok(Done::Well)
}

pub(super) fn runtime() -> Result<Runtime, AppError> {
    Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(AppError::internal)
}

fn show(context: &Context<'_>, status: &SyncStatus) -> Result<(), AppError> {
    if context.json {
        return output::json(status);
    }
    output::line(&sentence(status));
    Ok(())
}

/// The state, and how many sales are in another store.
fn switched(context: &Context<'_>, status: &SyncStatus, sales: u32) -> Result<(), AppError> {
    if context.json {
        let mut status = serde_json::to_value(status).map_err(AppError::internal)?;
        status["salesElsewhere"] = json!(sales);
        return output::json(&status);
    }
    if sales > 0 {
        output::line(&format!(
            "{sales} sale(s) that went up before stay in the store they went to."
        ));
    }
    show(context, status)
}

fn identity(context: &Context<'_>, who: &IdentityView) -> Result<(), AppError> {
    if context.json {
        return output::json(who);
    }
    output::line(&format!(
        "{}: register {}, receipts {}, the last {}, since {}",
        who.register_name, who.register_id, who.receipt_prefix, who.last_receipt, who.since
    ));
    output::line(match who.installation {
        InstallationState::Matches => "This installation is the one it belongs to.",
        InstallationState::Differs => {
            "It belongs to another installation: its database was put here from elsewhere."
        }
        InstallationState::Missing => {
            "It belongs to another installation: its data directory was copied or moved."
        }
        InstallationState::Unknown => "It belongs to no installation yet.",
    });
    if let Some(doubt) = &who.doubt {
        output::line(doubt);
    }
    Ok(())
}

/// The state in words.
pub(super) fn sentence(status: &SyncStatus) -> String {
    let waiting = status.pending.saturating_add(status.in_flight);
    let last = status.last_synced_at.as_deref().unwrap_or("never");
    // Whoever syncs says why it stopped.
    let nobody_syncs = status.state == SyncPhase::Paused && status.problem.is_none();
    let state = match status.state {
        SyncPhase::LocalOnly if status.disconnected => format!(
            "disconnected from the store {}; sales stay on this register until it is connected again",
            status.store_id.as_deref().unwrap_or_default()
        ),
        SyncPhase::LocalOnly => "not connected to a cloud".to_owned(),
        SyncPhase::Idle if waiting == 0 && status.failed_total > 0 => {
            "a manager must decide about what could not go up".to_owned()
        }
        SyncPhase::Idle if waiting == 0 && status.dismissed_total > 0 => format!(
            "all sales but {} that were dismissed are in the cloud",
            status.dismissed_total
        ),
        SyncPhase::Idle if waiting == 0 && status.synced_total == 0 => "connected".to_owned(),
        SyncPhase::Idle if waiting == 0 => "all sales are in the cloud".to_owned(),
        SyncPhase::Idle => "nothing under way".to_owned(),
        SyncPhase::Syncing => "syncing".to_owned(),
        SyncPhase::Offline => {
            let why = match status.problem.as_ref().map(|problem| problem.code) {
                Some(ErrorCode::CloudRefused) => "the cloud is busy",
                Some(ErrorCode::Timeout) => "no answer from the cloud",
                _ => "no network",
            };
            let since = status.offline_since.as_ref();
            let since = since.map(|since| format!(" since {since}"));
            format!("{why}{}; selling goes on", since.unwrap_or_default())
        }
        SyncPhase::SignInNeeded => "sign-in needed".to_owned(),
        SyncPhase::IdentityNeeded => "this register must say who it is".to_owned(),
        SyncPhase::NotAllowed => "the cloud refuses this register".to_owned(),
        SyncPhase::Paused if nobody_syncs => "no program is sending them now".to_owned(),
        SyncPhase::Paused => "stopped until somebody decides".to_owned(),
    };
    let more = match &status.problem {
        Some(problem) => format!(" {}", problem.message),
        None if nobody_syncs => " Open the till, or run counterfoilctl sync once.".to_owned(),
        None => String::new(),
    };
    let shrinking = costs::shrinking(status).map(|words| format!(" {words}"));
    format!(
        "{state}: {waiting} waiting, {} failed, {} possible duplicate(s); last success {last}.{}{more}",
        status.failed_total,
        status.warnings,
        shrinking.unwrap_or_default()
    )
}

/// Syncs until interrupted and prints every change of the state, one line each.
fn watch(context: &Context<'_>, till: &Till) -> Result<Done, AppError> {
    let parts = till.sync_parts()?;
    runtime()?.block_on(async {
        let (handle, task) = start(parts);
        let mut status = handle.status();
        let mut interrupted = Box::pin(tokio::signal::ctrl_c());
        // A driver without a cloud has nothing to say.
        let before = till.sync_status()?;
        if before.state == SyncPhase::LocalOnly {
            show(context, &before)?;
        }
        loop {
            tokio::select! {
                changed = status.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    let now = status.borrow_and_update().clone();
                    show(context, &now)?;
                }
                _ = &mut interrupted => break,
            }
        }
        handle.stop();
        // What was in flight when it ended is sent again the next time: harmless.
        let _ = tokio::time::timeout(Duration::from_secs(5), task).await;
        Ok(Done::Well)
    })
}

fn failed(context: &Context<'_>, till: &Till, page: u32, dismissed: bool) -> Result<(), AppError> {
    let page = if dismissed {
        till.dismissed_sales(page)?
    } else {
        till.failed_sales(page)?
    };
    if context.json {
        return output::json(&failed_json(&page)?);
    }
    let state = till.app_state()?;
    let headings = [
        "RECEIPT", "SOLD AT", "TOTAL", "KIND", "CASHIER", "REASON", "ID",
    ];
    let mut table = Table::new(&headings, &[2]);
    for failed in &page.items {
        let item = failed.item.clone();
        table.row([
            item.receipt_number,
            item.sold_at,
            money(&state, item.total.into()),
            output::cell(&json!(item.kind)),
            item.cashier_name,
            item.message,
            item.sale_id,
        ]);
    }
    table.print();
    for failed in &page.items {
        if let Some(before) = &failed.decided_before {
            output::line(&format!(
                "{}: decided before, and that stands in the cloud: {}, by {}, {} ({})",
                failed.item.receipt_number,
                output::cell(&json!(before.choice)),
                before.by,
                before.decided_at,
                before.reason
            ));
        }
    }
    for warning in &page.warnings {
        output::line(&format!("warning {}: {}", warning.id, warning.message));
    }
    for one in &page.unreadable {
        let of = one.register_id.as_deref().unwrap_or("not known");
        output::line(&format!(
            "{} in the cloud (register: {of}) cannot be read by this program: {}. Nothing waits for it; update Counterfoil.",
            one.document, one.message
        ));
    }
    if page.more_unreadable {
        output::line("More documents in the cloud cannot be read by this program.");
    }
    Ok(())
}

fn failed_json(page: &FailedSales) -> Result<Value, AppError> {
    let mut items = Vec::with_capacity(page.items.len());
    for failed in &page.items {
        let mut item = serde_json::to_value(&failed.item).map_err(AppError::internal)?;
        item["local"] = failed.local.clone();
        item["remote"] = failed.remote.clone().unwrap_or(Value::Null);
        item["decidedBefore"] = json!(failed.decided_before);
        items.push(item);
    }
    Ok(json!({
        "items": items, "warnings": page.warnings, "elsewhere": page.elsewhere, "moreElsewhere": page.more_elsewhere,
        "unreadable": page.unreadable, "moreUnreadable": page.more_unreadable, "next": page.next,
    }))
}

/// Decides about each item by itself; one that cannot be decided loses no other.
fn decide(context: &Context<'_>, till: &Till, resolve: &Resolve) -> Result<Done, AppError> {
    let about_reversal =
        resolve.money.is_some() || resolve.restock.is_some() || resolve.card_reference.is_some();
    if !resolve.keep_cloud && about_reversal {
        return Err(AppError::new(
            ErrorCode::InvalidInput,
            "--money, --restock and --card-reference belong to --keep-cloud",
        ));
    }
    let mut done = Done::Well;
    for id in &resolve.ids {
        match till.decide(decision(resolve, id)) {
            Ok(decision) => {
                let reversal = decision.reversal.as_ref();
                if context.json {
                    output::json(&json!({
                        "saleId": decision.sale_id,
                        "choice": decision.choice,
                        "cloudId": decision.cloud_id,
                        "reversal": reversal.map(counterfoil_app::Sale::document),
                    }))?;
                } else {
                    let reversed = reversal.map(|sale| {
                        format!(", reversed by receipt {}", sale.view().receipt_number)
                    });
                    output::line(&format!("{id}: decided{}", reversed.unwrap_or_default()));
                }
            }
            Err(error) if resolve.ids.len() == 1 => return Err(error),
            Err(mut error) => {
                error.message = format!("{id}: {}", error.message);
                output::error(&error);
                done = if done == Done::BadInput {
                    done
                } else {
                    ended(&error)
                };
            }
        }
    }
    Ok(done)
}

fn decision(resolve: &Resolve, id: &str) -> ResolveInput {
    ResolveInput {
        sale_id: id.to_owned(),
        choice: if resolve.keep_cloud {
            ChoiceKind::KeepCloud
        } else if resolve.record_separately {
            ChoiceKind::RecordSeparately
        } else if resolve.retry {
            ChoiceKind::Retry
        } else {
            ChoiceKind::Dismiss
        },
        reason: resolve.reason.clone(),
        by: resolve.by.clone(),
        money: resolve.money.map(|money| match money {
            Money::GivenBack => MoneyAnswer::GivenBack,
            Money::NeverTaken => MoneyAnswer::NeverTaken,
            Money::TakenAndKept => MoneyAnswer::TakenAndKept,
        }),
        card_reference: resolve.card_reference.clone(),
        restock: resolve.restock.map(|restock| match restock {
            Restock::Shelf => Back::Shelf,
            Restock::WriteOff => Back::WriteOff,
            Restock::None => Back::None,
        }),
        restock_lines: Vec::new(),
    }
}
