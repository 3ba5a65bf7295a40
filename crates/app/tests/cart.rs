//! The open cart: what an edit does, and that it outlives the program.

#![allow(clippy::unwrap_used)]

mod common;

use common::{cash, code, minor, pay, percent, sell, shop, tender};
use counterfoil_app::ErrorCode;
use counterfoil_app::dto::TenderMethod;

#[test]
fn a_scan_of_the_same_product_makes_its_line_grow() {
    let shop = shop();
    let till = &shop.till;
    till.scan("2000000000015", None).unwrap();
    till.scan("2000000000022", Some("3")).unwrap();
    let cart = till.scan("4012345678901", None).unwrap();
    assert_eq!(cart.lines.len(), 2);
    assert_eq!(
        (cart.lines[0].quantity.as_str(), cart.last_line),
        ("2", Some(1))
    );
    assert_eq!((cart.item_count, cart.revision), (5, 3));
    till.set_line_discount(1, percent("5")).unwrap();
    let cart = till.scan("MILK", None).unwrap();
    assert_eq!((cart.lines.len(), cart.last_line), (3, Some(3)));
    let cart = till.add_product("MILK", None, Some(minor(200))).unwrap();
    assert_eq!(
        (cart.lines.len(), cart.lines[3].list_price),
        (4, minor(249))
    );
}

#[test]
fn what_is_weighed_asks_for_its_weight() {
    let shop = shop();
    let error = shop.till.scan("2000000000039", None).unwrap_err();
    assert_eq!(error.code, ErrorCode::QuantityNeeded);
    assert_eq!(error.details.unwrap()["product"]["unit"], "kg");
    let cart = shop.till.scan("2000000000039", Some("0.734")).unwrap();
    assert_eq!((cart.total, cart.item_count), (minor(146), 1));
}

#[test]
fn the_open_cart_survives_the_program() {
    let shop = shop();
    shop.till.scan("MILK", Some("2")).unwrap();
    let cart = shop.till.set_line_note(1, Some("cold".to_owned())).unwrap();
    assert_eq!(common::open(shop.dir.path()).cart().unwrap(), cart);
}

#[test]
fn a_refused_edit_leaves_the_cart_as_it_was() {
    let shop = shop();
    let till = &shop.till;
    let cart = till.scan("MILK", Some("2")).unwrap();
    assert_eq!(code(till.scan("31337", None)), ErrorCode::UnknownBarcode);
    assert_eq!(
        code(till.add_product("NONE", None, None)),
        ErrorCode::UnknownProduct
    );
    for quantity in ["0", "-1", "1.5", "x", "1000001", ""] {
        let error = till.set_line_quantity(1, quantity).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidQuantity, "{quantity}");
    }
    assert_eq!(
        code(till.scan("MILK", Some("999999"))),
        ErrorCode::InvalidQuantity
    );
    assert_eq!(
        code(till.set_line_price(1, minor(-1))),
        ErrorCode::InvalidAmount
    );
    assert_eq!(
        code(till.set_line_price(1, minor(9_007_199_254_740_991))),
        ErrorCode::AmountTooLarge
    );
    assert_eq!(code(till.set_line_quantity(2, "1")), ErrorCode::CartChanged);
    assert_eq!(code(till.remove_line(0)), ErrorCode::CartChanged);
    assert_eq!(
        code(till.set_line_note(1, Some("x".repeat(501)))),
        ErrorCode::CartTooLarge
    );
    let number = Some("5500 0055 5555 5559".to_owned());
    assert_eq!(
        code(till.set_line_note(1, number)),
        ErrorCode::CardNumberRefused
    );
    assert_eq!(till.cart().unwrap(), cart);
}

#[test]
fn lines_are_changed_removed_and_the_cart_is_cleared() {
    let shop = shop();
    let till = &shop.till;
    till.scan("MILK", Some("2")).unwrap();
    till.scan("ROLL", None).unwrap();
    let cart = till.set_line_quantity(1, "3").unwrap();
    assert_eq!((cart.total, cart.last_line), (minor(3 * 249 + 35), Some(1)));
    let cart = till.set_line_price(2, minor(0)).unwrap();
    assert_eq!(
        (cart.lines[1].unit_price, cart.lines[1].list_price),
        (minor(0), minor(35))
    );
    let before = till.remove_line(1).unwrap();
    assert_eq!((before.lines.len(), before.last_line), (1, None));
    let after = till.clear_cart(Some("left".to_owned())).unwrap();
    assert_eq!(after.lines, []);
    assert_ne!(after.cart_id, before.cart_id);
}

#[test]
fn a_cart_holds_a_thousand_lines_and_no_more() {
    let shop = shop();
    let mut csv = "sku,name,price\n".to_owned();
    for n in 0..1001 {
        csv.push_str(&format!("P{n},Product {n},1\n"));
    }
    shop.till
        .import_catalogue(common::import(&csv), |_| {})
        .unwrap();
    let lines: Vec<_> = (0..1001)
        .map(|n| format!(r#"{{"sku":"P{n}","quantity":"1"}}"#))
        .collect();
    let cart = |lines: &[String]| {
        let lines = lines.join(",");
        format!(r#"{{"lines":[{lines}],"tenders":[{{"method":"cash","amount":200000}}]}}"#)
    };
    assert_eq!(
        code(common::ring(&shop.till, &cart(&lines))),
        ErrorCode::CartTooLarge
    );
    common::ring(&shop.till, &cart(&lines[..1000])).unwrap();
}

#[test]
fn the_payment_dialog_sees_what_the_checkout_will_take() {
    let mut input = common::set_up_input();
    input.cash_rounding = Some(minor(5));
    let shop = common::shop_with(input);
    let till = &shop.till;
    till.add_product("MILK", None, Some(minor(1742))).unwrap();
    let preview = till.payment_preview(&[]).unwrap();
    assert_eq!(
        (preview.remaining, preview.cash_due),
        (minor(1742), minor(1740))
    );
    assert_eq!(preview.quick_cash[0], minor(1740));
    let split = [tender(TenderMethod::Card, 1000, None), cash(1000)];
    let preview = till.payment_preview(&split).unwrap();
    assert!(preview.complete);
    assert_eq!((preview.rounding, preview.change), (minor(-2), minor(260)));
    let over = till
        .payment_preview(&[tender(TenderMethod::Voucher, 2000, None)])
        .unwrap();
    assert_eq!(over.problem.unwrap().code, ErrorCode::TenderExceedsDue);
    let sale = sell(till, vec![cash(2000)]);
    assert_eq!((sale.rounding, sale.change_due), (minor(-2), minor(260)));
    assert_eq!(till.cart().unwrap().last_change, Some(minor(260)));
    till.scan("MILK", None).unwrap();
    let cart = till.cart().unwrap();
    assert_eq!(cart.last_change, Some(minor(260)));
    let done = till
        .process_checkout(pay(&cart.cart_id, vec![cash(250)]))
        .unwrap();
    assert_eq!(done.cart.last_change, None);
}
