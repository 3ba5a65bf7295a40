//! The menu of a Mac.
//!
//! Its Quit is an item of ours: the system's own ends a program without asking it.

use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem as Item, Submenu};
use tauri::{AppHandle, Wry};

const QUIT: &str = "quit";

/// What Tauri gives a program that has no menu of its own, with another Quit.
pub(crate) fn of_a_mac(app: &AppHandle) -> tauri::Result<Menu<Wry>> {
    let name = app.package_info().name.clone();
    let quit = MenuItem::with_id(app, QUIT, format!("Quit {name}"), true, Some("Cmd+Q"))?;
    let own = Submenu::with_items(
        app,
        name,
        true,
        &[
            &Item::about(app, None, None)?,
            &Item::separator(app)?,
            &Item::services(app, None)?,
            &Item::separator(app)?,
            &Item::hide(app, None)?,
            &Item::hide_others(app, None)?,
            &Item::separator(app)?,
            &quit,
        ],
    )?;
    let edit = Submenu::with_items(
        app,
        "Edit",
        true,
        &[
            &Item::undo(app, None)?,
            &Item::redo(app, None)?,
            &Item::separator(app)?,
            &Item::cut(app, None)?,
            &Item::copy(app, None)?,
            &Item::paste(app, None)?,
            &Item::select_all(app, None)?,
        ],
    )?;
    let window = Submenu::with_items(
        app,
        "Window",
        true,
        &[
            &Item::minimize(app, None)?,
            &Item::maximize(app, None)?,
            &Item::fullscreen(app, None)?,
            &Item::separator(app)?,
            &Item::close_window(app, None)?,
        ],
    )?;
    Menu::with_items(app, &[&own, &edit, &window])
}

/// Quits as the close button of the window does: what waits for the cloud is asked about first.
pub(crate) fn chosen(app: &AppHandle, event: MenuEvent) {
    if event.id() == QUIT {
        app.exit(0);
    }
}
