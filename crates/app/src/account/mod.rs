//! The register's own account: what is kept of it, and where.
//!
//! A file in the configuration folder says whose account it is. The refresh token lies in the
//! system's keychain; only where there is none, in the same file, which only its owner may read. A
//! keychain that is there and does not open is no reason for the file: nobody is signed in then.

mod ending;
mod former;
pub mod keychain;
mod left;

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use counterfoil_firestore::auth::{Account, AuthError, AuthErrorKind, Secret, Side, Vault};
use serde::{Deserialize, Serialize};

use crate::dto::{AccountView, KeptIn};
use crate::installation::{Places, name_of};
use keychain::{Asked, Keychain, KeychainError, NoKeychain, SystemKeychain};

pub(crate) use ending::end_former;
pub(crate) use former::Former;
use left::Left;

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
    /// Who knows the account. A file from before this was told may hold one of Google's, which an emulator must not get.
    #[serde(default = "googles")]
    side: Side,
    /// The address of the account, under which the Firebase console lists it.
    email: String,
    /// Who signed the register in.
    signed_in_by: String,
    kept_in: KeptIn,
    /// What the keychain has its token under; none in a file from before accounts had entries of their
    /// own, whose entry has the name of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// Only where there is no keychain.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

const fn googles() -> Side {
    Side::Google
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
    left: Left,
    /// Whether this program has tried what a sign-out had to leave in the keychain.
    tidied: AtomicBool,
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
        let file = places.config.join("accounts").join(&name);
        let left = Left::beside(file.clone());
        Self {
            file,
            name,
            keychain: Asked::new(keychain, patience, left.clone()),
            left,
            tidied: AtomicBool::new(false),
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

    /// Whether the keychain takes something now, or there is none. Asked before an account is made.
    ///
    /// # Errors
    /// `KeychainClosed` where there is one that is locked, does not answer in time, or refuses.
    pub(crate) async fn ready(&self) -> Result<(), AuthError> {
        let entry = format!("{}-trial", self.name);
        // Forgotten in the same breath, however late somebody unlocks it.
        let trial = move |keychain: &dyn Keychain| {
            keychain.set(&entry, "trial")?;
            keychain.forget(&entry)
        };
        match self.keychain.ask(trial).await {
            Ok(()) | Err(KeychainError::Missing(_)) => Ok(()),
            Err(error) => Err(closed(error)),
        }
    }

    /// Keeps a new account in the place of the one that was kept.
    ///
    /// # Errors
    /// `KeychainClosed` where there is a keychain that is locked, does not answer in time, or refuses;
    /// `KeepingFailed` where the file cannot be written. What was kept before is kept still.
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
            side: account.side,
            email,
            signed_in_by,
            kept_in: KeptIn::Keychain,
            entry: None,
            refresh_token: None,
        };
        // What cannot be read names nobody.
        if let Ok(Some(before)) = self.read() {
            self.note_former(&before)
                .map_err(|error| self.unusable(&error))?;
        }
        let put = self.put_token(kept, &account.refresh_token, |_| true).await;
        self.tidy().await;
        put
    }

    /// Forgets the account; answers whether there was one. A keychain that cannot be asked now forgets it
    /// when it is asked next.
    pub(crate) async fn forget(&self) -> Result<bool, AuthError> {
        // What cannot be read may have been kept in either place.
        let before = self.read().ok().flatten();
        if let Some(before) = &before
            && let Err(error) = self.note_former(before)
        {
            tracing::warn!(%error, uid = %before.uid, "whose account this was is not remembered");
        }
        let there = match fs::remove_file(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            removed => {
                removed.map_err(|error| self.unusable(&error))?;
                tracing::info!("the register's account is forgotten");
                true
            }
        };
        // Also where the file had the token: it may have lain in the keychain before.
        let entry = before.map(|kept| self.entry_of(&kept.uid));
        let entries = [Some(self.name.clone()), entry];
        let forget = move |keychain: &dyn Keychain| {
            let mut entries = entries.iter().flatten();
            entries.try_for_each(|entry| keychain.forget(entry))
        };
        match self.keychain.ask(forget).await {
            Ok(()) | Err(KeychainError::Missing(_)) => {}
            Err(error) => {
                tracing::warn!(?error, "the keychain forgets the account when it is open");
            }
        }
        Ok(there)
    }

    /// Keeps the token under an entry of its account's own, so that one that comes too late hides no
    /// other; then the file that names it, if `still` holds of what the file says by then.
    async fn put_token(
        &self,
        mut kept: Kept,
        token: &Secret,
        still: impl FnOnce(Option<&Kept>) -> bool,
    ) -> Result<(), AuthError> {
        let entry = self.entry_of(&kept.uid);
        let held = self.left.hold(&entry);
        let _held = held.map_err(|error| self.unusable(&error))?;
        let (under, secret) = (entry.clone(), token.clone());
        let set = move |keychain: &dyn Keychain| keychain.set(&under, secret.expose());
        match self.keychain.ask_for(Some(&entry), set).await {
            Ok(()) => {
                kept.kept_in = KeptIn::Keychain;
                kept.entry = Some(entry);
                kept.refresh_token = None;
            }
            Err(KeychainError::Missing(why)) => {
                tracing::warn!(
                    why,
                    "no keychain: a file that only its owner may read keeps the account"
                );
                kept.kept_in = KeptIn::File;
                kept.entry = None;
                kept.refresh_token = Some(token.expose().to_owned());
            }
            Err(error) => return Err(closed(error)),
        }
        let before = self.read().ok().flatten();
        if !still(before.as_ref()) {
            return Ok(());
        }
        write(&self.file, &kept).map_err(|error| self.unusable(&error))?;
        if before.is_some_and(|kept| kept.kept_in == KeptIn::Keychain && kept.entry.is_none()) {
            let noted = self.left.note(&self.name);
            noted.map_err(|error| self.unusable(&error))?;
        }
        Ok(())
    }

    /// Makes the keychain forget what nobody needs, where there is such a thing.
    async fn tidy(&self) {
        if self.left.any() {
            // The keychain does it after every question.
            if let Err(error) = self.keychain.ask(|_| Ok(())).await {
                tracing::warn!(?error, "the keychain is tidied later");
            }
        }
    }

    fn entry_of(&self, uid: &str) -> String {
        format!("{}-{uid}", self.name)
    }

    fn read(&self) -> Result<Option<Kept>, AuthError> {
        kept_in(&self.file)
    }

    fn unusable(&self, error: &io::Error) -> AuthError {
        unusable(&self.file, error)
    }
}

