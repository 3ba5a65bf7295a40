//! The contract with the window: TypeScript types and wrappers, generated from the commands.

use tauri::Wry;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use crate::{commands, events};

/// Every command and event that the window may use.
pub(crate) fn builder() -> Builder<Wry> {
    Builder::<Wry>::new()
        .commands(collect_commands![
            commands::setup::app_state,
            commands::setup::set_up_store,
            commands::setup::new_identity,
            commands::setup::set_cashier,
            commands::setup::save_preferences,
            commands::catalogue::categories,
            commands::catalogue::category_products,
            commands::catalogue::search_products,
            commands::catalogue::import_catalogue,
            commands::cart::cart,
            commands::cart::scan,
            commands::cart::add_product,
            commands::cart::set_line_quantity,
            commands::cart::set_line_discount,
            commands::cart::set_line_price,
            commands::cart::set_line_note,
            commands::cart::remove_line,
            commands::cart::set_cart_discount,
            commands::cart::clear_cart,
            commands::payment::payment_preview,
            commands::payment::process_checkout,
            commands::sales::recent_sales,
            commands::sales::sale,
            commands::sync::sync_status,
            commands::sync::sync_now,
            commands::sync::sync_connect,
            commands::sync::sync_disconnect,
            commands::sync::sync_prices,
            commands::sync::set_sync_prices,
            commands::account::account,
            commands::account::sign_in,
            commands::account::sign_out,
            commands::sync::failed_page,
            commands::sync::failed_detail,
            commands::sync::resolve_failed,
            commands::sync::decide_warning,
            commands::sync::duplicate_settings,
            commands::sync::set_duplicate_rule,
            commands::sync::mute_duplicates,
            commands::sync::list_duplicates_again,
            commands::sync::reconcile,
            commands::closing::answer_close,
        ])
        .events(collect_events![
            events::SyncStatusChanged,
            events::CartChanged,
            events::ImportProgressed,
            events::ReconcileProgressed,
            events::CloseHeld,
        ])
        .error_handling(ErrorHandlingMode::Result)
        // Amounts are refused beyond 2^53−1 by their constructor, so a JavaScript number is exact.
        .disable_serde_phases()
        .dangerously_cast_bigints_to_number()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use specta_typescript::Typescript;

    /// `UPDATE_BINDINGS=1 cargo test -p counterfoil` (or `cargo xtask bindings`) writes them anew.
    #[test]
    fn the_windows_types_are_those_of_the_commands() {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/generated/bindings.ts");
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let fresh = scratch.path().join("bindings.ts");
        let header =
            "// Generated from the Rust commands by `cargo xtask bindings`. Do not edit.\n";
        super::builder()
            .export(Typescript::default().header(header), &fresh)
            .expect("the commands can be written as TypeScript");
        let fresh = std::fs::read_to_string(&fresh).expect("the file just written");
        if std::env::var_os("UPDATE_BINDINGS").is_some() {
            std::fs::write(&committed, &fresh).expect("the bindings can be written");
        }
        let committed = std::fs::read_to_string(&committed).expect("the committed bindings");
        assert_eq!(
            committed, fresh,
            "the bindings have drifted: run `cargo xtask bindings`"
        );
    }
}
