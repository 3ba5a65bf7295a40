//! The entries of the keychain that were ever put there, until they are forgotten there again.
//!
//! A keychain that is locked forgets nothing, and one that answers late keeps what nobody waits for any
//! more. So an entry is noted in a list beside the account's file before anything is put under it, and
//! struck out when the keychain has forgotten it. Whoever asks the keychain next makes it forget all but
//! the one that the account's file names. The list holds no token.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::keychain::Keychain;
use super::{kept_in, write};

/// The list; cheap to clone.
#[derive(Clone)]
pub(super) struct Left(Arc<Inner>);

struct Inner {
    /// The account's file.
    account: PathBuf,
    /// Entries that somebody is putting there now. Also held while the list is changed.
    in_hand: Mutex<HashSet<String>>,
}

/// An entry that is being put there: nobody forgets it meanwhile.
pub(super) struct Held {
    left: Left,
    entry: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.left.release(&self.entry);
    }
}

impl Left {
    /// Beside the account's file.
    pub(super) fn beside(account: PathBuf) -> Self {
        let in_hand = Mutex::default();
        Self(Arc::new(Inner { account, in_hand }))
    }

    /// Notes an entry that is about to be put there, and holds it.
    pub(super) fn hold(&self, entry: &str) -> io::Result<Held> {
        self.note(entry)?;
        self.in_hand().insert(entry.to_owned());
        Ok(Held {
            left: self.clone(),
            entry: entry.to_owned(),
        })
    }

    /// Holds it no more: unless the account's file names it, it is forgotten.
    pub(super) fn release(&self, entry: &str) {
        self.in_hand().remove(entry);
    }

    /// Notes an entry that may be there.
    pub(super) fn note(&self, entry: &str) -> io::Result<()> {
        let changing = self.in_hand();
        let mut all = self.all();
        if all.iter().any(|noted| noted == entry) {
            return Ok(());
        }
        all.push(entry.to_owned());
        let noted = write(&self.file(), &all);
        drop(changing);
        noted
    }

    /// Whether an entry may be there that nobody needs.
    pub(super) fn any(&self) -> bool {
        !self.superfluous().is_empty()
    }

    /// Makes the keychain forget what nobody needs. What it does not forget now is tried the next time.
    pub(super) fn forget_in(&self, keychain: &dyn Keychain) {
        for entry in self.superfluous() {
            if let Err(error) = keychain.forget(&entry) {
                tracing::warn!(?error, "the keychain still has an entry that nobody needs");
                return;
            }
            self.strike(&entry);
        }
    }

    fn superfluous(&self) -> Vec<String> {
        let noted = self.all();
        if noted.is_empty() {
            return noted;
        }
        let named = match kept_in(&self.0.account) {
            Ok(kept) => kept.and_then(|kept| kept.entry),
            // Which one it names is not known.
            Err(_) => return Vec::new(),
        };
        let in_hand = self.in_hand();
        let noted = noted.into_iter();
        noted
            .filter(|entry| Some(entry) != named.as_ref() && !in_hand.contains(entry))
            .collect()
    }

    fn strike(&self, entry: &str) {
        let changing = self.in_hand();
        let mut all = self.all();
        all.retain(|noted| noted != entry);
        // It is asked for once more then, which changes nothing.
        if let Err(error) = write(&self.file(), &all) {
            tracing::warn!(%error, "the list of the keychain's entries is not brought up to date");
        }
        drop(changing);
    }

    /// A list that cannot be read is none: it stands in nobody's way.
    fn all(&self) -> Vec<String> {
        match std::fs::read(self.file()) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }

    fn file(&self) -> PathBuf {
        self.0.account.with_extension("entries")
    }

    fn in_hand(&self) -> MutexGuard<'_, HashSet<String>> {
        let in_hand = self.0.in_hand.lock();
        in_hand.unwrap_or_else(PoisonError::into_inner)
    }
}
