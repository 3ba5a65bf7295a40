//! The composition root: the till, its sync, its window.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::dto::AppState;
use counterfoil_app::sync::SyncHandle;
use counterfoil_app::{AppError, ErrorCode, Places, Till, logging};
use tauri::{App, AppHandle, Manager, Wry};

use crate::closing::{self, Closing};
use crate::{bindings, frame, menu, watch};

/// The file whose lock says that a window is open on a data directory (docs/adr/0004).
const WINDOW_LOCK: &str = "window.lock";

/// What the commands share.
pub(crate) struct Shell {
    till: Till,
    /// None with a database that cannot be used.
    sync: Option<SyncHandle>,
}

impl Shell {
    /// Asks the till on a thread that may wait for the disk, so that the window never does.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Till) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let till = self.till.clone();
        match tauri::async_runtime::spawn_blocking(move || question(&till)).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(%error, "a use case ended without an answer");
                Err(AppError::new(
                    ErrorCode::Internal,
                    "the till stopped in the middle of this. What was paid is on disk; look at the \
                     last receipt before you ring it up again",
                ))
            }
        }
    }

    /// The till, for what waits for the network and not for the disk.
    pub(crate) fn till(&self) -> Till {
        self.till.clone()
    }

    /// What the window shows first.
    pub(crate) async fn state(&self) -> Result<AppState, AppError> {
        self.ask(Till::app_state).await
    }

    /// A person asked: nothing waits for its turn.
    pub(crate) fn sync_now(&self) {
        self.till.wake_sync();
    }

    /// The register belongs to another cloud from now on.
    pub(crate) fn connected(&self) {
        if let Some(sync) = &self.sync {
            sync.connected();
        }
    }
}

/// Opens the till of the data directory in its window and runs until it is closed.
pub fn run() -> ExitCode {
    let places = match Places::of_user(None, None) {
        Ok(places) => places,
        Err(error) => return refuse(&error.to_string()),
    };
    let dir = places.data.clone();
    let lock = lock_window(&dir);
    let _log = logging::start(&dir, "counterfoil");
    let builder = tauri::Builder::default()
        .plugin(
            tauri_plugin_single_instance::Builder::new()
                .callback(|app, _arguments, _folder| raise(app))
                .dbus_id(bus_name(&dir))
                .build(),
        )
        .plugin(frame::kept())
        .on_window_event(frame::fit)
        .on_window_event(closing::ask);
    let builder = if cfg!(target_os = "macos") {
        builder.menu(menu::of_a_mac).on_menu_event(menu::chosen)
    } else {
        builder
    };
    let bindings = bindings::builder();
    let app = builder
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            compose(app, &places);
            Ok(())
        })
        // Where there is a session bus, this raises the window that is open and ends here.
        .build(tauri::generate_context!());
    match (app, lock) {
        (Ok(app), Ok(lock)) => {
            // Held until the process ends; the system releases it even after a crash.
            app.manage(lock);
            app.run(|app, event| closing::ask_at_exit(app, &event));
            ExitCode::SUCCESS
        }
        (Ok(_), Err(open)) => refuse(&open),
        (Err(error), _) => refuse(&error.to_string()),
    }
}

/// Puts the till, its sync and what watches them together.
fn compose(app: &mut App<Wry>, places: &Places) {
    let till = Till::open_or_blocked(places, Arc::new(SystemClock), Arc::new(RandomIds));
    let sync = watch::start_sync(app.handle(), &till).and_then(|sync| {
        watch::start_watch(app.handle(), &till)?;
        Ok(sync)
    });
    if let Err(error) = &sync {
        tracing::error!(%error, "the till cannot be used; the window says why");
    }
    app.manage(Closing::default());
    app.manage(Shell {
        till,
        sync: sync.ok(),
    });
}

/// Takes the lock of the window, or says that there is one already.
fn lock_window(dir: &Path) -> Result<Option<File>, String> {
    let opened = std::fs::create_dir_all(dir).and_then(|()| {
        File::options()
            .create(true)
            .append(true)
            .open(dir.join(WINDOW_LOCK))
    });
    match opened.map(|file| (file.try_lock(), file)) {
        Ok((Ok(()), file)) => Ok(Some(file)),
        Ok((Err(TryLockError::WouldBlock), _)) => Err(format!(
            "Counterfoil is already open on {}. Nothing was changed; use the window that is open.",
            dir.display()
        )),
        // A folder that cannot be written is the till's own news: it opens and says so.
        Ok((Err(TryLockError::Error(_)), _)) | Err(_) => Ok(None),
    }
}

/// Brings the window that is already open to the front.
fn raise(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // Best effort: some window managers refuse.
        let _ = window
            .unminimize()
            .and_then(|()| window.show())
            .and_then(|()| window.set_focus());
    }
}

/// A name on the session bus for each data directory.
fn bus_name(dir: &Path) -> String {
    let canonical = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let hash = canonical.as_os_str().as_encoded_bytes().iter().fold(
        // FNV-1a, 64 bits: stable across versions, which the standard hasher does not promise.
        0xcbf2_9ce4_8422_2325_u64,
        |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3),
    );
    format!("org.counterfoil.till.d{hash:016x}")
}

/// Ends with words on the terminal, when there is no window to say them in.
#[expect(clippy::print_stderr, reason = "there is no window and perhaps no log")]
fn refuse(message: &str) -> ExitCode {
    tracing::error!(message, "the window cannot open");
    eprintln!("counterfoil: {message}");
    ExitCode::FAILURE
}
