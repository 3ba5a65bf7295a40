//! Where the window stands and how large it is: kept from one start to the next, and never larger than the screens.

use tauri::plugin::TauriPlugin;
use tauri::{Monitor, PhysicalPosition, PhysicalSize, Window, WindowEvent, Wry};
use tauri_plugin_window_state::StateFlags;

/// Keeps size, place and whether the window fills the screen.
///
/// Not whether it is shown: a till that ended while it was hidden must not come back invisible.
pub(crate) fn kept() -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::default()
        .with_state_flags(
            StateFlags::SIZE
                | StateFlags::POSITION
                | StateFlags::MAXIMIZED
                | StateFlags::FULLSCREEN,
        )
        .build()
}

/// Fits a window that has become larger than all screens together, as one does that was kept on a larger screen than
/// the one that is there now: its Pay key would lie where nobody can reach it.
pub(crate) fn fit(window: &Window, event: &WindowEvent) {
    if !matches!(
        event,
        WindowEvent::Resized(_) | WindowEvent::ScaleFactorChanged { .. }
    ) {
        return;
    }
    // Best effort: a system that does not say what it has keeps what it was told.
    let (Ok(size), Some((corner, room))) = (window.inner_size(), screens(window)) else {
        return;
    };
    let fitting = PhysicalSize::new(size.width.min(room.width), size.height.min(room.height));
    if fitting != size {
        let _ = window
            .set_position(corner)
            .and_then(|()| window.set_size(fitting));
    }
}

/// The rectangle around all screens: its corner and its size.
fn screens(window: &Window) -> Option<(PhysicalPosition<i32>, PhysicalSize<u32>)> {
    let screens = window.available_monitors().ok()?;
    let edges = |monitor: &Monitor| {
        let (corner, size) = (monitor.position(), monitor.size());
        let right = corner.x.saturating_add_unsigned(size.width);
        let bottom = corner.y.saturating_add_unsigned(size.height);
        (corner.x, corner.y, right, bottom)
    };
    let (left, top, right, bottom) = screens
        .iter()
        .map(edges)
        .reduce(|a, b| (a.0.min(b.0), a.1.min(b.1), a.2.max(b.2), a.3.max(b.3)))?;
    Some((
        PhysicalPosition::new(left, top),
        PhysicalSize::new(left.abs_diff(right), top.abs_diff(bottom)),
    ))
}
