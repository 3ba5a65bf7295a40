//! Errors at the edge: a code that a front end acts on, and a message that says what to do.

use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Unknown;

/// What kind of thing went wrong. A front end decides by this and never by the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "each name is its own meaning; messages carry the rest"
)]
pub enum ErrorCode {
    NotSetUp,
    AlreadySetUp,
    IdentityNeeded,
    InvalidInput,
    UnknownProduct,
    UnknownBarcode,
    InvalidQuantity,
    QuantityNeeded,
    InvalidAmount,
    AmountTooLarge,
    DiscountTooLarge,
    CartEmpty,
    CartTooLarge,
    CartChanged,
    CartPaidDifferently,
    PaymentTooSmall,
    ReferenceMissing,
    CardNumberRefused,
    TenderExceedsDue,
    NotFound,
    NotPermitted,
    ReasonMissing,
    ChoiceNotAvailable,
    AlreadyResolved,
    CatalogueInvalid,
    FileUnreadable,
    DatabaseNewer,
    DatabaseDamaged,
    DatabaseLocked,
    DatabaseReadOnly,
    DiskFull,
    DatabaseFailed,
    NotConnected,
    RegisterChanged,
    StoreDiffers,
    SalesElsewhere,
    SyncLocked,
    CloudUnreachable,
    CloudRefused,
    CloudContradicts,
    SignInNeeded,
    WrongPassword,
    AccountDisabled,
    SignInEnded,
    SignedInElsewhere,
    WrongProject,
    SignInClosed,
    SignUpClosed,
    TooManyAttempts,
    KeychainLocked,
    KeychainClosed,
    PrefixTaken,
    PrefixShared,
    UnsyncedSales,
    NotAllowed,
    Timeout,
    Internal,
}

impl ErrorCode {
    /// The code's spelling over IPC and on stderr.
    pub fn as_str(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(text)) => text,
            _ => "internal".to_owned(),
        }
    }

    /// Whether the caller can mend it by asking differently (counterfoilctl exits with 2), as
    /// against something that could not be done (1).
    pub const fn is_input(self) -> bool {
        matches!(
            self,
            Self::InvalidInput
                | Self::UnknownProduct
                | Self::UnknownBarcode
                | Self::InvalidQuantity
                | Self::QuantityNeeded
                | Self::InvalidAmount
                | Self::AmountTooLarge
                | Self::DiscountTooLarge
                | Self::CartEmpty
                | Self::CartTooLarge
                | Self::PaymentTooSmall
                | Self::ReferenceMissing
                | Self::CardNumberRefused
                | Self::TenderExceedsDue
                | Self::ReasonMissing
                | Self::CatalogueInvalid
                | Self::FileUnreadable
        )
    }
}

/// An error as every front end sees it: `{code, message, details}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct AppError {
    /// What kind of thing went wrong.
    pub code: ErrorCode,
    /// What happened, whether the money is safe, what to do.
    pub message: String,
    /// More for the front end: both versions of a cart, the lines of a file.
    #[specta(type = Option<Unknown>)]
    pub details: Option<serde_json::Value>,
}

impl AppError {
    /// An error with this code and message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
        }
    }

    /// The same with details. As in a record, what is absent is left out of them, never null.
    pub fn with_details(mut self, mut details: serde_json::Value) -> Self {
        leave_out_nulls(&mut details);
        self.details = Some(details);
        self
    }

    /// Something that cannot happen, did. The log has the rest.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        tracing::error!(%what, "internal error");
        Self::new(ErrorCode::Internal, format!("internal error: {what}"))
    }

    /// Input that is not what was asked for.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// Nothing with this name.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }
}

fn leave_out_nulls(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(values) => values.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}

/// The result of a use case.
pub type Result<T, E = AppError> = std::result::Result<T, E>;
