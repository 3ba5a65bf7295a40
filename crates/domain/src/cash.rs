//! Cash: rounding to the smallest coin (rule R4 of `docs/MONEY.md`) and the keys that a till offers.

use crate::currency::Currency;
use crate::money::{Amount, MoneyError};
use crate::pricing::{CashRounding, Tie};

/// `amount` rounded to the smallest coin, on its absolute value; half-way by the tie rule.
pub fn round_cash(amount: Amount, rounding: Option<CashRounding>) -> Result<Amount, MoneyError> {
    let Some(CashRounding { increment, tie }) = rounding.filter(|r| r.increment.minor() > 1) else {
        return Ok(amount);
    };
    let (coin, magnitude) = (increment.wide(), amount.abs().wide());
    let rest = magnitude % coin;
    let up = match (rest * 2).cmp(&coin) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => tie == Tie::Up,
    };
    let rounded = magnitude - rest + if up { coin } else { 0 };
    Amount::from_wide(if amount.is_negative() {
        -rounded
    } else {
        rounded
    })
}

/// Keys at most that [`quick_cash`] offers.
pub const MAX_QUICK_CASH: usize = 6;

/// The larger coins and then the notes of a currency, each times `unit` minor units.
struct Denominations {
    unit: i128,
    coins: &'static [i128],
    notes: &'static [i128],
}

const fn of(unit: i128, coins: &'static [i128], notes: &'static [i128]) -> Denominations {
    Denominations { unit, coins, notes }
}

/// What is in people's purses. A currency that is not listed is served by its decimals.
fn denominations(currency: &Currency) -> Denominations {
    match currency.code() {
        "EUR" => of(100, &[1, 2], &[5, 10, 20, 50, 100, 200]),
        "USD" => of(100, &[], &[1, 5, 10, 20, 50, 100]),
        "GBP" => of(100, &[1, 2], &[5, 10, 20, 50]),
        "CHF" => of(100, &[1, 2, 5], &[10, 20, 50, 100, 200]),
        "SEK" => of(100, &[1, 5, 10], &[20, 50, 100, 200, 500]),
        "NOK" | "DKK" => of(100, &[1, 5, 10, 20], &[50, 100, 200, 500]),
        "PLN" => of(100, &[1, 5], &[10, 20, 50, 100, 200]),
        "CZK" => of(100, &[10, 50], &[100, 200, 500, 1000]),
        "JPY" => of(1, &[10, 100, 500], &[1000, 5000, 10_000]),
        "KRW" => of(100, &[1, 5], &[10, 50, 100, 500]),
        "KWD" => of(50, &[2], &[5, 10, 20, 100, 200, 400]),
        "BHD" | "OMR" => of(100, &[1], &[5, 10, 50, 100, 200]),
        _ => match currency.decimals() {
            0 => of(10, &[1, 10], &[50, 100, 200, 500, 1000]),
            3 => of(100, &[1, 5], &[10, 50, 100, 200, 500]),
            _ => of(100, &[1, 2], &[5, 10, 20, 50, 100]),
        },
    }
}

/// What a customer is likely to hand over for `due`: the exact amount, then the next sums of like
/// notes up, smallest first, [`MAX_QUICK_CASH`] at most.
///
/// Coins count only where the amount is below the smallest note: nobody pays 137 with coins of 2.
pub fn quick_cash(due: Amount, currency: Currency) -> Vec<Amount> {
    if due.is_negative() {
        return Vec::new();
    }
    let mut keys = vec![due];
    if due.is_zero() {
        return keys;
    }
    let Denominations { unit, coins, notes } = denominations(&currency);
    let below_notes = notes
        .first()
        .is_some_and(|smallest| due.wide() < smallest * unit);
    let coins = if below_notes { coins } else { &[] };
    for piece in coins.iter().chain(notes).map(|piece| piece * unit) {
        let next = (due.wide() + piece - 1) / piece * piece;
        if let Ok(key) = Amount::from_wide(next) {
            keys.push(key);
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys.truncate(MAX_QUICK_CASH);
    keys
}
