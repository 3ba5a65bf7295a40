//! How a cloud is reached. A trait, so that a test can put another one there.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_firestore::{Endpoint, FirestoreRemote, Settings};
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::Remote;

/// Makes the cloud of a connection. Nothing may be connected yet when it returns.
pub trait Connect: Send + Sync {
    /// The cloud that `connected` names.
    fn remote(&self, connected: &Connected) -> Arc<dyn Remote>;
}

/// Cloud Firestore, or its emulator.
#[derive(Clone, Debug)]
pub struct FirestoreConnect {
    endpoint: Endpoint,
    deadline: Duration,
}

impl FirestoreConnect {
    /// The server that `FIRESTORE_EMULATOR_HOST` names, else Google's.
    pub fn from_environment() -> Self {
        Self::new(
            Endpoint::from_environment(),
            counterfoil_firestore::connection::DEADLINE,
        )
    }

    /// This server, and how long a call may take.
    pub fn new(endpoint: Endpoint, deadline: Duration) -> Self {
        Self { endpoint, deadline }
    }
}

impl Connect for FirestoreConnect {
    fn remote(&self, connected: &Connected) -> Arc<dyn Remote> {
        Arc::new(FirestoreRemote::new(Settings {
            project: connected.project.clone(),
            store_id: connected.store_id.clone(),
            endpoint: self.endpoint.clone(),
            deadline: self.deadline,
        }))
    }
}
