//! `sync identity`, on a data directory that was copied.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{CART, Shop, shop};
use serde_json::json;

/// A copy of a shop's database in a folder of its own.
fn copied(shop: &Shop) -> Shop {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(shop.backup(), dir.path().join("counterfoil.db")).unwrap();
    Shop { dir }
}

#[test]
fn a_copy_says_who_it_is_and_becomes_another_register() {
    let shop = shop();
    let sold = shop.pipe(&["checkout", "-"], CART).json();
    let who = shop.run(&["sync", "identity"]).json();
    assert_eq!(
        (
            &who["registerId"],
            &who["receiptPrefix"],
            &who["installation"]
        ),
        (&sold["registerId"], &json!("A"), &json!("matches"))
    );

    let copy = copied(&shop);
    let refused = copy.pipe(&["checkout", "-"], CART);
    assert_eq!(refused.error(), (1, "identity_needed".to_owned()));
    let details = &refused.errors()[0]["error"]["details"];
    assert_eq!(
        (&details["receiptPrefix"], &details["registerName"]),
        (&json!("A"), &json!("Till 1"))
    );
    let status = copy.run(&["sync", "status"]).json();
    assert_eq!(status["state"], "identityNeeded");
    assert_eq!(
        copy.run(&["sync", "identity"]).json()["installation"],
        "missing"
    );
    assert_eq!(copy.sales(), 1, "all sales are there");

    let again = copy.run(&["sync", "identity", "--new", "--receipt-prefix", "A"]);
    assert_eq!(again.error(), (2, "invalid_input".to_owned()));
    let new = copy
        .run(&["sync", "identity", "--new", "--receipt-prefix", "B"])
        .json();
    assert_eq!(
        (
            &new["receiptPrefix"],
            &new["installation"],
            &new["lastReceipt"]
        ),
        (&json!("B"), &json!("matches"), &json!(0))
    );
    assert_ne!(new["registerId"], who["registerId"]);
    let next = copy.pipe(&["checkout", "-"], CART).json();
    assert_eq!(
        (&next["receiptNumber"], &next["registerId"]),
        (&json!("B-000001"), &new["registerId"])
    );
    let proof = copy.run(&["journal", "verify"]).json();
    assert_eq!(
        (&proof["intact"], proof["chains"].as_array().unwrap().len()),
        (&json!(true), 2)
    );
    let next = shop.pipe(&["checkout", "-"], CART).json();
    assert_eq!(next["receiptNumber"], "A-000002", "the original goes on");
}

#[test]
fn a_new_identity_needs_its_prefix_and_a_prefix_asks_for_a_new_one() {
    let shop = shop();
    for wrong in [&["--new"][..], &["--receipt-prefix", "B"]] {
        let ran = shop.run(&[&["sync", "identity"], wrong].concat());
        assert_eq!(ran.error(), (2, "invalid_input".to_owned()), "{wrong:?}");
    }
    assert_eq!(shop.run(&["sync", "identity"]).json()["receiptPrefix"], "A");
}
