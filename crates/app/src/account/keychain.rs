//! The system's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.

use std::sync::Arc;
use std::time::Duration;

use keyring_core::{Entry, Error};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

use super::left::Left;

/// What every entry is listed under.
const SERVICE: &str = "Counterfoil";

/// What a keychain does not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeychainError {
    /// There is none; why, in its words.
    Missing(String),
    /// It is locked, or waits for somebody to unlock it.
    Locked,
    /// There is one, and it does not do it; why, in its words.
    Refuses(String),
}

/// Keeps secrets by name. It may block for as long as a person takes to unlock it.
pub trait Keychain: Send + Sync {
    /// What is kept under `name`.
    fn get(&self, name: &str) -> Result<Option<String>, KeychainError>;
    /// Keeps `secret` under `name`.
    fn set(&self, name: &str, secret: &str) -> Result<(), KeychainError>;
    /// Forgets `name`; one that is not there is forgotten already.
    fn forget(&self, name: &str) -> Result<(), KeychainError>;
}

/// The keychain of the user's own session.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemKeychain;

impl Keychain for SystemKeychain {
    fn get(&self, name: &str) -> Result<Option<String>, KeychainError> {
        match entry(name)?.get_password() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(why_not(&error)),
        }
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        let set = entry(name)?.set_password(secret);
        set.map_err(|error| why_not(&error))
    }

    fn forget(&self, name: &str) -> Result<(), KeychainError> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(why_not(&error)),
        }
    }
}

/// Over a connection of its own: a Secret Service may begin after this program, and begin anew.
#[cfg(target_os = "linux")]
fn entry(name: &str) -> Result<Entry, KeychainError> {
    use keyring_core::api::CredentialStoreApi as _;
    use zbus_secret_service_keyring_store::Store;

    let store = Store::new().map_err(|error| no_store(&error))?;
    let entry = store.build(SERVICE, name, None);
    entry.map_err(|error| why_not(&error))
}

#[cfg(not(target_os = "linux"))]
fn entry(name: &str) -> Result<Entry, KeychainError> {
    use keyring::v1::Entry as Own;

    if let Err(error) = Own::store_status() {
        return Err(no_store(error));
    }
    let entry = Own::new(SERVICE, name).map(|own| own.inner);
    entry.map_err(|error| why_not(&error))
}

/// Whether there is none, or one that does not answer. A bus that knows nobody of that name, or no bus, is
/// none; every other answer of the bus is about one that is there.
fn no_store(error: &Error) -> KeychainError {
    let said = said(error);
    let names_nobody = ["ServiceUnknown", "NameHasNoOwner"]
        .iter()
        .any(|name| said.contains(name));
    if said.contains("org.freedesktop.") && !names_nobody {
        return KeychainError::Refuses("it does not answer".to_owned());
    }
    KeychainError::Missing(kind(error).to_owned())
}

fn why_not(error: &Error) -> KeychainError {
    match error {
        // A Secret Service in which nobody ever made a keyring; there is nothing to unlock.
        Error::NoStorageAccess(_) if said(error).contains("result not returned") => {
            let why = "it has no default keyring; make one in the program in which this computer shows its passwords";
            KeychainError::Refuses(why.to_owned())
        }
        Error::NoStorageAccess(_) => KeychainError::Locked,
        Error::NoDefaultStore => KeychainError::Missing(kind(error).to_owned()),
        _ => KeychainError::Refuses(kind(error).to_owned()),
    }
}

/// The words of what lies below, to be compared and never shown.
fn said(error: &Error) -> String {
    match error {
        Error::PlatformFailure(why) | Error::NoStorageAccess(why) => why.to_string(),
        _ => String::new(),
    }
}

/// The kind alone: the words of an error may hold what was kept.
fn kind(error: &Error) -> &'static str {
    match error {
        Error::PlatformFailure(_) => "the system's keychain does not work",
        Error::NoDefaultStore => "the system has no keychain",
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "what it keeps is no text",
        Error::NotSupportedByStore(_) => "it does not do this",
        _ => "it refuses",
    }
}

/// No keychain: for a computer that is told to use none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoKeychain;

impl NoKeychain {
    fn missing<T>() -> Result<T, KeychainError> {
        Err(KeychainError::Missing("it is switched off".to_owned()))
    }
}

impl Keychain for NoKeychain {
    fn get(&self, _: &str) -> Result<Option<String>, KeychainError> {
        Self::missing()
    }

    fn set(&self, _: &str, _: &str) -> Result<(), KeychainError> {
        Self::missing()
    }

    fn forget(&self, _: &str) -> Result<(), KeychainError> {
        Self::missing()
    }
}

/// A keychain that is asked on a thread of its own, and not waited for beyond a deadline.
#[derive(Clone)]
pub(super) struct Asked {
    keychain: Arc<dyn Keychain>,
    /// One question at a time: a locked keychain shows a person one window, not one every minute.
    turn: Arc<Semaphore>,
    deadline: Duration,
    left: Left,
}

impl Asked {
    pub(super) fn new(keychain: Arc<dyn Keychain>, deadline: Duration, left: Left) -> Self {
        Self {
            keychain,
            turn: Arc::new(Semaphore::new(1)),
            deadline,
            left,
        }
    }

    /// Asks when the questions before have their answers; `Locked` where that is not in time. The sync asks whenever
    /// it likes, and who signs the register in meanwhile is not told that the keychain is locked. After each question the
    /// keychain forgets what nobody needs.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Keychain) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        self.ask_for(None, question).await
    }

    /// The same for an entry that is held. It is released where the answer comes too late: what was put
    /// under it is forgotten then.
    pub(super) async fn ask_for<T: Send + 'static>(
        &self,
        entry: Option<&str>,
        question: impl FnOnce(&dyn Keychain) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let until = Instant::now() + self.deadline;
        let turn = Arc::clone(&self.turn).acquire_owned();
        let Ok(Ok(turn)) = timeout_at(until, turn).await else {
            return Err(KeychainError::Locked);
        };
        let (answer, mut answered) = oneshot::channel();
        let keychain = Arc::clone(&self.keychain);
        let left = self.left.clone();
        let asking = std::thread::Builder::new().name("keychain".to_owned());
        let asking = asking.spawn(move || {
            let said = question(keychain.as_ref());
            // One that is locked would ask a person once more.
            let open = !matches!(said, Err(KeychainError::Locked));
            if open {
                left.forget_in(keychain.as_ref());
            }
            drop(turn);
            // Nobody waits any more where the deadline has passed.
            if answer.send(said).is_err() && open {
                left.forget_in(keychain.as_ref());
            }
        });
        if let Err(error) = asking {
            return Err(KeychainError::Refuses(error.to_string()));
        }
        match timeout_at(until, &mut answered).await {
            Ok(Ok(said)) => said,
            // The thread broke down without an answer.
            Ok(Err(_)) => Err(KeychainError::Refuses("it broke down".to_owned())),
            Err(_) => {
                // In this order: the thread that finds nobody waiting finds nothing held either.
                if let Some(entry) = entry {
                    self.left.release(entry);
                }
                answered.close();
                Err(KeychainError::Locked)
            }
        }
    }
}
