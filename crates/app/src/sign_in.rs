//! A manager signs the register in: it gets an account of its own, and the manager's is forgotten.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::RegisterId;
use counterfoil_firestore::auth::{
    Account, Auth, AuthError, AuthErrorKind, AuthServer, Secret, Session, SignedIn,
};
use counterfoil_firestore::members::RegisterMember;
use counterfoil_firestore::{Endpoint, FirestoreRemote, Settings, connection};
use counterfoil_store::table::register::{self, Register};
use counterfoil_store::table::sync_state::{self, Connected};
use counterfoil_sync::{Code, RemoteError, Wake};
use serde_json::json;

use crate::account::{Enrolled, Keep, end_former};
use crate::dto::{AccountView, RegisterView, SignInInput, SignInResult};
use crate::error::{AppError, ErrorCode, Result};
use crate::series::refuse_shared;
use crate::settings;
use crate::setup::named;
use crate::sync::SyncStore as _;
use crate::till::Till;

/// A domain under which nobody has a mailbox (RFC 2606).
const DOMAIN: &str = "registers.invalid";
/// The rules take no more.
const MAX_REGISTERS: usize = 50;

/// The servers that a sign-in asks.
#[derive(Clone, Debug)]
pub struct Servers {
    /// Firebase Auth.
    pub auth: AuthServer,
    /// Firestore.
    pub firestore: Endpoint,
    /// How long each call may take.
    pub deadline: Duration,
}

impl Servers {
    /// The emulators that the environment names, else Google's.
    pub fn from_environment() -> Self {
        Self {
            auth: AuthServer::from_environment(),
            firestore: Endpoint::from_environment(),
            deadline: connection::DEADLINE,
        }
    }

    /// An emulator is reached without encryption, so no token of Google's is for it; nor is one of an
    /// emulator's for Google's server.
    fn require_one_side(&self) -> Result<()> {
        if (self.auth == AuthServer::Google) != self.lets_the_owner_in() {
            return Ok(());
        }
        Err(AppError::invalid(
            "one of FIRESTORE_EMULATOR_HOST and FIREBASE_AUTH_EMULATOR_HOST names an emulator; set both or neither. Nothing was sent",
        ))
    }

    /// A Firestore emulator lets its owner in without any sign-in.
    pub(crate) const fn lets_the_owner_in(&self) -> bool {
        matches!(self.firestore, Endpoint::Emulator { .. })
    }

    pub(crate) fn auth(&self, to: &Connected) -> Auth {
        let key = to.api_key.as_deref();
        Auth::new(self.auth.clone(), &to.project, key, self.deadline)
    }
}

/// What this register is, for its membership.
struct Here {
    to: Connected,
    current: Register,
    register_ids: Vec<RegisterId>,
}

impl Till {
    /// Whose account this register speaks with; none where nobody has signed it in.
    ///
    /// # Errors
    /// `sign_in_needed` where what was kept cannot be read.
    pub fn account(&self) -> Result<Option<AccountView>> {
        Ok(self.keep().view()?)
    }

    /// Signs this register in: with a manager's token it becomes a member of the store under an
    /// account of its own, whose refresh token is kept, and under the name that the manager gives it.
    /// What waits goes up from then on. The accounts that it had before are members no more, where
    /// that could be done; the answer says where not.
    ///
    /// # Errors
    /// `not_connected`; `invalid_input` for a name that is none; what Firebase Auth says
    /// (`wrong_password`, `account_disabled`, `wrong_project`, `sign_up_closed`, `too_many_attempts`,
    /// `cloud_unreachable`, `cloud_refused`); `not_permitted` for an account that is no manager of
    /// this store; `prefix_taken` where another register of the store prints the same receipt numbers;
    /// `keychain_closed` where a keychain is there that does not take the account. Nothing is changed
    /// then.
    pub async fn sign_in(&self, input: SignInInput) -> Result<SignInResult> {
        self.sign_in_at(&Servers::from_environment(), self.keep(), input)
            .await
    }

