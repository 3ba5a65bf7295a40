//! Connecting a register to a store, and to another one.

#![allow(clippy::unwrap_used)]

mod common;

use common::cloud::{choose, claim, claim_one, connected, land, refuse};
use common::{CART, code, ring};
use counterfoil_app::dto::{ChoiceKind, SyncPhase};
use counterfoil_app::{ErrorCode, Till};
use counterfoil_store::table::sync_state;
use counterfoil_sync::{FailureKind, GroupKind};
use serde_json::json;

#[test]
fn sales_that_are_in_another_store_are_not_left_behind_by_mistake() {
    let shop = connected();
    let till = &shop.till;
    for _ in 0..3 {
        ring(till, CART).unwrap();
    }
    // Nothing is up yet: all of it goes to the right store, if that is meant.
    let waits = till.sync_connect("demo-x", "center", None, false);
    let waits = waits.unwrap_err();
    assert_eq!(waits.code, ErrorCode::UnsyncedSales);
    assert_eq!(waits.details, Some(json!({ "waiting": 3, "tried": 0 })));
    assert!(waits.message.ends_with("sync connect --yes"), "{waits}");
    let still = till.sync_status().unwrap().store_id;
    assert_eq!(still.as_deref(), Some("corner"), "nothing was changed");
    till.sync_connect("demo-x", "center", None, true).unwrap();
    for group in &claim(till)[..2] {
        land(till, group);
    }
    till.sync_connect("demo-x", "center", Some("key"), false)
        .unwrap();

    let before = till.sync_status().unwrap();
    let refused = till
        .sync_connect("demo-x", "corner", None, false)
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::SalesElsewhere);
    assert!(refused.message.starts_with("2 sale(s)"), "{refused}");
    assert_eq!(
        refused.details,
        Some(json!({ "project": "demo-x", "storeId": "center", "sales": 2, "tried": 1 }))
    );
    let other_project = till.sync_connect("demo-y", "center", None, false);
    assert_eq!(code(other_project), ErrorCode::SalesElsewhere);
    let meant = till.sync_connect("demo-x", "corner", None, true);
    assert_eq!(code(meant), ErrorCode::SalesElsewhere);
    assert_eq!(till.sync_status().unwrap(), before, "nothing was changed");

    // One waits for the store that would be left.
    let waits = till.sync_switch("demo-x", "corner", None, false);
    let waits = waits.unwrap_err();
    assert_eq!(waits.code, ErrorCode::UnsyncedSales);
    assert_eq!(waits.details, Some(json!({ "waiting": 1, "tried": 1 })));
    assert_eq!(till.sync_status().unwrap(), before, "nothing was changed");
    let (status, sales) = till.sync_switch("demo-x", "corner", None, true).unwrap();
    assert_eq!((status.store_id.as_deref(), sales), (Some("corner"), 2));
}

#[test]
fn sales_that_may_have_arrived_in_another_store_are_counted_before_they_go_up_to_a_second() {
    let shop = connected();
    let till = &shop.till;
    for _ in 0..3 {
        ring(till, CART).unwrap();
    }
    assert_eq!(claim(till).len(), 3);
    ring(till, CART).unwrap();
    let before = till.sync_status().unwrap();
    let refused = till
        .sync_connect("demo-x", "center", None, false)
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::SalesElsewhere);
    assert_eq!(
        refused.details,
        Some(json!({ "project": "demo-x", "storeId": "corner", "sales": 0, "tried": 3 }))
    );
    assert!(
        refused
            .message
            .contains("whether they arrived is not known: 3."),
        "{refused}"
    );
    let waits = till.sync_switch("demo-x", "center", None, false);
    let waits = waits.unwrap_err();
    assert_eq!(waits.details, Some(json!({ "waiting": 4, "tried": 3 })));
    assert!(waits.message.contains("is not known: 3."), "{waits}");
    assert_eq!(till.sync_status().unwrap(), before, "nothing was changed");
    till.sync_switch("demo-x", "center", None, true).unwrap();
    // In the second store nothing was tried: it may have been the wrong one.
    till.sync_connect("demo-x", "third", None, true).unwrap();
}

/// Sells something that loses against another version, and whose own is up for review.
fn loses(till: &Till) {
    ring(till, CART).unwrap();
    let group = claim_one(till, GroupKind::Sale);
    let theirs = group.creates[0].fields.as_ref().clone();
    refuse(till, &group, FailureKind::SameId, Some(theirs));
    land(till, &claim_one(till, GroupKind::Conflict));
}

#[test]
fn a_decision_that_may_have_arrived_with_its_copy_is_counted_before_it_goes_up_to_a_second_store() {
    let shop = connected();
    let till = &shop.till;
    loses(till);
    let sale = till.failed_detail("A-000001").unwrap().local;
    till.resolve_failed(choose(&sale, ChoiceKind::RecordSeparately))
        .unwrap();
    // Nothing is known to be up. The decision was sent, and its answer lost.
    claim_one(till, GroupKind::Resolution);
    let refused = till
        .sync_connect("demo-x", "center", None, true)
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::SalesElsewhere);
    let expected = json!({ "project": "demo-x", "storeId": "corner", "sales": 0, "tried": 1 });
    assert_eq!(refused.details, Some(expected));
}

