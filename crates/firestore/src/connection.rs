//! The connection: made when it is first needed, and anew when it has died.

use std::time::Duration;

use counterfoil_sync::{Code, RemoteError};
use firestore::{FirestoreDb, FirestoreDbOptions};
use gcloud_sdk::google_cloud_auth::credentials::{
    CacheableResource, Credentials, CredentialsProvider, EntityTag,
};
use gcloud_sdk::google_cloud_auth::errors::CredentialsError;
use gcloud_sdk::tonic::codegen::http::{Extensions, HeaderMap, HeaderValue, header::AUTHORIZATION};
use tokio::sync::Mutex;

/// How long a call may take, unless told otherwise.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The variable by which every Firestore client finds the emulator.
const EMULATOR_HOST: &str = "FIRESTORE_EMULATOR_HOST";

/// Where the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The Google Cloud project.
    pub project: String,
    /// The store's id: the document under `stores`.
    pub store_id: String,
    /// Which server.
    pub endpoint: Endpoint,
    /// How long a call may take, connecting included.
    pub deadline: Duration,
}

/// Which server answers for Firestore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Google's, with the machine's application default credentials.
    Google,
    /// An emulator, as its owner.
    Emulator {
        /// `host:port`.
        host: String,
    },
}

impl Endpoint {
    /// The emulator that `FIRESTORE_EMULATOR_HOST` names, else Google's server. An empty variable
    /// is none.
    pub fn from_environment() -> Self {
        match std::env::var(EMULATOR_HOST) {
            Ok(host) if !host.trim().is_empty() => Self::Emulator {
                host: host.trim().to_owned(),
            },
            _ => Self::Google,
        }
    }
}

impl Settings {
    /// The store in the project, on the server that the environment names.
    pub fn from_environment(project: &str, store_id: &str) -> Self {
        Self {
            project: project.to_owned(),
            store_id: store_id.to_owned(),
            endpoint: Endpoint::from_environment(),
            deadline: DEADLINE,
        }
    }
}

/// A connection that is not made before it is needed.
///
/// The crate connects in its constructor and waits up to 30 s for a black hole; a till must start
/// without a network, so that happens at the first call, inside that call's deadline.
pub(crate) struct Connection {
    settings: Settings,
    db: Mutex<Option<FirestoreDb>>,
}

impl Connection {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            db: Mutex::new(None),
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The connection, made now if there is none.
    pub(crate) async fn get(&self) -> Result<FirestoreDb, RemoteError> {
        let mut db = self.db.lock().await;
        if let Some(db) = db.as_ref() {
            return Ok(db.clone());
        }
        let made = self.connect().await?;
        *db = Some(made.clone());
        Ok(made)
    }

    /// Forgets the connection after `code`, if what the code says may be the connection's fault.
    /// A half-open one would otherwise swallow every call until its keep-alive notices.
    pub(crate) async fn suspect(&self, code: Code) {
        if matches!(
            code,
            Code::DeadlineExceeded | Code::Unavailable | Code::Unknown
        ) {
            *self.db.lock().await = None;
        }
    }

    async fn connect(&self) -> Result<FirestoreDb, RemoteError> {
        let options = FirestoreDbOptions::new(self.settings.project.clone())
            .with_max_retries(0)
            .with_request_timeout(self.settings.deadline);
        match &self.settings.endpoint {
            Endpoint::Emulator { host } => {
                let url = if host.contains("://") {
                    host.clone()
                } else {
                    format!("http://{host}")
                };
                let options = options.with_firebase_api_url(url);
                let owner = Credentials::from(Owner {
                    entity_tag: EntityTag::new(),
                });
                let db = FirestoreDb::with_options_auth(options, owner).await;
                db.map_err(|error| unreachable(Code::Unavailable, &error))
            }
            Endpoint::Google => {
                let db = FirestoreDb::with_options(options).await;
                db.map_err(|error| match error {
                    // No credentials, or ones that cannot be read.
                    firestore::errors::FirestoreError::SystemError(_)
                    | firestore::errors::FirestoreError::InvalidParametersError(_) => {
                        unreachable(Code::Unauthenticated, &error)
                    }
                    _ => unreachable(Code::Unavailable, &error),
                })
            }
        }
    }
}

fn unreachable(code: Code, error: &firestore::errors::FirestoreError) -> RemoteError {
    RemoteError {
        code,
        message: error.to_string(),
    }
}

/// The token that Firebase's tools send to an emulator, which then asks no rules.
#[derive(Debug)]
struct Owner {
    entity_tag: EntityTag,
}

impl CredentialsProvider for Owner {
    async fn headers(
        &self,
        extensions: Extensions,
    ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        if extensions.get::<EntityTag>() == Some(&self.entity_tag) {
            return Ok(CacheableResource::NotModified);
        }
        let mut data = HeaderMap::new();
        data.insert(AUTHORIZATION, HeaderValue::from_static("Bearer owner"));
        Ok(CacheableResource::New {
            entity_tag: self.entity_tag.clone(),
            data,
        })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}
