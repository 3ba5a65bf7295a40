//! Every step on real files: from every version, with a copy before, and refused where it is newer.

use std::fs;

use counterfoil_domain::Digest;

use super::*;
use crate::store::{FILE_NAME, Store};
use crate::{ErrorKind, backup};

const NOW: Timestamp = Timestamp::from_ms(1_795_356_000_000);
const LATER: Timestamp = Timestamp::from_ms(1_795_356_060_000);

/// A step that no release has: what the next version of this program might bring.
const NEXT: Step = Step {
    sql: &["CREATE TABLE parked_carts (cart_id TEXT PRIMARY KEY) STRICT;"],
    then: nothing,
    oldest_schema: 6,
    oldest_program: "0.2.0",
};

fn steps(next: Step) -> Vec<Step> {
    STEPS.iter().copied().chain([next]).collect()
}

fn tables(path: &Path) -> Vec<String> {
    let conn = Connection::open(path).expect("a database");
    let mut names = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'parked%'")
        .expect("the schema");
    let names = names.query_map([], |row| row.get(0)).expect("tables");
    names.collect::<Result<_, _>>().expect("names")
}

#[test]
fn every_step_of_the_schema_can_be_taken() {
    let scripts: Vec<String> = STEPS
        .iter()
        .zip(1..)
        .map(|(step, version)| script(step, version, NOW))
        .collect();
    let taken = scripts.iter().zip(STEPS);
    let migrations = Migrations::new(taken.map(|(sql, step)| migration(sql, step)).collect());
    migrations.validate().expect("a schema");
}

#[test]
fn an_older_database_is_backed_up_before_it_is_migrated() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(Store::open(dir.path(), NOW).expect("version 5"));
    drop(Store::open_with(dir.path(), &steps(NEXT), LATER).expect("version 6"));
    let backup = backup_path(dir.path(), 6);
    assert!(backup.ends_with("counterfoil-before-v6.db"));
    backup::inspect(&backup).expect("a sound backup of version 5");
    assert_eq!(tables(&backup), Vec::<String>::new());
    assert_eq!(tables(&dir.path().join(FILE_NAME)), ["parked_carts"]);
}

#[test]
fn a_program_that_is_open_while_a_newer_one_changes_the_schema_writes_no_more() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut open = Store::open(dir.path(), NOW).expect("version 5");
    drop(Store::open_with(dir.path(), &steps(NEXT), LATER).expect("version 6"));
    let refused = open.write(|tx| table::settings::set(tx, "cashier", &"Anna"));
    assert_eq!(refused.expect_err("version 6").kind(), ErrorKind::Newer);
    // One that older programs may open may also be written by them.
    let harmless = Step {
        oldest_schema: 5,
        ..NEXT
    };
    let other = tempfile::tempdir().expect("a folder");
    let mut open = Store::open(other.path(), NOW).expect("version 5");
    drop(Store::open_with(other.path(), &steps(harmless), LATER).expect("version 6"));
    let written = open.write(|tx| table::settings::set(tx, "cashier", &"Anna"));
    written.expect("written");
}

#[test]
fn what_the_first_release_wrote_goes_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut first = Store::open_with(dir.path(), &STEPS[..1], NOW).expect("version 1");
    let connected = table::sync_state::Connected {
        project: "demo-x".to_owned(),
        store_id: "s1".to_owned(),
        api_key: None,
    };
    first
        .write(|tx| table::sync_state::connect(tx, &connected))
        .expect("connected");
    drop(first);
    let now = Store::open(dir.path(), LATER).expect("version 5");
    let state = table::sync_state::get(now.connection()).expect("a state");
    assert_eq!(state.connected, Some(connected));
    now.check().expect("sound");
}

/// Of three sales one is being sent, one waits, and one is up and owed a check.
const A_DRAIN: &str = "
    INSERT INTO registers (register_id, name, prefix, since, current) VALUES ('r', 'Till', 'A', 0, 1);
    INSERT INTO sales (entry, sale_id, cart_id, content_digest, register_id, receipt_sequence,
        receipt_number, business_day, sold_at, cashier_name, currency, total, digest, fingerprint, record)
    SELECT value, format('00000000-0000-4000-8000-%012d', value), 'c' || value, '', 'r', value,
        'A-00000' || value, '2026-11-22', value, 'Ann', 'EUR', 100, format('%064d', value),
        format('%064d', value), '{}' FROM
        (SELECT 1 AS value UNION ALL SELECT 2 UNION ALL SELECT 3);
    INSERT INTO outbox (kind, sale_id, bytes, not_before)
    SELECT 'sale', sale_id, 2, 0 FROM sales ORDER BY entry;
    UPDATE outbox SET state = 'inFlight' WHERE group_id < 3;
    UPDATE outbox SET state = 'synced', created_at = 7 WHERE group_id = 1;
    INSERT INTO duplicate_checks (sale_id, fingerprint, sold_at, landed_at)
    SELECT sale_id, fingerprint, sold_at, 7 FROM sales WHERE entry = 1;";

