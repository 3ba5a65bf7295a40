//! The engine's half of the snapshot that everybody sees; the database's is `crate::status`.

use counterfoil_domain::Timestamp;
use counterfoil_sync::{Condition, Engine, Problem};

use super::problem::app_error;
use crate::dto::{SyncPhase, SyncStatus};
use crate::error::AppError;

/// What the engine adds at `now`. `database` is the database's last error, in the edge's words.
pub(super) fn with_engine(
    mut status: SyncStatus,
    engine: &Engine,
    database: Option<&AppError>,
    now: Timestamp,
) -> SyncStatus {
    status.state = match engine.condition() {
        Condition::Idle => SyncPhase::Idle,
        Condition::Syncing => SyncPhase::Syncing,
        Condition::Offline => SyncPhase::Offline,
        Condition::SignInNeeded => SyncPhase::SignInNeeded,
        Condition::NotAllowed => SyncPhase::NotAllowed,
        Condition::IdentityNeeded => SyncPhase::IdentityNeeded,
        Condition::Paused => SyncPhase::Paused,
    };
    let problem = engine.problem().map(|problem| match (&problem, database) {
        (Problem::Database(_), Some(error)) => error.clone(),
        _ => app_error(&problem),
    });
    // What stands in the way goes before what the database knows beside it.
    status.problem = problem.or(status.problem);
    let next = engine.next_attempt().filter(|at| *at > now);
    status.next_attempt_at = next.map(|at| at.to_string());
    status.offline_since = engine.offline_since().map(|at| at.to_string());
    if let Some(offset_ms) = engine.clock_offset_ms() {
        status.clock_offset_ms = Some(-offset_ms);
    }
    status
}
