//! What a session begins with, and whether it is still the one that books.

use counterfoil_domain::RegisterId;
use counterfoil_store::Connection;
use counterfoil_store::table::register;
use counterfoil_store::table::sync_state::{self, Connected};
use counterfoil_sync::Expected;

use crate::error::{AppError, ErrorCode, Result};

/// The cloud that the register is connected to, and what it knows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Project and store.
    pub connected: Connected,
    /// What the store's document must say, and what is in doubt about this register.
    pub expected: Expected,
    /// Who this register is; another one is another session's.
    pub register: RegisterId,
    /// Its name, which a claim tells the cloud.
    pub register_name: String,
    /// Another connection is another session's, also one to the same store: it was emptied, or replaced.
    pub connection: u64,
    /// The server's clock minus the register's, as last measured.
    pub clock_offset_ms: Option<i64>,
}

impl Joined {
    /// Whose session this is.
    pub(super) fn session(&self) -> Whose {
        Whose {
            connected: Some(self.connected.clone()),
            connection: self.connection,
            register: Some(self.register),
        }
    }

    /// Refuses what the session of this connection would write down about another one.
    ///
    /// # Errors
    /// `not_connected` where the register was connected anew or became another one meanwhile.
    pub(crate) fn require_current(&self, conn: &Connection) -> Result<()> {
        if self.session().is_current(conn)? {
            return Ok(());
        }
        Err(AppError::new(
            ErrorCode::NotConnected,
            "the register was connected anew or became another one; what this session was told is not written down",
        ))
    }
}

/// Whom it is about what a cloud says: which store, over which connection, and which register. What takes longer than a
/// transaction takes it at its begin, and writes nothing down once it is not current any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Whose {
    /// Project and store; none for a register that sells locally only.
    pub(crate) connected: Option<Connected>,
    /// The register at hand; none before there is one.
    pub(crate) register: Option<RegisterId>,
    /// Which of its connections.
    connection: u64,
}

impl Whose {
    /// Whom it is about now.
    pub(crate) fn now(conn: &Connection) -> Result<Self> {
        Ok(Self {
            connected: sync_state::get(conn)?.connected,
            register: register::current(conn)?.map(|register| register.register_id),
            connection: sync_state::connections(conn)?,
        })
    }

    /// Whether the register is still connected as it was, and still the one that it was.
    pub(crate) fn is_current(&self, conn: &Connection) -> Result<bool> {
        Ok(*self == Self::now(conn)?)
    }
}
