//! The state of the way to the cloud, as the database knows it.

use counterfoil_store::Connection;
use counterfoil_store::table::{outbox, sync_state};

use crate::dto::{SyncPhase, SyncStatus};
use crate::error::Result;
use crate::failures;
use crate::settings;
use crate::till::Till;

impl Till {
    /// The state of the sync: the driver's, where one runs in this process; otherwise what the
    /// database says.
    pub fn sync_status(&self) -> Result<SyncStatus> {
        let stored = self.read(|conn| {
            settings::require_store(conn)?;
            of_database(conn)
        })?;
        let Some(handle) = self.sync_handle() else {
            return Ok(stored);
        };
        let live = handle.status().borrow().clone();
        // Counts come from the database, which knows what was booked a moment ago.
        Ok(SyncStatus {
            version: live.version,
            state: live.state,
            next_attempt_at: live.next_attempt_at,
            offline_since: live.offline_since,
            clock_offset_ms: live.clock_offset_ms,
            problem: live.problem,
            ..stored
        })
    }
}

/// The part of the state that is on disk.
pub(crate) fn of_database(conn: &Connection) -> Result<SyncStatus> {
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
        warnings: count(counts.warnings),
        synced_total: count(counts.synced),
        last_synced_at: state.last_synced_at.map(|at| at.to_string()),
        next_attempt_at: outbox::next_due(conn)?
            .filter(|_| connected)
            .map(|at| at.to_string()),
        offline_since: None,
        // Kept as what is added to this register's clock; shown as how far it is ahead.
        clock_offset_ms: state.clock_offset_ms.map(|ms| -ms),
        problem: None,
        failed_items: failures::first_items(conn)?,
        project: state.connected.as_ref().map(|to| to.project.clone()),
        store_id: state.connected.map(|to| to.store_id),
    })
}
