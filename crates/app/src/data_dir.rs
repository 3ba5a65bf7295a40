//! Where a register keeps its data, and which installation it is.

use std::path::PathBuf;

use crate::error::{AppError, ErrorCode, Result};

/// The data directory of the desktop app and of counterfoilctl, unless told otherwise:
/// `COUNTERFOIL_DATA`, or the user's own data folder (`~/.local/share/counterfoil`,
/// `%APPDATA%\Counterfoil\Counterfoil\data`, `~/Library/Application Support/org.Counterfoil.Counterfoil`).
pub fn default() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("COUNTERFOIL_DATA").filter(|dir| !dir.is_empty()) {
        return Ok(PathBuf::from(dir));
    }
    directories::ProjectDirs::from("org", "Counterfoil", "Counterfoil")
        .map(|dirs| dirs.data_dir().to_owned())
        .ok_or_else(|| {
            AppError::new(
                ErrorCode::FileUnreadable,
                "this user has no home folder; say where the data is with --data DIR",
            )
        })
}

/// The folder that says which installation this is, unless told otherwise: `COUNTERFOIL_CONFIG`, or
/// the user's own configuration folder (`~/.config/counterfoil`,
/// `%APPDATA%\Counterfoil\Counterfoil\config`, `~/Library/Application Support/org.Counterfoil.Counterfoil`).
pub fn config() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("COUNTERFOIL_CONFIG").filter(|dir| !dir.is_empty()) {
        return Ok(PathBuf::from(dir));
    }
    directories::ProjectDirs::from("org", "Counterfoil", "Counterfoil")
        .map(|dirs| dirs.config_dir().to_owned())
        .ok_or_else(|| {
            AppError::new(
                ErrorCode::FileUnreadable,
                "this user has no home folder; say where the configuration is with COUNTERFOIL_CONFIG",
            )
        })
}