/// What the account's file says; none where nobody has signed in.
fn kept_in(file: &Path) -> Result<Option<Kept>, AuthError> {
    match fs::read(file) {
        // Not the words of the reader: they may quote what they could not read.
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| {
            let said = format!("“{}” is not what was written", file.display());
            AuthError::new(AuthErrorKind::KeepingFailed, said)
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(file, &error)),
    }
}

fn unusable(file: &Path, error: &io::Error) -> AuthError {
    let said = format!("“{}”: {error}", file.display());
    AuthError::new(AuthErrorKind::KeepingFailed, said)
}

/// A keychain that is there and does not take the token.
fn closed(error: KeychainError) -> AuthError {
    let said = match error {
        KeychainError::Locked => "it is locked, or did not answer in time".to_owned(),
        KeychainError::Missing(why) | KeychainError::Refuses(why) => why,
    };
    AuthError::new(AuthErrorKind::KeychainClosed, said)
}

/// Whole or not at all: written beside it, then put in place. Nobody else may read either.
fn write(to: &Path, what: &impl Serialize) -> io::Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Of each file its own: several are written at the same time.
    let mut beside = to.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
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
            // Once: a keychain that is locked shows a person a window.
            if !self.tidied.swap(true, Ordering::Relaxed) {
                self.tidy().await;
            }
            return Ok(None);
        };
        let token = match (kept.refresh_token, kept.entry) {
            (Some(token), _) => token,
            (None, entry) => {
                self.token(entry.unwrap_or_else(|| self.name.clone()))
                    .await?
            }
        };
        Ok(Some(Account {
            project: kept.project,
            store_id: kept.store_id,
            uid: kept.uid,
            side: kept.side,
            refresh_token: Secret::new(token),
        }))
    }

    async fn renewed(&self, refresh_token: &Secret) -> Result<(), AuthError> {
        match self.read()? {
            Some(kept) => {
                let uid = kept.uid.clone();
                let same = |now: Option<&Kept>| now.is_some_and(|now| now.uid == uid);
                let put = self.put_token(kept, refresh_token, same).await;
                self.tidy().await;
                // The one before goes on being accepted.
                put.map_err(|error| match error.kind {
                    AuthErrorKind::KeychainClosed => {
                        AuthError::new(AuthErrorKind::KeychainLocked, error.said)
                    }
                    _ => error,
                })
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
    async fn token(&self, entry: String) -> Result<String, AuthError> {
        let asked = self.keychain.ask(move |keychain| keychain.get(&entry));
        let said = asked.await;
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
            Err(KeychainError::Missing(why) | KeychainError::Refuses(why)) => {
                let said = format!("the keychain has it, and cannot be asked: {why}");
                Err(AuthError::new(AuthErrorKind::KeepingFailed, said))
            }
        }
    }
}

#[cfg(test)]
mod tests;
