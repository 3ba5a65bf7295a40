//! The laws of money, for any cart.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{card, cash, sale, tender};
use counterfoil_domain::cart::{CartDiscount, TaxExempt, TaxRate};
use counterfoil_domain::pricing::{
    CashRounding, PricedCart, PricingError, PricingRules, TaxRounding, Tie,
};
use counterfoil_domain::rounding::{HalfRule, divide};
use counterfoil_domain::tender::{preview, quick_cash, round_cash, settle};
use counterfoil_domain::{
    Amount, Cart, CartLine, Currency, Discount, Method, ProductId, Quantity, Rate, Timestamp, Unit,
    price,
};
use proptest::collection::vec;
use proptest::prelude::*;

const MAX: i64 = (1 << 53) - 1;

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

prop_compose! {
    fn rules()(
        prices_include_tax: bool, receipt: bool, even: bool,
        increment in prop::option::of(prop::sample::select(vec![5_i64, 10, 50])), down: bool,
    ) -> PricingRules {
        PricingRules {
            prices_include_tax,
            tax_rounding: if receipt { TaxRounding::Receipt } else { TaxRounding::Line },
            half: if even { HalfRule::Even } else { HalfRule::Up },
            cash_rounding: increment.map(|increment| CashRounding {
                increment: amount(increment),
                tie: if down { Tie::Down } else { Tie::Up },
            }),
        }
    }
}

fn taxes() -> impl Strategy<Value = Vec<TaxRate>> {
    let codes = ["A", "B", "C"];
    let rates = prop::sample::select(vec!["0", "5", "8.25", "9.975", "10", "20", "21"]);
    vec(rates, 0..=3).prop_map(move |rates| {
        let tax = |(code, rate): (&str, &str)| TaxRate {
            code: code.to_owned(),
            rate: rate.parse().unwrap(),
        };
        codes.into_iter().zip(rates).map(tax).collect()
    })
}

prop_compose! {
    /// Small prices, few skus: ties are common.
    fn line(highest: i64)(
        sku in "[ab]", thousandths in prop_oneof![(1_i64..4).prop_map(|n| n * 1000), 1_i64..3000],
        price in prop_oneof![0_i64..=12.min(highest), 0_i64..=highest],
        taxes in taxes(), percent in prop::option::weighted(0.3, 0_i64..=100),
        note in prop::option::weighted(0.2, "[xy]"),
    ) -> CartLine {
        CartLine {
            product_id: ProductId::of_sku(&sku), name: sku.clone(), sku, unit: Unit::Piece,
            quantity: Quantity::new(thousandths).unwrap(), unit_price: amount(price),
            unit_cost: None, taxes, note,
            discount: percent.map(|p| Discount::Percent(Rate::from_ppm(p * 10_000).unwrap())),
        }
    }
}

prop_compose! {
    fn cart(highest: i64)(
        lines in vec(line(highest), 0..9), exempt in prop::bool::weighted(0.2),
        discount in prop::option::weighted(0.6, 0_i64..=10_000), by_amount: bool,
    ) -> Cart {
        let mut cart = common::cart(lines);
        cart.tax_exempt =
            exempt.then(|| TaxExempt { reason: "embassy".to_owned(), certificate: None });
        cart.discount = discount.map(|part| {
            let sum: i128 = price(&cart, &PricingRules::INCLUDED).map_or(0, |priced| {
                priced.lines.iter().map(|line| line.total.wide() + line.relief.wide()).sum()
            });
            let off = i64::try_from(sum * i128::from(part) / 10_000).unwrap();
            let percent = Discount::Percent(Rate::from_ppm(part * 100).unwrap());
            let discount = if by_amount { Discount::Amount(amount(off)) } else { percent };
            CartDiscount { discount, reason: None }
        });
        cart
    }
}

