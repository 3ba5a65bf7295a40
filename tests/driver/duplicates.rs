//! The checks for duplicates that are owed.

use std::time::Duration;

use counterfoil_app::ErrorCode;
use counterfoil_app::dto::SyncPhase;
use counterfoil_app::sync::sync_with_firestore;
use counterfoil_store::table::{duplicate_checks, elsewhere};
use counterfoil_sync::Code;
use counterfoil_tests::rig::register::text;
use counterfoil_tests::rig::until;

use crate::cloud::{Desk, conflict_elsewhere, lock};

#[tokio::test(flavor = "multi_thread")]
async fn a_check_for_duplicates_that_is_refused_is_said_and_holds_up_nothing() {
    for code in [Code::FailedPrecondition, Code::PermissionDenied] {
        let desk = Desk::new();
        *lock(&desk.cloud.uncounted) = Some(code);
        let (name, conflict) = conflict_elsewhere(7);
        lock(&desk.cloud.documents).insert(name, Ok(conflict));
        desk.register.sell(&[("bread", "1")]);

        let error = sync_with_firestore(&desk.parts(), Duration::from_secs(30)).await;
        let error = error.expect_err("the check is owed");
        assert_eq!(error.code, ErrorCode::CloudRefused, "{code:?}");
        for part in ["check for duplicates", "not affected", "imagined"] {
            assert!(error.message.contains(part), "{part}: {}", error.message);
        }
        assert!(!error.message.contains("not uploaded"), "{}", error.message);
        let seen = desk.register.db().read(|conn| elsewhere::page(conn, 0, 9));
        assert_eq!(seen.expect("a list").len(), 1, "other registers' are read");

        let handle = desk.start();
        let status = handle.status();
        until("it is said", || {
            let status = status.borrow();
            let said = status.problem.as_ref().map(|problem| problem.code);
            (status.state == SyncPhase::Idle && said == Some(ErrorCode::CloudRefused)).then_some(())
        })
        .await;
        desk.register.sell(&[("bread", "2")]);
        until("the next sale is up", || {
            (status.borrow().synced_total == 2).then_some(())
        })
        .await;
        assert_eq!(status.borrow().failed_total, 0);
        // Nobody asks for it: it is tried again by itself.
        *lock(&desk.cloud.uncounted) = None;
        until("it is over", || {
            let status = status.borrow();
            (status.state == SyncPhase::Idle && status.problem.is_none()).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_refused_alone_holds_up_no_other() {
    let desk = Desk::new();
    // More than are asked for at once, and all of the oldest are bad.
    for n in 1..=33_u32 {
        let sale = desk.register.sell(&[("bread", &n.to_string())]);
        if n <= 31 {
            let fingerprint = text(&sale, "fingerprint").parse().expect("a fingerprint");
            lock(&desk.cloud.bad_fingerprints).insert(fingerprint);
        }
    }
    let status = sync_with_firestore(&desk.parts(), Duration::from_secs(30)).await;
    let status = status.expect("the others are made");
    assert_eq!((status.synced_total, status.problem), (33, None));
    let owed = |later| {
        let now = counterfoil_domain::Clock::now(&counterfoil_app::clock::SystemClock);
        let owed = desk
            .register
            .db()
            .read(|conn| duplicate_checks::owed(conn, 99, now.plus_ms(later)));
        owed.expect("a list").len()
    };
    assert_eq!((owed(0), owed(60_000)), (0, 31), "they wait for their turn");
}
