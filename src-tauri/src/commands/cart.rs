//! The open cart. Every command answers the whole cart as it is now.

use counterfoil_app::AppError;
use counterfoil_app::dto::{CartView, DiscountInput, Minor};
use tauri::State;

use crate::shell::Shell;

/// The open cart.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cart(shell: State<'_, Shell>) -> Result<CartView, AppError> {
    shell.ask(|till| till.cart()).await
}

/// Adds what a scanner read, or what was typed as a code.
#[tauri::command]
#[specta::specta]
pub(crate) async fn scan(
    shell: State<'_, Shell>,
    code: String,
    quantity: Option<String>,
) -> Result<CartView, AppError> {
    shell
        .ask(move |till| till.scan(&code, quantity.as_deref()))
        .await
}

/// Adds a product that was picked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_product(
    shell: State<'_, Shell>,
    sku: String,
    quantity: Option<String>,
    unit_price: Option<Minor>,
) -> Result<CartView, AppError> {
    shell
        .ask(move |till| till.add_product(&sku, quantity.as_deref(), unit_price))
        .await
}

/// Changes a line's quantity.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_line_quantity(
    shell: State<'_, Shell>,
    line: u32,
    quantity: String,
) -> Result<CartView, AppError> {
    shell
        .ask(move |till| till.set_line_quantity(line, &quantity))
        .await
}

/// Gives a line a discount, or takes it away.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_line_discount(
    shell: State<'_, Shell>,
    line: u32,
    discount: Option<DiscountInput>,
) -> Result<CartView, AppError> {
    shell
        .ask(move |till| till.set_line_discount(line, discount))
        .await
}

/// Overrides a line's unit price, in minor units.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_line_price(
    shell: State<'_, Shell>,
    line: u32,
    price: Minor,
) -> Result<CartView, AppError> {
    shell
        .ask(move |till| till.set_line_price(line, price))
        .await
}

/// Writes a note on a line, or removes it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_line_note(
    shell: State<'_, Shell>,
    line: u32,
    note: Option<String>,
) -> Result<CartView, AppError> {
    shell.ask(move |till| till.set_line_note(line, note)).await
}

/// Takes a line out.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_line(shell: State<'_, Shell>, line: u32) -> Result<CartView, AppError> {
    shell.ask(move |till| till.remove_line(line)).await
}

/// Gives the whole cart a discount, or takes it away.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_cart_discount(
    shell: State<'_, Shell>,
    discount: Option<DiscountInput>,
    reason: Option<String>,
) -> Result<CartView, AppError> {
    shell
        .ask(move |till| till.set_cart_discount(discount, reason))
        .await
}

/// Empties the cart.
#[tauri::command]
#[specta::specta]
pub(crate) async fn clear_cart(
    shell: State<'_, Shell>,
    reason: Option<String>,
) -> Result<CartView, AppError> {
    shell.ask(move |till| till.clear_cart(reason)).await
}
