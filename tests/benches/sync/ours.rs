//! Ours: the driver as the till runs it.

use std::time::{Duration, Instant};

use counterfoil_app::clock::SystemClock;
use counterfoil_app::db::Db;
use counterfoil_app::sync::{SyncHandle, SyncStore as _, start};
use counterfoil_domain::Clock as _;
use counterfoil_store::Connection;
use counterfoil_store::table::{duplicate_checks, sync_costs};
use counterfoil_sync::{Bill, Purpose, Spent};
use tokio::task::JoinHandle;

use super::figure::Figure;
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
    let took = begun.elapsed();
    let before = billed(registers);
    let uploaded = Figure {
        sales,
        took,
        billed: before.of(Purpose::Upload),
    };
    uploaded.say("ours, the upload");
    let Spent { reads, writes } = before.of(Purpose::Session);
    println!("  ours, before the first sale: {writes} writes and {reads} reads in all");
    let checked = check(drivers, registers, sales, &before).await;
    checked.say("ours, the checks and all else after it");
    uploaded
}

type Driver = (SyncHandle, JoinHandle<()>, Db);

/// Watches the checks until all is checked or the time for it is over, and ends the drivers.
async fn check(
    drivers: Vec<Driver>,
    registers: &[&Waiting],
    sales: usize,
    before: &Bill,
) -> Figure {
    let begun = Instant::now();
    let all_checked = || {
        let mut stores = drivers.iter().map(|(.., store)| store);
        stores.all(|store| store.is_drained().unwrap())
    };
    while !all_checked() && begun.elapsed() < CHECKED_FOR {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let took = begun.elapsed();
    let now = SystemClock.now();
    let owed = |conn: &Connection| duplicate_checks::owed(conn, u32::MAX, now);
    let mut checked = sales;
    for (handle, task, store) in drivers {
        handle.stop();
        task.await.unwrap();
        checked -= store.read(owed).unwrap().len();
    }
    // What was read beside outcomes is written down when a session ends, at the latest.
    Figure {
        sales: checked,
        took,
        billed: since(before, &billed(registers)),
    }
}

/// What the registers have counted, and for what.
fn billed(registers: &[&Waiting]) -> Bill {
    let costs = registers.iter().flat_map(|waiting| {
        let costs = waiting.register.db().read(sync_costs::total);
        costs.unwrap()
    });
    let mut bill = Bill::default();
    for cost in costs {
        bill.add(cost.purpose, cost.spent);
    }
    bill
}

/// What came to the bill after `before`.
fn since(before: &Bill, now: &Bill) -> Spent {
    let sum = |bill: &Bill| {
        let spent = bill.iter().map(|(_, spent)| spent);
        spent.fold((0, 0), |(writes, reads), spent| {
            (writes + spent.writes, reads + spent.reads)
        })
    };
    let ((writes_before, reads_before), (writes, reads)) = (sum(before), sum(now));
    Spent {
        reads: reads - reads_before,
        writes: writes - writes_before,
    }
}
