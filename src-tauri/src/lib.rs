//! The desktop shell: it composes the till with a window and forwards, and decides nothing.
//!
//! The webview is untrusted. Every command hands what it was given to a use case of
//! `counterfoil-app`, which checks it; what the window shows comes back as a whole view.

mod bindings;
mod closing;
mod commands;
mod events;
mod frame;
mod menu;
mod shell;
mod watch;

pub use shell::run;
