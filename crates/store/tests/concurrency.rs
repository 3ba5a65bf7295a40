//! Two threads or two programs ring up at once: numbers without a gap, a chain without a break.

mod shop;

use std::path::Path;
use std::process::Command;
use std::thread;

use counterfoil_store::table::sales;
use counterfoil_store::{Store, verify};
use shop::{NOW, ring_up, shop};

const EACH: u128 = 40;
const CHILD: &str = "COUNTERFOIL_STORE_CHILD";

fn ring_up_many(dir: &Path, first: u128) {
    let mut store = Store::open_existing(dir, NOW).expect("the shop's database");
    for seed in first..first + EACH {
        ring_up(&mut store, seed, 1).expect("a sale");
    }
}

fn assert_gapless(store: &Store, expected: i64) {
    let chains = store.read(verify).expect("verified");
    assert_eq!(chains[0].broken, None);
    assert_eq!((chains[0].links, chains[0].sales), (expected, expected));
    for number in 1..=expected {
        let receipt = format!("A-{number:06}");
        let found = sales::by_receipt(store.connection(), &receipt).expect("read");
        assert!(found.is_some(), "{receipt} is missing");
    }
}

#[test]
fn two_threads_leave_no_gap() {
    let shop = shop();
    thread::scope(|scope| {
        for first in [1_000, 2_000] {
            let dir = shop.dir.path();
            scope.spawn(move || ring_up_many(dir, first));
        }
    });
    assert_gapless(&shop.store, 80);
}

/// Starts itself twice: with the variable set it is one of the other programs.
#[test]
fn two_programs_leave_no_gap() {
    if let Ok(task) = std::env::var(CHILD) {
        let (first, dir) = task.split_once(' ').expect("a number and a folder");
        return ring_up_many(Path::new(dir), first.parse().expect("a number"));
    }
    let shop = shop();
    let before = shop.store.data_version().expect("a version");
    let program = std::env::current_exe().expect("this program");
    let children: Vec<_> = ["1000", "2000"]
        .map(|first| {
            Command::new(&program)
                .args(["--exact", "two_programs_leave_no_gap", "--quiet"])
                .env(CHILD, format!("{first} {}", shop.dir.path().display()))
                .spawn()
                .expect("another program")
        })
        .into();
    for mut child in children {
        assert!(child.wait().expect("its end").success());
    }
    assert_gapless(&shop.store, 80);
    assert_ne!(
        shop.store.data_version().expect("a version"),
        before,
        "others' writes are noticed"
    );
}

#[test]
fn programs_that_start_at_once_make_one_database() {
    let dir = tempfile::tempdir().expect("a folder");
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Store::open(dir.path(), NOW).map(drop).expect("opened"));
        }
    });
    Store::open_read_only(dir.path())
        .expect("complete")
        .check()
        .expect("sound");
}

#[test]
fn a_reader_sees_one_moment_while_others_write() {
    let mut shop = shop();
    let reader = Store::open_read_only(shop.dir.path()).expect("a reader");
    let seen: Result<_, counterfoil_store::StoreError> = reader.read(|conn| {
        let before = sales::list(conn, None, 10)?.len();
        ring_up(&mut shop.store, 1, 1)?;
        Ok((before, sales::list(conn, None, 10)?.len()))
    });
    assert_eq!(seen.expect("read"), (0, 0));
    assert_eq!(
        sales::list(reader.connection(), None, 10)
            .expect("read")
            .len(),
        1
    );
}
