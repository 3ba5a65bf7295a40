//! Signed in anew, a register has another account and perhaps another name; the account before is a member no more,
//! unless it may be somebody else's.

use std::sync::Arc;

use counterfoil_app::dto::{NewIdentityInput, SignInResult, StillWhy, SyncPhase};
use counterfoil_app::sync::start;
use counterfoil_app::{ErrorCode, Servers};
use counterfoil_firestore::Endpoint;
use counterfoil_tests::rig::PATIENCE;
use counterfoil_tests::rig::shim::{Code, Done, Fate, Shim};
use xtask::emulator::PROJECT;

use crate::world::{PASSWORD, Signed, Store, input};
use crate::{is_there, until_state};

async fn is_member(store: &Store, uid: &str) -> bool {
    let role = store.remote().role_of(uid).await.expect("an answer");
    role.is_some()
}

fn why(done: &SignInResult) -> Vec<(&str, StillWhy)> {
    let still = done.still.iter();
    still.map(|still| (still.uid.as_str(), still.why)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_names_the_register_and_the_cloud_knows_it_by_that_name() {
    let store = Store::founded().await;
    let signed = Signed::out(&store);
    let name = || signed.register.till.identity().expect("read").register_name;
    let before = name();
    // What is refused leaves the name, and nobody is enrolled.
    let long = "x".repeat(101);
    for (given, password, code) in [
        ("  ", PASSWORD, ErrorCode::InvalidInput),
        ("Till\n2", PASSWORD, ErrorCode::InvalidInput),
        (long.as_str(), PASSWORD, ErrorCode::InvalidInput),
        ("Bar", "another password", ErrorCode::WrongPassword),
    ] {
        let input = input(&store.owner, password, Some(given));
        let till = &signed.register.till;
        let refused = till.sign_in_at(&store.servers(), &signed.keep, input).await;
        assert_eq!(refused.expect_err("refused").code, code, "{given:?}");
        assert_eq!(name(), before);
        assert_eq!(signed.keep.view().expect("read"), None);
    }
    assert_eq!(store.members().await, ["owner"]);

    let done = signed.sign_in_as(&store, Some(" Bar ")).await;
    assert_eq!(
        (name().as_str(), done.register.name.as_str()),
        ("Bar", "Bar")
    );
    let member = format!("members/{}", done.account.uid);
    assert_eq!(store.text(&member, "name").await, "Bar");
    signed.sync(&store).await.expect("all is up");
    let id = signed.register.till.identity().expect("read").register_id;
    let register = format!("registers/{id}");
    assert_eq!(store.text(&register, "name").await, "Bar");

    // Without a name it keeps the one it has; with another one the claim is told.
    signed.sign_in(&store).await;
    assert_eq!(name(), "Bar");
    signed.sign_in_as(&store, Some("Theke")).await;
    signed.sync(&store).await.expect("all is up");
    assert_eq!(store.text(&register, "name").await, "Theke");

    // So is a sync that runs in another program.
    let (handle, task) = start(signed.parts(&store));
    until_state(&handle, SyncPhase::Idle).await;
    signed.sign_in_as(&store, Some("Counter")).await;
    until_named(&store, &register, "Counter").await;
    handle.stop();
    task.await.expect("it ends");
}

async fn until_named(store: &Store, register: &str, name: &str) {
    let patience = tokio::time::timeout(PATIENCE, async {
        while store.text(register, "name").await != name {
            tokio::task::yield_now().await;
        }
    });
    patience.await.expect("the cloud knows the name");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_before_is_a_member_no_more() {
    let store = Store::founded().await;
    let signed = Signed::out(&store);
    let first = signed.sign_in_as(&store, None).await;
    assert_eq!((first.ended, why(&first)), (0, vec![]));
    let second = signed.sign_in_as(&store, None).await;
    assert_eq!((second.ended, why(&second)), (1, vec![]));
    assert!(!is_member(&store, &first.account.uid).await);

    // Whoever signs out leaves a member behind, until somebody signs in.
    let till = &signed.register.till;
    assert!(till.sign_out(false).await.expect("signed out"));
    assert!(is_member(&store, &second.account.uid).await);
    let third = signed.sign_in_as(&store, None).await;
    assert_eq!((third.ended, why(&third)), (1, vec![]));
    assert!(!is_member(&store, &second.account.uid).await);

    // Removed by hand already, there is nothing to end, nor to tell.
    store.remove(&third.account.uid).await;
    let fourth = signed.sign_in_as(&store, None).await;
    assert_eq!((fourth.ended, why(&fourth)), (0, vec![]));
    assert_eq!(store.members().await, ["owner", "register"]);
    let sale = signed.register.sell(&[("bread", "1")]);
    signed.sync(&store).await.expect("all is up");
    assert!(is_there(&store, &sale).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_ended_now_is_told_and_ended_at_the_next_sign_in() {
    let store = Store::founded().await;
    let shim = Shim::new(store.host());
    let host = shim.host().to_owned();
    let servers = Servers {
        firestore: Endpoint::Emulator { host },
        ..store.servers()
    };
    let signed = Signed::out(&store);
    let mut before = vec![signed.sign_in(&store).await.uid];
    for (code, expected) in [
        (Code::Unavailable, StillWhy::Unreachable),
        (Code::PermissionDenied, StillWhy::NotAllowed),
    ] {
        let former = Arc::new(before.clone());
        shim.plan(
            move |call| match former.iter().any(|uid| call.mentions(uid)) {
                true => Fate::Status(code, Done::Not),
                false => Fate::Passes,
            },
        );
        let input = input(&store.owner, PASSWORD, None);
        let till = &signed.register.till;
        let done = till.sign_in_at(&servers, &signed.keep, input).await;
        let done = done.expect("signed in all the same");
        assert_eq!(done.ended, 0);
        let all: Vec<_> = before.iter().map(|uid| (uid.as_str(), expected)).collect();
        assert_eq!(why(&done), all);
        assert!(done.still.iter().all(|still| still.said.is_some()));
        let sale = signed.register.sell(&[("bread", "1")]);
        signed.sync(&store).await.expect("all is up");
        assert!(is_there(&store, &sale).await);
        before.push(done.account.uid);
    }
    let done = signed.sign_in_as(&store, None).await;
    assert_eq!((done.ended, why(&done)), (3, vec![]));
    assert_eq!(store.members().await, ["owner", "register"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_membership_that_may_be_anothers_stays_and_is_told() {
    let store = Store::founded().await;
    let signed = Signed::out(&store);
    let first = signed.sign_in(&store).await;
    // The till that this one was copied from may go on with it.
    let till = &signed.register.till;
    let identity = NewIdentityInput {
        receipt_prefix: "B".to_owned(),
        by: "Maria".to_owned(),
    };
    till.new_identity(&identity).expect("another register");
    let second = signed.sign_in_as(&store, None).await;
    assert_eq!(second.ended, 0);
    assert_eq!(
        why(&second),
        [(first.uid.as_str(), StillWhy::OtherRegister)]
    );
    assert!(is_member(&store, &first.uid).await);

    // Of another store this manager is nobody.
    let other = Store::founded().await;
    signed.register.connect(PROJECT, &other.id);
    let third = signed.sign_in_as(&other, None).await;
    let both = [&first.uid, &second.account.uid];
    let both: Vec<_> = both.map(|uid| (uid.as_str(), StillWhy::OtherStore)).into();
    assert_eq!((third.ended, why(&third)), (0, both));
    assert!(third.still.iter().all(|still| still.store_id == store.id));
    assert!(is_member(&store, &second.account.uid).await);
}
