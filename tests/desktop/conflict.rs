//! A sale that the cloud knows otherwise, and the manager who decides.

use counterfoil_tests::window::{Look, Outcome};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::hands::{control, in_the_cloud, key, reads};
use crate::looks::nothing_is_cut_off;
use crate::shop::{Register, Shop};

/// A register with a sale whose id another register's sale has in the cloud.
pub(crate) struct Prepared {
    pub(crate) register: Register,
    other: Register,
    pub(crate) id: String,
}

/// Rings up a sale at a register that is not connected yet, while the cloud already has another one under its id.
fn prepare(shop: &Shop) -> Prepared {
    prepare_with(
        shop,
        &json!({
            "lines": [{ "sku": "DAI-004", "quantity": "2" }, { "sku": "BAK-001", "quantity": "1" }],
            "tenders": [{ "method": "cash", "amount": 1000 }],
            "cashier": "Anna",
        }),
    )
}

/// The same, with this sale at the register.
pub(crate) fn prepare_with(shop: &Shop, cart: &Value) -> Prepared {
    let other = shop.connected_register("B");
    other.ring_up(&json!({
        "lines": [{ "sku": "DAI-004", "quantity": "3" }, { "sku": "COF-003", "quantity": "1" }],
        "tenders": [{ "method": "cash", "amount": 1107 }],
        "cashier": "Ben",
    }));
    other.ctl(&["sync", "once"], &[]);
    let theirs = shop
        .documents("sales")
        .pop()
        .expect("the other register's sale is in the cloud");

    let register = shop.register("A");
    let ours = register.ring_up(cart);
    let id = ours["saleId"]
        .as_str()
        .expect("a sale has an id")
        .to_owned();
    let mut fields = theirs["fields"].clone();
    fields["saleId"] = json!({ "stringValue": id });
    shop.create("sales", &id, &fields);
    register.connect();
    Prepared {
        register,
        other,
        id,
    }
}

#[tokio::test]
async fn a_manager_compares_both_versions_and_keeps_the_clouds() -> Outcome {
    let shop = Shop::open();
    let Prepared {
        register,
        other,
        id,
    } = prepare(&shop);
    let window = register.window("conflict").await;
    reads(&window, "status-line", "needs a manager").await?;
    window.pictures("1-status").await?;

    // The line that says so opens the panel.
    window.click("status-line").await?;
    window.part("sync-panel").await?;
    reads(&window, "count-failed", "1").await?;
    window.pictures("2-list").await?;
    let row = format!("failed-{id}");
    window.click(&row).await?;
    for (part, total) in [("version-here", "9.18"), ("version-cloud", "11.07")] {
        let text = reads(&window, part, total).await?;
        assert!(
            text.contains("changed"),
            "what differs is marked by a word: {text}"
        );
    }
    window.pictures("3-versions").await?;

    window.click("choice-keepCloud").await?;
    // Sent off too early, it says what is missing.
    window.click("resolve").await?;
    reads(&window, "sync-panel", "Say where the money is.").await?;
    window.pictures("4-missing").await?;
    window.click("money-givenBack").await?;
    window.click("restock-shelf").await?;
    window.fill("reason", "Rung up at the other till").await?;
    // Nobody decides about a sale of their own.
    window.fill("by", "Anna").await?;
    window.click("resolve").await?;
    reads(&window, "sync-panel", "Another person must decide").await?;
    window.fill("by", "Maria").await?;
    window.pictures("5-decision").await?;
    for (width, height) in [(1024, 768), (1920, 1080), (3840, 2160)] {
        window.size(width, height).await?;
        let what = format!("panel-{width}x{height}");
        window.picture(&what, Look::Light).await?;
        nothing_is_cut_off(&window, &what).await;
    }
    window.size(1280, 800).await?;
    window.click("resolve").await?;
    window.gone(&row).await?;
    reads(&window, "sync-panel", "A-000002").await?;
    in_the_cloud(&window).await?;
    window.pictures("6-resolved").await?;

    window.press(key(Key::F9)).await?;
    window.click("sale-A-000002").await?;
    reads(&window, "sales", "Reverses A-000001").await?;
    window.pictures("7-reversal").await?;
    window.close().await?;

    let sales = register.sales();
    assert_eq!(
        sales.len(),
        2,
        "the sale, and its reversal under the next number"
    );
    assert_eq!(sales[0]["total"], -918);
    assert_eq!(sales[0]["receiptNumber"], "A-000002");
    // The other register's two, our copy and its reversal.
    assert_eq!(shop.documents("sales").len(), 4);
    assert_eq!(shop.documents("saleResolutions").len(), 1);
    let conflicts = shop.documents("saleConflicts");
    assert_eq!(conflicts.len(), 1, "the loser is kept whole");

    // A register whose program is newer leaves what this one's cannot read.
    let mut newer = conflicts[0]["fields"].clone();
    newer["schema"] = json!({ "integerValue": "2" });
    let newer_id = format!("00000000-0000-4000-8000-00000000beef_{}", "a".repeat(64));
    shop.create("saleConflicts", &newer_id, &newer);

    // The other register's manager sees what was decided, and by whom.
    other.ctl(&["sync", "once"], &[]);
    let window = other.window("elsewhere").await;
    window.press(control('s')).await?;
    let seen = reads(&window, &format!("elsewhere-{id}"), "Maria").await?;
    assert!(seen.contains("Rung up at the other till"), "{seen}");
    let unread = format!("unreadable-saleConflicts/{newer_id}");
    reads(&window, &unread, "It has a newer form").await?;
    nothing_is_cut_off(&window, "what cannot be read").await;
    window.pictures("1-decided").await?;
    // What comes while the panel is open is in no count, and in the list all the same.
    let later_id = format!("00000000-0000-4000-8000-00000000cafe_{}", "a".repeat(64));
    shop.create("saleConflicts", &later_id, &newer);
    window.click("sync-now").await?;
    let unread = format!("unreadable-saleConflicts/{later_id}");
    reads(&window, &unread, "It has a newer form").await?;
    window.close().await
}

#[tokio::test]
async fn a_sale_of_its_own_is_recorded_beside_the_clouds() -> Outcome {
    let shop = Shop::open();
    let Prepared { register, id, .. } = prepare(&shop);
    let window = register.window("separate").await;
    reads(&window, "status-line", "needs a manager").await?;
    window.press(control('s')).await?;
    let row = format!("failed-{id}");
    window.click(&row).await?;
    window.click("choice-keepCloud").await?;
    // Money that was taken and is kept leads to the other choice.
    window.click("money-takenAndKept").await?;
    assert!(
        !window.shows("resolve").await,
        "taken and kept cannot be reversed"
    );
    window.pictures("1-taken-and-kept").await?;
    window.click("choice-recordSeparately").await?;
    window.fill("reason", "Two guests, two sales").await?;
    window.fill("by", "Maria").await?;
    window.click("resolve").await?;
    window.gone(&row).await?;
    in_the_cloud(&window).await?;
    window.pictures("2-recorded").await?;
    window.close().await?;

    assert_eq!(register.sales().len(), 1, "the printed number stays");
    // The other register's two, and ours under an id of its own.
    let sales = shop.documents("sales");
    assert_eq!(sales.len(), 3);
    let copies = sales
        .iter()
        .filter(|sale| sale["fields"]["originalSaleId"]["stringValue"] == id.as_str());
    assert_eq!(copies.count(), 1);
    Ok(())
}
