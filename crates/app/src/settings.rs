//! What the shop has settled: its name, its money, its rules, its day.

use counterfoil_domain::pricing::PricingRules;
use counterfoil_domain::time::DayRule;
use counterfoil_domain::{BusinessDay, Currency, Timestamp};
use counterfoil_store::table::settings;
use counterfoil_store::{Connection, StoreError, Transaction};
use serde::{Deserialize, Serialize};

use crate::dto::{CurrencyView, Preferences, StoreView};
use crate::error::{AppError, ErrorCode, Result};

const STORE: &str = "store";
const CASHIER: &str = "cashier";
const PREFERENCES: &str = "preferences";
const LAST_CHANGE: &str = "lastChange";

/// The store as it was set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoreSettings {
    /// Its name.
    pub(crate) name: String,
    /// Its currency. Every amount in the database is in its minor unit.
    pub(crate) currency: Currency,
    /// How prices, taxes and cash are reckoned.
    pub(crate) rules: PricingRules,
    /// IANA name of its time zone.
    pub(crate) time_zone: String,
    /// When a business day starts, `04:00`.
    pub(crate) day_start: String,
}

impl StoreSettings {
    /// The business day of a moment.
    pub(crate) fn business_day(&self, at: Timestamp) -> Result<BusinessDay> {
        let rule = DayRule::new(&self.time_zone, &self.day_start)
            .map_err(|error| AppError::invalid(error.to_string()))?;
        Ok(rule.business_day(at))
    }

    pub(crate) fn view(&self) -> StoreView {
        let rounding = self.rules.cash_rounding;
        StoreView {
            name: self.name.clone(),
            currency: CurrencyView {
                code: self.currency.code().to_owned(),
                decimals: self.currency.decimals(),
            },
            prices_include_tax: self.rules.prices_include_tax,
            cash_rounding: rounding.map(|rounding| rounding.increment.into()),
            time_zone: self.time_zone.clone(),
        }
    }
}

/// The store, if one was set up.
pub(crate) fn store(conn: &Connection) -> Result<Option<StoreSettings>, StoreError> {
    settings::get(conn, STORE)
}

/// The store, or `not_set_up`.
pub(crate) fn require_store(conn: &Connection) -> Result<StoreSettings> {
    store(conn)?.ok_or_else(|| {
        AppError::new(
            ErrorCode::NotSetUp,
            "no store is set up yet; run counterfoilctl init, or start the desktop app",
        )
    })
}

pub(crate) fn set_store(tx: &Transaction<'_>, store: &StoreSettings) -> Result<(), StoreError> {
    settings::set(tx, STORE, store)
}

/// Who is at the till; empty when nobody has said.
pub(crate) fn cashier(conn: &Connection) -> Result<String, StoreError> {
    Ok(settings::get(conn, CASHIER)?.unwrap_or_default())
}

pub(crate) fn set_cashier(tx: &Transaction<'_>, name: &str) -> Result<(), StoreError> {
    settings::set(tx, CASHIER, &name)
}

pub(crate) fn preferences(conn: &Connection) -> Result<Preferences, StoreError> {
    Ok(settings::get(conn, PREFERENCES)?.unwrap_or_default())
}

pub(crate) fn set_preferences(
    tx: &Transaction<'_>,
    preferences: &Preferences,
) -> Result<(), StoreError> {
    settings::set(tx, PREFERENCES, preferences)
}

/// The change of the sale before, in minor units, until the next payment.
pub(crate) fn last_change(conn: &Connection) -> Result<Option<i64>, StoreError> {
    settings::get(conn, LAST_CHANGE)
}

pub(crate) fn set_last_change(tx: &Transaction<'_>, change: i64) -> Result<(), StoreError> {
    settings::set(tx, LAST_CHANGE, &change)
}
