//! A sale that the cloud knows otherwise, and the manager who decides.

use counterfoil_tests::window::Chord;
use serde_json::json;

use crate::shop::{Register, Shop};

/// Rings up a sale at a register that is not connected yet, while the cloud already has another one under its id.
fn prepare(shop: &Shop) -> (Register, String) {
    let other = shop.connected_register("B");
    other.ring_up(&json!({
        "lines": [{ "sku": "DAI-004", "quantity": "3" }, { "sku": "COF-003", "quantity": "1" }],
        "tenders": [{ "method": "cash", "amount": 1107 }],
        "cashier": "Ben",
    }));
    other.ctl(&["sync", "once"], &[]);
    let theirs = shop
        .documents("sales")
        .pop()
        .expect("the other register's sale is in the cloud");

    let register = shop.register("A");
    let ours = register.ring_up(&json!({
        "lines": [{ "sku": "DAI-004", "quantity": "2" }, { "sku": "BAK-001", "quantity": "1" }],
        "tenders": [{ "method": "cash", "amount": 1000 }],
        "cashier": "Anna",
    }));
    let id = ours["saleId"]
        .as_str()
        .expect("a sale has an id")
        .to_owned();
    let mut fields = theirs["fields"].clone();
    fields["saleId"] = json!({ "stringValue": id });
    shop.create("sales", &id, &fields);
    register.connect();
    (register, id)
}

#[tokio::test]
async fn a_manager_compares_both_versions_and_keeps_the_clouds() {
    let shop = Shop::open();
    let (register, id) = prepare(&shop);
    let window = register.window("conflict").await;
    window
        .says("status-line", "that a sale needs a manager", |text| {
            text.contains("needs a manager")
        })
        .await
        .expect("the status line");
    window.pictures("1-status").await.expect("pictures");

    window
        .press(Chord::character('s').with_control())
        .await
        .expect("the sync panel");
    window.part("sync-panel").await.expect("the sync panel");
    window
        .says("count-failed", "1", |text| text.contains('1'))
        .await
        .expect("one failed");
    window.pictures("2-list").await.expect("pictures");
    let row = format!("failed-{id}");
    window.click(&row).await.expect("the row opens");
    window
        .says("version-here", "4.98", |text| text.contains("4.98"))
        .await
        .expect("ours");
    window
        .says("version-cloud", "7.47", |text| text.contains("7.47"))
        .await
        .expect("the cloud's");
    window.pictures("3-versions").await.expect("pictures");

    window
        .click("choice-keepCloud")
        .await
        .expect("keep the cloud's");
    window
        .click("money-givenBack")
        .await
        .expect("the money is given back");
    window
        .click("restock-shelf")
        .await
        .expect("the goods go back");
    window
        .fill("reason", "Rung up at the other till")
        .await
        .expect("a reason");
    window.fill("by", "Maria").await.expect("a name");
    window.pictures("4-decision").await.expect("pictures");
    window.click("resolve").await.expect("resolved");
    window.gone(&row).await.expect("nothing is left to decide");
    window
        .says("status-line", "that all sales are in the cloud", |text| {
            text.contains("All sales are in the cloud")
        })
        .await
        .expect("in the cloud");
    window.pictures("5-resolved").await.expect("pictures");
    window.close().await.expect("closed");

    let sales = register.sales();
    assert_eq!(
        sales.len(),
        2,
        "the sale, and its reversal under the next number"
    );
    assert_eq!(sales[0]["total"], -918);
    assert_eq!(sales[0]["receiptNumber"], "A-000002");
    // The other register's two, our copy and its reversal.
    assert_eq!(shop.documents("sales").len(), 4);
    assert_eq!(shop.documents("saleResolutions").len(), 1);
    let conflicts = shop.documents("saleConflicts");
    assert_eq!(conflicts.len(), 1, "the loser is kept whole");
}
