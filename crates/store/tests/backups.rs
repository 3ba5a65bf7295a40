//! Copies made in the middle of selling, and put back without a moment without a database.

mod shop;

use std::fs;
use std::thread;

use counterfoil_domain::Timestamp;
use counterfoil_store::table::sales;
use counterfoil_store::{ErrorKind, FILE_NAME, Store, StoreError, backup, verify};
use shop::{NOW, Shop, ring_up, row_counts, sale_id, shop};

const LATER: Timestamp = NOW.plus_ms(60_000);

fn replace(
    dir: &std::path::Path,
    file: &std::path::Path,
    now: Timestamp,
) -> Result<backup::Replaced, StoreError> {
    backup::replace(dir, file, now, |_, _| Ok(()))
}

#[test]
fn a_backup_is_one_file_with_all_that_was_sold() {
    let Shop { dir, mut store } = shop();
    ring_up(&mut store, 1, 1).expect("a sale");
    let target = dir.path().join("copies.db");
    store.backup_to(&target).expect("a backup");
    store
        .backup_to(&target)
        .expect("a later one takes its place");
    backup::inspect(&target).expect("sound");
    let copy = rusqlite::Connection::open(&target).expect("a database");
    assert_eq!(row_counts(&copy), row_counts(store.connection()));
    assert!(!dir.path().join("copies.db-wal").exists());
}

#[test]
fn a_database_is_not_its_own_backup() {
    let Shop { dir, store } = shop();
    let refused = store
        .backup_to(&dir.path().join(FILE_NAME))
        .expect_err("itself");
    assert_eq!(refused.kind(), ErrorKind::Refused);
}

#[test]
fn a_backup_made_while_selling_holds_one_moment() {
    let Shop { dir, mut store } = shop();
    let path = dir.path();
    thread::scope(|scope| {
        scope.spawn(move || {
            for seed in 1..=60 {
                ring_up(&mut store, seed, 1).expect("a sale");
            }
        });
        let reader = Store::open_read_only(path).expect("a reader");
        for round in 0..5 {
            let target = path.join(format!("copy-{round}.db"));
            reader.backup_to(&target).expect("a backup");
            let restored = tempfile::tempdir().expect("a folder");
            replace(restored.path(), &target, NOW).expect("restored");
            let copy = Store::open(restored.path(), NOW).expect("a database");
            assert_eq!(verify(copy.connection()).expect("verified")[0].broken, None);
        }
    });
}

#[test]
fn a_restored_database_replaces_the_present_one_which_is_kept() {
    let Shop { dir, mut store } = shop();
    ring_up(&mut store, 1, 1).expect("a sale");
    let target = dir.path().join("old.db");
    store.backup_to(&target).expect("a backup");
    ring_up(&mut store, 2, 1).expect("a later sale");
    let watcher = Store::open_read_only(dir.path()).expect("another program");
    let replaced = replace(dir.path(), &target, LATER).expect("restored");
    let gone = sales::by_id(watcher.connection(), sale_id(2)).expect("read");
    assert_eq!(
        gone, None,
        "a program that has it open sees the restored one"
    );
    store.check().expect("sound");
    ring_up(&mut store, 3, 1).expect("and goes on");
    let kept = replaced.before.expect("kept");
    let rescue = tempfile::tempdir().expect("a folder");
    replace(rescue.path(), &kept, LATER).expect("the replaced one, restored");
    let rescued = Store::open(rescue.path(), LATER).expect("a database");
    assert!(
        sales::by_id(rescued.connection(), sale_id(2))
            .expect("read")
            .is_some()
    );
}

