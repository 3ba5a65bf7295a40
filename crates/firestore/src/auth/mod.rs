//! Firebase Auth over its REST interface: <https://firebase.google.com/docs/reference/rest/auth>.
//!
//! - this module: the calls, each with a deadline, none tried twice;
//! - [`error`]: what may go wrong, each kind told apart by the server's own code;
//! - [`session`]: an ID token that is renewed before it expires.

pub mod error;
mod secret;
pub mod session;

use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use error::{AuthError, AuthErrorKind};
pub use secret::Secret;
pub use session::{Account, Session, Vault};

/// The variable by which Google's SDKs find the Auth emulator.
const EMULATOR_HOST: &str = "FIREBASE_AUTH_EMULATOR_HOST";

/// An emulator takes any key, but there must be one.
const ANY_KEY: &str = "emulator";

/// Which server answers for Firebase Auth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthServer {
    /// Google's.
    Google,
    /// An emulator, or a server of a test.
    Emulator {
        /// `host:port`.
        host: String,
    },
}

/// Who knows an account. One of Google's is for nobody else; one of an emulator's is nobody at Google's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// Google.
    Google,
    /// An emulator. Each forgets its accounts when it ends, so they are not told apart.
    Emulator,
}

impl AuthServer {
    /// Whose accounts it knows.
    pub const fn side(&self) -> Side {
        match self {
            Self::Google => Side::Google,
            Self::Emulator { .. } => Side::Emulator,
        }
    }

    /// The emulator that `FIREBASE_AUTH_EMULATOR_HOST` names, else Google's server. An empty
    /// variable is none.
    pub fn from_environment() -> Self {
        match std::env::var(EMULATOR_HOST) {
            Ok(host) if !host.trim().is_empty() => Self::Emulator {
                host: host.trim().to_owned(),
            },
            _ => Self::Google,
        }
    }

    fn url(&self, service: &str, path: &str) -> String {
        match self {
            Self::Google => format!("https://{service}/{path}"),
            Self::Emulator { host } => format!("http://{host}/{service}/{path}"),
        }
    }
}

/// Somebody whom the server knows now.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Their id, which names their membership.
    pub uid: String,
    /// What is sent as `Bearer`, for about an hour.
    pub id_token: Secret,
    /// What new ID tokens are asked for with, until it is revoked.
    pub refresh_token: Secret,
    /// How long the ID token is accepted from now on.
    pub expires_in: Duration,
}

impl SignedIn {
    /// The project that the token is for: the `aud` of the ID token. It is read, not verified: the
    /// server that is given the token verifies it.
    pub fn project(&self) -> Option<String> {
        let payload = self.id_token.expose().split('.').nth(1)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
        let claims: Value = serde_json::from_slice(&bytes).ok()?;
        claims["aud"].as_str().map(str::to_owned)
    }
}

/// Firebase Auth of one project.
#[derive(Debug)]
pub struct Auth {
    server: AuthServer,
    api_key: Option<String>,
    project: String,
    deadline: Duration,
    http: OnceLock<reqwest::Client>,
}

impl Auth {
    /// The accounts of `project`, whose web API key is `api_key`. Nothing is connected yet.
    pub fn new(
        server: AuthServer,
        project: &str,
        api_key: Option<&str>,
        deadline: Duration,
    ) -> Self {
        Self {
            server,
            api_key: api_key.map(str::to_owned),
            project: project.to_owned(),
            deadline,
            http: OnceLock::new(),
        }
    }

    fn side(&self) -> Side {
        self.server.side()
    }

