//! The state of the way to the cloud, as the database knows it.

use counterfoil_domain::Timestamp;
use counterfoil_store::table::{failures as failure_items, outbox, sync_state};
use counterfoil_store::{Connection, SyncLock};
use counterfoil_sync::Progress;
use serde::{Deserialize, Serialize};

use crate::costs;
use crate::db::Db;
use crate::dto::{SyncPhase, SyncProgress, SyncStatus};
use crate::error::{AppError, Result};
use crate::failures;
use crate::identity;
use crate::series;
use crate::settings;
use crate::till::Till;

/// What the program that syncs says to the others, through the database. The rest they can see for
/// themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Said {
    /// `Idle` also while something is sent: that comes and goes with every sale, and shows in the
    /// outbox.
    state: SyncPhase,
    next_attempt_at: Option<String>,
    offline_since: Option<String>,
    problem: Option<AppError>,
}

impl Said {
    /// What there is to say of `status`.
    pub(crate) fn of(status: &SyncStatus) -> Self {
        let well = matches!(status.state, SyncPhase::Idle | SyncPhase::Syncing);
        let state = if well { SyncPhase::Idle } else { status.state };
        let problem = status.problem.clone();
        // What waits without a problem has its time in the outbox.
        let next_attempt_at = status.next_attempt_at.clone();
        Self {
            state,
            next_attempt_at: next_attempt_at.filter(|_| !well || problem.is_some()),
            offline_since: status.offline_since.clone(),
            problem,
        }
    }
}

impl Till {
    /// The state of the sync: the driver's, where one runs in this process; otherwise what the
    /// program that syncs says, or that nobody does.
    pub fn sync_status(&self) -> Result<SyncStatus> {
        let Some(handle) = self.sync_handle() else {
            self.read(|conn| settings::require_store(conn).map(drop))?;
            return from_outside(self.db()?, self.clock().now());
        };
        // One after the other, so that the numbers are in the order of what was read: a snapshot from
        // before a sale never replaces the one after it.
        let mut snapshots = self.snapshots();
        let now = self.clock().now();
        let stored = self.read(|conn| {
            settings::require_store(conn)?;
            of_database(conn, now)
        })?;
        *snapshots = snapshots.wrapping_add(1);
        if stored.state == SyncPhase::LocalOnly {
            // Who syncs may not have heard of it yet.
            return Ok(SyncStatus {
                version: *snapshots,
                ..stored
            });
        }
        let live = handle.status().borrow().clone();
        // Counts come from the database, which knows what was booked a moment ago.
        Ok(SyncStatus {
            version: *snapshots,
            state: live.state,
            next_attempt_at: live.next_attempt_at,
            offline_since: live.offline_since,
            clock_offset_ms: live.clock_offset_ms,
            problem: live.problem,
            progress: live.progress,
            ..stored
        })
    }
}

/// The state as a program sees it that does not sync itself. Without anybody who syncs, `Paused`
/// where something waits.
pub(crate) fn from_outside(db: &Db, now: Timestamp) -> Result<SyncStatus> {
    let held = SyncLock::is_held(db.dir())?;
    let doubt = doubted(db)?;
    let (stored, said, due) = db.read(|conn| {
        let said = sync_state::said::<Said>(conn)?;
        Ok::<_, AppError>((of_database(conn, now)?, said, outbox::next_due(conn)?))
    })?;
    if let Some(problem) = doubt {
        return Ok(SyncStatus {
            state: SyncPhase::IdentityNeeded,
            problem: Some(problem),
            next_attempt_at: None,
            ..stored
        });
    }
    if stored.state == SyncPhase::LocalOnly {
        return Ok(stored);
    }
    if !held {
        let waits = stored.pending > 0 || stored.in_flight > 0;
        let state = if waits {
            SyncPhase::Paused
        } else {
            SyncPhase::Idle
        };
        return Ok(SyncStatus {
            state,
            next_attempt_at: None,
            // Paused without a problem says that nobody sends.
            problem: stored.problem.filter(|_| !waits),
            ..stored
        });
    }
    // One that has just begun has said nothing yet.
    let said = said.unwrap_or_default();
    let sending = stored.in_flight > 0 || due.is_some_and(|due| due <= now);
    let state = match said.state {
        SyncPhase::LocalOnly | SyncPhase::Idle | SyncPhase::Syncing if sending => {
            SyncPhase::Syncing
        }
        SyncPhase::LocalOnly => SyncPhase::Idle,
        state => state,
    };
    let in_outbox = due.filter(|due| *due > now).map(|due| due.to_string());
    Ok(SyncStatus {
        state,
        next_attempt_at: said.next_attempt_at.or(in_outbox),
        offline_since: said.offline_since,
        problem: said.problem.or_else(|| stored.problem.clone()),
        ..stored
    })
}

/// What is wrong with the register's identity, if anything: it is told whether or not somebody syncs.
fn doubted(db: &Db) -> Result<Option<AppError>> {
    let installation = db.installation().map(std::sync::Arc::as_ref);
    let doubt = db.read(|conn| identity::in_doubt(conn, installation))?;
    Ok(doubt.map(|doubt| identity::doubted(doubt.reason, &doubt.message)))
}

/// The part of the state that is on disk. What was billed is said of the month of `now`.
pub(crate) fn of_database(conn: &Connection, now: Timestamp) -> Result<SyncStatus> {
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let (counts, state) = (outbox::counts(conn)?, sync_state::get(conn)?);
    let connected = state.connected.is_some();
    Ok(SyncStatus {
        version: 0,
        state: match (connected, counts.in_flight) {
            (false, _) => SyncPhase::LocalOnly,
            (true, 0) => SyncPhase::Idle,
            (true, _) => SyncPhase::Syncing,
        },
        pending: count(counts.pending),
        in_flight: count(counts.in_flight),
        failed_total: count(counts.failed),
        dismissed_total: count(failure_items::dismissed(conn)?),
        warnings: count(counts.warnings),
        synced_total: count(counts.synced),
        last_synced_at: state.last_synced_at.map(|at| at.to_string()),
        next_attempt_at: outbox::next_due(conn)?
            .filter(|_| connected)
            .map(|at| at.to_string()),
        offline_since: None,
        // Kept as what is added to this register's clock; shown as how far it is ahead.
        clock_offset_ms: state.clock_offset_ms.map(|ms| -ms),
        // Nothing waits for this: another register prints the same receipt numbers.
        problem: if connected {
            series::shared(conn)?
        } else {
            None
        },
        failed_items: failures::first_items(conn)?,
        project: state.store().map(|to| to.project.clone()),
        store_id: state.store().map(|to| to.store_id.clone()),
        disconnected: state.disconnected.is_some(),
        progress: unseen(&counts).filter(|_| connected),
        costs: costs::of_database(conn, now)?,
    })
}

/// What a database alone says of a backlog: how fast it shrinks, only who syncs can see.
fn unseen(counts: &outbox::Counts) -> Option<SyncProgress> {
    let waiting = u64::try_from(counts.pending + counts.in_flight).unwrap_or(0);
    Progress::is_backlog(waiting).then(|| SyncProgress {
        waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
        landed: 0,
        per_second: None,
        seconds_left: None,
    })
}
