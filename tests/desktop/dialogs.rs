//! The questions over the till, one by one.

use counterfoil_tests::window::{Chord, Look, Outcome};
use fantoccini::key::Key;

use crate::hands::{CODES, answer, control, focused, key, reads, scan_lines};
use crate::looks::nothing_is_cut_off;
use crate::shop::Shop;

#[tokio::test]
async fn every_question_is_answered_from_the_keyboard_and_from_the_pad() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("dialogs").await;

    // How many of the next item, by the pad: the first digit replaces what stands there.
    window.click("quantity").await?;
    window.click("pad-1").await?;
    window.click("pad-2").await?;
    window.pictures("1-next-quantity").await?;
    window.click("ask-do").await?;
    reads(&window, "multiplier", "12").await?;
    scan_lines(&window, &CODES[..1], 1).await?;
    reads(&window, "total", "43.20").await?;

    // Another price, with the one of the list beside it on the line.
    window.press(key(Key::F6)).await?;
    window.part("ask-input").await?;
    window.pictures("2-price").await?;
    answer(&window, "three").await?;
    reads(&window, "ask", "That is not an amount").await?;
    window.pictures("3-price-wrong").await?;
    answer(&window, "3.00").await?;
    reads(&window, "total", "36.00").await?;
    reads(&window, "cart-line-1", "instead of 3.60").await?;

    // A note, a weight that is none, and the discount on the whole.
    window.press(key(Key::F7)).await?;
    window.part("ask-input").await?;
    assert_eq!(focused(&window).await?, "ask-input");
    window.pictures("4-note").await?;
    answer(&window, "Oat milk, please").await?;
    window.gone("ask").await?;
    window.scan(&["2000000060019"]).await?;
    answer(&window, "0.7345").await?;
    reads(&window, "ask", "That is not a weight").await?;
    window.pictures("5-weight-wrong").await?;
    answer(&window, "0.734").await?;
    reads(&window, "total", "37.46").await?;
    window.press(key(Key::F8)).await?;
    window.part("ask-reason").await?;
    window.pictures("6-cart-discount").await?;
    window.size(1024, 768).await?;
    window
        .picture("6-cart-discount-1024x768", Look::Light)
        .await?;
    nothing_is_cut_off(&window, "the discount").await;
    window.size(1280, 800).await?;
    window.press(key(Key::Escape)).await?;
    window.gone("ask").await?;

    // The chosen line shows all that can be done with it.
    window.click("cart-line-1").await?;
    window.part("line-note").await?;
    window.pictures("7-chosen-line").await?;

    // An unknown barcode on another page is said there, and nothing is added.
    window.press(control(',')).await?;
    window.part("settings").await?;
    window.scan(&["2000000999998"]).await?;
    reads(&window, "settings", "No product has this barcode").await?;
    window.pictures("8-unknown-barcode").await?;
    window.press(key(Key::Escape)).await?;
    reads(&window, "total", "37.46").await?;
    window.press(Chord::character('?')).await?;
    window.part("keys").await?;
    window.close().await
}
