//! What may go wrong with a sign-in, told apart by the server's own codes.

use counterfoil_sync::{Code, RemoteError};
use serde_json::Value;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthErrorKind {
    /// This register has no account here.
    NotSignedIn,
    /// The account is one of Google's and the server an emulator, or the other way round. Nothing was sent.
    OtherSide,
    /// No such account, or another password. The server does not say which.
    WrongPassword,
    /// Somebody has disabled the account.
    AccountDisabled,
    /// The account is gone, or its sessions were ended.
    SessionEnded,
    /// The key or the token is another project's, or no key is known.
    WrongProject,
    /// Signing in with e-mail and password is not enabled in the project.
    NotOffered,
    /// The project lets nobody make accounts.
    SignUpClosed,
    /// Too many attempts; the server listens again later.
    TooManyAttempts,
    /// No network, or no answer in time.
    Unreachable,
    /// The server fails.
    ServerTrouble,
    /// The system's keychain is locked, or waits for somebody to unlock it.
    KeychainLocked,
    /// The system's keychain does not take what it is to keep: it is locked, does not answer, or refuses.
    KeychainClosed,
    /// What was kept of the sign-in cannot be read.
    KeepingFailed,
}

impl AuthErrorKind {
    /// What happened and what to do, in one or two sentences.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotSignedIn => "This register is not signed in. A manager signs it in",
            Self::OtherSide => {
                "This register's key is sent to nobody but those who gave it, Google or an emulator, and this program was started for the others. Start it as it was when the register was signed in, or a manager signs it in anew"
            }
            Self::WrongPassword => {
                "The account is not known, or the password is another one. Check both and try again"
            }
            Self::AccountDisabled => {
                "The account is disabled. Its owner enables it in the Firebase console, or a manager signs this register in anew"
            }
            Self::SessionEnded => {
                "The sign-in has ended: the account is gone or was signed out everywhere. A manager signs this register in anew"
            }
            Self::WrongProject => {
                "The web API key does not belong to this project. Connect with the key that the Firebase console shows under Project settings"
            }
            Self::NotOffered => {
                "This project does not let anybody sign in with e-mail and password. Enable it in the Firebase console under Authentication, Sign-in method"
            }
            Self::SignUpClosed => {
                "This project lets nobody make accounts. Switch “Enable create (sign-up)” on in the Firebase console while you sign registers in, and off again afterwards"
            }
            Self::TooManyAttempts => {
                "Firebase has had too many attempts and listens again in a few minutes"
            }
            Self::Unreachable => "Firebase Auth cannot be reached. Check the network and try again",
            Self::ServerTrouble => "Firebase Auth is in trouble. Try again in a few minutes",
            Self::KeychainLocked => {
                "The keychain is locked. Unlock it; the register goes on by itself"
            }
            Self::KeychainClosed => {
                "The keychain of this computer is locked or does not answer, and the register's key is kept nowhere else. Nobody was signed in. Unlock it and sign in again. A computer that is to use none starts with COUNTERFOIL_KEYCHAIN=file"
            }
            Self::KeepingFailed => {
                "What this register keeps of its sign-in cannot be read. A manager signs it in anew"
            }
        }
    }
}

/// Why somebody is not signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} ({said})", kind.words())]
pub struct AuthError {
    /// What is wrong.
    pub kind: AuthErrorKind,
    /// The server's or the keychain's own words; never a secret.
    pub said: String,
}

impl AuthError {
    /// Of this kind, in somebody's own words.
    pub fn new(kind: AuthErrorKind, said: impl Into<String>) -> Self {
        let said = said.into();
        Self { kind, said }
    }
}

impl From<AuthError> for RemoteError {
    fn from(error: AuthError) -> Self {
        let code = match error.kind {
            AuthErrorKind::Unreachable | AuthErrorKind::ServerTrouble => Code::Unavailable,
            AuthErrorKind::TooManyAttempts => Code::ResourceExhausted,
            _ => Code::Unauthenticated,
        };
        Self {
            code,
            message: error.to_string(),
        }
    }
}

/// What a refusal means (<https://docs.cloud.google.com/identity-platform/docs/error-codes>): by the
/// first word of its message, which is the code of Firebase Auth, or by the reason in its details.
pub(super) fn refused(status: u16, error: &Value) -> AuthError {
    let message = error["message"].as_str().unwrap_or_default();
    let code = message.split([' ', ':']).next().unwrap_or_default();
    let details = error["details"].as_array().into_iter().flatten();
    let reason = details
        .filter_map(|detail| detail["reason"].as_str())
        .next()
        .unwrap_or_default();
    let kind = match (code, reason) {
        (
            "EMAIL_NOT_FOUND"
            | "INVALID_PASSWORD"
            | "INVALID_LOGIN_CREDENTIALS"
            | "INVALID_EMAIL"
            | "MISSING_EMAIL"
            | "MISSING_PASSWORD",
            _,
        ) => AuthErrorKind::WrongPassword,
        ("USER_DISABLED", _) => AuthErrorKind::AccountDisabled,
        (
            "TOKEN_EXPIRED"
            | "USER_NOT_FOUND"
            | "INVALID_REFRESH_TOKEN"
            | "MISSING_REFRESH_TOKEN"
            | "INVALID_ID_TOKEN"
            | "CREDENTIAL_TOO_OLD_LOGIN_AGAIN",
            _,
        ) => AuthErrorKind::SessionEnded,
        ("PROJECT_NUMBER_MISMATCH" | "PROJECT_NOT_FOUND" | "INVALID_PROJECT_ID", _)
        | (
            _,
            "API_KEY_INVALID"
            | "API_KEY_SERVICE_BLOCKED"
            | "API_KEY_HTTP_REFERRER_BLOCKED"
            | "API_KEY_IP_ADDRESS_BLOCKED"
            | "CONSUMER_INVALID"
            | "SERVICE_DISABLED",
        ) => AuthErrorKind::WrongProject,
        ("OPERATION_NOT_ALLOWED" | "PASSWORD_LOGIN_DISABLED" | "CONFIGURATION_NOT_FOUND", _) => {
            AuthErrorKind::NotOffered
        }
        ("ADMIN_ONLY_OPERATION", _) => AuthErrorKind::SignUpClosed,
        ("TOO_MANY_ATTEMPTS_TRY_LATER" | "QUOTA_EXCEEDED" | "RESOURCE_EXHAUSTED", _) => {
            AuthErrorKind::TooManyAttempts
        }
        _ if status == 429 => AuthErrorKind::TooManyAttempts,
        _ => AuthErrorKind::ServerTrouble,
    };
    // A server between here and there may answer with a page of its own.
    let said = if message.is_empty() {
        format!("HTTP {status}")
    } else {
        message.chars().take(200).collect()
    };
    AuthError::new(kind, said)
}
