//! What a cart costs (rules R1 to R3 of `docs/MONEY.md`).

use serde::{Deserialize, Serialize};

use crate::cart::{Cart, CartLine, Discount};
use crate::money::Amount;
use crate::quantity::Quantity;
use crate::rate::Rate;
use crate::rounding::{HalfRule, divide};
use crate::spread::{Share, combined_ppm, largest_remainder, tie_ranks};
use crate::tax::{EXEMPT, LineTax, TaxTotal, line_taxes, tax_totals};

/// How a store reckons. Settled when it is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PricingRules {
    /// Whether the price on the shelf has the tax in it.
    pub prices_include_tax: bool,
    /// Where tax is rounded.
    pub tax_rounding: TaxRounding,
    /// Where a half goes.
    pub half: HalfRule,
    /// The smallest coin, where it is larger than the minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_rounding: Option<CashRounding>,
}

/// Where tax is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaxRounding {
    /// On each line and code.
    #[default]
    Line,
    /// Once per code over the receipt.
    Receipt,
}

/// Rounding of what is paid in cash (rule R4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CashRounding {
    /// The smallest coin in minor units, such as 5. One or less rounds nothing.
    pub increment: Amount,
    /// Where an amount half-way between two coins goes.
    #[serde(default)]
    pub tie: Tie,
}

/// Where an amount half-way between two coins goes, by its absolute value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// Away from zero.
    #[default]
    Up,
    /// Towards zero.
    Down,
}

impl PricingRules {
    /// Prices include tax, rounded per line, half up, no cash rounding: the usual shop in Europe.
    pub const INCLUDED: Self = Self {
        prices_include_tax: true,
        tax_rounding: TaxRounding::Line,
        half: HalfRule::Up,
        cash_rounding: None,
    };
}

/// Why a cart has no price. Lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the messages say it; fields are what they name"
)]
pub enum PricingError {
    #[error("a sale holds at most {limit} lines, not {found}")]
    TooManyLines { found: usize, limit: usize },
    #[error("line {line}: a quantity must be more than nothing, not {quantity}")]
    QuantityNotPositive { line: usize, quantity: Quantity },
    #[error("line {line}: a price cannot be negative ({price})")]
    NegativePrice { line: usize, price: Amount },
    #[error("line {line}: a cost cannot be negative")]
    NegativeCost { line: usize },
    #[error("line {line}: more than {limit} tax codes")]
    TooManyTaxes { line: usize, limit: usize },
    #[error("line {line}: the tax code “{code}” is there twice")]
    TaxTwice { line: usize, code: String },
    #[error("{}{field} is longer than {limit} characters", at(.line))]
    TextTooLong {
        line: Option<usize>,
        field: &'static str,
        limit: usize,
    },
    #[error("the texts of this sale are longer than {limit} bytes together")]
    TooMuchText { limit: usize },
    #[error("line {line}: the note holds a card number, which is never stored")]
    CardNumber { line: usize },
    #[error("{}a discount cannot be negative ({discount})", at(.line))]
    NegativeDiscount {
        line: Option<usize>,
        discount: Amount,
    },
    #[error("{}a discount of {percent} % is more than the whole", at(.line))]
    PercentTooLarge { line: Option<usize>, percent: Rate },
    #[error("line {line}: the discount of {discount} is more than the line, {amount}")]
    DiscountTooLarge {
        line: usize,
        discount: Amount,
        amount: Amount,
    },
    #[error("the discount of {discount} is more than the sale, {amount}")]
    CartDiscountTooLarge { discount: Amount, amount: Amount },
    #[error("{}the amount is beyond 9007199254740991 minor units", at(.line))]
    TooLarge { line: Option<usize> },
    #[error("the tax “{code}” stands beside too many different taxes to be rounded per receipt")]
    TaxTooManyMixes { code: String },
}

fn at(line: &Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!("line {line}: "))
}

