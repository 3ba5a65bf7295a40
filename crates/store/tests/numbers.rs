//! How many sales the cloud can have under a register's receipt numbers.

#![allow(clippy::unwrap_used)]

mod shop;

use counterfoil_domain::reversal::copy_of;
use counterfoil_domain::{RegisterId, Timestamp};
use counterfoil_store::numbers::{self, Known};
use counterfoil_store::table::{outbox, register, sales};
use counterfoil_store::{Store, uploads};
use counterfoil_sync::{Collection, FailureKind, GroupId, GroupKind, Outcome};
use serde_json::json;
use shop::cloud::{claim, connected, document, synced, write};
use shop::{NOW, register_named, ring_up, sale_id};

fn own(store: &Store) -> RegisterId {
    register::require(store.connection()).unwrap().register_id
}

fn known(store: &Store) -> (u64, u64) {
    let Known { there, perhaps } = numbers::known(store.connection(), own(store), 1, 99).unwrap();
    (there, perhaps)
}

fn to_count(store: &Store) -> Option<(i64, i64)> {
    let stretch = numbers::to_count(store.connection()).unwrap();
    stretch.map(|(_, from, to)| (from, to))
}

fn record(store: &mut Store, outcome: Outcome) {
    write(store, |tx| uploads::record(tx, &[outcome], NOW));
}

fn retry(group: GroupId) -> Outcome {
    Outcome::Retry {
        group,
        not_before: Timestamp::from_ms(0),
        reason: "no answer".into(),
    }
}

#[test]
fn what_was_sent_and_not_answered_may_be_there_and_what_was_never_sent_is_not() {
    let mut shop = connected(3);
    assert_eq!((known(&shop.store), to_count(&shop.store)), ((0, 0), None));
    let groups = claim(&mut shop.store, 2);
    assert_eq!(known(&shop.store), (0, 2));
    record(&mut shop.store, synced(groups[0].id));
    record(&mut shop.store, retry(groups[1].id));
    assert_eq!(known(&shop.store), (1, 1));
    assert_eq!(
        to_count(&shop.store),
        Some((1, 2)),
        "the third was never sent"
    );
}

#[test]
fn a_number_is_counted_once_and_again_while_its_sale_waits() {
    let mut shop = connected(3);
    let register = own(&shop.store);
    let groups = claim(&mut shop.store, 3);
    for group in &groups[..2] {
        record(&mut shop.store, synced(group.id));
    }
    write(&mut shop.store, |tx| numbers::set_counted(tx, register, 3));
    assert_eq!(to_count(&shop.store), Some((3, 3)));
    record(&mut shop.store, synced(groups[2].id));
    write(&mut shop.store, |tx| numbers::set_counted(tx, register, 3));
    assert_eq!(to_count(&shop.store), None);
    ring_up(&mut shop.store, 4, 1).unwrap();
    claim(&mut shop.store, 1);
    assert_eq!(to_count(&shop.store), Some((4, 4)));
}

#[test]
fn copies_reversals_and_other_versions_in_a_numbers_place_are_known() {
    let mut shop = connected(2);
    let register = own(&shop.store);
    let groups = claim(&mut shop.store, 2);
    record(&mut shop.store, synced(groups[0].id));
    let mut winner = document(Collection::Sales, "winner")
        .fields
        .as_ref()
        .clone();
    winner.insert("registerId".into(), json!(register));
    winner.insert("receiptSequence".into(), 2.into());
    let failed = Outcome::Failed {
        group: groups[1].id,
        kind: FailureKind::SameId,
        message: "another sale has this id".into(),
        remote: Some(winner.clone()),
    };
    record(&mut shop.store, failed);
    assert_eq!(known(&shop.store), (2, 0), "the winner holds the number");
    let mut copy = document(Collection::Sales, "copy");
    copy.fields = winner.into();
    let creates = [document(Collection::SaleResolutions, "decided"), copy];
    let copy = write(&mut shop.store, |tx| {
        outbox::queue(tx, GroupKind::Resolution, sale_id(2), &creates, NOW)
    });
    assert_eq!(known(&shop.store), (2, 0), "not sent yet");
    while known(&shop.store).1 == 0 {
        claim(&mut shop.store, 1);
    }
    record(&mut shop.store, synced(copy));
    assert_eq!(known(&shop.store), (3, 0));
}

