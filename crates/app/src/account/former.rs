//! Accounts that the register had before: each is a member of its store until somebody ends that.
//!
//! A list beside the file of the account. It holds no token.

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Keep, Kept, write};

/// An account that this register had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Former {
    /// The project that it belongs to.
    pub(crate) project: String,
    /// The store that it is, or was, a member of.
    pub(crate) store_id: String,
    /// Its id, which names its membership.
    pub(crate) uid: String,
}

impl Keep {
    /// Those that are not known to be members no more, the oldest first. A list that cannot be read
    /// is none: it stands in nobody's way.
    pub(crate) fn former(&self) -> Vec<Former> {
        match std::fs::read(self.former_file()) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(%error, "the list of former accounts is not what was written");
                Vec::new()
            }),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, "the list of former accounts cannot be read");
                }
                Vec::new()
            }
        }
    }

    /// Notes an account that is about to be replaced or forgotten.
    pub(super) fn note_former(&self, kept: &Kept) -> io::Result<()> {
        let one = Former {
            project: kept.project.clone(),
            store_id: kept.store_id.clone(),
            uid: kept.uid.clone(),
        };
        let mut all = self.former();
        if all.contains(&one) {
            return Ok(());
        }
        all.push(one);
        write(&self.former_file(), &all)
    }

    /// Strikes out those that are members no more. Where that cannot be written, they are asked
    /// about once more the next time.
    pub(crate) fn strike_former(&self, ended: &[Former]) {
        let mut all = self.former();
        let before = all.len();
        all.retain(|one| !ended.contains(one));
        if all.len() < before
            && let Err(error) = write(&self.former_file(), &all)
        {
            tracing::warn!(%error, "the list of former accounts is not brought up to date");
        }
    }

    fn former_file(&self) -> PathBuf {
        self.file.with_extension("former")
    }
}
