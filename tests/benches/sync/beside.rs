//! Whoever sells while a long queue goes up: the drain and the cashier write to one database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use counterfoil_app::sync::start;
use counterfoil_tests::rig::register::Register;

use super::at_once::AtOnce;
use super::shop::Waiting;

/// As long as a commit of some hundred sales takes where the network is good: the shorter, the more the drain writes.
const ANSWERS_AFTER: Duration = Duration::from_millis(50);
/// Between two checkouts.
const PAUSE: Duration = Duration::from_millis(3);
/// Checkouts while nothing is sent.
const ALONE: usize = 400;

/// Checks out while nothing is sent, then while all that waits goes up.
pub(crate) async fn compare(waiting: &Waiting) {
    let alone = waiting.register.copied_unnoticed();
    let alone = tokio::task::spawn_blocking(move || {
        let took = (0..ALONE).map(|_| checkout(&alone)).collect();
        Spread::of(took)
    });
    let alone = alone.await.unwrap();
    let register = waiting.register.copied_unnoticed();
    let answers_after = ANSWERS_AFTER;
    let (handle, task) = start(AtOnce { answers_after }.parts(&register));
    let mut status = handle.status();
    let goes_up = status.wait_for(|s| s.synced_total > 0);
    goes_up.await.unwrap();
    let all_up = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&all_up);
    let selling = tokio::task::spawn_blocking(move || {
        let mut took = Vec::new();
        while !seen.load(Ordering::Relaxed) {
            took.push(checkout(&register));
        }
        Spread::of(took)
    });
    let up = status.wait_for(|s| s.pending + s.in_flight < 100);
    up.await.unwrap();
    all_up.store(true, Ordering::Relaxed);
    let beside = selling.await.unwrap();
    handle.stop();
    task.await.unwrap();
    alone.say("checkout while nothing is sent");
    beside.say(&format!(
        "checkout while {} sales go up",
        waiting.creates.len()
    ));
}

fn checkout(register: &Register) -> Duration {
    std::thread::sleep(PAUSE);
    let begun = Instant::now();
    register.sell(&[("espresso", "2"), ("bread", "1"), ("apples", "0.734")]);
    begun.elapsed()
}

struct Spread {
    times: usize,
    median: Duration,
    /// All but one in a hundred take no longer.
    most: Duration,
}

impl Spread {
    fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        let times = took.len();
        Self {
            times,
            median: took[times / 2],
            most: took[times * 99 / 100],
        }
    }

    fn say(&self, what: &str) {
        let ms =
            |took: Duration| format!("{}.{} ms", took.as_millis(), took.as_micros() / 100 % 10);
        let (median, most) = (ms(self.median), ms(self.most));
        println!(
            "  {what:<42} {median}, 99 of 100 within {most}   ({} times)",
            self.times
        );
    }
}