#[test]
fn a_number_is_counted_again_when_the_copy_that_may_have_had_it_is_refused() {
    let mut shop = connected(1);
    let register = own(&shop.store);
    let failed = |group, kind| Outcome::Failed {
        group,
        kind,
        message: "no".into(),
        remote: None,
    };
    let sale = claim(&mut shop.store, 1)[0].id;
    record(&mut shop.store, failed(sale, FailureKind::Refused));
    let stored = sales::by_id(shop.store.connection(), sale_id(1)).unwrap();
    let mut copy = document(Collection::Sales, "copy");
    copy.fields = stored.unwrap().record.into();
    let creates = [document(Collection::SaleResolutions, "decided"), copy];
    let decision = write(&mut shop.store, |tx| {
        outbox::queue(tx, GroupKind::Resolution, sale_id(1), &creates, NOW)
    });
    claim(&mut shop.store, 1);
    assert_eq!(known(&shop.store), (0, 1), "it may be there");
    write(&mut shop.store, |tx| numbers::set_counted(tx, register, 1));
    assert_eq!(to_count(&shop.store), None);
    record(&mut shop.store, failed(decision, FailureKind::Refused));
    assert_eq!(
        (known(&shop.store), to_count(&shop.store)),
        ((0, 0), Some((1, 1)))
    );
}

#[test]
fn what_stands_in_a_sales_place_and_cannot_be_read_may_hold_its_number() {
    let mut shop = connected(2);
    let groups = claim(&mut shop.store, 2);
    record(&mut shop.store, synced(groups[0].id));
    let failed = Outcome::Failed {
        group: groups[1].id,
        kind: FailureKind::SameId,
        message: "total is a double".into(),
        remote: None,
    };
    record(&mut shop.store, failed);
    assert_eq!(known(&shop.store), (1, 1));
}

#[test]
fn another_store_and_another_identity_begin_anew() {
    let mut shop = connected(2);
    for group in claim(&mut shop.store, 1) {
        record(&mut shop.store, synced(group.id));
    }
    claim(&mut shop.store, 1);
    write(&mut shop.store, numbers::begin_anew);
    assert_eq!(to_count(&shop.store), Some((2, 2)));
    write(&mut shop.store, |tx| {
        register::make_current(tx, &register_named("B", 2))
    });
    assert_eq!(to_count(&shop.store), None, "it has sold nothing yet");
}

/// A twin's sale has the id of ours by chance, and a number that we gave another sale.
#[test]
fn a_winner_with_another_number_than_the_sale_whose_place_it_holds_is_not_ours() {
    for (register, sequence, landed) in [(None, 1, 1), (None, 2, 2), (Some("another"), 2, 1)] {
        let mut shop = connected(2);
        let register = register.map_or_else(|| json!(own(&shop.store)), |other| json!(other));
        let groups = claim(&mut shop.store, 2);
        record(&mut shop.store, synced(groups[0].id));
        let mut winner = document(Collection::Sales, "winner")
            .fields
            .as_ref()
            .clone();
        winner.insert("registerId".into(), register);
        winner.insert("receiptSequence".into(), sequence.into());
        let failed = Outcome::Failed {
            group: groups[1].id,
            kind: FailureKind::SameId,
            message: "another sale has this id".into(),
            remote: Some(winner),
        };
        record(&mut shop.store, failed);
        assert_eq!(known(&shop.store), (landed, 0));
    }
}

