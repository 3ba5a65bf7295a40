//! The system's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyring::v1::{Entry, Error};
use tokio::sync::oneshot;

/// What every entry is listed under.
const SERVICE: &str = "Counterfoil";

/// What a keychain does not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeychainError {
    /// There is none, or it cannot be spoken to; why, in its words.
    Missing(String),
    /// It is locked, or waits for somebody to unlock it.
    Locked,
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

fn entry(name: &str) -> Result<Entry, KeychainError> {
    if let Err(error) = Entry::store_status() {
        return Err(KeychainError::Missing(kind(error).to_owned()));
    }
    Entry::new(SERVICE, name).map_err(|error| why_not(&error))
}

fn why_not(error: &Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(_) => KeychainError::Locked,
        _ => KeychainError::Missing(kind(error).to_owned()),
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
    busy: Arc<AtomicBool>,
    deadline: Duration,
}

impl Asked {
    pub(super) fn new(keychain: Arc<dyn Keychain>, deadline: Duration) -> Self {
        let busy = Arc::default();
        Self {
            keychain,
            busy,
            deadline,
        }
    }

    /// Asks; `Locked` where it does not answer in time, or still has the last question.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Keychain) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        if self.busy.swap(true, Ordering::AcqRel) {
            return Err(KeychainError::Locked);
        }
        let (answer, answered) = oneshot::channel();
        let (keychain, busy) = (Arc::clone(&self.keychain), Arc::clone(&self.busy));
        let asking = std::thread::Builder::new().name("keychain".to_owned());
        let asking = asking.spawn(move || {
            let said = question(keychain.as_ref());
            busy.store(false, Ordering::Release);
            // Nobody waits any more where the deadline has passed.
            let _ = answer.send(said);
        });
        if let Err(error) = asking {
            self.busy.store(false, Ordering::Release);
            return Err(KeychainError::Missing(error.to_string()));
        }
        match tokio::time::timeout(self.deadline, answered).await {
            Ok(Ok(said)) => said,
            // The thread broke down without an answer.
            Ok(Err(_)) => {
                self.busy.store(false, Ordering::Release);
                Err(KeychainError::Missing("it broke down".to_owned()))
            }
            Err(_) => Err(KeychainError::Locked),
        }
    }
}
