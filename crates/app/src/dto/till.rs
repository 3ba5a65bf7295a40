//! The till as a whole: is it set up, whose is it, how should it look.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Minor;
use crate::error::AppError;

/// What the window shows first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// There is no store yet: ask for its name, currency and register.
    SetUp,
    /// Selling can go on.
    Ready,
    /// The data cannot be used; `problem` says why and what to do.
    Blocked,
}

/// A currency and its decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CurrencyView {
    /// ISO 4217.
    pub code: String,
    /// Decimals of the minor unit.
    pub decimals: u8,
}

/// The store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StoreView {
    /// Its name.
    pub name: String,
    /// Its currency.
    pub currency: CurrencyView,
    /// Whether prices include the tax.
    pub prices_include_tax: bool,
    /// The smallest coin, in minor units; `null` when cash is not rounded.
    pub cash_rounding: Option<Minor>,
    /// IANA name.
    pub time_zone: String,
}

/// This register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RegisterView {
    /// Its name.
    pub name: String,
    /// The prefix of its receipt numbers.
    pub prefix: String,
}

/// Colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Theme {
    /// As the system does.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// High contrast, for glare.
    Contrast,
}

/// Language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

/// How large the controls are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Density {
    /// For bare fingers.
    #[default]
    Touch,
    /// For gloves.
    Glove,
}

/// How the window looks and sounds at this register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Preferences {
    /// Colours.
    pub theme: Theme,
    /// Language.
    pub locale: Locale,
    /// Whether scan, error and paid are heard.
    pub sounds: bool,
    /// How large the controls are.
    pub density: Density,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            locale: Locale::default(),
            sounds: true,
            density: Density::default(),
        }
    }
}

/// All that the window needs when it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AppState {
    /// What to show first.
    pub phase: Phase,
    /// Why selling cannot go on, and what to do.
    pub problem: Option<AppError>,
    /// The store.
    pub store: Option<StoreView>,
    /// This register.
    pub register: Option<RegisterView>,
    /// Why this register must say who it is before it sells: its database was copied or moved.
    pub identity: Option<AppError>,
    /// Who is at the till; empty when nobody has said.
    pub cashier: String,
    /// How the window looks and sounds.
    pub preferences: Preferences,
    /// The program's version.
    pub version: String,
}

/// How tax is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum TaxRoundingInput {
    /// On every line.
    Line,
    /// Once a receipt.
    Receipt,
}

/// A new store.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SetUpInput {
    /// The store's name.
    pub store_name: String,
    /// ISO 4217 code.
    pub currency: String,
    /// This register's name.
    pub register_name: String,
    /// The prefix of its receipt numbers: one to eight of A–Z and 0–9, unique in the store.
    pub receipt_prefix: String,
    /// Whether prices include the tax.
    pub prices_include_tax: bool,
    /// How tax is rounded.
    pub tax_rounding: TaxRoundingInput,
    /// The smallest coin, in minor units; `null` when cash is not rounded.
    pub cash_rounding: Option<Minor>,
    /// IANA name, `Europe/Berlin`.
    pub time_zone: String,
    /// When a new business day starts, `04:00`.
    pub day_start: String,
    /// Whether to fill the demo catalogue.
    pub demo: bool,
}

/// Whether this installation is the one that the register belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum InstallationState {
    /// It is.
    Matches,
    /// It is another one: the database of another register was put here.
    Differs,
    /// There is none here: the data directory was copied or moved.
    Missing,
    /// The database says nothing about it yet.
    Unknown,
}

/// Who this register is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct IdentityView {
    /// Its id.
    pub register_id: String,
    /// Its name.
    pub register_name: String,
    /// The prefix of its receipt numbers.
    pub receipt_prefix: String,
    /// The last number that it has given out; 0 before the first.
    pub last_receipt: u32,
    /// Since when it is this register.
    pub since: String,
    /// Whether this installation may be it.
    pub installation: InstallationState,
    /// What a sync has found that contradicts it.
    pub doubt: Option<String>,
}

/// A new identity, and who takes the responsibility for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NewIdentityInput {
    /// The prefix of the new receipt series, which no register of the store has had.
    pub receipt_prefix: String,
    /// The manager's name.
    pub by: String,
}
