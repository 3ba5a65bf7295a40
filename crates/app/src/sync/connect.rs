//! How a cloud is reached. A trait, so that a test can put another one there.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::Clock;
use counterfoil_firestore::auth::{Auth, AuthServer, Session};
use counterfoil_firestore::{Endpoint, FirestoreRemote, Settings};
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::{Archive, Remote};

use crate::account::Keep;
use crate::error::AppError;

/// Makes the cloud of a connection. Nothing may be connected yet when it returns.
pub trait Connect: Send + Sync {
    /// The cloud that `connected` names.
    fn remote(&self, connected: &Connected) -> Arc<dyn Remote>;

    /// The same for whoever proves the books; none where there is no such cloud.
    fn archive(&self, _connected: &Connected) -> Option<Arc<dyn Archive>> {
        None
    }

    /// `host:port` of whoever answers for it, which is tried while nothing can be reached; none where there is no such
    /// place.
    fn address(&self) -> Option<String> {
        None
    }

    /// Why this register is not signed in, where that is known: the cloud itself only says that.
    fn sign_in_problem(&self) -> Option<AppError> {
        None
    }
}

/// Cloud Firestore, or its emulator.
#[derive(Clone)]
pub struct FirestoreConnect {
    endpoint: Endpoint,
    deadline: Duration,
    account: Option<OwnAccount>,
}

/// The register's own account: where it is kept, who renews its tokens, by which clock.
#[derive(Clone)]
struct OwnAccount {
    keep: Arc<Keep>,
    server: AuthServer,
    clock: Arc<dyn Clock>,
}

impl FirestoreConnect {
    /// The server that `FIRESTORE_EMULATOR_HOST` names, else Google's.
    pub fn from_environment() -> Self {
        Self::new(
            Endpoint::from_environment(),
            counterfoil_firestore::connection::DEADLINE,
        )
    }

    /// This server, and how long a call may take. Only an emulator answers without an account.
    pub fn new(endpoint: Endpoint, deadline: Duration) -> Self {
        Self {
            endpoint,
            deadline,
            account: None,
        }
    }

    /// The same with the account that `keep` has, whose tokens `server` renews.
    pub fn with_account(self, keep: Arc<Keep>, server: AuthServer, clock: Arc<dyn Clock>) -> Self {
        let account = Some(OwnAccount {
            keep,
            server,
            clock,
        });
        Self { account, ..self }
    }

    fn session(&self, account: &OwnAccount, to: &Connected) -> Session {
        let owner = matches!(self.endpoint, Endpoint::Emulator { .. });
        let (server, key) = (account.server.clone(), to.api_key.as_deref());
        let auth = Auth::new(server, &to.project, key, self.deadline);
        let vault = Arc::<Keep>::clone(&account.keep);
        let store = (to.project.as_str(), to.store_id.as_str());
        Session::of_register(vault, store, owner, auth, Arc::clone(&account.clock))
    }

    fn cloud(&self, connected: &Connected) -> FirestoreRemote {
        let settings = Settings {
            project: connected.project.clone(),
            store_id: connected.store_id.clone(),
            endpoint: self.endpoint.clone(),
            deadline: self.deadline,
        };
        match &self.account {
            Some(account) => {
                let session = Arc::new(self.session(account, connected));
                FirestoreRemote::signed_in(settings, session)
            }
            None => FirestoreRemote::new(settings),
        }
    }
}

impl Connect for FirestoreConnect {
    fn remote(&self, connected: &Connected) -> Arc<dyn Remote> {
        Arc::new(self.cloud(connected))
    }

    fn archive(&self, connected: &Connected) -> Option<Arc<dyn Archive>> {
        Some(Arc::new(self.cloud(connected)))
    }

    fn address(&self) -> Option<String> {
        Some(self.endpoint.address())
    }

    fn sign_in_problem(&self) -> Option<AppError> {
        let problem = self.account.as_ref()?.keep.problem()?;
        Some(problem.into())
    }
}
