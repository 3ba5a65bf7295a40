//! What stands between a register that is signed in and its cloud, and goes away again: everything waits, the status
//! says for what, and it goes on by itself.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use counterfoil_app::ErrorCode;
use counterfoil_app::account::keychain::{Keychain, KeychainError};
use counterfoil_app::dto::{KeptIn, SyncPhase, SyncStatus};
use counterfoil_app::sync::{SyncHandle, Wake, start};
use counterfoil_tests::rig::shim::{Code, Done, Fate, Shim};
use counterfoil_tests::rig::{by_itself, until};
use xtask::emulator::PROJECT;

use crate::is_there;
use crate::world::{Signed, Store};

/// Rules that let nobody do anything, as a project has them that was never deployed to.
const NONE: &str = "rules_version = '2';
service cloud.firestore { match /databases/{database}/documents { match /{document=**} { allow read, write: if false; } } }";

/// Waits until the driver says so, without asking anything of it.
async fn says(handle: &SyncHandle, state: SyncPhase, code: ErrorCode) -> SyncStatus {
    let status = handle.status();
    until(&format!("{state:?}, {code:?} is said"), || {
        let now = status.borrow();
        let said = now
            .problem
            .as_ref()
            .is_some_and(|problem| problem.code == code);
        (now.state == state && said).then(|| now.clone())
    })
    .await
}