#[test]
fn what_lost_in_one_store_is_decided_before_another_one_is_connected() {
    let shop = connected();
    let till = &shop.till;
    loses(till);
    let before = till.sync_status().unwrap();
    for refused in [
        till.sync_connect("demo-x", "center", None, false)
            .unwrap_err(),
        till.sync_switch("demo-x", "center", None, true)
            .unwrap_err(),
    ] {
        assert_eq!(refused.code, ErrorCode::SalesElsewhere);
        assert!(refused.message.contains("not decided yet: 1"), "{refused}");
        assert_eq!(
            refused.details,
            Some(json!({ "project": "demo-x", "storeId": "corner", "undecided": 1 }))
        );
        assert_eq!(till.sync_status().unwrap(), before, "nothing was changed");
    }
    let sale = till.failed_detail("A-000001").unwrap().local;
    // Decided, its decision waits; wherever that goes, the version that lost goes along.
    till.resolve_failed(choose(&sale, ChoiceKind::Dismiss))
        .unwrap();
    till.sync_switch("demo-x", "center", None, true).unwrap();
    let kinds: Vec<_> = claim(till).iter().map(|group| group.kind).collect();
    assert_eq!(kinds, [GroupKind::Conflict, GroupKind::Resolution]);
}

#[test]
fn a_sale_names_the_store_that_it_is_in() {
    let shop = connected();
    let till = &shop.till;
    ring(till, CART).unwrap();
    land(till, &claim_one(till, GroupKind::Sale));
    till.sync_switch("demo-x", "center", None, false).unwrap();
    ring(till, CART).unwrap();
    for (number, store, state) in [
        ("A-000001", "corner", "synced"),
        ("A-000002", "center", "pending"),
    ] {
        let sale = till.find_sale(number).unwrap().document();
        assert_eq!(
            (&sale["storeId"], &sale["syncState"]),
            (&json!(store), &json!(state))
        );
    }
}

#[test]
fn what_one_store_refused_is_tried_in_the_next() {
    let shop = connected();
    let till = &shop.till;
    ring(till, CART).unwrap();
    refuse(
        till,
        &claim_one(till, GroupKind::Sale),
        FailureKind::Refused,
        None,
    );
    assert_eq!(till.sync_status().unwrap().failed_total, 1);
    let waits = till.sync_connect("demo-x", "center", None, false);
    let waits = waits.unwrap_err();
    assert_eq!(waits.details, Some(json!({ "waiting": 1, "tried": 0 })));
    let status = till.sync_connect("demo-x", "center", None, true).unwrap();
    assert_eq!((status.failed_total, status.pending), (0, 1));
    land(till, &claim_one(till, GroupKind::Sale));
}

#[test]
fn a_projects_key_is_kept_by_whoever_connects_to_it_anew_without_one() {
    let shop = connected();
    let key = || {
        let state = shop.till.db().unwrap().read(sync_state::get).unwrap();
        state.connected.unwrap().api_key
    };
    for (project, given, kept) in [
        ("demo-x", Some("key"), Some("key")),
        ("demo-x", None, Some("key")),
        ("demo-x", Some("another"), Some("another")),
        ("demo-y", None, None),
    ] {
        shop.till
            .sync_connect(project, "center", given, false)
            .unwrap();
        assert_eq!(key().as_deref(), kept);
    }
}

#[test]
fn a_register_that_is_disconnected_keeps_what_waits_and_stays_its_stores() {
    let shop = connected();
    let till = &shop.till;
    // Connected to none it is already where nothing waits.
    let none = till.sync_disconnect(false).unwrap();
    assert_eq!(
        (none.state, none.disconnected),
        (SyncPhase::LocalOnly, true)
    );
    assert_eq!(none.store_id.as_deref(), Some("corner"));
    assert_eq!(till.sync_disconnect(false).unwrap(), none);
    till.sync_connect("demo-x", "corner", None, false).unwrap();

    ring(till, CART).unwrap();
    land(till, &claim_one(till, GroupKind::Sale));
    ring(till, CART).unwrap();
    ring(till, CART).unwrap();
    let before = till.sync_status().unwrap();
    let waits = till.sync_disconnect(false).unwrap_err();
    assert_eq!(waits.code, ErrorCode::UnsyncedSales);
    assert_eq!(waits.details, Some(json!({ "waiting": 2 })));
    assert!(waits.message.ends_with("sync disconnect --yes"), "{waits}");
    assert_eq!(till.sync_status().unwrap(), before, "nothing was changed");

    let status = till.sync_disconnect(true).unwrap();
    assert_eq!((status.state, status.pending), (SyncPhase::LocalOnly, 2));
    let sold = ring(till, CART).unwrap();
    assert_eq!(sold.document()["syncState"], "localOnly");
    let shown = |number: &str| till.find_sale(number).unwrap().document();
    let waits = shown("A-000002");
    assert_eq!(waits["syncState"], "localOnly");
    assert_eq!(waits.get("storeId"), None, "it goes to none");
    assert_eq!(shown("A-000001")["storeId"], "corner", "it is there");
    // What is in its store, and what waits for it, is not left behind for another one by mistake.
    let refused = till.sync_connect("demo-x", "center", None, true);
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, ErrorCode::SalesElsewhere);
    let expected = json!({ "project": "demo-x", "storeId": "corner", "sales": 1, "tried": 0 });
    assert_eq!(refused.details, Some(expected));
    // Its own takes what waited.
    let status = till.sync_connect("demo-x", "corner", None, false).unwrap();
    assert_eq!((status.disconnected, status.pending), (false, 3));
    assert_eq!(claim(till).len(), 3);
}

#[test]
fn what_was_refused_waits_too_when_a_register_is_disconnected() {
    let shop = connected();
    let till = &shop.till;
    ring(till, CART).unwrap();
    let group = claim_one(till, GroupKind::Sale);
    refuse(till, &group, FailureKind::Refused, None);
    let waits = till.sync_disconnect(false).unwrap_err();
    assert_eq!(waits.details, Some(json!({ "waiting": 1 })));
    till.sync_disconnect(true).unwrap();
    // It was its store that refused it: there it is decided.
    let status = till.sync_connect("demo-x", "corner", None, false).unwrap();
    assert_eq!((status.failed_total, status.pending), (1, 0));
}
