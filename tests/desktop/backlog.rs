//! Many sales wait: how far they are, how long the rest takes, and what it has cost.

use std::time::Duration;

use counterfoil_tests::rig::shim::{Code, Done, Fate, Part, Shim};
use counterfoil_tests::window::Outcome;
use fantoccini::key::Key;

use crate::hands::{control, in_the_cloud, key, reads};
use crate::shop::Shop;

const SALES: usize = 400;
/// So slow that the batches stay small and there is time to look.
const SLOW: Duration = Duration::from_millis(3_200);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_says_how_far_it_is_and_what_it_has_cost() -> Outcome {
    let shop = Shop::open();
    let shim = Shim::new(shop.cloud());
    shim.plan(|_| Fate::Status(Code::Unavailable, Done::Not));
    let register = shop.connected_register("A").behind(shim.host());
    let cart = r#"{"lines":[{"barcode":"2000000010038","quantity":"1"}],"tenders":[{"method":"cash","amount":400}]}"#;
    let carts = shop.file("carts.jsonl", &format!("{cart}\n").repeat(SALES));
    register.ctl(&["checkout", "--lines"], &[&carts]);

    let window = register.window("backlog").await;
    window.press(control('s')).await?;
    reads(&window, "count-waiting", "400").await?;
    reads(&window, "status-line", "no network").await?;
    reads(&window, "progress", "400 wait").await?;
    reads(&window, "progress", "not known while").await?;
    window.pictures("1-offline").await?;

    shim.strike(Part::Commit, Fate::Late(SLOW));
    window.click("sync-now").await?;
    reads(&window, "progress", "not known yet").await?;
    let said = reads(&window, "progress", "a second. About").await?;
    assert!(said.contains("of 400 are up"), "{said}");
    window.pictures("2-going").await?;

    shim.clear();
    in_the_cloud(&window).await?;
    window.gone("progress").await?;
    reads(&window, "costs-upload", "1.000").await?;
    window.pictures("3-costs").await?;
    let status = register.ctl(&["sync", "status"], &[]);
    assert_eq!(status["costs"]["sales"], SALES, "{status}");
    assert_eq!(status["progress"], serde_json::Value::Null);

    // Another region, another price, another currency.
    window.press(control(',')).await?;
    window.fill("prices-writes", "a lot").await?;
    window.click("prices-do").await?;
    reads(&window, "settings", "A price like").await?;
    window.fill("prices-writes", "100").await?;
    window.fill("prices-currency", "eur").await?;
    window.pictures("4-prices").await?;
    window.click("prices-do").await?;
    reads(&window, "settings", "The prices are saved").await?;
    window.press(key(Key::Escape)).await?;
    window.press(control('s')).await?;
    // A write of each sale, and the register's claim: a thousandth each.
    reads(&window, "costs-upload", "0.4").await?;
    reads(&window, "costs", "EUR").await?;
    window.pictures("5-other-prices").await?;
    window.close().await?;
    let set = register.ctl(&["sync", "prices"], &[]);
    assert_eq!(set["writes"], "100.00");
    Ok(())
}
