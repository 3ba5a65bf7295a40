//! A register is signed in from the settings, and again from the sync panel when its account was disabled.

use counterfoil_tests::window::Outcome;
use fantoccini::key::Key;
use serde_json::json;

use crate::hands::{control, key, reads};
use crate::shop::Shop;

const OWNER: &str = "maria@shop.example";
const PASSWORD: &str = "a long password of Maria's";

#[tokio::test]
async fn a_manager_signs_a_register_in_and_again_when_its_account_is_disabled() -> Outcome {
    let shop = Shop::guarded(OWNER, PASSWORD);
    let register = shop.connected_register("A");
    let window = register.window("account").await;
    window.press(control(',')).await?;
    window.fill("sign-in-email", OWNER).await?;
    window.click("sign-in-do").await?;
    reads(&window, "settings", "This is needed").await?;
    window.fill("sign-in-password", "not hers").await?;
    window.click("sign-in-do").await?;
    reads(&window, "sign-in-problem", "the password is another one").await?;
    window.pictures("1-refused").await?;
    window.fill("sign-in-password", PASSWORD).await?;
    window.click("sign-in-do").await?;
    reads(&window, "account", "Signed in as register-").await?;
    window.gone("sign-in-problem").await?;
    window.pictures("2-signed-in").await?;
    window.press(key(Key::Escape)).await?;
    window.close().await?;

    let status = register.ctl(&["sync", "status"], &[]);
    let uid = status["account"]["uid"].as_str().expect("an account");
    shop.auth().disable(uid, true).expect("disabled");
    register.ring_up(&json!({
        "lines": [{ "sku": "COF-001", "quantity": "1" }],
        "tenders": [{ "method": "cash", "amount": 5_000 }],
    }));
    let window = register.window("account").await;
    reads(&window, "status-line", "asks this register to sign in").await?;
    window.click("status-line").await?;
    reads(&window, "sync-panel", "The account was disabled").await?;
    window.pictures("3-disabled").await?;
    window.fill("sign-in-email", OWNER).await?;
    window.fill("sign-in-password", PASSWORD).await?;
    window.click("sign-in-do").await?;
    reads(&window, "sync-headline", "All sales are in the cloud").await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 1);
    Ok(())
}
