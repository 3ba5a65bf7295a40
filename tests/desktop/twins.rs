//! The same goods, sold twice within a minute: both sales stay, and a manager is asked once.

use counterfoil_tests::window::Outcome;
use fantoccini::key::Key;
use serde_json::json;

use crate::hands::{control, in_the_cloud, key, reads};
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

    // From a total on every pair is listed, until its pattern is muted.
    window.press(control(',')).await?;
    window.fill("duplicates-seconds", "5").await?;
    window.fill("duplicates-total", "0").await?;
    window.click("duplicates-do").await?;
    reads(&window, "duplicates", "10 to 3,600 seconds").await?;
    reads(&window, "duplicates", "An amount above 0").await?;
    window.pictures("3-no-rule").await?;
    window.fill("duplicates-seconds", "300").await?;
    window.fill("duplicates-total", "2.80").await?;
    window.click("duplicates-do").await?;
    reads(&window, "settings", "checked from now on").await?;
    let coffee = json!({
        "lines": [{ "sku": "COF-002", "quantity": "1" }],
        "tenders": [{ "method": "cash", "amount": 1000 }],
        "cashier": "Anna",
    });
    second.ring_up(&coffee);
    second.ring_up(&coffee);
    window.press(key(Key::Escape)).await?;
    window.press(control('s')).await?;
    reads(&window, "count-duplicates", "1").await?;
    reads(&window, "warning-2", "B-000003").await?;
    window.pictures("4-listed-by-total").await?;
    window.click("warning-mute-2").await?;
    window.gone("warning-2").await?;
    reads(&window, "count-duplicates", "0").await?;
    window.press(control(',')).await?;
    reads(&window, "duplicates", "Not listed").await?;
    let set = second.ctl(&["sync", "duplicates"], &[]);
    assert_eq!(set["windowSeconds"], 300);
    assert_eq!(set["listedTotal"], 280);
    assert_eq!(set["muted"][0]["goods"][0]["quantity"], "1");
    window.part("duplicates-again-0").await?;
    // What stands below the list brings it into sight.
    window.fill("prices-reads", "0.06").await?;
    window.pictures("5-muted").await?;
    window.click("duplicates-again-0").await?;
    window.gone("duplicates-again-0").await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 4, "all stay");
    Ok(())
}
