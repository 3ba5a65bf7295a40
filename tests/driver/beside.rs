//! Other programs on the same database.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use counterfoil_app::ErrorCode;
use counterfoil_app::dto::SyncPhase;
use counterfoil_app::sync::{Connect, Parts, start, sync_with_firestore};
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::{Code, Remote, Wake};
use counterfoil_tests::rig::register::text;
use counterfoil_tests::rig::{PATIENCE, until};

use crate::cloud::{Desk, Imagined, Meanwhile, NOW, lock};

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

/// Whoever syncs ends when somebody disconnects the register, and begins when it is connected again.
#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_another_program_disconnects_sends_nothing_until_it_is_connected() {
    let desk = Desk::new();
    let handle = desk.start();
    let status = handle.status();
    let is = |state: SyncPhase| (status.borrow().state == state).then_some(());
    until("the driver is idle", || is(SyncPhase::Idle)).await;
    desk.register.disconnect();
    until("the driver has seen it", || is(SyncPhase::LocalOnly)).await;
    assert!(status.borrow().disconnected);
    desk.register.sell(&[("bread", "1")]);
    handle.wake(Wake::User);
    let refused = sync_with_firestore(&desk.parts(), Duration::from_secs(5)).await;
    let refused = refused.expect_err("it is connected to none");
    assert_eq!(refused.code, ErrorCode::NotConnected);
    assert_eq!(lock(&desk.cloud.documents).len(), 0);
    desk.register.connect("demo-imagined", "corner");
    until("the sale is up", || {
        (status.borrow().synced_total == 1).then_some(())
    })
    .await;
    assert_eq!(lock(&desk.cloud.documents).len(), 1);
}

/// The folder with the installation's file was not there yet when the program began, and is there later.
#[tokio::test(flavor = "multi_thread")]
async fn an_installation_whose_file_comes_back_goes_on_by_itself() {
    let Desk { register, cloud } = Desk::new();
    register.sell(&[("bread", "1")]);
    let moved = Desk {
        register: register.copied(),
        cloud,
    };
    let handle = moved.start();
    let status = handle.status();
    until("whose it is is doubtful", || {
        (status.borrow().state == SyncPhase::IdentityNeeded).then_some(())
    })
    .await;
    assert_eq!(status.borrow().pending, 1);
    register.install_in(moved.register.dir());
    until("the sale is up", || {
        (status.borrow().synced_total == 1).then_some(())
    })
    .await;
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

/// A driver, its clouds, and whoever connects its register to the store `other` beside it.
fn between_two() -> (Desk, Arc<Several>, Parts, Meanwhile) {
    let desk = Desk::new();
    let clouds = Arc::new(Several::default());
    let connect = Arc::<Several>::clone(&clouds);
    let parts = Parts {
        connect,
        ..desk.parts()
    };
    let till = desk.register.till.clone();
    let away = move || {
        let switched = till.sync_switch("demo-imagined", "other", None, true);
        switched.expect("switched");
    };
    (desk, clouds, parts, Box::new(away))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_store_took_is_not_booked_as_done_for_the_next() {
    let (desk, clouds, parts, away) = between_two();
    *lock(&clouds.of("corner").after_commit) = Some(away);
    let sale = desk.register.sell(&[("bread", "1")]);
    let status = sync_with_firestore(&parts, PATIENCE)
        .await
        .expect("a drain");
    assert_eq!(status.store_id.as_deref(), Some("other"));
    assert_eq!((status.synced_total, status.pending), (1, 0));
    for store in ["corner", "other"] {
        let documents = clouds.of(store);
        let documents = lock(&documents.documents);
        let ids: Vec<&str> = documents.keys().map(|name| name.id.as_str()).collect();
        assert_eq!(ids, [text(&sale, "saleId")], "{store}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stores_age_is_not_remembered_as_that_of_the_next() {
    let (desk, clouds, parts, away) = between_two();
    *lock(&clouds.of("corner").after_store) = Some(away);
    *lock(&clouds.of("corner").created_at) = Some(NOW.plus_ms(-86_400_000));
    desk.register.sell(&[("bread", "1")]);
    let status = sync_with_firestore(&parts, PATIENCE)
        .await
        .expect("the next store is no other one than it says");
    assert_eq!(status.synced_total, 1);
    assert_eq!(lock(&clouds.of("corner").documents).len(), 0);
}

/// Somebody emptied the cloud, and says so by connecting to it once more.
#[tokio::test(flavor = "multi_thread")]
async fn what_went_up_before_the_same_store_was_connected_again_goes_up_again() {
    let (desk, clouds, parts, _) = between_two();
    let corner = clouds.of("corner");
    let (till, emptied) = (desk.register.till.clone(), Arc::clone(&corner));
    *lock(&corner.after_commit) = Some(Box::new(move || {
        lock(&emptied.documents).clear();
        let again = till.sync_connect("demo-imagined", "corner", None, false);
        again.expect("connected again");
    }));
    desk.register.sell(&[("bread", "1")]);
    let status = sync_with_firestore(&parts, PATIENCE)
        .await
        .expect("a drain");
    assert_eq!(status.synced_total, 1);
    assert_eq!(lock(&corner.documents).len(), 1);
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
