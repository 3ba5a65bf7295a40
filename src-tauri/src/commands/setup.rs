//! First start, who is at the till, and how it looks.

use counterfoil_app::AppError;
use counterfoil_app::dto::{AppState, NewIdentityInput, Preferences, SetUpInput};
use tauri::State;

use crate::shell::Shell;

/// What the window shows first: set-up, the till, or why it cannot open.
#[tauri::command]
#[specta::specta]
pub(crate) async fn app_state(shell: State<'_, Shell>) -> Result<AppState, AppError> {
    shell.state().await
}

/// Creates the store and the register in the empty database.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_up_store(
    shell: State<'_, Shell>,
    input: SetUpInput,
) -> Result<AppState, AppError> {
    shell.ask(move |till| till.set_up_store(input)).await
}

/// Makes a copied or moved register another one, with a receipt series of its own.
#[tauri::command]
#[specta::specta]
pub(crate) async fn new_identity(
    shell: State<'_, Shell>,
    input: NewIdentityInput,
) -> Result<AppState, AppError> {
    shell.till().another_identity(input).await
}

/// Names the person at the till.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_cashier(
    shell: State<'_, Shell>,
    name: String,
) -> Result<AppState, AppError> {
    shell.ask(move |till| till.set_cashier(&name)).await
}

/// Keeps theme, language, sounds and density.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_preferences(
    shell: State<'_, Shell>,
    preferences: Preferences,
) -> Result<AppState, AppError> {
    shell
        .ask(move |till| till.save_preferences(preferences))
        .await
}
