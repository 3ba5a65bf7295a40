//! `checkout`, by real processes.

#![allow(clippy::unwrap_used)]

mod common;

use common::{CART, Ran, cart, shop, spawn};
use serde_json::json;

const ID: &str = "5d0e6c9e-7f38-4c5e-9a53-3d6a4c7b1f10";

#[test]
fn a_cart_becomes_a_sale_and_the_sale_is_printed() {
    let shop = shop();
    let sale = shop.pipe(&["checkout", "-"], CART).json();
    assert_eq!(sale["receiptNumber"], "A-000001");
    assert_eq!(
        (&sale["total"], &sale["changeDue"]),
        (&json!(440), &json!(60))
    );
    assert_eq!(sale["syncState"], "localOnly");
    for key in [
        "schema",
        "saleId",
        "cartId",
        "registerId",
        "receiptSequence",
        "businessDay",
        "timeZone",
        "soldAt",
        "cashierId",
        "cashierName",
        "currency",
        "pricesIncludeTax",
        "lines",
        "discounts",
        "taxes",
        "rounding",
        "tenders",
        "digest",
        "fingerprint",
        "journal",
    ] {
        assert!(!sale[key].is_null(), "{key}");
    }
    let shown = shop.run(&["sales", "show", "A-000001"]).json();
    assert_eq!(shown, sale);
    let file = shop.file("cart.json", CART);
    let again = shop.run(&["checkout", file.to_str().unwrap()]).json();
    assert_eq!(
        again["receiptNumber"], "A-000002",
        "a cart without an id is a new cart"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_printed_is_told_and_the_sale_stands() {
    let shop = shop();
    for arguments in [&["checkout"][..], &["sales", "list"], &["sales", "export"]] {
        let mut command = common::ctl(shop.path());
        command.args(arguments);
        if arguments == ["checkout"] {
            command.arg(shop.file("cart.json", CART));
        }
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let ran = Ran::of(command.stdout(full.unwrap()).output().unwrap());
        let (status, code) = ran.error();
        assert_eq!(
            (status, code.as_str()),
            (1, "output_failed"),
            "{arguments:?}"
        );
    }
    assert_eq!(shop.sales(), 1);
}

#[test]
fn what_is_no_cart_is_told_what_a_cart_is() {
    let shop = shop();
    for text in ["", "  \n", "[]", "\"cart\"", "7"] {
        let ran = shop.pipe(&["checkout", "-"], text);
        assert_eq!(ran.error(), (2, "invalid_input".to_owned()), "{text:?}");
        let message = ran.errors()[0]["error"]["message"].to_string();
        assert!(
            message.contains("a cart is an object") && message.contains("tenders"),
            "{message}"
        );
    }
    assert_eq!(shop.sales(), 0);
}

#[test]
fn one_cart_paid_by_many_processes_at_once_is_one_sale() {
    const PROCESSES: usize = 6;
    let shop = shop();
    let file = shop.file("cart.json", &cart(ID, "2"));
    let arguments = ["checkout", file.to_str().unwrap()];
    let children: Vec<_> = (0..PROCESSES)
        .map(|_| spawn(shop.path(), &arguments))
        .collect();
    let ran = children
        .into_iter()
        .map(|child| Ran::of(child.wait_with_output().unwrap()));
    let ids: Vec<_> = ran.map(|ran| ran.json()["saleId"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(shop.sales(), 1);
    let differently = shop.pipe(&["checkout", "-"], &cart(ID, "3"));
    assert_eq!(differently.error(), (1, "cart_paid_differently".to_owned()));
    let details = &differently.errors()[0]["error"]["details"];
    assert_eq!(details["paid"]["saleId"], ids[0]);
    assert_eq!(details["offered"]["lines"][0]["quantity"], "3");
}

#[test]
fn processes_that_sell_at_once_share_one_gapless_series() {
    const PROCESSES: usize = 4;
    const EACH: usize = 5;
    let shop = shop();
    let lines = format!("{}\n", CART.replace('\n', "")).repeat(EACH);
    let file = shop.file("carts.jsonl", &lines);
    let arguments = ["checkout", "--lines", file.to_str().unwrap()];
    let children: Vec<_> = (0..PROCESSES)
        .map(|_| spawn(shop.path(), &arguments))
        .collect();
    for child in children {
        assert_eq!(
            Ran::of(child.wait_with_output().unwrap()).lines().len(),
            EACH
        );
    }
    let sales = shop.run(&["sales", "export"]).lines();
    let numbers: Vec<_> = sales
        .iter()
        .map(|sale| sale["receiptNumber"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<_> = (1..=PROCESSES * EACH)
        .map(|n| format!("A-{n:06}"))
        .collect();
    assert_eq!(numbers, expected);
    assert_eq!(shop.run(&["journal", "verify"]).json()["intact"], true);
}

#[test]
fn a_bad_line_is_reported_and_loses_no_other() {
    let shop = shop();
    let good = CART.replace('\n', "");
    let input = format!("{good}\n{{\"lines\": oops}}\n\n{}\n{good}", cart(ID, "0"));
    let ran = shop.pipe(&["checkout", "--lines", "-"], &input);
    assert_eq!((ran.status, ran.lines().len()), (2, 2));
    let errors = ran.errors();
    let places: Vec<_> = errors
        .iter()
        .map(|e| (&e["line"], &e["error"]["code"]))
        .collect();
    assert_eq!(
        places,
        [
            (&json!(2), &json!("invalid_input")),
            (&json!(4), &json!("invalid_quantity"))
        ]
    );
    let input = format!("{}\n{}\n{good}\n", cart(ID, "1"), cart(ID, "2"));
    let ran = shop.pipe(&["checkout", "--lines", "-"], &input);
    assert_eq!((ran.status, ran.lines().len()), (1, 2));
    assert_eq!(shop.sales(), 4);
}

#[test]
fn bad_input_exits_with_two_and_books_nothing() {
    let shop = shop();
    let line = |line: &str, paid: &str| format!(r#"{{"lines":[{line}],"tenders":[{paid}]}}"#);
    let cash = |amount: &str| format!(r#"{{"method":"cash","amount":{amount}}}"#);
    let espresso = r#"{"sku":"COF-001","quantity":"1"}"#;
    let cases = [
        (
            line(r#"{"barcode":"1","quantity":"1"}"#, &cash("500")),
            "unknown_barcode",
        ),
        (
            line(r#"{"sku":"COF-001","quantity":"-1"}"#, &cash("500")),
            "invalid_quantity",
        ),
        (
            line(r#"{"sku":"COF-001","quantity":"1e5"}"#, &cash("500")),
            "invalid_quantity",
        ),
        (
            line(
                r#"{"sku":"COF-001","quantity":"1","discount":{"amount":221}}"#,
                &cash("500"),
            ),
            "discount_too_large",
        ),
        (line(espresso, &cash("219")), "payment_too_small"),
        (
            line(espresso, r#"{"method":"card","amount":220}"#),
            "reference_missing",
        ),
        (
            line(espresso, &cash("9007199254740992")),
            "amount_too_large",
        ),
        ("{\"lines\":\n[}".to_owned(), "invalid_input"),
        ("[]".to_owned(), "invalid_input"),
        (String::new(), "invalid_input"),
    ];
    for (input, code) in cases {
        assert_eq!(
            shop.pipe(&["checkout", "-"], &input).error(),
            (2, code.to_owned()),
            "{input}"
        );
    }
    let malformed = shop
        .pipe(&["checkout", "-"], "{\"lines\":\n[}")
        .errors()
        .remove(0);
    assert_eq!(
        malformed["error"]["details"],
        json!({ "line": 2, "column": 2 })
    );
    let absent = shop.run(&["checkout", "no-such-file.json"]);
    assert_eq!(absent.error(), (2, "file_unreadable".to_owned()));
    assert_eq!(shop.sales(), 0);
}

#[test]
fn a_price_of_zero_is_sold() {
    let shop = shop();
    let free = r#"{"lines":[{"sku":"COF-001","quantity":"1","unitPrice":0}],"tenders":[]}"#;
    let sale = shop.pipe(&["checkout", "-"], free).json();
    assert_eq!(
        (&sale["total"], &sale["lines"][0]["unitPrice"]),
        (&json!(0), &json!(0))
    );
}
