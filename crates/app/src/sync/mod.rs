//! The sync driver: performs what the engine of `counterfoil-sync` decides.
//!
//! [`start`] runs it beside a till until its [`SyncHandle`] is stopped; [`sync_with_firestore`]
//! runs one drain. Only the process that holds the data directory's sync lock syncs. Nothing here
//! is on the cashier's path: a checkout only wakes it.
//!
//! - `blocking`: where the database's work is done;
//! - [`store`]: the narrow side of the database that it needs;
//! - [`connect`]: how a cloud is reached;
//! - `joined`: what a session begins with, and whether it is still the one that books;
//! - `session`: one engine and its calls; `driver`: sessions one after the other;
//! - `look_around`: duplicates, and what other registers hold;
//! - `identity`: the register's claim, and its receipt numbers counted;
//! - `noted`: what other registers hold, in this one's database;
//! - `others`: the other programs on the same database;
//! - `status`: the snapshot that everybody sees;
//! - `tally`: what the cloud bills, and how a backlog shrinks.

mod blocking;
pub mod connect;
mod driver;
mod identity;
mod joined;
mod look_around;
mod network;
mod noted;
mod others;
mod problem;
mod session;
mod status;
pub mod store;
mod tally;

pub use blocking::{Blocking, Threads, Work};
pub use connect::{Connect, FirestoreConnect};
pub use counterfoil_sync::{Limits, Wake};
pub use driver::{Parts, SyncHandle, SyncSettings, driver, start, sync_with_firestore};
pub use joined::Joined;
pub(crate) use joined::Whose;
pub(crate) use problem::remote as cloud_error;
pub use store::SyncStore;
