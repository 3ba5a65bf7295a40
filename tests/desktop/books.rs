//! A manager checks the books: clean, with a document gone and sent again, changed, and without a cloud.

use counterfoil_tests::rig::proxy::{Network, Proxy};
use counterfoil_tests::window::Outcome;
use fantoccini::key::Key;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::hands::{control, focused, key, reads};
use crate::shop::{Register, Shop};

fn ring_up(register: &Register, quantity: u32) -> String {
    let sale = register.ring_up(&json!({
        "lines": [{ "sku": "COF-001", "quantity": quantity.to_string() }],
        "tenders": [{ "method": "cash", "amount": 50_000 }],
    }));
    sale["saleId"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manager_finds_what_is_missing_and_sends_it_again() -> Outcome {
    let shop = Shop::open();
    let network = Proxy::new(shop.cloud()).await;
    let register = shop.connected_register("A").behind(network.host());
    let ids: Vec<String> = (1..=3).map(|n| ring_up(&register, n)).collect();
    register.ctl(&["sync", "once"], &[]);
    let window = register.window("books").await;
    window.press(control('s')).await?;

    window.click("reconcile-do").await?;
    reads(&window, "reconcile-clean", "Everything agrees").await?;
    let said = reads(&window, "reconcile-compared", "receipts 3 over").await?;
    for figure in ["13.20", "journal links 3", "documents in the cloud 3"] {
        assert!(said.contains(figure), "{figure} is in {said}");
    }
    assert_eq!(focused(&window).await?, "reconcile-outcome");
    window.pictures("1-clean").await?;
    // The same from a script, beside the open window.
    let report = register.ctl(&["reconcile"], &[]);
    assert_eq!(
        (&report["clean"], &report["receipts"]),
        (&json!(true), &json!(3))
    );

    // One is gone from the cloud, another was changed there.
    shop.remove("sales", &ids[1]);
    shop.change(
        "sales",
        &ids[2],
        "cashierName",
        &json!({ "stringValue": "Mallory" }),
    );
    window.click("reconcile-do").await?;
    reads(&window, "reconcile-outcome", "There are 2 differences").await?;
    reads(&window, "finding-0", "Differs in: Cashier").await?;
    reads(&window, "finding-1", "The cloud does not have it").await?;
    // Nothing above it claims otherwise.
    reads(&window, "sync-headline", "The books have 2 differences").await?;
    assert!(!window.shows("sync-empty").await);
    window.pictures("2-differences").await?;
    window.click("reconcile-send").await?;
    reads(&window, "reconcile", "Say who decides").await?;
    window.fill("reconcile-by", "Maria").await?;
    window
        .fill("reconcile-reason", "deleted by mistake")
        .await?;
    window.click("reconcile-send").await?;
    reads(&window, "reconcile-outcome", "1 sale is on its way again").await?;
    // What was changed there still differs, on every page.
    reads(&window, "status-line", "1 difference in the books").await?;
    window.press(key(Key::Escape)).await?;
    window.press(control('s')).await?;
    reads(&window, "finding-0", "Differs in: Cashier").await?;
    reads(&window, "sync-headline", "The books have 1 difference").await?;
    register.ctl(&["sync", "once"], &[]);
    assert_eq!(shop.documents("sales").len(), 3);

    // Somebody had a hand in the till's own file, and the network is gone.
    network.set(Network::Down);
    let file = register.place.data().join("counterfoil.db");
    Connection::open(file)
        .expect("the database")
        .execute_batch(
            "PRAGMA foreign_keys = OFF; DROP TRIGGER journal_is_never_deleted;
             DELETE FROM journal WHERE sequence = 1;",
        )
        .expect("tampered");
    window.click("reconcile-do").await?;
    reads(&window, "reconcile-not-compared", "no proof yet").await?;
    let said = reads(&window, "finding-0", "journal link is missing").await?;
    assert!(said.contains("A-000001"), "{said}");
    window.pictures("3-no-cloud").await?;
    network.set(Network::Up);
    window.close().await
}

#[tokio::test]
async fn what_waits_failed_or_was_dismissed_is_told_apart() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let id = ring_up(&register, 1);
    // Another sale has its id already.
    shop.create("sales", &id, &other(&id));
    register.ctl(&["sync", "once"], &[]);
    register.ctl(
        &["sync", "resolve", &id],
        &["--dismiss", "--reason", "rung twice", "--by", "Maria"],
    );
    register.ctl(&["sync", "once"], &[]);
    let window = register.window("books").await;
    window.press(control('s')).await?;
    window.click("reconcile-every").await?;
    window.click("reconcile-do").await?;
    reads(&window, "reconcile-clean", "Everything agrees").await?;
    let said = reads(&window, "reconcile-explained", "A-000001").await?;
    for words in ["A manager dismissed it", "Maria: rung twice"] {
        assert!(said.contains(words), "{words} is in {said}");
    }
    window.pictures("4-explained").await?;
    window.close().await
}

/// Another register's sale.
fn other(id: &str) -> Value {
    json!({
        "schema": { "integerValue": "1" },
        "saleId": { "stringValue": id },
        "registerId": { "stringValue": "00000000-0000-4000-8000-0000000000aa" },
        "receiptNumber": { "stringValue": "Z-000001" },
        "total": { "integerValue": "1" },
    })
}
