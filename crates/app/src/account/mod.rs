//! The register's own account: what is kept of it, and where.
//!
//! A file in the configuration folder says whose account it is. The refresh token lies in the
//! system's keychain; where there is none, in the same file, which only its owner may read.

mod ending;
mod former;
pub mod keychain;

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use counterfoil_firestore::auth::{Account, AuthError, AuthErrorKind, Secret, Vault};
use serde::{Deserialize, Serialize};

use crate::dto::{AccountView, KeptIn};
use crate::installation::{Places, name_of};
use keychain::{Asked, Keychain, KeychainError, NoKeychain, SystemKeychain};

pub(crate) use ending::end_former;
pub(crate) use former::Former;

/// How long a keychain may take before it counts as locked.
const PATIENCE: Duration = Duration::from_secs(5);
/// Names where the token is kept: `file` for never asking the system's keychain.
const KEYCHAIN: &str = "COUNTERFOIL_KEYCHAIN";

/// What the file holds.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    project: String,
    store_id: String,
    uid: String,
    /// The address of the account, under which the Firebase console lists it.
    email: String,
    /// Who signed the register in.
    signed_in_by: String,
    kept_in: KeptIn,
    /// Only where there is no keychain.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// A new account, to be kept.
#[derive(Debug)]
pub(crate) struct Enrolled {
    pub(crate) account: Account,
    pub(crate) email: String,
    pub(crate) signed_in_by: String,
}

/// Keeps the account of the register that works in one data directory.
pub struct Keep {
    file: PathBuf,
    name: String,
    keychain: Asked,
    problem: Mutex<Option<AuthError>>,
}

impl std::fmt::Debug for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keep")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl Keep {
    /// In the system's keychain, unless `COUNTERFOIL_KEYCHAIN` is `file`.
    pub fn of(places: &Places) -> Self {
        let off = std::env::var_os(KEYCHAIN).is_some_and(|where_to| where_to == "file");
        let keychain: Arc<dyn Keychain> = if off {
            Arc::new(NoKeychain)
        } else {
            Arc::new(SystemKeychain)
        };
        Self::in_keychain(places, keychain, PATIENCE)
    }

    /// In this keychain, which may take so long.
    pub fn in_keychain(places: &Places, keychain: Arc<dyn Keychain>, patience: Duration) -> Self {
        let name = name_of(&places.data);
        Self {
            file: places.config.join("accounts").join(&name),
            name,
            keychain: Asked::new(keychain, patience),
            problem: Mutex::new(None),
        }
    }

    /// Whose account is kept; none where nobody has signed in.
    ///
    /// # Errors
    /// `KeepingFailed` where the file cannot be read.
    pub fn view(&self) -> Result<Option<AccountView>, AuthError> {
        Ok(self.read()?.map(|kept| AccountView {
            email: kept.email,
            uid: kept.uid,
            signed_in_by: kept.signed_in_by,
            project: kept.project,
            store_id: kept.store_id,
            kept_in: kept.kept_in,
            file: (kept.kept_in == KeptIn::File).then(|| self.file.display().to_string()),
        }))
    }

    /// Why the register is not signed in, as it was found out last.
    pub fn problem(&self) -> Option<AuthError> {
        let problem = self.problem.lock();
        problem.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a new account in the place of the one that was kept.
    pub(crate) async fn put(&self, enrolled: Enrolled) -> Result<(), AuthError> {
        let Enrolled {
            account,
            email,
            signed_in_by,
        } = enrolled;
        let kept = Kept {
            project: account.project,
            store_id: account.store_id,
            uid: account.uid,
            email,
            signed_in_by,
            kept_in: KeptIn::Keychain,
            refresh_token: None,
        };
        // What cannot be read names nobody.
        if let Ok(Some(before)) = self.read() {
            self.note_former(&before)
                .map_err(|error| self.unusable(&error))?;
        }
        self.put_token(kept, &account.refresh_token).await
    }

    /// Forgets the account; answers whether there was one.
    pub(crate) async fn forget(&self) -> Result<bool, AuthError> {
        // What cannot be read may have been kept in either place.
        let before = self.read().ok().flatten();
        if let Some(before) = &before
            && let Err(error) = self.note_former(before)
        {
            tracing::warn!(%error, uid = %before.uid, "whose account this was is not remembered");
        }
        let in_file = before.is_some_and(|kept| kept.kept_in == KeptIn::File);
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            removed => removed.map_err(|error| self.unusable(&error))?,
        }
        tracing::info!("the register's account is forgotten");
        if in_file {
            return Ok(true);
        }
        let name = self.name.clone();
        let forgotten = self
            .keychain
            .ask(move |keychain| keychain.forget(&name))
            .await;
        if let Err(error) = forgotten {
            tracing::warn!(?error, "the keychain was not asked to forget the account");
        }
        Ok(true)
    }

    async fn put_token(&self, mut kept: Kept, token: &Secret) -> Result<(), AuthError> {
        let (name, secret) = (self.name.clone(), token.clone());
        let set = move |keychain: &dyn Keychain| keychain.set(&name, secret.expose());
        match self.keychain.ask(set).await {
            Ok(()) => kept.kept_in = KeptIn::Keychain,
            Err(error) => {
                tracing::warn!(
                    ?error,
                    "no keychain takes the account: a file that only its owner may read keeps it"
                );
                kept.kept_in = KeptIn::File;
                kept.refresh_token = Some(token.expose().to_owned());
            }
        }
        write(&self.file, &kept).map_err(|error| self.unusable(&error))
    }

    fn read(&self) -> Result<Option<Kept>, AuthError> {
        match fs::read(&self.file) {
            // Not the words of the reader: they may quote what they could not read.
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| {
                let said = format!("“{}” is not what was written", self.file.display());
                AuthError::new(AuthErrorKind::KeepingFailed, said)
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.unusable(&error)),
        }
    }

    fn unusable(&self, error: &io::Error) -> AuthError {
        let said = format!("“{}”: {error}", self.file.display());
        AuthError::new(AuthErrorKind::KeepingFailed, said)
    }
}

