//! What has landed stays landed, unless somebody says that it is gone; and what is known of each sale.

#![allow(missing_docs, reason = "test names are sentences")]

mod shop;

use counterfoil_store::audit::{self, SentState};
use counterfoil_store::table::outbox::{self, GroupState};
use counterfoil_store::table::sales;
use counterfoil_store::table::sync_state::{self, Connected};
use counterfoil_store::{Store, StoreError, left, uploads};
use counterfoil_sync::{Collection, DocumentName, GroupKind, Landed, Outcome};
use shop::cloud::{claim, connected, counts, document, sync_of, synced, write};
use shop::{NOW, Shop, sale_id};

const LATER_MS: i64 = 60_000;

fn name(id: &str) -> DocumentName {
    DocumentName {
        collection: Collection::Sales,
        id: id.to_owned(),
    }
}

/// Three sales, of which two have landed.
fn landed() -> Shop {
    let mut shop = connected(3);
    let groups = claim(&mut shop.store, 2);
    let outcomes: Vec<_> = groups.iter().map(|group| synced(group.id)).collect();
    write(&mut shop.store, |tx| uploads::record(tx, &outcomes, NOW));
    shop
}

#[test]
fn a_landed_sale_is_pending_again_only_with_a_reason_and_is_counted_so() {
    let mut shop = landed();
    assert_eq!(
        (counts(&shop.store).synced, counts(&shop.store).pending),
        (2, 1)
    );
    let quietly: Result<(), StoreError> = shop.store.write(|tx| {
        tx.execute(
            "UPDATE outbox SET state = 'pending', created_at = NULL WHERE state = 'synced'",
            [],
        )?;
        Ok(())
    });
    assert!(quietly.is_err(), "what is in the cloud stays there");
    let later = NOW.plus_ms(LATER_MS);
    let again = |shop: &mut Shop| {
        write(&mut shop.store, |tx| {
            let sent = [name(&sale_id(1).to_string())];
            let groups = outbox::landed_groups(tx, &sent)?;
            let mut again = false;
            for (group, names) in &groups {
                again |= outbox::send_again(tx, *group, names, "gone", later)?;
            }
            Ok(again)
        })
    };
    assert!(again(&mut shop));
    assert_eq!(
        (counts(&shop.store).synced, counts(&shop.store).pending),
        (1, 2)
    );
    assert!(!again(&mut shop), "it waits already");
    let state = sync_of(&shop.store, sale_id(1));
    assert_eq!(state, counterfoil_store::table::sales::SaleSync::Pending);
}

#[test]
fn of_a_decision_only_what_is_gone_goes_up_again() {
    let mut shop = landed();
    let [copy, resolution] = [
        document(Collection::Sales, "copy"),
        document(Collection::SaleResolutions, "decision"),
    ];
    let creates = [resolution, copy];
    let group = write(&mut shop.store, |tx| {
        outbox::queue(tx, GroupKind::Resolution, sale_id(1), &creates, NOW)
    });
    let _ = claim(&mut shop.store, 100);
    write(&mut shop.store, |tx| {
        uploads::record(tx, &[synced(group)], NOW)
    });
    write(&mut shop.store, |tx| {
        outbox::send_again(tx, group, &[name("copy")], "gone", NOW)
    });
    let again = claim(&mut shop.store, 100);
    let [again] = &again[..] else {
        panic!("one group: {again:?}")
    };
    assert_eq!(
        (again.kind, again.sale_id),
        (GroupKind::Resolution, sale_id(1))
    );
    assert_eq!(again.creates, [creates[1].clone()]);
    let still: GroupState = shop
        .store
        .connection()
        .query_row(
            "SELECT state FROM outbox WHERE group_id = ?1",
            [group.0],
            |row| row.get::<_, String>(0),
        )
        .map(|text| serde_json::from_value(text.into()).expect("a state"))
        .expect("the group");
    assert_eq!(still, GroupState::Synced, "what is there stays there");
}

