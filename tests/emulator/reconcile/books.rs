//! The register's file tampered with: its sales, its journal, its receipt series.

use counterfoil_app::dto::Book::{Journal, Register as Here};
use counterfoil_app::dto::FindingKind::{Differs, Missing};
use counterfoil_app::dto::{NewIdentityInput, ReconcileReport};

use super::{Week, named, tamper};

async fn after(sql: &str) -> ReconcileReport {
    let week = Week::new().await;
    tamper(&week.register, sql);
    week.reconciled().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_record_is_named_with_what_differs_from_what_was_signed() {
    let report = after(
        "UPDATE sales SET record = json_set(record, '$.total', 1, '$.cashierName', 'Mallory')
         WHERE receipt_sequence = 3",
    )
    .await;
    assert_eq!(named(&report), [(Differs, Here, "A-000003")]);
    // The cloud has what was signed: that document alone is read.
    assert_eq!(report.findings[0].fields, ["cashierName", "total"]);
    assert_eq!(report.documents_read, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_column_is_named_and_the_cloud_is_not_blamed() {
    for sql in [
        "UPDATE sales SET total = 1 WHERE receipt_sequence = 3",
        "UPDATE sales SET business_day = '2026-11-20' WHERE receipt_sequence = 3",
        "UPDATE sale_lines SET total = 1 WHERE sale = (SELECT entry FROM sales WHERE receipt_sequence = 3)",
    ] {
        let report = after(sql).await;
        assert_eq!(named(&report), [(Differs, Here, "A-000003")], "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_digest_and_a_record_that_is_no_sale_are_named() {
    let nonsense = "UPDATE sales SET record = '{}' WHERE receipt_sequence = 2";
    assert_eq!(
        named(&after(nonsense).await),
        [(Differs, Journal, "A-000002"), (Differs, Here, "A-000002"),]
    );
    let digest = format!(
        "UPDATE sales SET digest = '{}' WHERE receipt_sequence = 2",
        "0".repeat(64)
    );
    assert_eq!(named(&after(&digest).await), [(Differs, Here, "A-000002")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_link_is_named_by_its_receipt_and_no_other_is() {
    for n in [1, 3, 5] {
        let report = after(&format!("DELETE FROM journal WHERE sequence = {n}")).await;
        let number = format!("A-00000{n}");
        assert_eq!(named(&report), [(Missing, Journal, number.as_str())]);
        assert_eq!(report.findings[0].total.map(i64::from), Some(n * 340));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_link_is_named_by_its_receipt_and_no_other_is() {
    let zeros = "0".repeat(64);
    for (column, value) in [
        ("hash", zeros.as_str()),
        ("previous_hash", zeros.as_str()),
        ("digest", zeros.as_str()),
        ("recorded_at", "5"),
        ("hash", "no hash at all"),
    ] {
        let sql = format!("UPDATE journal SET {column} = '{value}' WHERE sequence = 3");
        let report = after(&sql).await;
        assert_eq!(named(&report), [(Differs, Journal, "A-000003")], "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_receipt_is_named_by_its_number() {
    for n in [1, 3, 5] {
        let report = after(&format!("DELETE FROM sales WHERE receipt_sequence = {n}")).await;
        let number = format!("A-00000{n}");
        assert_eq!(
            named(&report),
            [(Missing, Here, number.as_str())],
            "{report:?}"
        );
        let message = &report.findings[0].message;
        assert!(
            message.contains("The journal and the cloud have it"),
            "{message}"
        );
        assert_eq!(report.identity_problem, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_named_and_not_only_the_first() {
    let report = after(
        "DELETE FROM sales WHERE receipt_sequence = 2;
         UPDATE sales SET total = 7 WHERE receipt_sequence = 4;
         DELETE FROM journal WHERE sequence IN (1, 5);",
    )
    .await;
    let mut found = named(&report);
    found.sort_by_key(|(_, _, receipt)| *receipt);
    assert_eq!(
        found,
        [
            (Missing, Journal, "A-000001"),
            (Missing, Here, "A-000002"),
            (Differs, Here, "A-000004"),
            (Missing, Journal, "A-000005"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_that_nothing_sends_is_sent() {
    let week = Week::new().await;
    let forgotten = week.register.sell(&[("butter", "1")]);
    let id = forgotten["saleId"].as_str().expect("an id");
    let sql = format!(
        "DELETE FROM outbox WHERE sale_id = '{id}';
         UPDATE outbox_counts SET groups = groups - 1 WHERE kind = 'sale' AND state = 'pending';"
    );
    tamper(&week.register, &sql);
    let report = super::run(&week.register, &week.cloud, super::sending()).await;
    assert_eq!(report.sent_again, Some(1), "{report:?}");
    week.register.sync(week.cloud.host()).await;
    assert!(week.reconciled().await.clean);
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_of_an_earlier_identity_are_compared_too() {
    let week = Week::new().await;
    let waiting = week.register.sell(&[("butter", "1")]);
    let input = NewIdentityInput {
        receipt_prefix: "B".to_owned(),
        by: "Maria".to_owned(),
    };
    week.register.till.new_identity(&input).expect("another");
    week.register.sell(&[("butter", "2")]);
    week.register.sync(week.cloud.host()).await;
    let report = week.reconciled().await;
    assert!(report.clean, "{report:?}");
    assert_eq!((report.registers.len(), report.receipts), (2, 7));
    let id = waiting["saleId"].as_str().expect("an id");
    week.cloud.remove(&format!("sales/{id}")).await;
    let report = week.reconciled().await;
    let missing = counterfoil_app::dto::Book::Cloud;
    assert_eq!(named(&report), [(Missing, missing, "A-000006")]);
}
