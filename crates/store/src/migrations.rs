//! The schema's history: each step, and which programs may open its result.
//!
//! A step is never changed once it has been released; what is needed next is a step of its own.

use std::path::{Path, PathBuf};

use counterfoil_domain::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use rusqlite_migration::{M, Migrations};

use crate::backup;
use crate::error::StoreError;
use crate::lock;
use crate::table;

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// What it does, in this order.
    pub(crate) sql: &'static [&'static str],
    /// The oldest schema version whose programs may open the result: the step's own unless
    /// programs that do not know it can do no harm.
    pub(crate) oldest_schema: i64,
    /// The first release that knows that version, for the message that asks to update.
    pub(crate) oldest_program: &'static str,
}

/// Every step so far. The schema's version is the number of steps taken.
pub(crate) const STEPS: &[Step] = &[
    Step {
        sql: table::FIRST_SCHEMA,
        oldest_schema: 1,
        oldest_program: "0.1.0",
    },
    Step {
        sql: table::SECOND_SCHEMA,
        // What it adds has defaults and says nothing of what was sold.
        oldest_schema: 1,
        oldest_program: "0.1.0",
    },
    Step {
        sql: table::THIRD_SCHEMA,
        // Who does not know the costs does not count them, and that is all.
        oldest_schema: 1,
        oldest_program: "0.1.0",
    },
    Step {
        sql: table::FOURTH_SCHEMA,
        // A program that does not know it cannot record what has landed.
        oldest_schema: 4,
        oldest_program: "0.1.0",
    },
];

/// “CFOI” in ASCII, in the file's header: this is a Counterfoil database
/// (<https://www.sqlite.org/pragma.html#pragma_application_id>).
pub(crate) const APPLICATION_ID: i64 = 0x4346_4f49;

/// What stands in a database file about its own version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Nothing is in it yet.
    Empty,
    /// A database of this program or an older one.
    Known(i64),
    /// A newer one that says older programs may open it.
    NewerButOpen,
}

