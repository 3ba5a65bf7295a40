//! The first start.

use crate::shop::Shop;

#[tokio::test]
async fn a_new_register_sells_from_the_demo_store_after_one_click() {
    let shop = Shop::open();
    let window = shop.new_register("A").window("setup").await;
    window.part("setup").await.expect("the first start");
    window.pictures("1-first-start").await.expect("pictures");
    window.click("setup-demo").await.expect("the demo store");
    window.part("till").await.expect("the till");
    window.part("category-0").await.expect("categories");
    window.pictures("2-till").await.expect("pictures");
    // An espresso, by its tile.
    window.click("tile-COF-001").await.expect("the tile");
    window.part("cart-line-1").await.expect("in the cart");
    window.close().await.expect("closed");
}