#[test]
fn what_is_refused_when_nobody_can_write_any_more_leaves_everything_as_it_was() {
    let Shop { dir, mut store } = shop();
    ring_up(&mut store, 1, 1).expect("a sale");
    let target = dir.path().join("old.db");
    store.backup_to(&target).expect("a backup");
    ring_up(&mut store, 2, 1).expect("a later sale");
    let refused = backup::replace(dir.path(), &target, LATER, |present, backup| {
        let held = |conn| sales::count(conn).expect("counted");
        assert_eq!((held(present), held(backup)), (2, 1));
        // One that says it is damaged is not set aside for that.
        Err(StoreError::Damaged("it may not be".to_owned()))
    });
    assert_eq!(refused.expect_err("refused").kind(), ErrorKind::Damaged);
    let files = fs::read_dir(dir.path()).expect("a folder");
    let kept = files
        .map(|file| file.expect("a file").file_name())
        .filter(|name| name.to_string_lossy().contains("before-restore"));
    assert_eq!(kept.count(), 0, "nothing was replaced, nothing is kept");
    ring_up(&mut store, 3, 1).expect("and it goes on");
    store.check().expect("sound");
    assert_eq!(sales::count(store.connection()).expect("counted"), 3);
}

#[test]
fn a_damaged_database_is_set_aside_and_replaced() {
    let Shop { dir, store } = shop();
    let target = dir.path().join("old.db");
    store.backup_to(&target).expect("a backup");
    drop(store);
    fs::write(dir.path().join(FILE_NAME), [0x55; 9000]).expect("damaged");
    let replaced = replace(dir.path(), &target, LATER).expect("restored");
    assert_eq!(
        fs::read(replaced.before.expect("kept")).expect("read"),
        [0x55; 9000]
    );
    Store::open(dir.path(), LATER)
        .expect("restored")
        .check()
        .expect("sound");
}

#[test]
fn what_is_no_backup_replaces_nothing() {
    let Shop { dir, mut store } = shop();
    ring_up(&mut store, 1, 1).expect("a sale");
    let nonsense = dir.path().join("nonsense.db");
    fs::write(&nonsense, [0x55; 9000]).expect("a file");
    let empty = dir.path().join("empty.db");
    fs::write(&empty, []).expect("a file");
    let absent = dir.path().join("absent.db");
    let kind = |path| {
        replace(dir.path(), path, LATER)
            .expect_err("refused")
            .kind()
    };
    assert_eq!(kind(&nonsense), ErrorKind::Damaged);
    assert_eq!(kind(&empty), ErrorKind::Damaged);
    assert_eq!(kind(&absent), ErrorKind::Missing);
    assert!(
        sales::by_id(store.connection(), sale_id(1))
            .expect("read")
            .is_some()
    );
}

/// Every sale that another program was told is booked is in the kept file or in the restored one.
#[test]
fn a_sale_booked_during_a_restore_is_kept() {
    let Shop { dir, mut store } = shop();
    let path = dir.path();
    ring_up(&mut store, 1, 1).expect("a sale");
    let old = path.join("old.db");
    store.backup_to(&old).expect("a backup");
    for round in 0..8_u32 {
        let at = NOW.plus_ms(1_000 + i64::from(round));
        let base = u128::from(10 * round + 2);
        let (booked, replaced) = thread::scope(|scope| {
            let writer = scope.spawn(move || {
                let mut other = Store::open(path, NOW).expect("a store");
                let sold = |seed: &u128| ring_up(&mut other, *seed, 1).is_ok();
                (base..base + 9).filter(sold).collect::<Vec<_>>()
            });
            thread::sleep(std::time::Duration::from_millis(u64::from(round)));
            let replaced = replace(path, &old, at).expect("restored");
            (writer.join().expect("a writer"), replaced)
        });
        let kept = rusqlite::Connection::open(replaced.before.expect("kept")).expect("a file");
        let live = Store::open(path, NOW).expect("a store");
        for seed in booked {
            let there = |conn| sales::by_id(conn, sale_id(seed)).expect("read").is_some();
            assert!(
                there(&kept) || there(live.connection()),
                "sale {seed} is gone"
            );
        }
    }
}
