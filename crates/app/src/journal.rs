//! The proof of the journal.

use counterfoil_store::Connection;
use serde::Serialize;
use specta::Type;

use crate::error::Result;
use crate::settings;
use crate::till::Till;

/// What became of one register's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ChainReport {
    /// The register.
    pub register_id: String,
    /// Its name.
    pub register_name: String,
    /// Links that were recomputed and hold.
    pub links: u32,
    /// How many of them are sales, whose records were recomputed too.
    pub sales: u32,
    /// The hash of the last one.
    pub head: String,
    /// The first link that does not hold; nothing after it was looked at.
    pub broken: Option<BrokenLinkView>,
}

/// The first link that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BrokenLinkView {
    /// Its place in the chain, from 1.
    pub sequence: u32,
    /// The sale that it proves.
    pub sale_id: Option<String>,
    /// What is wrong.
    pub reason: String,
}

/// What a verification compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct JournalReport {
    /// Whether every chain holds from its first link to its last.
    pub intact: bool,
    /// One chain for each register that this database has been.
    pub chains: Vec<ChainReport>,
}

impl JournalReport {
    /// Whether every chain holds.
    pub const fn intact(&self) -> bool {
        self.intact
    }
}

impl Till {
    /// Recomputes every link of every chain, and every sale that a link proves.
    pub fn verify_journal(&self) -> Result<JournalReport> {
        self.read(|conn| {
            settings::require_store(conn)?;
            verify(conn)
        })
    }
}

pub(crate) fn verify(conn: &Connection) -> Result<JournalReport> {
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let chains: Vec<ChainReport> = counterfoil_store::verify(conn)?
        .into_iter()
        .map(|chain| ChainReport {
            register_id: chain.register_id.to_string(),
            register_name: chain.register_name,
            links: count(chain.links),
            sales: count(chain.sales),
            head: chain.head.to_string(),
            broken: chain.broken.map(|broken| BrokenLinkView {
                sequence: count(broken.sequence),
                sale_id: broken.sale_id.map(|id| id.to_string()),
                reason: broken.reason,
            }),
        })
        .collect();
    let intact = chains.iter().all(|chain| chain.broken.is_none());
    for chain in chains.iter().filter(|chain| chain.broken.is_some()) {
        tracing::error!(register_id = %chain.register_id, links = chain.links, "the journal is broken");
    }
    Ok(JournalReport { intact, chains })
}
