//! The driver over a real database, with a cloud that answers what a test wants.

#![allow(missing_docs, reason = "test names are sentences")]

#[path = "driver/backlog.rs"]
mod backlog;
#[path = "driver/beside.rs"]
mod beside;
#[path = "driver/cloud.rs"]
mod cloud;
#[path = "driver/costs.rs"]
mod costs;
#[path = "driver/denied.rs"]
mod denied;
#[path = "driver/duplicates.rs"]
mod duplicates;
#[path = "driver/numbers.rs"]
mod numbers;
#[path = "driver/series.rs"]
mod series;
#[path = "driver/unreadable.rs"]
mod unreadable;

use std::time::Duration;

use cloud::{Desk, conflict_elsewhere, lock};
use counterfoil_app::ErrorCode;
use counterfoil_app::dto::{FailureKind, SyncPhase};
use counterfoil_app::sync::{Wake, sync_with_firestore};
use counterfoil_store::table::elsewhere;
use counterfoil_sync::{Code, Collection, DocumentName};
use counterfoil_tests::rig::register::text;
use counterfoil_tests::rig::until;

#[tokio::test(flavor = "multi_thread")]
async fn every_code_is_a_state_in_words_and_selling_goes_on() {
    let table = [
        (
            Code::Unavailable,
            SyncPhase::Offline,
            ErrorCode::CloudUnreachable,
        ),
        (
            Code::DeadlineExceeded,
            SyncPhase::Offline,
            ErrorCode::Timeout,
        ),
        (
            Code::ResourceExhausted,
            SyncPhase::Offline,
            ErrorCode::CloudRefused,
        ),
        (Code::Aborted, SyncPhase::Offline, ErrorCode::CloudRefused),
        (
            Code::Internal,
            SyncPhase::Offline,
            ErrorCode::CloudUnreachable,
        ),
        (
            Code::Unknown,
            SyncPhase::Offline,
            ErrorCode::CloudUnreachable,
        ),
        (
            Code::Cancelled,
            SyncPhase::Offline,
            ErrorCode::CloudUnreachable,
        ),
        (
            Code::Unauthenticated,
            SyncPhase::SignInNeeded,
            ErrorCode::SignInNeeded,
        ),
        (
            Code::PermissionDenied,
            SyncPhase::NotAllowed,
            ErrorCode::NotAllowed,
        ),
    ];
    for (code, phase, problem) in table {
        let desk = Desk::new();
        *lock(&desk.cloud.refusal) = Some(code);
        desk.register.sell(&[("bread", "1")]);
        let handle = desk.start();
        let status = handle.status();
        let said = until(&format!("{code:?} is said"), || {
            let status = status.borrow();
            (status.state == phase).then(|| status.clone())
        })
        .await;
        assert_eq!(said.problem.expect("a problem").code, problem, "{code:?}");
        assert_eq!(said.failed_total, 0, "{code:?}");
        desk.register.sell(&[("bread", "2")]);

        *lock(&desk.cloud.refusal) = None;
        handle.wake(Wake::User);
        until(&format!("{code:?} is over"), || {
            let status = status.borrow();
            (status.synced_total == 2 && status.state == SyncPhase::Idle).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permanent_refusal_is_a_failed_item_with_the_servers_reason() {
    for code in [
        Code::InvalidArgument,
        Code::FailedPrecondition,
        Code::OutOfRange,
    ] {
        let desk = Desk::new();
        *lock(&desk.cloud.refusal) = Some(code);
        desk.register.sell(&[("bread", "1")]);
        let status = sync_with_firestore(&desk.parts(), Duration::from_secs(30)).await;
        let status = status.expect("a failed item alone is no failure of the drain");
        assert_eq!((status.failed_total, status.pending), (1, 0));
        assert_eq!(status.failed_items[0].kind, FailureKind::Refused);
        assert!(
            status.failed_items[0].message.contains("imagined"),
            "{code:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_sale_never_holds_up_another() {
    let desk = Desk::new();
    for n in 1..=9 {
        desk.register.sell(&[("bread", &n.to_string())]);
    }
    *lock(&desk.cloud.bad_total) = Some(4 * 340);
    let status = sync_with_firestore(&desk.parts(), Duration::from_secs(30))
        .await
        .expect("a drain");
    assert_eq!(
        (status.synced_total, status.failed_total, status.pending),
        (8, 1, 0)
    );
    assert_eq!(status.failed_items[0].kind, FailureKind::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_may_not_write_fails_no_sale() {
    let desk = Desk::new();
    *lock(&desk.cloud.refusal) = Some(Code::PermissionDenied);
    for n in 1..=7 {
        desk.register.sell(&[("bread", &n.to_string())]);
    }
    let error = sync_with_firestore(&desk.parts(), Duration::from_secs(1)).await;
    assert_eq!(error.expect_err("not allowed").code, ErrorCode::NotAllowed);
    let status = desk.register.till.sync_status().expect("a status");
    assert_eq!(
        (status.pending, status.in_flight, status.failed_total),
        (7, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_cannot_be_read_is_a_conflict_that_says_so() {
    let desk = Desk::new();
    let sale = desk.register.sell(&[("bread", "1")]);
    let id = text(&sale, "saleId").to_owned();
    let name = DocumentName {
        collection: Collection::Sales,
        id,
    };
    lock(&desk.cloud.documents).insert(name, Err("total is a double".to_owned()));
    let status = sync_with_firestore(&desk.parts(), Duration::from_secs(30))
        .await
        .expect("a drain");
    assert_eq!(status.failed_items[0].kind, FailureKind::SameId);
    assert!(status.failed_items[0].message.contains("total is a double"));
    let detail = desk
        .register
        .till
        .failed_detail(text(&sale, "saleId"))
        .expect("shown");
    assert!(detail.remote.is_none(), "shown as it is, never guessed at");
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_have_growing_versions() {
    let desk = Desk::new();
    let handle = desk.start();
    let mut status = handle.status();
    let mut last = 0;
    for n in 1..=5_u32 {
        desk.register.sell(&[("bread", &n.to_string())]);
        handle.wake(Wake::Checkout);
        while status.borrow().synced_total < n {
            status.changed().await.expect("the driver runs");
            let version = status.borrow_and_update().version;
            assert!(version > last, "{version} after {last}");
            last = version;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_another_register_put_there_in_one_commit_is_seen() {
    const WRITES_IN_A_COMMIT: u128 = 500;
    let desk = Desk::new();
    for n in 1..=WRITES_IN_A_COMMIT {
        let (name, conflict) = conflict_elsewhere(n);
        lock(&desk.cloud.documents).insert(name, Ok(conflict));
    }
    sync_with_firestore(&desk.parts(), Duration::from_secs(30))
        .await
        .expect("a drain");
    let seen = desk
        .register
        .db()
        .read(|conn| elsewhere::page(conn, 0, 1_000))
        .expect("a list");
    assert_eq!(seen.len() as u128, WRITES_IN_A_COMMIT);
}