fn assert_parts_sum(cart: &Cart, priced: &PricedCart, rules: &PricingRules) {
    let wide = Amount::wide;
    for (line, rung_up) in priced.lines.iter().zip(&cart.lines) {
        let exact = i128::from(rung_up.quantity.thousandths()) * rung_up.unit_price.wide();
        assert_eq!(wide(line.gross), divide(exact, 1000, rules.half));
        assert_eq!(
            wide(line.discount),
            wide(line.own_discount) + wide(line.cart_share)
        );
        let parts = wide(line.gross) - wide(line.discount) - wide(line.relief);
        assert_eq!(parts, wide(line.total));
        assert!(line.total >= Amount::ZERO && line.cart_share >= Amount::ZERO);
        let tax: i128 = line.taxes.iter().map(|tax| wide(tax.tax)).sum();
        for one in &line.taxes {
            let net = if rules.prices_include_tax {
                wide(one.base) - wide(one.tax)
            } else {
                wide(one.base)
            };
            let line_net = if rules.prices_include_tax {
                wide(line.total) - tax
            } else {
                wide(line.total)
            };
            assert_eq!(net, line_net, "every code of a line has the same net");
        }
    }
    let shares: i128 = priced.lines.iter().map(|line| line.cart_share).sum();
    assert_eq!(
        shares,
        priced
            .discounts
            .iter()
            .map(|discount| discount.amount)
            .sum::<i128>()
    );
    for total in &priced.taxes {
        assert_eq!(wide(total.net) + wide(total.tax), wide(total.gross));
        let of_lines = priced.lines.iter().flat_map(|line| &line.taxes);
        let of_lines: i128 = of_lines
            .filter(|tax| tax.code == total.code && tax.rate == total.rate)
            .map(|tax| tax.tax)
            .sum();
        assert_eq!(of_lines, wide(total.tax));
    }
    let tax: i128 = priced.taxes.iter().map(|tax| tax.tax).sum();
    assert_eq!(tax, wide(priced.tax));
    let lines: i128 = priced.lines.iter().map(|line| line.total).sum();
    let added = if rules.prices_include_tax { 0 } else { tax };
    assert_eq!(lines + added, wide(priced.total));
    if cart.tax_exempt.is_some() {
        assert_eq!(tax, 0);
    }
}

