//! A cloud that takes the register's claim and denies its sales: nobody knows at first whose fault that is.

use counterfoil_app::dto::{ChoiceKind, ResolveInput, SyncPhase, SyncStatus};
use counterfoil_app::sync::{SyncHandle, Wake};
use counterfoil_sync::Collection;
use counterfoil_tests::rig::register::text;
use counterfoil_tests::rig::until;
use serde_json::Value;

use crate::cloud::{Desk, lock};

/// Sells, and waits until what the driver says of it is as wanted.
async fn sold(
    desk: &Desk,
    handle: &SyncHandle,
    n: u32,
    wanted: impl Fn(&SyncStatus) -> bool,
) -> Value {
    let sale = desk.register.sell(&[("bread", &n.to_string())]);
    handle.wake(Wake::Checkout);
    until_status(handle, wanted).await;
    sale
}

async fn until_status(handle: &SyncHandle, wanted: impl Fn(&SyncStatus) -> bool) {
    let status = handle.status();
    until("the status is as wanted", || {
        wanted(&status.borrow()).then_some(())
    })
    .await;
}

fn is_up(status: &SyncStatus, sales: u32) -> bool {
    let counts = (status.synced_total, status.failed_total, status.pending);
    counts == (sales, 0, 0) && status.state == SyncPhase::Idle
}

fn in_the_cloud(desk: &Desk) -> usize {
    let documents = lock(&desk.cloud.documents);
    let sales = documents.keys();
    sales
        .filter(|name| name.collection == Collection::Sales)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sales_of_a_row_are_put_back_when_the_row_is_the_session() {
    let desk = Desk::new();
    let handle = desk.start();
    *lock(&desk.cloud.denies_sales) = true;
    for n in 1..=4 {
        sold(&desk, &handle, n, |status| {
            status.failed_total == n && status.pending == 0
        })
        .await;
    }
    sold(&desk, &handle, 5, |status| {
        let all = status.pending + status.in_flight;
        status.state == SyncPhase::NotAllowed && (all, status.failed_total) == (5, 0)
    })
    .await;
    *lock(&desk.cloud.denies_sales) = false;
    until_status(&handle, |status| is_up(status, 5)).await;
    assert_eq!(in_the_cloud(&desk), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_that_was_denied_goes_up_with_the_next_that_is_accepted() {
    let desk = Desk::new();
    let handle = desk.start();
    *lock(&desk.cloud.denies_sales) = true;
    sold(&desk, &handle, 1, |status| status.failed_total == 1).await;
    *lock(&desk.cloud.denies_sales) = false;
    sold(&desk, &handle, 2, |status| is_up(status, 2)).await;
    assert_eq!(in_the_cloud(&desk), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_sale_stays_in_the_list_when_another_is_accepted() {
    let desk = Desk::new();
    let handle = desk.start();
    *lock(&desk.cloud.bad_total) = Some(340);
    sold(&desk, &handle, 1, |status| status.failed_total == 1).await;
    for n in 2..=4 {
        sold(&desk, &handle, n, |status| {
            let counts = (status.synced_total, status.failed_total, status.pending);
            counts == (n - 1, 1, 0) && status.state == SyncPhase::Idle
        })
        .await;
    }
    let failed = &desk
        .register
        .till
        .sync_status()
        .expect("a status")
        .failed_items[0];
    assert!(!failed.message.contains("by itself"), "{}", failed.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_manager_has_decided_meanwhile_stands() {
    let desk = Desk::new();
    let handle = desk.start();
    *lock(&desk.cloud.denies_sales) = true;
    let sale = sold(&desk, &handle, 1, |status| status.failed_total == 1).await;
    let dismissed = desk.register.till.decide(ResolveInput {
        sale_id: text(&sale, "saleId").to_owned(),
        choice: ChoiceKind::Dismiss,
        reason: "a drill".to_owned(),
        by: "Mara".to_owned(),
        money: None,
        card_reference: None,
        restock: None,
        restock_lines: Vec::new(),
    });
    dismissed.expect("dismissed");
    *lock(&desk.cloud.denies_sales) = false;
    sold(&desk, &handle, 2, |status| is_up(status, 1)).await;
    handle.wake(Wake::User);
    sold(&desk, &handle, 3, |status| is_up(status, 2)).await;
    assert_eq!(in_the_cloud(&desk), 2, "the dismissed one stays here");
}
