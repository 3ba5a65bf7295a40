//! Shared rig of the tests.

pub mod window;
