//! The register's own account in the cloud.

use counterfoil_app::AppError;
use counterfoil_app::dto::{AccountView, SignInInput, SignInResult};
use tauri::State;

use crate::shell::Shell;

/// Whose account this register speaks with; none where nobody has signed it in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn account(shell: State<'_, Shell>) -> Result<Option<AccountView>, AppError> {
    shell.ask(|till| till.account()).await
}

/// A manager signs this register in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(
    shell: State<'_, Shell>,
    input: SignInInput,
) -> Result<SignInResult, AppError> {
    shell.till().sign_in(input).await
}

/// Forgets the register's account; with sales that wait only where that is confirmed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_out(shell: State<'_, Shell>, anyway: bool) -> Result<bool, AppError> {
    shell.till().sign_out(anyway).await
}