    /// The same at these servers, the account kept there.
    pub async fn sign_in_at(
        &self,
        servers: &Servers,
        keep: &Keep,
        input: SignInInput,
    ) -> Result<SignInResult> {
        servers.require_one_side()?;
        let here = self.off_the_runtime(here).await?;
        let email = input.email.trim().to_owned();
        if email.is_empty() || input.password.is_empty() {
            return Err(AppError::invalid(
                "give the e-mail address and the password of a manager of this store",
            ));
        }
        let name = match &input.register_name {
            Some(name) => named("register", name)?,
            None => here.current.name.clone(),
        };
        let auth = servers.auth(&here.to);
        let manager = auth.sign_in(&email, &Secret::new(input.password)).await;
        let manager = manager.map_err(of_manager)?;
        let cloud = self.cloud_of(servers, &here.to, &manager);
        require_manager(cloud.role_of(&manager.uid).await, &email, &here.to)?;
        let asked = refuse_shared(&cloud, &here.current.prefix, &here.register_ids).await?;
        asked.map_err(|error| refused(&error))?;
        // Before an account is made that nobody could keep.
        keep.ready().await?;
        let (address, account) = self.enrol(&auth, &cloud, &here, &name).await?;
        let enrolled = Enrolled {
            account: Account {
                project: here.to.project.clone(),
                store_id: here.to.store_id.clone(),
                uid: account.uid.clone(),
                side: servers.auth.side(),
                refresh_token: account.refresh_token.clone(),
            },
            email: address,
            signed_in_by: email,
        };
        let register = match self.settle(keep, enrolled, name, &here).await {
            Ok(register) => register,
            Err(error) => {
                withdraw(&auth, &cloud, &account, here.current.register_id).await;
                return Err(error);
            }
        };
        tracing::info!(
            project = %here.to.project, store_id = %here.to.store_id, name = register.name,
            "the register is signed in"
        );
        self.off_the_runtime(Self::speaks_with_another).await?;
        let (ended, still) = end_former(keep, &cloud, &here.to, here.current.register_id).await;
        let kept = keep.view()?;
        Ok(SignInResult {
            account: kept.ok_or_else(|| AppError::internal("the account was not kept"))?,
            register,
            ended,
            still,
        })
    }

    /// Keeps the account, and the name that the register was enrolled under; both or neither.
    async fn settle(
        &self,
        keep: &Keep,
        enrolled: Enrolled,
        name: String,
        here: &Here,
    ) -> Result<RegisterView> {
        let renamed = name != here.current.name;
        if renamed {
            self.rename(name.clone()).await?;
        }
        if let Err(error) = keep.put(enrolled).await {
            if renamed && let Err(left) = self.rename(here.current.name.clone()).await {
                tracing::warn!(%left, name, "the register keeps a name that nobody enrolled");
            }
            return Err(error.into());
        }
        let prefix = here.current.prefix.to_string();
        Ok(RegisterView { name, prefix })
    }

    async fn rename(&self, name: String) -> Result<()> {
        let rename = move |till: &Self| till.write(move |tx| Ok(register::rename(tx, &name)?));
        self.off_the_runtime(rename).await
    }

    /// Makes the register's account and its membership; without the one the other is taken back.
    /// Answers the account's address, too.
    async fn enrol(
        &self,
        auth: &Auth,
        cloud: &FirestoreRemote,
        here: &Here,
        name: &str,
    ) -> Result<(String, SignedIn)> {
        let email = format!("register-{}@{DOMAIN}", self.ids().uuid());
        // Two random UUIDs: 244 bits that nobody ever sees.
        let password = format!("{}{}", self.ids().uuid(), self.ids().uuid());
        let account = auth.sign_up(&email, &Secret::new(password)).await?;
        let member = RegisterMember {
            uid: account.uid.clone(),
            name: name.to_owned(),
            register_ids: here.register_ids.clone(),
        };
        if let Err(error) = cloud.enrol(&member).await {
            delete(auth, &account).await;
            return Err(refused(&error));
        }
        Ok((email, account))
    }

    /// Forgets the register's account; answers whether there was one. What waits stays here until
    /// somebody signs in again.
    ///
    /// # Errors
    /// `unsynced_sales` with `{waiting}` where sales wait or were refused, unless `anyway`: nothing is changed then.
    pub async fn sign_out(&self, anyway: bool) -> Result<bool> {
        let unsynced = self.off_the_runtime(Self::unsynced).await?;
        let waiting = unsynced.map_or(0, |left| left.sales.saturating_add(left.decisions));
        if waiting > 0 && !anyway && self.account()?.is_some() {
            let message = format!(
                "{waiting} of this register are not in the cloud yet. They are kept here, and go up only when \
                 somebody signs in again. Nothing was changed. If that is right: counterfoilctl sync sign-out --yes"
            );
            let details = json!({ "waiting": waiting });
            return Err(AppError::new(ErrorCode::UnsyncedSales, message).with_details(details));
        }
        let there = self.keep().forget().await?;
        self.off_the_runtime(Self::speaks_with_another).await?;
        Ok(there)
    }

    fn cloud_of(&self, servers: &Servers, to: &Connected, person: &SignedIn) -> FirestoreRemote {
        let clock = Arc::clone(self.clock());
        let session = Session::of_person(person, servers.auth(to), clock);
        let settings = Settings {
            project: to.project.clone(),
            store_id: to.store_id.clone(),
            endpoint: servers.firestore.clone(),
            deadline: servers.deadline,
        };
        FirestoreRemote::signed_in(settings, Arc::new(session))
    }

    /// Whoever syncs begins anew with the account that is kept now.
    fn speaks_with_another(&self) -> Result<()> {
        match self.sync_handle() {
            Some(handle) => {
                handle.connected();
                handle.wake(Wake::User);
            }
            None => self.db()?.wish()?,
        }
        Ok(())
    }