#[test]
fn a_drain_that_a_release_began_is_ended_by_the_next() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut third = Store::open_with(dir.path(), &STEPS[..3], NOW).expect("version 3");
    let begin = third.write(|tx| Ok::<_, StoreError>(tx.execute_batch(A_DRAIN)?));
    begin.expect("a drain");
    drop(third);
    let now = Store::open(dir.path(), LATER).expect("version 5");
    let counts = table::outbox::counts(now.connection()).expect("counts");
    assert_eq!((counts.pending, counts.in_flight, counts.synced), (1, 1, 1));
    let owed = table::duplicate_checks::owed(now.connection(), 9, LATER).expect("owed");
    assert_eq!(owed.len(), 1);
    assert_eq!(owed[0].sold_at, Timestamp::from_ms(1));
    now.check().expect("sound");
}

/// What builds between the fourth step and the fifth took as the fourth.
const MARKED_IN_THE_FOURTH: Step = Step {
    sql: &[
        table::FOURTH_SCHEMA[0],
        "ALTER TABLE outbox ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0
             CHECK (doubted = 0 OR doubted = 1 AND kind = 'sale' AND state = 'failed');
         CREATE INDEX outbox_doubted ON outbox (sale_id) WHERE doubted = 1;",
    ],
    then: nothing,
    oldest_schema: 4,
    oldest_program: "0.1.0",
};

/// A build that left claims out of the trigger counted them itself; one that did not know of it has not counted
/// the second.
const COUNTED_ONCE: &str = "
    UPDATE outbox_counts SET groups = groups + iif(state = 'inFlight', 1, -1)
        WHERE kind = 'sale' AND state IN ('pending', 'inFlight');
    UPDATE outbox SET state = 'synced'";

#[test]
fn whatever_a_build_took_as_the_fourth_step_the_fifth_counts_anew_and_marks_doubt() {
    let drain = A_DRAIN
        .replace(
            "(sale_id, fingerprint, sold_at, landed_at)",
            "(entry, landed_at)",
        )
        .replace("SELECT sale_id, fingerprint, sold_at, 7", "SELECT entry, 7");
    let counted = drain.replace("UPDATE outbox SET state = 'synced'", COUNTED_ONCE);
    for (fourth, drain) in [(STEPS[3], counted), (MARKED_IN_THE_FOURTH, drain)] {
        let dir = tempfile::tempdir().expect("a folder");
        let steps: Vec<Step> = STEPS[..3].iter().copied().chain([fourth]).collect();
        let mut before = Store::open_with(dir.path(), &steps, NOW).expect("version 4");
        let begin = before.write(|tx| Ok::<_, StoreError>(tx.execute_batch(&drain)?));
        begin.expect("a drain");
        drop(before);
        let mut now = Store::open(dir.path(), LATER).expect("version 5");
        let counts = table::outbox::counts(now.connection()).expect("counts");
        assert_eq!((counts.pending, counts.in_flight, counts.synced), (1, 1, 1));
        let fail = "UPDATE outbox SET state = 'failed', doubted = 1 WHERE group_id = 2";
        now.write(|tx| Ok::<_, StoreError>(tx.execute_batch(fail)?))
            .expect("in doubt");
        let again = now.write(|tx| table::outbox::put_back(tx, LATER));
        assert_eq!(again.expect("put back"), 1);
        let taken = now.write(|tx| table::outbox::claim(tx, 9, 1_000, LATER));
        assert_eq!(taken.expect("claimed").len(), 2);
        let counts = table::outbox::counts(now.connection()).expect("counts");
        assert_eq!((counts.pending, counts.in_flight, counts.synced), (0, 2, 1));
        now.check().expect("sound");
    }
}

