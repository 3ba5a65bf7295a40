//! A copied database: noticed on its computer, by its claim, or by its receipt numbers.

use std::time::Duration;

use counterfoil_app::dto::{NewIdentityInput, SyncPhase};
use counterfoil_app::sync::start;
use counterfoil_app::{AppError, ErrorCode};
use counterfoil_sync::{Collection, RegisterDocument, Remote};
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::{Register, text};
use counterfoil_tests::rig::shim::{Code, Done, Fate, Part, Shim};
use counterfoil_tests::rig::{by_itself, until};

async fn numbers(cloud: &Cloud) -> Vec<String> {
    let there = cloud.all(Collection::Sales).await;
    let number = |fields: &counterfoil_domain::document::Fields| {
        fields["receiptNumber"].as_str().map(str::to_owned)
    };
    let mut numbers: Vec<_> = there
        .iter()
        .filter_map(|found| number(found.fields.as_ref().ok()?))
        .collect();
    numbers.sort_unstable();
    numbers
}

async fn claim(register: &Register, cloud: &Cloud) -> Option<RegisterDocument> {
    let id = register.till.identity().expect("an identity").register_id;
    let id = id.parse().expect("an id");
    cloud.remote().register(id).await.expect("an answer")
}

fn becomes(register: &Register, prefix: &str) {
    let input = NewIdentityInput {
        receipt_prefix: prefix.to_owned(),
        by: "Maria".to_owned(),
    };
    register.till.new_identity(&input).expect("a new identity");
}

