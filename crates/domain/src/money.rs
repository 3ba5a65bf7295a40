//! Amounts of money: integers in the currency's minor unit, never a float.

use std::fmt;
use std::iter::Sum;
use std::ops::Neg;

use serde::{Deserialize, Serialize};

/// An amount in the minor unit of the store's currency (cents, yen, fils).
///
/// Its absolute value is at most [`Amount::MAX`], 2^53−1, so that it survives every JSON number on
/// its way to the window, to Firestore and back.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

/// An amount that cannot be represented exactly everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the amount is beyond 9007199254740991 minor units, more than a till can count exactly")]
pub struct MoneyError;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount: 2^53−1 minor units, the largest integer that every JSON reader keeps
    /// exact (RFC 8259, section 6).
    pub const MAX: Self = Self((1 << 53) - 1);

    /// An amount of `minor` units, refused beyond ±(2^53−1).
    pub const fn new(minor: i64) -> Result<Self, MoneyError> {
        if minor > Self::MAX.0 || minor < -Self::MAX.0 {
            Err(MoneyError)
        } else {
            Ok(Self(minor))
        }
    }

    /// The same from the wide integers of intermediate results.
    pub fn from_wide(minor: i128) -> Result<Self, MoneyError> {
        i64::try_from(minor)
            .map_err(|_| MoneyError)
            .and_then(Self::new)
    }

    /// The minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// The minor units, widened for products.
    pub fn wide(self) -> i128 {
        i128::from(self.0)
    }

    /// Whether this is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The same for serde's `skip_serializing_if`: a zero that is optional is absent.
    pub(crate) const fn is_zero_ref(&self) -> bool {
        self.0 == 0
    }

    /// Whether this is less than nothing.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The absolute value.
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// The sum, refused beyond ±(2^53−1).
    pub const fn plus(self, other: Self) -> Result<Self, MoneyError> {
        // Two amounts of 53 bits cannot overflow 64.
        Self::new(self.0 + other.0)
    }

    /// The difference, refused beyond ±(2^53−1).
    pub const fn minus(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(self.0 - other.0)
    }

    /// The sum of many, refused beyond ±(2^53−1).
    pub fn total(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        Self::from_wide(amounts.into_iter().map(Self::wide).sum())
    }
}

impl Neg for Amount {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl fmt::Display for Amount {
    /// The bare minor units; [`Currency::format`](crate::Currency::format) gives the decimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl TryFrom<i64> for Amount {
    type Error = MoneyError;

    fn try_from(minor: i64) -> Result<Self, Self::Error> {
        Self::new(minor)
    }
}

impl From<Amount> for i64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

/// A wide sum for assertions and figures that are brought back by [`Amount::from_wide`].
impl Sum<Amount> for i128 {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Self {
        amounts.map(Amount::wide).sum()
    }
}
