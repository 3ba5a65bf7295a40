//! `processCheckout`: durable, exactly once, reckoned here.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Barrier;
use std::thread;

use common::{cash, code, minor, off, pay, percent, ring, sell, shop, stock, tender};
use counterfoil_app::dto::TenderMethod;
use counterfoil_app::{ErrorCode, OfferedCart};
use serde_json::json;

#[test]
fn a_sale_moves_stock_takes_the_next_number_and_ends_the_cart() {
    let shop = shop();
    shop.till.scan("2000000000015", Some("2")).unwrap();
    let cart = shop.till.add_product("BAN", Some("0.734"), None).unwrap();
    assert_eq!(cart.total, minor(498 + 146));
    let done = shop
        .till
        .process_checkout(pay(&cart.cart_id, vec![cash(1000)]))
        .unwrap();
    assert_eq!(done.sale.receipt_number, "A-000001");
    assert_eq!(done.sale.change_due, minor(356));
    assert_eq!(done.sale.business_day, "2026-11-22");
    assert_eq!(done.cart.lines, []);
    assert_ne!(done.cart.cart_id, cart.cart_id);
    assert_eq!(done.cart.last_change, Some(minor(356)));
    assert_eq!(stock(&shop.till, "MILK"), "8");
    assert_eq!(stock(&shop.till, "BAN"), "24.766");
    let again = common::open(shop.dir.path());
    assert_eq!(again.sale("a-000001").unwrap(), done.sale);
}

#[test]
fn a_double_enter_is_one_sale() {
    let shop = shop();
    let cart = shop.till.scan("MILK", None).unwrap();
    let first = shop
        .till
        .process_checkout(pay(&cart.cart_id, vec![cash(300)]))
        .unwrap();
    let second = shop
        .till
        .process_checkout(pay(&cart.cart_id, vec![cash(300)]))
        .unwrap();
    assert_eq!(first.sale, second.sale);
    assert_eq!(stock(&shop.till, "MILK"), "9");
    let other = shop
        .till
        .process_checkout(pay(&cart.cart_id, vec![cash(500)]))
        .unwrap_err();
    assert_eq!(other.code, ErrorCode::CartPaidDifferently);
    let details = other.details.unwrap();
    assert_eq!(details["paid"]["receiptNumber"], "A-000001");
    assert_eq!(details["offered"]["tenders"][0]["amount"], 500);
    assert!(!details.to_string().contains("null"), "{details}");
}

#[test]
fn one_cart_paid_by_many_threads_at_once_is_one_sale() {
    const THREADS: usize = 8;
    let shop = shop();
    let cart = shop.till.scan("MILK", None).unwrap();
    let start = Barrier::new(THREADS);
    let sales: Vec<_> = thread::scope(|scope| {
        let pay_it = || {
            // A connection of its own, as another program would have.
            let till = common::open(shop.dir.path());
            start.wait();
            till.process_checkout(pay(&cart.cart_id, vec![cash(249)]))
                .unwrap()
                .sale
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(pay_it)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(sales.iter().all(|sale| sale.sale_id == sales[0].sale_id));
    assert_eq!(shop.till.recent_sales(10, None).unwrap().items.len(), 1);
    assert_eq!(stock(&shop.till, "MILK"), "9");
}

#[test]
fn carts_of_many_threads_share_one_gapless_series() {
    const THREADS: usize = 4;
    const EACH: usize = 10;
    let shop = shop();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let till = common::open(shop.dir.path());
                for _ in 0..EACH {
                    let cart = json!({
                        "lines": [{ "sku": "ROLL", "quantity": "1" }],
                        "tenders": [{ "method": "cash", "amount": 35 }],
                    });
                    ring(&till, &cart.to_string()).unwrap();
                }
            });
        }
    });
    let mut numbers = Vec::new();
    shop.till
        .each_sale(|sale| {
            numbers.push(sale.view().receipt_number);
            Ok(())
        })
        .unwrap();
    let expected: Vec<_> = (1..=THREADS * EACH).map(|n| format!("A-{n:06}")).collect();
    assert_eq!(numbers, expected);
    assert!(shop.till.verify_journal().unwrap().intact());
}

