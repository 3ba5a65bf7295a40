//! `kill -9`, at moments drawn from a seed, over everything that sells and uploads: `counterfoilctl checkout --lines`,
//! `counterfoilctl sync watch` and the desktop program; eight registers of one store, Google's emulator behind.
//!
//! `COUNTERFOIL_KILLS` says how many (20), `COUNTERFOIL_KILLS_SEED` with which seed; it is printed.

#![allow(missing_docs, reason = "test names are sentences")]
#![expect(
    clippy::print_stdout,
    reason = "it says with which seed it kills, and what it hit"
)]

mod check;
mod counter;
mod plan;
mod seller;
mod watcher;
mod window;

use std::collections::BTreeMap;

use counterfoil_app::clock::RandomIds;
use counterfoil_domain::IdSource as _;
use counterfoil_tests::rig::by_itself;
use counterfoil_tests::rig::cloud::Cloud;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use counter::Counter;
use plan::{Draw, During, Hit, Phase, Plan, reached};

/// Kills of one store; more of them are spread over several.
const KILLS_IN_A_ROUND: usize = 20;
/// The last of them has the window.
const REGISTERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_any_moment_no_sale_is_lost_or_doubled() {
    let kills = number("COUNTERFOIL_KILLS").unwrap_or(20);
    let drawn = u64::from(RandomIds.uuid().as_fields().0);
    let first = number("COUNTERFOIL_KILLS_SEED").unwrap_or(drawn);
    let cloud = Cloud::new();
    let mut left = usize::try_from(kills).expect("a number of kills");
    for seed in first.. {
        let round = left.min(KILLS_IN_A_ROUND);
        if round == 0 {
            break;
        }
        println!("{round} kills: COUNTERFOIL_KILLS={round} COUNTERFOIL_KILLS_SEED={seed}");
        run(cloud.sibling(), seed, round).await;
        left -= round;
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

async fn run(cloud: Cloud, seed: u64, kills: usize) {
    let mut draw = Draw::new(seed);
    let plan = Plan::draw(&mut draw, kills, REGISTERS);
    let folder = tempfile::tempdir().expect("a folder for the registers");
    let counters: Vec<Counter> = (1..=REGISTERS)
        .map(|n| Counter::set_up(folder.path(), &format!("R{n}"), &cloud))
        .collect();
    let (hits, mut told) = mpsc::unbounded_channel();
    let (phase, at) = watch::channel(Phase::Selling);

    let (mut sellers, mut others) = (JoinSet::new(), JoinSet::new());
    let (with_window, without) = counters.split_last().expect("registers");
    for (n, counter) in without.iter().enumerate() {
        let (kills, draw) = (plan.sellers[n].clone(), draw.branch());
        let seller = seller::Seller::new(counter.clone(), kills, draw, hits.clone());
        sellers.spawn(seller.sell(at.clone()));
        let watcher = watcher::watch(counter.clone(), plan.watchers[n].clone(), hits.clone());
        others.spawn(watcher_until(at.clone(), watcher));
    }
    let (rung_up, last) = oneshot::channel();
    let till = window::sell(with_window.clone(), plan.window.clone(), hits, at, rung_up);
    tokio::pin!(till);

    let mut struck: BTreeMap<Hit, usize> = BTreeMap::new();
    for _ in 0..kills {
        tokio::select! {
            hit = told.recv() => *struck.entry(hit.expect("somebody is to be killed")).or_default() += 1,
            shown = &mut till => panic!("the window was closed before the last kill: {shown:?}"),
            Some(early) = sellers.join_next() => panic!("a seller ended before the last kill: {early:?}"),
            Some(early) = others.join_next() => panic!("a watch ended before the last kill: {early:?}"),
        }
    }
    phase.send_replace(Phase::Draining);
    let (shown, printed) = tokio::join!(till, async {
        let printed = ended(sellers).await;
        last.await.expect("the window has sold");
        // Whoever uploads has outlived its kills: it has to bring up by itself what waits.
        drained(&counters).await;
        phase.send_replace(Phase::Over);
        ended(others).await;
        printed
    });
    let sales = check::all(&cloud, &counters, &printed, &shown).await;
    for (hit, times) in &struck {
        println!("  {times} × {hit}");
    }
    // Three of four are aimed at the middle of something, and some come a moment late; a round in which nearly all
    // did has shown nothing.
    let idle = struck.iter().filter(|(hit, _)| hit.during == During::Idle);
    let idle: usize = idle.map(|(_, times)| times).sum();
    assert!(
        kills < KILLS_IN_A_ROUND || idle * 4 <= kills * 3,
        "{idle} of {kills} kills hit a program that only waited"
    );
    println!(
        "  {sales} sales, each in the cloud once; {} were shown in the window",
        shown.len()
    );
}

/// Waits until no register has anything to upload any more.
async fn drained(counters: &[Counter]) {
    for counter in counters {
        let what = format!("all of {} is uploaded", counter.name);
        by_itself(&what, || counter.waiting().is_empty().then_some(())).await;
    }
}

/// What the tasks came to.
async fn ended<T: 'static>(mut tasks: JoinSet<T>) -> Vec<T> {
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        all.push(done.expect("it came to its end"));
    }
    all
}

/// A watch goes on until everything is over, whenever its kills are done.
async fn watcher_until(mut phase: watch::Receiver<Phase>, watching: impl Future<Output = ()>) {
    tokio::select! {
        () = watching => {}
        () = reached(&mut phase, Phase::Over) => {}
    }
}