/// Reads the version; an error for a database that this program must not open.
pub(crate) fn version(conn: &Connection, known: i64) -> Result<Version, StoreError> {
    let found: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i64 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 && found == 0 {
        return Ok(Version::Empty);
    }
    if application != APPLICATION_ID {
        return Err(StoreError::damaged("it was not made by Counterfoil"));
    }
    if found <= known {
        return Ok(Version::Known(found));
    }
    let step: Option<(i64, String)> = conn
        .query_row(
            // Every step up to the version that was found must be there to say so.
            "SELECT oldest_schema, oldest_program FROM schema_steps
             WHERE (SELECT max(version) FROM schema_steps) >= ?1
             ORDER BY oldest_schema DESC, version DESC LIMIT 1",
            [found],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match step {
        Some((oldest, _)) if oldest <= known => Ok(Version::NewerButOpen),
        step => Err(StoreError::Newer {
            found,
            known,
            needs: step.map(|(_, program)| program),
        }),
    }
}

/// The version that this program knows.
pub(crate) fn known(steps: &[Step]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

/// The name of the copy made before the database is brought to version `to`.
pub(crate) fn backup_path(dir: &Path, to: i64) -> PathBuf {
    dir.join(format!("counterfoil-before-v{to}.db"))
}

/// Brings the database to the newest version. An older one is copied first, whole and checked;
/// several programs that start at once do it one after the other.
pub(crate) fn migrate(
    conn: &mut Connection,
    dir: &Path,
    steps: &[Step],
    now: Timestamp,
) -> Result<(), StoreError> {
    let known = known(steps);
    if is_current(version(conn, known)?, known) {
        return Ok(());
    }
    let _alone = lock::schema(dir, crate::store::BUSY_TIMEOUT_MS)?;
    // Another program may have done it while this one waited.
    let found = version(conn, known)?;
    if is_current(found, known) {
        return Ok(());
    }
    if let Version::Known(from) = found {
        let path = backup_path(dir, known);
        backup::copy(conn, &path)?;
        tracing::info!(from, to = known, backup = %path.display(), "backed up before a migration");
    }
    let scripts: Vec<String> = steps
        .iter()
        .zip(1_i64..)
        .map(|(step, version)| script(step, version, now))
        .collect();
    let migrations = Migrations::new(
        scripts
            .iter()
            .map(|script| M::up(script).foreign_key_check())
            .collect(),
    );
    migrations.to_latest(conn).map_err(from_migration)?;
    tracing::info!(version = known, "the database has its newest schema");
    Ok(())
}

fn is_current(version: Version, known: i64) -> bool {
    match version {
        Version::Empty => false,
        Version::Known(found) => found == known,
        Version::NewerButOpen => true,
    }
}

/// A step's SQL with the row that says who may open the result.
fn script(step: &Step, version: i64, now: Timestamp) -> String {
    let Step {
        sql,
        oldest_schema,
        oldest_program,
    } = step;
    let mut script = sql.join("\n");
    if version == 1 {
        script.push_str(&format!("\nPRAGMA application_id = {APPLICATION_ID};"));
    }
    script.push_str(&format!(
        "\nINSERT INTO schema_steps (version, oldest_schema, oldest_program, taken_at)
         VALUES ({version}, {oldest_schema}, '{oldest_program}', {});",
        now.ms()
    ));
    script
}

fn from_migration(error: rusqlite_migration::Error) -> StoreError {
    match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        other => StoreError::Failed(other.to_string()),
    }
}

/// Which steps were taken, and who may open the result.
pub(crate) const SCHEMA_STEPS: &str = "
CREATE TABLE schema_steps (
    version INTEGER PRIMARY KEY,
    oldest_schema INTEGER NOT NULL,
    oldest_program TEXT NOT NULL,
    taken_at INTEGER NOT NULL
) STRICT;
";

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::{FILE_NAME, Store};
    use crate::{ErrorKind, backup};

    const NOW: Timestamp = Timestamp::from_ms(1_795_356_000_000);
    const LATER: Timestamp = Timestamp::from_ms(1_795_356_060_000);

    /// A step that no release has: what the next version of this program might bring.
    const NEXT: Step = Step {
        sql: &["CREATE TABLE parked_carts (cart_id TEXT PRIMARY KEY) STRICT;"],
        oldest_schema: 5,
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
        let migrations = Migrations::new(scripts.iter().map(|script| M::up(script)).collect());
        migrations.validate().expect("a schema");
    }

    #[test]
    fn an_older_database_is_backed_up_before_it_is_migrated() {
        let dir = tempfile::tempdir().expect("a folder");
        drop(Store::open(dir.path(), NOW).expect("version 4"));
        drop(Store::open_with(dir.path(), &steps(NEXT), LATER).expect("version 5"));
        let backup = backup_path(dir.path(), 5);
        assert!(backup.ends_with("counterfoil-before-v5.db"));
        backup::inspect(&backup).expect("a sound backup of version 4");
        assert_eq!(tables(&backup), Vec::<String>::new());
        assert_eq!(tables(&dir.path().join(FILE_NAME)), ["parked_carts"]);
    }

    #[test]
    fn a_program_that_is_open_while_a_newer_one_changes_the_schema_writes_no_more() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut open = Store::open(dir.path(), NOW).expect("version 4");
        drop(Store::open_with(dir.path(), &steps(NEXT), LATER).expect("version 5"));
        let refused = open.write(|tx| table::settings::set(tx, "cashier", &"Anna"));
        assert_eq!(refused.expect_err("version 5").kind(), ErrorKind::Newer);
        // One that older programs may open may also be written by them.
        let harmless = Step {
            oldest_schema: 4,
            ..NEXT
        };
        let other = tempfile::tempdir().expect("a folder");
        let mut open = Store::open(other.path(), NOW).expect("version 4");
        drop(Store::open_with(other.path(), &steps(harmless), LATER).expect("version 5"));
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
        let now = Store::open(dir.path(), LATER).expect("version 4");
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
        let now = Store::open(dir.path(), LATER).expect("version 4");
        let counts = table::outbox::counts(now.connection()).expect("counts");
        assert_eq!((counts.pending, counts.in_flight, counts.synced), (1, 1, 1));
        let owed = table::duplicate_checks::owed(now.connection(), 9, LATER).expect("owed");
        assert_eq!(owed.len(), 1);
        assert_eq!(owed[0].sold_at, Timestamp::from_ms(1));
        now.check().expect("sound");
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
        drop(Store::open_with(dir.path(), &steps(NEXT), NOW).expect("version 5"));
        let before = fs::read(dir.path().join(FILE_NAME)).expect("the file");
        let refused = Store::open(dir.path(), LATER).expect_err("this program knows version 4");
        assert_eq!(
            refused.to_string(),
            "the database has version 5, this program knows up to 4; \
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
        drop(Store::open_with(dir.path(), &steps(harmless), NOW).expect("version 4"));
        Store::open(dir.path(), LATER).expect("version 4 lets version 3 in");
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
}
