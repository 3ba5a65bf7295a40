//! Closing the window, and disconnecting the register, while sales are not in the cloud yet.

use counterfoil_tests::rig::proxy::{Network, Proxy};
use counterfoil_tests::window::Outcome;
use fantoccini::key::Key;
use serde_json::json;

use crate::hands::{CODES, control, focused, in_the_cloud, key, pay, reads, scan_lines};
use crate::shop::Shop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_with_sales_that_wait_says_how_many_and_lets_whoever_means_it() -> Outcome {
    let shop = Shop::open();
    let network = Proxy::new(shop.cloud()).await;
    let register = shop.connected_register("A").behind(network.host());
    network.set(Network::Down);
    let window = register.window("closing").await;
    for code in &CODES[..2] {
        scan_lines(&window, &[code], 1).await?;
        pay(&window).await?;
        window.press(key(Key::F2)).await?;
        window.part("receipt-number").await?;
    }

    window.press_close().await?;
    reads(
        &window,
        "closing",
        "2 sales over 7.80 are not in the cloud yet",
    )
    .await?;
    let said = reads(&window, "closing", "safe on this register").await?;
    assert!(said.contains("goes up by itself"), "{said}");
    assert_eq!(focused(&window).await?, "closing-stay");
    window.pictures("1-held").await?;
    // Pressed again, it is asked still, and Escape stays; one that is pressed again only then asks anew.
    window.press_close().await?;
    window.press(key(Key::Escape)).await?;
    if window.gone("closing").await.is_err() {
        window.press(key(Key::Escape)).await?;
        window.gone("closing").await?;
    }
    reads(&window, "status-line", "2 sales waiting").await?;

    // And asked anew.
    window.press_close().await?;
    window.part("closing").await?;
    window.press(key(Key::Enter)).await?;
    window.gone("closing").await?;
    window.press_close().await?;
    window.click_and_end("closing-close").await?;

    // They go up at the next start; then nothing holds the window.
    network.set(Network::Up);
    let window = register.window("closing").await;
    in_the_cloud(&window).await?;
    window.press_close().await?;
    window.ended().await?;
    assert_eq!(shop.documents("sales").len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_register_without_a_cloud_closes_at_once() -> Outcome {
    let shop = Shop::open();
    let register = shop.register("A");
    let window = register.window("closing").await;
    scan_lines(&window, &CODES[..1], 1).await?;
    pay(&window).await?;
    window.press(key(Key::F2)).await?;
    window.part("receipt-number").await?;
    window.press_close().await?;
    window.ended().await?;
    assert_eq!(register.sales().len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_with_a_sale_that_waits_says_so_and_connecting_again_sends_it() -> Outcome {
    let shop = Shop::open();
    let network = Proxy::new(shop.cloud()).await;
    let register = shop.connected_register("A").behind(network.host());
    network.set(Network::Down);
    let window = register.window("disconnect").await;
    register.ring_up(&json!({
        "lines": [{ "sku": "COF-001", "quantity": "1" }],
        "tenders": [{ "method": "cash", "amount": 5_000 }],
    }));
    reads(&window, "status-line", "1 sale").await?;
    window.press(control(',')).await?;
    reads(&window, "settings", "Sales go up to the store “demo”").await?;
    window.click("disconnect-do").await?;
    window.part("disconnect-ask").await?;
    // Whoever presses Enter stays connected.
    window.press(key(Key::Enter)).await?;
    window.gone("disconnect-ask").await?;
    window.click("disconnect-do").await?;
    window.click("disconnect-confirm").await?;
    reads(
        &window,
        "disconnect-ask",
        "1 sale or decision of this register",
    )
    .await?;
    window.pictures("1-held").await?;
    // So does whoever presses it once more.
    window.press(key(Key::Enter)).await?;
    window.gone("disconnect-ask").await?;
    window.click("disconnect-do").await?;
    window.click("disconnect-confirm").await?;
    reads(&window, "disconnect-ask", "would stay on this register").await?;
    window.click("disconnect-confirm").await?;
    window.gone("disconnect-ask").await?;
    reads(&window, "status-line", "Sales stay on this register").await?;
    network.set(Network::Up);

    window.press(key(Key::Escape)).await?;
    window.press(control('s')).await?;
    reads(
        &window,
        "sync-panel",
        "What waits goes up when it is connected again",
    )
    .await?;
    window.pictures("2-disconnected").await?;
    assert_eq!(shop.documents("sales").len(), 0);
    // Which store it was is written there already.
    window.click("connect-do").await?;
    in_the_cloud(&window).await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 1);
    Ok(())
}
