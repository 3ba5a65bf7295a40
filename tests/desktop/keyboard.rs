//! Selling without a mouse, and the focus that is never lost.

use counterfoil_tests::window::{Chord, Outcome};
use fantoccini::key::Key;

use crate::hands::{
    CODES, control, control_enter, focused, in_the_cloud, key, open_category, pay, reads,
    scan_lines,
};
use crate::shop::Shop;

#[tokio::test]
async fn a_sale_needs_no_mouse_from_the_first_letter_to_the_receipt() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("keyboard").await;
    window.part("till").await?;
    assert_eq!(focused(&window).await?, "scan-field");

    // Three of the next item, found by its name.
    window.type_slowly("3*").await?;
    reads(&window, "multiplier", "3").await?;
    window.type_slowly("flat").await?;
    reads(&window, "result-1", "Flat white").await?;
    window.press(key(Key::Down)).await?;
    window.pictures("1-search").await?;
    window.press(key(Key::Enter)).await?;
    reads(&window, "total", "10.80").await?;
    // One more of it, then one less.
    window.type_slowly("+").await?;
    reads(&window, "total", "14.40").await?;
    window.type_slowly("-").await?;
    reads(&window, "total", "10.80").await?;
    assert_eq!(focused(&window).await?, "scan-field");

    // The keys, by F1 and by the question mark; Escape gives the focus back.
    window.press(key(Key::F1)).await?;
    window.part("keys").await?;
    window.pictures("2-keys").await?;
    window.press(key(Key::Escape)).await?;
    window.gone("keys").await?;
    assert_eq!(focused(&window).await?, "scan-field");
    window.press(Chord::character('?')).await?;
    window.part("keys").await?;
    window.press(key(Key::Escape)).await?;
    window.gone("keys").await?;
    assert_eq!(focused(&window).await?, "scan-field");

    // The quantity of a line by its key, and the focus comes back from a question.
    window.press(key(Key::F2)).await?;
    window.part("ask-input").await?;
    assert_eq!(focused(&window).await?, "ask-input");
    window.pictures("3-quantity").await?;
    window.type_slowly("2").await?;
    window.press(key(Key::Enter)).await?;
    reads(&window, "total", "7.20").await?;
    window.gone("ask").await?;
    assert_eq!(focused(&window).await?, "scan-field");

    window.press(control_enter()).await?;
    window.part("payment").await?;
    window.press(key(Key::F3)).await?;
    assert_eq!(window.text("receipt-number").await?, "A-000001");
    // A letter begins the next sale.
    window.type_slowly("ba").await?;
    window.part("result-0").await?;
    assert_eq!(focused(&window).await?, "scan-field");
    window.press(key(Key::Escape)).await?;

    window.press(key(Key::F9)).await?;
    window.part("sale-A-000001").await?;
    window.pictures("4-recent-sales").await?;
    window.press(key(Key::Escape)).await?;
    window.part("till").await?;
    assert_eq!(focused(&window).await?, "scan-field");
    in_the_cloud(&window).await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_scan_is_taken_wherever_the_focus_is() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("focus").await;
    scan_lines(&window, &CODES[..1], 1).await?;

    // On a tile, on a chosen line, in half a word of a search.
    open_category(&window, "Coffee").await?;
    window.click("tile-COF-001").await?;
    window.part("cart-line-2").await?;
    window.press_all(&[key(Key::Tab), key(Key::Tab)]).await?;
    scan_lines(&window, &CODES[1..2], 3).await?;
    window.click("cart-line-1").await?;
    window.part("line-note").await?;
    scan_lines(&window, &CODES[2..], 4).await?;
    window.type_slowly("fla").await?;
    window.part("result-0").await?;
    scan_lines(&window, &["2000000010045"], 5).await?;

    // On the other pages, in a text field of theirs, and over the keys.
    window.press(control(',')).await?;
    window.click("settings-cashier").await?;
    window.type_slowly("Anna").await?;
    window.scan(&["2000000010052"]).await?;
    window.press(key(Key::Escape)).await?;
    window.part("cart-line-6").await?;
    window.press(key(Key::F1)).await?;
    window.part("keys").await?;
    window.scan(&["2000000010069"]).await?;
    window.part("cart-line-7").await?;

    // On the receipt it starts the next sale.
    pay(&window).await?;
    window.press(key(Key::F2)).await?;
    window.part("receipt-number").await?;
    scan_lines(&window, &CODES[..1], 1).await?;
    reads(&window, "total", "3.60").await?;
    window.close().await?;
    assert_eq!(register.sales().len(), 1);
    Ok(())
}
