//! The vectors of `docs/MONEY.md`, read from `money.json`: every figure that they name.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{added, card, cart, cash, included, line, taxed};
use counterfoil_domain::cart::{CartDiscount, TaxExempt};
use counterfoil_domain::pricing::{CashRounding, PricedCart, PricingRules, TaxRounding, Tie};
use counterfoil_domain::tender::{round_cash, settle};
use counterfoil_domain::{Amount, Cart, Discount, price};
use serde_json::{Value, json};

fn expected(number: u64) -> Value {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("money.json")).unwrap();
    assert_eq!(vectors.len(), 25, "all vectors stay in the file");
    let found = vectors.iter().find(|vector| vector["n"] == number);
    found.unwrap()["expect"].clone()
}

fn per_receipt(rules: PricingRules) -> PricingRules {
    PricingRules {
        tax_rounding: TaxRounding::Receipt,
        ..rules
    }
}

fn coins(rules: PricingRules, increment: i64) -> PricingRules {
    let increment = Amount::new(increment).unwrap();
    PricingRules {
        cash_rounding: Some(CashRounding {
            increment,
            tie: Tie::Up,
        }),
        ..rules
    }
}

fn less(mut cart: Cart, discount: Discount) -> Cart {
    cart.discount = Some(CartDiscount {
        discount,
        reason: None,
    });
    cart
}

fn amount_off(cart: Cart, minor: i64) -> Cart {
    less(cart, Discount::Amount(Amount::new(minor).unwrap()))
}

/// The figures of a priced cart under the names that the vectors use.
fn figures(priced: &PricedCart) -> Value {
    let minor = |amount: Amount| amount.minor();
    let lines = &priced.lines;
    let mut taxes = serde_json::Map::new();
    for tax in &priced.taxes {
        let rate = tax.rate.to_string();
        let name = if rate.contains('.') {
            rate
        } else {
            format!("{rate}.0")
        };
        taxes.insert(
            name,
            json!({ "gross": minor(tax.gross), "tax": minor(tax.tax) }),
        );
        assert_eq!(tax.net.plus(tax.tax).unwrap(), tax.gross);
    }
    let line_tax = |line: &counterfoil_domain::pricing::PricedLine| -> i64 {
        line.taxes.iter().map(|tax| minor(tax.tax)).sum()
    };
    json!({
        "discount": lines.iter().map(|line| minor(line.discount)).collect::<Vec<_>>(),
        "lineTotals": lines.iter().map(|line| minor(line.total)).collect::<Vec<_>>(),
        "lineTax": lines.iter().map(line_tax).collect::<Vec<_>>(),
        "taxes": taxes,
        "total": minor(priced.total),
    })
}

fn assert_priced(number: u64, cart: &Cart, rules: &PricingRules) {
    assert_eq!(
        figures(&price(cart, rules).unwrap()),
        expected(number),
        "vector {number}"
    );
}

#[test]
fn vectors_1_to_3_a_line_and_its_tax_are_rounded_half_up() {
    assert_priced(1, &cart([line("1", 299, "4")]), &included());
    assert_priced(2, &cart([line("0.734", 199, "10")]), &included());
    assert_priced(3, &cart([line("0.250", 50, "20")]), &included());
}

#[test]
fn vector_4_an_exempt_sale_is_charged_the_net() {
    let mut exempt = cart([line("1", 999, "20")]);
    exempt.tax_exempt = Some(TaxExempt {
        reason: "embassy".to_owned(),
        certificate: None,
    });
    let priced = price(&exempt, &included()).unwrap();
    assert_eq!(
        json!({ "total": priced.total, "tax": priced.tax }),
        expected(4)
    );
    assert_eq!(priced.lines[0].relief.minor(), 167);
    assert_eq!(priced.taxes[0].code, counterfoil_domain::tax::EXEMPT);
}

#[test]
fn vector_5_the_discount_is_rounded_not_the_price() {
    let mut discounted = line("1", 25, "20");
    discounted.discount = Some(Discount::Percent("10".parse().unwrap()));
    assert_priced(5, &cart([discounted]), &included());
}

#[test]
fn vector_6_a_cart_discount_is_spread_by_largest_remainder() {
    let lines = [
        line("1", 1000, "20"),
        line("1", 500, "10"),
        line("1", 333, "5"),
    ];
    assert_priced(6, &amount_off(cart(lines), 100), &included());
}

#[test]
fn vector_7_a_tie_goes_to_the_higher_rate_in_either_order() {
    let (twenty, five) = (line("1", 100, "20"), line("1", 100, "5"));
    assert_priced(
        7,
        &amount_off(cart([twenty.clone(), five.clone()]), 1),
        &included(),
    );
    let turned = price(&amount_off(cart([five, twenty]), 1), &included()).unwrap();
    let mut want = expected(7);
    for list in ["discount", "lineTotals", "lineTax"] {
        want[list].as_array_mut().unwrap().reverse();
    }
    assert_eq!(figures(&turned), want);
}