fn reason(error: &AppError) -> String {
    assert_eq!(error.code, ErrorCode::IdentityNeeded, "{error}");
    let details = error.details.as_ref().expect("details");
    details["reason"].as_str().expect("a reason").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_claims_its_register_with_the_servers_time() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    register.sell(&[("bread", "1")]);
    register.sync(cloud.host()).await;
    let first = claim(&register, &cloud).await.expect("claimed");
    let installation = register.db().installation().and_then(|it| it.id());
    assert_eq!(first.installation_id, installation.map(|id| id.to_string()));
    assert_eq!(first.last_sequence, 1);
    register.sell(&[("bread", "2")]);
    register.sync(cloud.host()).await;
    let second = claim(&register, &cloud).await.expect("claimed again");
    assert_eq!(second.last_sequence, 2);
    assert_ne!(first.revision, second.revision);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_sends_nothing_until_it_is_another_register_and_then_all_as_it_was_sold() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    register.sell(&[("bread", "1")]);
    register.sync(cloud.host()).await;
    let waiting = register.sell(&[("bread", "2")]);
    let copy = register.copied();
    let error = copy.try_sync(cloud.host()).await.expect_err("a copy");
    assert_eq!(reason(&error), "otherInstallation");
    assert_eq!(numbers(&cloud).await, ["A-000001"], "nothing went up");

    becomes(&copy, "B");
    copy.sell(&[("butter", "1")]);
    copy.sync(cloud.host()).await;
    assert_eq!(numbers(&cloud).await, ["A-000001", "A-000002", "B-000001"]);
    let there = cloud
        .document(Collection::Sales, text(&waiting, "saleId"))
        .await;
    assert_eq!(
        there.expect("it is there")["registerId"],
        waiting["registerId"]
    );
    // The original finds its sale there, as it sold it.
    let status = register.sync(cloud.host()).await;
    assert_eq!((status.synced_total, status.failed_total), (2, 0));
    assert_eq!(numbers(&cloud).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_installations_that_claim_one_register_is_refused() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    let copy = register.copied_from_before();
    register.sell(&[("bread", "1")]);
    copy.sell(&[("bread", "2")]);
    register.sync(cloud.host()).await;
    let first = claim(&register, &cloud).await;
    let error = copy.try_sync(cloud.host()).await.expect_err("not its own");
    assert_eq!(reason(&error), "otherInstallation");
    assert_eq!(
        claim(&register, &cloud).await,
        first,
        "the claim is as it was"
    );
    assert_eq!(numbers(&cloud).await, ["A-000001"]);
    let status = copy.till.sync_status().expect("a status");
    assert_eq!(
        (status.state, status.pending),
        (SyncPhase::IdentityNeeded, 1)
    );
    becomes(&copy, "B");
    copy.sync(cloud.host()).await;
    assert_eq!(
        numbers(&cloud).await,
        ["A-000001", "A-000001"],
        "both are sales"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_set_back_is_noticed_before_it_sends_anything() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    register.sell(&[("bread", "1")]);
    let older = register.copied_unnoticed();
    for n in 2..=4 {
        register.sell(&[("bread", &n.to_string())]);
    }
    register.sync(cloud.host()).await;
    older.sell(&[("butter", "1")]);
    let error = older.try_sync(cloud.host()).await.expect_err("older");
    assert_eq!(reason(&error), "numberReused");
    assert_eq!(numbers(&cloud).await.len(), 4, "nothing went up");
    let status = older.till.sync_status().expect("a status");
    assert_eq!(
        (status.state, status.pending),
        (SyncPhase::IdentityNeeded, 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_above_its_own_are_counted_where_the_claim_says_nothing_of_them() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    let older = register.copied_unnoticed();
    // The claim names no number yet when its session begins.
    let handle = register.start(cloud.host());
    let mut status = handle.status();
    let idle = |status: &counterfoil_app::dto::SyncStatus| status.state == SyncPhase::Idle;
    status.wait_for(idle).await.expect("a session");
    register.sell(&[("bread", "1")]);
    handle.wake(counterfoil_app::sync::Wake::Checkout);
    status
        .wait_for(|status| status.synced_total == 1)
        .await
        .expect("it is up");
    handle.stop();
    let error = older.try_sync(cloud.host()).await.expect_err("older");
    assert_eq!(reason(&error), "numberReused");
    assert!(error.message.contains("1 receipt(s)"), "{}", error.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_used_twice_is_found_after_the_drain() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    register.sell(&[("bread", "1")]);
    register.sync(cloud.host()).await;
    let twin = register.copied_unnoticed();
    register.sell(&[("bread", "2")]);
    twin.sell(&[("butter", "2")]);
    register.sync(cloud.host()).await;
    let error = twin.try_sync(cloud.host()).await.expect_err("used twice");
    assert_eq!(reason(&error), "numberReused");
    assert!(error.message.contains("2 receipt(s)"), "{}", error.message);
    // It stays so, whoever asks, and selling goes on.
    let waiting = twin.sell(&[("butter", "3")]);
    let again = twin.try_sync(cloud.host()).await.expect_err("still");
    assert_eq!(reason(&again), "numberReused");
    assert_eq!(numbers(&cloud).await.len(), 3);
    becomes(&twin, "B");
    twin.sell(&[("butter", "4")]);
    let status = twin.sync(cloud.host()).await;
    assert_eq!((status.pending, status.failed_total), (0, 0));
    let there = cloud
        .document(Collection::Sales, text(&waiting, "saleId"))
        .await;
    assert_eq!(there.expect("as it was sold")["receiptNumber"], "A-000003");
    assert_eq!(
        numbers(&cloud).await.last().map(String::as_str),
        Some("B-000001")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_is_refused_is_said_holds_up_no_sale_and_finds_the_twin_when_it_is_answered() {
    let cloud = Cloud::new();
    let shim = Shim::new(cloud.host());
    let register = Register::new("A", &cloud);
    register.sell(&[("bread", "1")]);
    register.sync(cloud.host()).await;
    let twin = register.copied_unnoticed();
    register.sell(&[("bread", "2")]);
    twin.sell(&[("butter", "2")]);
    register.sync(cloud.host()).await;
    // What Firestore says while an index is missing or still being built.
    let missing = Fate::Status(Code::FailedPrecondition, Done::Not);
    shim.strike(Part::Numbers, missing);
    let (handle, task) = start(twin.parts(shim.host(), Duration::from_secs(20)));
    let status = handle.status();
    let said = until("it says so", || {
        let status = status.borrow();
        let up = status.synced_total == 2 && status.state == SyncPhase::Idle;
        status.problem.clone().filter(|_| up)
    })
    .await;
    assert_eq!(said.code, ErrorCode::CloudRefused);
    assert_eq!(said.details.expect("details")["about"], "numbers");
    assert!(
        said.message.contains("firestore:indexes"),
        "{}",
        said.message
    );
    assert_eq!(numbers(&cloud).await.len(), 3, "sales go up");

    shim.clear();
    by_itself("the twin is found", || {
        (status.borrow().state == SyncPhase::IdentityNeeded).then_some(())
    })
    .await;
    let problem = status.borrow().problem.clone().expect("a problem");
    assert_eq!(reason(&problem), "numberReused");
    handle.stop();
    task.await.expect("it ends");
}
