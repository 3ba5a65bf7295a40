//! The sales of the day, in every size.

use counterfoil_tests::window::{Look, Outcome};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::hands::{control, in_the_cloud, key, reads};
use crate::looks::nothing_is_cut_off;
use crate::shop::Shop;

/// What a morning sells: cash and card, one line and many, cents and hundreds.
fn morning() -> Vec<Value> {
    let cash = |amount: u32| json!([{ "method": "cash", "amount": amount }]);
    let card = |amount: u32, reference: &str| json!([{ "method": "card", "amount": amount, "reference": reference, "last4": "4242" }]);
    let line = |sku: &str, quantity: &str| json!({ "sku": sku, "quantity": quantity });
    vec![
        json!({ "lines": [line("COF-001", "1")], "tenders": cash(220), "cashier": "Anna" }),
        json!({ "lines": [line("COF-018", "40")], "tenders": card(136_000, "T-1001"), "cashier": "Anna" }),
        json!({ "lines": [line("COF-003", "2"), line("BAK-001", "1")], "tenders": cash(2000), "cashier": "Ben" }),
        json!({ "lines": [line("FRU-001", "0.734")], "tenders": cash(200), "cashier": "Ben" }),
        json!({ "lines": [line("COF-001", "3"), line("COF-002", "1"), line("COF-004", "2"), line("DAI-004", "2"), line("BAK-001", "2")], "tenders": card(3_318, "T-1002"), "cashier": "Anna" }),
        json!({ "lines": [line("COF-002", "1")], "tenders": cash(500), "cashier": "Maximiliane Oberhuber-Wagenknecht" }),
    ]
}

#[tokio::test]
async fn recent_sales_fit_every_size() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    for cart in morning() {
        register.ring_up(&cart);
    }
    let window = register.window("recent").await;
    in_the_cloud(&window).await?;
    window.press(key(Key::F9)).await?;
    reads(&window, "sale-A-000002", "1,360.00").await?;
    window.click("sale-A-000005").await?;
    reads(&window, "sales", "T-1002").await?;
    for (width, height) in [(1024, 768), (1280, 800), (1920, 1080), (3840, 2160)] {
        window.size(width, height).await?;
        for look in [Look::Light, Look::Dark] {
            window.picture(&format!("{width}x{height}"), look).await?;
        }
        nothing_is_cut_off(&window, "recent sales").await;
    }
    window.size(1280, 800).await?;
    // By its number, also in small letters.
    window.click("sales-find").await?;
    window.type_slowly("a-000004").await?;
    window.press(key(Key::Enter)).await?;
    reads(&window, "sales", "0.734").await?;
    // A number that is not there is said, and what was shown stays.
    window.click("sales-find").await?;
    window.press(control('a')).await?;
    window.type_slowly("A-999999").await?;
    window.press(key(Key::Enter)).await?;
    reads(&window, "sales", "There is nothing under this number").await?;
    window.pictures("unknown-number").await?;
    window.close().await
}
