//! Use cases of the till, the same for the window and for counterfoilctl.
//!
//! [`Till`] is the till: open one on a data directory and call its methods. Everything that a front
//! end may see is in [`dto`]; everything that may go wrong is an [`AppError`]. The crate knows no
//! window.

pub mod clock;
pub mod data_dir;
pub mod dto;
mod error;
pub mod logging;

mod csv;

pub use error::{AppError, ErrorCode, Result};
