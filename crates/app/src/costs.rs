//! What the cloud bills for this register's sync, and what that comes to at prices that can be set.
//!
//! Prices are millionths of a unit of money for 100,000 operations, because that is how Google lists them:
//! whole numbers throughout, never a float. They have a currency of their own; the shop's is another matter.

use counterfoil_domain::Timestamp;
use counterfoil_store::table::settings;
use counterfoil_store::table::sync_costs::{self, Cost};
use counterfoil_store::{Connection, StoreError};
use counterfoil_sync::{Purpose, Spent};
use serde::{Deserialize, Serialize};

use crate::dto::{CostOfPurpose, CostPurpose, CostSum, SyncCosts, SyncPrices};
use crate::error::{AppError, Result};
use crate::settings::require_store;
use crate::till::Till;

const PRICES: &str = "syncPrices";
/// Prices are for so many operations.
const OPERATIONS: u128 = 100_000;
/// Millionths of a unit of money.
const MICROS: u64 = 1_000_000;
const PLACES: usize = 6;
/// Nobody pays more for 100,000 operations; a price beyond is a slip of the finger.
const MAX_PRICE: u64 = 1_000_000 * MICROS;

/// What the cloud asks for its operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prices {
    currency: String,
    reads_micros: u64,
    writes_micros: u64,
}

impl Default for Prices {
    /// What Google lists for the multi-region of the United States
    /// (<https://firebase.google.com/docs/firestore/pricing>); `docs/SYNC.md` says when that was read, and what
    /// other places cost.
    fn default() -> Self {
        Self {
            currency: "USD".to_owned(),
            reads_micros: 60_000,
            writes_micros: 180_000,
        }
    }
}

impl Prices {
    fn parse(input: &SyncPrices) -> Result<Self> {
        let currency = input.currency.trim().to_ascii_uppercase();
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let message = "the prices' currency is three letters, like USD";
            return Err(AppError::invalid(message));
        }
        Ok(Self {
            currency,
            reads_micros: price(&input.reads)?,
            writes_micros: price(&input.writes)?,
        })
    }

    fn view(&self) -> SyncPrices {
        SyncPrices {
            currency: self.currency.clone(),
            reads: spelt(self.reads_micros.into()),
            writes: spelt(self.writes_micros.into()),
        }
    }

    /// What these operations cost, in millionths, times `factor` over `divisor`, rounded to the nearest.
    fn of(&self, spent: Spent, factor: u64, divisor: u64) -> u128 {
        let money = u128::from(spent.reads) * u128::from(self.reads_micros)
            + u128::from(spent.writes) * u128::from(self.writes_micros);
        let over = OPERATIONS * u128::from(divisor.max(1));
        (money.saturating_mul(factor.into()) + over / 2) / over
    }

    fn sum(&self, costs: &[Cost]) -> CostSum {
        let all = costs.iter().fold(Spent::default(), |sum, cost| Spent {
            reads: sum.reads.saturating_add(cost.spent.reads),
            writes: sum.writes.saturating_add(cost.spent.writes),
        });
        let sales = costs.iter().map(|cost| cost.sales).sum();
        let purposes = costs.iter().map(|cost| CostOfPurpose {
            purpose: purpose(cost.purpose),
            reads: count(cost.spent.reads),
            writes: count(cost.spent.writes),
            reads_per_sale: per_sale(cost.spent.reads, sales),
            writes_per_sale: per_sale(cost.spent.writes, sales),
            money: spelt(self.of(cost.spent, 1, 1)),
        });
        CostSum {
            sales: count(sales),
            reads: count(all.reads),
            writes: count(all.writes),
            reads_per_sale: per_sale(all.reads, sales),
            writes_per_sale: per_sale(all.writes, sales),
            money: spelt(self.of(all, 1, 1)),
            money_per_thousand_sales: (sales > 0).then(|| spelt(self.of(all, 1_000, sales))),
            purposes: purposes.collect(),
        }
    }
}

impl Till {
    /// What the cloud asks for its operations, as it was last set; Google's list where nobody has set it.
    pub fn sync_prices(&self) -> Result<SyncPrices> {
        self.read(|conn| {
            require_store(conn)?;
            Ok(prices(conn)?.view())
        })
    }

    /// Sets what the cloud asks for its operations. Nothing but what is shown depends on it.
    ///
    /// # Errors
    /// `invalid_input` for what is no price.
    pub fn set_sync_prices(&self, input: &SyncPrices) -> Result<SyncPrices> {
        let prices = Prices::parse(input)?;
        let view = prices.view();
        self.write(move |tx| {
            require_store(tx)?;
            Ok(settings::set(tx, PRICES, &prices)?)
        })?;
        Ok(view)
    }
}

fn prices(conn: &Connection) -> Result<Prices, StoreError> {
    Ok(settings::get(conn, PRICES)?.unwrap_or_default())
}