#[test]
fn what_was_never_sent_from_here_may_be_there_from_a_copy() {
    let mut shop = connected(3);
    let register = own(&shop.store);
    let not_known = |store: &Store| -> Vec<(i64, bool)> {
        let found = numbers::not_known(store.connection(), register, (1, 99), 9).unwrap();
        found
            .iter()
            .map(|one| (one.sequence, one.is_unread))
            .collect()
    };
    assert_eq!(not_known(&shop.store), [(2, true), (3, true)]);
    let groups = claim(&mut shop.store, 2);
    assert_eq!(
        not_known(&shop.store),
        [(3, true)],
        "what was sent is known as perhaps there"
    );
    record(&mut shop.store, retry(groups[1].id));
    assert_eq!(not_known(&shop.store), [(3, true)]);
    for group in claim(&mut shop.store, 3) {
        record(&mut shop.store, synced(group.id));
    }
    assert_eq!(not_known(&shop.store), []);
}

#[test]
fn of_a_failed_sale_a_copy_may_be_there_that_is_none_of_ours() {
    let mut shop = connected(3);
    let register = own(&shop.store);
    let groups = claim(&mut shop.store, 3);
    record(&mut shop.store, synced(groups[0].id));
    for group in &groups[1..] {
        let failed = Outcome::Failed {
            group: group.id,
            kind: FailureKind::SameId,
            message: "another sale has this id".into(),
            remote: None,
        };
        record(&mut shop.store, failed);
    }
    let without = |store: &Store, (after, to), limit| -> Vec<i64> {
        let found = numbers::not_known(store.connection(), register, (after, to), limit);
        found.unwrap().into_iter().map(|one| one.sequence).collect()
    };
    assert_eq!(without(&shop.store, (0, 99), 9), [2, 3]);
    assert_eq!(without(&shop.store, (0, 99), 1), [2], "a page");
    assert_eq!(without(&shop.store, (2, 99), 9), [3], "the next page");
    assert_eq!(without(&shop.store, (0, 2), 9), [2], "of the stretch");

    let second = numbers::not_known(shop.store.connection(), register, (1, 2), 1)
        .unwrap()
        .remove(0);
    assert!(
        !second.is_unread,
        "what is there cannot be read, and is known"
    );
    let fields = copy_of(&second.record).unwrap();
    let id = fields["saleId"].as_str().unwrap().to_owned();
    let mut copy = document(Collection::Sales, &id);
    copy.fields = fields.into();
    let creates = [document(Collection::SaleResolutions, "decided"), copy];
    let group = write(&mut shop.store, |tx| {
        outbox::queue(tx, GroupKind::Resolution, sale_id(2), &creates, NOW)
    });
    assert_eq!(
        without(&shop.store, (0, 99), 9),
        [2, 3],
        "ours is not sent yet"
    );
    while claim(&mut shop.store, 1).iter().all(|one| one.id != group) {}
    assert_eq!(without(&shop.store, (0, 99), 9), [3], "it may be ours");
    record(&mut shop.store, synced(group));
    assert_eq!(without(&shop.store, (0, 99), 9), [3], "it is ours");
}

#[test]
fn a_number_that_was_counted_while_its_sale_had_failed_is_counted_again_when_it_is_sent() {
    let mut shop = connected(3);
    let register = own(&shop.store);
    let groups = claim(&mut shop.store, 3);
    record(&mut shop.store, synced(groups[0].id));
    record(
        &mut shop.store,
        Outcome::Doubted {
            group: groups[1].id,
            message: "denied".into(),
        },
    );
    record(&mut shop.store, synced(groups[2].id));
    write(&mut shop.store, |tx| numbers::set_counted(tx, register, 3));
    assert_eq!(to_count(&shop.store), None);
    write(&mut shop.store, |tx| outbox::put_back(tx, NOW));
    assert_eq!(to_count(&shop.store), Some((2, 3)));
    record(&mut shop.store, synced(groups[1].id));
    write(&mut shop.store, |tx| numbers::set_counted(tx, register, 3));
    assert_eq!(to_count(&shop.store), None);
}
