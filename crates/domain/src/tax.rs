//! Tax (rule R3 of `docs/MONEY.md`): included or added, rounded per line or once per receipt.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cart::CartLine;
use crate::money::Amount;
use crate::pricing::{PricingError, PricingRules, TaxRounding};
use crate::rate::Rate;
use crate::rounding::{HalfRule, divide};
use crate::spread::{Share, combined_ppm, largest_remainder, tie_ranks};

/// The code under which a line of an exempt sale is recorded, with a rate of zero.
pub const EXEMPT: &str = "exempt";

/// One tax on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineTax {
    /// The store's name for the tax.
    pub code: String,
    /// Its percentage.
    pub rate: Rate,
    /// What the tax is reckoned from. Prices that include tax: the line with this tax in it and
    /// without the line's other taxes. Tax that is added: the line.
    pub base: Amount,
    /// The tax.
    pub tax: Amount,
}

/// One tax over the whole receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxTotal {
    /// The store's name for the tax.
    pub code: String,
    /// Its percentage.
    pub rate: Rate,
    /// What was sold, without this tax.
    pub net: Amount,
    /// The tax.
    pub tax: Amount,
    /// Net and tax together.
    pub gross: Amount,
}

/// The taxes of every line whose total (after all discounts) is given.
pub(crate) fn line_taxes(
    lines: &[CartLine],
    totals: &[i128],
    rules: &PricingRules,
) -> Result<Vec<Vec<LineTax>>, PricingError> {
    let shares: Vec<Vec<Share>> = lines
        .iter()
        .zip(totals)
        .map(|(line, total)| exact(line, *total, rules))
        .collect();
    let taxes = match rules.tax_rounding {
        TaxRounding::Line => per_line(&shares, rules.half),
        TaxRounding::Receipt => per_receipt(lines, totals, &shares, rules.half)?,
    };
    let mut all = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let together: i128 = taxes[index].iter().sum();
        let mut rows = Vec::with_capacity(line.taxes.len());
        for (tax, amount) in line.taxes.iter().zip(&taxes[index]) {
            let others = if rules.prices_include_tax {
                together - amount
            } else {
                0
            };
            let wide = |value| {
                Amount::from_wide(value).map_err(|_| PricingError::TooLarge {
                    line: Some(index + 1),
                })
            };
            rows.push(LineTax {
                code: tax.code.clone(),
                rate: tax.rate,
                base: wide(totals[index] - others)?,
                tax: wide(*amount)?,
            });
        }
        all.push(rows);
    }
    Ok(all)
}

/// The exact tax of each code of a line. Included: `total × r / (100 + all rates of the line)`, so
/// that every code is reckoned from the same net; with one code that is `base × r / (100 + r)`.
fn exact(line: &CartLine, total: i128, rules: &PricingRules) -> Vec<Share> {
    let included = if rules.prices_include_tax {
        combined_ppm(line)
    } else {
        0
    };
    let divisor = i128::from(Rate::WHOLE_PPM) + included;
    let share = |ppm| Share::of(total * i128::from(ppm), divisor);
    line.taxes.iter().map(|tax| share(tax.rate.ppm())).collect()
}

fn per_line(shares: &[Vec<Share>], half: HalfRule) -> Vec<Vec<i128>> {
    let round = |share: &Share| {
        divide(
            share.floor * share.divisor + share.rest,
            share.divisor,
            half,
        )
    };
    shares
        .iter()
        .map(|line| line.iter().map(round).collect())
        .collect()
}

fn per_receipt(
    lines: &[CartLine],
    totals: &[i128],
    shares: &[Vec<Share>],
    half: HalfRule,
) -> Result<Vec<Vec<i128>>, PricingError> {
    let ranks = tie_ranks(lines, totals);
    let mut places: BTreeMap<(&str, Rate), Vec<(usize, usize)>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        for (position, tax) in line.taxes.iter().enumerate() {
            places
                .entry((&tax.code, tax.rate))
                .or_default()
                .push((index, position));
        }
    }
    let mut taxes: Vec<Vec<i128>> = shares.iter().map(|line| vec![0; line.len()]).collect();
    for ((code, _), places) in places {
        let shares: Vec<Share> = places.iter().map(|&(line, at)| shares[line][at]).collect();
        let ranks: Vec<usize> = places.iter().map(|&(line, _)| ranks[line]).collect();
        let whole = rounded_sum(&shares, half).ok_or_else(|| PricingError::TaxTooManyMixes {
            code: code.to_owned(),
        })?;
        let parts = largest_remainder(whole, &shares, &ranks);
        for (&(line, at), part) in places.iter().zip(parts) {
            taxes[line][at] = part;
        }
    }
    Ok(taxes)
}

/// The exact sum of `shares`, rounded once. Their divisors differ only where prices include tax and
/// the lines of one code carry different other codes; `None` when there are so many different
/// mixes that the common divisor is beyond 126 bits.
fn rounded_sum(shares: &[Share], half: HalfRule) -> Option<i128> {
    let mut whole = 0_i128;
    let mut rests: BTreeMap<i128, i128> = BTreeMap::new();
    for share in shares {
        whole += share.floor;
        *rests.entry(share.divisor).or_default() += share.rest;
    }
    let (mut rest, mut divisor) = (0_i128, 1_i128);
    for (next_divisor, next_rest) in rests {
        let common = (next_divisor / gcd(divisor, next_divisor)).checked_mul(divisor)?;
        rest = rest
            .checked_mul(common / divisor)?
            .checked_add(next_rest.checked_mul(common / next_divisor)?)?;
        divisor = common;
    }
    whole += rest / divisor;
    rest %= divisor;
    // Only whether the whole is odd matters for a half that goes to the even neighbour.
    let odd = whole % 2;
    let last = odd.checked_mul(divisor)?.checked_add(rest)?;
    last.checked_mul(2)?;
    Some(whole - odd + divide(last, divisor, half))
}

const fn gcd(mut one: i128, mut other: i128) -> i128 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// The receipt's taxes from those of its lines: the highest rate first, then by code.
pub(crate) fn tax_totals<'a>(
    taxes: impl IntoIterator<Item = &'a LineTax>,
    prices_include_tax: bool,
) -> Result<Vec<TaxTotal>, PricingError> {
    let mut sums: BTreeMap<(Reverse<Rate>, &str), (i128, i128)> = BTreeMap::new();
    for tax in taxes {
        let (base, amount) = sums.entry((Reverse(tax.rate), &tax.code)).or_default();
        *base += tax.base.wide();
        *amount += tax.tax.wide();
    }
    let wide = |value| Amount::from_wide(value).map_err(|_| PricingError::TooLarge { line: None });
    sums.into_iter()
        .map(|((Reverse(rate), code), (base, tax))| {
            let net = if prices_include_tax { base - tax } else { base };
            Ok(TaxTotal {
                code: code.to_owned(),
                rate,
                net: wide(net)?,
                tax: wide(tax)?,
                gross: wide(net + tax)?,
            })
        })
        .collect()
}
