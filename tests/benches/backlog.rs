//! What 50,000 sales that wait for the cloud cost at the till: a checkout, a start-up and the sync panel, beside
//! a register of as many sales of which none waits, and beside one that has just been set up. The three take
//! turns, so that whatever else the machine does strikes all of them.
//!
//! Goal: at most 1.2 times a register of the same sales where none waits; beside one that is new it shows what a
//! database of that size costs, whatever waits in it. `cargo xtask bench backlog` prints it.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot start ends")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::{OfferedCart, Places, Till};
use counterfoil_store::StoreError;
use counterfoil_tests::rig::register::Register;
use serde_json::json;
use xtask::goals::{CHECKOUT_BESIDE_A_QUEUE, Goal, PANEL_BESIDE_A_QUEUE, START_BESIDE_A_QUEUE};

const WAITING: usize = 50_000;
const CHECKOUTS: usize = 400;
const STARTS: usize = 60;
const LOOKS: usize = 400;

/// One register, and what was measured at it.
struct Case {
    name: &'static str,
    register: Register,
}

impl Case {
    /// A register of so many sales; all of them wait.
    fn of(name: &'static str, sales: usize) -> Self {
        let register = Register::local("A");
        for _ in 0..sales {
            checkout(&register.till);
        }
        register.connect("demo-bench", "bench");
        Self { name, register }
    }

    /// The same register at a moment when all of it was in the cloud.
    fn when_all_was_up(&self, name: &'static str) -> Self {
        let register = self.register.copied_unnoticed();
        let up = "UPDATE outbox SET state = 'synced', created_at = not_before";
        let moved = register.db().write(|tx| {
            let moved = tx.execute(up, []);
            moved.map_err(StoreError::from)
        });
        assert_eq!(moved.unwrap(), WAITING);
        Self { name, register }
    }

    fn waiting(&self) -> u32 {
        self.register.till.sync_status().unwrap().pending
    }
}

fn checkout(till: &Till) {
    let cart = json!({
        "lines": [
            {"sku": "espresso", "quantity": "2"}, {"sku": "bread", "quantity": "1"},
            {"sku": "butter", "quantity": "1"}, {"sku": "apples", "quantity": "0.734"},
        ],
        "cashier": "Ann", "tenders": [{"method": "cash", "amount": 100_000}],
    });
    let cart = OfferedCart::parse(&cart.to_string()).unwrap();
    till.checkout(cart).unwrap();
}

/// What a program does until it can sell and say how the sync stands.
fn start_up(case: &Case) {
    let places = Places::within(case.register.dir());
    let till = Till::open_existing(&places, Arc::new(SystemClock), Arc::new(RandomIds)).unwrap();
    black_box(till.app_state().unwrap());
    black_box(till.sync_status().unwrap());
}

/// What the window asks when its sync panel opens.
fn look(case: &Case) {
    black_box(case.register.till.sync_status().unwrap());
    black_box(case.register.till.failed_page(1).unwrap());
}

/// The median of `rounds`, in which the cases take turns.
fn medians(cases: &[&Case], rounds: usize, work: impl Fn(&Case)) -> Vec<Duration> {
    let mut took = vec![Vec::with_capacity(rounds); cases.len()];
    for round in 0..rounds {
        // Nobody always comes after the same other.
        for turn in 0..cases.len() {
            let place = (turn + round) % cases.len();
            let begun = Instant::now();
            work(cases[place]);
            took[place].push(begun.elapsed());
        }
    }
    let median = |mut took: Vec<Duration>| {
        took.sort_unstable();
        took[took.len() / 2]
    };
    took.into_iter().map(median).collect()
}

fn say(goal: Goal, cases: &[&Case], rounds: usize, work: impl Fn(&Case)) {
    let medians = medians(cases, rounds, work);
    let ours = medians[0];
    let times = |took: &Duration| {
        let hundredths = ours.as_nanos() * 100 / took.as_nanos().max(1);
        u64::try_from(hundredths).unwrap()
    };
    let found = goal.found(times(&medians[1]));
    println!("  {found}");
    found.note().unwrap();
    println!("    {WAITING} waiting: {} µs", ours.as_micros());
    for (case, took) in cases.iter().zip(&medians).skip(1) {
        let hundredths = times(took);
        println!(
            "    {}.{:02} times {} ({} µs)",
            hundredths / 100,
            hundredths % 100,
            case.name,
            took.as_micros(),
        );
    }
}

fn main() {
    // Cargo hands every benchmark the same words; criterion's own begin with dashes.
    let names: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    if !names.is_empty() && !names.iter().any(|name| "backlog".contains(name.as_str())) {
        return;
    }
    println!("\nbacklog: what {WAITING} sales that wait cost at the till");
    let waiting = Case::of("", WAITING);
    let all_up = waiting.when_all_was_up("as many of which none waits");
    let empty = Case::of("a register just set up", 1);
    assert_eq!(waiting.waiting() as usize, WAITING);
    assert_eq!(all_up.waiting(), 0);
    let cases = [&waiting, &all_up, &empty];
    say(PANEL_BESIDE_A_QUEUE, &cases, LOOKS, look);
    say(START_BESIDE_A_QUEUE, &cases, STARTS, start_up);
    say(CHECKOUT_BESIDE_A_QUEUE, &cases, CHECKOUTS, |case| {
        checkout(&case.register.till);
    });
}
