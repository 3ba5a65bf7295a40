//! Rounding, in one place: every quotient of the till goes through [`divide`].

use serde::{Deserialize, Serialize};

/// What happens to a half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HalfRule {
    /// Away from zero, on the absolute value: the usual commercial rounding.
    #[default]
    Up,
    /// To the even neighbour.
    Even,
}

/// `numerator / denominator` rounded to a whole number; a half goes by `half`.
///
/// The denominator must be positive.
pub fn divide(numerator: i128, denominator: i128, half: HalfRule) -> i128 {
    debug_assert!(denominator > 0, "a divisor of money is positive");
    let magnitude = numerator.unsigned_abs();
    let divisor = denominator.unsigned_abs();
    let (quotient, rest) = (magnitude / divisor, magnitude % divisor);
    let up = match (rest * 2).cmp(&divisor) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => half == HalfRule::Up || quotient % 2 == 1,
    };
    // Sums of products of two 53-bit integers stay far below 127 bits.
    let rounded = i128::try_from(quotient + u128::from(up)).unwrap_or(i128::MAX);
    if numerator < 0 { -rounded } else { rounded }
}
