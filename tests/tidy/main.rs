//! What no compiler checks: the house's rules about its own files. Runs without a network.

mod documents;
mod edges;
mod files;
mod interface;
mod licences;
mod repository;
