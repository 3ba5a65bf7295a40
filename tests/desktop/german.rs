//! The same till in German, whose words are longer.

use counterfoil_tests::rig::shim::{Code, Done, Fate, Part, Shim};
use counterfoil_tests::window::{Look, Outcome, Window};
use fantoccini::key::Key;
use serde_json::json;

use crate::conflict::{Prepared, prepare_with};
use crate::hands::{CODES, control, key, open_category, pay, reads, scan_lines};
use crate::looks::nothing_is_cut_off;
use crate::shop::Shop;

/// Pictures at the size of most tills, and a look at the smallest.
async fn looked_at(window: &Window, what: &str) -> Outcome {
    window.pictures(what).await?;
    window.size(1024, 768).await?;
    window
        .picture(&format!("{what}-1024x768"), Look::Light)
        .await?;
    nothing_is_cut_off(window, what).await;
    window.size(1280, 800).await
}

async fn in_german(window: &Window) -> Outcome {
    window.press(control(',')).await?;
    window.click("language-de").await?;
    reads(window, "settings", "Einstellungen").await?;
    Ok(())
}

#[tokio::test]
async fn a_sale_in_german_from_the_till_to_the_receipt() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("german").await;
    in_german(&window).await?;
    looked_at(&window, "1-settings").await?;
    window.press(key(Key::Escape)).await?;
    window.part("till").await?;
    scan_lines(&window, &CODES, 3).await?;
    open_category(&window, "Coffee").await?;
    window.click("cart-line-2").await?;
    window.part("line-note").await?;
    looked_at(&window, "2-till").await?;
    window.press(key(Key::Escape)).await?;
    window.type_slowly("ba").await?;
    window.part("result-0").await?;
    looked_at(&window, "3-search").await?;
    window.press(key(Key::Escape)).await?;
    window.press(key(Key::F1)).await?;
    window.part("keys").await?;
    looked_at(&window, "4-keys").await?;
    window.press(key(Key::Escape)).await?;
    window.gone("keys").await?;
    window.press(key(Key::F8)).await?;
    window.part("ask").await?;
    window.pictures("5-discount").await?;
    window.press(key(Key::Escape)).await?;
    window.gone("ask").await?;

    pay(&window).await?;
    reads(&window, "amount-due", "10,29").await?;
    looked_at(&window, "6-payment").await?;
    // Five euros fifty in cash, as people here write it, and the rest by card.
    window.fill("tender-amount", "5,50").await?;
    window.press(key(Key::F6)).await?;
    reads(&window, "amount-due", "4,79").await?;
    window.press(key(Key::F7)).await?;
    window.part("tender-reference").await?;
    looked_at(&window, "7-card").await?;
    window.press(key(Key::Escape)).await?;
    window.part("quick-cash-1").await?;
    window.press(key(Key::F4)).await?;
    reads(&window, "receipt", "A-000001").await?;
    looked_at(&window, "8-receipt").await?;
    window.press(key(Key::F9)).await?;
    reads(&window, "sales", "10,29").await?;
    looked_at(&window, "9-sales").await?;
    window.close().await
}

#[tokio::test]
async fn a_conflict_in_german() -> Outcome {
    let shop = Shop::open();
    let Prepared { register, id, .. } = prepare_with(
        &shop,
        &json!({
            "lines": [{ "sku": "DAI-004", "quantity": "2" }, { "sku": "FRU-001", "quantity": "0.512" }],
            "tenders": [{ "method": "card", "amount": 600, "reference": "T-4711" }],
            "cashier": "Anna",
        }),
    );
    let window = register.window("german-sync").await;
    reads(&window, "status-line", "needs a manager").await?;
    in_german(&window).await?;
    window.press(control('s')).await?;
    window.part("sync-panel").await?;
    looked_at(&window, "1-list").await?;
    let row = format!("failed-{id}");
    window.click(&row).await?;
    window.part("version-cloud").await?;
    looked_at(&window, "2-versions").await?;
    window.click("choice-keepCloud").await?;
    window.click("money-givenBack").await?;
    window.click("restock-by-line").await?;
    window.click("resolve").await?;
    reads(
        &window,
        "sync-panel",
        "Die Referenz der Erstattung wird gebraucht",
    )
    .await?;
    looked_at(&window, "3-missing").await?;
    window.fill("card-reference", "R-0815").await?;
    window.click("restock-1-shelf").await?;
    window.click("restock-2-writeOff").await?;
    window
        .fill("reason", "An der anderen Kasse gebucht")
        .await?;
    window.fill("by", "Maria").await?;
    looked_at(&window, "4-decided").await?;
    window.click("resolve").await?;
    window.gone(&row).await?;
    reads(&window, "status-line", "in der Cloud").await?;
    window.pictures("5-resolved").await?;
    window.close().await
}

/// The line at the bottom of the smallest till, and the panel above it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_a_cloud_from_saying_that_all_is_well_in_german() -> Outcome {
    let shop = Shop::open();
    let shim = Shim::new(shop.cloud());
    let register = shop.connected_register("A").behind(shim.host());
    let ring_up = || {
        register.ring_up(&json!({
            "lines": [{ "sku": "COF-001", "quantity": "1" }],
            "tenders": [{ "method": "cash", "amount": 5_000 }],
        }))
    };
    ring_up();
    shim.strike(
        Part::Numbers,
        Fate::Status(Code::FailedPrecondition, Done::Not),
    );
    let window = register.window("german-cloud").await;
    in_german(&window).await?;
    window.press(control('s')).await?;
    window.size(1024, 768).await?;
    let line = "Alle Verkäufe sind in der Cloud · Belegnummern ungeprüft";
    reads(&window, "status-line", line).await?;
    reads(&window, "sync-problem", "firebase deploy").await?;
    assert!(!window.shows("sync-empty").await, "somebody is needed");
    nothing_is_cut_off(&window, line).await;
    window.picture("1-numbers-1024x768", Look::Light).await?;
    shim.clear();
    window.click("sync-now").await?;
    window.gone("sync-problem").await?;

    shim.strike(
        Part::Commit,
        Fate::Status(Code::ResourceExhausted, Done::Not),
    );
    for _ in 0..2 {
        ring_up();
    }
    let line = "2 Verkäufe warten · Cloud ausgelastet seit ";
    let said = reads(&window, "status-line", line).await?;
    assert!(said.contains("der Verkauf läuft weiter"), "{said}");
    reads(&window, "sync-headline", "Kontingent erschöpft").await?;
    reads(&window, "sync-problem", "von selbst wieder versucht").await?;
    nothing_is_cut_off(&window, line).await;
    window.picture("2-busy-1024x768", Look::Light).await?;
    shim.clear();
    window.click("sync-now").await?;
    reads(&window, "status-line", "Alle Verkäufe sind in der Cloud").await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 3);
    Ok(())
}
