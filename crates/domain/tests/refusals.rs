//! What the rules refuse, and what they say.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{added, card, cart, cash, included, line, taxed, tender};
use counterfoil_domain::cart::{
    CartDiscount, MAX_LINES, MAX_NOTE, MAX_TEXT_BYTES, TaxExempt, TaxRate,
};
use counterfoil_domain::pricing::{CashRounding, PricingError, PricingRules, TaxRounding, Tie};
use counterfoil_domain::sale::content_digest;
use counterfoil_domain::tender::{MAX_TENDERS, TenderError, card_number_in, preview, settle};
use counterfoil_domain::{Amount, Cart, Discount, Method, Quantity, Rate, TenderIntent, price};

const MAX: i64 = (1 << 53) - 1;

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

fn coins(increment: i64) -> PricingRules {
    let cash_rounding = Some(CashRounding {
        increment: amount(increment),
        tie: Tie::Up,
    });
    PricingRules {
        cash_rounding,
        ..included()
    }
}

fn refused(cart: &Cart) -> PricingError {
    price(cart, &included()).unwrap_err()
}

#[test]
fn a_discount_is_never_more_than_what_it_is_taken_from() {
    let mut one = line("1", 100, "20");
    one.discount = Some(Discount::Amount(amount(101)));
    let (discount, whole) = (amount(101), amount(100));
    let too_large = PricingError::DiscountTooLarge {
        line: 1,
        discount,
        amount: whole,
    };
    assert_eq!(refused(&cart([one.clone()])), too_large);
    one.discount = Some(Discount::Percent("100.0001".parse().unwrap()));
    assert!(matches!(
        refused(&cart([one.clone()])),
        PricingError::PercentTooLarge { line: Some(1), .. }
    ));
    one.discount = Some(Discount::Amount(amount(-1)));
    assert!(matches!(
        refused(&cart([one])),
        PricingError::NegativeDiscount { line: Some(1), .. }
    ));

    let mut whole = cart([line("1", 100, "20"), line("1", 50, "20")]);
    let off = |discount| {
        Some(CartDiscount {
            discount,
            reason: None,
        })
    };
    whole.discount = off(Discount::Amount(amount(151)));
    assert!(matches!(
        refused(&whole),
        PricingError::CartDiscountTooLarge { .. }
    ));
    whole.discount = off(Discount::Percent("101".parse().unwrap()));
    assert!(matches!(
        refused(&whole),
        PricingError::PercentTooLarge { line: None, .. }
    ));
    whole.discount = off(Discount::Percent("100".parse().unwrap()));
    assert!(price(&whole, &included()).unwrap().total.is_zero());
}

#[test]
fn quantities_are_more_than_nothing_and_a_price_of_zero_is_allowed() {
    for quantity in ["0", "-1"] {
        let error = refused(&cart([line("1", 1, "20"), line(quantity, 100, "20")]));
        assert!(matches!(
            error,
            PricingError::QuantityNotPositive { line: 2, .. }
        ));
    }
    let error = refused(&cart([line("1", -1, "20")]));
    assert!(matches!(error, PricingError::NegativePrice { line: 1, .. }));
    assert!(
        price(&cart([line("1", 0, "20")]), &included())
            .unwrap()
            .total
            .is_zero()
    );
    assert!("1000000.001".parse::<Quantity>().is_err());
    assert!("0.0001".parse::<Quantity>().is_err() && "1e3".parse::<Quantity>().is_err());
}

#[test]
fn beyond_2_53_every_step_is_refused_and_at_it_none() {
    assert_eq!(
        price(&cart([line("1", MAX, "20")]), &included())
            .unwrap()
            .total
            .minor(),
        MAX
    );
    let too_large = |cart: &Cart, rules: &PricingRules| {
        assert!(matches!(
            price(cart, rules),
            Err(PricingError::TooLarge { .. })
        ));
    };
    too_large(&cart([line("2", MAX, "20")]), &included());
    too_large(&cart([line("1000000", MAX, "20")]), &included());
    too_large(
        &cart([line("1", MAX, "20"), line("1", 1, "20")]),
        &included(),
    );
    too_large(&cart([line("1", MAX, "20")]), &added());
    assert!(Amount::new(MAX + 1).is_err() && Amount::new(i64::MIN).is_err());
    let paid = settle(amount(1), &[cash(1), cash(1)], &included());
    assert!(matches!(
        paid,
        Err(TenderError::ExceedsDue { tender: 2, .. })
    ));
    assert_eq!(
        settle(amount(5), &[card(4), card(MAX)], &included()),
        Err(TenderError::TooLarge)
    );
}

