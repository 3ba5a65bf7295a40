//! Spreading whole units over lines by largest remainder, without regard to the order of the lines.

use std::cmp::Ordering;

use crate::cart::{CartLine, TaxRate};

/// For each line its place in the order in which ties are broken: the larger line first (by
/// `sizes`), then the higher rate, then the sku.
///
/// Lines that still tie are told apart by the rest of what they hold, so that position decides
/// only between lines that are equal in everything, where it makes no difference to anybody.
pub(crate) fn tie_ranks(lines: &[CartLine], sizes: &[i128]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|&one, &other| {
        sizes[other]
            .cmp(&sizes[one])
            .then_with(|| compare(&lines[one], &lines[other]))
            .then(one.cmp(&other))
    });
    let mut ranks = vec![0; lines.len()];
    for (rank, index) in order.into_iter().enumerate() {
        ranks[index] = rank;
    }
    ranks
}

/// The rates of all codes of a line together, in parts per million.
pub(crate) fn combined_ppm(line: &CartLine) -> i128 {
    line.taxes
        .iter()
        .map(|tax| i128::from(tax.rate.ppm()))
        .sum()
}

fn compare(one: &CartLine, other: &CartLine) -> Ordering {
    let sorted = |line: &CartLine| {
        let mut taxes: Vec<TaxRate> = line.taxes.clone();
        taxes.sort();
        taxes
    };
    combined_ppm(other)
        .cmp(&combined_ppm(one))
        .then_with(|| one.sku.cmp(&other.sku))
        .then_with(|| other.quantity.cmp(&one.quantity))
        .then_with(|| one.unit_price.cmp(&other.unit_price))
        .then_with(|| sorted(one).cmp(&sorted(other)))
        .then_with(|| one.discount.cmp(&other.discount))
        .then_with(|| one.name.cmp(&other.name))
        .then_with(|| one.note.cmp(&other.note))
        .then_with(|| one.unit.cmp(&other.unit))
        .then_with(|| one.unit_cost.cmp(&other.unit_cost))
        .then_with(|| one.product_id.cmp(&other.product_id))
}

/// A line's exact share: `floor + rest / divisor`, with `0 ≤ rest < divisor`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) floor: i128,
    pub(crate) rest: i128,
    pub(crate) divisor: i128,
}

impl Share {
    /// The share `numerator / divisor` of something that is not negative.
    pub(crate) const fn of(numerator: i128, divisor: i128) -> Self {
        Self {
            floor: numerator / divisor,
            rest: numerator % divisor,
            divisor,
        }
    }
}

/// Whole units that add up to `whole`: each share gets its floor, and what is missing goes one by
/// one to the largest fractions, ties by `ranks`.
///
/// `whole` must lie between the sum of the floors and the sum of the ceilings, which holds for the
/// shares of `whole` itself and for their sum rounded to a whole number.
pub(crate) fn largest_remainder(whole: i128, shares: &[Share], ranks: &[usize]) -> Vec<i128> {
    let mut parts: Vec<i128> = shares.iter().map(|share| share.floor).collect();
    let missing = whole - parts.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|&one, &other| {
        let (a, b) = (&shares[one], &shares[other]);
        // a.rest / a.divisor against b.rest / b.divisor; both divisors stay below 2^54.
        (b.rest * a.divisor)
            .cmp(&(a.rest * b.divisor))
            .then(ranks[one].cmp(&ranks[other]))
    });
    let missing = usize::try_from(missing).unwrap_or(0);
    debug_assert!(
        missing <= parts.len(),
        "each line takes one missing unit at most"
    );
    for index in order.into_iter().take(missing) {
        parts[index] += 1;
    }
    parts
}
