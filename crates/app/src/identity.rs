//! Who this register is: whether its database is where it belongs, and how it becomes another one.

use counterfoil_domain::document::Fields;
use counterfoil_domain::journal::LinkKind;
use counterfoil_domain::{ReceiptPrefix, RegisterId, Timestamp};
use counterfoil_store::table::register::{self, Register};
use counterfoil_store::table::{journal, open_cart, sales, settings as table};
use counterfoil_store::{Connection, StoreError, Transaction};
use counterfoil_sync::{Doubt, PauseReason};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::dto::{AppState, IdentityView, InstallationState, NewIdentityInput};
use crate::error::{AppError, ErrorCode, Result};
use crate::installation::Installation;
use crate::people::Person;
use crate::settings;
use crate::till::Till;

/// What a sync has found about this register's identity.
const DOUBT: &str = "identityDoubt";

impl Till {
    /// Who this register is, and whether this installation may be it.
    pub fn identity(&self) -> Result<IdentityView> {
        let db = self.db()?;
        self.read(|conn| {
            settings::require_store(conn)?;
            let register = register::require(conn)?;
            let last = sales::last_receipt(conn, register.register_id)?;
            Ok(IdentityView {
                register_id: register.register_id.to_string(),
                register_name: register.name.clone(),
                receipt_prefix: register.prefix.to_string(),
                last_receipt: u32::try_from(last).unwrap_or(u32::MAX),
                since: register.since.to_string(),
                installation: standing(&register, db.installation()),
                doubt: doubt(conn)?.map(|doubt| doubt.message),
            })
        })
    }

    /// Makes this register another one: a new id, receipt series and journal chain, an empty stock
    /// ledger. What waits to be uploaded keeps the identity it was sold under.
    ///
    /// # Errors
    /// `invalid_input` for a prefix that is none or was used in this database before, or without a
    /// name; `file_unreadable` where the installation's file cannot be made.
    pub fn new_identity(&self, input: &NewIdentityInput) -> Result<AppState> {
        let prefix = ReceiptPrefix::new(input.receipt_prefix.trim())
            .map_err(|error| AppError::invalid(error.to_string()))?;
        let by = Person::named(&input.by)?.name;
        let (now, id) = (self.clock().now(), RegisterId::new(self.ids().uuid()));
        let fresh = self.ids().uuid();
        let installation = self.db()?.installation().cloned();
        self.write(move |tx| {
            settings::require_store(tx)?;
            let before = register::require(tx)?;
            refuse_used(&prefix, &register::all(tx)?)?;
            let moved = !is_confirmed(&before, installation.as_deref());
            let installation_id = installation
                .map(|installation| installation.ensure(fresh))
                .transpose()?;
            let register = successor(&before, prefix, (id, installation_id), now);
            become_another(tx, &before, &register, &by)?;
            // The register that this database was copied from may have been paid for its open cart.
            if moved && let Some(open) = open_cart::get::<Value>(tx)? {
                open_cart::remove(tx, open.cart_id)?;
            }
            Ok(())
        })?;
        if let Some(handle) = self.sync_handle() {
            handle.connected();
        }
        self.app_state()
    }
}

/// Puts `register` in the place of `before`. The first link of its chain names the chain before.
fn become_another(
    tx: &Transaction<'_>,
    before: &Register,
    register: &Register,
    by: &str,
) -> Result<()> {
    let head = journal::head(tx, before.register_id)?;
    register::make_current(tx, register)?;
    let mut document = json!({
        "schema": 1,
        "registerId": register.register_id,
        "receiptPrefix": register.prefix.as_str(),
        "previousRegisterId": before.register_id,
        "previousReceiptPrefix": before.prefix.as_str(),
        "by": by,
        "takenAt": register.since,
    });
    if let Some((sequence, hash)) = head {
        document["previousJournal"] = json!({ "sequence": sequence, "hash": hash });
    }
    let document: Fields = document.as_object().cloned().unwrap_or_default();
    let (id, now) = (register.register_id, register.since);
    journal::append(tx, id, LinkKind::Identity, &document, now)?;
    forget_doubt(tx)?;
    tracing::warn!(
        register_id = %id, before = %before.register_id, prefix = register.prefix.as_str(), by,
        "the register has a new identity"
    );
    Ok(())
}

/// Refuses a prefix under which receipts were printed already.
pub(crate) fn refuse_used(prefix: &ReceiptPrefix, used: &[Register]) -> Result<()> {
    if used.iter().any(|register| register.prefix == *prefix) {
        return Err(AppError::invalid(format!(
            "receipts with the prefix {prefix} are printed already; give another one"
        )));
    }
    Ok(())
}

/// A database from before installations were told apart takes the one that opens it, once.
pub(crate) fn adopt(till: &Till) -> Result<()> {
    let Some(installation) = till.db()?.installation().cloned() else {
        return Ok(());
    };
    let unclaimed = |conn: &Connection| {
        Ok::<_, AppError>(register::current(conn)?.is_some_and(|r| r.installation_id.is_none()))
    };
    if !till.read(unclaimed)? {
        return Ok(());
    }
    let fresh = till.ids().uuid();
    till.write(move |tx| {
        // Another program may have done it meanwhile.
        if unclaimed(tx)? {
            let id = installation.ensure(fresh)?;
            register::set_installation(tx, &id.to_string())?;
            tracing::info!("the register belongs to this installation from now on");
        }
        Ok(())
    })
}

/// Refuses to book under an identity that is not this installation's.
///
/// # Errors
/// `identity_needed` with `{receiptPrefix, registerName, registerId}`.
pub(crate) fn require_confirmed(
    conn: &Connection,
    installation: Option<&Installation>,
) -> Result<()> {
    match register::current(conn)? {
        Some(register) if !is_confirmed(&register, installation) => Err(needed(&register)),
        _ => Ok(()),
    }
}

