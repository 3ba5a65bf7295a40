//! The demo store's catalogue, part of the program.

use counterfoil_domain::Currency;

use crate::csv;
use crate::error::{AppError, Result};
use crate::import::Good;

const CATALOGUE: &str = include_str!("../demo/catalogue.csv");

/// The demo products, priced in `currency`. Where it has no decimals, 2.20 becomes 220.
pub(crate) fn catalogue(currency: &Currency) -> Result<Good> {
    let two_decimals = Currency::parse("EUR")?;
    let read_as = if currency.decimals() == 0 {
        &two_decimals
    } else {
        currency
    };
    let parsed = csv::parse(CATALOGUE, read_as);
    match parsed.problems.first() {
        None => Ok(Good {
            rows: parsed.rows,
            columns: parsed.columns,
        }),
        Some(problem) => Err(AppError::internal(format!(
            "the demo catalogue, line {}, {}: {}",
            problem.line, problem.column, problem.reason
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_catalogue_has_no_fault() {
        for code in ["EUR", "JPY", "KWD"] {
            let currency = Currency::parse(code).expect("a currency");
            let good = catalogue(&currency).expect("a good catalogue");
            assert!(good.rows.len() >= 200);
        }
    }
}
