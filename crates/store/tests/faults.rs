//! A disk that is full, read-only, gone, held or damaged: each a clear error, and nothing is half
//! written.

mod disk;
mod shop;

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use counterfoil_store::table::sales;
use counterfoil_store::{ErrorKind, FILE_NAME, Store, StoreError, verify};
use disk::{Disk, with_small_files};
use rusqlite::Connection;
use shop::{NOW, Shop, ring_up, row_counts, shop};

fn kind<T>(result: Result<T, StoreError>) -> ErrorKind {
    result.map(drop).expect_err("it must fail").kind()
}

/// Where a test that runs again, in a process whose files stay small, finds its folder.
const SMALL_FILES: &str = "COUNTERFOIL_TEST_SMALL_FILES";

fn small_files_here() -> Option<PathBuf> {
    std::env::var_os(SMALL_FILES).map(PathBuf::from)
}

/// Runs one test of this program again, in a process whose files end at `kib`.
fn again_with_small_files(test: &str, dir: &Path, kib: u32) {
    let mut call = Command::new(std::env::current_exe().expect("this program"));
    call.args(["--exact", test]).env(SMALL_FILES, dir);
    let output = with_small_files(&call, kib).output().expect("sh");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Copies a shop's database to another folder.
fn copy_to(shop: Shop, dir: &Path) {
    fs::create_dir_all(dir).expect("a folder");
    shop.store.backup_to(&dir.join(FILE_NAME)).expect("a copy");
}

#[test]
fn a_database_at_its_last_page_refuses_a_sale_whole_and_takes_it_when_there_is_room() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let conn = store.connection();
    let pages: i64 = conn
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .expect("pages");
    conn.execute_batch(&format!("PRAGMA max_page_count = {pages}"))
        .expect("a limit");
    let full = (1..10_000).find_map(|seed| {
        let before = row_counts(store.connection());
        let error = ring_up(&mut store, seed, 1).err()?;
        assert_eq!(error.kind(), ErrorKind::Full);
        assert_eq!(row_counts(store.connection()), before);
        Some(seed)
    });
    let seed = full.expect("it must fill up");
    assert_eq!(
        verify(store.connection()).expect("verified")[0].broken,
        None
    );
    store
        .connection()
        .execute_batch("PRAGMA max_page_count = 100000")
        .expect("room");
    ring_up(&mut store, seed, 1).expect("the same sale, with room");
    assert_eq!(
        verify(store.connection()).expect("verified")[0].broken,
        None
    );
}

#[test]
fn a_full_disk_refuses_a_sale_whole_and_keeps_every_one_before() {
    if let Some(dir) = small_files_here() {
        return sell_until(ErrorKind::Io, &dir);
    }
    if let Some(disk) = Disk::mount("1500k") {
        copy_to(shop(), &disk.data());
        sell_until(ErrorKind::Full, &disk.data());
        disk.remount("size=20m");
        sell_on(&disk.data());
    } else {
        let folder = tempfile::tempdir().expect("a folder");
        copy_to(shop(), folder.path());
        let test = "a_full_disk_refuses_a_sale_whole_and_keeps_every_one_before";
        again_with_small_files(test, folder.path(), 1000);
        sell_on(folder.path());
    }
}

/// Rings up sales until the disk refuses one, whole.
fn sell_until(refusal: ErrorKind, dir: &Path) {
    let mut store = Store::open(dir, NOW).expect("it fits");
    let mut rung_up = 0;
    let error = loop {
        let before = row_counts(store.connection());
        match ring_up(&mut store, rung_up + 1, 1) {
            Ok(_) => rung_up += 1,
            Err(error) => {
                assert_eq!(row_counts(store.connection()), before);
                break error;
            }
        }
    };
    assert_eq!(error.kind(), refusal, "{error}");
    let chain = verify(store.connection()).expect("verified").remove(0);
    assert!(rung_up > 0);
    assert_eq!(u128::try_from(chain.sales), Ok(rung_up));
}

