//! Files and standard input.

use std::io::Read;
use std::path::Path;

use counterfoil_app::{AppError, ErrorCode};

/// The most that is read at once: a catalogue of a million products has about 100 MB.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// Whether `file` means standard input.
pub(crate) fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// The whole file, or all of standard input for `-`.
pub(crate) fn bytes(file: &Path) -> Result<Vec<u8>, AppError> {
    let mut bytes = Vec::new();
    let read = reader(file)?.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    let read = read.map_err(|error| unreadable(file, &error))?;
    if u64::try_from(read).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(AppError::new(
            ErrorCode::FileUnreadable,
            format!("“{}” is larger than {MAX_BYTES} bytes", file.display()),
        ));
    }
    Ok(bytes)
}

/// The same as text.
pub(crate) fn text(file: &Path) -> Result<String, AppError> {
    String::from_utf8(bytes(file)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        AppError::invalid(format!("“{}” is not UTF-8 at byte {at}", file.display()))
    })
}

/// The file, or standard input for `-`, as it comes.
pub(crate) fn reader(file: &Path) -> Result<Box<dyn Read>, AppError> {
    if is_stdin(file) {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    match std::fs::File::open(file) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => Err(unreadable(file, &error)),
    }
}

pub(crate) fn unreadable(file: &Path, error: &std::io::Error) -> AppError {
    AppError::new(
        ErrorCode::FileUnreadable,
        format!("“{}” cannot be read: {error}", file.display()),
    )
}
