//! [`Remote`](counterfoil_sync::Remote) over Cloud Firestore.
//!
//! - [`codec`]: the one mapping between a record's JSON and Firestore's values, strict both ways;
//! - [`status`]: gRPC's answers as the engine's codes;
//! - [`connection`]: the connection, made when it is first needed and again when it has died;
//! - [`auth`]: who asks: Firebase Auth, and a token that is renewed in time;
//! - [`members`]: the accounts of a store;
//! - [`remote`]: the calls, `archive` those that prove the books; [`query`] and [`writes`] build what they send,
//!   `wire` the bytes of it where there is much.

mod archive;
pub mod auth;
pub mod codec;
pub mod connection;
pub mod members;
pub mod query;
mod register;
pub mod remote;
pub mod status;
mod wire;
pub mod writes;

pub use connection::{Endpoint, Settings};
pub use remote::FirestoreRemote;
