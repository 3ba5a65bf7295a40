//! Shared rig of the tests.

pub mod rig;
pub mod window;
