//! The failure list, as scripts and people read it and decide about it.

#![allow(missing_docs, reason = "test names are sentences")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::process::Command;

use common::{CART, Ran, Shop, config, shop};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

/// What a person reads.
fn plain(shop: &Shop, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterfoilctl"));
    command.arg("--data").arg(shop.path()).args(arguments);
    command.env("COUNTERFOIL_CONFIG", config(shop.path()));
    let ran = Ran::of(command.output().unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
    ran.stdout
}

#[test]
fn a_decision_is_one_of_four() {
    let shop = shop();
    shop.pipe(&["checkout", "-"], CART).json();
    let resolve = |more: &[&str]| {
        shop.run(&[&["sync", "resolve", "A-000001"], more].concat())
            .error()
    };
    assert_eq!(resolve(&[]).0, 2);
    assert_eq!(resolve(&["--retry", "--dismiss"]).0, 2);
    assert_eq!(resolve(&["--keep-cloud"]).0, 2, "where is the money?");
    for more in [
        ["--money", "given-back"],
        ["--restock", "shelf"],
        ["--card-reference", "R-1"],
    ] {
        let both = [&["--retry"], &more[..]].concat();
        assert_eq!(resolve(&both), (2, "invalid_input".to_owned()), "{more:?}");
    }
    let by = ["--dismiss", "--reason", "why", "--by", "Maria"];
    assert_eq!(resolve(&by), (1, "not_found".to_owned()));
}

/// A sale that the cloud has refused, and what was decided about it at a copy of this register, as the cloud told it.
fn decided_before(shop: &Shop, decision: Option<Value>) -> Value {
    let sale = shop.pipe(&["checkout", "-"], CART).json();
    let conn = Connection::open(shop.path().join("counterfoil.db")).unwrap();
    let (id, digest) = (sale["saleId"].as_str(), sale["digest"].as_str());
    conn.execute(
        "UPDATE outbox SET state = 'failed' WHERE sale_id = ?1",
        [id],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO failures (sale_id, kind, message, attempts, failed_at, status, sequence)
         SELECT ?1, 'sameId', 'another sale has this id', 1, 0, 'open', count(*) FROM failures",
        [id],
    )
    .unwrap();
    if let Some(decision) = decision {
        conn.execute(
            "INSERT INTO elsewhere (sale_id, digest, n, resolution) VALUES (?1, ?2, 1, ?3)",
            params![id, digest, decision.to_string()],
        )
        .unwrap();
    }
    sale
}

#[test]
fn what_was_decided_before_is_shown_with_the_item_and_binds_who_decides_now() {
    let shop = shop();
    shop.run(&["sync", "connect", "--project", "demo-x", "--store", "s1"])
        .json();
    decided_before(&shop, None);
    let outcome = json!({
        "choice": "keepCloud", "by": "Bea", "reason": "rung up twice", "decidedAt": "2026-11-22T15:00:00.000Z",
    });
    let mut document = outcome.clone();
    document["registerId"] = json!("another");
    document["n"] = json!(1);
    let sale = decided_before(&shop, Some(document));

    let failed = shop.run(&["sync", "failed"]).json();
    let before = failed["items"].as_array().unwrap().iter();
    let before: Vec<&Value> = before.map(|item| &item["decidedBefore"]).collect();
    assert_eq!(before, [&Value::Null, &outcome], "only what was decided");
    let words = plain(&shop, &["sync", "failed"]);
    let number = sale["receiptNumber"].as_str().unwrap();
    let line = format!(
        "{number}: decided before, and that stands in the cloud: keepCloud, by Bea, \
         2026-11-22T15:00:00.000Z (rung up twice)"
    );
    assert_eq!(words.matches("decided before").count(), 1, "{words}");
    assert!(words.contains(&line), "{words}");

    // What the cloud counts already cannot be decided otherwise.
    let by = ["--reason", "why", "--by", "Maria"];
    let resolve = |what: &[&str]| shop.run(&[&["sync", "resolve", number], what, &by].concat());
    let refused = resolve(&["--dismiss"]);
    assert_eq!(refused.error(), (1, "choice_not_available".to_owned()));
    assert!(
        refused
            .stderr
            .contains("the cloud's version was kept before"),
        "{}",
        refused.stderr
    );
    let kept = resolve(&[
        "--keep-cloud",
        "--money",
        "never-taken",
        "--restock",
        "none",
    ])
    .json();
    assert_eq!(kept["choice"], "keepCloud");
}
