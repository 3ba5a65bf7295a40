//! A register's own account, from an empty project to a sale under its own token: Google's Firestore emulator with the
//! rules, Firebase's Auth emulator, a store that is founded as the set-up tells.
//!
//! Without the emulators they fail and say how to get them.

#![allow(missing_docs, reason = "test names are sentences")]

mod before;
mod ended;
mod faults;
mod keychain;
#[cfg(target_os = "linux")]
mod secret_service;
mod series;
mod world;

use counterfoil_app::dto::{KeptIn, SyncPhase, SyncStatus};
use counterfoil_app::sync::{SyncHandle, SyncStore as _, Wake, start};
use counterfoil_app::{AppError, ErrorCode, Servers, logging};
use counterfoil_firestore::auth::{AuthServer, Vault as _};
use counterfoil_sync::{Collection, DocumentName, Remote as _};
use counterfoil_tests::rig::register::text;
use counterfoil_tests::rig::until;
use serde_json::Value;

use world::{PASSWORD, Signed, Store};

async fn is_there(store: &Store, sale: &Value) -> bool {
    let name = DocumentName {
        collection: Collection::Sales,
        id: text(sale, "saleId").to_owned(),
    };
    let found = store.remote().get(&[name]).await.expect("an answer");
    found.iter().any(Option::is_some)
}

/// Waits until the driver says so, asking it to hurry.
async fn until_state(handle: &SyncHandle, state: SyncPhase) -> SyncStatus {
    let status = handle.status();
    until(&format!("the state is {state:?}"), || {
        let now = status.borrow().clone();
        if now.state == state {
            return Some(now);
        }
        handle.wake(Wake::User);
        None
    })
    .await
}