/// The same until so many sales are up and nothing is wrong.
async fn is_up(handle: &SyncHandle, sales: u32) {
    let status = handle.status();
    by_itself("all is up", || {
        let now = status.borrow();
        let well = now.state == SyncPhase::Idle && now.problem.is_none();
        (now.synced_total == sales && well).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_rules_nothing_is_allowed_and_with_them_everything_goes_up() {
    let store = Store::alone().await;
    let signed = Signed::out(&store);
    signed.sign_in(&store).await;
    store.rules(NONE);
    let first = signed.register.sell(&[("bread", "1")]);
    let (handle, task) = start(signed.parts(&store));
    let status = says(&handle, SyncPhase::NotAllowed, ErrorCode::NotAllowed).await;
    assert_eq!((status.pending, status.failed_total), (1, 0));
    store.rules_of_the_product();
    is_up(&handle, 1).await;

    // They are gone in the middle of a session.
    store.rules(NONE);
    let second = signed.register.sell(&[("bread", "2")]);
    handle.wake(Wake::Checkout);
    let status = says(&handle, SyncPhase::NotAllowed, ErrorCode::NotAllowed).await;
    assert_eq!(
        (status.pending + status.in_flight, status.failed_total),
        (1, 0)
    );
    store.rules_of_the_product();
    is_up(&handle, 2).await;
    for sale in [first, second] {
        assert!(is_there(&store, &sale).await);
    }
    handle.stop();
    task.await.expect("it ends");
}

/// Sells, and waits until the status has so many failed and so many that wait.
async fn sold(signed: &Signed, handle: &SyncHandle, failed: u32, waiting: u32) {
    signed.register.sell(&[("bread", "1")]);
    handle.wake(Wake::Checkout);
    let status = handle.status();
    until(&format!("{failed} failed and {waiting} wait"), || {
        let now = status.borrow();
        let counts = (now.failed_total, now.pending + now.in_flight);
        (counts == (failed, waiting)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_that_broken_rules_deny_go_up_by_themselves_when_the_rules_are_mended() {
    let store = Store::alone().await;
    let signed = Signed::out(&store);
    signed.sign_in(&store).await;
    let (handle, task) = start(signed.parts(&store));
    sold(&signed, &handle, 0, 0).await;
    is_up(&handle, 1).await;
    // The claim passes, and everything else but a new sale.
    store.rules_without_new_sales();
    for denied in 1..=4 {
        sold(&signed, &handle, denied, 0).await;
    }
    sold(&signed, &handle, 0, 5).await;
    says(&handle, SyncPhase::NotAllowed, ErrorCode::NotAllowed).await;
    store.rules_of_the_product();
    is_up(&handle, 6).await;
    assert_eq!(handle.status().borrow().failed_total, 0);

    // Too few to tell: the next sale that is accepted takes it along.
    store.rules_without_new_sales();
    sold(&signed, &handle, 1, 0).await;
    store.rules_of_the_product();
    sold(&signed, &handle, 0, 0).await;
    is_up(&handle, 8).await;
    assert_eq!(handle.status().borrow().failed_total, 0);
    handle.stop();
    task.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_accepted_any_more_is_renewed_before_its_time() {
    let store = Store::founded().await;
    let shim = Shim::new(store.host());
    let signed = Signed::behind(&store, shim.host());
    signed.sign_in(&store).await;
    let (last, refused) = (
        Arc::new(Mutex::new(String::new())),
        Arc::new(Mutex::new(None)),
    );
    let (seen, over) = (Arc::clone(&last), Arc::clone(&refused));
    shim.plan(move |call| {
        let over: &Option<String> = &over.lock().unwrap_or_else(PoisonError::into_inner);
        seen.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(&call.authorization);
        match over.as_ref() == Some(&call.authorization) {
            true => Fate::Status(Code::Unauthenticated, Done::Not),
            false => Fate::Passes,
        }
    });
    signed.register.sell(&[("bread", "1")]);
    let (handle, task) = start(signed.parts(&store));
    is_up(&handle, 1).await;
    let first = last.lock().expect("no panic").clone();
    assert!(first.starts_with("Bearer ey"), "its own token");
    *refused.lock().expect("no panic") = Some(first.clone());
    let sale = signed.register.sell(&[("bread", "2")]);
    handle.wake(Wake::Checkout);
    is_up(&handle, 2).await;
    assert!(shim.struck() > 0, "the old token was refused");
    assert_ne!(*last.lock().expect("no panic"), first);
    assert!(is_there(&store, &sale).await);
    handle.stop();
    task.await.expect("it ends");
}

/// A keychain in memory that can be locked.
#[derive(Default)]
struct Drawer {
    kept: Mutex<HashMap<String, String>>,
    locked: AtomicBool,
}

impl Drawer {
    fn open<T>(
        &self,
        work: impl FnOnce(&mut HashMap<String, String>) -> T,
    ) -> Result<T, KeychainError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(KeychainError::Locked);
        }
        Ok(work(
            &mut self.kept.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

impl Keychain for Drawer {
    fn get(&self, name: &str) -> Result<Option<String>, KeychainError> {
        self.open(|kept| kept.get(name).cloned())
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        self.open(|kept| drop(kept.insert(name.to_owned(), secret.to_owned())))
    }

    fn forget(&self, name: &str) -> Result<(), KeychainError> {
        self.open(|kept| drop(kept.remove(name)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_locked_keychain_everything_waits_until_it_is_open() {
    let store = Store::founded().await;
    let drawer = Arc::new(Drawer::default());
    let signed = Signed::with_keychain(&store, Arc::<Drawer>::clone(&drawer));
    let account = signed.sign_in(&store).await;
    assert_eq!(account.kept_in, KeptIn::Keychain);
    drawer.locked.store(true, Ordering::SeqCst);
    let sale = signed.register.sell(&[("bread", "1")]);
    let (handle, task) = start(signed.parts(&store));
    let status = says(&handle, SyncPhase::SignInNeeded, ErrorCode::KeychainLocked).await;
    assert_eq!((status.pending, status.failed_total), (1, 0));
    drawer.locked.store(false, Ordering::SeqCst);
    is_up(&handle, 1).await;
    assert!(is_there(&store, &sale).await);
    handle.stop();
    task.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_project_is_not_sent() {
    let store = Store::founded().await;
    let signed = Signed::out(&store);
    let account = signed.sign_in(&store).await;
    let file = account.file.expect("it is kept in a file");
    let kept = fs::read_to_string(&file).expect("the file");
    let other = "demo-another";
    fs::write(&file, kept.replace(PROJECT, other)).expect("written");
    signed.register.connect(other, &store.id);
    let sale = signed.register.sell(&[("bread", "1")]);
    let (handle, task) = start(signed.parts(&store));
    let status = says(&handle, SyncPhase::SignInNeeded, ErrorCode::WrongProject).await;
    assert_eq!((status.pending, status.failed_total), (1, 0));
    let problem = status.problem.expect("a problem");
    assert!(problem.message.contains(other), "{problem}");

    fs::write(&file, kept).expect("written");
    signed.register.connect(PROJECT, &store.id);
    is_up(&handle, 1).await;
    assert!(is_there(&store, &sale).await);
    handle.stop();
    task.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_googles_is_not_told_to_an_emulator_and_goes_on_where_it_is_known() {
    let store = Store::founded().await;
    let signed = Signed::out(&store);
    signed.sign_in(&store).await;
    let view = signed.keep.view().expect("read").expect("kept");
    let file = view.file.expect("there is no keychain");
    let here = fs::read_to_string(&file).expect("a file");
    let was = r#""side": "emulator""#;
    assert_eq!(here.matches(was).count(), 1, "who knows the account");
    fs::write(&file, here.replace(was, r#""side": "google""#)).expect("written");

    let sale = signed.register.sell(&[("bread", "1")]);
    let (handle, task) = start(signed.parts(&store));
    let elsewhere = ErrorCode::SignedInElsewhere;
    let status = says(&handle, SyncPhase::SignInNeeded, elsewhere).await;
    assert_eq!((status.pending, status.failed_total), (1, 0));
    assert!(!is_there(&store, &sale).await);

    fs::write(&file, here).expect("written");
    is_up(&handle, 1).await;
    assert!(is_there(&store, &sale).await);
    handle.stop();
    task.await.expect("it ends");
}
