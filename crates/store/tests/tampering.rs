//! Whoever writes to the file behind the program's back is found out, at the first broken link.

mod shop;

use counterfoil_domain::document::Fields;
use counterfoil_domain::journal::LinkKind;
use counterfoil_store::table::{journal, register};
use counterfoil_store::{BrokenLink, FILE_NAME, StoreError, verify};
use rusqlite::Connection;
use shop::{NOW, Shop, ring_up, sale_id, shop};

/// Five sales and a resolution, then `sql` by somebody who has dropped the triggers.
fn tampered(sql: &str) -> Option<BrokenLink> {
    let Shop { dir, mut store } = shop();
    for seed in 1..=5 {
        ring_up(&mut store, seed, 1).expect("a sale");
    }
    let decided: Result<_, StoreError> = store.write(|tx| {
        let register = register::require(tx)?.register_id;
        let mut document = Fields::new();
        document.insert("choice".to_owned(), "dismiss".into());
        journal::append(tx, register, LinkKind::Resolution, &document, NOW)
    });
    decided.expect("a resolution");
    let raw = Connection::open(dir.path().join(FILE_NAME)).expect("the file");
    let triggers: Vec<String> = raw
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%never%'")
        .expect("the schema")
        .query_map([], |row| row.get(0))
        .expect("triggers")
        .collect::<Result<_, _>>()
        .expect("names");
    for trigger in triggers {
        raw.execute_batch(&format!("DROP TRIGGER {trigger}"))
            .expect("dropped");
    }
    raw.execute_batch("PRAGMA foreign_keys = OFF")
        .expect("a pragma");
    raw.execute_batch(sql).expect("tampered");
    let mut chains = store.read(verify).expect("verified");
    assert_eq!(chains.len(), 1);
    chains.remove(0).broken
}

#[test]
fn an_untouched_chain_holds_from_its_first_link_to_its_last() {
    assert_eq!(tampered(""), None);
}

#[test]
fn a_changed_amount_in_a_record_is_found() {
    let broken = tampered(
        "UPDATE sales SET record = json_set(record, '$.total', 1) WHERE receipt_sequence = 3",
    );
    let broken = broken.expect("found");
    assert_eq!((broken.sequence, broken.sale_id), (3, Some(sale_id(3))));
    assert!(broken.reason.contains("digest"), "{}", broken.reason);
}

#[test]
fn a_record_that_is_no_json_any_more_is_found() {
    let sql = "PRAGMA ignore_check_constraints = ON;
        UPDATE sales SET record = 'gone' WHERE receipt_sequence = 2";
    assert_eq!(tampered(sql).expect("found").sequence, 2);
}

#[test]
fn a_changed_column_is_found_though_the_record_holds() {
    for sql in [
        "UPDATE sales SET total = 1 WHERE receipt_sequence = 4",
        "UPDATE sales SET cashier_name = 'Eve' WHERE receipt_sequence = 4",
        "UPDATE sale_lines SET total = 1 WHERE sale = 4",
        "UPDATE sale_line_taxes SET tax = 1 WHERE sale = 4",
        "UPDATE sale_taxes SET tax = 1 WHERE sale = 4",
        "UPDATE sale_tenders SET method = 'card' WHERE sale = 4",
        "DELETE FROM sale_lines WHERE sale = 4",
    ] {
        let broken = tampered(sql).expect(sql);
        assert_eq!(broken.sequence, 4, "{sql}");
        assert_eq!(broken.reason, "the tables differ from the signed record");
    }
}

#[test]
fn a_changed_link_is_found() {
    for column in ["hash", "previous_hash", "digest"] {
        let sql = format!(
            "UPDATE journal SET {column} = '{}' WHERE sequence = 2",
            "0".repeat(64)
        );
        assert_eq!(tampered(&sql).expect(column).sequence, 2, "{column}");
    }
    let sql = "UPDATE journal SET recorded_at = recorded_at + 1 WHERE sequence = 2";
    assert_eq!(tampered(sql).expect("found").sequence, 2);
}

#[test]
fn a_changed_resolution_is_found() {
    let broken = tampered("UPDATE journal SET document = '{}' WHERE sequence = 6");
    let expected = "its document is not what was recorded".to_owned();
    assert_eq!(
        broken,
        Some(BrokenLink {
            sequence: 6,
            sale_id: None,
            reason: expected
        })
    );
}

#[test]
fn a_removed_link_is_found_also_the_last() {
    let broken = tampered("DELETE FROM journal WHERE sequence = 3").expect("found");
    assert_eq!(
        (broken.sequence, broken.reason.as_str()),
        (4, "link 3 is missing")
    );
    let cut = tampered("DELETE FROM journal WHERE sequence >= 5").expect("found");
    assert_eq!((cut.sequence, cut.sale_id), (5, Some(sale_id(5))));
}

#[test]
fn a_removed_sale_is_found_also_with_its_link() {
    let broken = tampered("DELETE FROM sales WHERE receipt_sequence = 3").expect("found");
    assert_eq!(
        (broken.sequence, broken.reason.as_str()),
        (3, "its sale is missing")
    );
    let both = "DELETE FROM sales WHERE receipt_sequence = 3;
        DELETE FROM journal WHERE sequence = 3";
    assert_eq!(tampered(both).expect("found").sequence, 4);
}

#[test]
fn a_swapped_record_is_found() {
    let sql = "UPDATE sales SET record = (SELECT record FROM sales WHERE receipt_sequence = 1)
        WHERE receipt_sequence = 2";
    let broken = tampered(sql).expect("found");
    assert_eq!(
        (broken.sequence, broken.reason.as_str()),
        (2, "its record belongs to another link")
    );
}
