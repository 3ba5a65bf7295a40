//! Documents of other registers that this program cannot read, by name: nobody guesses at them, and somebody is told.
//!
//! They stand in the settings, each with the program that could not read it: another one reads them again.

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::table::settings;
use crate::{Connection, Transaction};

const LIST: &str = "unreadable";
/// As many are kept by name. Where there are more, one thing is wrong with all of them.
const MOST: usize = 50;

/// Why a document cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// It is not what such a document is.
    Invalid,
    /// It has a newer schema than this program.
    NewerSchema,
}

/// A document that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unreadable {
    /// The collection that it is in.
    pub collection: String,
    /// Its id there.
    pub id: String,
    /// The register that it says it is of, where that much can be read.
    pub register_id: Option<String>,
    /// What is wrong.
    pub why: Why,
    /// The same in words.
    pub message: String,
    /// The version of the program that could not read it.
    pub read_by: String,
}

/// All that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllUnreadable {
    /// The first of them.
    pub documents: Vec<Unreadable>,
    /// Whether there are more than are kept.
    pub more: bool,
}

impl AllUnreadable {
    /// Notes one. Again is the same.
    pub fn note(&mut self, one: Unreadable) {
        let is_full = self.documents.len() >= MOST;
        let mut known = self.documents.iter_mut();
        match known.find(|known| known.collection == one.collection && known.id == one.id) {
            Some(known) => *known = one,
            None if is_full => self.more = true,
            None => self.documents.push(one),
        }
    }

    /// It can be read.
    pub fn forget(&mut self, collection: &str, id: &str) {
        self.documents
            .retain(|known| known.collection != collection || known.id != id);
    }

    /// Forgets those of a collection that another version than `version` could not read, and says whether there were
    /// any: then all of it is to be read again.
    pub fn begin_anew(&mut self, collection: &str, version: &str) -> bool {
        let before = self.documents.len();
        self.documents
            .retain(|known| known.collection != collection || known.read_by == version);
        let anew = self.documents.len() < before;
        self.more &= !anew;
        anew
    }
}

/// What cannot be read.
pub fn get(conn: &Connection) -> Result<AllUnreadable, StoreError> {
    Ok(settings::get(conn, LIST)?.unwrap_or_default())
}

/// Remembers what cannot be read.
pub fn set(tx: &Transaction<'_>, all: &AllUnreadable) -> Result<(), StoreError> {
    settings::set(tx, LIST, all)
}

/// Forgets all: another cloud is read from its begin.
pub(crate) fn clear(tx: &Transaction<'_>) -> Result<(), StoreError> {
    settings::remove(tx, LIST)
}
