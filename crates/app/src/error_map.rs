//! What the inner crates' errors mean to whoever stands at the till.

use counterfoil_domain::currency::CurrencyError;
use counterfoil_domain::money::MoneyError;
use counterfoil_domain::quantity::QuantityError;
use counterfoil_store::{ErrorKind, StoreError};

use crate::error::{AppError, ErrorCode};

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        use ErrorCode as Code;
        let (code, advice) = match error.kind() {
            ErrorKind::Newer => (
                Code::DatabaseNewer,
                "; nothing was changed. Update this program, or restore the backup that the newer one made",
            ),
            ErrorKind::Damaged => (
                Code::DatabaseDamaged,
                ". Leave the file as it is and restore the last backup: counterfoilctl restore FILE",
            ),
            ErrorKind::Locked => (
                Code::DatabaseLocked,
                "; nothing was changed. Close the other program or try again",
            ),
            ErrorKind::Full => (
                Code::DiskFull,
                "; nothing was changed. Make room and try again",
            ),
            ErrorKind::ReadOnly => (
                Code::DatabaseReadOnly,
                "; nothing was changed. Give this user the right to write there",
            ),
            ErrorKind::Missing => (
                Code::NotSetUp,
                ". Set up a store first: counterfoilctl init, or start the desktop app",
            ),
            ErrorKind::NoFolder => (
                Code::DatabaseFailed,
                "; nothing was changed. Name another folder for the data, with --data DIR or COUNTERFOIL_DATA",
            ),
            ErrorKind::NotSetUp => (
                Code::NotSetUp,
                ". Set up a store first: counterfoilctl init, or start the desktop app",
            ),
            ErrorKind::BarcodeTaken => (Code::CatalogueInvalid, ""),
            ErrorKind::Io | ErrorKind::Refused | ErrorKind::Failed => {
                (Code::DatabaseFailed, "; nothing was changed")
            }
        };
        match code {
            // Nothing is wrong with a folder that is not set up yet, or with a barcode in a file.
            Code::NotSetUp | Code::CatalogueInvalid => tracing::debug!(%error, "refused"),
            _ => tracing::error!(%error, ?code, "the database refused"),
        }
        Self::new(code, format!("{error}{advice}."))
    }
}

impl From<MoneyError> for AppError {
    fn from(error: MoneyError) -> Self {
        Self::new(ErrorCode::AmountTooLarge, error.to_string())
    }
}

impl From<CurrencyError> for AppError {
    fn from(error: CurrencyError) -> Self {
        let code = match error {
            CurrencyError::TooLarge(_) => ErrorCode::AmountTooLarge,
            CurrencyError::Amount(_) | CurrencyError::Decimals { .. } => ErrorCode::InvalidAmount,
            CurrencyError::Code(_) => ErrorCode::InvalidInput,
        };
        Self::new(code, error.to_string())
    }
}

impl From<QuantityError> for AppError {
    fn from(error: QuantityError) -> Self {
        Self::new(ErrorCode::InvalidQuantity, error.to_string())
    }
}
