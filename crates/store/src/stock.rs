//! A count of stock: thousandths of a unit, like a line's quantity, but without its upper bound.

use std::fmt;

use counterfoil_domain::Quantity;

use crate::error::StoreError;

/// How much of a product there is, in thousandths of its unit. Below zero when more was sold than
/// was known to be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stock(i64);

impl Stock {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// A count of thousandths.
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// The thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// The difference; refused where 64 bits cannot hold it.
    pub fn minus(self, other: Self) -> Result<Self, StoreError> {
        self.0
            .checked_sub(other.0)
            .map(Self)
            .ok_or_else(|| StoreError::Refused("more stock than can be counted".to_owned()))
    }
}

impl From<Quantity> for Stock {
    fn from(quantity: Quantity) -> Self {
        Self(quantity.thousandths())
    }
}

impl fmt::Display for Stock {
    /// The shortest decimal: `12`, `0.734`, `-1.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let (whole, fraction) = (magnitude / 1000, magnitude % 1000);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let decimals = format!("{fraction:03}");
        write!(f, "{sign}{whole}.{}", decimals.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stock_is_spelt_as_the_shortest_decimal() {
        let spelt = |thousandths| Stock::from_thousandths(thousandths).to_string();
        assert_eq!(spelt(12_000), "12");
        assert_eq!(spelt(734), "0.734");
        assert_eq!(spelt(-1_500), "-1.5");
        assert_eq!(spelt(i64::MIN), "-9223372036854775.808");
    }
}
