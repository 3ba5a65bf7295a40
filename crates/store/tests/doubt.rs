//! Sales that were denied and failed in doubt: they go back by themselves, unless somebody decides first.

mod shop;

use counterfoil_domain::Timestamp;
use counterfoil_domain::document::Fields;
use counterfoil_store::table::failures::{FailureStatus, get as failure};
use counterfoil_store::table::resolutions::Resolution;
use counterfoil_store::table::sales::SaleSync;
use counterfoil_store::table::{outbox, resolutions};
use counterfoil_store::{Store, uploads};
use counterfoil_sync::{FailureKind, Group, Outcome};
use shop::cloud::{claim, connected, counts, sync_of, synced, write};
use shop::{NOW, Shop, sale_id};

fn doubted(group: &Group) -> Outcome {
    Outcome::Doubted {
        group: group.id,
        message: "denied".into(),
    }
}

/// A shop whose only sale has failed in doubt.
fn in_doubt() -> (Shop, Group) {
    let mut shop = connected(1);
    let group = claim(&mut shop.store, 1).remove(0);
    write(&mut shop.store, |tx| {
        uploads::record(tx, &[doubted(&group)], NOW)
    });
    (shop, group)
}

fn status(store: &Store) -> FailureStatus {
    let item = failure(store.connection(), sale_id(1)).expect("read");
    item.expect("listed").status
}

fn put_back(store: &mut Store, not_before: Timestamp) -> usize {
    write(store, |tx| outbox::put_back(tx, not_before))
}

#[test]
fn it_stands_in_the_list_and_goes_back_whole() {
    let (mut shop, group) = in_doubt();
    let store = &mut shop.store;
    let item = failure(store.connection(), sale_id(1)).expect("read");
    let item = item.expect("listed");
    assert_eq!(
        (item.kind, item.status),
        (FailureKind::Refused, FailureStatus::Open)
    );
    assert_eq!((counts(store).failed, counts(store).pending), (1, 0));
    let later = NOW.plus_ms(5_000);
    assert_eq!(put_back(store, later), 1);
    assert_eq!((counts(store).failed, counts(store).pending), (0, 1));
    assert_eq!(sync_of(store, sale_id(1)), SaleSync::Pending);
    let due = outbox::next_due(store.connection()).expect("read");
    assert_eq!(due, Some(later));
    assert_eq!(put_back(store, NOW), 0, "once");
    // It lands, or fails again, as any other.
    let again = write(store, |tx| outbox::claim(tx, 9, 1 << 20, later)).remove(0);
    assert_eq!((again.id, again.attempts), (group.id, 1));
    write(store, |tx| uploads::record(tx, &[doubted(&again)], later));
    assert_eq!(
        (counts(store).failed, status(store)),
        (1, FailureStatus::Open)
    );
    put_back(store, later);
    write(store, |tx| uploads::record(tx, &[synced(group.id)], later));
    assert_eq!((counts(store).failed, counts(store).synced), (0, 1));
}

#[test]
fn what_failed_without_doubt_stays() {
    let mut shop = connected(1);
    let store = &mut shop.store;
    let group = claim(store, 1).remove(0);
    let refused = Outcome::Failed {
        group: group.id,
        kind: FailureKind::Refused,
        message: "invalid".into(),
        remote: None,
    };
    write(store, |tx| uploads::record(tx, &[refused], NOW));
    assert_eq!(put_back(store, NOW), 0);
    assert_eq!(status(store), FailureStatus::Open);
}

#[test]
fn a_new_process_and_a_person_put_it_back_too() {
    let (mut shop, _) = in_doubt();
    assert_eq!(write(&mut shop.store, outbox::release_in_flight), 1);
    assert_eq!(counts(&shop.store).pending, 1);
    let (mut shop, _) = in_doubt();
    write(&mut shop.store, |tx| outbox::hurry(tx, NOW));
    assert_eq!(counts(&shop.store).pending, 1);
}

#[test]
fn a_decision_that_was_taken_meanwhile_stands() {
    let (mut shop, _) = in_doubt();
    let store = &mut shop.store;
    let dismissed = Resolution {
        sale_id: sale_id(1),
        n: 1,
        choice: "dismiss".into(),
        reason: "a test of the till".into(),
        decided_by: "Bea".into(),
        money: None,
        decided_at: NOW,
        document: Fields::new(),
    };
    write(store, |tx| {
        resolutions::record(tx, &dismissed, FailureStatus::Dismissed)
    });
    assert_eq!(put_back(store, NOW), 0);
    assert_eq!(status(store), FailureStatus::Dismissed);
    assert_eq!(counts(store).pending, 0);
}

#[test]
fn one_that_is_sent_again_by_a_manager_is_in_doubt_no_more() {
    let (mut shop, group) = in_doubt();
    let store = &mut shop.store;
    assert!(write(store, |tx| outbox::retry_sale(tx, sale_id(1), NOW)));
    assert_eq!(put_back(store, NOW.plus_ms(1)), 0);
    let due = outbox::next_due(store.connection()).expect("read");
    assert_eq!(due, Some(NOW), "as the manager wished");
    assert_eq!(claim(store, 9)[0].id, group.id);
}
