//! What the window is told without asking: whole snapshots, never differences.

use counterfoil_app::dto::{CartView, SyncStatus};
use serde::Serialize;
use specta::Type;
use tauri_specta::Event;

/// Where the sales are has changed.
#[derive(Clone, Debug, Serialize, Type, Event)]
pub(crate) struct SyncStatusChanged(pub(crate) SyncStatus);

/// Another program changed the open cart or the ledger.
#[derive(Clone, Debug, Serialize, Type, Event)]
pub(crate) struct CartChanged(pub(crate) CartView);

/// How far an import of products has come.
#[derive(Clone, Copy, Debug, Serialize, Type, Event)]
pub(crate) struct ImportProgress {
    /// Lines done.
    pub(crate) done: u32,
    /// Lines in all.
    pub(crate) total: u32,
}
