//! What is told to whoever is about to leave.

#![allow(missing_docs, reason = "test names are sentences")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use common::cloud::{claim, connected, land};
use common::{CART, ring, shop};

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
