//! Percentages: tax rates and percent discounts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decimal;

/// A percentage in ten-thousandths of a percent (parts per million of the whole): `8.25` is 82 500.
///
/// Spelt as the shortest decimal of percents: `20`, `8.25`, `9.975`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Rate(i64);

/// Text that is not a percentage between 0 and 1000 with at most four decimals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a percentage; write one like 20 or 8.25")]
pub struct InvalidRate(pub String);

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The whole: 100 percent, in parts per million.
    pub const WHOLE_PPM: i64 = 1_000_000;

    /// A rate in parts per million, refused when negative or beyond 1000 percent.
    pub fn from_ppm(ppm: i64) -> Result<Self, InvalidRate> {
        if (0..=10 * Self::WHOLE_PPM).contains(&ppm) {
            Ok(Self(ppm))
        } else {
            Err(InvalidRate(decimal::shortest(ppm, 4)))
        }
    }

    /// Parts per million.
    pub const fn ppm(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::shortest(self.0, 4))
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        decimal::parse(text, 4)
            .map_err(|_| InvalidRate(text.to_owned()))
            .and_then(Self::from_ppm)
    }
}

impl TryFrom<String> for Rate {
    type Error = InvalidRate;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}