/// Each line with what it came to, in an order of their own.
fn outcome(cart: &Cart, priced: &PricedCart) -> Vec<String> {
    let pairs = cart.lines.iter().zip(&priced.lines);
    let mut pairs: Vec<String> = pairs.map(|pair| format!("{pair:?}")).collect();
    pairs.sort();
    pairs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_parts_sum_to_the_whole(cart in cart(5000), rules in rules()) {
        let priced = price(&cart, &rules).unwrap();
        assert_parts_sum(&cart, &priced, &rules);
    }

    #[test]
    fn the_order_of_lines_does_not_matter(
        cart in cart(60), rules in rules(), keys in vec(any::<u32>(), 9),
    ) {
        let mut keyed: Vec<_> = keys.into_iter().zip(cart.lines.clone()).collect();
        keyed.sort_by_key(|(key, _)| *key);
        let mut turned = cart.clone();
        turned.lines = keyed.into_iter().map(|(_, line)| line).collect();
        let (one, other) = (price(&cart, &rules).unwrap(), price(&turned, &rules).unwrap());
        prop_assert_eq!(outcome(&cart, &one), outcome(&turned, &other));
        prop_assert_eq!((one.total, one.taxes, one.discounts), (other.total, other.taxes, other.discounts));
    }

    #[test]
    fn per_receipt_is_the_exact_sum_rounded_once(cart in cart(60), half: bool) {
        let half = if half { HalfRule::Even } else { HalfRule::Up };
        let mut cart = cart;
        cart.tax_exempt = None;
        let rules = PricingRules {
            prices_include_tax: false, tax_rounding: TaxRounding::Receipt, half, cash_rounding: None,
        };
        let priced = price(&cart, &rules).unwrap();
        for total in &priced.taxes {
            let exact = total.net.wide() * i128::from(total.rate.ppm());
            prop_assert_eq!(total.tax.wide(), divide(exact, 1_000_000, half));
        }
    }

    #[test]
    fn nothing_overflows_up_to_2_53_and_beyond_it_is_refused(cart in cart(MAX), rules in rules()) {
        match price(&cart, &rules) {
            Ok(priced) => assert_parts_sum(&cart, &priced, &rules),
            Err(error) => {
                prop_assert!(matches!(error, PricingError::TooLarge { .. } | PricingError::CartDiscountTooLarge { .. }), "{}", error);
                let goods: i128 = cart.lines.iter()
                    .map(|line| i128::from(line.quantity.thousandths()) * line.unit_price.wide() / 1000 + 1)
                    .sum();
                // Three codes of 21 % at most: what is far below the limit has a price.
                prop_assert!(goods * 2 > i128::from(MAX), "refused without need: {}", error);
            }
        }
    }

    #[test]
    fn total_tip_and_rounding_are_the_tenders_less_the_change(
        total in prop_oneof![0_i64..300, 0_i64..=MAX / 2],
        parts in vec((0_usize..4, 0_i64..=120), 0..4), rules in rules(),
    ) {
        let total = amount(total);
        let methods = [Method::Cash, Method::Card, Method::Voucher, Method::Other];
        let mut tenders: Vec<_> = parts
            .into_iter()
            .map(|(method, hundredths)| {
                let part = i64::try_from(total.wide() * i128::from(hundredths) / 100).unwrap();
                let mut tender = tender(methods[method], part);
                tender.reference = Some("R".to_owned());
                tender
            })
            .collect();
        let seen = preview(total, &tenders, &rules);
        if seen.problem.is_none() && !seen.complete {
            tenders.push(cash(seen.cash_due.minor()));
            prop_assert!(preview(total, &tenders, &rules).complete);
        }
        let seen = preview(total, &tenders, &rules);
        if let Ok(settled) = settle(total, &tenders, &rules) {
            let taken: i128 = settled.tenders.iter().map(|tender| tender.amount).sum();
            prop_assert_eq!(taken, settled.paid.wide());
            prop_assert_eq!(
                total.wide() + settled.tip.wide() + settled.rounding.wide(),
                taken - settled.change_due.wide()
            );
            prop_assert!(seen.complete && seen.problem.is_none());
            prop_assert_eq!((seen.rounding, seen.change, seen.tip), (settled.rounding, settled.change_due, settled.tip));
            if settled.tenders.iter().all(|tender| tender.method == Method::Cash) && !tenders.is_empty() {
                let due = settled.paid.minus(settled.change_due).unwrap();
                prop_assert_eq!(due, round_cash(total, rules.cash_rounding).unwrap());
            }
        } else {
            prop_assert!(!seen.complete || seen.problem.is_some());
        }
    }

    #[test]
    fn a_sale_and_its_full_reversal_net_to_zero(
        cart in cart(5000), rules in rules(), by_card in 0_i64..=100, more in 0_i64..5000,
    ) {
        let total = price(&cart, &rules).unwrap().total.minor();
        let first = total * by_card / 100;
        let mut tenders = Vec::new();
        if first > 0 {
            tenders.push(card(first));
        }
        if total > first {
            tenders.push(cash(total - first + 50 + more));
        }
        let sold = sale(&cart, &tenders, &rules);
        let back = common::reversal(&sold);
        let zero = |one: Amount, other: Amount| one.plus(other).unwrap().is_zero();
        for (there, here) in sold.lines.iter().zip(&back.lines) {
            prop_assert_eq!(there.quantity, -here.quantity);
            prop_assert!(zero(there.total, here.total) && zero(there.discount, here.discount));
            for (there, here) in there.taxes.iter().zip(&here.taxes) {
                prop_assert!(zero(there.tax, here.tax) && zero(there.base, here.base));
            }
        }
        for (there, here) in sold.taxes.iter().zip(&back.taxes) {
            prop_assert!(zero(there.tax, here.tax) && zero(there.net, here.net));
        }
        prop_assert!(zero(sold.total, back.total) && zero(sold.rounding, back.rounding));
        for method in [Method::Cash, Method::Card] {
            let of = |sale: &counterfoil_domain::SaleRecord| -> i128 {
                let tenders = sale.tenders.iter().filter(|tender| tender.method == method);
                tenders.map(|tender| tender.amount).sum()
            };
            let change = if method == Method::Cash { sold.change_due.wide() } else { 0 };
            prop_assert_eq!(of(&sold) - change + of(&back), 0);
        }
        let paid: i128 = back.tenders.iter().map(|tender| tender.amount).sum();
        prop_assert_eq!(back.total.wide() + back.tip.wide() + back.rounding.wide(), paid);
        prop_assert_eq!(back.change_due, Amount::ZERO);
    }

    #[test]
    fn amounts_quantities_rates_and_times_round_trip(
        minor in -MAX..=MAX, thousandths in -1_000_000_000_i64..=1_000_000_000,
        ppm in 0_i64..=10_000_000, ms in Timestamp::MIN_MS..=Timestamp::MAX_MS,
    ) {
        for (code, decimals) in [("JPY", 0), ("EUR", 2), ("KWD", 3)] {
            let currency = Currency::parse(code).unwrap();
            prop_assert_eq!(currency.decimals(), decimals);
            prop_assert_eq!(currency.parse_amount(&currency.format(amount(minor))), Ok(amount(minor)));
        }
        let quantity = Quantity::new(thousandths).unwrap();
        prop_assert_eq!(quantity.to_string().parse(), Ok(quantity));
        let rate = Rate::from_ppm(ppm).unwrap();
        prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        let at = Timestamp::from_ms(ms);
        prop_assert_eq!(at.to_string().parse(), Ok(at));
        prop_assert!(at.to_string().len() == 24);
    }

    #[test]
    fn quick_cash_starts_with_the_exact_amount_and_goes_up(due in 0_i64..=MAX) {
        for code in ["JPY", "EUR", "KWD", "CHF", "ISK", "TND"] {
            let keys = quick_cash(amount(due), Currency::parse(code).unwrap());
            prop_assert_eq!(keys[0], amount(due));
            prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]) && keys.len() <= 6);
        }
    }
}