/// All that was billed, in money too, and what of it in the month of `now`.
pub(crate) fn of_database(conn: &Connection, now: Timestamp) -> Result<SyncCosts, StoreError> {
    let prices = prices(conn)?;
    let costs = sync_costs::get(conn, now)?;
    Ok(SyncCosts {
        currency: prices.currency.clone(),
        month: costs.month,
        of_month: prices.sum(&costs.of_month),
        total: prices.sum(&costs.total),
    })
}

const fn purpose(purpose: Purpose) -> CostPurpose {
    match purpose {
        Purpose::Upload => CostPurpose::Upload,
        Purpose::Duplicates => CostPurpose::Duplicates,
        Purpose::Others => CostPurpose::Others,
        Purpose::Session => CostPurpose::Session,
        Purpose::Reconcile => CostPurpose::Reconcile,
    }
}

fn count(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// So many for each sale, in thousandths; none where there is no sale.
fn per_sale(operations: u64, sales: u64) -> Option<String> {
    if sales == 0 {
        return None;
    }
    let thousandths = (u128::from(operations) * 1_000 + u128::from(sales) / 2) / u128::from(sales);
    Some(format!(
        "{}.{:03}",
        thousandths / 1_000,
        thousandths % 1_000
    ))
}

/// Millionths as a decimal with two to six places.
fn spelt(micros: u128) -> String {
    let (whole, rest) = (micros / u128::from(MICROS), micros % u128::from(MICROS));
    let places = format!("{rest:06}");
    let (two, more) = places.split_at(2);
    format!("{whole}.{two}{}", more.trim_end_matches('0'))
}

/// A price in millionths.
fn price(text: &str) -> Result<u64> {
    let invalid = || {
        let message = format!(
            "“{text}” is no price for 100,000 operations; write it like 0.06, with at most {PLACES} decimals"
        );
        AppError::invalid(message)
    };
    let trimmed = text.trim();
    let (whole, places) = trimmed.split_once('.').unwrap_or((trimmed, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(places) || places.len() > PLACES {
        return Err(invalid());
    }
    let micros: u64 = format!("{whole}{places:0<PLACES$}")
        .parse()
        .map_err(|_| invalid())?;
    if micros > MAX_PRICE {
        return Err(invalid());
    }
    Ok(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(currency: &str, reads: &str, writes: &str) -> SyncPrices {
        SyncPrices {
            currency: currency.to_owned(),
            reads: reads.to_owned(),
            writes: writes.to_owned(),
        }
    }

    #[test]
    fn a_price_is_read_and_spelt_without_losing_a_millionth() {
        for (text, spelling) in [
            ("0.06", "0.06"),
            ("0.18", "0.18"),
            (" 1 ", "1.00"),
            ("0.036123", "0.036123"),
            ("0", "0.00"),
            ("1000000", "1000000.00"),
        ] {
            let prices = Prices::parse(&input("usd", text, "0")).expect("a price");
            assert_eq!(prices.view().reads, spelling);
            assert_eq!(prices.view().currency, "USD");
        }
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for wrong in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "0.1234567",
            "1e3",
            "0,06",
            "1000001",
        ] {
            assert!(Prices::parse(&input("USD", wrong, "0")).is_err(), "{wrong}");
        }
        for wrong in ["", "US", "DOLLAR", "U5D", "€"] {
            assert!(Prices::parse(&input(wrong, "0", "0")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn operations_come_to_money_exactly() {
        let prices = Prices::default();
        let cost = |reads, writes| spelt(prices.of(Spent { reads, writes }, 1, 1));
        assert_eq!(cost(100_000, 0), "0.06");
        assert_eq!(cost(0, 100_000), "0.18");
        assert_eq!(cost(0, 1), "0.000002");
        assert_eq!(cost(0, 0), "0.00");
        assert_eq!(cost(400, 20_000), "0.03624");
        assert_eq!(cost(u64::MAX, u64::MAX), "44272185776902.923876");
    }

    #[test]
    fn a_sale_has_its_share() {
        let upload = Cost {
            purpose: Purpose::Upload,
            spent: Spent {
                reads: 20,
                writes: 1_000,
            },
            sales: 1_000,
        };
        let around = Cost {
            purpose: Purpose::Others,
            spent: Spent {
                reads: 480,
                writes: 0,
            },
            sales: 0,
        };
        let sum = Prices::default().sum(&[upload, around]);
        assert_eq!((sum.sales, sum.reads, sum.writes), (1_000, 500, 1_000));
        assert_eq!(sum.reads_per_sale.as_deref(), Some("0.500"));
        assert_eq!(sum.purposes[0].reads_per_sale.as_deref(), Some("0.020"));
        assert_eq!(sum.purposes[0].writes_per_sale.as_deref(), Some("1.000"));
        assert_eq!(sum.money, "0.0021");
        assert_eq!(sum.money_per_thousand_sales.as_deref(), Some("0.0021"));
        let none = Prices::default().sum(&[]);
        assert_eq!((none.money.as_str(), none.reads_per_sale), ("0.00", None));
    }
}
