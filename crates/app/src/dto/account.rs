//! The register's own account in the cloud.

use std::fmt;

use serde::{Deserialize, Serialize};
use specta::Type;

use super::RegisterView;

/// A manager signs this register in.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignInInput {
    /// The manager's address.
    pub email: String,
    /// The manager's password. It is sent to Firebase Auth, and kept nowhere.
    pub password: String,
    /// What the register is called from now on; without one it keeps its name.
    pub register_name: Option<String>,
}

impl fmt::Debug for SignInInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInInput").finish_non_exhaustive()
    }
}

/// What a sign-in came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignInResult {
    /// The register's own account.
    pub account: AccountView,
    /// The register, as it is called now.
    pub register: RegisterView,
    /// How many accounts that it had before were members of the store until now.
    pub ended: u32,
    /// Those that may be members still.
    pub still: Vec<StillMember>,
}

/// An account that the register had before, and that may be a member still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StillMember {
    /// The project that it belongs to.
    pub project: String,
    /// The store that it is a member of.
    pub store_id: String,
    /// Its id, which names its membership.
    pub uid: String,
    /// Why it could not be ended.
    pub why: StillWhy,
    /// What the cloud said, where it said something.
    pub said: Option<String>,
}

/// Why a membership could not be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum StillWhy {
    /// It is one of another store, in which this manager is nobody.
    OtherStore,
    /// It names another register: what this one was before it took its identity, say.
    OtherRegister,
    /// The cloud does not let this manager do it.
    NotAllowed,
    /// The cloud did not answer, or could not do it now.
    Unreachable,
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