    /// Signs a person in.
    ///
    /// # Errors
    /// Every kind; `WrongProject` also when the key opens another project than the one meant.
    pub async fn sign_in(&self, email: &str, password: &Secret) -> Result<SignedIn, AuthError> {
        let who = credentials(email, password);
        let said = self.accounts("signInWithPassword", &who).await?;
        self.signed_in(&said)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// Every kind; `SignUpClosed` where the project lets nobody make accounts.
    pub async fn sign_up(&self, email: &str, password: &Secret) -> Result<SignedIn, AuthError> {
        let who = credentials(email, password);
        let said = self.accounts("signUp", &who).await?;
        self.signed_in(&said)
    }

    /// Deletes the account itself.
    ///
    /// # Errors
    /// Every kind.
    pub async fn delete(&self, account: &SignedIn) -> Result<(), AuthError> {
        let which = json!({ "idToken": account.id_token.expose() });
        self.accounts("delete", &which).await.map(drop)
    }

    /// Asks for a new ID token.
    ///
    /// # Errors
    /// Every kind; `SessionEnded` when the refresh token is not accepted any more.
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<SignedIn, AuthError> {
        let asked = json!({
            "grant_type": "refresh_token", "refresh_token": refresh_token.expose(),
        });
        let url = self.server.url("securetoken.googleapis.com", "v1/token");
        let said = self.post(&url, &asked).await?;
        let names = ["user_id", "id_token", "refresh_token", "expires_in"];
        self.read(&said, names)
    }

    async fn accounts(&self, method: &str, body: &Value) -> Result<Value, AuthError> {
        let path = format!("v1/accounts:{method}");
        let url = self.server.url("identitytoolkit.googleapis.com", &path);
        self.post(&url, body).await
    }

    async fn post(&self, url: &str, body: &Value) -> Result<Value, AuthError> {
        let key = match (&self.api_key, &self.server) {
            (Some(key), _) => key.as_str(),
            (None, AuthServer::Emulator { .. }) => ANY_KEY,
            (None, AuthServer::Google) => {
                let said = "no web API key is known of this project";
                return Err(AuthError::new(AuthErrorKind::WrongProject, said));
            }
        };
        let asked = self.http()?.post(url).query(&[("key", key)]).json(body);
        let answer = asked.send().await.map_err(|error| unreachable(&error))?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.map_err(|error| unreachable(&error))?;
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        if (200..300).contains(&status) {
            return Ok(said);
        }
        Err(error::refused(status, &said["error"]))
    }

    /// One client for the calls of one session: its connections belong to the runtime it is used in.
    fn http(&self) -> Result<&reqwest::Client, AuthError> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let mut builder = reqwest::Client::builder()
            .tls_backend_rustls()
            .timeout(self.deadline)
            .connect_timeout(self.deadline)
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            // Asked once an hour: a kept connection would only go stale.
            .pool_max_idle_per_host(0);
        if matches!(self.server, AuthServer::Emulator { .. }) {
            builder = builder.no_proxy();
        }
        let made = builder.build().map_err(|error| unreachable(&error))?;
        Ok(self.http.get_or_init(|| made))
    }

    fn signed_in(&self, said: &Value) -> Result<SignedIn, AuthError> {
        let names = ["localId", "idToken", "refreshToken", "expiresIn"];
        self.read(said, names)
    }

    /// Reads an answer whose fields are named in the order of [`SignedIn`]'s.
    fn read(&self, said: &Value, names: [&str; 4]) -> Result<SignedIn, AuthError> {
        let [uid, id_token, refresh_token, expires_in] = names.map(|name| said[name].as_str());
        let seconds = expires_in.and_then(|seconds| seconds.parse().ok());
        let (Some(uid), Some(id_token), Some(refresh_token), Some(seconds)) =
            (uid, id_token, refresh_token, seconds)
        else {
            let said = "the answer is not one of Firebase Auth";
            return Err(AuthError::new(AuthErrorKind::ServerTrouble, said));
        };
        let signed_in = SignedIn {
            uid: uid.to_owned(),
            id_token: Secret::new(id_token),
            refresh_token: Secret::new(refresh_token),
            expires_in: Duration::from_secs(seconds),
        };
        match signed_in.project() {
            Some(project) if project != self.project => {
                let said = format!(
                    "the key opens the project {project}, and this register is connected to {}",
                    self.project
                );
                Err(AuthError::new(AuthErrorKind::WrongProject, said))
            }
            _ => Ok(signed_in),
        }
    }
}

fn credentials(email: &str, password: &Secret) -> Value {
    json!({ "email": email, "password": password.expose(), "returnSecureToken": true })
}

/// The address is left out: it holds the key, and says nothing that helps.
fn unreachable(error: &reqwest::Error) -> AuthError {
    let what = if error.is_timeout() {
        "Firebase Auth does not answer"
    } else {
        "nothing answers at Firebase Auth"
    };
    tracing::info!(
        timeout = error.is_timeout(),
        connect = error.is_connect(),
        "{what}"
    );
    AuthError::new(AuthErrorKind::Unreachable, what)
}

#[cfg(test)]
mod tests;
