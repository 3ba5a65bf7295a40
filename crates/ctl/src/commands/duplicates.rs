//! `sync duplicates`: what a possible duplicate is, and which pairs are not listed.

use counterfoil_app::dto::{Minor, PatternLine, ProductUnit};
use counterfoil_app::{AppError, ErrorCode, Till};

use super::Context;
use super::sales::money;
use crate::cli::Duplicates;
use crate::output::{self, Table};

pub(super) fn settings(
    context: &Context<'_>,
    till: &Till,
    asked: &Duplicates,
) -> Result<(), AppError> {
    let mut now = till.duplicate_settings()?;
    if asked.window.is_some() || asked.list_from.is_some() || asked.list_by_goods {
        let listed = match asked.list_from {
            Some(minor) => Some(amount(minor)?),
            None => now.listed_total.filter(|_| !asked.list_by_goods),
        };
        let window = asked.window.unwrap_or(now.window_seconds);
        now = till.set_duplicate_rule(window, listed.map(Into::into))?;
    }
    if let Some(warning) = asked.mute {
        till.mute_duplicates(warning)?;
        now = till.duplicate_settings()?;
    }
    if let Some(fingerprint) = &asked.list_again {
        now = till.list_duplicates_again(fingerprint)?;
    }
    if context.json {
        return output::json(&now);
    }
    let state = till.app_state()?;
    let from = match now.listed_total {
        Some(total) => format!(", or {} and more", money(&state, total.into())),
        None => String::new(),
    };
    output::line(&format!(
        "Two sales of the same goods within {} s may be one. Listed are pairs with three lines, a weighed line, the same card{from}.",
        now.window_seconds
    ));
    if now.muted.is_empty() {
        return Ok(());
    }
    output::line("Not listed:");
    let mut table = Table::new(&["GOODS", "TOTAL", "BY", "SINCE", "FINGERPRINT"], &[1]);
    for muted in now.muted {
        let total = money(&state, muted.total.into());
        let goods: Vec<String> = muted.goods.iter().map(words).collect();
        table.row([
            goods.join(", "),
            total,
            muted.by,
            muted.since,
            muted.fingerprint,
        ]);
    }
    table.print();
    Ok(())
}

fn words(line: &PatternLine) -> String {
    let PatternLine { name, quantity, .. } = line;
    match line.unit {
        ProductUnit::Kg => format!("{quantity} kg {name}"),
        ProductUnit::Piece => format!("{quantity} × {name}"),
    }
}

fn amount(minor: i64) -> Result<Minor, AppError> {
    Minor::try_from(minor)
        .map_err(|error| AppError::new(ErrorCode::InvalidAmount, error.to_string()))
}