/// Of each step that databases have taken: its SQL's SHA-256.
const TAKEN: &[&str] = &[
    "6650e157c13d8e95adde58f3563b0f8f21730799805ffe69512e3b70b0951cd2",
    "cc34415ae4111d50555866f824c8506d89c697430aacfe7e31c8e5a579464b61",
    "5df187c573b71a73be474094cf83b966f4c2f8536d21b2301aa861e91d263c44",
    "da964ebb97381f54253ff23cf7d05c5d378c97def100c28ae04418ec1da126be",
    "94255040cd162b5a8c3a99f748e03320bd730e9489e45a658c53a9b1f3f827b2",
];

#[test]
fn a_step_that_was_taken_is_never_changed() {
    let found: Vec<String> = STEPS
        .iter()
        .map(|step| Digest::of_bytes(step.sql.join("\n").as_bytes()).to_string())
        .collect();
    assert_eq!(found, TAKEN, "what is needed next is a step of its own");
}

#[test]
fn a_new_database_and_a_current_one_need_no_backup() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(Store::open(dir.path(), NOW).expect("new"));
    drop(Store::open(dir.path(), LATER).expect("current"));
    let copies = fs::read_dir(dir.path()).expect("a folder").filter(|entry| {
        let name = entry.as_ref().expect("an entry").file_name();
        name.to_string_lossy().contains("before")
    });
    assert_eq!(copies.count(), 0);
}

#[test]
fn a_newer_database_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(Store::open_with(dir.path(), &steps(NEXT), NOW).expect("version 6"));
    let before = fs::read(dir.path().join(FILE_NAME)).expect("the file");
    let refused = Store::open(dir.path(), LATER).expect_err("this program knows version 5");
    assert_eq!(
        refused.to_string(),
        "the database has version 6, this program knows up to 5; \
         Counterfoil 0.2.0 or newer opens it"
    );
    assert_eq!(refused.kind(), ErrorKind::Newer);
    let reader = Store::open_read_only(dir.path()).expect_err("nor may it read it");
    assert_eq!(reader.kind(), ErrorKind::Newer);
    assert_eq!(
        fs::read(dir.path().join(FILE_NAME)).expect("the file"),
        before
    );
}

#[test]
fn a_newer_database_that_allows_it_is_opened() {
    let dir = tempfile::tempdir().expect("a folder");
    let harmless = Step {
        oldest_schema: 1,
        oldest_program: "0.1.0",
        ..NEXT
    };
    drop(Store::open_with(dir.path(), &steps(harmless), NOW).expect("version 5"));
    Store::open(dir.path(), LATER).expect("version 5 lets version 3 in");
    Store::open_read_only(dir.path()).expect("also for reading");
}

#[test]
fn a_newer_database_that_says_nothing_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(Store::open(dir.path(), NOW).expect("version 3"));
    let raw = Connection::open(dir.path().join(FILE_NAME)).expect("the file");
    // Neither where nothing is said nor where only the steps are known that came before.
    for newer in [
        "PRAGMA user_version = 99;",
        "DELETE FROM schema_steps; PRAGMA user_version = 99;",
    ] {
        raw.execute_batch(newer).expect("newer");
        let refused = Store::open(dir.path(), LATER).expect_err("who knows what it holds");
        assert!(
            refused
                .to_string()
                .ends_with("a newer Counterfoil opens it"),
            "{refused}"
        );
    }
}

#[test]
fn a_step_that_fails_leaves_the_database_as_it_was() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(Store::open(dir.path(), NOW).expect("version 3"));
    let broken = Step {
        sql: &["CREATE TABLE parked_a (a TEXT) STRICT;", "nonsense;"],
        ..NEXT
    };
    Store::open_with(dir.path(), &steps(broken), LATER).expect_err("nonsense");
    assert_eq!(tables(&dir.path().join(FILE_NAME)), Vec::<String>::new());
    Store::open(dir.path(), LATER)
        .expect("still version 3")
        .check()
        .expect("sound");
}

#[test]
fn another_programs_database_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let raw = Connection::open(dir.path().join(FILE_NAME)).expect("a file");
    raw.execute_batch("CREATE TABLE notes (text TEXT); PRAGMA user_version = 1;")
        .expect("somebody's notes");
    let refused = Store::open(dir.path(), NOW).expect_err("not ours");
    assert_eq!(refused.kind(), ErrorKind::Damaged);
    assert!(refused.to_string().contains("not made by Counterfoil"));
}