/// What one line costs: `gross − own_discount − cart_share − relief = total`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine {
    /// Quantity times price, rounded.
    pub gross: Amount,
    /// The line's own discount.
    pub own_discount: Amount,
    /// Its share of the cart's discount.
    pub cart_share: Amount,
    /// Both discounts together.
    pub discount: Amount,
    /// The tax inside the price that an exempt customer does not pay; else nothing.
    pub relief: Amount,
    /// What the line comes to: with its tax where prices include it, without where it is added.
    pub total: Amount,
    /// Its taxes, in the order of the cart's line.
    pub taxes: Vec<LineTax>,
}

/// The discount on the whole, as it was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppliedDiscount {
    /// What was asked for: `kind` and `value`.
    #[serde(flatten)]
    pub value: DiscountValue,
    /// What it came to.
    pub amount: Amount,
    /// Why, if the cashier said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a discount asked for, as a record spells it: `"kind": "percent", "value": "10"` or
/// `"kind": "amount", "value": 50`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "camelCase")]
pub enum DiscountValue {
    /// A part of the price.
    Percent(Rate),
    /// An amount in minor units.
    Amount(Amount),
}

impl From<Discount> for DiscountValue {
    fn from(discount: Discount) -> Self {
        match discount {
            Discount::Percent(rate) => Self::Percent(rate),
            Discount::Amount(amount) => Self::Amount(amount),
        }
    }
}

/// What a cart costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedCart {
    /// Its lines, in the cart's order.
    pub lines: Vec<PricedLine>,
    /// Discounts on the whole; at most one today.
    pub discounts: Vec<AppliedDiscount>,
    /// Its taxes: the highest rate first, then by code.
    pub taxes: Vec<TaxTotal>,
    /// All taxes together.
    pub tax: Amount,
    /// What the customer owes, exact: cash rounding comes later and never changes it.
    pub total: Amount,
}

/// Prices a cart. An empty cart costs nothing.
///
/// No result depends on the order of the lines. Every step that would pass 2^53−1 is refused.
pub fn price(cart: &Cart, rules: &PricingRules) -> Result<PricedCart, PricingError> {
    cart.check()?;
    let mut lines = Vec::with_capacity(cart.lines.len());
    for (index, line) in cart.lines.iter().enumerate() {
        lines.push(price_line(line, index + 1, rules.half)?);
    }
    let discounts = apply_cart_discount(cart, &mut lines, rules.half)?;
    let totals: Vec<i128> = lines.iter().map(|line| line.total.wide()).collect();
    for (line, taxes) in lines
        .iter_mut()
        .zip(line_taxes(&cart.lines, &totals, rules)?)
    {
        line.taxes = taxes;
    }
    if cart.tax_exempt.is_some() {
        for (line, cart_line) in lines.iter_mut().zip(&cart.lines) {
            exempt(line, cart_line, rules.prices_include_tax)?;
        }
    }
    let taxes = tax_totals(
        lines.iter().flat_map(|line| &line.taxes),
        rules.prices_include_tax,
    )?;
    let too_large = |_| PricingError::TooLarge { line: None };
    let tax = Amount::total(taxes.iter().map(|tax| tax.tax)).map_err(too_large)?;
    let goods = Amount::total(lines.iter().map(|line| line.total)).map_err(too_large)?;
    let added = if rules.prices_include_tax {
        Amount::ZERO
    } else {
        tax
    };
    let total = goods.plus(added).map_err(too_large)?;
    Ok(PricedCart {
        lines,
        discounts,
        taxes,
        tax,
        total,
    })
}

