//! The schema's history: each step, and which programs may open its result.
//!
//! A step is never changed once it has been released; what is needed next is a step of its own.

use std::path::{Path, PathBuf};

use counterfoil_domain::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction};
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
    /// What it does then, where that depends on what the database has already.
    pub(crate) then: fn(&Transaction<'_>) -> rusqlite::Result<()>,
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
        then: nothing,
        oldest_schema: 1,
        oldest_program: "0.1.0",
    },
    Step {
        sql: table::SECOND_SCHEMA,
        then: nothing,
        // What it adds has defaults and says nothing of what was sold.
        oldest_schema: 1,
        oldest_program: "0.1.0",
    },
    Step {
        sql: table::THIRD_SCHEMA,
        then: nothing,
        // Who does not know the costs does not count them, and that is all.
        oldest_schema: 1,
        oldest_program: "0.1.0",
    },
    Step {
        sql: table::FOURTH_SCHEMA,
        then: nothing,
        // A program that does not know it cannot record what has landed.
        oldest_schema: 4,
        oldest_program: "0.1.0",
    },
    Step {
        sql: table::FIFTH_SCHEMA,
        then: table::outbox::mark_doubt,
        // A program that does not know it counts what it claims a second time.
        oldest_schema: 5,
        oldest_program: "0.1.0",
    },
];

/// What most steps do after their SQL.
fn nothing(_: &Transaction<'_>) -> rusqlite::Result<()> {
    Ok(())
}

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
            .zip(steps)
            .map(|(script, step)| migration(script, step))
            .collect(),
    );
    migrations.to_latest(conn).map_err(from_migration)?;
    tracing::info!(version = known, "the database has its newest schema");
    Ok(())
}

fn migration<'a>(script: &'a str, step: &Step) -> M<'a> {
    let then = step.then;
    M::up_with_hook(script, move |tx: &Transaction<'_>| Ok(then(tx)?)).foreign_key_check()
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
        then: _,
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
mod tests;
