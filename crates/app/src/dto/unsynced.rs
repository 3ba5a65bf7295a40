//! What is not in the cloud yet, for whoever is about to leave.

use serde::Serialize;
use specta::Type;

use super::Minor;

/// What is in no cloud yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Unsynced {
    /// Sales.
    pub sales: u32,
    /// How many of them the cloud refused: they wait for a manager.
    pub refused: u32,
    /// What they come to.
    pub total: Minor,
    /// Decisions about failed sales, and what was written about conflicts.
    pub decisions: u32,
}