#[test]
fn several_taxes_inside_a_price_share_one_net() {
    let two = cart([taxed("1", 11800, &[("CGST", "9"), ("SGST", "9")])]);
    for tax_rounding in [TaxRounding::Line, TaxRounding::Receipt] {
        let priced = price(
            &two,
            &PricingRules {
                tax_rounding,
                ..included()
            },
        )
        .unwrap();
        assert_eq!(priced.tax.minor(), 1800);
        for tax in &priced.taxes {
            assert_eq!(
                (tax.net.minor(), tax.tax.minor(), tax.gross.minor()),
                (10000, 900, 10900)
            );
        }
    }
    let twice = cart([taxed("1", 100, &[("A", "9"), ("A", "5")])]);
    assert!(matches!(
        refused(&twice),
        PricingError::TaxTwice { line: 1, .. }
    ));
}

#[test]
fn zero_rated_goods_stay_so_in_an_exempt_sale() {
    let mut exempt = cart([taxed("1", 100, &[("ZERO", "0")]), line("1", 120, "20")]);
    exempt.tax_exempt = Some(TaxExempt {
        reason: "embassy".to_owned(),
        certificate: None,
    });
    let priced = price(&exempt, &included()).unwrap();
    let codes: Vec<&str> = priced.taxes.iter().map(|tax| tax.code.as_str()).collect();
    assert_eq!((codes, priced.total.minor()), (vec!["ZERO", "exempt"], 200));
    let priced = price(&exempt, &added()).unwrap();
    assert_eq!(
        (priced.tax.minor(), priced.total.minor()),
        (0, 220),
        "nothing is added either"
    );
}

#[test]
fn the_rounded_due_decides_whether_cash_is_enough() {
    let total = amount(2398);
    let short = settle(total, &[cash(2398)], &coins(5));
    assert_eq!(
        short,
        Err(TenderError::TooSmall {
            due: amount(2400),
            paid: total
        })
    );
    let by_card = settle(total, &[card(2397)], &coins(5));
    assert_eq!(
        by_card,
        Err(TenderError::TooSmall {
            due: total,
            paid: amount(2397)
        })
    );
    let twice = settle(total, &[cash(1001), cash(1399)], &coins(5)).unwrap();
    assert_eq!((twice.rounding.minor(), twice.change_due.minor()), (2, 0));
    let free = settle(amount(2), &[cash(0)], &coins(5)).unwrap();
    assert_eq!((free.rounding.minor(), free.paid.minor()), (-2, 0));
    assert!(
        settle(Amount::ZERO, &[], &coins(5)).is_ok(),
        "nothing is paid with nothing"
    );
    assert!(matches!(
        settle(amount(-1), &[], &coins(5)),
        Err(TenderError::NegativeTotal { .. })
    ));
    let seen = preview(total, &[card(1000)], &coins(5));
    assert_eq!(
        (
            seen.remaining.minor(),
            seen.cash_due.minor(),
            seen.rounding.minor()
        ),
        (1398, 1400, 2)
    );
    assert!(!seen.complete && seen.problem.is_none());
}

#[test]
fn tenders_that_cannot_be_taken_are_named() {
    let total = amount(1000);
    let pay = |tenders: &[TenderIntent]| settle(total, tenders, &included()).unwrap_err();
    let mut silent = card(1000);
    silent.reference = Some("  ".to_owned());
    let (tender_1, method) = (1, Method::Card);
    assert_eq!(
        pay(&[silent]),
        TenderError::MissingReference {
            tender: tender_1,
            method
        }
    );
    let mut leaky = card(1000);
    leaky.reference = Some("visa 4111 1111 1111 1111".to_owned());
    let seen = preview(total, &[leaky.clone()], &included());
    assert_eq!(
        (seen.complete, seen.problem),
        (false, Some(TenderError::CardNumber { tender: 1 })),
        "said before it counts as taken"
    );
    assert_eq!(pay(&[leaky]), TenderError::CardNumber { tender: 1 });
    let mut long = card(1000);
    long.last4 = Some("12345".to_owned());
    assert!(matches!(
        pay(&[long]),
        TenderError::InvalidLast4 { tender: 1, .. }
    ));
    for method in [Method::Voucher, Method::Other] {
        assert!(matches!(
            pay(&[tender(method, 1001)]),
            TenderError::ExceedsDue { .. }
        ));
        assert!(settle(total, &[tender(method, 1000)], &included()).is_ok());
    }
    assert!(matches!(
        pay(&[cash(-5)]),
        TenderError::NotPositive { tender: 1, .. }
    ));
    assert!(matches!(
        pay(&[cash(0)]),
        TenderError::NotPositive { tender: 1, .. }
    ));
    assert!(matches!(
        pay(&[card(1000), cash(1)]),
        TenderError::ExceedsDue { tender: 2, .. }
    ));
    let many = vec![cash(1); MAX_TENDERS + 1];
    assert_eq!(pay(&many), TenderError::TooMany { limit: MAX_TENDERS });
}

