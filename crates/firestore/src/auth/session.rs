//! An ID token that is renewed before it expires, by an account that is kept somewhere.

use std::sync::{Arc, Mutex as Lock, PoisonError};

use async_trait::async_trait;
use counterfoil_domain::{Clock, Timestamp};
use gcloud_sdk::google_cloud_auth::credentials::{
    CacheableResource, CredentialsProvider, EntityTag,
};
use gcloud_sdk::google_cloud_auth::errors::CredentialsError;
use gcloud_sdk::tonic::codegen::http::{Extensions, HeaderMap, HeaderValue, header::AUTHORIZATION};
use tokio::sync::Mutex;

use super::{Auth, AuthError, AuthErrorKind, Secret, Side, SignedIn};

/// How long before its end a token is renewed.
const AHEAD_MS: i64 = 5 * 60 * 1000;
/// The token that Firebase's tools send to a Firestore emulator, which then asks no rules.
const OWNER: &str = "owner";

/// A register's own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The project that it belongs to.
    pub project: String,
    /// The store that it is a member of.
    pub store_id: String,
    /// Its id, which names its membership.
    pub uid: String,
    /// Who knows it: nobody else is sent its token.
    pub side: Side,
    /// What ID tokens are asked for with.
    pub refresh_token: Secret,
}

/// Where a register's account is kept.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Changes whenever what is kept does, so that another program's sign-in is seen. Asked before
    /// every call to the cloud, so it must be cheap.
    fn revision(&self) -> u128;

    /// What is kept. Waits for nobody: a keychain that does not answer is an error soon.
    async fn account(&self) -> Result<Option<Account>, AuthError>;

    /// Keeps the refresh token that the server gave in the place of the old one.
    async fn renewed(&self, refresh_token: &Secret) -> Result<(), AuthError>;

    /// Hears how it stands, for whoever asks: why there is no token, or that there is one.
    fn tell(&self, problem: Option<&AuthError>);
}

/// Who speaks to the cloud.
pub struct Session {
    who: Who,
    auth: Auth,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    bearer: Arc<Bearer>,
}

enum Who {
    /// A person, for as long as one token lasts.
    Person,
    /// Whoever is kept for this store.
    Kept {
        vault: Arc<dyn Vault>,
        project: String,
        store_id: String,
        /// A Firestore emulator lets its owner in without any sign-in.
        owner: bool,
    },
}

#[derive(Default)]
struct State {
    revision: Option<u128>,
    account: Option<Account>,
    /// From when to when the token is good, by the register's clock.
    good: Option<(Timestamp, Timestamp)>,
}

impl Session {
    /// Of a person who has just signed in.
    pub fn of_person(person: &SignedIn, auth: Auth, clock: Arc<dyn Clock>) -> Self {
        let session = Self::new(Who::Person, auth, clock);
        session.bearer.set(person.id_token.expose());
        session
    }

    /// Of the account that `vault` keeps for this store. With `owner` it may also keep none, and
    /// the Firestore emulator's owner speaks.
    pub fn of_register(
        vault: Arc<dyn Vault>,
        (project, store_id): (&str, &str),
        owner: bool,
        auth: Auth,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let who = Who::Kept {
            vault,
            project: project.to_owned(),
            store_id: store_id.to_owned(),
            owner,
        };
        Self::new(who, auth, clock)
    }

    fn new(who: Who, auth: Auth, clock: Arc<dyn Clock>) -> Self {
        Self {
            who,
            auth,
            clock,
            state: Mutex::new(State::default()),
            bearer: Arc::new(Bearer::new()),
        }
    }

    /// Refuses a session of Google's Firebase Auth for an emulator, and one of an emulator's for Google's
    /// server. A register without an account of Google's is let in by an emulator as its owner.
    ///
    /// # Errors
    /// `OtherSide` with what to set.
    pub(crate) fn may_speak_to(&self, emulator: bool) -> Result<(), AuthError> {
        let error = match (self.auth.side(), emulator, &self.who) {
            (Side::Google, true, Who::Person) => elsewhere(GOOGLES),
            (Side::Emulator, false, _) => elsewhere(EMULATORS),
            _ => return Ok(()),
        };
        if let Who::Kept { vault, .. } = &self.who {
            vault.tell(Some(&error));
        }
        Err(error)
    }

    /// What adds the token to every call.
    pub(crate) fn bearer(&self) -> Arc<Bearer> {
        Arc::clone(&self.bearer)
    }

    /// Makes sure of a token for the next call: it is renewed five minutes before its end. While
    /// it is good, a server that cannot be asked for the next one is in nobody's way.
    ///
    /// # Errors
    /// Why there is no token.
    pub async fn ready(&self) -> Result<(), AuthError> {
        let Who::Kept { vault, owner, .. } = &self.who else {
            return Ok(());
        };
        let ready = self.of_kept(vault.as_ref(), *owner).await;
        vault.tell(ready.as_ref().err());
        ready
    }