#[test]
fn vector_8_identical_lines_share_by_position() {
    let lines = [
        line("1", 35, "20"),
        line("1", 35, "20"),
        line("1", 35, "20"),
    ];
    let ten_percent = Discount::Percent("10".parse().unwrap());
    assert_priced(8, &less(cart(lines), ten_percent), &included());
}

#[test]
fn vectors_9_and_10_tax_per_line_and_per_receipt() {
    let same = cart([
        line("1", 99, "20"),
        line("1", 99, "20"),
        line("1", 99, "20"),
    ]);
    let four = cart([
        line("4", 148, "21"),
        line("1", 152, "21"),
        line("1", 154, "21"),
        line("1", 39, "21"),
    ]);
    for (number, cart, rules) in [(9, same, included()), (10, four, added())] {
        let of = |rules: &PricingRules| figures(&price(&cart, rules).unwrap());
        assert_eq!(of(&rules), expected(number)["perLine"], "vector {number}");
        assert_eq!(
            of(&per_receipt(rules)),
            expected(number)["perReceipt"],
            "vector {number}"
        );
    }
}

#[test]
fn vector_11_added_tax_is_reckoned_from_the_discounted_net() {
    let lines = [
        line("1", 1999, "8.25"),
        line("1", 450, "0"),
        line("1", 1249, "8.25"),
    ];
    assert_priced(11, &amount_off(cart(lines), 500), &added());
}

#[test]
fn vector_12_two_taxes_on_a_line_each_have_their_base() {
    let rules = coins(added(), 5);
    let two = cart([taxed("1", 2499, &[("GST", "5"), ("QST", "9.975")])]);
    let priced = price(&two, &rules).unwrap();
    let tax = |code: &str| {
        priced
            .taxes
            .iter()
            .find(|tax| tax.code == code)
            .unwrap()
            .tax
    };
    let settled = settle(priced.total, &[cash(2875)], &rules).unwrap();
    let figures = json!({
        "gst": tax("GST"), "qst": tax("QST"), "total": priced.total,
        "rounding": settled.rounding, "cash": settled.paid,
    });
    assert_eq!(figures, expected(12));
    assert_eq!(settled.change_due, Amount::ZERO);
    assert!(
        priced.lines[0]
            .taxes
            .iter()
            .all(|tax| tax.base.minor() == 2499)
    );
}

#[test]
fn vector_13_cash_is_rounded_and_the_total_is_not() {
    let settled = settle(
        Amount::new(1742).unwrap(),
        &[cash(2000)],
        &coins(included(), 5),
    )
    .unwrap();
    let due = settled.paid.minus(settled.change_due).unwrap();
    let figures = json!({ "rounding": settled.rounding, "due": due, "change": settled.change_due });
    assert_eq!(figures, expected(13));
}

#[test]
fn vector_14_a_tie_goes_where_the_store_says() {
    let total = Amount::new(1745).unwrap();
    let to = |tie| {
        let increment = Amount::new(10).unwrap();
        round_cash(total, Some(CashRounding { increment, tie })).unwrap()
    };
    assert_eq!(
        json!({ "tieUp": to(Tie::Up), "tieDown": to(Tie::Down) }),
        expected(14)
    );
    assert_eq!(
        round_cash(-total, coins(included(), 10).cash_rounding)
            .unwrap()
            .minor(),
        -1750,
        "on the absolute value"
    );
}

#[test]
fn vector_15_only_what_is_left_for_cash_is_rounded() {
    let total = Amount::new(2398).unwrap();
    let settled = settle(total, &[card(1000), cash(2000)], &coins(included(), 5)).unwrap();
    let due = settled.tenders[1].amount.minus(settled.change_due).unwrap();
    let figures =
        json!({ "cashDue": due, "rounding": settled.rounding, "change": settled.change_due });
    assert_eq!(figures, expected(15));
}

#[test]
fn vector_16_cash_first_and_then_a_card_rounds_nothing() {
    let total = Amount::new(2398).unwrap();
    let settled = settle(total, &[cash(1000), card(1398)], &coins(included(), 5)).unwrap();
    let figures = json!({ "card": settled.tenders[1].amount, "rounding": settled.rounding });
    assert_eq!(figures, expected(16));
    assert!(settled.tip.is_zero() && settled.change_due.is_zero());
}

#[test]
fn vector_17_what_a_card_takes_beyond_the_sale_is_a_tip() {
    let priced = price(&cart([line("1", 2398, "20")]), &included()).unwrap();
    let settled = settle(priced.total, &[card(2700)], &included()).unwrap();
    let figures = json!({
        "revenue": priced.total, "tax": priced.tax,
        "tip": settled.tip, "change": settled.change_due,
    });
    assert_eq!(figures, expected(17));
}

#[test]
fn vector_21_a_full_reversal_pays_back_what_was_paid() {
    let rules = coins(included(), 5);
    let sale = common::sale(&cart([line("1", 1742, "20")]), &[cash(2000)], &rules);
    let reversal = common::reversal(&sale);
    let figures = json!({
        "total": reversal.total, "rounding": reversal.rounding,
        "cash": reversal.tenders[0].amount,
    });
    assert_eq!(figures, expected(21));
    assert_eq!(reversal.change_due, Amount::ZERO);
}
