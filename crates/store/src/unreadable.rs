//! Documents of other registers that this program cannot read, by name: nobody guesses at them, and somebody is told.
//!
//! They stand in the settings, each with the program that could not read it: another one reads them again.

use std::collections::BTreeMap;

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
    /// The collections in which there were more than are kept, each with the program that could not read them.
    #[serde(default)]
    unnamed: BTreeMap<String, String>,
}

impl AllUnreadable {
    /// Whether there are more than are kept. They were there when their collection was read last: of one that has no
    /// name here nobody can say that it can be read by now, so this stays until the collection is read from its begin
    /// (see [`begin_anew`](Self::begin_anew)), and is then what is found.
    pub fn more(&self) -> bool {
        !self.unnamed.is_empty()
    }

    /// Notes one. Again is the same.
    pub fn note(&mut self, one: Unreadable) {
        let has_room = self.has_room();
        let mut known = self.documents.iter_mut();
        match known.find(|known| known.collection == one.collection && known.id == one.id) {
            Some(known) => *known = one,
            None if has_room => self.documents.push(one),
            None => {
                self.unnamed.insert(one.collection, one.read_by);
            }
        }
    }

    /// It can be read.
    pub fn forget(&mut self, collection: &str, id: &str) {
        self.documents
            .retain(|known| known.collection != collection || known.id != id);
    }

    /// Says whether a collection is to be read from its begin, and forgets what that will find anew: those that another
    /// version than `version` could not read, named or not, and, once there is room in the list again, that there are
    /// more than it names.
    pub fn begin_anew(&mut self, collection: &str, version: &str) -> bool {
        let before = self.documents.len();
        self.documents
            .retain(|known| known.collection != collection || known.read_by == version);
        let has_room = self.has_room();
        let unnamed = self.unnamed.get(collection);
        let again = unnamed.is_some_and(|read_by| has_room || read_by != version);
        if again {
            self.unnamed.remove(collection);
        }
        again || self.documents.len() < before
    }

    fn has_room(&self) -> bool {
        self.documents.len() < MOST
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

#[cfg(test)]
mod tests {
    use super::*;

    const CONFLICTS: &str = "saleConflicts";
    const DECISIONS: &str = "saleResolutions";

    fn one(collection: &str, n: usize) -> Unreadable {
        Unreadable {
            collection: collection.to_owned(),
            id: n.to_string(),
            register_id: None,
            why: Why::Invalid,
            message: "a riddle".to_owned(),
            read_by: "1".to_owned(),
        }
    }

    /// So many of each collection, noted one after the other.
    fn noted(conflicts: usize, decisions: usize) -> AllUnreadable {
        let mut all = AllUnreadable::default();
        (0..conflicts).for_each(|n| all.note(one(CONFLICTS, n)));
        (0..decisions).for_each(|n| all.note(one(DECISIONS, n)));
        all
    }

    #[test]
    fn the_first_are_named_and_of_the_others_it_is_said_that_they_are() {
        assert!(!noted(MOST, 0).more());
        let mut all = noted(MOST + 1, 0);
        all.note(one(CONFLICTS, 0));
        assert_eq!((all.documents.len(), all.more()), (MOST, true));
        assert!(!all.begin_anew(CONFLICTS, "1"), "nothing is new");
        assert!(all.more());
    }

    #[test]
    fn once_there_is_room_the_others_are_looked_for_and_are_more_only_if_they_are_found() {
        let mut all = noted(MOST + 2, 0);
        all.forget(CONFLICTS, "3");
        assert!(all.more(), "nobody has looked yet");
        assert!(!all.begin_anew(DECISIONS, "1"), "it was read as a whole");
        assert!(all.begin_anew(CONFLICTS, "1"));
        assert!(!all.begin_anew(CONFLICTS, "1"), "once");
        assert_eq!((all.documents.len(), all.more()), (MOST - 1, false));
        // Read from the begin: one of the two can be read by now.
        (4..=MOST).for_each(|n| all.note(one(CONFLICTS, n)));
        assert_eq!((all.documents.len(), all.more()), (MOST, false));
        all.note(one(CONFLICTS, MOST + 1));
        assert!(all.more());
    }

    #[test]
    fn another_version_reads_what_has_no_name_too() {
        let mut all = noted(MOST, 1);
        assert!(all.begin_anew(CONFLICTS, "2"));
        assert!(all.more(), "the decision is not read yet");
        assert!(all.begin_anew(DECISIONS, "2"));
        assert_eq!(all, AllUnreadable::default());
        let mut named = noted(1, 1);
        assert!(named.begin_anew(DECISIONS, "2"));
        assert_eq!(named, noted(1, 0));
    }

    #[test]
    fn what_an_earlier_program_kept_is_read() {
        let kept = r#"{ "documents": [], "more": true }"#;
        let all: AllUnreadable = serde_json::from_str(kept).expect("read");
        assert_eq!(all, AllUnreadable::default());
    }
}
