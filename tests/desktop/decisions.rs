//! The decisions about a failed sale that need the most questions, and those that need the fewest.

use counterfoil_tests::window::Outcome;
use serde_json::json;

use crate::conflict::{Prepared, prepare_with};
use crate::hands::{control, in_the_cloud, reads};
use crate::shop::Shop;

#[tokio::test]
async fn the_goods_are_decided_line_by_line_and_a_card_refund_needs_its_reference() -> Outcome {
    let shop = Shop::open();
    let Prepared { register, id, .. } = prepare_with(
        &shop,
        &json!({
            "lines": [
                { "sku": "DAI-004", "quantity": "2" },
                { "sku": "BAK-001", "quantity": "1" },
                { "sku": "COF-001", "quantity": "1" },
            ],
            "tenders": [{ "method": "card", "amount": 1138, "reference": "T-4711" }],
            "cashier": "Anna",
        }),
    );
    let stock_before = register.stock("DAI-004");
    let window = register.window("by-line").await;
    reads(&window, "status-line", "needs a manager").await?;
    window.press(control('s')).await?;
    let row = format!("failed-{id}");
    window.click(&row).await?;
    window.click("choice-keepCloud").await?;
    window.click("money-givenBack").await?;
    window.click("restock-by-line").await?;
    window.fill("reason", "Rung up at the other till").await?;
    window.fill("by", "Maria").await?;
    // The terminal has given the money back: without its reference nobody could prove it.
    window.click("resolve").await?;
    reads(
        &window,
        "sync-panel",
        "The reference of the refund is needed",
    )
    .await?;
    reads(&window, "sync-panel", "Say where the goods are").await?;
    window.pictures("1-missing").await?;
    window.fill("card-reference", "R-0815").await?;
    for (line, place) in [(1, "shelf"), (2, "writeOff"), (3, "none")] {
        window.click(&format!("restock-{line}-{place}")).await?;
    }
    window.pictures("2-decided").await?;
    window.click("resolve").await?;
    window.gone(&row).await?;
    in_the_cloud(&window).await?;
    window.pictures("3-resolved").await?;
    window.close().await?;

    let reversal = &register.sales()[0];
    assert_eq!(reversal["receiptNumber"], "A-000002");
    assert_eq!(reversal["total"], -1138);
    let places: Vec<_> = reversal["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| line["restock"].as_str().unwrap_or("none"))
        .collect();
    assert_eq!(places, ["shelf", "writeOff", "none"]);
    assert_eq!(reversal["tenders"][0]["method"], "card");
    assert_eq!(reversal["tenders"][0]["reference"], "R-0815");
    assert_eq!(
        register.stock("DAI-004"),
        stock_before + 2,
        "back on the shelf"
    );
    Ok(())
}

#[tokio::test]
async fn a_real_conflict_stays_one_when_tried_again_and_can_be_dismissed() -> Outcome {
    let shop = Shop::open();
    let Prepared { register, id, .. } = prepare_with(
        &shop,
        &json!({
            "lines": [{ "sku": "DAI-004", "quantity": "1" }],
            "tenders": [{ "method": "cash", "amount": 500 }],
            "cashier": "Anna",
        }),
    );
    let window = register.window("again").await;
    reads(&window, "status-line", "needs a manager").await?;
    window.press(control('s')).await?;
    let row = format!("failed-{id}");
    window.click(&row).await?;
    window.click("choice-retry").await?;
    // Trying again changes nothing, so it needs a name but no reason.
    window.fill("by", "Maria").await?;
    window.pictures("1-try-again").await?;
    window.click("resolve").await?;
    reads(&window, "sync-panel", "A-000001 is sent again").await?;
    window.pictures("2-sent-again").await?;
    reads(&window, "count-failed", "1").await?;
    window.click(&row).await?;
    reads(&window, "sync-panel", "sent 2 times").await?;

    window.click("choice-dismiss").await?;
    window.click("resolve").await?;
    reads(&window, "sync-panel", "A reason is needed").await?;
    window
        .fill("reason", "A training sale, no money moved")
        .await?;
    window.fill("by", "Maria").await?;
    window.pictures("3-dismiss").await?;
    window.click("resolve").await?;
    reads(
        &window,
        "sync-panel",
        "A-000001 stays on this register only",
    )
    .await?;
    window.pictures("4-dismissed").await?;
    window.close().await?;

    let sales = register.sales();
    assert_eq!(sales.len(), 1, "it is still a sale");
    assert_eq!(sales[0]["total"], 249);
    assert_eq!(shop.documents("saleConflicts").len(), 1, "kept whole");
    Ok(())
}