/// Rings up the sale that was refused.
fn sell_on(dir: &Path) {
    let mut store = Store::open(dir, NOW).expect("room again");
    let chain = verify(store.connection()).expect("verified").remove(0);
    assert_eq!(chain.broken, None);
    let rung_up = u128::try_from(chain.sales).expect("a count");
    assert!(rung_up > 0, "what was sold before is kept");
    ring_up(&mut store, rung_up + 1, 1).expect("the next sale");
    let chain = verify(store.connection()).expect("verified").remove(0);
    assert_eq!(
        (chain.broken, u128::try_from(chain.sales)),
        (None, Ok(rung_up + 1))
    );
}

#[test]
fn a_full_disk_has_no_room_for_a_database_or_a_backup() {
    if let Some(dir) = small_files_here() {
        let store = Store::open_read_only(&dir.join("shop")).expect("the shop");
        return nothing_fits(ErrorKind::Io, &store, &dir);
    }
    let shop = shop();
    if let Some(disk) = Disk::mount("64k") {
        nothing_fits(ErrorKind::Full, &shop.store, disk.path());
    } else {
        let folder = tempfile::tempdir().expect("a folder");
        copy_to(shop, &folder.path().join("shop"));
        // Opened once for writing: a copy has no log yet.
        drop(Store::open(&folder.path().join("shop"), NOW).expect("the shop"));
        let test = "a_full_disk_has_no_room_for_a_database_or_a_backup";
        again_with_small_files(test, folder.path(), 64);
    }
}

fn nothing_fits(refusal: ErrorKind, shop: &Store, dir: &Path) {
    assert_eq!(kind(Store::open(&dir.join("data"), NOW)), refusal);
    let target = dir.join("backup.db");
    assert_eq!(kind(shop.backup_to(&target)), refusal);
    assert!(!target.exists());
    assert!(
        !dir.join("backup.db.part").exists(),
        "no half of a backup is left"
    );
}

#[test]
fn a_read_only_disk_is_named() {
    let disk = Disk::mount_or_folder("20m");
    copy_to(shop(), &disk.data());
    let elsewhere = disk.path().join("new");
    fs::create_dir(&elsewhere).expect("a folder");
    disk.forbid_writing();
    assert_eq!(kind(Store::open(&disk.data(), NOW)), ErrorKind::ReadOnly);
    assert_eq!(kind(Store::open(&elsewhere, NOW)), ErrorKind::ReadOnly);
    assert_eq!(
        kind(Store::open(&elsewhere.join("deeper"), NOW)),
        ErrorKind::ReadOnly
    );
    let shop = shop();
    let target = disk.path().join("backup.db");
    assert_eq!(kind(shop.store.backup_to(&target)), ErrorKind::ReadOnly);
}

#[test]
fn a_disk_that_turns_read_only_refuses_a_sale_whole() {
    let disk = Disk::mount_or_folder("20m");
    copy_to(shop(), &disk.data());
    drop(Store::open(&disk.data(), NOW).expect("writable"));
    // A disk can only turn read-only while nothing on it is open for writing.
    disk.forbid_writing();
    let error = Store::open(&disk.data(), NOW).expect_err("read-only");
    assert!(error.to_string().contains("cannot be written"), "{error}");
    disk.allow_writing();
    ring_up(&mut Store::open(&disk.data(), NOW).expect("writable"), 1, 1).expect("a sale");
}

#[test]
fn a_reader_cannot_write() {
    let Shop { dir, store } = shop();
    let before = row_counts(store.connection());
    let mut reader = Store::open_read_only(dir.path()).expect("a reader");
    assert_eq!(kind(ring_up(&mut reader, 1, 1)), ErrorKind::ReadOnly);
    assert_eq!(row_counts(store.connection()), before);
}

#[test]
fn a_folder_or_a_file_in_the_wrong_place_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    fs::write(&file, "not a folder").expect("a file");
    assert_eq!(kind(Store::open(&file, NOW)), ErrorKind::NoFolder);
    let folder = dir.path().join("data");
    fs::create_dir_all(folder.join(FILE_NAME)).expect("a folder");
    assert_eq!(kind(Store::open(&folder, NOW)), ErrorKind::Io);
}

