//! The first start: a store, a register, perhaps the demo catalogue.

use counterfoil_domain::currency::Currency;
use counterfoil_domain::pricing::{CashRounding, PricingRules, TaxRounding, Tie};
use counterfoil_domain::rounding::HalfRule;
use counterfoil_domain::tax::EXEMPT;
use counterfoil_domain::time::DayRule;
use counterfoil_domain::{Amount, Rate, ReceiptPrefix, RegisterId};
use counterfoil_store::Transaction;
use counterfoil_store::table::{register, tax_codes};

use crate::demo;
use crate::dto::{AppState, SetUpInput, TaxRoundingInput};
use crate::error::{AppError, ErrorCode, Result};
use crate::import::import_rows;
use crate::settings::{self, StoreSettings};
use crate::till::Till;

/// The longest name of a store or a register, in characters.
const MAX_NAME: usize = 100;
/// What cash can be rounded to, in minor units.
const COINS: [i64; 6] = [5, 10, 20, 25, 50, 100];

/// The code of goods that are taxed at nothing; another thing than exempt.
const ZERO_RATED: &str = "zero";

/// Where halves go: what the law of a country may ask, and few stores choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Halves {
    /// Of prices, discounts and taxes.
    pub half: HalfRule,
    /// Of cash that lies half-way between two coins.
    pub cash: Tie,
}

impl Till {
    /// Whether these answers make a store. Nothing is opened or written.
    pub fn check_set_up(input: &SetUpInput) -> Result<()> {
        settled(input, Halves::default()).map(drop)
    }

    /// Sets up the store and this register, and fills the demo catalogue if asked to.
    ///
    /// # Errors
    /// `already_set_up`; `invalid_input` for a name, currency, prefix, zone or time that is none.
    pub fn set_up_store(&self, input: SetUpInput) -> Result<AppState> {
        self.set_up_store_with(input, Halves::default())
    }

    /// The same, with another choice of where halves go.
    pub fn set_up_store_with(&self, input: SetUpInput, halves: Halves) -> Result<AppState> {
        let (store, name, prefix) = settled(&input, halves)?;
        let (now, id) = (self.clock().now(), RegisterId::new(self.ids().uuid()));
        let installation = self.db()?.installation().cloned();
        let fresh = installation.is_some().then(|| self.ids().uuid());
        self.write(move |tx| {
            if settings::store(tx)?.is_some() {
                return Err(AppError::new(
                    ErrorCode::AlreadySetUp,
                    "a store is set up here already; use another data directory for another one",
                ));
            }
            settings::set_store(tx, &store)?;
            // Refused before anything is sold, where this user may not write there.
            let installation_id = installation
                .zip(fresh)
                .map(|(installation, fresh)| installation.ensure(fresh))
                .transpose()?;
            let register = register::Register {
                register_id: id,
                name,
                prefix,
                installation_id: installation_id.map(|id| id.to_string()),
                since: now,
            };
            register::make_current(tx, &register)?;
            set_untaxed_codes(tx)?;
            if input.demo {
                let demo = demo::catalogue(&store.currency)?;
                import_rows(tx, &demo, false, now, &mut |_| {})?;
            }
            tracing::info!(register_id = %id, demo = input.demo, "the store is set up");
            Ok(())
        })?;
        self.app_state()
    }
}

/// What the wizard's answers amount to.
fn settled(input: &SetUpInput, halves: Halves) -> Result<(StoreSettings, String, ReceiptPrefix)> {
    let invalid = |error: String| AppError::invalid(error);
    let currency = Currency::parse(&input.currency).map_err(|e| invalid(e.to_string()))?;
    if !currency.is_listed() {
        return Err(invalid(format!(
            "“{currency}” is no currency of ISO 4217; write one like EUR"
        )));
    }
    let prefix = ReceiptPrefix::new(&input.receipt_prefix).map_err(|e| invalid(e.to_string()))?;
    DayRule::new(&input.time_zone, &input.day_start).map_err(|e| invalid(e.to_string()))?;
    let increment = input.cash_rounding.map(Amount::from);
    if increment.is_some_and(|minor| !COINS.contains(&minor.minor())) {
        return Err(AppError::new(
            ErrorCode::InvalidAmount,
            "cash is rounded to a coin of 5, 10, 20, 25, 50 or 100 in minor units (5 for five cents)",
        ));
    }
    let rules = PricingRules {
        prices_include_tax: input.prices_include_tax,
        tax_rounding: match input.tax_rounding {
            TaxRoundingInput::Line => TaxRounding::Line,
            TaxRoundingInput::Receipt => TaxRounding::Receipt,
        },
        half: halves.half,
        cash_rounding: increment.map(|increment| CashRounding {
            increment,
            tie: halves.cash,
        }),
    };
    let store = StoreSettings {
        name: named("store", &input.store_name)?,
        currency,
        rules,
        time_zone: input.time_zone.clone(),
        day_start: input.day_start.clone(),
    };
    Ok((store, named("register", &input.register_name)?, prefix))
}

/// A name as it is kept.
///
/// # Errors
/// `invalid_input` where it is none; `what` has it.
pub(crate) fn named(what: &str, text: &str) -> Result<String> {
    let name = counterfoil_domain::document::nfc(text.trim());
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(AppError::invalid(format!(
            "the {what}'s name must have 1 to {MAX_NAME} characters"
        )));
    }
    Ok(name)
}

/// Zero-rated and exempt goods carry codes of their own, without a percentage that names them.
fn set_untaxed_codes(tx: &Transaction<'_>) -> Result<()> {
    for code in [ZERO_RATED, EXEMPT] {
        let code = tax_codes::TaxCode {
            code: code.to_owned(),
            rate: Rate::ZERO,
        };
        tax_codes::set(tx, &code)?;
    }
    Ok(())
}
