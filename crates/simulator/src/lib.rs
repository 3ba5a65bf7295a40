//! Many registers and a model cloud in virtual time, from one seed.
//!
//! The engine, its driver, the use cases and the SQLite store are the product's own; the cloud is a
//! model, time is virtual, and everything that can go wrong goes wrong as the seed says. When the
//! day is over and the world has come to rest, the rules of `docs/SYNC.md` are checked against a dumb
//! list of what was sold. `docs/RELIABILITY.md` says what that proves.
//!
//! - [`run()`]: one case; [`Case`] is all that it depends on, and prints as the line that replays it;
//! - [`faults`]: what goes wrong; [`Control`]: what is made wrong on purpose and must be caught;
//! - [`shrink`]: a smaller case that still fails; [`many`]: many seeds on all cores;
//! - `desk`, `life`, `selling`, `managing`: a register over all its lives;
//! - `cloud`, `network`: the model, and the way to it; `checks`: what was asked on it about duplicates;
//! - `rules`, `books`: the reference model and what it is compared with.

mod books;
mod carts;
mod case;
mod checks;
mod cloud;
mod controls;
mod desk;
pub mod faults;
mod folder;
mod founding;
mod identities;
mod life;
mod logs;
mod managing;
pub mod many;
pub mod model;
mod network;
mod plan;
mod proof;
mod random;
mod reasons;
mod restoring;
mod rules;
mod run;
mod selling;
mod shrink;
mod template;
mod veil;
mod world;

pub use case::{Case, MAX_REGISTERS};
pub use controls::Control;
pub use run::{Outcome, run};
pub use shrink::shrink;
pub use world::Tally;
