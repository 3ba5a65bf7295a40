//! An item that two databases hold: what is decided at the one meets the other.

use counterfoil_app::clock::RandomIds;
use counterfoil_app::dto::{
    ChoiceKind, ExplainedKind, NewIdentityInput, ReconcileInput, ReconcileReport, ResolveInput,
};
use counterfoil_app::reconcile;
use counterfoil_domain::IdSource;
use counterfoil_sync::Archive;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::{Register, text};
use std::sync::Arc;
use uuid::Uuid;

/// A register whose first sale has the id of another register's that is in the cloud already.
fn loser(winner: &Register, cloud: &Cloud) -> (Register, String) {
    let loser = Register::new("B", cloud);
    let ids: Vec<Uuid> = (0..8).map(|_| RandomIds.uuid()).collect();
    winner.prescribe(&ids);
    let won = winner.sell(&[("espresso", "1")]);
    winner.prescribe(&[]);
    loser.prescribe(&ids);
    let lost = loser.sell(&[("bread", "3"), ("butter", "1")]);
    loser.prescribe(&[]);
    assert_eq!(won["saleId"], lost["saleId"], "the rig prescribes one id");
    let id = text(&lost, "saleId").to_owned();
    (loser, id)
}

fn becomes(register: &Register, prefix: &str) {
    let input = NewIdentityInput {
        receipt_prefix: prefix.to_owned(),
        by: "Maria".to_owned(),
    };
    register.till.new_identity(&input).expect("a new identity");
}

fn decide(id: &str, choice: ChoiceKind) -> ResolveInput {
    ResolveInput {
        sale_id: id.to_owned(),
        choice,
        reason: "rung up twice".to_owned(),
        by: "Maria".to_owned(),
        money: None,
        card_reference: None,
        restock: None,
        restock_lines: Vec::new(),
    }
}

async fn books(register: &Register, cloud: &Cloud) -> ReconcileReport {
    let archive: Arc<dyn Archive> = Arc::new(cloud.remote());
    let now = register.till.clock().now();
    let input = ReconcileInput::default();
    let done = reconcile(&register.db(), Ok(archive), &input, now, &|_| {}).await;
    done.expect("the books")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_copy_has_decided_is_no_number_used_twice_at_its_original() {
    let cloud = Cloud::new();
    let winner = Register::new("A", &cloud);
    let (original, id) = loser(&winner, &cloud);
    winner.sync(cloud.host()).await;
    let copy = original.copied();
    becomes(&copy, "K");
    copy.sync(cloud.host()).await;
    let decided = copy
        .till
        .resolve_failed(decide(&id, ChoiceKind::RecordSeparately));
    let copy_id = decided.expect("decided").cloud_id.expect("a copy");
    copy.sync(cloud.host()).await;

    // The original counts its drained numbers for the first time: one more is there than it sent.
    original.sell(&[("bread", "1")]);
    let status = original.sync(cloud.host()).await;
    assert_eq!((status.failed_total, status.pending), (1, 0));
    let report = books(&original, &cloud).await;
    assert!(report.clean, "{report:?}");
    let counts = report.explained_counts;
    assert_eq!((counts.decided_elsewhere, counts.failed), (1, 1));
    let told = report.explained.iter();
    let mut told = told.filter(|one| one.kind == ExplainedKind::DecidedElsewhere);
    let told = told.next().expect("it is explained");
    assert_eq!(told.receipt_number, "B-000001");
    assert_eq!(told.note.as_deref(), Some("Maria: rung up twice"));
    assert_eq!(books(&copy, &cloud).await.differences, 0);

    // What only pretends to be that copy is named.
    let path = format!("sales/{copy_id}");
    let mut other = cloud.cells(&path).await;
    let total = other.get("rounding").cloned().expect("an integer");
    other.insert("total".to_owned(), total);
    cloud.put(&path, other).await;
    let report = books(&original, &cloud).await;
    assert_eq!(report.differences, 1, "{report:?}");
    assert!(report.identity_problem.is_some());
}