/// What the database says: a snapshot of the driver may be from before the sale.
async fn until_up(handle: &SyncHandle, signed: &Signed) {
    let (status, register) = (handle.status(), signed.register.db());
    until("everything is up", || {
        handle.wake(Wake::User);
        let drained = register.is_drained().expect("read");
        (drained && status.borrow().state == SyncPhase::Idle).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolled_register_sends_its_sales_under_its_own_token() {
    let logs = tempfile::tempdir().expect("a folder");
    let log = logging::start(logs.path(), "accounts");
    let store = Store::founded().await;
    let signed = Signed::out(&store);
    let sale = signed.register.sell(&[("bread", "1")]);
    let account = signed.sign_in(&store).await;
    assert_eq!(account.signed_in_by, store.owner);
    assert_eq!(account.kept_in, KeptIn::File);
    assert!(account.email.ends_with("@registers.invalid"), "{account:?}");
    let role = store.remote().role_of(&account.uid).await;
    assert_eq!(role.expect("an answer").as_deref(), Some("register"));

    let status = signed.sync(&store).await.expect("all is up");
    assert_eq!((status.pending, status.failed_total), (0, 0));
    assert!(is_there(&store, &sale).await);

    // The token is as good as over: the next one is asked for.
    signed.clock.pass_hours(2);
    let sale = signed.register.sell(&[("butter", "1")]);
    signed.sync(&store).await.expect("all is up");
    assert!(is_there(&store, &sale).await);

    let kept = signed.keep.account().await.expect("kept");
    let token = kept.expect("an account").refresh_token;
    drop(log);
    let mut files = std::fs::read_dir(logs.path().join("logs")).expect("a folder");
    let file = files.next().expect("a log").expect("a file").path();
    let said = std::fs::read_to_string(file).expect("a log");
    assert!(said.contains("the register is signed in"), "{said}");
    // The last is how every ID token begins that the emulator gives.
    for secret in [PASSWORD, token.expose(), "eyJhbGci"] {
        assert!(!said.contains(secret), "a secret is in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_is_removed_is_not_allowed_until_it_is_a_member_again() {
    let store = Store::founded().await;
    let signed = Signed::out(&store);
    let account = signed.sign_in(&store).await;
    signed.sync(&store).await.expect("all is up");
    store.remove(&account.uid).await;
    let sale = signed.register.sell(&[("bread", "1")]);
    let (handle, task) = start(signed.parts(&store));
    let status = until_state(&handle, SyncPhase::NotAllowed).await;
    assert_eq!(status.pending, 1, "selling goes on, and nothing failed");
    assert_eq!(code(&status), Some(ErrorCode::NotAllowed));
    assert!(!is_there(&store, &sale).await);
    store.add(&account.uid, &signed.register).await;
    until_up(&handle, &signed).await;
    assert!(is_there(&store, &sale).await);
    handle.stop();
    task.await.expect("it ends");
}

fn code(status: &SyncStatus) -> Option<ErrorCode> {
    status.problem.as_ref().map(|problem| problem.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_asks_for_a_sign_in_and_then_everything_goes_up() {
    let store = Store::founded().await;
    let signed = Signed::out(&store);
    let account = signed.sign_in(&store).await;
    let (handle, task) = start(signed.parts(&store));
    let sale = signed.register.sell(&[("bread", "1")]);
    until_up(&handle, &signed).await;
    assert!(is_there(&store, &sale).await);

    // The token that is out there lasts its hour; then it is not renewed.
    store.auth().disable(&account.uid, true).expect("disabled");
    signed.clock.pass_hours(2);
    let sale = signed.register.sell(&[("bread", "2")]);
    let status = until_state(&handle, SyncPhase::SignInNeeded).await;
    assert_eq!(code(&status), Some(ErrorCode::AccountDisabled));
    assert!(!is_there(&store, &sale).await);

    store.auth().disable(&account.uid, false).expect("enabled");
    until_up(&handle, &signed).await;
    assert!(is_there(&store, &sale).await);

    // Signed in anew it has another account.
    let sale = signed.register.sell(&[("bread", "3")]);
    let again = signed.sign_in(&store).await;
    assert_ne!(again.uid, account.uid);
    store.auth().disable(&account.uid, true).expect("disabled");
    signed.clock.pass_hours(2);
    until_up(&handle, &signed).await;
    assert!(is_there(&store, &sale).await);
    handle.stop();
    task.await.expect("it ends");
}

/// What is refused changes nothing.
async fn refused(store: &Store, signed: &Signed, servers: &Servers, who: [&str; 2]) -> AppError {
    let [email, password] = who;
    let refused = signed.try_sign_in(servers, email, password).await;
    assert_eq!(signed.keep.view().expect("read"), None, "{}", store.id);
    let error = refused.expect_err("refused");
    assert!(!error.message.contains(PASSWORD), "{error}");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_sign_a_register_in_is_told_why() {
    let store = Store::founded().await;
    let (signed, servers) = (Signed::out(&store), store.servers());
    let owner = store.owner.as_str();
    let error = refused(&store, &signed, &servers, [owner, "another password"]).await;
    assert_eq!(error.code, ErrorCode::WrongPassword);

    let stranger = format!("stranger-{}@shop.example", store.id);
    store.auth().sign_up(&stranger, PASSWORD).expect("somebody");
    let error = refused(&store, &signed, &servers, [&stranger, PASSWORD]).await;
    assert_eq!(error.code, ErrorCode::NotPermitted);

    let elsewhere = Signed::in_project(&store, "demo-another");
    let error = refused(&store, &elsewhere, &servers, [owner, PASSWORD]).await;
    assert_eq!(error.code, ErrorCode::WrongProject);

    // Half of the emulators are named: no password leaves for Google's server.
    let auth = AuthServer::Google;
    let half = Servers {
        auth,
        ..servers.clone()
    };
    let error = refused(&store, &signed, &half, [owner, PASSWORD]).await;
    assert_eq!(error.code, ErrorCode::InvalidInput);

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let host = nobody.local_addr().expect("an address").to_string();
    drop(nobody);
    let auth = AuthServer::Emulator { host };
    let cut_off = Servers { auth, ..servers };
    let error = refused(&store, &signed, &cut_off, [owner, PASSWORD]).await;
    assert_eq!(error.code, ErrorCode::CloudUnreachable);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_another_store_asks_for_a_sign_in() {
    let store = Store::founded().await;
    let signed = Signed::out(&store);
    signed.sign_in(&store).await;
    let other = Store::founded().await;
    signed.register.connect("demo-another", &other.id);
    let sale = signed.register.sell(&[("bread", "1")]);
    let (handle, task) = start(signed.parts(&other));
    let status = until_state(&handle, SyncPhase::SignInNeeded).await;
    assert_eq!(code(&status), Some(ErrorCode::SignInNeeded));
    assert!(!is_there(&other, &sale).await);
    handle.stop();
    task.await.expect("it ends");
}
