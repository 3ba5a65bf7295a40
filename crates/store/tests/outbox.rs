//! The outbox: what is claimed, what becomes of it, and how much stands where.

mod shop;

use counterfoil_domain::Timestamp;
use counterfoil_store::table::sales::SaleSync;
use counterfoil_store::table::sync_costs::{Cost, Costs};
use counterfoil_store::table::sync_state::Connected;
use counterfoil_store::table::{duplicate_checks, outbox, sales, sync_costs, sync_state};
use counterfoil_store::{ErrorKind, FILE_NAME, Store, StoreError, uploads};
use counterfoil_sync::{
    Bill, Collection, Create, DocumentName, FailureKind, GroupKind, Outcome, Purpose, Spent,
};
use shop::cloud::{claim, conflict, connected, counts, document, sync_of, synced, write};
use shop::{NOW, Shop, sale_id};

#[test]
fn the_oldest_are_claimed_first_with_the_signed_record_as_their_document() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(3);
    let groups = claim(&mut store, 2);
    let sales: Vec<_> = groups.iter().map(|group| group.sale_id).collect();
    assert_eq!(sales, [sale_id(1), sale_id(2)]);
    let stored = sales::by_id(store.connection(), sale_id(1))
        .expect("read")
        .expect("there");
    let name = DocumentName {
        collection: Collection::Sales,
        id: sale_id(1).to_string(),
    };
    assert_eq!(
        groups[0].creates,
        [Create {
            name,
            fields: stored.record.into()
        }]
    );
    assert!(groups[0].creates[0].fields.contains_key("journal"));
    assert_eq!(stored.sync, SaleSync::InFlight);
    assert_eq!((counts(&store).pending, counts(&store).in_flight), (1, 2));
    assert_eq!(
        claim(&mut store, 9).len(),
        1,
        "what is in flight is not claimed again"
    );
}

#[test]
fn a_claim_holds_no_more_bytes_than_asked_unless_the_first_alone_does() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(5);
    let size = |store: &Store| -> u64 {
        let bytes: i64 = store
            .connection()
            .query_row("SELECT bytes FROM outbox LIMIT 1", [], |row| row.get(0))
            .expect("a size");
        bytes.unsigned_abs()
    };
    let two = size(&store) * 5 / 2;
    assert_eq!(
        write(&mut store, |tx| outbox::claim(tx, 9, two, NOW)).len(),
        2
    );
    assert_eq!(
        write(&mut store, |tx| outbox::claim(tx, 9, 1, NOW)).len(),
        1
    );
}

#[test]
fn what_is_in_flight_when_a_process_ends_is_pending_again() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(2);
    claim(&mut store, 9);
    assert_eq!(write(&mut store, outbox::release_in_flight), 2);
    let again = claim(&mut store, 9);
    assert_eq!(
        again.iter().map(|group| group.attempts).collect::<Vec<_>>(),
        [1, 1]
    );
}

#[test]
fn what_is_given_back_unsent_was_no_attempt_and_a_process_that_ends_says_nothing_of_it() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(2);
    let groups = claim(&mut store, 9);
    let tried = |store: &Store| outbox::tried_sales(store.connection()).expect("a count");
    assert_eq!(tried(&store), 2, "they may have been sent");
    let later = NOW.plus_ms(5_000);
    let unsent = Outcome::Unsent {
        group: groups[0].id,
        not_before: later,
    };
    // Said twice is once: the second time it is not claimed any more.
    let said = [unsent.clone(), unsent];
    write(&mut store, |tx| uploads::record(tx, &said, NOW));
    write(&mut store, outbox::release_in_flight);
    assert_eq!(tried(&store), 1);
    let again = write(&mut store, |tx| outbox::claim(tx, 9, 1 << 20, later));
    let attempts: Vec<_> = again.iter().map(|group| group.attempts).collect();
    assert_eq!(attempts, [0, 1]);
}

#[test]
fn a_landed_sale_is_synced_and_owed_a_check() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let group = claim(&mut store, 1)[0].id;
    write(&mut store, |tx| uploads::record(tx, &[synced(group)], NOW));
    let sale = sales::by_id(store.connection(), sale_id(1))
        .expect("read")
        .expect("there");
    assert_eq!(
        (sale.sync, sale.created_at),
        (SaleSync::Synced, Some(NOW.plus_ms(77)))
    );
    let owed = duplicate_checks::owed(store.connection(), 10, NOW).expect("owed");
    assert_eq!(owed.len(), 1);
    assert_eq!(
        Some(owed[0].fingerprint.to_string().as_str()),
        sale.record["fingerprint"].as_str()
    );
    let state = sync_state::get(store.connection()).expect("state");
    assert_eq!(state.last_synced_at, Some(NOW));
    write(&mut store, |tx| duplicate_checks::settle(tx, &[sale_id(1)]));
    assert!(!duplicate_checks::any(store.connection()).expect("read"));
}

