//! The register's SQLite database: one file per table, and what spans several of them.
//!
//! - [`Store`] opens it, brings its schema up to date, and runs a transaction that is on disk when
//!   it returns.
//! - [`table`] has one module for each table: schema, row, reader and writer together. Writers take
//!   a transaction, readers any connection.
//! - [`record_sale`] turns a sealed sale into a fact; [`uploads`] records what became of it.
//! - [`instead`] queues a decision in the place of one that came second.
//! - [`left`] says which stores the register was connected to before.
//! - [`numbers`] says how many sales the cloud can have under a register's receipt numbers.
//! - [`verify()`] proves the journal; [`audit`] names everything that does not hold; [`backup`] copies the database and puts a copy back.
//!
//! Sales, their parts, stock movements, journal links and resolutions are never updated or
//! deleted: triggers refuse it. What becomes known about a sale later stands in tables of its own.

mod agree;
pub mod audit;
pub mod backup;
mod column;
mod error;
pub mod instead;
pub mod left;
mod lock;
mod migrations;
pub mod numbers;
mod record;
mod stock;
mod store;
pub mod table;
pub mod unreadable;
pub mod uploads;
mod verify;

pub use error::{ErrorKind, StoreError};
pub use lock::SyncLock;
pub use record::{NewSale, Upload, record_sale};
pub use stock::Stock;
pub use store::{FILE_NAME, Store};
pub use verify::{BrokenLink, VerifiedChain, verify};

/// What readers and writers are given; a use case needs no other type of the library below.
pub use rusqlite::{Connection, Transaction};