/// Why this register must say who it is before it books anything, if so.
pub(crate) fn problem(
    conn: &Connection,
    installation: Option<&Installation>,
) -> Result<Option<AppError>> {
    match require_confirmed(conn, installation) {
        Ok(()) => Ok(None),
        Err(error) if error.code == ErrorCode::IdentityNeeded => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// The same, or what a sync has found.
pub(crate) fn in_doubt(
    conn: &Connection,
    installation: Option<&Installation>,
) -> Result<Option<Doubt>> {
    match moved(conn, installation)? {
        Some(doubt) => Ok(Some(doubt)),
        None => Ok(doubt(conn)?),
    }
}

/// What keeps a session from beginning. Whose the claim in the cloud is by now, it asks again.
pub(crate) fn certain_doubt(
    conn: &Connection,
    installation: Option<&Installation>,
) -> Result<Option<Doubt>> {
    match moved(conn, installation)? {
        Some(doubt) => Ok(Some(doubt)),
        None => Ok(doubt(conn)?.filter(|doubt| doubt.reason == PauseReason::NumberReused)),
    }
}

/// Whether a sync has found another installation's claim, and none of its own since.
pub(crate) fn is_claimed_elsewhere(conn: &Connection) -> Result<bool, StoreError> {
    let doubt = doubt(conn)?;
    Ok(doubt.is_some_and(|doubt| doubt.reason == PauseReason::OtherInstallation))
}

fn moved(conn: &Connection, installation: Option<&Installation>) -> Result<Option<Doubt>> {
    let moved = problem(conn, installation)?.map(|error| Doubt {
        reason: PauseReason::OtherInstallation,
        message: error.message,
    });
    Ok(moved)
}

fn doubt(conn: &Connection) -> Result<Option<Doubt>, StoreError> {
    table::get(conn, DOUBT)
}

/// Remembers what a sync has found about this register's identity. Numbers that were used twice stay so, whoever claims
/// the register meanwhile: another program may have found them since this one asked.
pub(crate) fn remember_doubt(tx: &Transaction<'_>, found: &Doubt) -> Result<(), StoreError> {
    let reused = |doubt: &Doubt| doubt.reason == PauseReason::NumberReused;
    if doubt(tx)?.is_some_and(|standing| reused(&standing) && !reused(found)) {
        return Ok(());
    }
    table::set(tx, DOUBT, found)
}

/// The register is claimed: it is no other installation's. What else is doubted stays.
pub(crate) fn confirm_claim(tx: &Transaction<'_>) -> Result<(), StoreError> {
    if is_claimed_elsewhere(tx)? {
        forget_doubt(tx)?;
    }
    Ok(())
}

/// Forgets it: it was about a register that this one is no longer.
pub(crate) fn forget_doubt(tx: &Transaction<'_>) -> Result<(), StoreError> {
    table::remove(tx, DOUBT)
}

/// The error of a doubt: what happened, that all sales are safe, what to do.
pub(crate) fn doubted(reason: PauseReason, message: &str) -> AppError {
    let message = if message.ends_with(WHAT_TO_DO) {
        message.to_owned()
    } else {
        format!("{message} {SAFE} {WHAT_TO_DO}")
    };
    AppError::new(ErrorCode::IdentityNeeded, message).with_details(json!({ "reason": reason }))
}

const SAFE: &str =
    "All sales are safe here; nothing goes up before this register has an identity of its own.";
const WHAT_TO_DO: &str =
    "Confirm it in the window, or run counterfoilctl sync identity --new --receipt-prefix B";

fn needed(register: &Register) -> AppError {
    let (name, prefix) = (&register.name, &register.prefix);
    let message = format!(
        "This is a copy of a till's database, or it was moved: {name} (receipts {prefix}) belongs to another installation. \
         All sales in it are safe. It sells nothing and sends nothing before it has an identity of its own. {WHAT_TO_DO}"
    );
    AppError::new(ErrorCode::IdentityNeeded, message).with_details(json!({
        "reason": PauseReason::OtherInstallation,
        "receiptPrefix": prefix.as_str(),
        "registerName": name,
        "registerId": register.register_id,
    }))
}

fn is_confirmed(register: &Register, installation: Option<&Installation>) -> bool {
    match (&register.installation_id, installation) {
        (Some(expected), Some(installation)) => installation.is(expected),
        // Nobody tells installations apart, or nobody has asked yet.
        (None, _) | (_, None) => true,
    }
}

fn standing(
    register: &Register,
    installation: Option<&std::sync::Arc<Installation>>,
) -> InstallationState {
    let installation = installation.map(std::sync::Arc::as_ref);
    if register.installation_id.is_none() {
        InstallationState::Unknown
    } else if is_confirmed(register, installation) {
        InstallationState::Matches
    } else if installation.and_then(Installation::id).is_some() {
        InstallationState::Differs
    } else {
        InstallationState::Missing
    }
}

/// The installation that a claim in the cloud names. A register that nobody has asked yet is named
/// by its own id: no other has it.
pub(crate) fn claimed_by(register: &Register) -> String {
    let own = || register.register_id.uuid();
    let id: Option<Uuid> = register
        .installation_id
        .as_deref()
        .and_then(|id| id.parse().ok());
    id.unwrap_or_else(own).to_string()
}

/// The register that follows `before`: the same name, everything else its own.
pub(crate) fn successor(
    before: &Register,
    prefix: ReceiptPrefix,
    (id, installation): (RegisterId, Option<Uuid>),
    now: Timestamp,
) -> Register {
    Register {
        register_id: id,
        name: before.name.clone(),
        prefix,
        installation_id: installation.map(|id| id.to_string()),
        since: now,
    }
}
