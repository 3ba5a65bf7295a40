//! A receipt series belongs to one register of a store: two that print the same prefix print the same
//! receipt numbers. The cloud knows all registers that have ever claimed their id there, so it is asked: before a
//! register is signed in or gets a new identity, which is refused then; and once when it has claimed its id in a store,
//! because two that sold before they ever reached it may both have been right until then. Of those the one that came
//! second is told, and goes on as it is: what was printed stays printed.

use std::sync::Arc;

use counterfoil_domain::{ReceiptPrefix, RegisterId};
use counterfoil_firestore::auth::Session;
use counterfoil_firestore::{FirestoreRemote, Settings};
use counterfoil_store::table::register::{self, Register};
use counterfoil_store::table::settings;
use counterfoil_store::table::sync_state::{self, Connected};
use counterfoil_store::{Connection, Transaction};
use counterfoil_sync::{Printing, Remote as _, RemoteError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::account::Keep;
use crate::dto::{AppState, NewIdentityInput};
use crate::error::{AppError, ErrorCode, Result};
use crate::sign_in::Servers;
use crate::till::Till;

/// What the store answered, in the register's database.
const ANSWERED: &str = "seriesAnswered";

/// Who printed a register's series before it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    /// Which register asked.
    register_id: RegisterId,
    /// Over which connection: another one may lead to another store.
    connection: u64,
    /// Who was there first; none where nobody else is.
    first: Option<Printing>,
}

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
    match printing.into_iter().find(|one| !is_one_of(own, one)) {
        Some(other) => Err(taken(prefix, &other)),
        None => Ok(Ok(())),
    }
}

fn taken(prefix: &ReceiptPrefix, other: &Printing) -> AppError {
    let Printing {
        register_id,
        name,
        last_sequence,
        ..
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

fn is_one_of(own: &[RegisterId], one: &Printing) -> bool {
    own.iter().any(|own| own.to_string() == one.register_id)
}

/// The prefix that the store is still to be asked about; none where it has answered.
pub(crate) fn owed(conn: &Connection) -> Result<Option<String>> {
    let register = register::require(conn)?;
    let answered = answered(conn, &register)?;
    Ok(answered.is_none().then(|| register.prefix.to_string()))
}

/// Remembers what the store answered after the register's claim.
pub(crate) fn remember(tx: &Transaction<'_>, printing: Vec<Printing>) -> Result<()> {
    let register = register::require(tx)?;
    let own: Vec<_> = register::all(tx)?
        .iter()
        .map(|own| own.register_id)
        .collect();
    let first = first(printing, register.register_id, &own);
    if let Some(first) = &first {
        tracing::warn!(
            prefix = %register.prefix, first = first.register_id, name = first.name,
            "another register of the store printed this series before"
        );
    }
    let answered = Answered {
        register_id: register.register_id,
        connection: sync_state::connections(tx)?,
        first,
    };
    Ok(settings::set(tx, ANSWERED, &answered)?)
}

/// That another register printed this one's series before it, where that is so.
pub(crate) fn shared(conn: &Connection) -> Result<Option<AppError>> {
    let Some(register) = register::current(conn)? else {
        return Ok(None);
    };
    let first = answered(conn, &register)?.and_then(|answered| answered.first);
    Ok(first.map(|first| printed_before(&register.prefix, &first)))
}

fn answered(conn: &Connection, register: &Register) -> Result<Option<Answered>> {
    let connection = sync_state::connections(conn)?;
    let answered: Option<Answered> = settings::get(conn, ANSWERED)?;
    let is_about = |answered: &Answered| {
        answered.register_id == register.register_id && answered.connection == connection
    };
    Ok(answered.filter(is_about))
}

/// The register that printed the series before this one, if any. Whoever asks has claimed its id already, so that of
/// two at least the second sees the first.
fn first(printing: Vec<Printing>, this: RegisterId, own: &[RegisterId]) -> Option<Printing> {
    let place = |one: &Printing| (one.created_at, one.register_id.clone());
    let this = printing.iter().find(|one| is_one_of(&[this], one));
    let this = this.map(place);
    let others = printing.into_iter().filter(|one| !is_one_of(own, one));
    let first = others.min_by_key(place)?;
    // It is not among them where they are too many to be named.
    this.is_none_or(|this| place(&first) < this)
        .then_some(first)
}

fn printed_before(prefix: &ReceiptPrefix, first: &Printing) -> AppError {
    let Printing {
        register_id, name, ..
    } = first;
    let register = name.as_deref().unwrap_or(register_id);
    let message = format!(
        "Another register of this store prints receipts {prefix} too, and came first: {register} ({register_id}). A receipt \
         of each can have the same number. No sale is lost: all keep their numbers and go up. From the next sale on a prefix \
         of its own helps: counterfoilctl sync identity --new --receipt-prefix B --by NAME. Then a manager signs this register \
         in again."
    );
    AppError::new(ErrorCode::PrefixShared, message).with_details(json!({
        "prefix": prefix.as_str(),
        "register": register,
        "registerId": register_id,
    }))
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::Timestamp;

    use super::*;

    fn id(n: u32) -> RegisterId {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        id.parse().expect("an id")
    }

    fn came(n: u32, at_ms: i64) -> Printing {
        Printing {
            register_id: id(n).to_string(),
            name: None,
            last_sequence: 7,
            created_at: Timestamp::from_ms(at_ms),
        }
    }

    fn told(n: u32, own: &[u32], printing: &[Printing]) -> Option<String> {
        let own: Vec<_> = own.iter().map(|n| id(*n)).collect();
        first(printing.to_vec(), id(n), &own).map(|first| first.register_id)
    }

    #[test]
    fn of_many_with_one_series_each_but_the_first_is_told_of_the_first() {
        let all = [came(1, 30), came(2, 10), came(3, 20)];
        let second = Some(id(2).to_string());
        assert_eq!(told(2, &[2], &all), None);
        assert_eq!(told(1, &[1], &all), second);
        assert_eq!(told(3, &[3], &all), second);
    }

    #[test]
    fn of_two_that_came_at_one_moment_exactly_one_is_told() {
        let both = [came(1, 10), came(2, 10)];
        assert_eq!(told(1, &[1], &both), None);
        assert_eq!(told(2, &[2], &both), Some(id(1).to_string()));
    }

    #[test]
    fn what_this_database_was_before_is_no_rival() {
        let all = [came(1, 10), came(2, 20)];
        assert_eq!(told(2, &[1, 2], &all), None);
        assert_eq!(told(2, &[2], &[came(2, 20)]), None);
        assert_eq!(told(2, &[2], &[]), None);
    }

    #[test]
    fn one_of_so_many_that_it_is_not_named_itself_is_told() {
        assert_eq!(told(9, &[9], &[came(1, 10)]), Some(id(1).to_string()));
    }
}
