//! The outbox's tables and triggers, step by step.

use rusqlite::Transaction;

/// The counts are kept by triggers: with months of unsynced sales they are still read at once.
pub(crate) const SCHEMA: &str = "
CREATE TABLE outbox (
    group_id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('sale', 'conflict', 'resolution')),
    sale_id TEXT NOT NULL REFERENCES sales (sale_id),
    state TEXT NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'inFlight', 'synced', 'failed')),
    bytes INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL,
    reason TEXT,
    created_at INTEGER,
    CHECK ((state = 'synced') = (created_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX outbox_sale ON outbox (sale_id) WHERE kind = 'sale';
CREATE INDEX outbox_pending ON outbox (group_id) WHERE state = 'pending';
CREATE INDEX outbox_due ON outbox (not_before) WHERE state = 'pending';
CREATE INDEX outbox_in_flight ON outbox (group_id) WHERE state = 'inFlight';
CREATE TABLE outbox_counts (
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    groups INTEGER NOT NULL DEFAULT 0 CHECK (groups >= 0),
    PRIMARY KEY (kind, state)
) STRICT, WITHOUT ROWID;
INSERT INTO outbox_counts (kind, state) SELECT kinds.column1, states.column1
    FROM (VALUES ('sale'), ('conflict'), ('resolution')) AS kinds,
         (VALUES ('pending'), ('inFlight'), ('synced'), ('failed')) AS states;
CREATE TRIGGER outbox_counts_new AFTER INSERT ON outbox BEGIN
    UPDATE outbox_counts SET groups = groups + 1 WHERE kind = NEW.kind AND state = NEW.state;
END;
CREATE TRIGGER outbox_counts_moved AFTER UPDATE OF state ON outbox WHEN OLD.state <> NEW.state
BEGIN
    UPDATE outbox_counts SET groups = groups - 1 WHERE kind = OLD.kind AND state = OLD.state;
    UPDATE outbox_counts SET groups = groups + 1 WHERE kind = NEW.kind AND state = NEW.state;
END;
CREATE TRIGGER outbox_is_never_deleted BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'outbox is never deleted'); END;
CREATE TRIGGER outbox_synced_is_final BEFORE UPDATE OF state ON outbox WHEN OLD.state = 'synced'
BEGIN SELECT RAISE(ABORT, 'what is in the cloud stays there'); END;
";

/// What is in the cloud stays there, unless somebody proved that it is gone and says so.
pub(crate) const THIRD_SCHEMA: &str = "
DROP TRIGGER outbox_synced_is_final;
CREATE TRIGGER outbox_synced_is_final BEFORE UPDATE OF state ON outbox
WHEN OLD.state = 'synced' AND NOT (NEW.state = 'pending' AND NEW.reason IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'what is in the cloud stays there'); END;
";

/// Left out of the counts what is claimed, which the program of that release counted itself.
pub(crate) const FOURTH_SCHEMA: &str = "
DROP TRIGGER outbox_counts_moved;
CREATE TRIGGER outbox_counts_moved AFTER UPDATE OF state ON outbox
WHEN OLD.state <> NEW.state AND NOT (OLD.state = 'pending' AND NEW.state = 'inFlight')
BEGIN
    UPDATE outbox_counts SET groups = groups - 1 WHERE kind = OLD.kind AND state = OLD.state;
    UPDATE outbox_counts SET groups = groups + 1 WHERE kind = NEW.kind AND state = NEW.state;
END;
";

/// The trigger counts every move again, and what it says is counted anew.
pub(crate) const FIFTH_SCHEMA: &str = "
DROP TRIGGER outbox_counts_moved;
CREATE TRIGGER outbox_counts_moved AFTER UPDATE OF state ON outbox WHEN OLD.state <> NEW.state
BEGIN
    UPDATE outbox_counts SET groups = groups - 1 WHERE kind = OLD.kind AND state = OLD.state;
    UPDATE outbox_counts SET groups = groups + 1 WHERE kind = NEW.kind AND state = NEW.state;
END;
UPDATE outbox_counts SET groups = (
    SELECT count(*) FROM outbox o WHERE o.kind = outbox_counts.kind AND o.state = outbox_counts.state);
";

/// A sale that has failed and may yet turn out not to be at fault is marked as long as it stands so. There were
/// builds whose fourth step marked it already.
pub(crate) fn mark_doubt(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    let marked = tx.column_exists(None, "outbox", "doubted")?;
    if !marked {
        tx.execute_batch(
            "ALTER TABLE outbox ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0
                 CHECK (doubted = 0 OR doubted = 1 AND kind = 'sale' AND state = 'failed');",
        )?;
    }
    tx.execute_batch(
        "CREATE INDEX IF NOT EXISTS outbox_doubted ON outbox (sale_id) WHERE doubted = 1;",
    )
}
