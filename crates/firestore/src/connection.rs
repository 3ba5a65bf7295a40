//! The connection: made when it is first needed, and anew when it has died.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_sync::{Code, RemoteError};
use firestore::errors::FirestoreError;
use firestore::{FirestoreDb, FirestoreDbOptions};
use gcloud_sdk::google_cloud_auth::credentials::Credentials;
use tokio::sync::Mutex;

use crate::auth::session::{Bearer, Sent};
use crate::auth::{AuthError, AuthErrorKind, Session};

/// How long a call may take, unless told otherwise.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The variable by which every Firestore client finds the emulator.
const EMULATOR_HOST: &str = "FIRESTORE_EMULATOR_HOST";

/// Google's server (<https://firebase.google.com/docs/firestore/reference/rest#service-endpoint>).
const GOOGLE: &str = "firestore.googleapis.com:443";

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
    /// Google's, for whoever has signed in.
    Google,
    /// An emulator, as its owner where nobody has signed in.
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

    /// `host:port` of the server.
    pub fn address(&self) -> String {
        match self {
            Self::Emulator { host } => match host.split_once("://") {
                Some((_, address)) => address.to_owned(),
                None => host.clone(),
            },
            Self::Google => GOOGLE.to_owned(),
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
    session: Option<Arc<Session>>,
    db: Mutex<Option<FirestoreDb>>,
}

impl Connection {
    /// Without a session the emulator's owner asks, and at Google's nobody.
    pub(crate) fn new(settings: Settings, session: Option<Arc<Session>>) -> Self {
        Self {
            settings,
            session,
            db: Mutex::new(None),
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The connection, made now if there is none, with a token that is good for the next call.
    pub(crate) async fn get(&self) -> Result<FirestoreDb, RemoteError> {
        if let Some(session) = &self.session {
            let emulator = matches!(self.settings.endpoint, Endpoint::Emulator { .. });
            session.may_speak_to(emulator)?;
            session.ready().await?;
        }
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
        let bearer = match (&self.session, &self.settings.endpoint) {
            (Some(session), _) => session.bearer(),
            (None, Endpoint::Emulator { .. }) => Bearer::owner(),
            (None, Endpoint::Google) => {
                let said = "nothing is known of a sign-in";
                return Err(AuthError::new(AuthErrorKind::NotSignedIn, said).into());
            }
        };
        let (options, place) = match &self.settings.endpoint {
            Endpoint::Emulator { host } if host.contains("://") => {
                (options.with_firebase_api_url(host.clone()), host.as_str())
            }
            Endpoint::Emulator { host } => {
                let url = format!("http://{host}");
                (options.with_firebase_api_url(url), host.as_str())
            }
            Endpoint::Google => (options, "Google's Firestore"),
        };
        let db = FirestoreDb::with_options_auth(options, Credentials::from(Sent(bearer))).await;
        db.map_err(|error| nobody_at(place, &error))
    }
}

/// Nobody answers there whom this register may speak to. Why not is in the crate's words only, layer in layer:
/// they are for the log. A person is told what she can look into herself.
fn nobody_at(place: &str, error: &FirestoreError) -> RemoteError {
    tracing::info!(place, %error, "no connection");
    let why = error.to_string();
    // rustls' names (https://docs.rs/rustls/latest/rustls/enum.Error.html), as the layers above it print them.
    let message = if why.contains("InvalidCertificate") {
        format!(
            "whoever answers at {place} has no certificate that is trusted here; look at this computer's clock, and at who stands between it and the internet"
        )
    } else if ["InvalidMessage", "AlertReceived", "PeerIncompatible"]
        .iter()
        .any(|name| why.contains(name))
    {
        format!("no secure connection can be made to {place}")
    } else {
        format!("nothing answers at {place}")
    };
    RemoteError {
        code: Code::Unavailable,
        message,
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::{Clock, Timestamp};

    use crate::auth::{Auth, AuthServer, Secret, SignedIn};

    use super::*;

    #[tokio::test]
    async fn without_a_sign_in_nobody_speaks_to_google() {
        let settings = Settings {
            project: "demo-x".to_owned(),
            store_id: "corner".to_owned(),
            endpoint: Endpoint::Google,
            deadline: DEADLINE,
        };
        let refused = Connection::new(settings, None).get().await;
        let Err(error) = refused else {
            panic!("there is no sign-in")
        };
        assert_eq!(error.code, Code::Unauthenticated);
    }

    #[tokio::test]
    async fn a_sign_in_of_an_emulators_is_not_sent_to_google() {
        let settings = Settings {
            project: "demo-x".to_owned(),
            store_id: "corner".to_owned(),
            endpoint: Endpoint::Google,
            deadline: DEADLINE,
        };
        let somebody = SignedIn {
            uid: "u1".to_owned(),
            id_token: Secret::new("a-token"),
            refresh_token: Secret::new("another"),
            expires_in: DEADLINE,
        };
        let host = "127.0.0.1:1".to_owned();
        let auth = Auth::new(AuthServer::Emulator { host }, "demo-x", None, DEADLINE);
        let session = Session::of_person(&somebody, auth, Arc::new(Long));
        let refused = Connection::new(settings, Some(Arc::new(session)))
            .get()
            .await;
        let Err(error) = refused else {
            panic!("it is an emulator's")
        };
        assert_eq!(error.code, Code::Unauthenticated);
        assert!(
            error.message.contains("FIREBASE_AUTH_EMULATOR_HOST"),
            "{error}"
        );
    }

    /// A clock that nobody reads.
    struct Long;

    impl Clock for Long {
        fn now(&self) -> Timestamp {
            Timestamp::from_ms(0)
        }
    }
}