#[test]
fn a_check_that_is_set_aside_waits_longer_each_time_and_nobody_waits_for_it() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(2);
    let landed: Vec<_> = claim(&mut store, 9).iter().map(|g| synced(g.id)).collect();
    write(&mut store, |tx| uploads::record(tx, &landed, NOW));
    let owed = |store: &Store, later| -> Vec<_> {
        let now = NOW.plus_ms(later);
        let owed = duplicate_checks::owed(store.connection(), 10, now).expect("owed");
        owed.iter().map(|check| check.sale_id).collect()
    };
    let bad = [sale_id(1)];
    write(&mut store, |tx| duplicate_checks::set_aside(tx, &bad, NOW));
    assert_eq!(owed(&store, 59_999), [sale_id(2)]);
    assert_eq!(owed(&store, 60_000), [sale_id(1), sale_id(2)]);
    write(&mut store, |tx| duplicate_checks::set_aside(tx, &bad, NOW));
    assert_eq!(owed(&store, 60_000), [sale_id(2)]);
    assert_eq!(owed(&store, 120_000), [sale_id(1), sale_id(2)]);
    for _ in 0..70 {
        write(&mut store, |tx| duplicate_checks::set_aside(tx, &bad, NOW));
    }
    assert_eq!(owed(&store, 24 * 3_600_000).len(), 2, "a day at most");
    let newest = duplicate_checks::newest(store.connection()).expect("read");
    assert_eq!(newest.map(|check| check.sale_id), Some(sale_id(2)));
    write(&mut store, |tx| duplicate_checks::settle(tx, &[sale_id(2)]));
    assert!(!duplicate_checks::any(store.connection()).expect("read"));
}

#[test]
fn recording_the_same_outcome_again_changes_nothing() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let group = claim(&mut store, 1)[0].id;
    write(&mut store, |tx| uploads::record(tx, &[synced(group)], NOW));
    write(&mut store, |tx| duplicate_checks::settle(tx, &[sale_id(1)]));
    let before = (counts(&store), shop::row_counts(store.connection()));
    write(&mut store, |tx| {
        uploads::record(tx, &[conflict(group), synced(group)], NOW)
    });
    assert_eq!(
        (counts(&store), shop::row_counts(store.connection())),
        before
    );
    assert_eq!(sync_of(&store, sale_id(1)), SaleSync::Synced);
}

#[test]
fn a_retry_waits_for_its_moment() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let group = claim(&mut store, 1)[0].id;
    let later = NOW.plus_ms(5_000);
    let retry = Outcome::Retry {
        group,
        not_before: later,
        reason: "unavailable".into(),
    };
    write(&mut store, |tx| uploads::record(tx, &[retry], NOW));
    assert_eq!(claim(&mut store, 9), []);
    assert_eq!(
        outbox::next_due(store.connection()).expect("due"),
        Some(later)
    );
    let reason = outbox::last_reason(store.connection()).expect("read");
    assert_eq!(reason.as_deref(), Some("unavailable"));
    write(&mut store, |tx| outbox::hurry(tx, NOW));
    assert_eq!(claim(&mut store, 9).len(), 1);
    assert_eq!(outbox::next_due(store.connection()).expect("due"), None);
}

#[test]
fn a_decision_is_due_no_sooner_than_the_version_that_lost() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let sale = claim(&mut store, 1)[0].id;
    write(&mut store, |tx| uploads::record(tx, &[conflict(sale)], NOW));
    let lost = claim(&mut store, 9)[0].id;
    let later = NOW.plus_ms(5_000);
    let retry = |not_before| Outcome::Retry {
        group: lost,
        not_before,
        reason: "denied".into(),
    };
    write(&mut store, |tx| uploads::record(tx, &[retry(later)], NOW));
    let decision = write(&mut store, |tx| {
        let creates = [document(Collection::SaleResolutions, "r")];
        outbox::queue(tx, GroupKind::Resolution, sale_id(1), &creates, NOW)
    });
    let due = |store: &Store| outbox::next_due(store.connection()).expect("due");
    assert_eq!(claim(&mut store, 9), [], "the rules look for it there");
    assert_eq!(due(&store), Some(later));
    write(&mut store, |tx| outbox::hurry(tx, NOW));
    let claimed: Vec<_> = claim(&mut store, 9).iter().map(|group| group.id).collect();
    assert_eq!(claimed, [lost, decision]);
    // Whichever is given back first.
    let unsent = Outcome::Unsent {
        group: decision,
        not_before: NOW,
    };
    for outcomes in [
        [unsent.clone(), retry(later)],
        [retry(later.plus_ms(1)), unsent],
    ] {
        write(&mut store, |tx| uploads::record(tx, &outcomes, NOW));
        assert_eq!(claim(&mut store, 9), []);
        assert!(due(&store) >= Some(later));
        write(&mut store, |tx| outbox::hurry(tx, NOW));
        assert_eq!(claim(&mut store, 9).len(), 2);
    }
}

