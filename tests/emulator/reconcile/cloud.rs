//! The cloud tampered with.

use counterfoil_app::ErrorCode;
use counterfoil_app::dto::Book::{Cloud, Register as Here};
use counterfoil_app::dto::FindingKind::{Differs, Doubled, Missing, NewerSchema, Unreadable};
use counterfoil_app::dto::{ReconcileInput, SyncPhase};
use counterfoil_tests::rig::register::Register;
use gcloud_sdk::google::firestore::v1::Value as Cell;
use gcloud_sdk::google::firestore::v1::value::ValueType;

use super::{Week, named, run, sending, tamper};

fn text(text: &str) -> ValueType {
    ValueType::StringValue(text.to_owned())
}

impl Week {
    /// Changes one field of a receipt's document, or puts the changed one under another id.
    async fn change(&self, receipt: usize, under: Option<&str>, name: &str, value: ValueType) {
        let mut cells = self.cloud.cells(&self.path(receipt)).await;
        let value_type = Some(value);
        cells.insert(name.to_owned(), Cell { value_type });
        let id = under.unwrap_or(self.id(receipt));
        self.cloud.put(&format!("sales/{id}"), cells).await;
    }

    /// Puts a receipt's number into the cloud under another id.
    pub(super) async fn twin(&self, receipt: usize, id: &str) {
        self.change(receipt, Some(id), "saleId", text(id)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_document_is_missing_and_sending_it_again_heals() {
    let week = Week::new().await;
    week.cloud.remove(&week.path(4)).await;
    let report = week.reconciled().await;
    assert_eq!(named(&report), [(Missing, Cloud, "A-000004")]);
    let finding = &report.findings[0];
    assert_eq!(finding.sale_id.as_deref(), Some(week.id(4)));
    assert_eq!(finding.day.as_deref(), Some("2026-11-21"));
    assert_eq!(finding.total.map(i64::from), Some(1_360));
    assert!(finding.can_send && report.sendable == 1, "{report:?}");
    // Two are left of that day, and the one that is not there.
    assert_eq!(report.documents_read, 2);
    assert_eq!(report.sent_again, None);

    let report = run(&week.register, &week.cloud, sending()).await;
    assert_eq!((report.sent_again, report.clean), (Some(1), false));
    let waiting = week.reconciled().await;
    assert!(waiting.clean, "it waits: {waiting:?}");
    assert_eq!(waiting.explained_counts.waiting, 1);
    let status = week.register.sync(week.cloud.host()).await;
    assert_eq!((status.pending, status.synced_total), (0, 5));
    let healed = week.reconciled().await;
    assert!(healed.clean, "{healed:?}");
    // Who sent it again, and why, is a link of the journal.
    assert_eq!((healed.links, healed.receipts), (6, 5));
    let again = run(&week.register, &week.cloud, sending()).await;
    assert_eq!((again.sent_again, again.clean), (Some(0), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_again_asks_who_and_why() {
    let week = Week::new().await;
    week.cloud.remove(&week.path(4)).await;
    for (by, reason, code) in [
        (" ", "gone", ErrorCode::InvalidInput),
        ("Maria", " ", ErrorCode::ReasonMissing),
    ] {
        let mut input = sending();
        if let Some(send) = &mut input.send_missing {
            (send.by, send.reason) = (by.to_owned(), reason.to_owned());
        }
        let archive = std::sync::Arc::new(week.cloud.remote());
        let db = week.register.db();
        let now = week.register.till.clock().now();
        let refused = counterfoil_app::reconcile(&db, Ok(archive), &input, now, &|_| {}).await;
        assert_eq!(refused.expect_err("refused").code, code);
    }
    assert_eq!(
        week.register.till.sync_status().expect("a status").pending,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_amount_is_named_with_what_differs() {
    let week = Week::new().await;
    week.change(2, None, "total", ValueType::IntegerValue(1))
        .await;
    let report = week.reconciled().await;
    assert_eq!(named(&report), [(Differs, Cloud, "A-000002")]);
    assert_eq!(report.findings[0].fields, ["total"]);
    assert!(
        !report.findings[0].can_send,
        "what is there is not replaced"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_keeps_the_sums_is_found_when_every_document_is_read() {
    let week = Week::new().await;
    week.change(2, None, "cashierName", text("Mallory")).await;
    assert!(week.reconciled().await.clean, "the sums are the same");
    let input = ReconcileInput {
        every_document: true,
        ..ReconcileInput::default()
    };
    let report = run(&week.register, &week.cloud, input).await;
    assert_eq!(named(&report), [(Differs, Cloud, "A-000002")]);
    assert_eq!(report.findings[0].fields, ["cashierName"]);
    assert_eq!(report.documents_read, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_used_twice_is_named_and_stops_the_sync() {
    let week = Week::new().await;
    let twin = "00005a1e-0000-4000-8000-0000000000ff";
    week.twin(3, twin).await;
    let report = week.reconciled().await;
    assert_eq!(named(&report), [(Doubled, Cloud, "A-000003")]);
    assert_eq!(report.findings[0].sale_id.as_deref(), Some(twin));
    let message = &report.findings[0].message;
    assert!(message.contains(week.id(3)), "{message}");
    let problem = report.identity_problem.expect("who is it?");
    assert_eq!(problem.code, ErrorCode::IdentityNeeded);
    let status = week.register.till.sync_status().expect("a status");
    assert_eq!(status.state, SyncPhase::IdentityNeeded);
    week.register.sell(&[("butter", "1")]);
    let refused = week.register.try_sync(week.cloud.host()).await;
    assert_eq!(
        refused.expect_err("stopped").code,
        ErrorCode::IdentityNeeded
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_syncs_meanwhile_stops_when_another_program_finds_it() {
    let week = Week::new().await;
    let handle = week.register.start(week.cloud.host());
    let mut status = handle.status();
    let idle = status.wait_for(|status| status.state == SyncPhase::Idle);
    drop(idle.await.expect("a session"));
    let twin = "00005a1e-0000-4000-8000-0000000000ff";
    week.change(3, Some(twin), "saleId", text(twin)).await;
    week.reconciled().await;
    let stopped = status.wait_for(|status| status.state == SyncPhase::IdentityNeeded);
    drop(stopped.await.expect("it stops"));
    handle.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_never_given_out_stops_the_sync_too() {
    let week = Week::new().await;
    let twin = "00005a1e-0000-4000-8000-0000000000ff";
    let mut cells = week.cloud.cells(&week.path(5)).await;
    for (name, value) in [
        ("saleId", text(twin)),
        ("receiptNumber", text("A-000009")),
        ("receiptSequence", ValueType::IntegerValue(9)),
        ("businessDay", text("2026-12-24")),
    ] {
        let value_type = Some(value);
        cells.insert(name.to_owned(), Cell { value_type });
    }
    week.cloud.put(&format!("sales/{twin}"), cells).await;
    // On a day on which this register sold nothing.
    let report = week.reconciled().await;
    assert_eq!(named(&report), [(Doubled, Cloud, "A-000009")]);
    assert!(report.identity_problem.is_some(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_was_moved_to_another_day_or_register_differs() {
    let week = Week::new().await;
    week.change(2, None, "businessDay", text("2026-12-24"))
        .await;
    let other = text("00000000-0000-4000-8000-0000000000aa");
    week.change(5, None, "registerId", other).await;
    let report = week.reconciled().await;
    let expected = [(Differs, Cloud, "A-000002"), (Differs, Cloud, "A-000005")];
    assert_eq!(named(&report), expected);
    assert_eq!(report.findings[0].fields, ["businessDay"]);
    assert_eq!(report.findings[1].fields, ["registerId"]);
    assert_eq!(report.identity_problem, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_parse_or_is_newer_is_told_as_such() {
    let week = Week::new().await;
    week.change(1, None, "total", ValueType::DoubleValue(3.4))
        .await;
    week.change(2, None, "tip", ValueType::NullValue(0)).await;
    week.change(3, None, "schema", ValueType::IntegerValue(2))
        .await;
    week.change(4, None, "total", text("much")).await;
    // And one that is nobody's, without a number.
    let mut cells = week.cloud.cells(&week.path(5)).await;
    cells.remove("receiptSequence");
    week.cloud.put("sales/nonsense", cells).await;
    let report = week.reconciled().await;
    let mut found = named(&report);
    found.sort_by_key(|(_, _, receipt)| *receipt);
    assert_eq!(
        found,
        [
            (Unreadable, Cloud, "A-000001"),
            (Unreadable, Cloud, "A-000002"),
            (NewerSchema, Cloud, "A-000003"),
            (Differs, Cloud, "A-000004"),
            (Unreadable, Cloud, "A-000005"),
        ]
    );
    let nobodys = report
        .findings
        .iter()
        .find(|f| f.sale_id.as_deref() == Some("nonsense"));
    assert!(nobodys.is_some(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_many_pages_is_read_to_its_end() {
    let cloud = counterfoil_tests::rig::cloud::Cloud::new();
    let register = Register::new("A", &cloud);
    // No two of the same goods: nobody is to look for duplicates.
    let sell = |n: u32| {
        let (bread, butter) = (n / 25 + 1, n % 25 + 1);
        register.sell(&[
            ("bread", &bread.to_string()),
            ("butter", &butter.to_string()),
        ])
    };
    let sales: Vec<_> = (0..230).map(sell).collect();
    register.sync(cloud.host()).await;
    let mut gone = [3, 150, 229].map(|n| sales[n]["receiptNumber"].as_str().expect("a number"));
    for n in [3, 150, 229] {
        let id = sales[n]["saleId"].as_str().expect("an id");
        cloud.remove(&format!("sales/{id}")).await;
    }
    let report = run(&register, &cloud, ReconcileInput::default()).await;
    let mut found: Vec<_> = named(&report)
        .into_iter()
        .map(|(_, _, receipt)| receipt)
        .collect();
    found.sort_unstable();
    gone.sort_unstable();
    assert_eq!(found, gone);
    assert_eq!((report.receipts, report.documents_read), (230, 227));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_store_is_filled_again() {
    let week = Week::new().await;
    for receipt in 1..=5 {
        week.cloud.remove(&week.path(receipt)).await;
    }
    let report = run(&week.register, &week.cloud, sending()).await;
    assert_eq!((report.differences, report.sent_again), (5, Some(5)));
    week.register.sync(week.cloud.host()).await;
    assert!(week.reconciled().await.clean);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_register_lost_is_named_by_what_the_cloud_has() {
    let week = Week::new().await;
    let lost = week.id(3).to_owned();
    // Not even the journal knows of it.
    tamper(
        &week.register,
        &format!(
            "DELETE FROM journal WHERE sale_id = '{lost}'; DELETE FROM sales WHERE sale_id = '{lost}';"
        ),
    );
    let report = week.reconciled().await;
    let missing = report.findings.iter().find(|finding| finding.place == Here);
    let missing = missing.expect("a receipt");
    assert_eq!(missing.kind, Missing);
    assert_eq!(missing.receipt_number.as_deref(), Some("A-000003"));
    assert_eq!(missing.sale_id.as_deref(), Some(lost.as_str()));
    assert_eq!(missing.total.map(i64::from), Some(1_020));
    assert!(missing.message.contains("The cloud has it"), "{missing:?}");
    assert_eq!(report.identity_problem, None, "it is this register's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_registers_of_one_store_are_each_clean() {
    let week = Week::new().await;
    let other = Register::new("B", &week.cloud);
    other.sell(&[("butter", "2")]);
    other.sync(week.cloud.host()).await;
    for register in [&week.register, &other] {
        let report = run(register, &week.cloud, ReconcileInput::default()).await;
        assert!(report.clean, "{report:?}");
    }
}
