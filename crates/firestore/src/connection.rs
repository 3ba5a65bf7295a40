//! The connection: made when it is first needed, and anew when it has died.

use std::time::Duration;

use counterfoil_sync::{Code, RemoteError};
use firestore::errors::FirestoreError;
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
                db.map_err(|error| nobody_at(host, &error))
            }
            Endpoint::Google => {
                let db = FirestoreDb::with_options(options).await;
                db.map_err(|error| at_google(&error))
            }
        }
    }
}

/// Why there is no connection to Google. The crate calls a missing network and missing credentials by
/// one name; what is inside tells them apart by its variant's name, of which it makes its code. A
/// till without a network must not ask its cashier to sign in.
fn at_google(error: &FirestoreError) -> RemoteError {
    let no_credentials = match error {
        FirestoreError::SystemError(system) => system.public.code.starts_with("CredentialsBuild"),
        FirestoreError::InvalidParametersError(_) => true,
        _ => false,
    };
    if no_credentials {
        return RemoteError {
            code: Code::Unauthenticated,
            message: error.to_string(),
        };
    }
    nobody_at("Google's Firestore", error)
}

/// Nobody answers there. Why not is in the crate's words only, layer in layer: they are for the log.
fn nobody_at(place: &str, error: &FirestoreError) -> RemoteError {
    tracing::info!(place, %error, "no connection");
    RemoteError {
        code: Code::Unavailable,
        message: format!("nothing answers at {place}"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_missing_network_is_no_missing_sign_in() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", nobody.local_addr().expect("an address"));
        drop(nobody);
        let endpoint = gcloud_sdk::tonic::transport::Endpoint::new(url).expect("an address");
        let refused = endpoint.connect().await.expect_err("nobody is there");
        let error = FirestoreError::from(gcloud_sdk::error::Error::from(refused));
        let said = at_google(&error);
        assert_eq!(said.code, Code::Unavailable);
        assert_eq!(said.message, "nothing answers at Google's Firestore");
    }

    #[tokio::test]
    async fn credentials_that_are_not_there_are_a_sign_in() {
        let absent = std::path::PathBuf::from("/nowhere/key.json");
        let options = FirestoreDbOptions::new("demo-x".to_owned());
        let made = FirestoreDb::with_options_service_account_key_file(options, absent).await;
        let Err(error) = made else {
            panic!("there is no such file")
        };
        assert_eq!(at_google(&error).code, Code::Unauthenticated);
    }
}
