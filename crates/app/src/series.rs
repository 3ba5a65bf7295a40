//! A receipt series belongs to one register of a store: two that print the same prefix print the same
//! receipt numbers. The cloud knows all registers that have ever uploaded, so it is asked.

use std::sync::Arc;

use counterfoil_domain::{ReceiptPrefix, RegisterId};
use counterfoil_firestore::auth::Session;
use counterfoil_firestore::register::Printing;
use counterfoil_firestore::{FirestoreRemote, Settings};
use counterfoil_store::table::register;
use counterfoil_store::table::sync_state::{self, Connected};
use counterfoil_sync::RemoteError;
use serde_json::json;

use crate::account::Keep;
use crate::dto::{AppState, NewIdentityInput};
use crate::error::{AppError, ErrorCode, Result};
use crate::sign_in::Servers;
use crate::till::Till;

impl Till {
    /// [`Till::new_identity`] after the store was asked whether another register prints that series,
    /// where it can be asked with this register's account. Where it cannot, it is done all the same: the
    /// store is asked again when the register is signed in.
    ///
    /// # Errors
    /// `prefix_taken`, and those of `new_identity`. Nothing is changed then.
    pub async fn another_identity(&self, input: NewIdentityInput) -> Result<AppState> {
        let servers = Servers::from_environment();
        self.another_identity_at(&servers, self.keep(), input).await
    }

    /// The same at these servers, with the account that is kept there.
    pub async fn another_identity_at(
        &self,
        servers: &Servers,
        keep: &Arc<Keep>,
        input: NewIdentityInput,
    ) -> Result<AppState> {
        // What is no prefix is refused below.
        if let Ok(prefix) = ReceiptPrefix::new(input.receipt_prefix.trim())
            && let Some((to, own)) = self.off_the_runtime(store_and_own).await?
        {
            let cloud = self.cloud_of_register(servers, keep, &to);
            if let Err(error) = refuse_shared(&cloud, &prefix, &own).await? {
                tracing::info!(%error, %prefix, "who prints this series cannot be asked now");
            }
        }
        self.off_the_runtime(move |till| till.new_identity(&input))
            .await
    }

    /// The cloud as the register itself sees it.
    fn cloud_of_register(
        &self,
        servers: &Servers,
        keep: &Arc<Keep>,
        to: &Connected,
    ) -> FirestoreRemote {
        let store = (to.project.as_str(), to.store_id.as_str());
        let settings = Settings {
            project: to.project.clone(),
            store_id: to.store_id.clone(),
            endpoint: servers.firestore.clone(),
            deadline: servers.deadline,
        };
        let vault = Arc::<Keep>::clone(keep);
        let clock = Arc::clone(self.clock());
        let owner = servers.lets_the_owner_in();
        let session = Session::of_register(vault, store, owner, servers.auth(to), clock);
        FirestoreRemote::signed_in(settings, Arc::new(session))
    }
}

/// The store that this register is connected to, and the ids that its database has had.
fn store_and_own(till: &Till) -> Result<Option<(Connected, Vec<RegisterId>)>> {
    till.read(|conn| {
        let Some(to) = sync_state::get(conn)?.connected else {
            return Ok(None);
        };
        let own = register::all(conn)?.into_iter();
        Ok(Some((to, own.map(|own| own.register_id).collect())))
    })
}

/// Refuses a prefix with which another register of the store prints; what the cloud says where it
/// cannot be asked.
///
/// # Errors
/// `prefix_taken` with `{prefix, register, registerId, lastSequence}`.
pub(crate) async fn refuse_shared(
    cloud: &FirestoreRemote,
    prefix: &ReceiptPrefix,
    own: &[RegisterId],
) -> Result<std::result::Result<(), RemoteError>> {
    let printing = match cloud.printing(prefix.as_str()).await {
        Ok(printing) => printing,
        Err(error) => return Ok(Err(error)),
    };
    let is_own = |one: &Printing| own.iter().any(|own| own.to_string() == one.register_id);
    match printing.into_iter().find(|one| !is_own(one)) {
        Some(other) => Err(taken(prefix, &other)),
        None => Ok(Ok(())),
    }
}

fn taken(prefix: &ReceiptPrefix, other: &Printing) -> AppError {
    let Printing {
        register_id,
        name,
        last_sequence,
    } = other;
    let register = name.as_deref().unwrap_or(register_id);
    let message = format!(
        "Another register of this store prints receipts {prefix}: {register} ({register_id}), {last_sequence} so far. Both \
         would print the same numbers. Nothing was changed, and sales are safe here. Give this register a prefix that no \
         other has: counterfoilctl sync identity --new --receipt-prefix B --by NAME"
    );
    AppError::new(ErrorCode::PrefixTaken, message).with_details(json!({
        "prefix": prefix.as_str(),
        "register": register,
        "registerId": register_id,
        "lastSequence": last_sequence,
    }))
}
