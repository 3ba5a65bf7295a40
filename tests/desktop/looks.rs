//! Every screen as a picture, in light and dark and in the sizes that it is made for.

use counterfoil_tests::window::{Chord, Look, Window};
use fantoccini::key::Key;

use crate::shop::Shop;

/// Nothing may be wider than the window, however small that is.
async fn nothing_is_cut_off(window: &Window, what: &str) {
    let wider = window
        .measure(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
        )
        .await
        .expect("measured");
    assert_eq!(wider, 0, "{what} is wider than the window");
}

#[tokio::test]
async fn every_screen_fits_every_size() {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("looks").await;
    window.part("till").await.expect("the till");
    window
        .scan(&[
            "2000000010038",
            "2000000020013",
            "2000000040042",
            "2000000010038",
        ])
        .await
        .expect("scanned");
    window.part("cart-line-3").await.expect("in the cart");
    for (width, height) in [(1024, 768), (1280, 800), (1920, 1080), (3840, 2160)] {
        window.size(width, height).await.expect("sized");
        window.part("total").await.expect("the total can be seen");
        window.part("pay").await.expect("so can Pay");
        window
            .picture(&format!("till-{width}x{height}"), Look::Light)
            .await
            .expect("a picture");
        nothing_is_cut_off(&window, &format!("the till at {width}")).await;
    }
    window.size(1280, 800).await.expect("sized");
    window
        .picture("till", Look::Contrast)
        .await
        .expect("a picture");

    for (opens, part) in [
        (Chord::key(Key::F1), "keys"),
        (Chord::key(Key::F9), "sales"),
        (Chord::character('s').with_control(), "sync-panel"),
        (Chord::character(',').with_control(), "settings"),
    ] {
        window.press(opens).await.expect("the key");
        window.part(part).await.expect("the screen");
        window.pictures(part).await.expect("pictures");
        window.size(1024, 768).await.expect("sized");
        window
            .picture(&format!("{part}-1024x768"), Look::Light)
            .await
            .expect("a picture");
        nothing_is_cut_off(&window, part).await;
        window.size(1280, 800).await.expect("sized");
        window.press(Chord::key(Key::Escape)).await.expect("back");
        window.gone(part).await.expect("closed");
    }
    window.close().await.expect("closed");
}
