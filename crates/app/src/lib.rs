//! Use cases of the till, the same for the window and for counterfoilctl.
//!
//! [`Till`] is the till: open one on a data directory and call its methods. Everything that a front
//! end may see is in [`dto`]; everything that may go wrong is an [`AppError`]. The crate knows no
//! window.

pub mod account;
pub mod clock;
pub mod data_dir;
pub mod db;
pub mod dto;
pub mod logging;
pub mod sync;

mod backup;
mod before;
mod cart;
mod catalogue;
mod checkout;
mod checkout_file;
mod choices;
mod connect;
mod convert;
mod costs;
mod csv;
mod demo;
mod diff;
mod duplicates;
mod error;
mod error_map;
mod failures;
mod identity;
mod import;
mod installation;
mod journal;
mod open_cart;
mod people;
mod reconcile;
mod resolve;
mod sale;
mod sales;
mod series;
mod settings;
mod setup;
mod sign_in;
mod status;
mod till;
mod unsynced;
mod watch;

pub use counterfoil_domain::pricing::Tie;
pub use counterfoil_domain::rounding::HalfRule;

pub use backup::{BackupReport, CloudStore, Contents, RestoreOptions, RestoreReport, restore};
pub use checkout_file::OfferedCart;
pub use error::{AppError, ErrorCode, Result};
pub use failures::{FailedSale, FailedSales};
pub use import::ImportOptions;
pub use installation::{Installation, Places};
pub use journal::{BrokenLinkView, ChainReport, JournalReport};
pub use reconcile::reconcile;
pub use resolve::Decision;
pub use sale::Sale;
pub use sales::Sales;
pub use setup::Halves;
pub use sign_in::Servers;
pub use status::Said;
pub use till::Till;
