//! What goes on beside the window: the sync, and other programs on the same database.

use std::time::Duration;

use counterfoil_app::sync::{self, SyncHandle};
use counterfoil_app::{AppError, Till};
use tauri::AppHandle;
use tauri_specta::Event as _;

use crate::events::{CartChanged, SyncStatusChanged};

/// How often the window looks whether another program wrote to its database.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Starts the sync beside the till and tells the window of every new snapshot. With a database that
/// cannot be used there is nothing to sync.
pub(crate) fn start_sync(app: &AppHandle, till: &Till) -> Result<SyncHandle, AppError> {
    let parts = till.sync_parts()?;
    let handle = tauri::async_runtime::block_on(async { sync::start(parts).0 });
    till.attach_sync(handle.clone());
    let (app, till, mut status) = (app.clone(), till.clone(), handle.status());
    tauri::async_runtime::spawn(async move {
        while status.changed().await.is_ok() {
            tell_status(&app, &till).await;
        }
    });
    Ok(handle)
}

/// Tells the window what another program did to its database.
pub(crate) fn start_watch(app: &AppHandle, till: &Till) -> Result<(), AppError> {
    let mut watch = till.watch_database()?;
    let (app, till) = (app.clone(), till.clone());
    tauri::async_runtime::spawn(async move {
        let mut cart = None;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let asked = till.clone();
            let looked = tauri::async_runtime::spawn_blocking(move || {
                let changed = watch.changed().unwrap_or_else(|error| {
                    tracing::warn!(%error, "the database cannot be watched");
                    false
                });
                (watch, changed.then(|| asked.cart().ok()).flatten())
            });
            let Ok((kept, seen)) = looked.await else {
                return;
            };
            watch = kept;
            let Some(seen) = seen else { continue };
            // Every write of this window is seen here too; its own cart is no news to it.
            if cart.as_ref() != Some(&seen) {
                cart = Some(seen.clone());
                // A window that is just closing has nobody to tell.
                let _ = CartChanged(seen).emit(&app);
            }
            tell_status(&app, &till).await;
        }
    });
    Ok(())
}

/// The engine's state with the counts of this moment.
async fn tell_status(app: &AppHandle, till: &Till) {
    let till = till.clone();
    let status = tauri::async_runtime::spawn_blocking(move || till.sync_status()).await;
    if let Ok(Ok(status)) = status {
        let _ = SyncStatusChanged(status).emit(app);
    }
}
