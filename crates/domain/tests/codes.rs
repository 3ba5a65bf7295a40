//! Small tables and spellings: quick-cash keys, check digits, moments, business days.

#![allow(clippy::unwrap_used, missing_docs)]

use counterfoil_domain::tender::quick_cash;
use counterfoil_domain::time::DayRule;
use counterfoil_domain::{Amount, Currency, Timestamp, barcode};

fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap()
}

#[test]
fn quick_cash_is_what_people_hand_over() {
    let keys = |due, code: &str| -> Vec<i64> {
        let keys = quick_cash(amount(due), Currency::parse(code).unwrap());
        keys.into_iter().map(Amount::minor).collect()
    };
    assert_eq!(keys(1740, "EUR"), [1740, 2000, 5000, 10000, 20000]);
    assert_eq!(keys(320, "EUR"), [320, 400, 500, 1000, 2000, 5000]);
    assert_eq!(keys(13_700, "USD"), [13_700, 14_000, 15_000, 20_000]);
    assert_eq!(keys(430, "JPY"), [430, 500, 1000, 5000, 10_000]);
    assert_eq!(keys(1_350, "KWD"), [1350, 1500, 2000, 5000, 10_000, 20_000]);
    assert_eq!(keys(0, "EUR"), [0]);
}

#[test]
fn check_digits_are_gs1s() {
    for code in ["4006381333931", "2010007107310", "036000291452", "96385074"] {
        assert!(barcode::is_valid(code), "{code}");
    }
    for code in [
        "4006381333932",
        "",
        "1234567",
        "400638133393x",
        "４００６３８",
    ] {
        assert!(!barcode::is_valid(code), "{code}");
    }
    assert_eq!(
        barcode::in_store_ean13(42).as_deref(),
        Some("2000000000428")
    );
    assert!(barcode::is_valid(
        &barcode::in_store_ean13(9_999_999_999).unwrap()
    ));
    assert_eq!(barcode::in_store_ean13(10_000_000_000), None);
}

#[test]
fn a_moment_has_one_spelling() {
    for text in [
        "2026-11-22T14:02:13Z",
        "2026-11-22T14:02:13.0000Z",
        "2026-11-22T14:02:13.000+00:00",
        "2026-11-22t14:02:13.000z",
        "2026-11-22T23:59:60.000Z",
        "0000-01-01T00:00:00.000Z",
    ] {
        assert!(text.parse::<Timestamp>().is_err(), "{text}");
    }
    assert!("2026-11-22T14:02:13.000Z".parse::<Timestamp>().is_ok());
}

#[test]
fn a_business_day_ends_when_the_store_says() {
    let bar = DayRule::new("Europe/Berlin", "04:00").unwrap();
    let day = |text: &str| bar.business_day(text.parse().unwrap()).to_string();
    assert_eq!(day("2026-11-22T02:59:59.999Z"), "2026-11-21");
    assert_eq!(day("2026-11-22T03:00:00.000Z"), "2026-11-22");
    assert_eq!(
        day("2026-07-01T01:59:59.999Z"),
        "2026-06-30",
        "in summer time"
    );
    assert!(DayRule::new("Europe/Nowhere", "04:00").is_err());
    assert!(DayRule::new("Europe/Berlin", "24:00").is_err());
}
