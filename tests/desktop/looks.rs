//! Every screen as a picture, in light and dark and in the sizes that it is made for.

use counterfoil_tests::window::{Chord, Look, Outcome, Window};
use fantoccini::key::Key;

use crate::hands::{CODES, control, key, scan_lines};
use crate::shop::Shop;

/// Nothing may be wider than the window, however small that is.
pub(crate) async fn nothing_is_cut_off(window: &Window, what: &str) {
    let wider = window
        .measure(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
        )
        .await
        .expect("measured");
    assert_eq!(wider, 0, "{what} is wider than the window");
}

#[tokio::test]
async fn every_screen_fits_every_size() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("looks").await;
    scan_lines(&window, &CODES, 3).await?;
    for (width, height) in [(1024, 768), (1280, 800), (1920, 1080), (3840, 2160)] {
        window.size(width, height).await?;
        window.part("total").await?;
        window.part("pay").await?;
        let what = format!("till-{width}x{height}");
        window.pictures(&what).await?;
        nothing_is_cut_off(&window, &what).await;
    }
    window.size(1280, 800).await?;
    window.picture("till", Look::Contrast).await?;

    let opened: [(Chord, &str); 5] = [
        (key(Key::F1), "keys"),
        (Chord::key(Key::Enter).with_control(), "payment"),
        (key(Key::F9), "sales"),
        (control('s'), "sync-panel"),
        (control(','), "settings"),
    ];
    for (opens, part) in opened {
        window.press(opens).await?;
        window.part(part).await?;
        window.pictures(part).await?;
        window.size(1024, 768).await?;
        window
            .picture(&format!("{part}-1024x768"), Look::Light)
            .await?;
        nothing_is_cut_off(&window, part).await;
        window.size(1280, 800).await?;
        window.press(key(Key::Escape)).await?;
        window.gone(part).await?;
    }
    window.close().await
}