#[test]
fn a_missing_database_is_missing_and_not_made() {
    let dir = tempfile::tempdir().expect("a folder");
    assert_eq!(
        kind(Store::open_existing(dir.path(), NOW)),
        ErrorKind::Missing
    );
    assert_eq!(kind(Store::open_read_only(dir.path())), ErrorKind::Missing);
    assert!(!Store::exists(dir.path()));
}

#[test]
fn a_held_database_is_locked_after_the_busy_timeout() {
    let Shop { dir, mut store } = shop();
    let before = row_counts(store.connection());
    let holder = Connection::open(dir.path().join(FILE_NAME)).expect("another program");
    holder.execute_batch("BEGIN EXCLUSIVE").expect("held");
    // The five seconds of a till are long for a test.
    store
        .connection()
        .busy_timeout(std::time::Duration::from_millis(50))
        .expect("set");
    assert_eq!(kind(ring_up(&mut store, 1, 1)), ErrorKind::Locked);
    holder.execute_batch("ROLLBACK").expect("released");
    assert_eq!(row_counts(store.connection()), before);
    ring_up(&mut store, 1, 1).expect("released");
}

#[test]
fn a_damaged_header_is_named() {
    let Shop { dir, mut store } = shop();
    ring_up(&mut store, 1, 1).expect("a sale");
    drop(store);
    overwrite(dir.path(), 0, &[0x55; 100]);
    assert_eq!(kind(Store::open(dir.path(), NOW)), ErrorKind::Damaged);
    assert_eq!(kind(Store::open_read_only(dir.path())), ErrorKind::Damaged);
}

#[test]
fn a_file_of_something_else_is_damaged() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join(FILE_NAME), "sku,name,price\n".repeat(1000)).expect("a file");
    assert_eq!(kind(Store::open(dir.path(), NOW)), ErrorKind::Damaged);
}

#[test]
fn a_damaged_page_in_the_middle_is_named_and_nothing_is_written_over_it() {
    let Shop { dir, mut store } = shop();
    for seed in 1..=300 {
        ring_up(&mut store, seed, 1).expect("a sale");
    }
    let page: i64 = root_of(store.connection(), "sales");
    drop(store);
    overwrite(dir.path(), (page - 1) * 4096, &[0xff; 4096]);
    let mut store = Store::open(dir.path(), NOW).expect("the damage is in the middle");
    assert_eq!(
        kind(sales::list(store.connection(), None, 10)),
        ErrorKind::Damaged
    );
    assert_eq!(kind(store.check()), ErrorKind::Damaged);
    let lines = |store: &Store| -> i64 {
        let count = store
            .connection()
            .query_row("SELECT count(*) FROM sale_lines", [], |r| r.get(0));
        count.expect("a table that is sound")
    };
    let before = lines(&store);
    assert_eq!(kind(ring_up(&mut store, 301, 1)), ErrorKind::Damaged);
    assert_eq!(lines(&store), before);
    let target = dir.path().join("backup.db");
    assert_eq!(kind(store.backup_to(&target)), ErrorKind::Damaged);
    assert!(!target.exists(), "a damaged database makes no backup");
}

#[test]
fn a_truncated_file_is_damaged() {
    let Shop { dir, mut store } = shop();
    for seed in 1..=100 {
        ring_up(&mut store, seed, 1).expect("a sale");
    }
    drop(store);
    let file = OpenOptions::new()
        .write(true)
        .open(dir.path().join(FILE_NAME))
        .expect("the file");
    let half = file.metadata().expect("its size").len() / 2;
    file.set_len(half).expect("cut");
    let found = Store::open(dir.path(), NOW).and_then(|store| store.check());
    assert_eq!(kind(found), ErrorKind::Damaged);
}

fn root_of(conn: &Connection, table: &str) -> i64 {
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    conn.query_row(sql, [table], |row| row.get(0))
        .expect("a root page")
}

fn overwrite(dir: &Path, at: i64, bytes: &[u8]) {
    let path = dir.join(FILE_NAME);
    let mut file = OpenOptions::new().write(true).open(path).expect("the file");
    file.seek(SeekFrom::Start(at.unsigned_abs()))
        .expect("the place");
    file.write_all(bytes).expect("damaged");
}
