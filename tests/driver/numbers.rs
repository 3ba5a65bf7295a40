//! Receipt numbers that are counted while a copy of the register is quicker.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_app::OfferedCart;
use counterfoil_app::dto::SyncStatus;
use counterfoil_app::sync::sync_with_firestore;
use counterfoil_app::{AppError, ErrorCode};
use counterfoil_domain::document::Fields;
use counterfoil_sync::{Collection, DocumentName};
use serde_json::{Value, json};

use crate::cloud::{Desk, lock};

/// Syncs a register that sells for the first time while it asks what is above its highest number; `sent` is what
/// a copy of it makes of that sale and puts there before it is counted.
async fn sells_meanwhile(desk: &Desk, sent: fn(&mut Fields)) -> Result<SyncStatus, AppError> {
    let (till, cloud) = (desk.register.till.clone(), Arc::clone(&desk.cloud));
    *lock(&desk.cloud.before_numbers) = Some(Box::new(move || {
        let cart = json!({
            "lines": [{"sku": "bread", "quantity": "1"}], "cashier": "Ann",
            "tenders": [{"method": "cash", "amount": 100_000}],
        });
        let cart = OfferedCart::parse(&cart.to_string()).expect("a cart");
        let sale = till.checkout(cart).expect("a sale").document();
        let mut fields = sale.as_object().expect("a document").clone();
        sent(&mut fields);
        let id = fields.get("saleId").and_then(Value::as_str).expect("an id");
        let name = DocumentName {
            collection: Collection::Sales,
            id: id.to_owned(),
        };
        lock(&cloud.documents).insert(name, Ok(fields));
    }));
    sync_with_firestore(&desk.parts(), Duration::from_secs(30)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_of_ours_that_a_copy_was_quicker_to_send_uses_no_number_twice() {
    let desk = Desk::new();
    let status = sells_meanwhile(&desk, |_| {}).await;
    let status = status.expect("it is who it says it is");
    assert_eq!(
        (status.synced_total, status.failed_total, status.problem),
        (1, 0, None)
    );
    assert_eq!(lock(&desk.cloud.documents).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sale_with_that_number_is_noticed_before_anything_is_sent() {
    let desk = Desk::new();
    let another = |fields: &mut Fields| {
        let id = uuid::Uuid::from_u128(7).to_string();
        fields.insert("saleId".to_owned(), id.into());
    };
    let error = sells_meanwhile(&desk, another).await;
    let error = error.expect_err("its number was used twice");
    assert_eq!(error.code, ErrorCode::IdentityNeeded);
    assert_eq!(
        error.details.expect("details")["reason"],
        json!("numberReused")
    );
    assert_eq!(lock(&desk.cloud.documents).len(), 1, "nothing went up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_winner_that_has_the_number_of_another_sale_of_ours_is_noticed() {
    let desk = Desk::new();
    let first = desk.register.sell(&[("bread", "1")]);
    let second = desk.register.sell(&[("bread", "2")]);
    // Two computers that are this register have minted one id, for sales of other numbers.
    let mut winner = second.as_object().expect("a document").clone();
    for field in ["receiptSequence", "receiptNumber"] {
        winner.insert(field.to_owned(), first[field].clone());
    }
    let name = DocumentName {
        collection: Collection::Sales,
        id: second["saleId"].as_str().expect("an id").to_owned(),
    };
    lock(&desk.cloud.documents).insert(name, Ok(winner));
    let error = sync_with_firestore(&desk.parts(), Duration::from_secs(30)).await;
    let error = error.expect_err("a number was used twice");
    assert_eq!(
        error.details.expect("details")["reason"],
        json!("numberReused")
    );
}
