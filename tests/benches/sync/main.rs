//! How fast sales come into the cloud, and what that costs, against the same emulator in one run:
//!
//! - ours: the whole driver, from a register's database into the cloud and back into its database;
//! - raw: guarded commits of the very same documents, encoded before the clock starts, in batches of 200;
//! - ours, to a cloud that takes all at once: the register's own work, without encoding and the wire;
//! - a checkout while a queue goes up, beside one while nothing is sent;
//! - classic: one transaction per sale that first asks for the same id in the last 60 seconds.
//!
//! All three are billed by one meter, the driver's: what was really sent, aborted attempts too.
//!
//! Goal: ours reaches at least 80 % of raw, 20,000 sales of one register, and takes no more memory than for 10,000.
//! `cargo xtask bench sync` prints it all, `cargo xtask bench sync/registers` the last table alone.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot start ends")]

mod at_once;
mod beside;
mod bill;
mod classic;
mod figure;
mod memory;
mod ours;
mod raw;
mod shop;

use std::path::Path;
use std::time::Duration;

use figure::{Figure, Row};
use shop::{Shop, registers};
use xtask::goals::UPLOAD;

/// As in the programs: what a drain takes is measured with their heap.
#[global_allocator]
static HEAP: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sales of the one register that has a long queue.
const BACKLOG: usize = 20_000;
/// Sales over all registers, where several send at once.
const SHARED: usize = 4_000;
/// How long the classic way gets for its share: of several that work at once it may never come to an end.
const CLASSIC_TIME: Duration = Duration::from_secs(20);
/// Sales over all registers that the classic way is given.
const CLASSIC: usize = 1_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [first, dir] = words.as_slice()
        && first == memory::DRAIN
    {
        return runtime.block_on(memory::drain(Path::new(dir)));
    }
    // Cargo hands every benchmark the same words; criterion's own begin with dashes.
    let names = words.iter().filter(|word| !word.starts_with('-'));
    let names: Vec<&str> = names.map(String::as_str).collect();
    let wanted = |part: &str| names.is_empty() || names.iter().any(|name| part.contains(name));
    runtime.block_on(run(wanted("sync/queue"), wanted("sync/registers")));
}

async fn run(queue: bool, several: bool) {
    if !(queue || several) {
        return;
    }
    let shop = Shop::open();
    if queue {
        backlog(&shop).await;
    }
    if several {
        let mut rows = Vec::new();
        for several in [1, 4, 16] {
            rows.push(together(&shop, several).await);
        }
        figure::table(&rows);
    }
}

async fn backlog(shop: &Shop) {
    println!("\nsync: {BACKLOG} sales of one register");
    let register = registers(1, BACKLOG).pop().unwrap();
    let mut best: Option<Figure> = None;
    for in_flight in [1, 2, 4, 8] {
        let figure = raw::drain(shop, &[&register], in_flight).await;
        figure.say(&format!("raw, batches of 200, {in_flight} in flight"));
        if best
            .as_ref()
            .is_none_or(|best| figure.per_second() > best.per_second())
        {
            best = Some(figure);
        }
    }
    let half = registers(1, BACKLOG / 2).pop().unwrap();
    memory::compare(shop, &[shop.warming(), &half, &register]).await;
    at_once::drain(&half)
        .await
        .say("ours, to a cloud that takes all at once");
    beside::compare(&register).await;
    let uploaded = ours::drain(shop, &[&register]).await;
    let percent = uploaded.per_second() * 100 / best.unwrap().per_second().max(1);
    let found = UPLOAD.found(u64::try_from(percent).unwrap());
    println!("  {found}");
    found.note().unwrap();
}

async fn together(shop: &Shop, several: usize) -> Row {
    println!("\nsync: {several} registers at once");
    let open = registers(several, SHARED / several);
    let all: Vec<_> = open.iter().collect();
    let raw = raw::drain(shop, &all, 4).await;
    raw.say("raw, batches of 200, 4 in flight each");
    let ours = ours::drain(shop, &all).await;
    let open = registers(several, CLASSIC / several);
    let all: Vec<_> = open.iter().collect();
    let classic = classic::drain(shop, &all, CLASSIC_TIME).await;
    classic.say("classic, one transaction per sale");
    Row {
        registers: several,
        ours,
        raw,
        classic,
    }
}
