//! What is told to whoever is about to leave.

#![allow(missing_docs, reason = "test names are sentences")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use common::cloud::{claim, claim_one, connected, land, refuse};
use common::{CART, ring, shop};
use counterfoil_sync::{FailureKind, GroupKind};

#[test]
fn only_what_waits_for_a_cloud_is_told() {
    let local = shop();
    ring(&local.till, CART).unwrap();
    assert_eq!(local.till.unsynced().unwrap(), None, "there is no cloud");

    let shop = connected();
    assert_eq!(shop.till.unsynced().unwrap(), None, "nothing waits");
    for _ in 0..3 {
        ring(&shop.till, CART).unwrap();
    }
    let waiting = shop.till.unsynced().unwrap().unwrap();
    assert_eq!((waiting.sales, waiting.decisions), (3, 0));
    // What is under way is not there yet.
    let groups = claim(&shop.till);
    assert_eq!(shop.till.unsynced().unwrap(), Some(waiting.clone()));
    land(&shop.till, &groups[0]);
    let left = shop.till.unsynced().unwrap().unwrap();
    assert_eq!(left.sales, 2);
    assert_eq!(i64::from(left.total) * 3, i64::from(waiting.total) * 2);
    for group in &groups[1..] {
        land(&shop.till, group);
    }
    assert_eq!(shop.till.unsynced().unwrap(), None);
}

#[test]
fn a_sale_that_the_cloud_refused_is_told_too_and_one_that_lost_is_not() {
    let shop = connected();
    let till = &shop.till;
    assert!(!till.has_unsynced().unwrap());
    ring(till, CART).unwrap();
    let total = till.unsynced().unwrap().unwrap().total;
    refuse(
        till,
        &claim_one(till, GroupKind::Sale),
        FailureKind::Refused,
        None,
    );
    assert!(till.has_unsynced().unwrap());
    let left = till.unsynced().unwrap().unwrap();
    assert_eq!((left.sales, left.refused, left.decisions), (1, 1, 0));
    assert_eq!(left.total, total);

    // Of a conflict, the version that lost is in the cloud whole.
    let shop = connected();
    let till = &shop.till;
    ring(till, CART).unwrap();
    let group = claim_one(till, GroupKind::Sale);
    let theirs = group.creates[0].fields.as_ref().clone();
    refuse(till, &group, FailureKind::SameId, Some(theirs));
    let left = till.unsynced().unwrap().unwrap();
    assert_eq!((left.sales, left.refused, left.decisions), (0, 0, 1));
    land(till, &claim_one(till, GroupKind::Conflict));
    assert_eq!(till.unsynced().unwrap(), None);
    assert!(!till.has_unsynced().unwrap());
}
