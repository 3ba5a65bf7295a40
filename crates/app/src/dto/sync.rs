//! The state of the way to the cloud, in one versioned snapshot.

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

use super::{FailedItem, SyncCosts};
use crate::error::AppError;

/// What the sync is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum SyncPhase {
    /// No cloud is connected.
    #[default]
    LocalOnly,
    /// Nothing waits, or what waits has its time.
    Idle,
    /// Something is being sent.
    Syncing,
    /// The cloud cannot be reached; it is tried again.
    Offline,
    /// The cloud asks who this is.
    SignInNeeded,
    /// This register must say who it is first.
    IdentityNeeded,
    /// The cloud refuses this register.
    NotAllowed,
    /// Stopped until somebody decides.
    Paused,
}

/// The state of the way to the cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncStatus {
    /// Grows with every snapshot; an older one is thrown away.
    pub version: u32,
    /// What the sync is doing.
    pub state: SyncPhase,
    /// Sales and decisions that wait.
    pub pending: u32,
    /// Sales and decisions that are being sent.
    pub in_flight: u32,
    /// Open items of the failure list.
    pub failed_total: u32,
    /// Sales that were dismissed: they stay on this register and out of the cloud.
    pub dismissed_total: u32,
    /// Open warnings about possible duplicates.
    pub warnings: u32,
    /// Sales of this register that are in the cloud.
    pub synced_total: u32,
    /// The last time anything arrived.
    pub last_synced_at: Option<String>,
    /// The next attempt.
    pub next_attempt_at: Option<String>,
    /// Since when the cloud cannot be reached.
    pub offline_since: Option<String>,
    /// This register's clock minus the server's, in milliseconds.
    #[specta(type = Option<Number>)]
    pub clock_offset_ms: Option<i64>,
    /// Why it does not go on.
    pub problem: Option<AppError>,
    /// The first fifty open items of the failure list, oldest first.
    pub failed_items: Vec<FailedItem>,
    /// The Firebase project.
    pub project: Option<String>,
    /// The store in it.
    pub store_id: Option<String>,
    /// Whether somebody has disconnected this register from that store: it is its store still, and nothing goes up.
    pub disconnected: bool,
    /// How a backlog shrinks; `null` where no more than a handful waits.
    pub progress: Option<SyncProgress>,
    /// What the cloud bills.
    pub costs: SyncCosts,
}

/// How a backlog shrinks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncProgress {
    /// What waits or is being sent.
    pub waiting: u32,
    /// Sales that have landed since it became a backlog.
    pub landed: u32,
    /// Sales a second over the last while, a decimal; `null` where that is not known: offline, say.
    pub per_second: Option<String>,
    /// How long the rest takes at that rate; `null` where that is not known.
    pub seconds_left: Option<u32>,
}