#[test]
fn what_waits_is_counted_with_what_it_comes_to() {
    let shop = landed();
    let one = outbox::unsent_sales(shop.store.connection()).expect("counted");
    let all = outbox::unsent_sales(connected(3).store.connection()).expect("counted");
    assert_eq!((one.0, all.0), (1, 3));
    assert_eq!(all.1, 3 * one.1);
}

#[test]
fn an_auditor_sees_each_day_and_how_far_each_sale_has_come() {
    let shop = landed();
    let conn = shop.store.connection();
    let register = counterfoil_store::table::register::require(conn).expect("a register");
    let days = audit::days(conn, register.register_id, None, None).expect("days");
    let [day] = &days[..] else {
        panic!("one day: {days:?}")
    };
    assert_eq!(day.receipts, 3);
    let id = register.register_id;
    let first = audit::sales_of_day(conn, id, &day.day, 0, 2).expect("a page");
    let after = first.last().expect("two").entry;
    let rest = audit::sales_of_day(conn, id, &day.day, after, 2).expect("a page");
    let states: Vec<_> = first
        .iter()
        .chain(&rest)
        .map(|sale| sale.sent[0].state)
        .collect();
    let landed = SentState::Landed(NOW.plus_ms(77));
    assert_eq!(states, [landed, landed, SentState::Waiting]);
    assert!(
        first.iter().chain(&rest).all(|sale| {
            sale.wrong.is_none() && sale.link_wrong.is_none() && sale.link.is_some()
        })
    );
    let other = audit::days(conn, id, Some("2999-01-01"), None).expect("days");
    assert!(other.is_empty());
    let (gaps, missing) = audit::gaps(conn, id, 10).expect("a series");
    assert_eq!((gaps.len(), missing), (0, 0));
    let chain = audit::chain(conn, id, 10).expect("a chain");
    assert_eq!((chain.links, chain.sales, chain.broken), (3, 3, 0));
}

fn store(store_id: &str) -> Connected {
    Connected {
        project: "demo-x".to_owned(),
        store_id: store_id.to_owned(),
        api_key: None,
    }
}

#[test]
fn of_what_has_landed_only_the_connected_stores_stands_against_its_count() {
    let mut shop = landed();
    let (from, to) = (NOW.plus_ms(-LATER_MS), NOW.plus_ms(LATER_MS));
    let there = |store: &Store, limit| {
        sales::landed_between(store.connection(), from, to, limit)
            .expect("read")
            .len()
    };
    assert_eq!((there(&shop.store, 9), there(&shop.store, 1)), (2, 1));
    let (one, other) = (store("s1"), store("s2"));
    write(&mut shop.store, |tx| {
        left::leave(tx, &one)?;
        sync_state::connect(tx, &other)
    });
    assert_eq!(
        there(&shop.store, 9),
        0,
        "they are in the one that was left"
    );
    let third = claim(&mut shop.store, 1)[0].id;
    let later = Outcome::Synced {
        group: third,
        landed: Landed::Accepted,
        created_at: NOW.plus_ms(78),
    };
    write(&mut shop.store, |tx| uploads::record(tx, &[later], NOW));
    // What does not count takes nothing of the limit.
    assert_eq!((there(&shop.store, 9), there(&shop.store, 1)), (1, 1));
    write(&mut shop.store, |tx| {
        left::leave(tx, &other)?;
        sync_state::connect(tx, &one)
    });
    assert_eq!(there(&shop.store, 9), 2, "joined again");
}

#[test]
fn what_landed_before_a_store_was_left_is_elsewhere_until_it_is_joined_again() {
    let mut shop = landed();
    let (one, other) = (store("s1"), store("s2"));
    write(&mut shop.store, |tx| left::leave(tx, &one));
    let left = left::get(shop.store.connection()).expect("read");
    let (then, since) = (NOW.plus_ms(77), NOW.plus_ms(78));
    assert!(left.is_elsewhere(then, &other));
    assert!(!left.is_elsewhere(then, &one), "joined again");
    assert!(!left.is_elsewhere(since, &other));
}