    /// Does what waits for the disk where it may.
    pub(crate) async fn off_the_runtime<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let till = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&till)).await;
        done.unwrap_or_else(|error| Err(AppError::internal(error)))
    }
}

fn here(till: &Till) -> Result<Here> {
    till.read(|conn| {
        settings::require_store(conn)?;
        let to = sync_state::get(conn)?.connected.ok_or_else(|| {
            AppError::new(
                ErrorCode::NotConnected,
                "this store is not connected to a cloud; connect it first: counterfoilctl sync connect --project ID --store ID --api-key KEY",
            )
        })?;
        let current = register::require(conn)?;
        // The newest first: what the oldest of very many sold is in the cloud.
        let mut register_ids = vec![current.register_id];
        for before in register::all(conn)?.into_iter().rev() {
            if before.register_id != current.register_id && register_ids.len() < MAX_REGISTERS {
                register_ids.push(before.register_id);
            }
        }
        Ok(Here {
            to,
            current,
            register_ids,
        })
    })
}

/// Takes an enrolment back that nobody can keep.
async fn withdraw(auth: &Auth, cloud: &FirestoreRemote, account: &SignedIn, register: RegisterId) {
    if let Err(left) = cloud.end_register(&account.uid, register).await {
        tracing::warn!(%left, uid = %account.uid, "a membership is left that nobody has the account of");
    }
    delete(auth, account).await;
}

async fn delete(auth: &Auth, account: &SignedIn) {
    if let Err(left) = auth.delete(account).await {
        tracing::warn!(%left, uid = %account.uid, "an account without a membership is left");
    }
}

fn require_manager(
    role: Result<Option<String>, RemoteError>,
    email: &str,
    to: &Connected,
) -> Result<()> {
    let role = role.map_err(|error| refused(&error))?;
    if matches!(role.as_deref(), Some("owner" | "manager")) {
        return Ok(());
    }
    Err(AppError::new(
        ErrorCode::NotPermitted,
        format!(
            "{email} is no manager of the store “{}” in {}. Nothing was changed. Its owner adds managers; check the store's id too",
            to.store_id, to.project
        ),
    ))
}

/// What Firestore said to the manager.
fn refused(error: &RemoteError) -> AppError {
    let (code, what) = match error.code {
        Code::PermissionDenied | Code::Unauthenticated => (
            ErrorCode::NotPermitted,
            "The cloud does not let this account enrol a register. Check the store's id, and that the rules are deployed",
        ),
        Code::Unavailable | Code::DeadlineExceeded | Code::Unknown | Code::Cancelled => (
            ErrorCode::CloudUnreachable,
            "Firestore cannot be reached. Check the network and try again",
        ),
        _ => (
            ErrorCode::CloudRefused,
            "The cloud refuses. Check that project and store are the right ones",
        ),
    };
    let message = format!("{what}. Nothing was changed. ({})", error.message);
    AppError::new(code, message)
}

/// Why a manager is not signed in. Others' words are about the register's own account.
fn of_manager(error: AuthError) -> AppError {
    if error.kind != AuthErrorKind::AccountDisabled {
        return error.into();
    }
    let message = format!(
        "This manager's account is disabled. Its owner enables it in the Firebase console, or another manager signs this \
         register in. Nothing was changed. Sales are safe: they are kept here. ({})",
        error.said
    );
    AppError::new(ErrorCode::AccountDisabled, message)
}

impl From<AuthError> for AppError {
    fn from(error: AuthError) -> Self {
        let code = match error.kind {
            AuthErrorKind::NotSignedIn | AuthErrorKind::KeepingFailed => ErrorCode::SignInNeeded,
            AuthErrorKind::OtherSide => ErrorCode::SignedInElsewhere,
            AuthErrorKind::WrongPassword => ErrorCode::WrongPassword,
            AuthErrorKind::AccountDisabled => ErrorCode::AccountDisabled,
            AuthErrorKind::SessionEnded => ErrorCode::SignInEnded,
            AuthErrorKind::WrongProject => ErrorCode::WrongProject,
            AuthErrorKind::NotOffered => ErrorCode::SignInClosed,
            AuthErrorKind::SignUpClosed => ErrorCode::SignUpClosed,
            AuthErrorKind::TooManyAttempts => ErrorCode::TooManyAttempts,
            AuthErrorKind::Unreachable => ErrorCode::CloudUnreachable,
            AuthErrorKind::ServerTrouble => ErrorCode::CloudRefused,
            AuthErrorKind::KeychainLocked => ErrorCode::KeychainLocked,
            AuthErrorKind::KeychainClosed => ErrorCode::KeychainClosed,
        };
        let (words, said) = (error.kind.words(), error.said);
        Self::new(
            code,
            format!("{words}. Sales are safe: they are kept here. ({said})"),
        )
    }
}
