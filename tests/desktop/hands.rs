//! What every journey does again and again.

use counterfoil_tests::window::{Chord, Outcome, Window};
use fantoccini::key::Key;

/// Flat white, sourdough loaf, oat milk: 3.60 + 4.20 + 2.49.
pub(crate) const CODES: [&str; 3] = ["2000000010038", "2000000020013", "2000000040042"];

/// What the status line says when nothing waits.
const ALL: &str = "All sales are in the cloud";

pub(crate) fn key(key: Key) -> Chord {
    Chord::key(key)
}

/// Ctrl and a letter or sign.
pub(crate) fn control(letter: char) -> Chord {
    Chord::character(letter).with_control()
}

/// Ctrl and Enter: pay at the till, complete in the payment.
pub(crate) fn control_enter() -> Chord {
    Chord::key(Key::Enter).with_control()
}

/// Scans, and waits until the cart has so many lines.
pub(crate) async fn scan_lines(window: &Window, codes: &[&str], lines: usize) -> Outcome {
    window.scan(codes).await?;
    window.part(&format!("cart-line-{lines}")).await?;
    Ok(())
}

/// Opens the payment by its key.
pub(crate) async fn pay(window: &Window) -> Outcome {
    window.press(control_enter()).await?;
    window.part("payment").await?;
    Ok(())
}

/// Waits until a part's text contains the words.
pub(crate) async fn reads(window: &Window, part: &str, words: &str) -> Outcome<String> {
    window
        .says(part, &format!("“{words}”"), |text| text.contains(words))
        .await
}

/// Waits until everything has gone up.
pub(crate) async fn in_the_cloud(window: &Window) -> Outcome {
    reads(window, "status-line", ALL).await.map(drop)
}

/// Puts text into the open question and answers it.
pub(crate) async fn answer(window: &Window, text: &str) -> Outcome {
    window.fill("ask-input", text).await?;
    window.click("ask-do").await
}

/// The name of the part that has the focus.
pub(crate) async fn focused(window: &Window) -> Outcome<String> {
    let name = window
        .measure("return document.activeElement?.dataset?.testid ?? ''")
        .await?;
    Ok(name.as_str().unwrap_or_default().to_owned())
}

/// Opens the category of this name.
pub(crate) async fn open_category(window: &Window, name: &str) -> Outcome {
    window.part("category-0").await?;
    for index in 0.. {
        let category = format!("category-{index}");
        if window.text(&category).await?.trim() == name {
            return window.click(&category).await;
        }
    }
    Ok(())
}
