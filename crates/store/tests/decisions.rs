//! What needs a manager: the failure list, decisions, warnings, and what becomes of sales then.

mod shop;

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Digest, SaleId};
use counterfoil_store::table::failures::{FailureStatus, get as failure, page as failure_page};
use counterfoil_store::table::outbox;
use counterfoil_store::table::resolutions::Resolution;
use counterfoil_store::table::sales::SaleSync;
use counterfoil_store::table::warnings::NewWarning;
use counterfoil_store::table::{
    duplicate_checks, elsewhere, failures, resolutions, sale_marks, sales, settings, warnings,
};
use counterfoil_store::{ErrorKind, NewSale, Store, StoreError, Upload, record_sale, uploads};
use counterfoil_sync::{Collection, Create, DocumentName, FailureKind, Group, GroupKind, Outcome};
use shop::cloud::{claim, conflict, connected, counts, document, sync_of, synced, write};
use shop::{NOW, Shop, sale_id};

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

/// Dismisses the item as a manager does, and queues what that sends.
fn dismiss(store: &mut Store, n: u32) {
    let name = format!("r{n}");
    write(store, |tx| {
        failures::set_status(tx, sale_id(1), FailureStatus::Open)?;
        outbox::retry_stuck(tx, sale_id(1), 0, NOW)?;
        resolutions::record(tx, &decision(n), FailureStatus::Dismissed)?;
        let creates = [document(Collection::SaleResolutions, &name)];
        outbox::queue(tx, GroupKind::Resolution, sale_id(1), &creates, NOW)
    });
}

fn refused(group: &Group) -> Outcome {
    Outcome::Failed {
        group: group.id,
        kind: FailureKind::Refused,
        message: "no".into(),
        remote: None,
    }
}

fn standing(store: &Store) -> (FailureStatus, String) {
    let item = failure(store.connection(), sale_id(1)).expect("read");
    let item = item.expect("listed");
    (item.status, item.message)
}

#[test]
fn a_dismissed_item_whose_losing_version_is_refused_is_open_again() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let group = claim(&mut store, 1)[0].id;
    write(&mut store, |tx| {
        uploads::record(tx, &[conflict(group)], NOW)
    });
    let why = standing(&store).1;
    let losing = claim(&mut store, 9);
    assert_eq!(losing[0].kind, GroupKind::Conflict);
    write(&mut store, |tx| {
        uploads::record(tx, &[refused(&losing[0])], NOW)
    });
    assert_eq!(
        standing(&store),
        (FailureStatus::Open, why),
        "an open item says why it failed"
    );
    dismiss(&mut store, 1);
    let outcomes: Vec<Outcome> = claim(&mut store, 9)
        .iter()
        .map(|group| match group.kind {
            GroupKind::Conflict => refused(group),
            _ => synced(group.id),
        })
        .collect();
    assert_eq!(outcomes.len(), 2, "with the decision goes what was refused");
    write(&mut store, |tx| uploads::record(tx, &outcomes, NOW));
    let (status, message) = standing(&store);
    assert_eq!(status, FailureStatus::Open);
    assert!(message.contains("no"), "{message}");
}

#[test]
fn an_older_decision_that_is_refused_again_reopens_nothing_that_was_decided_since() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(1);
    let group = claim(&mut store, 1)[0].id;
    write(&mut store, |tx| {
        uploads::record(tx, &[conflict(group)], NOW)
    });
    let losing = claim(&mut store, 9)[0].id;
    write(&mut store, |tx| uploads::record(tx, &[synced(losing)], NOW));
    dismiss(&mut store, 1);
    let first = claim(&mut store, 9).remove(0);
    write(&mut store, |tx| {
        uploads::record(tx, &[refused(&first)], NOW)
    });
    assert_eq!(standing(&store).0, FailureStatus::Open);
    dismiss(&mut store, 2);
    let both = claim(&mut store, 9);
    let outcomes = [refused(&both[0]), synced(both[1].id)];
    write(&mut store, |tx| uploads::record(tx, &outcomes, NOW));
    assert_eq!(standing(&store).0, FailureStatus::Dismissed);
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
                fields: sealed.fields.into(),
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
    assert_eq!(counts(&store).synced, 1, "it is in the cloud");
}

#[test]
fn items_that_failed_in_one_moment_stay_in_their_order() {
    let Shop {
        dir: _dir,
        mut store,
    } = connected(5);
    let mut groups = claim(&mut store, 9);
    groups.rotate_left(2);
    let failed: Vec<_> = groups.iter().map(|group| conflict(group.id)).collect();
    write(&mut store, |tx| uploads::record(tx, &failed, NOW));
    let came: Vec<_> = groups.iter().map(|group| group.sale_id).collect();
    let pages = [0, 2, 4].map(|offset| {
        failure_page(store.connection(), FailureStatus::Open, offset, 2).expect("a page")
    });
    let listed: Vec<_> = pages.iter().flatten().map(|item| item.sale_id).collect();
    assert_eq!(listed, came);
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
