//! The outbox: what is claimed, what becomes of it, and how much stands where.

mod shop;

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Digest, SaleId, Timestamp};
use counterfoil_store::table::failures::{FailureStatus, get as failure, page as failure_page};
use counterfoil_store::table::outbox::{self, Counts};
use counterfoil_store::table::resolutions::Resolution;
use counterfoil_store::table::sales::SaleSync;
use counterfoil_store::table::sync_state::Connected;
use counterfoil_store::table::warnings::NewWarning;
use counterfoil_store::table::{
    duplicate_checks, elsewhere, failures, resolutions, sale_marks, sales, settings, sync_state,
    warnings,
};
use counterfoil_store::{
    ErrorKind, FILE_NAME, NewSale, Store, StoreError, Upload, record_sale, uploads,
};
use counterfoil_sync::{
    Collection, Create, DocumentName, FailureKind, Group, GroupId, GroupKind, Landed, Outcome,
};
use shop::{NOW, Shop, ring_up, sale_id, shop};

const MUCH: u64 = 10 << 20;

/// A shop that is connected and has rung up so many sales.
fn connected(sales: u128) -> Shop {
    let mut shop = shop();
    let to = Connected {
        project: "demo-x".into(),
        store_id: "s1".into(),
        api_key: None,
    };
    write(&mut shop.store, |tx| sync_state::connect(tx, &to));
    for seed in 1..=sales {
        ring_up(&mut shop.store, seed, 1).expect("a sale");
    }
    shop
}

fn write<T>(
    store: &mut Store,
    work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError>,
) -> T {
    store.write(work).expect("written")
}

fn claim(store: &mut Store, max: u32) -> Vec<Group> {
    write(store, |tx| outbox::claim(tx, max, MUCH, NOW))
}

fn counts(store: &Store) -> Counts {
    outbox::counts(store.connection()).expect("counts")
}

fn sync_of(store: &Store, sale: SaleId) -> SaleSync {
    sales::by_id(store.connection(), sale)
        .expect("read")
        .expect("there")
        .sync
}

fn synced(group: GroupId) -> Outcome {
    Outcome::Synced {
        group,
        landed: Landed::Accepted,
        created_at: NOW.plus_ms(77),
    }
}

fn conflict(group: GroupId) -> Outcome {
    let mut remote = Fields::new();
    remote.insert("saleId".into(), sale_id(1).to_string().into());
    remote.insert("total".into(), 1.into());
    remote.insert("digest".into(), "a lie".into());
    Outcome::Failed {
        group,
        kind: FailureKind::SameId,
        message: "another sale has this id".into(),
        remote: Some(remote),
    }
}

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
            fields: stored.record
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
    let owed = duplicate_checks::owed(store.connection(), 10).expect("owed");
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
fn a_conflict_is_listed_and_its_whole_content_queued_for_everybody() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let group = claim(&mut store, 1)[0].id;
    write(&mut store, |tx| {
        uploads::record(tx, &[conflict(group)], NOW)
    });
    let listed = failure(store.connection(), sale_id(1))
        .expect("read")
        .expect("listed");
    assert_eq!((listed.kind, listed.attempts), (FailureKind::SameId, 1));
    assert_eq!(
        (listed.status, listed.failed_at),
        (FailureStatus::Open, NOW)
    );
    assert_eq!(sync_of(&store, sale_id(1)), SaleSync::Failed);
    let queued = claim(&mut store, 9);
    assert_eq!((queued.len(), queued[0].kind), (1, GroupKind::Conflict));
    let sale = sales::by_id(store.connection(), sale_id(1))
        .expect("read")
        .expect("there");
    let document = &queued[0].creates[0];
    assert_eq!(document.name.collection, Collection::SaleConflicts);
    assert_eq!(
        document.name.id,
        format!("{}_{}", sale.sale_id, sale.digest)
    );
    assert_eq!(
        document.fields["sale"],
        serde_json::Value::Object(sale.record)
    );
    assert_eq!(document.fields["kind"], "sameId");
    assert_eq!(document.fields["cashierName"], "Anna");
    let winner = Digest::of_sale(&listed.remote.expect("the winner")).expect("a digest");
    assert_eq!(document.fields["winnerDigest"], winner.to_string());
}

#[test]
fn the_same_version_is_queued_for_everybody_once() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    for _ in 0..2 {
        let sale = claim(&mut store, 9)
            .into_iter()
            .find(|group| group.kind == GroupKind::Sale);
        let group = sale.expect("the sale").id;
        write(&mut store, |tx| {
            uploads::record(tx, &[conflict(group)], NOW)
        });
        assert!(write(&mut store, |tx| outbox::retry_sale(
            tx,
            sale_id(1),
            NOW
        )));
    }
    let conflicts: i64 = store
        .connection()
        .query_row(
            "SELECT count(*) FROM outbox WHERE kind = 'conflict'",
            [],
            |row| row.get(0),
        )
        .expect("a count");
    assert_eq!(conflicts, 1);
}

