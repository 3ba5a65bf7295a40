//! Products: by category, by what is typed, and from a file.

use counterfoil_app::AppError;
use counterfoil_app::dto::{Category, ImportInput, ImportReport, Product};
use tauri::{AppHandle, State};
use tauri_specta::Event as _;

use crate::events::ImportProgressed;
use crate::shell::Shell;

/// The categories with how many products each has.
#[tauri::command]
#[specta::specta]
pub(crate) async fn categories(shell: State<'_, Shell>) -> Result<Vec<Category>, AppError> {
    shell.ask(|till| till.categories()).await
}

/// A page of a category's products.
#[tauri::command]
#[specta::specta]
pub(crate) async fn category_products(
    shell: State<'_, Shell>,
    category: String,
    offset: u32,
    limit: u32,
) -> Result<Vec<Product>, AppError> {
    shell
        .ask(move |till| till.category_products(&category, offset, limit))
        .await
}

/// The products that match what was typed so far, best first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn search_products(
    shell: State<'_, Shell>,
    text: String,
    limit: u32,
) -> Result<Vec<Product>, AppError> {
    shell
        .ask(move |till| till.search_products(&text, limit))
        .await
}

/// Imports products from the text of a CSV file, or says what would happen.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_catalogue(
    app: AppHandle,
    shell: State<'_, Shell>,
    input: ImportInput,
) -> Result<ImportReport, AppError> {
    shell
        .ask(move |till| {
            till.import_catalogue(input, move |progress| {
                // A window that is just closing has nobody to tell.
                let _ = ImportProgressed(progress).emit(&app);
            })
        })
        .await
}
