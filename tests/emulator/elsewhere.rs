//! An item that two databases hold: what is decided at the one meets the other.

use counterfoil_app::clock::RandomIds;
use counterfoil_app::dto::{
    ChoiceKind, ExplainedKind, MoneyAnswer, NewIdentityInput, ReconcileInput, ReconcileReport,
    ResolveInput,
};
use counterfoil_app::{ErrorCode, reconcile};
use counterfoil_domain::IdSource;
use counterfoil_sync::{Archive, Collection};
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
        money: (choice == ChoiceKind::KeepCloud).then_some(MoneyAnswer::NeverTaken),
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

/// A register that was restored from a backup of when its item was open, after `before` was decided and had gone up.
async fn restored_after(before: ChoiceKind, cloud: &Cloud) -> (Register, String) {
    let winner = Register::new("A", cloud);
    let (register, id) = loser(&winner, cloud);
    winner.sync(cloud.host()).await;
    register.sync(cloud.host()).await;
    let dir = tempfile::tempdir().expect("a folder");
    let backup = dir.path().join("backup.db");
    register.till.backup(&backup).expect("a backup");
    let decided = register.till.resolve_failed(decide(&id, before));
    decided.expect("decided");
    let status = register.sync(cloud.host()).await;
    assert_eq!((status.failed_total, status.pending), (0, 0));
    (register.restored(&backup), id)
}

fn available(register: &Register, id: &str) -> (Option<ChoiceKind>, Vec<ChoiceKind>) {
    let detail = register.till.failed_detail(id).expect("the item");
    let available = detail.choices.iter().filter(|choice| choice.available);
    let available = available.map(|choice| choice.choice).collect();
    (detail.decided_before.map(|before| before.choice), available)
}

/// The item is closed for good, and the books say so.
async fn is_closed(register: &Register, cloud: &Cloud, sales: usize) {
    let status = register.sync(cloud.host()).await;
    assert_eq!((status.failed_total, status.pending), (0, 0), "{status:?}");
    assert_eq!(cloud.all(Collection::Sales).await.len(), sales);
    let report = books(register, cloud).await;
    assert!(report.clean, "{report:?}");
    let every = ReconcileInput {
        every_document: true,
        ..ReconcileInput::default()
    };
    let archive: Arc<dyn Archive> = Arc::new(cloud.remote());
    let now = register.till.clock().now();
    let report = reconcile(&register.db(), Ok(archive), &every, now, &|_| {}).await;
    let report = report.expect("the books");
    assert!(report.clean, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_otherwise_after_a_backup_was_put_back_comes_to_an_end() {
    use ChoiceKind::{Dismiss, KeepCloud, RecordSeparately, Retry};
    let emulator = Cloud::new();
    // Decided before; decided again without a network; what is left then; what is chosen; the sales in the cloud:
    // the winner, the copy, its reversal.
    let ways = [
        (RecordSeparately, RecordSeparately, vec![Retry], Retry, 2),
        (RecordSeparately, KeepCloud, vec![Retry], Retry, 3),
        (
            RecordSeparately,
            Dismiss,
            vec![KeepCloud, RecordSeparately],
            RecordSeparately,
            2,
        ),
        (KeepCloud, KeepCloud, vec![Retry], Retry, 3),
        (KeepCloud, RecordSeparately, vec![KeepCloud], KeepCloud, 3),
        (Dismiss, RecordSeparately, vec![Retry], Retry, 2),
    ];
    for (before, again, left, choice, sales) in ways {
        let cloud = emulator.sibling();
        let (register, id) = restored_after(before, &cloud).await;
        let decided = register.till.resolve_failed(decide(&id, again));
        decided.expect("nobody knows better yet");
        let status = register.sync(cloud.host()).await;
        assert_eq!(status.failed_total, 1, "{before:?}, then {again:?}");
        let message = &status.failed_items[0].message;
        assert!(message.contains("Another decision"), "{message}");
        assert_eq!(available(&register, &id), (Some(before), left), "{again:?}");
        let decided = register.till.resolve_failed(decide(&id, choice));
        decided.expect("it is possible");
        is_closed(&register, &cloud, sales).await;
        let decisions = cloud.all(Collection::SaleResolutions).await;
        assert_eq!(decisions.len(), 2, "{before:?}, then {again:?}");
        let again = register.till.resolve_failed(decide(&id, KeepCloud));
        let again = again.expect_err("it is closed");
        assert_eq!(again.code, ErrorCode::AlreadyResolved);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_read_what_was_decided_before_is_offered_what_is_left() {
    use ChoiceKind::{KeepCloud, RecordSeparately};
    let emulator = Cloud::new();
    for (before, left, sales) in [
        (KeepCloud, vec![KeepCloud], 3),
        (RecordSeparately, vec![KeepCloud, RecordSeparately], 3),
    ] {
        let cloud = emulator.sibling();
        let (register, id) = restored_after(before, &cloud).await;
        let status = register.sync(cloud.host()).await;
        assert_eq!(status.failed_total, 1);
        assert_eq!(available(&register, &id), (Some(before), left));
        let decided = register.till.resolve_failed(decide(&id, KeepCloud));
        decided.expect("decided once more");
        is_closed(&register, &cloud, sales).await;
    }
}