/// R1: quantity times price, rounded; the discount is rounded itself and then subtracted.
fn price_line(line: &CartLine, number: usize, half: HalfRule) -> Result<PricedLine, PricingError> {
    let too_large = |_| PricingError::TooLarge { line: Some(number) };
    let exact = i128::from(line.quantity.thousandths()) * line.unit_price.wide();
    let one = i128::from(Quantity::ONE.thousandths());
    let gross = Amount::from_wide(divide(exact, one, half)).map_err(too_large)?;
    let own = match line.discount {
        Some(discount) => discount_of(discount, gross, Some(number), half)?,
        None => Amount::ZERO,
    };
    let total = gross.minus(own).map_err(too_large)?;
    if total.is_negative() {
        let (discount, amount) = (own, gross);
        return Err(PricingError::DiscountTooLarge {
            line: number,
            discount,
            amount,
        });
    }
    Ok(PricedLine {
        gross,
        own_discount: own,
        cart_share: Amount::ZERO,
        discount: own,
        relief: Amount::ZERO,
        total,
        taxes: Vec::new(),
    })
}

/// What a discount takes off `whole`, rounded.
fn discount_of(
    discount: Discount,
    whole: Amount,
    line: Option<usize>,
    half: HalfRule,
) -> Result<Amount, PricingError> {
    match discount {
        Discount::Amount(amount) if amount.is_negative() => Err(PricingError::NegativeDiscount {
            line,
            discount: amount,
        }),
        Discount::Amount(amount) => Ok(amount),
        Discount::Percent(percent) if percent.ppm() > Rate::WHOLE_PPM => {
            Err(PricingError::PercentTooLarge { line, percent })
        }
        Discount::Percent(percent) => {
            let exact = whole.wide() * i128::from(percent.ppm());
            Amount::from_wide(divide(exact, i128::from(Rate::WHOLE_PPM), half))
                .map_err(|_| PricingError::TooLarge { line })
        }
    }
}

/// R2: rounded once, spread over the lines by largest remainder.
fn apply_cart_discount(
    cart: &Cart,
    lines: &mut [PricedLine],
    half: HalfRule,
) -> Result<Vec<AppliedDiscount>, PricingError> {
    let too_large = |_| PricingError::TooLarge { line: None };
    let sum = Amount::total(lines.iter().map(|line| line.total)).map_err(too_large)?;
    let Some(asked) = cart
        .discount
        .as_ref()
        .filter(|asked| !asked.discount.is_zero())
    else {
        return Ok(Vec::new());
    };
    let amount = discount_of(asked.discount, sum, None, half)?;
    if amount > sum {
        return Err(PricingError::CartDiscountTooLarge {
            discount: amount,
            amount: sum,
        });
    }
    if !amount.is_zero() {
        let sizes: Vec<i128> = lines.iter().map(|line| line.total.wide()).collect();
        let shares: Vec<Share> = sizes
            .iter()
            .map(|size| Share::of(amount.wide() * size, sum.wide()))
            .collect();
        let ranks = tie_ranks(&cart.lines, &sizes);
        let parts = largest_remainder(amount.wide(), &shares, &ranks);
        for (line, part) in lines.iter_mut().zip(parts) {
            line.cart_share = Amount::from_wide(part).map_err(too_large)?;
            line.discount = line.own_discount.plus(line.cart_share).map_err(too_large)?;
            line.total = line.total.minus(line.cart_share).map_err(too_large)?;
        }
    }
    let reason = asked.reason.clone().filter(|reason| !reason.is_empty());
    Ok(vec![AppliedDiscount {
        value: asked.discount.into(),
        amount,
        reason,
    }])
}

/// No tax is charged; where the price had it inside, the net is what is charged. Zero-rated goods
/// stay zero-rated.
fn exempt(
    line: &mut PricedLine,
    cart_line: &CartLine,
    prices_include_tax: bool,
) -> Result<(), PricingError> {
    if combined_ppm(cart_line) == 0 {
        return Ok(());
    }
    let too_large = |_| PricingError::TooLarge { line: None };
    if prices_include_tax {
        line.relief = Amount::total(line.taxes.iter().map(|tax| tax.tax)).map_err(too_large)?;
        line.total = line.total.minus(line.relief).map_err(too_large)?;
    }
    line.taxes = vec![LineTax {
        code: EXEMPT.to_owned(),
        rate: Rate::ZERO,
        base: line.total,
        tax: Amount::ZERO,
    }];
    Ok(())
}
