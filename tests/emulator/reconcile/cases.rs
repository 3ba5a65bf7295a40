//! What is explained: waiting, failed, decided and dismissed sales, and what other installations sold.

use std::collections::BTreeMap;

use counterfoil_app::clock::RandomIds;
use counterfoil_app::dto::Book::Cloud as There;
use counterfoil_app::dto::FindingKind::{Differs, Late, Missing};
use counterfoil_app::dto::{
    ChoiceKind, ExplainedKind, MoneyAnswer, ReconcileInput, ReconcileReport, ResolveInput, Restock,
    StandsHere,
};
use counterfoil_domain::IdSource;
use counterfoil_sync::{Collection, Create, DocumentName, Remote as _};
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::{Register, text};
use serde_json::Value;
use uuid::Uuid;

use super::{named, run, sending};

/// Two registers that sold under one id each time: the second one's sales failed.
struct Quarrel {
    cloud: Cloud,
    winner: Register,
    loser: Register,
    failed: Vec<String>,
}

impl Quarrel {
    async fn about(n: usize) -> Self {
        let cloud = Cloud::new();
        let (winner, loser) = (Register::new("A", &cloud), Register::new("B", &cloud));
        let mut failed = Vec::new();
        for _ in 0..n {
            let same: Vec<Uuid> = (0..8).map(|_| RandomIds.uuid()).collect();
            winner.prescribe(&same);
            winner.sell(&[("espresso", "2")]);
            winner.prescribe(&[]);
            loser.prescribe(&same);
            let sale = loser.sell(&[("bread", "2"), ("butter", "1")]);
            loser.prescribe(&[]);
            failed.push(text(&sale, "saleId").to_owned());
        }
        winner.sync(cloud.host()).await;
        let status = loser.sync(cloud.host()).await;
        assert_eq!(status.failed_total, u32::try_from(n).expect("few"));
        Self {
            cloud,
            winner,
            loser,
            failed,
        }
    }

    fn decide(&self, n: usize, choice: ChoiceKind) {
        let keep = choice == ChoiceKind::KeepCloud;
        let input = ResolveInput {
            sale_id: self.failed[n].clone(),
            choice,
            reason: "it was rung twice".to_owned(),
            by: "Maria".to_owned(),
            money: keep.then_some(MoneyAnswer::NeverTaken),
            card_reference: None,
            restock: keep.then_some(Restock::Shelf),
            restock_lines: Vec::new(),
        };
        self.loser.till.resolve_failed(input).expect("decided");
    }