/// Whole or not at all: written beside it, then put in place. Nobody else may read either.
fn write(to: &Path, what: &impl Serialize) -> io::Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let beside = to.with_extension("new");
    // One that was left there may have other rights.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(&serde_json::to_vec_pretty(what)?)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, to)
}

#[async_trait]
impl Vault for Keep {
    fn revision(&self) -> u128 {
        let changed = fs::metadata(&self.file).and_then(|file| file.modified());
        let since = changed
            .ok()
            .and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        since.map_or(0, |since| since.as_nanos())
    }

    async fn account(&self) -> Result<Option<Account>, AuthError> {
        let Some(kept) = self.read()? else {
            return Ok(None);
        };
        let token = match kept.refresh_token {
            Some(token) => token,
            None => self.token().await?,
        };
        Ok(Some(Account {
            project: kept.project,
            store_id: kept.store_id,
            uid: kept.uid,
            refresh_token: Secret::new(token),
        }))
    }

    async fn renewed(&self, refresh_token: &Secret) -> Result<(), AuthError> {
        match self.read()? {
            Some(mut kept) => {
                kept.refresh_token = None;
                self.put_token(kept, refresh_token).await
            }
            // Signed out meanwhile.
            None => Ok(()),
        }
    }

    fn tell(&self, problem: Option<&AuthError>) {
        let mut last = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        *last = problem.cloned();
    }
}

impl Keep {
    async fn token(&self) -> Result<String, AuthError> {
        let name = self.name.clone();
        let said = self.keychain.ask(move |keychain| keychain.get(&name)).await;
        match said {
            Ok(Some(token)) => Ok(token),
            Ok(None) => Err(AuthError::new(
                AuthErrorKind::NotSignedIn,
                "the keychain has no account of this register",
            )),
            Err(KeychainError::Locked) => Err(AuthError::new(
                AuthErrorKind::KeychainLocked,
                "it keeps this register's account",
            )),
            Err(KeychainError::Missing(why)) => {
                let said = format!("the keychain has it, and cannot be asked: {why}");
                Err(AuthError::new(AuthErrorKind::KeepingFailed, said))
            }
        }
    }
}

#[cfg(test)]
mod tests;
