//! What a drain takes of memory, in a process that does nothing else: it must not grow with what waits.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::sync::start;
use counterfoil_app::{Places, Till};
use xtask::goals::MEMORY;

use super::shop::{Shop, Waiting};

/// How the benchmark asks itself, in another process, to drain a register.
pub(crate) const DRAIN: &str = "--drain-for-memory";

/// Drains a copy of each register in a process of its own, the shortest queue first, and compares what the last two
/// took. Batches have grown to their largest after some thousand sales; what they hold is what a drain takes, and
/// from there on more that waits must take no more.
pub(crate) async fn compare(shop: &Shop, queues: &[&Waiting]) {
    let mut peaks = Vec::new();
    for waiting in queues {
        let cloud = shop.cloud().await;
        let copy = waiting.register.copied_unnoticed();
        copy.connect(cloud.project(), cloud.store_id());
        let Some(kilobytes) = peak_of(copy.dir(), cloud.host()) else {
            println!("  memory: this system does not say what a process takes");
            return;
        };
        println!(
            "  memory: at most {kilobytes} kB resident while {} sales go up",
            waiting.creates.len()
        );
        peaks.push((waiting.creates.len(), kilobytes));
    }
    if let [.., (few, before), (many, after)] = peaks.as_slice() {
        let hundredths = after * 100 / before.max(&1);
        let found = MEMORY.found(hundredths);
        println!("  {found} ({} times as long)", many / few);
        found.note().unwrap();
    }
}

fn peak_of(dir: &Path, host: &str) -> Option<u64> {
    let mut drain = Command::new(std::env::current_exe().unwrap());
    drain.arg(DRAIN).arg(dir);
    let output = drain.env("FIRESTORE_EMULATOR_HOST", host).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .ok()
}

/// Sends all that waits in `dir`, and prints the most that this process has taken until then.
pub(crate) async fn drain(dir: &Path) {
    let places = Places::within(dir);
    let till = Till::open_existing(&places, Arc::new(SystemClock), Arc::new(RandomIds)).unwrap();
    let (handle, task) = start(till.sync_parts().unwrap());
    let mut status = handle.status();
    let up = status.wait_for(|s| s.synced_total > 0 && s.pending + s.in_flight == 0);
    up.await.unwrap();
    if let Some(kilobytes) = most_resident() {
        println!("{kilobytes}");
    }
    handle.stop();
    task.await.unwrap();
}

/// The peak of the resident set, as Linux tells it (proc(5), `VmHWM`).
fn most_resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
