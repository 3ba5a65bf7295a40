//! The first start.

use counterfoil_tests::window::Outcome;

use crate::hands::{control, control_enter, in_the_cloud, key, open_category, pay, reads};
use crate::shop::Shop;
use fantoccini::key::Key;
use xtask::emulator::PROJECT;

#[tokio::test]
async fn a_new_register_sells_from_the_demo_store_after_one_click() -> Outcome {
    let shop = Shop::open();
    let window = shop.new_register("A").first_window("setup").await;
    window.part("setup").await?;
    window.pictures("1-first-start").await?;
    window.click("setup-demo").await?;
    window.part("till").await?;
    open_category(&window, "Coffee").await?;
    window.pictures("2-till").await?;
    // An espresso, by its tile.
    window.click("tile-COF-001").await?;
    window.part("cart-line-1").await?;
    window.close().await
}

#[tokio::test]
async fn a_store_is_set_up_by_hand_and_connected_afterwards() -> Outcome {
    let shop = Shop::open();
    let register = shop.new_register("A");
    let window = register.first_window("by-hand").await;
    window.part("setup").await?;
    // Sent off empty, it says what is missing and where.
    window.click("setup-do").await?;
    window.pictures("1-missing").await?;
    window.part("setup").await?;
    window.fill("setup-store-name", "Corner Shop").await?;
    window.fill("setup-register-name", "Counter").await?;
    window.fill("setup-prefix", "K").await?;
    window.click("setup-more").await?;
    window.fill("setup-currency", "SEK").await?;
    window.pictures("2-filled").await?;
    window.click("setup-do").await?;
    window.part("till").await?;
    reads(&window, "status-line", "Sales stay on this register").await?;
    window.pictures("3-no-products").await?;
    window.close().await?;

    // Products come from a file, and the window finds everything where it was left.
    let file = shop.file(
        "products.csv",
        "sku,barcode,name,price,tax\nbun,2000000000015,Cardamom bun,32.00,12\n",
    );
    register.ctl(&["catalogue", "import"], &[&file]);
    let window = register.window("by-hand").await;
    window.part("till").await?;
    window.scan(&["2000000000015"]).await?;
    reads(&window, "total", "32.00").await?;
    pay(&window).await?;
    window.press(key(Key::F2)).await?;
    let number = window.text("receipt-number").await?;
    assert_eq!(number, "K-000001");
    window.press(control('s')).await?;
    window.part("sync-panel").await?;
    window.pictures("4-connect").await?;
    window.fill("connect-project", PROJECT).await?;
    window.fill("connect-store", shop.store()).await?;
    window.click("connect-do").await?;
    in_the_cloud(&window).await?;
    window.part("sync-empty").await?;
    window.pictures("5-connected").await?;
    // Nothing is in the cart: there is nothing to pay, and the till says so.
    window.press(key(Key::Escape)).await?;
    window.part("till").await?;
    window.press(control_enter()).await?;
    reads(&window, "notice-0", "The cart is empty").await?;
    window.close().await?;

    let sales = shop.documents("sales");
    assert_eq!(
        sales.len(),
        1,
        "what was sold before the connection went up"
    );
    assert_eq!(sales[0]["fields"]["currency"]["stringValue"], "SEK");
    Ok(())
}