#[test]
fn card_numbers_are_found_also_in_groups() {
    for text in [
        "4111111111111111",
        "x4111-1111-1111-1111y",
        "2 378282246310005",
        "6304 0000 0000 0000 00",
    ] {
        assert!(card_number_in(text), "{text}");
    }
    for text in [
        "",
        "4111111111111112",
        "A-000123",
        "0000000000000000",
        "411111111111",
        "4111  1111  1111  1111",
    ] {
        assert!(!card_number_in(text), "{text}");
    }
    let mut noted = line("1", 100, "20");
    noted.note = Some("card 5555 5555 5555 4444".to_owned());
    assert_eq!(
        refused(&cart([noted])),
        PricingError::CardNumber { line: 1 }
    );
}

#[test]
fn the_largest_cart_stays_below_the_document_limit_of_firestore() {
    // Each line in full, and as much text as all together may have.
    let mut full = line("999999.999", 1, "20");
    full.unit_cost = Some(amount(MAX));
    full.taxes = (0..4)
        .map(|code| TaxRate {
            code: format!("{code:0>20}"),
            rate: Rate::from_ppm(1_000_001 + code).unwrap(),
        })
        .collect();
    let note = MAX_TEXT_BYTES / MAX_LINES - full.sku.len() - full.name.len();
    full.note = Some("n".repeat(note));
    let cart = cart(vec![full; MAX_LINES]);
    let priced = price(&cart, &included()).unwrap();
    let record = common::sale(&cart, &[cash(priced.total.minor())], &included());
    let fields = common::reversal(&record).to_fields().unwrap();
    // JSON's names and texts are the longer ones (quotes, colons, commas); Firestore's integers are
    // eight bytes each, fourteen of them on such a line.
    let spare = MAX_LINES * 14 * 8;
    let size = serde_json::to_string(&fields).unwrap().len() + spare;
    assert!(size < 1_048_576, "{size} bytes");

    let mut more = cart.clone();
    more.lines[0].note = Some("n".repeat(note + 1));
    assert!(matches!(refused(&more), PricingError::TooMuchText { .. }));
    more.lines[0].note = Some("n".repeat(MAX_NOTE + 1));
    assert!(matches!(
        refused(&more),
        PricingError::TextTooLong { line: Some(1), .. }
    ));
    more.lines.push(line("1", 1, "20"));
    assert!(matches!(refused(&more), PricingError::TooManyLines { .. }));
}

#[test]
fn the_same_content_has_one_digest_and_other_content_another() {
    let (mut a, b) = (line("2", 100, "20"), line("1", 50, "10"));
    a.note = Some("caf\u{e9}".to_owned());
    let one = content_digest(&cart([a.clone(), b.clone()]), &[cash(250)]).unwrap();
    let mut spelt = a.clone();
    spelt.note = Some("cafe\u{301}".to_owned());
    assert_eq!(
        content_digest(&cart([b.clone(), spelt]), &[cash(250)]).unwrap(),
        one
    );
    let differs = |cart: Cart, tenders: &[TenderIntent]| {
        assert_ne!(content_digest(&cart, tenders).unwrap(), one);
    };
    differs(cart([a.clone(), b.clone()]), &[cash(300)]);
    differs(cart([a.clone(), b.clone()]), &[card(250)]);
    differs(cart([a.clone()]), &[cash(250)]);
    let mut cheaper = a.clone();
    cheaper.discount = Some(Discount::Amount(amount(1)));
    differs(cart([cheaper, b.clone()]), &[cash(250)]);
    let mut whole = cart([a, b]);
    whole.discount = Some(CartDiscount {
        discount: Discount::Percent("5".parse().unwrap()),
        reason: None,
    });
    differs(whole, &[cash(250)]);
}

#[test]
fn a_sale_is_refused_rather_than_its_tax_rounded_wrongly() {
    // Inside their prices, one code beside eight others that have no divisor in common.
    let rates = [
        "1.0003", "2.0011", "3.0007", "5.0013", "7.0021", "11.0009", "13.0031", "17.0037",
    ];
    let lines = rates.map(|rate| taxed("1", 999, &[("A", "19"), (rate, rate)]));
    let rules = PricingRules {
        tax_rounding: TaxRounding::Receipt,
        ..included()
    };
    let error = price(&cart(lines.clone()), &rules).unwrap_err();
    assert!(matches!(error, PricingError::TaxTooManyMixes { code } if code == "A"));
    assert!(
        price(&cart(lines), &included()).is_ok(),
        "per line there is nothing to add up"
    );
}
