//! `reconcile` without a cloud: what it says, and how it ends.

#![allow(missing_docs, reason = "test names are sentences")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::process::Command;

use common::{CART, Ran, Shop, config, ctl, run, shop};
use rusqlite::Connection;
use serde_json::{Value, json};

fn report(ran: &Ran) -> Value {
    assert_eq!(ran.status, 1, "{ran:?}");
    serde_json::from_str(&ran.stdout).expect("a report")
}

/// What a person reads.
fn words(shop: &Shop, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_counterfoilctl"))
        .arg("--data")
        .arg(shop.path())
        .args(arguments)
        .env("COUNTERFOIL_CONFIG", config(shop.path()))
        .env_remove("FIRESTORE_EMULATOR_HOST")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_register_without_a_cloud_is_compared_with_itself_and_is_not_called_clean() {
    let shop = shop();
    for _ in 0..2 {
        shop.pipe(&["checkout", "-"], CART).json();
    }
    let report = report(&shop.run(&["reconcile"]));
    assert_eq!(
        (&report["clean"], &report["cloudCompared"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(report["cloudProblem"]["code"], "not_connected");
    assert_eq!(
        (
            &report["receipts"],
            &report["links"],
            &report["differences"]
        ),
        (&json!(2), &json!(2), &json!(0))
    );
    let said = words(&shop, &["reconcile"]);
    assert!(said.contains("The cloud was not compared"), "{said}");
    assert!(said.contains("Not clean: no difference"), "{said}");
    assert!(said.contains("2 receipt(s)"), "{said}");
}

#[test]
fn an_unreachable_cloud_is_said_and_what_waits_is_explained() {
    let shop = shop();
    let connect = ["sync", "connect", "--project", "demo-x", "--store", "s1"];
    shop.run(&connect).json();
    shop.pipe(&["checkout", "-"], CART).json();
    let mut command = ctl(shop.path());
    // Port 9 is “discard”; nothing listens there.
    command.env("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9");
    let ran = Ran::of(command.arg("reconcile").output().unwrap());
    let report = report(&ran);
    assert_eq!(report["cloudProblem"]["code"], "cloud_unreachable");
    assert_eq!(report["explainedCounts"]["waiting"], 1);
    assert_eq!(report["explained"][0]["receiptNumber"], "A-000001");
}

#[test]
fn a_removed_receipt_is_named_and_the_status_says_so() {
    let shop = shop();
    for _ in 0..3 {
        shop.pipe(&["checkout", "-"], CART).json();
    }
    let conn = Connection::open(shop.path().join("counterfoil.db")).unwrap();
    conn.execute_batch(
        "PRAGMA foreign_keys = OFF; DROP TRIGGER sales_is_never_deleted;
         DELETE FROM sales WHERE receipt_number = 'A-000002';",
    )
    .unwrap();
    let report = report(&shop.run(&["reconcile"]));
    let finding = &report["findings"][0];
    assert_eq!(
        (
            &finding["kind"],
            &finding["place"],
            &finding["receiptNumber"]
        ),
        (&json!("missing"), &json!("register"), &json!("A-000002"))
    );
    let said = words(&shop, &["reconcile"]);
    assert!(said.contains("A-000002"), "{said}");
    assert!(said.contains("Not clean: 1 difference(s)"), "{said}");
}

#[test]
fn a_day_that_is_none_is_wrong_input() {
    let shop = shop();
    for day in ["2026-2-1", "tomorrow", "2026-02-30"] {
        let ran = shop.run(&["reconcile", "--from", day]);
        assert_eq!(ran.error(), (2, "invalid_input".to_owned()), "{day}");
    }
    let without = run(shop.path(), &["reconcile", "--by", "Maria"]);
    assert_eq!(without.error(), (2, "invalid_input".to_owned()));
}
