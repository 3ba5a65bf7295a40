//! Sync against Google's own Firestore emulator: nothing of the cloud is imitated here.
//!
//! Every test has a store of its own in one shared emulator. Without an emulator they fail and say
//! how to get one.

#![allow(missing_docs, reason = "test names are sentences")]

#[path = "emulator/answers.rs"]
mod answers;
#[path = "emulator/codes.rs"]
mod codes;
#[path = "emulator/conflicts.rs"]
mod conflicts;
#[path = "emulator/costs.rs"]
mod costs;
#[path = "emulator/documents.rs"]
mod documents;
#[path = "emulator/duplicates.rs"]
mod duplicates;
#[path = "emulator/elsewhere.rs"]
mod elsewhere;
#[path = "emulator/faults.rs"]
mod faults;
#[path = "emulator/identity.rs"]
mod identity;
#[path = "emulator/partitions.rs"]
mod partitions;
#[path = "emulator/reconcile/mod.rs"]
mod reconcile;
#[path = "emulator/switched.rs"]
mod switched;
#[path = "emulator/upload.rs"]
mod upload;
#[path = "emulator/ways.rs"]
mod ways;
