//! The sync panel: state, failed items, decisions.

use counterfoil_app::AppError;
use counterfoil_app::dto::{
    DuplicateSettings, FailedDetail, FailedPage, Minor, ReconcileInput, ReconcileReport,
    ResolveInput, ResolveResult, SyncPrices, SyncStatus, WarningDecision,
};
use tauri::{AppHandle, State};
use tauri_specta::Event as _;

use crate::events::ReconcileProgressed;
use crate::shell::Shell;

/// Where the sales are, now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_status(shell: State<'_, Shell>) -> Result<SyncStatus, AppError> {
    shell.ask(|till| till.sync_status()).await
}

/// Tries now, without waiting for the next attempt.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_now(shell: State<'_, Shell>) -> Result<SyncStatus, AppError> {
    shell.sync_now();
    shell.ask(|till| till.sync_status()).await
}

/// Says which Firestore this register belongs to; `anyway` although sales wait for another one that has none yet.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_connect(
    shell: State<'_, Shell>,
    project: String,
    store_id: String,
    api_key: Option<String>,
    anyway: bool,
) -> Result<SyncStatus, AppError> {
    let status = shell
        .ask(move |till| till.sync_connect(&project, &store_id, api_key.as_deref(), anyway))
        .await?;
    shell.connected();
    Ok(status)
}

/// Disconnects this register from its store; `anyway` although sales wait for it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_disconnect(
    shell: State<'_, Shell>,
    anyway: bool,
) -> Result<SyncStatus, AppError> {
    let status = shell.ask(move |till| till.sync_disconnect(anyway)).await?;
    shell.connected();
    Ok(status)
}

/// What the cloud asks for its operations.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_prices(shell: State<'_, Shell>) -> Result<SyncPrices, AppError> {
    shell.ask(|till| till.sync_prices()).await
}

/// Sets what the cloud asks; the costs are reckoned anew.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_sync_prices(
    shell: State<'_, Shell>,
    prices: SyncPrices,
) -> Result<SyncPrices, AppError> {
    shell.ask(move |till| till.set_sync_prices(&prices)).await
}

/// What a possible duplicate is, and which pairs are not listed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn duplicate_settings(
    shell: State<'_, Shell>,
) -> Result<DuplicateSettings, AppError> {
    shell.ask(|till| till.duplicate_settings()).await
}

/// Sets how far apart two sales may be, and from which total on every pair is listed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_duplicate_rule(
    shell: State<'_, Shell>,
    window_seconds: u32,
    listed_total: Option<Minor>,
) -> Result<DuplicateSettings, AppError> {
    let listed_total = listed_total.map(Into::into);
    shell
        .ask(move |till| till.set_duplicate_rule(window_seconds, listed_total))
        .await
}

/// Lists no pair like that of this warning any more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mute_duplicates(
    shell: State<'_, Shell>,
    id: u32,
) -> Result<SyncStatus, AppError> {
    shell.ask(move |till| till.mute_duplicates(id)).await
}

/// Lists pairs of a pattern again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_duplicates_again(
    shell: State<'_, Shell>,
    fingerprint: String,
) -> Result<DuplicateSettings, AppError> {
    shell
        .ask(move |till| till.list_duplicates_again(&fingerprint))
        .await
}

/// A page of failed items, possible duplicates, and items held by other registers.
#[tauri::command]
#[specta::specta]
pub(crate) async fn failed_page(
    shell: State<'_, Shell>,
    page: u32,
) -> Result<FailedPage, AppError> {
    shell.ask(move |till| till.failed_page(page)).await
}

/// One failed item: both versions, what differs, and what each choice would do.
#[tauri::command]
#[specta::specta]
pub(crate) async fn failed_detail(
    shell: State<'_, Shell>,
    sale_id: String,
) -> Result<FailedDetail, AppError> {
    shell.ask(move |till| till.failed_detail(&sale_id)).await
}

/// Carries out a manager's decision.
#[tauri::command]
#[specta::specta]
pub(crate) async fn resolve_failed(
    shell: State<'_, Shell>,
    input: ResolveInput,
) -> Result<ResolveResult, AppError> {
    shell.ask(move |till| till.resolve_failed(input)).await
}

/// Answers a possible duplicate.
#[tauri::command]
#[specta::specta]
pub(crate) async fn decide_warning(
    shell: State<'_, Shell>,
    id: u32,
    decision: WarningDecision,
) -> Result<SyncStatus, AppError> {
    shell
        .ask(move |till| till.decide_warning(id, decision))
        .await
}

/// Compares receipt series, journal and cloud; sends again what is missing where that is asked for.
#[tauri::command]
#[specta::specta]
pub(crate) async fn reconcile(
    app: AppHandle,
    shell: State<'_, Shell>,
    input: ReconcileInput,
) -> Result<ReconcileReport, AppError> {
    shell
        .ask(move |till| {
            let progress = |at| {
                // A window that is just closing has nobody to tell.
                let _ = ReconcileProgressed(at).emit(&app);
            };
            tauri::async_runtime::block_on(till.reconcile(&input, &progress))
        })
        .await
}
