//! The same goods, sold twice within a minute: both sales stay, and a manager is asked once.

use counterfoil_tests::window::Outcome;
use serde_json::json;

use crate::hands::{control, in_the_cloud, reads};
use crate::shop::Shop;

#[tokio::test]
async fn a_possible_duplicate_is_listed_and_answered() -> Outcome {
    let shop = Shop::open();
    let cart = json!({
        "lines": [
            { "sku": "DAI-004", "quantity": "2" },
            { "sku": "BAK-001", "quantity": "1" },
            { "sku": "FRU-001", "quantity": "0.734" },
        ],
        "tenders": [{ "method": "card", "amount": 1064, "reference": "T-4711" }],
        "cashier": "Anna",
    });
    let (first, second) = (shop.connected_register("A"), shop.connected_register("B"));
    first.ring_up(&cart);
    second.ring_up(&cart);
    first.ctl(&["sync", "once"], &[]);

    let window = second.window("twins").await;
    in_the_cloud(&window).await?;
    window.press(control('s')).await?;
    reads(&window, "count-duplicates", "1").await?;
    // A warning is not a failure.
    reads(&window, "count-failed", "0").await?;
    let row = reads(&window, "warning-1", "A-000001").await?;
    assert!(row.contains("B-000001"), "{row}");
    window.pictures("1-listed").await?;
    window.click("warning-both-real-1").await?;
    window.gone("warning-1").await?;
    reads(&window, "count-duplicates", "0").await?;
    window.pictures("2-answered").await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 2, "both stay");
    Ok(())
}
