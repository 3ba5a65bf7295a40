//! What the window is told without asking: whole snapshots, never differences.

use counterfoil_app::dto::{CartView, ImportProgress, ReconcileProgress, SyncStatus, Unsynced};
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

/// How far a proof of the books has come.
#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "reconcile-progress")]
pub(crate) struct ReconcileProgressed(pub(crate) ReconcileProgress);

/// Somebody wants to close the window while this waits to be uploaded; it stays open until that is answered.
#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "close-held")]
pub(crate) struct CloseHeld(pub(crate) Unsynced);
