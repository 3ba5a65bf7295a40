//! Amounts as the window sees them.

use counterfoil_domain::{Amount, MoneyError};
use serde::{Deserialize, Serialize};
use specta::datatype::DataType;
use specta::{Type, Types};
use specta_typescript::Number;

/// An amount in minor units: a JSON number, a `number` in TypeScript.
///
/// Nothing beyond ±(2^53−1) gets in or out, so the webview keeps every unit exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Minor(Amount);

impl Minor {
    /// The amount behind it.
    pub const fn amount(self) -> Amount {
        self.0
    }
}

impl Type for Minor {
    fn definition(types: &mut Types) -> DataType {
        Number::<i64>::definition(types)
    }
}

impl From<Amount> for Minor {
    fn from(amount: Amount) -> Self {
        Self(amount)
    }
}

impl From<Minor> for Amount {
    fn from(minor: Minor) -> Self {
        minor.0
    }
}

impl TryFrom<i64> for Minor {
    type Error = MoneyError;

    fn try_from(minor: i64) -> Result<Self, Self::Error> {
        Amount::new(minor).map(Self)
    }
}

impl From<Minor> for i64 {
    fn from(minor: Minor) -> Self {
        minor.0.minor()
    }
}