#[test]
fn a_refused_sale_is_listed_without_a_winner() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let group = claim(&mut store, 1)[0].id;
    let refused = Outcome::Failed {
        group,
        kind: FailureKind::Refused,
        message: "too large".into(),
        remote: None,
    };
    write(&mut store, |tx| uploads::record(tx, &[refused], NOW));
    assert_eq!((counts(&store).failed, counts(&store).pending), (1, 0));
}

#[test]
fn a_failed_sale_that_lands_after_all_leaves_the_list() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let group = claim(&mut store, 1)[0].id;
    write(&mut store, |tx| {
        uploads::record(tx, &[conflict(group)], NOW)
    });
    assert!(write(&mut store, |tx| outbox::retry_sale(
        tx,
        sale_id(1),
        NOW
    )));
    write(&mut store, |tx| uploads::record(tx, &[synced(group)], NOW));
    assert_eq!((counts(&store).failed, counts(&store).synced), (0, 1));
}

fn decision(n: u32) -> Resolution {
    let mut document = Fields::new();
    document.insert("choice".into(), "dismiss".into());
    Resolution {
        sale_id: sale_id(1),
        n,
        choice: "dismiss".into(),
        reason: "a test of the till".into(),
        decided_by: "Bea".into(),
        money: None,
        decided_at: NOW,
        document,
    }
}

#[test]
fn an_item_is_decided_once_and_can_be_reopened() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let group = claim(&mut store, 1)[0].id;
    write(&mut store, |tx| {
        uploads::record(tx, &[conflict(group)], NOW)
    });
    write(&mut store, |tx| {
        resolutions::record(tx, &decision(1), FailureStatus::Dismissed)
    });
    let again: Result<(), StoreError> =
        store.write(|tx| resolutions::record(tx, &decision(2), FailureStatus::Resolved));
    assert_eq!(
        again.expect_err("decided already").kind(),
        ErrorKind::Refused
    );
    assert_eq!(counts(&store).failed, 0);
    assert!(write(&mut store, |tx| failures::set_status(
        tx,
        sale_id(1),
        FailureStatus::Open
    )));
    write(&mut store, |tx| {
        resolutions::record(tx, &decision(2), FailureStatus::Resolved)
    });
    let decided = resolutions::of_sale(store.connection(), sale_id(1)).expect("read");
    assert_eq!(decided, [decision(1), decision(2)]);
}

fn document(collection: Collection, id: &str) -> Create {
    let mut fields = Fields::new();
    fields.insert("total".into(), 1.into());
    Create {
        name: DocumentName {
            collection,
            id: id.to_owned(),
        },
        fields,
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
    assert_eq!(write(&mut store, |tx| outbox::retry_stuck(tx, NOW)), 1);
    assert_eq!((counts(&store).stuck, counts(&store).pending), (0, 1));
}

#[test]
fn a_reversal_stands_where_its_resolution_stands() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    write(&mut store, |tx| {
        let (sealed, content_digest) = shop::sealed(tx, 2, 1)?;
        let upload = Upload::WithGroup;
        let sale = NewSale {
            sealed: &sealed,
            content_digest,
            movements: &[],
            upload,
        };
        record_sale(tx, &sale, NOW)?;
        let id = sale_id(2).to_string();
        let name = DocumentName {
            collection: Collection::Sales,
            id,
        };
        let creates = [
            document(Collection::SaleResolutions, "r"),
            Create {
                name,
                fields: sealed.fields,
            },
        ];
        outbox::queue(tx, GroupKind::Resolution, sale_id(1), &creates, NOW)
    });
    assert_eq!(sync_of(&store, sale_id(2)), SaleSync::Pending);
    let group = claim(&mut store, 9)[1].id;
    assert_eq!(sync_of(&store, sale_id(2)), SaleSync::InFlight);
    write(&mut store, |tx| uploads::record(tx, &[synced(group)], NOW));
    assert_eq!(sync_of(&store, sale_id(2)), SaleSync::Synced);
    assert!(
        !duplicate_checks::any(store.connection()).expect("read"),
        "it is no sale of goods"
    );
}

#[test]
fn a_sale_that_went_up_as_a_copy_stands_where_the_copy_stands() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let group = claim(&mut store, 1)[0].id;
    write(&mut store, |tx| {
        uploads::record(tx, &[conflict(group)], NOW)
    });
    assert_eq!(sync_of(&store, sale_id(1)), SaleSync::Failed);
    let copy = sale_id(7);
    write(&mut store, |tx| {
        let marks = sale_marks::SaleMarks {
            cloud_id: Some(copy),
            ..Default::default()
        };
        sale_marks::set(tx, sale_id(1), &marks)?;
        let creates = [document(Collection::Sales, &copy.to_string())];
        outbox::queue(tx, GroupKind::Resolution, sale_id(1), &creates, NOW)
    });
    assert_eq!(sync_of(&store, sale_id(1)), SaleSync::Pending);
    let outcomes: Vec<_> = claim(&mut store, 9)
        .iter()
        .map(|group| synced(group.id))
        .collect();
    write(&mut store, |tx| uploads::record(tx, &outcomes, NOW));
    assert_eq!(sync_of(&store, sale_id(1)), SaleSync::Synced);
}

