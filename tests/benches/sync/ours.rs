//! Ours: the driver as the till runs it.

use std::time::{Duration, Instant};

use counterfoil_app::sync::{SyncStore as _, start};

use super::Figure;
use super::shop::{DEADLINE, Shop, Waiting};

/// Drains the registers: says how the upload went as soon as it is over, then waits for the checks for duplicates
/// that follow it. (A real index answers those at once; the emulator reads the whole collection for each.)
pub(crate) async fn drain(shop: &Shop, registers: &[&Waiting]) -> Figure {
    let cloud = shop.cloud().await;
    let sales: usize = registers.iter().map(|waiting| waiting.creates.len()).sum();
    for waiting in registers {
        waiting.register.connect(cloud.project(), cloud.store_id());
    }
    let figure = |since: Instant| Figure {
        sales,
        took: since.elapsed(),
        billed: None,
    };
    let begun = Instant::now();
    let drivers = registers.iter().map(|waiting| {
        let (handle, task) = start(waiting.register.parts(cloud.host(), DEADLINE));
        (handle, task, waiting.register.db())
    });
    let drivers: Vec<_> = drivers.collect();
    for (handle, ..) in &drivers {
        let mut status = handle.status();
        let up = status.wait_for(|s| s.synced_total > 0 && s.pending + s.in_flight == 0);
        up.await.unwrap();
    }
    let uploaded = figure(begun);
    uploaded.say("ours, the upload");
    let begun = Instant::now();
    for (handle, task, store) in drivers {
        while !store.is_drained().unwrap() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        handle.stop();
        task.await.unwrap();
    }
    figure(begun).say("ours, the checks for duplicates after it");
    uploaded
}
