//! Paying: what is still due, and the sale itself.

use counterfoil_app::AppError;
use counterfoil_app::dto::{CheckoutInput, CheckoutResult, PaymentPreview, TenderInput};
use tauri::State;

use crate::shell::Shell;

/// What is left to pay, the change and the notes to offer, with the tenders taken so far.
#[tauri::command]
#[specta::specta]
pub(crate) async fn payment_preview(
    shell: State<'_, Shell>,
    tenders: Vec<TenderInput>,
) -> Result<PaymentPreview, AppError> {
    shell.ask(move |till| till.payment_preview(&tenders)).await
}

/// Makes the open cart a sale: recomputed in Rust, durable before it is answered. The same cart
/// again answers the same sale, so a double Enter cannot sell twice.
#[tauri::command]
#[specta::specta]
pub(crate) async fn process_checkout(
    shell: State<'_, Shell>,
    input: CheckoutInput,
) -> Result<CheckoutResult, AppError> {
    shell.ask(move |till| till.process_checkout(input)).await
}
