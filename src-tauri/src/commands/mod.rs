//! What the window may ask for. A command translates, forwards and returns.

pub(crate) mod account;
pub(crate) mod cart;
pub(crate) mod catalogue;
pub(crate) mod closing;
pub(crate) mod payment;
pub(crate) mod sales;
pub(crate) mod setup;
pub(crate) mod sync;
