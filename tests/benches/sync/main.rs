//! How fast sales come into the cloud, and what that costs, against the same emulator in one run:
//!
//! - ours: the whole driver, from a register's database into the cloud and back into its database;
//! - raw: guarded commits of the very same documents, encoded before the clock starts, in batches of 200;
//! - ours, to a cloud that takes all at once: the register's own work, without encoding and the wire;
//! - a checkout while a queue goes up, beside one while nothing is sent;
//! - classic: one transaction per sale that first asks for the same id in the last 60 seconds.
//!
//! Goal: ours reaches at least 80 % of raw, 20,000 sales of one register, and takes no more memory than for 10,000. `cargo xtask bench sync` prints it.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot start ends")]

mod at_once;
mod beside;
mod classic;
mod memory;
mod ours;
mod raw;
mod shop;

use std::path::Path;
use std::time::Duration;

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

/// What one way came to.
struct Figure {
    sales: usize,
    took: Duration,
    /// Writes and reads that are billed, as if somebody was signed in: every request reads the membership.
    billed: (u64, u64),
}

impl Figure {
    fn per_second(&self) -> usize {
        let ms = usize::try_from(self.took.as_millis())
            .unwrap_or(usize::MAX)
            .max(1);
        self.sales * 1_000 / ms
    }

    fn say(&self, what: &str) {
        let each = |operations: u64| {
            let thousandths = operations * 1_000 / u64::try_from(self.sales.max(1)).unwrap();
            format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
        };
        let (writes, reads) = (each(self.billed.0), each(self.billed.1));
        println!(
            "  {what:<42} {:>7} sales/s   ({} sales, {} ms, {writes} writes and {reads} reads a sale)",
            self.per_second(),
            self.sales,
            self.took.as_millis()
        );
    }
}

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
    let mut names = words
        .iter()
        .filter(|word| !word.starts_with('-'))
        .peekable();
    if names.peek().is_some() && !names.any(|name| "sync".contains(name.as_str())) {
        return;
    }
    runtime.block_on(run());
}

async fn run() {
    let shop = Shop::open();
    backlog(&shop).await;
    for several in [1, 4, 16] {
        together(&shop, several).await;
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

async fn together(shop: &Shop, several: usize) {
    println!("\nsync: {several} registers at once");
    let open = registers(several, SHARED / several);
    let all: Vec<_> = open.iter().collect();
    raw::drain(shop, &all, 4)
        .await
        .say("raw, batches of 200, 4 in flight each");
    ours::drain(shop, &all).await;
    let open = registers(several, CLASSIC / several);
    let all: Vec<_> = open.iter().collect();
    classic::drain(shop, &all, CLASSIC_TIME)
        .await
        .say("classic, one transaction per sale");
}
