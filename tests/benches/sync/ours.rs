//! Ours: the driver as the till runs it.

use std::time::{Duration, Instant};

use counterfoil_app::clock::SystemClock;
use counterfoil_app::sync::{SyncStore as _, start};
use counterfoil_domain::Clock as _;
use counterfoil_store::Connection;
use counterfoil_store::table::{duplicate_checks, sync_costs};
use counterfoil_sync::Purpose;

use super::Figure;
use super::shop::{DEADLINE, Shop, Waiting};

/// How long the checks for duplicates are watched. A real index answers them at once; the emulator reads the whole
/// collection for each, and of 20,000 it would take most of an hour.
const CHECKED_FOR: Duration = Duration::from_secs(60);

/// Drains the registers: says how the upload went as soon as it is over, then how the checks for duplicates go that
/// follow it.
pub(crate) async fn drain(shop: &Shop, registers: &[&Waiting]) -> Figure {
    let cloud = shop.cloud().await;
    let sales: usize = registers.iter().map(|waiting| waiting.creates.len()).sum();
    for waiting in registers {
        waiting.register.connect(cloud.project(), cloud.store_id());
    }
    let figure = |since: Instant, upload: bool| Figure {
        sales,
        took: since.elapsed(),
        billed: billed(registers, upload),
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
    let uploaded = figure(begun, true);
    uploaded.say("ours, the upload");
    let begun = Instant::now();
    let all_checked = || {
        let mut stores = drivers.iter().map(|(.., store)| store);
        stores.all(|store| store.is_drained().unwrap())
    };
    while !all_checked() && begun.elapsed() < CHECKED_FOR {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let now = SystemClock.now();
    let owed = |conn: &Connection| duplicate_checks::owed(conn, u32::MAX, now);
    let stores = drivers.iter().map(|(.., store)| store);
    let owed: usize = stores.map(|store| store.read(owed).unwrap().len()).sum();
    let checked = Figure {
        sales: sales - owed,
        ..figure(begun, false)
    };
    checked.say("ours, the checks and all else after it");
    for (handle, task, _) in drivers {
        handle.stop();
        task.await.unwrap();
    }
    uploaded
}

/// Writes and reads of the upload, or of all that is asked beside it, as the registers have counted them.
fn billed(registers: &[&Waiting], upload: bool) -> (u64, u64) {
    let costs = registers.iter().flat_map(|waiting| {
        let costs = waiting.register.db().read(sync_costs::total);
        costs.unwrap()
    });
    costs
        .filter(|cost| (cost.purpose == Purpose::Upload) == upload)
        .fold((0, 0), |(writes, reads), cost| {
            (writes + cost.spent.writes, reads + cost.spent.reads)
        })
}