    async fn reconciled(&self) -> ReconcileReport {
        run(&self.loser, &self.cloud, ReconcileInput::default()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_and_reversals_are_known_and_what_was_dismissed_is_explained() {
    let quarrel = Quarrel::about(4).await;
    quarrel.decide(0, ChoiceKind::KeepCloud);
    quarrel.decide(1, ChoiceKind::RecordSeparately);
    quarrel.decide(2, ChoiceKind::Dismiss);
    quarrel.loser.sync(quarrel.cloud.host()).await;
    quarrel.loser.sell(&[("butter", "9")]);
    let report = quarrel.reconciled().await;
    assert!(report.clean, "{report:?}");
    let explained = report.explained.iter();
    let explained: Vec<_> = explained
        .map(|one| (one.kind, one.receipt_number.as_str()))
        .collect();
    assert_eq!(
        explained,
        [
            (ExplainedKind::Dismissed, "B-000003"),
            (ExplainedKind::Failed, "B-000004"),
            (ExplainedKind::Waiting, "B-000006"),
        ]
    );
    let note = report.explained[0].note.as_deref();
    assert_eq!(note, Some("Maria: it was rung twice"));
    // Two copies and a reversal went up.
    assert_eq!(report.registers[0].in_cloud, 3);
    let winner = run(&quarrel.winner, &quarrel.cloud, ReconcileInput::default()).await;
    assert!(winner.clean, "{winner:?}");
}

/// What somebody had given up arrives after all, in a place that is free by now.
async fn arrive(cloud: &Cloud, register: &Register, sale: &str) {
    cloud.remove(&format!("sales/{sale}")).await;
    let Value::Object(mut fields) = register.sale(sale) else {
        panic!("a document");
    };
    for added in ["storeId", "createdAt", "syncState"] {
        fields.remove(added);
    }
    let name = DocumentName {
        collection: Collection::Sales,
        id: sale.to_owned(),
    };
    let create = Create {
        name,
        fields: fields.into(),
    };
    cloud.remote().commit(&[create]).await.expect("taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lands_after_it_was_dismissed_or_listed_is_named_until_it_is_tried_again() {
    let quarrel = Quarrel::about(2).await;
    quarrel.decide(0, ChoiceKind::Dismiss);
    quarrel.loser.sync(quarrel.cloud.host()).await;
    assert!(quarrel.reconciled().await.clean);
    for sale in &quarrel.failed {
        arrive(&quarrel.cloud, &quarrel.loser, sale).await;
    }
    let report = quarrel.reconciled().await;
    let told: Vec<_> = late(&report).into_iter().collect();
    let [(one, (dismissed, why)), (other, (open, reason))] = told[..] else {
        panic!("two: {report:?}")
    };
    assert_eq!((one, dismissed), ("B-000001", StandsHere::Dismissed));
    assert_eq!((other, open), ("B-000002", StandsHere::Open));
    assert!(why.contains("counts there") && reason.contains("counts there"));
    assert!(!report.clean);
    assert_eq!((report.differences, report.sendable), (2, 0));
    // Tried again, each meets itself and counts.
    quarrel.decide(0, ChoiceKind::Retry);
    quarrel.decide(1, ChoiceKind::Retry);
    let status = quarrel.loser.sync(quarrel.cloud.host()).await;
    assert_eq!((status.pending, status.failed_total), (0, 0));
    let healed = quarrel.reconciled().await;
    assert!(healed.clean && healed.explained.is_empty(), "{healed:?}");
}

/// What came late, by its receipt: where that stands here, and what is said of it.
fn late(report: &ReconcileReport) -> BTreeMap<&str, (StandsHere, &str)> {
    let findings = report.findings.iter();
    let told = findings.map(|found| {
        assert_eq!((found.kind, found.place), (Late, There), "{found:?}");
        assert!(found.fields.is_empty() && !found.can_send, "{found:?}");
        let number = found.receipt_number.as_deref().unwrap_or_default();
        let stands = found.stands_here.expect("where it stands");
        (number, (stands, &*found.message))
    });
    told.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lands_after_it_was_decided_counts_once_too_often_whichever_way_it_was() {
    let quarrel = Quarrel::about(2).await;
    quarrel.decide(0, ChoiceKind::KeepCloud);
    quarrel.decide(1, ChoiceKind::RecordSeparately);
    quarrel.loser.sync(quarrel.cloud.host()).await;
    let before = quarrel.reconciled().await;
    assert!(before.clean, "{before:?}");
    for sale in &quarrel.failed {
        arrive(&quarrel.cloud, &quarrel.loser, sale).await;
    }
    let report = quarrel.reconciled().await;
    let told = late(&report);
    assert!(told.keys().eq(&["B-000001", "B-000002"]), "{told:?}");
    for (stands, said) in told.values() {
        assert_eq!(*stands, StandsHere::Decided);
        assert!(said.ends_with("once too often: refund it once."), "{said}");
    }
    // The first was cancelled, so that nothing of it may count, the other stands there as a copy.
    let total = |report: &ReconcileReport| i64::from(report.registers[0].in_cloud_total);
    let one = quarrel.loser.sale(&quarrel.failed[0])["total"].as_i64();
    let one = one.expect("a total");
    assert_eq!((total(&before), total(&report)), (one, 3 * one));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_gone_is_missing_and_is_sent_again_by_itself() {
    let quarrel = Quarrel::about(1).await;
    quarrel.decide(0, ChoiceKind::KeepCloud);
    quarrel.loser.sync(quarrel.cloud.host()).await;
    let there = quarrel.cloud.all(counterfoil_sync::Collection::Sales).await;
    let copy = there.iter().find(|found| {
        let fields = found.fields.as_ref().expect("valid");
        fields.contains_key("originalSaleId")
    });
    let copy = copy.expect("a copy").name.id.clone();
    quarrel.cloud.remove(&format!("sales/{copy}")).await;
    let report = run(&quarrel.loser, &quarrel.cloud, sending()).await;
    assert_eq!(named(&report), [(Missing, There, "B-000001")]);
    assert_eq!(report.sent_again, Some(1));
    let status = quarrel.loser.sync(quarrel.cloud.host()).await;
    assert_eq!((status.pending, status.failed_total), (0, 0));
    let healed = quarrel.reconciled().await;
    assert!(healed.clean, "{healed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_copied_till_goes_on_to_sell_is_no_difference_to_the_copy() {
    let cloud = Cloud::new();
    let original = Register::new("A", &cloud);
    original.sell(&[("bread", "1")]);
    original.sync(cloud.host()).await;
    let copy = original.copied();
    let input = counterfoil_app::dto::NewIdentityInput {
        receipt_prefix: "B".to_owned(),
        by: "Maria".to_owned(),
    };
    copy.till.new_identity(&input).expect("another");
    original.sell(&[("bread", "2")]);
    original.sync(cloud.host()).await;
    copy.sell(&[("butter", "1")]);
    copy.sync(cloud.host()).await;
    let report = run(&copy, &cloud, ReconcileInput::default()).await;
    assert!(report.clean, "{report:?}");
    assert_eq!(report.explained_counts.other_installation, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_up_to_the_store_before_is_explained_and_not_sent_again() {
    let before = Cloud::new();
    let register = Register::new("A", &before);
    register.sell(&[("bread", "1")]);
    register.sync(before.host()).await;
    let now = before.sibling();
    let switched = register
        .till
        .sync_switch(now.project(), now.store_id(), None, false);
    switched.expect("switched");
    register.sell(&[("bread", "2")]);
    register.sync(now.host()).await;
    let report = run(&register, &now, sending()).await;
    assert!(report.clean, "{report:?}");
    assert_eq!(report.explained_counts.other_store, 1);
    // Back in the first one, it is the other way round.
    let back = register
        .till
        .sync_switch(before.project(), before.store_id(), None, false);
    back.expect("switched");
    let report = run(&register, &before, ReconcileInput::default()).await;
    assert!(report.clean, "{report:?}");
    assert_eq!(report.explained[0].receipt_number, "A-000002");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_whose_answer_was_lost_is_clean_whichever_way_it_went() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    register.sell(&[("bread", "1")]);
    register.sync(cloud.host()).await;
    let up = register.sell(&[("bread", "2")]);
    register.sync(cloud.host()).await;
    super::tamper(
        &register,
        &format!(
            "UPDATE outbox SET state = 'pending', created_at = NULL, reason = 'lost' WHERE sale_id = '{}'",
            text(&up, "saleId")
        ),
    );
    let report = run(&register, &cloud, ReconcileInput::default()).await;
    assert!(report.clean, "{report:?}");
    assert_eq!(report.explained_counts.waiting, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sale_in_the_place_of_one_that_landed_differs() {
    let quarrel = Quarrel::about(1).await;
    // The winner's register: its sale was replaced by the loser's.
    let id = &quarrel.failed[0];
    let conflict = quarrel
        .cloud
        .all(counterfoil_sync::Collection::SaleConflicts)
        .await;
    let conflict = conflict[0].fields.as_ref().expect("valid")["sale"].clone();
    let cells = counterfoil_firestore::codec::encode(conflict.as_object().expect("a sale"));
    quarrel
        .cloud
        .put(&format!("sales/{id}"), cells.expect("a document"))
        .await;
    let report = run(&quarrel.winner, &quarrel.cloud, ReconcileInput::default()).await;
    assert_eq!(named(&report), [(Differs, There, "A-000001")]);
}