    async fn of_kept(&self, vault: &dyn Vault, owner: bool) -> Result<(), AuthError> {
        // Held while a token is asked for: calls that come meanwhile wait for the same one.
        let mut state = self.state.lock().await;
        let revision = vault.revision();
        if state.revision != Some(revision) {
            *state = State::default();
            let account = vault.account().await?;
            self.check(account.as_ref())?;
            if account.is_some() && owner && self.auth.side() == Side::Google {
                return Err(elsewhere(GOOGLES));
            }
            state.account = account;
            state.revision = Some(revision);
        }
        let Some(account) = state.account.clone() else {
            if owner {
                self.bearer.set(OWNER);
                return Ok(());
            }
            let said = "no account is kept for this store";
            return Err(AuthError::new(AuthErrorKind::NotSignedIn, said));
        };
        let now = self.clock.now();
        // A clock that was set back says nothing about the token.
        let good = state.good.filter(|(since, _)| now.since_ms(*since) >= 0);
        if good.is_some_and(|(_, until)| until.since_ms(now) > AHEAD_MS) {
            return Ok(());
        }
        let renewed = match self.auth.refresh(&account.refresh_token).await {
            Ok(renewed) => renewed,
            Err(error) if is_passing(&error) && good.is_some_and(|(_, until)| until > now) => {
                tracing::info!(%error, "the token is not renewed yet");
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.bearer.set(renewed.id_token.expose());
        let lasts = i64::try_from(renewed.expires_in.as_millis()).unwrap_or(0);
        state.good = Some((now, now.plus_ms(lasts)));
        tracing::info!(uid = %renewed.uid, lasts_ms = lasts, "a new token");
        if renewed.refresh_token != account.refresh_token {
            vault.renewed(&renewed.refresh_token).await?;
            // What is kept now is read again with the next call.
            state.revision = None;
        }
        Ok(())
    }

    /// An account for another store must not speak for this register here, and one that this server does not know is
    /// not told to it.
    fn check(&self, account: Option<&Account>) -> Result<(), AuthError> {
        let Who::Kept {
            project, store_id, ..
        } = &self.who
        else {
            return Ok(());
        };
        match account {
            Some(kept) if kept.project != *project || kept.store_id != *store_id => {
                let said = format!(
                    "it is signed in for the store {} in {}, and connected to {store_id} in {project}",
                    kept.store_id, kept.project
                );
                Err(AuthError::new(AuthErrorKind::NotSignedIn, said))
            }
            Some(kept) if kept.side != self.auth.side() => Err(elsewhere(match kept.side {
                Side::Google => MADE_AT_GOOGLES,
                Side::Emulator => MADE_AT_AN_EMULATOR,
            })),
            _ => Ok(()),
        }
    }
}

/// A session of the one side never speaks to the other: an emulator is reached without encryption, and by
/// whoever listens there.
fn elsewhere(said: &str) -> AuthError {
    AuthError::new(AuthErrorKind::OtherSide, said)
}

const MADE_AT_GOOGLES: &str = "it was signed in at Google's, and FIREBASE_AUTH_EMULATOR_HOST names an emulator; unset it, and FIRESTORE_EMULATOR_HOST too";
const MADE_AT_AN_EMULATOR: &str = "it was signed in at an emulator, and none is named now; name it in FIREBASE_AUTH_EMULATOR_HOST, and Firestore's in FIRESTORE_EMULATOR_HOST";
const GOOGLES: &str = "its account is one of Google's, and FIRESTORE_EMULATOR_HOST names an emulator; unset it, or name an emulator of Firebase Auth too, in FIREBASE_AUTH_EMULATOR_HOST";
const EMULATORS: &str = "FIREBASE_AUTH_EMULATOR_HOST names an emulator, and the store is Google's; unset it, or name an emulator of Firestore too, in FIRESTORE_EMULATOR_HOST";

fn is_passing(error: &AuthError) -> bool {
    matches!(
        error.kind,
        AuthErrorKind::Unreachable | AuthErrorKind::ServerTrouble | AuthErrorKind::TooManyAttempts
    )
}

/// The token that is sent, and its tag, by which a connection sees that it has changed.
#[derive(Debug)]
pub(crate) struct Bearer(Lock<(EntityTag, HeaderMap)>);

impl Bearer {
    fn new() -> Self {
        Self(Lock::new((EntityTag::new(), HeaderMap::new())))
    }

    /// The emulator's owner.
    pub(crate) fn owner() -> Arc<Self> {
        let bearer = Self::new();
        bearer.set(OWNER);
        Arc::new(bearer)
    }

    fn set(&self, token: &str) {
        let mut headers = HeaderMap::new();
        // A token that is no header's text would be refused; sent is none, and the server says so.
        if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {token}")) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.1 != headers {
            *kept = (EntityTag::new(), headers);
        }
    }
}

/// Shared by a session and its connection.
#[derive(Debug)]
pub(crate) struct Sent(pub(crate) Arc<Bearer>);

impl CredentialsProvider for Sent {
    async fn headers(
        &self,
        extensions: Extensions,
    ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        let kept = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (entity_tag, data) = kept.clone();
        if extensions.get::<EntityTag>() == Some(&entity_tag) {
            return Ok(CacheableResource::NotModified);
        }
        Ok(CacheableResource::New { entity_tag, data })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}
