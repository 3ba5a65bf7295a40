//! The ledger, read.

use counterfoil_app::AppError;
use counterfoil_app::dto::{SalePage, SaleView};
use tauri::State;

use crate::shell::Shell;

/// The newest sales, or those before a receipt sequence.
#[tauri::command]
#[specta::specta]
pub(crate) async fn recent_sales(
    shell: State<'_, Shell>,
    limit: u32,
    before: Option<u32>,
) -> Result<SalePage, AppError> {
    shell
        .ask(move |till| till.recent_sales(limit, before))
        .await
}

/// One sale, by its id or its receipt number.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sale(
    shell: State<'_, Shell>,
    id_or_receipt: String,
) -> Result<SaleView, AppError> {
    shell.ask(move |till| till.sale(&id_or_receipt)).await
}
