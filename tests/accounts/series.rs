//! A receipt series belongs to one register of a store: the second that would print it is not enrolled, and takes no
//! such identity.

use std::net::TcpListener;

use counterfoil_app::dto::{IdentityView, NewIdentityInput};
use counterfoil_app::{AppError, ErrorCode, Servers};
use counterfoil_firestore::Endpoint;
use counterfoil_firestore::auth::AuthServer;
use counterfoil_tests::rig::register::text;
use serde_json::Value;

use crate::is_there;
use crate::world::{PASSWORD, Signed, Store};

fn identity(signed: &Signed) -> IdentityView {
    signed.register.till.identity().expect("an identity")
}

/// Another prefix, where these servers have nothing against it.
async fn another(signed: &Signed, servers: &Servers, prefix: &str) -> Result<(), AppError> {
    let input = NewIdentityInput {
        receipt_prefix: prefix.to_owned(),
        by: "Maria".to_owned(),
    };
    let till = &signed.register.till;
    let done = till.another_identity_at(servers, &signed.keep, input).await;
    done.map(drop)
}

/// Refused, with the words that a person needs.
fn taken(refused: Result<(), AppError>, holder: &Signed) -> Value {
    let error = refused.expect_err("refused");
    assert_eq!(error.code, ErrorCode::PrefixTaken, "{error}");
    let id = identity(holder).register_id;
    for word in [id.as_str(), "Nothing was changed", "--receipt-prefix"] {
        assert!(error.message.contains(word), "{error}");
    }
    let details = serde_json::to_value(&error).expect("JSON")["details"].take();
    assert_eq!(text(&details, "registerId"), id);
    details
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_would_print_anothers_numbers_is_not_enrolled() {
    let store = Store::founded().await;
    let servers = store.servers();
    let (first, second) = (Signed::out(&store), Signed::out(&store));
    first.sign_in_as(&store, Some("Bar")).await;
    let sale = first.register.sell(&[("bread", "1")]);
    first.sync(&store).await.expect("all is up");

    let before = identity(&second);
    let refused = second.try_sign_in(&servers, &store.owner, PASSWORD).await;
    let details = taken(refused.map(drop), &first);
    assert_eq!(
        (text(&details, "prefix"), text(&details, "register")),
        ("A", "Bar")
    );
    assert_eq!(details["lastSequence"], 1);
    assert_eq!(identity(&second), before);
    assert_eq!(second.keep.view().expect("read"), None);
    assert_eq!(store.members().await, ["owner", "register"]);

    // What the words say to do.
    another(&second, &servers, "B").await.expect("B is free");
    second.sign_in(&store).await;
    let other = second.register.sell(&[("bread", "1")]);
    second.sync(&store).await.expect("all is up");
    for sale in [&sale, &other] {
        assert!(is_there(&store, sale).await);
    }
    // Of its own series a register is no rival, nor is one of those that it was before.
    first.sign_in(&store).await;
    another(&first, &servers, "C").await.expect("C is free");
    first.sign_in(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_takes_no_series_of_another_where_the_store_can_be_asked() {
    let store = Store::founded().await;
    let servers = store.servers();
    let (first, second) = (Signed::out(&store), Signed::out(&store));
    another(&second, &servers, "B").await.expect("B is free");
    for signed in [&first, &second] {
        signed.sign_in(&store).await;
        signed.sync(&store).await.expect("all is up");
    }
    another(&first, &servers, "D").await.expect("D is free");
    first.sign_in(&store).await;
    first.sync(&store).await.expect("all is up");
    let before = identity(&second);
    taken(another(&second, &servers, "D").await, &first);
    assert_eq!(identity(&second), before);

    // Nobody answers: a register that may not sell before it has an identity does not wait for the network.
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let host = nobody.local_addr().expect("an address").to_string();
    drop(nobody);
    let cut_off = Servers {
        auth: AuthServer::Emulator { host: host.clone() },
        firestore: Endpoint::Emulator { host },
        ..servers.clone()
    };
    another(&second, &cut_off, "D").await.expect("gone on");
    // The sign-in that it needs then asks again.
    let refused = second.try_sign_in(&servers, &store.owner, PASSWORD).await;
    taken(refused.map(drop), &first);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_sold_before_they_reached_the_store_the_second_is_told_and_loses_nothing() {
    let store = Store::founded().await;
    let servers = store.servers();
    let (first, second) = (Signed::out(&store), Signed::out(&store));
    let tills = [(&first, "Bar"), (&second, "Shop")];
    let sales = tills.map(|(signed, _)| signed.register.sell(&[("bread", "1")]));
    // Neither has a document yet, so neither is refused.
    for (signed, name) in tills {
        signed.sign_in_as(&store, Some(name)).await;
    }
    let status = first.sync(&store).await.expect("all is up");
    assert_eq!((status.problem, status.pending), (None, 0));
    let told = second.sync(&store).await.expect("all is up");
    let problem = told.problem.expect("it is told");
    assert_eq!(problem.code, ErrorCode::PrefixShared);
    let details = problem.details.as_ref().expect("details");
    assert_eq!(text(details, "register"), "Bar");
    assert_eq!(text(details, "registerId"), identity(&first).register_id);
    assert!(problem.message.contains("Bar"), "{problem:?}");
    for sale in &sales {
        assert_eq!(text(sale, "receiptNumber"), "A-000001");
        assert!(is_there(&store, sale).await);
    }

    // What the words say to do; meanwhile it sells on, and that waits for nobody but the manager.
    let late = second.register.sell(&[("bread", "2")]);
    another(&second, &servers, "B").await.expect("B is free");
    let next = second.register.sell(&[("bread", "3")]);
    assert_eq!(text(&next, "receiptNumber"), "B-000001");
    second.sign_in(&store).await;
    let status = second.sync(&store).await.expect("all is up");
    assert_eq!((status.problem, status.failed_total), (None, 0));
    for sale in [&late, &next] {
        assert!(is_there(&store, sale).await);
    }
    let status = first.sync(&store).await.expect("nothing is left");
    assert_eq!(status.problem, None);
}
