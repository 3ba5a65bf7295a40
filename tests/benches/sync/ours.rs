//! Ours: the driver as the till runs it.

use std::time::{Duration, Instant};

use counterfoil_app::sync::start;
use tokio::task::JoinSet;

use super::Figure;
use super::shop::{DEADLINE, Shop, Waiting};

/// Drains the registers; the upload, and the checks for duplicates that follow it.
pub(crate) async fn drain(shop: &Shop, registers: &[&Waiting]) -> (Figure, Figure) {
    let cloud = shop.cloud().await;
    let sales: usize = registers.iter().map(|waiting| waiting.creates.len()).sum();
    for waiting in registers {
        waiting.register.connect(cloud.project(), cloud.store_id());
    }
    let begun = Instant::now();
    let mut drains = JoinSet::new();
    for waiting in registers {
        let parts = waiting.register.parts(cloud.host(), DEADLINE);
        let store = waiting.register.db();
        drains.spawn(async move {
            let (handle, task) = start(parts);
            let mut status = handle.status();
            let up = status.wait_for(|s| s.synced_total > 0 && s.pending + s.in_flight == 0);
            up.await.unwrap();
            let up = Instant::now();
            while !counterfoil_app::sync::SyncStore::is_drained(&store).unwrap() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            handle.stop();
            task.await.unwrap();
            (up, Instant::now())
        });
    }
    let (mut up, mut checked) = (begun, begun);
    while let Some(done) = drains.join_next().await {
        let done = done.unwrap();
        up = up.max(done.0);
        checked = checked.max(done.1);
    }
    let figure = |took| Figure {
        sales,
        took,
        billed: None,
    };
    (figure(up - begun), figure(checked - up))
}
