//! Data directories that cannot be used: each has a code and a message that says what to do, and
//! nothing is half written.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../store/tests/disk/mod.rs"]
mod disk;

use std::fs;
use std::path::Path;

use common::{CART, INIT, Shop, ctl, feed, pipe, run, shop};
use disk::{Disk, with_small_files};
use rusqlite::Connection;

const FILE: &str = "counterfoil.db";

fn checkout(data: &Path) -> (i32, String) {
    pipe(data, &["checkout", "-"], CART.as_bytes()).error()
}

#[test]
fn a_newer_database_is_refused_and_untouched() {
    let Shop { dir } = shop();
    let conn = Connection::open(dir.path().join(FILE)).unwrap();
    conn.execute_batch(
        "INSERT INTO schema_steps VALUES (99, 99, '9.0.0', 0); PRAGMA user_version = 99;",
    )
    .unwrap();
    drop(conn);
    let before = fs::read(dir.path().join(FILE)).unwrap();
    assert_eq!(checkout(dir.path()), (1, "database_newer".to_owned()));
    assert_eq!(fs::read(dir.path().join(FILE)).unwrap(), before);
}

#[test]
fn a_damaged_database_is_named_and_left_for_a_rescue() {
    let Shop { dir } = shop();
    let file = dir.path().join(FILE);
    fs::write(&file, b"this is no database, and never was one").unwrap();
    let ran = pipe(dir.path(), &["checkout", "-"], CART.as_bytes());
    assert_eq!(ran.error(), (1, "database_damaged".to_owned()));
    assert!(ran.stderr.contains("restore"), "{}", ran.stderr);
    assert_eq!(
        fs::read(&file).unwrap(),
        b"this is no database, and never was one"
    );
}

#[test]
fn a_database_that_another_program_holds_is_locked() {
    let shop = shop();
    let conn = Connection::open(shop.path().join(FILE)).unwrap();
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(checkout(shop.path()), (1, "database_locked".to_owned()));
    conn.execute_batch("ROLLBACK").unwrap();
    assert_eq!(shop.sales(), 0);
    shop.pipe(&["checkout", "-"], CART).json();
}

#[test]
fn a_data_directory_that_is_a_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for folder in [file.clone(), file.join("below")] {
        let ran = run(&folder, &INIT);
        assert_eq!(ran.error(), (1, "database_failed".to_owned()));
        assert!(ran.stderr.contains("Name another folder"), "{}", ran.stderr);
    }
    assert!(file.is_file());
}

#[test]
fn a_full_disk_refuses_the_sale_whole_and_keeps_the_ones_before() {
    let disk = Disk::mount("2500k");
    let folder = tempfile::tempdir().unwrap();
    let data = match &disk {
        Some(disk) => disk.data(),
        None => folder.path().join("data"),
    };
    run(&data, &[&INIT[..], &["--demo"]].concat()).json();
    let lines = format!("{}\n", CART.replace('\n', "")).repeat(3000);
    let mut call = ctl(&data);
    call.args(["checkout", "--lines", "-"]);
    let code = if disk.is_some() {
        "disk_full"
    } else {
        call = with_small_files(&call, 1500);
        "database_failed"
    };
    let ran = feed(call, lines.as_bytes());
    assert_eq!(ran.error(), (1, code.to_owned()));
    let sold = ran.lines().len();
    assert!(sold > 0 && sold < 3000, "{sold}");
    if let Some(disk) = &disk {
        disk.remount("size=30m");
    }
    let verified = run(&data, &["journal", "verify"]).json();
    assert_eq!(verified["intact"], true);
    assert_eq!(verified["chains"][0]["sales"], sold);
    pipe(&data, &["checkout", "-"], CART.as_bytes()).json();
}

#[test]
fn a_read_only_disk_is_named() {
    let disk = Disk::mount_or_folder("20m");
    run(&disk.data(), &[&INIT[..], &["--demo"]].concat()).json();
    disk.forbid_writing();
    let fresh = disk.path().join("fresh");
    assert_eq!(
        run(&fresh, &INIT).error(),
        (1, "database_read_only".to_owned())
    );
    assert_eq!(checkout(&disk.data()), (1, "database_read_only".to_owned()));
}