/// Weeks without a network: what the status line shows is still read at once.
#[test]
fn counting_does_not_depend_on_how_much_waits() {
    let Shop { dir, mut store } = connected(1);
    let raw = rusqlite::Connection::open(dir.path().join(FILE_NAME)).expect("the file");
    raw.execute_batch(
        "PRAGMA foreign_keys = OFF;
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 50000)
         INSERT INTO outbox (kind, sale_id, bytes, not_before) SELECT 'sale', 's' || n, 900, 0 FROM n",
    )
    .expect("many");
    let begun = std::time::Instant::now();
    assert_eq!(counts(&store).pending, 50_001);
    assert!(outbox::next_due(store.connection()).expect("due").is_some());
    assert_eq!(claim(&mut store, 1).len(), 1);
    let took_ms = begun.elapsed().as_millis();
    assert!(took_ms < 50, "it took {took_ms} ms");
}

#[test]
fn the_failure_list_is_paged_oldest_first() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(3);
    for (group, later) in claim(&mut store, 9).into_iter().zip([30, 10, 20]) {
        let failed = [conflict(group.id)];
        write(&mut store, |tx| {
            uploads::record(tx, &failed, NOW.plus_ms(later))
        });
    }
    let page = |offset| failure_page(store.connection(), FailureStatus::Open, offset, 2);
    let ids = |offset| -> Vec<SaleId> {
        page(offset)
            .expect("a page")
            .iter()
            .map(|item| item.sale_id)
            .collect()
    };
    assert_eq!(ids(0), [sale_id(2), sale_id(3)]);
    assert_eq!(ids(2), [sale_id(1)]);
}

#[test]
fn a_pair_is_warned_about_once() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(2);
    let warning = |sales| NewWarning {
        sales,
        message: "the same goods twice".into(),
        details: Fields::new(),
        listed: true,
    };
    let pair = [sale_id(1), sale_id(2)];
    assert!(write(&mut store, |tx| warnings::raise(
        tx,
        &warning(pair),
        NOW
    )));
    let reversed = [sale_id(2), sale_id(1)];
    assert!(!write(&mut store, |tx| warnings::raise(
        tx,
        &warning(reversed),
        NOW
    )));
    let listed = warnings::page(store.connection(), 0, 10).expect("a page");
    assert_eq!((listed.len(), counts(&store).warnings), (1, 1));
    assert!(write(&mut store, |tx| warnings::decide(
        tx,
        listed[0].id,
        "bothReal",
        "Bea",
        NOW
    )));
    assert!(!write(&mut store, |tx| warnings::decide(
        tx,
        listed[0].id,
        "bothReal",
        "Bea",
        NOW
    )));
    assert_eq!(counts(&store).warnings, 0);
}

#[test]
fn another_registers_item_and_its_outcome_arrive_in_any_order() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(0);
    let (sale, digest) = (sale_id(9), Digest::ZERO);
    let document = |text: &str| {
        let mut fields = Fields::new();
        fields.insert("reason".into(), text.into());
        fields
    };
    write(&mut store, |tx| {
        elsewhere::note_resolution(tx, sale, digest, 2, &document("second"))?;
        elsewhere::note_resolution(tx, sale, digest, 1, &document("first"))
    });
    assert_eq!(
        elsewhere::page(store.connection(), 0, 9).expect("a page"),
        []
    );
    write(&mut store, |tx| {
        elsewhere::note_conflict(tx, sale, digest, &document("lost"), NOW)
    });
    let page = elsewhere::page(store.connection(), 0, 9).expect("a page");
    assert_eq!(page[0].resolution, Some(document("second")));
}

#[test]
fn marks_and_settings_are_kept_beside_the_sale() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(2);
    let marks = sale_marks::SaleMarks {
        cloud_id: Some(sale_id(7)),
        superseded_by: Some(sale_id(2)),
        dismissed_at: Some(NOW),
    };
    write(&mut store, |tx| sale_marks::set(tx, sale_id(1), &marks));
    assert_eq!(
        sale_marks::get(store.connection(), sale_id(1)).expect("read"),
        marks
    );
    assert_eq!(sale_marks::dismissed(store.connection()).expect("read"), 1);
    let none = sale_marks::get(store.connection(), sale_id(2)).expect("read");
    assert_eq!(none, sale_marks::SaleMarks::default());
    write(&mut store, |tx| settings::set(tx, "theme", &"dark"));
    let theme = settings::get::<String>(store.connection(), "theme").expect("read");
    assert_eq!(theme.as_deref(), Some("dark"));
    let wrong = settings::get::<i64>(store.connection(), "theme").expect_err("not a number");
    assert_eq!(wrong.kind(), ErrorKind::Damaged);
}

#[test]
fn connecting_elsewhere_forgets_the_last_cloud() {
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
    assert_eq!(kept, Some(NOW), "the same cloud is the same cloud");
    to.store_id = "s2".into();
    write(&mut store, |tx| sync_state::connect(tx, &to));
    let state = sync_state::get(store.connection()).expect("state");
    assert_eq!(
        (state.store_created_at, state.conflicts_cursor),
        (None, None)
    );
}
