//! Quantities: whole thousandths, so that a scale's grams and a pack of six are both exact.

use std::fmt;
use std::ops::Neg;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decimal;

/// A quantity in thousandths of its unit: pieces or kilograms. Negative on a line that goes back.
///
/// Spelt as the shortest decimal: `2`, `0.734`, `-1.5`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Quantity(i64);

/// Why a quantity was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a decimal number with at most three decimals.
    #[error("“{0}” is not a quantity; write one like 2 or 0.734")]
    Invalid(String),
    /// More than [`Quantity::MAX`].
    #[error("a quantity of {0} is more than one line can hold (1000000)")]
    TooLarge(String),
}

impl Quantity {
    /// One piece, or one kilogram.
    pub const ONE: Self = Self(1000);
    /// The largest quantity of a line: a million. More is a scan into the wrong field.
    pub const MAX: Self = Self(1_000_000_000);

    /// A quantity of `thousandths`, refused beyond ± a million units.
    pub fn new(thousandths: i64) -> Result<Self, QuantityError> {
        if thousandths.unsigned_abs() > Self::MAX.0.unsigned_abs() {
            return Err(QuantityError::TooLarge(decimal::shortest(thousandths, 3)));
        }
        Ok(Self(thousandths))
    }

    /// The thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// Whether it counts whole units.
    pub const fn is_whole(self) -> bool {
        self.0 % 1000 == 0
    }
}

impl Neg for Quantity {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::shortest(self.0, 3))
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match decimal::parse(text, 3) {
            Ok(thousandths) => Self::new(thousandths),
            Err(decimal::DecimalError::TooLarge) => Err(QuantityError::TooLarge(text.to_owned())),
            Err(decimal::DecimalError::Invalid) => Err(QuantityError::Invalid(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Quantity {
    type Error = QuantityError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Quantity> for String {
    fn from(quantity: Quantity) -> Self {
        quantity.to_string()
    }
}
