//! The words between the engine and its driver: what has happened, what to do, how it stands.

use counterfoil_domain::{SaleId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::batch::BatchId;
use crate::outbox::{Group, GroupKind, Outcome};
use crate::remote::{
    Create, DocumentName, Found, RegisterDocument, RemoteError, Revision, StoreDocument,
};

/// The store that this register belongs to, as the register knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The shop's name, for a store document that is not there yet.
    pub name: String,
    /// ISO 4217 code; a store with another currency is not ours.
    pub currency: String,
    /// When the server created the store's document, if this register has seen it before.
    pub created_at: Option<Timestamp>,
    /// The installation that this register belongs to.
    pub installation_id: String,
    /// Why this register may not be who it says it is, where that is known already.
    pub doubt: Option<Doubt>,
}

/// Why a register may not be who it says it is. Nothing is uploaded until it has a new identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Doubt {
    /// Which of the pauses it is.
    pub reason: PauseReason,
    /// The same in words, with the figures.
    pub message: String,
}

/// Receipt numbers of this register in a stretch of its series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// The first number of the stretch.
    pub from: i64,
    /// How many the cloud has.
    pub there: u64,
    /// How many it can have from this database: sales, reversals, copies.
    pub ours: u64,
}

/// Why the engine is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wake {
    /// A sale was rung up, or a decision made.
    Checkout,
    /// The moment of [`Engine::wake_at`](super::Engine::wake_at) has come.
    Timer,
    /// A person asked for it: nothing waits for its turn.
    User,
    /// The network is back: nothing waits for its turn.
    Network,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Somebody or something asks to go on.
    Woken(Wake),
    /// [`Action::Release`] is done.
    Released,
    /// The answer to [`Action::ReadStore`].
    StoreRead(Result<Option<StoreDocument>, RemoteError>),
    /// The answer to [`Action::CreateStore`].
    StoreCreated(Result<Timestamp, RemoteError>),
    /// The answer to [`Action::ReadRegister`].
    RegisterRead {
        /// What stands there.
        result: Result<Option<RegisterDocument>, RemoteError>,
        /// The highest receipt number in the register's own database, read after the answer.
        last_sequence: i64,
    },
    /// The answer to [`Action::ClaimRegister`].
    RegisterClaimed(Result<Timestamp, RemoteError>),
    /// The answer to [`Action::CountAbove`].
    CountedAbove(Result<Numbers, RemoteError>),
    /// The answer to [`Action::Claim`].
    Claimed {
        /// Now in flight, oldest first; empty when nothing is due.
        groups: Vec<Group>,
        /// When the next pending group is due, if one is left.
        next_due: Option<Timestamp>,
    },
    /// The answer to [`Action::Commit`].
    Committed {
        /// Which.
        batch: BatchId,
        /// When it was sent, by the register's clock.
        sent_at: Timestamp,
        /// The server's time, or why not.
        result: Result<Timestamp, RemoteError>,
    },
    /// The answer to [`Action::Read`].
    Read {
        /// Which.
        batch: BatchId,
        /// What is there under each name, in their order.
        result: Result<Vec<Option<Found>>, RemoteError>,
    },
    /// The answer to [`Action::LookAround`].
    LookedAround {
        /// Whether every owed check was made.
        checks: Result<(), RemoteError>,
        /// Whether everything that other registers hold was read.
        others: Result<(), RemoteError>,
        /// How often the numbers are there that were drained since they were last counted.
        numbers: Result<Numbers, RemoteError>,
    },
    /// The register's own database failed at an action; what it should have held is in doubt.
    DatabaseFailed {
        /// In words.
        message: String,
    },
}

/// An outcome with what the log needs to name it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The sale that it is about.
    pub sale_id: SaleId,
    /// What was sent.
    pub kind: GroupKind,
    /// What became of it.
    pub outcome: Outcome,
}

/// What to do. The driver does these in their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Make everything that is in flight in the database pending again, and what has failed in doubt.
    Release,
    /// Make everything pending due now, and what has failed in doubt.
    MakeDue,
    /// Make pending again what has failed in doubt, unless somebody has decided about it since.
    PutBack {
        /// The earliest moment of the next attempt.
        not_before: Timestamp,
    },
    /// Read the store's own document.
    ReadStore,
    /// Create the store's own document.
    CreateStore,
    /// Remember when the server created the store's document.
    RememberStore(Timestamp),
    /// Read what stands under the register's id.
    ReadRegister,
    /// Claim the register's id for this installation.
    ClaimRegister {
        /// What was read there; none: nothing.
        revision: Option<Revision>,
    },
    /// Count the register's sales in the cloud above the highest number of its database.
    CountAbove,
    /// Remember that the register may not be who it says it is.
    RememberDoubt(Doubt),
    /// Take the oldest due groups from the outbox and mark them in flight.
    Claim {
        /// At most so many.
        max_groups: usize,
        /// At most about so many bytes, but at least one group.
        max_bytes: usize,
    },
    /// Send one atomic commit.
    Commit {
        /// To be named in the answer.
        batch: BatchId,
        /// What is created.
        creates: Vec<Create>,
    },
    /// Read by name.
    Read {
        /// To be named in the answer.
        batch: BatchId,
        /// In this order.
        names: Vec<DocumentName>,
    },
    /// Write outcomes down, in one transaction.
    Record(Vec<Decision>),
    /// Make the owed checks for duplicates, count the drained numbers, and read what other registers
    /// hold.
    LookAround,
    /// Drop the connection and take the credentials anew.
    Reconnect,
}

/// Why nothing will be tried until a person has done something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PauseReason {
    /// The store there has another currency.
    OtherCurrency,
    /// The store there is not the one that this register was connected to.
    OtherStore,
    /// The register's id belongs to another installation: this database was copied or moved.
    OtherInstallation,
    /// The register's receipt numbers were used twice: its database was copied, or set back.
    NumberReused,
}

impl PauseReason {
    /// Whether it is about who this register is.
    pub const fn is_about_identity(self) -> bool {
        matches!(self, Self::OtherInstallation | Self::NumberReused)
    }
}

/// What the status line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// Nothing to do.
    Idle,
    /// Something is under way.
    Syncing,
    /// The cloud cannot be reached, or is busy; tried again by itself.
    Offline,
    /// The session's token is not accepted; tried again by itself.
    SignInNeeded,
    /// The session may not do this; tried again by itself.
    NotAllowed,
    /// The register must say who it is; nothing goes up until then.
    IdentityNeeded,
    /// Stopped by something that waiting does not mend.
    Paused,
}

/// Why it is not simply working.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The cloud's answer, or the lack of one.
    Remote(RemoteError),
    /// All goes up, but the owed checks for duplicates are refused; tried again by itself.
    ChecksRefused(RemoteError),
    /// All goes up, but counting the register's receipt numbers is refused, so that one that was used twice is not
    /// found by it; tried again by itself.
    NumbersRefused(RemoteError),
    /// All goes up, but reading what other registers hold is refused; tried again by itself.
    OthersRefused(RemoteError),
    /// The cloud says that something is there already, and shows nothing under its name; tried again by itself.
    Contradiction(RemoteError),
    /// This is another store.
    Pause(PauseReason, String),
    /// The register's own database, in words.
    Database(String),
}
