//! What the window is told without asking: whole snapshots, never differences.

use counterfoil_app::dto::{CartView, ImportProgress, SyncStatus};
use serde::Serialize;
use specta::Type;
use tauri_specta::Event;

/// Where the sales are has changed.
#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "sync-status")]
pub(crate) struct SyncStatusChanged(pub(crate) SyncStatus);

/// Another program changed the open cart or the ledger.
#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "cart-changed")]
pub(crate) struct CartChanged(pub(crate) CartView);

/// How far an import of products has come.
#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "import-progress")]
pub(crate) struct ImportProgressed(pub(crate) ImportProgress);
