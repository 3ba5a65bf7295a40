//! What goes up, goes up once and whole.

use std::collections::BTreeSet;
use std::time::Duration;

use counterfoil_app::dto::SyncPhase;
use counterfoil_app::sync::{Wake, sync_with_firestore};
use counterfoil_domain::Digest;
use counterfoil_sync::Collection;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::{Register, text};
use counterfoil_tests::rig::until;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_is_created_whole_with_the_servers_time() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    let sale = register.sell(&[("espresso", "2"), ("apples", "0.734")]);
    let id = text(&sale, "saleId");
    let status = register.sync(cloud.host()).await;
    assert_eq!(
        (status.pending, status.in_flight, status.failed_total),
        (0, 0, 0)
    );
    assert_eq!((status.synced_total, status.state), (1, SyncPhase::Idle));

    let there = cloud
        .document(Collection::Sales, id)
        .await
        .expect("it is there");
    assert_eq!(there["storeId"], cloud.store_id());
    let synced = register.sale(id);
    assert_eq!(text(&synced, "syncState"), "synced");
    assert_eq!(
        there["createdAt"], synced["createdAt"],
        "the server's time, here as there"
    );
    let digest = Digest::of_sale(&there).expect("a record").to_string();
    assert_eq!(
        digest,
        text(&sale, "digest"),
        "not a digit is lost on the way"
    );
    for name in [
        "lines",
        "tenders",
        "taxes",
        "total",
        "journal",
        "soldAt",
        "fingerprint",
    ] {
        assert_eq!(there.get(name), sale.get(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_changes_nothing() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    let sale = register.sell(&[("bread", "1")]);
    // The same database as it was before it was synced: its sale is sent once more.
    let before = register.copied_unnoticed();
    register.sync(cloud.host()).await;
    let first = cloud.all(Collection::Sales).await;
    let status = before.sync(cloud.host()).await;
    assert_eq!(
        (status.pending, status.failed_total, status.synced_total),
        (0, 0, 1)
    );
    assert_eq!(cloud.all(Collection::Sales).await, first);
    let id = text(&sale, "saleId");
    assert_eq!(before.sale(id)["createdAt"], register.sale(id)["createdAt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_registers_at_once_lose_and_double_nothing() {
    const SALES: usize = 25;
    let cloud = Cloud::new();
    let registers: Vec<_> = (1..=8)
        .map(|n| Register::new(&format!("R{n}"), &cloud))
        .collect();
    let handles: Vec<_> = registers
        .iter()
        .map(|register| register.start(cloud.host()))
        .collect();
    let mut sold = BTreeSet::new();
    for n in 0..SALES {
        for (register, handle) in registers.iter().zip(&handles) {
            let quantity = (n + 1).to_string();
            let sale = register.sell(&[("butter", &quantity), ("espresso", "1")]);
            sold.insert(text(&sale, "saleId").to_owned());
            handle.wake(Wake::Checkout);
        }
    }
    for handle in &handles {
        let status = handle.status();
        until("every register is done", || {
            let status = status.borrow();
            (status.synced_total == 25 && status.pending == 0).then_some(())
        })
        .await;
        handle.stop();
    }
    let there = cloud.all(Collection::Sales).await;
    let ids: BTreeSet<String> = there.iter().map(|found| found.name.id.clone()).collect();
    assert_eq!((there.len(), sold.len()), (8 * SALES, 8 * SALES));
    assert_eq!(ids, sold);
    assert!(cloud.all(Collection::SaleConflicts).await.is_empty());
    let numbers: BTreeSet<String> = there
        .iter()
        .map(|found| found.fields.as_ref().expect("valid")["receiptNumber"].to_string())
        .collect();
    assert_eq!(
        numbers.len(),
        8 * SALES,
        "every receipt number is there once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_syncs_of_one_database_take_turns() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    for n in 1..=30 {
        register.sell(&[("butter", &n.to_string())]);
    }
    let parts = register.parts(cloud.host(), Duration::from_secs(20));
    let patience = Duration::from_secs(60);
    let (one, two) = tokio::join!(
        sync_with_firestore(&parts, patience),
        sync_with_firestore(&parts, patience)
    );
    assert_eq!(one.expect("a drain").pending, 0);
    assert_eq!(two.expect("a drain").pending, 0);
    assert_eq!(cloud.all(Collection::Sales).await.len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_goods_under_another_id_stay_and_are_one_warning() {
    let cloud = Cloud::new();
    let (a, b) = (Register::new("A", &cloud), Register::new("B", &cloud));
    let goods = [("espresso", "1"), ("bread", "2"), ("butter", "1")];
    let first = a.sell(&goods);
    assert_eq!(
        a.sync(cloud.host()).await.warnings,
        0,
        "it is not its own duplicate"
    );
    let second = b.sell(&goods);
    assert_eq!(first["fingerprint"], second["fingerprint"]);
    let status = b.sync(cloud.host()).await;
    assert_eq!((status.warnings, status.failed_total), (1, 0));
    assert_eq!(cloud.all(Collection::Sales).await.len(), 2, "both stay");

    let page = b.till.failed_page(1).expect("a page");
    assert_eq!(page.warnings.len(), 1);
    let ids = [text(&second, "saleId"), text(&first, "saleId")];
    assert_eq!(page.warnings[0].sale_ids, ids, "this register's first");
    b.sync(cloud.host()).await;
    assert_eq!(
        b.till.failed_page(1).expect("a page").warnings.len(),
        1,
        "one for a pair"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_question_clears_many_sales_and_still_finds_the_twin_among_them() {
    let cloud = Cloud::new();
    let (a, b) = (Register::new("A", &cloud), Register::new("B", &cloud));
    let baskets = ["1", "2", "3", "4", "5"].map(|n| [("espresso", n), ("bread", n), ("butter", n)]);
    let sold: Vec<Value> = baskets.iter().map(|basket| a.sell(basket)).collect();
    assert_eq!(a.sync(cloud.host()).await.warnings, 0);

    let twin = b.sell(&baskets[2]);
    b.sell(&[("bread", "9")]);
    let status = b.sync(cloud.host()).await;
    assert_eq!((status.warnings, status.synced_total), (1, 2));
    let page = b.till.failed_page(1).expect("a page");
    let ids = [text(&twin, "saleId"), text(&sold[2], "saleId")];
    assert_eq!(page.warnings[0].sale_ids, ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_espressos_a_minute_are_no_warning_for_a_manager() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    register.sell(&[("espresso", "1")]);
    register.sell(&[("espresso", "1")]);
    let status = register.sync(cloud.host()).await;
    assert_eq!((status.warnings, status.synced_total), (0, 2));
    let pairs: i64 = register
        .db()
        .read(|conn| {
            let all = conn.query_row("SELECT count(*) FROM warnings", [], |row| row.get(0));
            all.map_err(counterfoil_store::StoreError::from)
        })
        .expect("a count");
    assert_eq!(pairs, 1, "noted, and not listed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_was_connected_later_uploads_what_it_sold_before() {
    let cloud = Cloud::new();
    let register = Register::local("A");
    let sale: Value = register.sell(&[("bread", "1")]);
    assert_eq!(text(&sale, "syncState"), "localOnly");
    register.connect(cloud.project(), cloud.store_id());
    assert_eq!(register.sync(cloud.host()).await.synced_total, 1);
}
