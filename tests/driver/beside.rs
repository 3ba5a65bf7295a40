//! Other programs on the same database.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use counterfoil_app::dto::SyncPhase;
use counterfoil_app::sync::{Connect, Parts, start, sync_with_firestore};
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::{Code, Remote};
use counterfoil_tests::rig::{PATIENCE, until};

use crate::cloud::{Desk, Imagined, lock};

/// Nobody wakes the driver here: `counterfoilctl` sold beside it.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_books_goes_up_at_once() {
    let desk = Desk::new();
    let handle = desk.start();
    let status = handle.status();
    until("the driver is idle", || {
        (status.borrow().state == SyncPhase::Idle).then_some(())
    })
    .await;
    let begun = std::time::Instant::now();
    desk.register.sell(&[("bread", "1")]);
    until("the sale is up", || {
        (status.borrow().synced_total == 1).then_some(())
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(5));
}

/// A cloud of its own for every store.
#[derive(Default)]
struct Several(Mutex<BTreeMap<String, Arc<Imagined>>>);

impl Several {
    fn of(&self, store_id: &str) -> Arc<Imagined> {
        let mut clouds = lock(&self.0);
        Arc::clone(clouds.entry(store_id.to_owned()).or_default())
    }
}

impl Connect for Several {
    fn remote(&self, to: &Connected) -> Arc<dyn Remote> {
        self.of(&to.store_id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_another_program_connects_gets_the_next_sales() {
    let desk = Desk::new();
    let clouds = Arc::new(Several::default());
    let connect = Arc::<Several>::clone(&clouds);
    let parts = Parts {
        connect,
        ..desk.parts()
    };
    let handle = start(parts).0;
    let status = handle.status();
    until("the driver is idle", || {
        (status.borrow().state == SyncPhase::Idle).then_some(())
    })
    .await;
    desk.register.connect("demo-imagined", "other");
    until("the driver has seen it", || {
        let status = status.borrow();
        let idle = status.state == SyncPhase::Idle;
        (idle && status.store_id.as_deref() == Some("other")).then_some(())
    })
    .await;
    desk.register.sell(&[("bread", "1")]);
    until("the sale is up", || {
        (status.borrow().synced_total == 1).then_some(())
    })
    .await;
    let documents = |store: &str| lock(&clouds.of(store).documents).len();
    assert_eq!((documents("corner"), documents("other")), (0, 1));
}

/// What a program sees that does not sync: the desk's till has no driver of its own.
fn seen(desk: &Desk) -> counterfoil_app::dto::SyncStatus {
    desk.register.till.sync_status().expect("a status")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_does_not_sync_shows_what_the_other_one_says() {
    for (code, phase) in [
        (Code::Unavailable, SyncPhase::Offline),
        (Code::PermissionDenied, SyncPhase::NotAllowed),
        (Code::Unauthenticated, SyncPhase::SignInNeeded),
    ] {
        let desk = Desk::new();
        *lock(&desk.cloud.refusal) = Some(code);
        desk.register.sell(&[("bread", "1")]);
        assert_eq!(seen(&desk).state, SyncPhase::Paused, "nobody sends it");
        let handle = desk.start();
        let live = handle.status();
        until(&format!("{code:?} is seen by the other program"), || {
            let (seen, live) = (seen(&desk), live.borrow().clone());
            let same = seen.problem == live.problem && seen.next_attempt_at == live.next_attempt_at;
            (seen.state == phase && seen.problem.is_some() && same).then_some(())
        })
        .await;
        *lock(&desk.cloud.refusal) = None;
        handle.wake(counterfoil_app::sync::Wake::User);
        until(&format!("{code:?} is over for the other program"), || {
            let seen = seen(&desk);
            let well = seen.state == SyncPhase::Idle && seen.problem.is_none();
            (well && seen.synced_total == 1).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_other_one_said_is_true_only_while_it_runs() {
    let desk = Desk::new();
    *lock(&desk.cloud.refusal) = Some(Code::Unavailable);
    desk.register.sell(&[("bread", "1")]);
    let drain = sync_with_firestore(&desk.parts(), Duration::from_millis(300)).await;
    drain.expect_err("nobody answers");
    let status = seen(&desk);
    assert_eq!((status.state, status.problem), (SyncPhase::Paused, None));
    assert_eq!(status.next_attempt_at, None, "nobody will");
    assert_eq!(status.pending, 1);

    *lock(&desk.cloud.refusal) = None;
    let drain = sync_with_firestore(&desk.parts(), Duration::from_secs(30)).await;
    drain.expect("a drain");
    assert_eq!(seen(&desk).state, SyncPhase::Idle, "nothing waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_hurries_the_program_that_syncs() {
    let desk = Desk::new();
    *lock(&desk.cloud.other_currency) = true;
    desk.register.sell(&[("bread", "1")]);
    let handle = desk.start();
    let status = handle.status();
    // It goes on only when a person asks for it.
    until("the driver is paused", || {
        (status.borrow().state == SyncPhase::Paused).then_some(())
    })
    .await;
    assert_eq!(seen(&desk).state, SyncPhase::Paused);
    *lock(&desk.cloud.other_currency) = false;
    let drain = sync_with_firestore(&desk.parts(), PATIENCE).await;
    let status = drain.expect("the other one did it");
    assert_eq!((status.synced_total, status.pending), (1, 0));
}
