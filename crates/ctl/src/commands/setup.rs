//! `init`.

use std::sync::Arc;

use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::dto::{Minor, SetUpInput, TaxRoundingInput};
use counterfoil_app::{AppError, ErrorCode, HalfRule, Halves, Tie, Till};

use super::Context;
use crate::cli::{CashTie, Half, Init, Prices, TaxRounding};
use crate::{Done, output};

/// Creates the database of a new register.
pub(super) fn init(context: &Context<'_>, init: &Init) -> Result<Done, AppError> {
    let cash_rounding = init.cash_rounding.map(Minor::try_from).transpose();
    let input = SetUpInput {
        store_name: init.store.clone(),
        currency: init.currency.clone(),
        register_name: init.register.clone(),
        receipt_prefix: init.receipt_prefix.clone(),
        prices_include_tax: matches!(init.prices, Prices::IncludeTax),
        tax_rounding: match init.tax_rounding {
            TaxRounding::Line => TaxRoundingInput::Line,
            TaxRounding::Receipt => TaxRoundingInput::Receipt,
        },
        cash_rounding: cash_rounding
            .map_err(|error| AppError::new(ErrorCode::AmountTooLarge, error.to_string()))?,
        time_zone: init.time_zone.clone(),
        day_start: init.day_start.clone(),
        demo: init.demo,
    };
    let halves = Halves {
        half: match init.half {
            Half::Up => HalfRule::Up,
            Half::Even => HalfRule::Even,
        },
        cash: match init.cash_tie {
            CashTie::Up => Tie::Up,
            CashTie::Down => Tie::Down,
        },
    };
    // Refused before a folder or a file is made.
    Till::check_set_up(&input)?;
    let till = Till::open(context.places, Arc::new(SystemClock), Arc::new(RandomIds))?;
    let state = till.set_up_store_with(input, halves)?;
    if context.json {
        output::json(&state)?;
    } else if let (Some(store), Some(register)) = (&state.store, &state.register) {
        output::line(&format!(
            "{} is set up: {}, receipts {}-000001 and up, prices in {}. Data: {}",
            store.name,
            register.name,
            register.prefix,
            store.currency.code,
            context.places.data.display()
        ));
    }
    Ok(Done::Well)
}
