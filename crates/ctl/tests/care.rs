//! `journal verify`, `backup`, `restore`.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{CART, run, shop};
use rusqlite::Connection;
use serde_json::json;

#[test]
fn a_changed_sale_breaks_the_journal_at_its_link() {
    let shop = shop();
    for _ in 0..3 {
        shop.pipe(&["checkout", "-"], CART).json();
    }
    let report = shop.run(&["journal", "verify"]).json();
    assert_eq!(
        (&report["intact"], &report["chains"][0]["links"]),
        (&json!(true), &json!(3))
    );
    let conn = Connection::open(shop.path().join("counterfoil.db")).unwrap();
    conn.execute_batch(
        "DROP TRIGGER sales_is_never_updated;
         UPDATE sales SET record = replace(record, '\"total\":440', '\"total\":439')
         WHERE receipt_number = 'A-000002';",
    )
    .unwrap();
    let ran = shop.run(&["journal", "verify"]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.lines()[0]["chains"][0]["broken"]["sequence"], 2);
}

#[test]
fn a_restored_register_has_a_new_identity_and_keeps_what_it_replaced() {
    let shop = shop();
    let before = shop.pipe(&["checkout", "-"], CART).json();
    let file = &shop.backup();
    shop.pipe(&["checkout", "-"], CART).json();
    let dry = shop.run(&["restore", file, "--dry-run"]).json();
    assert_eq!(
        (&dry["restored"], &dry["salesOnlyInReplaced"]),
        (&json!(false), &json!(1))
    );
    assert_eq!(shop.sales(), 2);
    let taken = shop.run(&["restore", file, "--receipt-prefix", "a"]);
    assert_eq!(taken.error(), (2, "invalid_input".to_owned()));
    let done = shop.run(&["restore", file, "--receipt-prefix", "B"]).json();
    assert_eq!(
        (&done["restored"], &done["lostFromHere"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(done["replaces"]["sales"], 2);
    let kept = Connection::open(done["keptAs"].as_str().unwrap()).unwrap();
    let kept: i64 = kept
        .query_row("SELECT count(*) FROM sales", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 2);
    assert_eq!(shop.run(&["sales", "show", "A-000001"]).json(), before);
    let next = shop.pipe(&["checkout", "-"], CART).json();
    assert_eq!(
        (&next["receiptNumber"], &next["receiptSequence"]),
        (&json!("B-000001"), &json!(1))
    );
    assert_ne!(next["registerId"], before["registerId"]);
    assert_eq!(next["journal"]["sequence"], 1);
    let report = shop.run(&["journal", "verify"]).json();
    assert_eq!(
        (
            &report["intact"],
            report["chains"].as_array().unwrap().len()
        ),
        (&json!(true), 2)
    );
    assert_eq!(
        shop.run(&["sync", "status"]).json()["pending"],
        2,
        "what was pending still is"
    );
    let left: Vec<_> = fs::read_dir(shop.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| !name.to_string_lossy().starts_with("restoring")),
        "{left:?}"
    );
}

#[test]
fn a_restore_without_a_prefix_makes_one_up_that_was_never_used() {
    let shop = shop();
    let file = &shop.backup();
    let one = shop.run(&["restore", file]).json()["receiptPrefix"].clone();
    let other = shop.run(&["restore", file]).json()["receiptPrefix"].clone();
    assert_ne!(one, other);
    assert!(one.as_str().unwrap().starts_with('A'));
}

#[test]
fn a_backup_restores_into_an_empty_folder() {
    let shop = shop();
    shop.pipe(&["checkout", "-"], CART).json();
    let file = &shop.backup();
    let elsewhere = tempfile::tempdir().unwrap();
    let data = elsewhere.path().join("data");
    let done = run(&data, &["restore", file]).json();
    assert_eq!(
        (&done["replaces"], &done["keptAs"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(run(&data, &["sales", "export"]).lines().len(), 1);
}

#[test]
fn what_is_no_backup_is_refused_and_the_register_stays() {
    let shop = shop();
    shop.pipe(&["checkout", "-"], CART).json();
    let junk = shop.file("junk.db", "not a database at all, not even a small one");
    let ran = shop.run(&["restore", junk.to_str().unwrap()]);
    assert_eq!(ran.error(), (1, "database_damaged".to_owned()));
    let absent = shop.run(&["restore", "no-such.db"]);
    assert_eq!(absent.error(), (2, "file_unreadable".to_owned()));
    assert_eq!(shop.sales(), 1);
}

#[test]
fn the_database_is_no_backup_of_itself() {
    let shop = shop();
    shop.pipe(&["checkout", "-"], CART).json();
    let roundabout = shop.path().join("logs/../counterfoil.db");
    for more in [&["--dry-run"][..], &[]] {
        let call = [&["restore", roundabout.to_str().unwrap()], more].concat();
        let ran = shop.run(&call);
        assert_eq!(ran.error(), (2, "invalid_input".to_owned()));
        assert!(ran.stderr.contains("is the database itself"), "{ran:?}");
    }
    let sale = shop.pipe(&["checkout", "-"], CART).json();
    assert_eq!(sale["receiptNumber"], "A-000002");
}

#[test]
fn a_restore_replaces_a_damaged_database() {
    let shop = shop();
    shop.pipe(&["checkout", "-"], CART).json();
    let file = &shop.backup();
    fs::write(shop.path().join("counterfoil.db"), b"fell off a truck").unwrap();
    let done = shop.run(&["restore", file]).json();
    assert_eq!(done["replaces"], json!(null));
    let kept = fs::read(done["keptAs"].as_str().unwrap()).unwrap();
    assert_eq!(kept, b"fell off a truck");
    assert_eq!(shop.sales(), 1);
}

#[test]
fn nothing_is_restored_under_an_open_window() {
    let shop = shop();
    let file = &shop.backup();
    let lock = fs::File::create(shop.path().join("window.lock")).unwrap();
    lock.try_lock().unwrap();
    assert_eq!(
        shop.run(&["restore", file]).error(),
        (1, "database_locked".to_owned())
    );
}

#[test]
fn a_restore_that_loses_what_is_not_in_the_cloud_has_to_be_meant() {
    let shop = shop();
    let connect = ["sync", "connect", "--project", "demo-x", "--store", "s1"];
    shop.run(&connect).json();
    shop.pipe(&["checkout", "-"], CART).json();
    let file = &shop.backup();
    // Nothing is lost that the backup has too.
    shop.run(&["restore", file]).json();
    let file = &shop.backup();
    for _ in 0..2 {
        shop.pipe(&["checkout", "-"], CART).json();
    }
    let dry = shop.run(&["restore", file, "--dry-run"]).json();
    assert_eq!(dry["lostFromHere"], 2);
    let refused = shop.run(&["restore", file]);
    assert_eq!(refused.error(), (1, "unsynced_sales".to_owned()));
    assert_eq!(refused.errors()[0]["error"]["details"]["waiting"], 2);
    assert!(refused.stderr.contains("2 sale(s)"), "{}", refused.stderr);
    assert_eq!(shop.sales(), 3);
    let done = shop.run(&["restore", file, "--yes"]).json();
    assert_eq!(
        (&done["restored"], &done["lostFromHere"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(shop.sales(), 1);
}
