//! The first start, and what a window sees of a till that cannot be used.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use common::{cash, code, minor, sell, set_up_input};
use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::dto::{Phase, Preferences, SetUpInput, Theme};
use counterfoil_app::{ErrorCode, Places, Till};

#[test]
fn a_fresh_folder_asks_to_be_set_up_and_then_sells() {
    let dir = tempfile::tempdir().unwrap();
    let till = common::open(&dir.path().join("made"));
    let state = till.app_state().unwrap();
    assert_eq!((state.phase, state.store), (Phase::SetUp, None));
    assert_eq!(code(till.cart()), ErrorCode::NotSetUp);
    let state = till
        .set_up_store(SetUpInput {
            demo: true,
            ..set_up_input()
        })
        .unwrap();
    assert_eq!(state.phase, Phase::Ready);
    let store = state.store.unwrap();
    assert_eq!(
        (store.currency.code.as_str(), store.currency.decimals),
        ("EUR", 2)
    );
    assert_eq!(state.register.unwrap().prefix, "A");
    assert!(till.categories().unwrap().len() >= 10);
    assert_eq!(
        code(till.set_up_store(set_up_input())),
        ErrorCode::AlreadySetUp
    );
}

#[test]
fn answers_that_make_no_store_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let till = common::open(dir.path());
    let bad: [fn(&mut SetUpInput); 11] = [
        |input| input.store_name = " ".to_owned(),
        |input| input.currency = "EURO".to_owned(),
        |input| input.currency = "EUX".to_owned(),
        |input| input.register_name = "x".repeat(101),
        |input| input.receipt_prefix = "A-1".to_owned(),
        |input| input.time_zone = "Berlin".to_owned(),
        |input| input.day_start = "4".to_owned(),
        |input| input.cash_rounding = Some(minor(-5)),
        |input| input.cash_rounding = Some(minor(7)),
        |input| input.cash_rounding = Some(minor(0)),
        |input| input.cash_rounding = Some(minor(1000)),
    ];
    for change in bad {
        let mut input = set_up_input();
        change(&mut input);
        assert!(till.set_up_store(input).is_err());
    }
    assert_eq!(till.app_state().unwrap().phase, Phase::SetUp);
}

#[test]
fn a_sale_before_the_start_of_day_belongs_to_the_day_before() {
    let shop = common::shop_with(SetUpInput {
        day_start: "16:00".to_owned(),
        ..set_up_input()
    });
    shop.till.scan("MILK", None).unwrap();
    let sale = sell(&shop.till, vec![cash(249)]);
    // 15:02 in Berlin.
    assert_eq!(sale.business_day, "2026-11-21");
}

#[test]
fn who_is_at_the_till_and_how_it_looks_is_kept() {
    let shop = common::shop();
    assert_eq!(shop.till.set_cashier("  Anna ").unwrap().cashier, "Anna");
    assert_eq!(code(shop.till.set_cashier(" ")), ErrorCode::InvalidInput);
    let dark = Preferences {
        theme: Theme::Dark,
        ..Preferences::default()
    };
    shop.till.save_preferences(dark).unwrap();
    let state = common::open(shop.dir.path()).app_state().unwrap();
    assert_eq!((state.cashier.as_str(), state.preferences), ("Anna", dark));
}

#[test]
fn a_window_comes_up_over_a_database_that_cannot_be_used_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("counterfoil.db"), "no database, not at all").unwrap();
    let till = Till::open_or_blocked(
        &Places::within(dir.path()),
        Arc::new(SystemClock),
        Arc::new(RandomIds),
    );
    let state = till.app_state().unwrap();
    assert_eq!(state.phase, Phase::Blocked);
    assert_eq!(state.problem.unwrap().code, ErrorCode::DatabaseDamaged);
    assert_eq!(code(till.scan("MILK", None)), ErrorCode::DatabaseDamaged);
}

#[test]
fn two_handles_on_one_folder_see_each_others_cart() {
    let shop = common::shop();
    let other = common::open(shop.dir.path());
    let cart = other.scan("MILK", None).unwrap();
    assert_eq!(shop.till.cart().unwrap(), cart);
}