#[test]
fn the_same_file_again_is_the_same_sale_also_after_a_price_change() {
    let shop = shop();
    let cart = json!({
        "cartId": "5d0e6c9e-7f38-4c5e-9a53-3d6a4c7b1f10",
        "lines": [
            { "barcode": "2000000000015", "quantity": "2", "discount": { "percent": "10" } },
            { "sku": "BAN", "quantity": "1.5", "note": "ripe" },
        ],
        "discount": { "amount": 50 },
        "tenders": [{ "method": "card", "amount": 700, "reference": "T-1" }],
        "cashier": "Ben",
    });
    let first = ring(&shop.till, &cart.to_string()).unwrap();
    let dearer =
        "sku,name,price,tax,unit\nMILK,Oat milk 1 l,2.99,20,piece\nBAN,Bananas,2.49,10,kg\n";
    shop.till
        .import_catalogue(common::import(dearer), |_| {})
        .unwrap();
    assert_eq!(ring(&shop.till, &cart.to_string()).unwrap(), first);
    let mut other = cart.clone();
    other["lines"][1]["quantity"] = json!("1.6");
    let refused = ring(&shop.till, &other.to_string()).unwrap_err();
    assert_eq!(refused.code, ErrorCode::CartPaidDifferently);
    let details = refused.details.unwrap();
    assert_eq!(details["offered"]["lines"][1]["quantity"], "1.6");
    assert!(!details.to_string().contains("null"), "{details}");
    let mut other = cart;
    other["lines"][0]["unitPrice"] = json!(200);
    assert_eq!(
        code(ring(&shop.till, &other.to_string())),
        ErrorCode::CartPaidDifferently
    );
    assert_eq!(shop.till.recent_sales(10, None).unwrap().items.len(), 1);
}

#[test]
fn the_same_file_again_is_the_same_sale_also_after_its_barcode_moved() {
    const HEAD: &str = "sku,barcode,name,price,tax,unit\n";
    let shop = shop();
    let cart = |quantity: &str| {
        json!({
            "cartId": "5d0e6c9e-7f38-4c5e-9a53-3d6a4c7b1f10",
            "lines": [{ "barcode": "2000000000015", "quantity": quantity }],
            "tenders": [{ "method": "cash", "amount": 1000 }],
        })
        .to_string()
    };
    let first = ring(&shop.till, &cart("2")).unwrap();
    let free = "MILK,4012345678901,Oat milk 1 l,2.49,20,piece\n";
    let moved = "BAN,2000000000015,Bananas,1.99,10,kg\n";
    for catalogue in [format!("{HEAD}{free}"), format!("{HEAD}{moved}")] {
        let report = shop
            .till
            .import_catalogue(common::import(&catalogue), |_| {});
        assert!(report.unwrap().imported);
        assert_eq!(ring(&shop.till, &cart("2")).unwrap(), first);
        let refused = ring(&shop.till, &cart("3")).unwrap_err();
        assert_eq!(refused.code, ErrorCode::CartPaidDifferently);
        let line = &refused.details.unwrap()["offered"]["lines"][0];
        assert_eq!(line["quantity"], "3");
    }
    assert_eq!(shop.till.recent_sales(10, None).unwrap().items.len(), 1);
}

#[test]
fn the_printed_document_is_the_signed_record() {
    let shop = shop();
    let sale = ring(
        &shop.till,
        r#"{"lines":[{"sku":"MILK","quantity":"1"}],"tenders":[{"method":"cash","amount":249}]}"#,
    )
    .unwrap();
    let document = sale.document();
    assert_eq!(document["syncState"], "localOnly");
    assert_eq!(document["journal"]["sequence"], 1);
    assert_eq!(document["cashierName"], "Cashier");
    let fields = document.as_object().unwrap();
    assert_eq!(counterfoil_domain::sale::verify(fields), Ok(()));
    assert!(fields.values().all(|value| !value.is_null()));
    assert!(!fields.contains_key("storeId"), "there is none yet");
    shop.till
        .sync_connect("demo-x", "corner", None, false)
        .unwrap();
    let again = shop.till.find_sale("A-000001").unwrap().document();
    assert_eq!(again["storeId"], "corner");
    assert_eq!(
        counterfoil_domain::sale::verify(again.as_object().unwrap()),
        Ok(()),
        "connecting rewrites no sale"
    );
}

#[test]
fn what_cannot_be_paid_is_refused_and_nothing_is_booked() {
    let shop = shop();
    let till = &shop.till;
    let empty = till.cart().unwrap();
    let attempt = |tenders| till.process_checkout(pay(&till.cart().unwrap().cart_id, tenders));
    assert_eq!(code(attempt(vec![cash(100)])), ErrorCode::CartEmpty);
    let cart = till.scan("BOOK", None).unwrap();
    assert_eq!(cart.cart_id, empty.cart_id);
    assert_eq!(code(attempt(vec![cash(2499)])), ErrorCode::PaymentTooSmall);
    assert_eq!(code(attempt(vec![])), ErrorCode::PaymentTooSmall);
    let card = |reference| tender(TenderMethod::Card, 2500, reference);
    assert_eq!(code(attempt(vec![card(None)])), ErrorCode::ReferenceMissing);
    assert_eq!(
        code(attempt(vec![card(Some("4111 1111 1111 1111"))])),
        ErrorCode::CardNumberRefused
    );
    assert_eq!(code(attempt(vec![cash(-5)])), ErrorCode::InvalidAmount);
    let voucher = tender(TenderMethod::Voucher, 2600, Some("V1"));
    assert_eq!(code(attempt(vec![voucher])), ErrorCode::TenderExceedsDue);
    let stranger = "11111111-1111-4111-8111-111111111111";
    let unknown = till.process_checkout(pay(stranger, vec![cash(2500)]));
    assert_eq!(code(unknown), ErrorCode::CartChanged);
    assert_eq!(till.recent_sales(10, None).unwrap().items, []);
    assert_eq!(stock(till, "BOOK"), "3");
    assert_eq!(till.cart().unwrap(), cart);
}

