//! The register's own account in the cloud.

use std::fmt;

use serde::{Deserialize, Serialize};
use specta::Type;

/// A manager signs this register in.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignInInput {
    /// The manager's address.
    pub email: String,
    /// The manager's password. It is sent to Firebase Auth, and kept nowhere.
    pub password: String,
}

impl fmt::Debug for SignInInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInInput").finish_non_exhaustive()
    }
}

/// Where the account's token lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum KeptIn {
    /// In the system's keychain.
    Keychain,
    /// In a file that only its owner may read, because there is no keychain.
    File,
}

/// Whose account this register speaks with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// Its address, under which the Firebase console lists it.
    pub email: String,
    /// Its id, which names its membership.
    pub uid: String,
    /// Who signed the register in.
    pub signed_in_by: String,
    /// The project that it belongs to.
    pub project: String,
    /// The store that it is a member of.
    pub store_id: String,
    /// Where its token lies.
    pub kept_in: KeptIn,
    /// Which file that is, where it is one.
    pub file: Option<String>,
}