#[test]
fn a_resolution_goes_up_as_one_group_once() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    claim(&mut store, 9);
    let creates = [
        document(Collection::SaleResolutions, "r"),
        document(Collection::Sales, "copy"),
    ];
    let queue = |store: &mut Store| {
        store.write(|tx| outbox::queue(tx, GroupKind::Resolution, sale_id(1), &creates, NOW))
    };
    queue(&mut store).expect("queued");
    let twice: StoreError = queue(&mut store).expect_err("the same names again");
    assert_eq!(twice.kind(), ErrorKind::Refused);
    let groups = claim(&mut store, 9);
    assert_eq!((groups.len(), groups[0].kind), (1, GroupKind::Resolution));
    assert_eq!(groups[0].creates, creates);
}

#[test]
fn documents_that_the_cloud_refuses_are_counted_and_sent_again_when_asked() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    claim(&mut store, 9);
    let creates = [document(Collection::SaleResolutions, "r")];
    let group = write(&mut store, |tx| {
        outbox::queue(tx, GroupKind::Resolution, sale_id(1), &creates, NOW)
    });
    let refused = Outcome::Failed {
        group,
        kind: FailureKind::Refused,
        message: "no".into(),
        remote: None,
    };
    write(&mut store, |tx| uploads::record(tx, &[refused], NOW));
    assert_eq!((counts(&store).stuck, counts(&store).failed), (1, 0));
    assert_eq!(
        write(&mut store, |tx| outbox::retry_stuck(tx, sale_id(1), 0, NOW)),
        1
    );
    assert_eq!((counts(&store).stuck, counts(&store).pending), (0, 1));
}

/// Weeks without a network: everything is counted, and the oldest goes first.
#[test]
fn weeks_of_sales_wait_in_order() {
    let Shop { dir, mut store } = connected(1);
    let raw = rusqlite::Connection::open(dir.path().join(FILE_NAME)).expect("the file");
    raw.execute_batch(
        "PRAGMA foreign_keys = OFF;
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 50000)
         INSERT INTO outbox (kind, sale_id, bytes, not_before) SELECT 'sale', 's' || n, 900, 0 FROM n",
    )
    .expect("many");
    assert_eq!(counts(&store).pending, 50_001);
    assert!(outbox::next_due(store.connection()).expect("due").is_some());
    let oldest = claim(&mut store, 1);
    assert_eq!((oldest.len(), oldest[0].sale_id), (1, sale_id(1)));
}

#[test]
fn connecting_again_forgets_the_last_cloud() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(0);
    write(&mut store, |tx| {
        sync_state::set_store_created_at(tx, NOW)?;
        sync_state::set_conflicts_cursor(tx, NOW)?;
        sync_state::set_clock_offset_ms(tx, 5)
    });
    let mut to = Connected {
        project: "demo-x".into(),
        store_id: "s1".into(),
        api_key: None,
    };
    write(&mut store, |tx| sync_state::connect(tx, &to));
    let kept: Option<Timestamp> = sync_state::get(store.connection())
        .expect("state")
        .store_created_at;
    assert_eq!(kept, None, "somebody says that this is the right one now");
    write(&mut store, |tx| {
        sync_state::set_store_created_at(tx, NOW)?;
        sync_state::set_conflicts_cursor(tx, NOW)
    });
    to.store_id = "s2".into();
    write(&mut store, |tx| sync_state::connect(tx, &to));
    let state = sync_state::get(store.connection()).expect("state");
    assert_eq!(
        (state.store_created_at, state.conflicts_cursor),
        (None, None)
    );
}

#[test]
fn the_month_is_the_one_that_it_is_wherever_the_clock_stood_before() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let get = |store: &Store, now| sync_costs::get(store.connection(), now).expect("the costs");
    assert_eq!(get(&store, NOW), Costs::default(), "nothing was asked yet");
    let mut bill = |reads, now| {
        let mut bill = Bill::default();
        bill.add(Purpose::Others, Spent { reads, writes: 0 });
        write(&mut store, |tx| sync_costs::add(tx, &bill, 0, now));
    };
    let next_year = NOW.plus_ms(366 * 86_400_000);
    bill(3, next_year);
    bill(4, NOW);
    let reads = |costs: &[Cost]| costs.iter().map(|cost| cost.spent.reads).sum::<u64>();
    let costs = get(&store, NOW);
    assert_eq!(costs.month.as_deref(), NOW.to_string().get(..7));
    assert_eq!((reads(&costs.of_month), reads(&costs.total)), (4, 7));
    let costs = get(&store, NOW.plus_ms(62 * 86_400_000));
    assert_ne!(costs.month.as_deref(), NOW.to_string().get(..7));
    assert_eq!((reads(&costs.of_month), reads(&costs.total)), (0, 7));
}
