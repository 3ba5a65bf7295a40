//! Another register of the store prints the same receipt series: the second of them is told, and nothing waits for it.

use counterfoil_app::ErrorCode;
use counterfoil_app::dto::{NewIdentityInput, SyncPhase, SyncStatus};
use counterfoil_app::sync::{Wake, sync_with_firestore};
use counterfoil_store::table::sync_costs;
use counterfoil_sync::{Code, Printing, Purpose};
use counterfoil_tests::rig::{PATIENCE, until};
use serde_json::Value;

use crate::cloud::{Desk, NOW, lock};

/// The bar, which prints the same series since `ms` after this register.
fn bar(ms: i64) -> Printing {
    Printing {
        register_id: "00000000-0000-4000-8000-00000000ba12".to_owned(),
        name: Some("Bar".to_owned()),
        last_sequence: 7,
        created_at: NOW.plus_ms(ms),
    }
}

async fn drained(desk: &Desk) -> SyncStatus {
    let drain = sync_with_firestore(&desk.parts(), PATIENCE).await;
    drain.expect("a drain")
}

fn asked(desk: &Desk) -> Vec<String> {
    lock(&desk.cloud.asked_series).clone()
}

/// The words, which name the other register and say what to do.
fn told(status: &SyncStatus) -> String {
    let problem = status.problem.as_ref().expect("a problem");
    assert_eq!(problem.code, ErrorCode::PrefixShared, "{problem:?}");
    for word in ["receipts A", "Bar", "go up", "--receipt-prefix"] {
        assert!(problem.message.contains(word), "{problem:?}");
    }
    let details = problem.details.as_ref().expect("details");
    assert_eq!(details["register"], Value::from("Bar"));
    problem.message.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_second_with_a_series_is_told_once_and_for_all_and_all_sales_go_up() {
    let desk = Desk::new();
    desk.register.sell(&[("bread", "1")]);
    lock(&desk.cloud.others).push(bar(-1));
    let status = drained(&desk).await;
    assert_eq!((status.state, status.synced_total), (SyncPhase::Idle, 1));
    let words = told(&status);
    assert_eq!(asked(&desk), ["A"]);

    // Also where no program syncs, and after the next session, which does not ask again.
    let outside = desk.register.till.sync_status().expect("a status");
    assert_eq!(told(&outside), words);
    desk.register.sell(&[("bread", "2")]);
    assert_eq!(told(&drained(&desk).await), words);
    assert_eq!(asked(&desk), ["A"]);

    // With a series of its own it is a register of its own.
    let identity = NewIdentityInput {
        receipt_prefix: "B".to_owned(),
        by: "Maria".to_owned(),
    };
    let till = &desk.register.till;
    till.new_identity(&identity).expect("another register");
    assert_eq!(till.sync_status().expect("a status").problem, None);
    *lock(&desk.cloud.holder) = None;
    lock(&desk.cloud.others).clear();
    let sale = desk.register.sell(&[("bread", "3")]);
    assert_eq!(sale["receiptNumber"], Value::from("B-000001"));
    let status = drained(&desk).await;
    assert_eq!((status.problem, status.synced_total), (None, 3));
    assert_eq!(asked(&desk), ["A", "B"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_first_with_a_series_is_left_alone() {
    let desk = Desk::new();
    lock(&desk.cloud.others).push(bar(1));
    assert_eq!(drained(&desk).await.problem, None);
    assert_eq!(drained(&desk).await.problem, None);
    assert_eq!(asked(&desk), ["A"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_store_is_asked_anew() {
    let desk = Desk::new();
    lock(&desk.cloud.others).push(bar(-1));
    told(&drained(&desk).await);
    lock(&desk.cloud.others).clear();
    desk.register.connect("demo-imagined", "harbour");
    assert_eq!(drained(&desk).await.problem, None);
    assert_eq!(asked(&desk), ["A", "A"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_says_who_prints_a_series_sales_go_up_and_it_is_asked_again() {
    for code in [Code::Unavailable, Code::PermissionDenied] {
        let desk = Desk::new();
        desk.register.sell(&[("bread", "1")]);
        lock(&desk.cloud.others).push(bar(-1));
        *lock(&desk.cloud.series_refused) = Some(code);
        let handle = desk.start();
        let status = handle.status();
        until("the sale is up", || {
            let status = status.borrow();
            (status.synced_total == 1 && status.state == SyncPhase::Idle).then_some(())
        })
        .await;
        assert_eq!(status.borrow().problem, None, "{code:?}");
        // The same session asks again when it looks around.
        *lock(&desk.cloud.series_refused) = None;
        let seen = until("it is told", || {
            handle.wake(Wake::User);
            let status = status.borrow().clone();
            status.problem.is_some().then_some(status)
        })
        .await;
        told(&seen);
        handle.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_is_billed_to_the_session_that_asks_it() {
    let reads = |desk: &Desk| {
        let costs = desk
            .register
            .db()
            .read(sync_costs::total)
            .expect("the costs");
        let mut session = costs.into_iter();
        let session = session.find(|cost| cost.purpose == Purpose::Session);
        session.expect("a session").spent.reads
    };
    let desk = Desk::new();
    drained(&desk).await;
    let first = reads(&desk);
    drained(&desk).await;
    // The register itself, and the membership.
    assert_eq!(first - (reads(&desk) - first), 2);
}