#[test]
fn a_bad_cart_in_a_file_gets_a_code_and_books_nothing() {
    let shop = shop();
    let line = |line: &str| {
        format!(r#"{{"lines":[{line}],"tenders":[{{"method":"cash","amount":9007199254740991}}]}}"#)
    };
    let cases = [
        (
            line(r#"{"barcode":"999","quantity":"1"}"#),
            ErrorCode::UnknownBarcode,
        ),
        (
            line(r#"{"sku":"NONE","quantity":"1"}"#),
            ErrorCode::UnknownProduct,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"-1"}"#),
            ErrorCode::InvalidQuantity,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"0"}"#),
            ErrorCode::InvalidQuantity,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"1.5"}"#),
            ErrorCode::InvalidQuantity,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"1e9"}"#),
            ErrorCode::InvalidQuantity,
        ),
        (
            line(r#"{"sku":"BAN","quantity":"0.0001"}"#),
            ErrorCode::InvalidQuantity,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"99999999"}"#),
            ErrorCode::InvalidQuantity,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"1","unitPrice":-1}"#),
            ErrorCode::InvalidAmount,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"1","unitPrice":1.5}"#),
            ErrorCode::InvalidAmount,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"1","unitPrice":9007199254740992}"#),
            ErrorCode::AmountTooLarge,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"1","unitPrice":99999999999999999999}"#),
            ErrorCode::AmountTooLarge,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"1000000","unitPrice":9007199254740991}"#),
            ErrorCode::AmountTooLarge,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"1","discount":{"amount":250}}"#),
            ErrorCode::DiscountTooLarge,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"1","discount":{"percent":"101"}}"#),
            ErrorCode::DiscountTooLarge,
        ),
        (
            line(r#"{"sku":"MILK","barcode":"1","quantity":"1"}"#),
            ErrorCode::InvalidInput,
        ),
        (
            line(r#"{"sku":"MILK","quantity":"1","discont":{}}"#),
            ErrorCode::InvalidInput,
        ),
        (line(""), ErrorCode::CartEmpty),
        (
            "{\"lines\": [\n  {\"sku\" \"MILK\"}\n]}".to_owned(),
            ErrorCode::InvalidInput,
        ),
    ];
    for (cart, expected) in cases {
        let error = ring(&shop.till, &cart).expect_err(&cart);
        assert_eq!(error.code, expected, "{cart}: {}", error.message);
        assert!(error.message.len() > 20, "{}", error.message);
    }
    assert_eq!(shop.till.recent_sales(10, None).unwrap().items, []);
    let malformed = OfferedCart::parse("{\"lines\": [\n  {\"sku\" \"MILK\"}\n]}").unwrap_err();
    assert_eq!(malformed.details, Some(json!({ "line": 2, "column": 10 })));
}

#[test]
fn a_price_of_zero_is_a_price() {
    let shop = shop();
    let cart = shop.till.add_product("BAG", None, None).unwrap();
    assert_eq!((cart.total, cart.lines[0].unit_price), (minor(0), minor(0)));
    assert_eq!(sell(&shop.till, vec![]).total, minor(0));
    assert_eq!(stock(&shop.till, "BAG"), "-1");
}

#[test]
fn discounts_come_off_the_line_and_the_cart() {
    let shop = shop();
    let till = &shop.till;
    till.scan("BOOK", None).unwrap();
    let cart = till.set_line_discount(1, percent("10")).unwrap();
    assert_eq!(cart.total, minor(2250));
    let cart = till
        .set_cart_discount(off(250), Some("regular".to_owned()))
        .unwrap();
    assert_eq!(
        (cart.total, cart.discount_amount),
        (minor(2000), minor(500))
    );
    assert_eq!(
        code(till.set_cart_discount(off(2251), None)),
        ErrorCode::DiscountTooLarge
    );
    assert_eq!(
        code(till.set_line_discount(1, off(2501))),
        ErrorCode::DiscountTooLarge
    );
    assert_eq!(till.cart().unwrap(), cart);
    let sale = sell(till, vec![cash(2000)]);
    assert_eq!(sale.discounts[0].reason.as_deref(), Some("regular"));
    assert_eq!(sale.lines[0].discount, minor(500));
}
