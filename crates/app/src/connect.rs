//! Which Firestore this register syncs with.

use counterfoil_store::table::sync_state::{self, Connected};
use counterfoil_store::table::{duplicate_checks, failures, outbox};
use counterfoil_store::{Connection, left, numbers};
use serde_json::json;

use crate::dto::SyncStatus;
use crate::error::{AppError, ErrorCode, Result};
use crate::identity;
use crate::settings;
use crate::till::Till;

/// The longest project and store id, in characters.
const MAX_ID: usize = 100;

impl Till {
    /// Connects this register to a store in a Firebase project. Sales that wait go up from now on;
    /// the network is asked later.
    ///
    /// # Errors
    /// `unsynced_sales` with `{waiting, tried}` while some wait for another store to which nothing went yet, unless
    /// `anyway`: they would go up to this one. `sales_elsewhere` with `{project, storeId, sales, tried}` when sales went up to another store
    /// already, or were sent there and whether they arrived is not known; with `{project, storeId, undecided}` while some
    /// could not go up there and are not decided: nothing is changed then.
    pub fn sync_connect(
        &self,
        project: &str,
        store_id: &str,
        api_key: Option<&str>,
        anyway: bool,
    ) -> Result<SyncStatus> {
        let switch = if anyway {
            Switch::Corrected
        } else {
            Switch::Never
        };
        self.connect(project, store_id, api_key, switch)?;
        self.sync_status()
    }

    /// The same although sales went up to another store already. They stay there; answers how many.
    ///
    /// # Errors
    /// `sales_elsewhere` with `{project, storeId, undecided}` as for [`sync_connect`](Self::sync_connect);
    /// `unsynced_sales` with `{waiting}` while some wait for the store that is left, unless `anyway`:
    /// they would go up to the other one. Nothing is changed then.
    pub fn sync_switch(
        &self,
        project: &str,
        store_id: &str,
        api_key: Option<&str>,
        anyway: bool,
    ) -> Result<(SyncStatus, u32)> {
        let switch = if anyway {
            Switch::Anyway
        } else {
            Switch::Drained
        };
        let sales = self.connect(project, store_id, api_key, switch)?;
        Ok((self.sync_status()?, sales))
    }

    /// Disconnects this register from its store: sales stay here until it is connected again, to that store or, as for
    /// [`sync_connect`](Self::sync_connect), to another one. Its account is kept; selling goes on. Where it is connected to
    /// none, nothing happens.
    ///
    /// # Errors
    /// `unsynced_sales` with `{waiting}` while some wait, or were refused and are in no cloud, unless `anyway`. Nothing is
    /// changed then.
    pub fn sync_disconnect(&self, anyway: bool) -> Result<SyncStatus> {
        self.write(move |tx| {
            settings::require_store(tx)?;
            let Some(from) = sync_state::get(tx)?.connected else {
                return Ok(());
            };
            let waiting = Uploads::of(tx)?.waiting;
            if waiting > 0 && !anyway {
                return Err(stay_here(&from, waiting));
            }
            sync_state::disconnect(tx)?;
            tracing::info!(project = %from.project, store_id = %from.store_id, waiting, "disconnected");
            Ok(())
        })?;
        if let Some(handle) = self.sync_handle() {
            handle.connected();
        }
        self.sync_status()
    }

    fn connect(
        &self,
        project: &str,
        store_id: &str,
        api_key: Option<&str>,
        switch: Switch,
    ) -> Result<u32> {
        let mut to = Connected {
            project: id(
                "the project",
                project,
                |c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.' | ':'),
            )?,
            store_id: id("the store", store_id, |c| {
                c.is_ascii_alphanumeric() || c == '-' || c == '_'
            })?,
            api_key: api_key
                .map(str::trim)
                .filter(|key| !key.is_empty())
                .map(str::to_owned),
        };
        let now = self.clock().now();
        let sales = self.write(move |tx| {
            settings::require_store(tx)?;
            let before = store(tx)?;
            // Whoever connects anew need not look the project's key up again.
            let key = before.filter(|before| before.project == to.project);
            to.api_key = to.api_key.or(key.and_then(|before| before.api_key));
            let sales = elsewhere(tx, &to, switch)?;
            if is_another(tx, &to)? {
                // What was found in the store before, and counted there, says nothing of this one.
                identity::forget_doubt(tx)?;
                numbers::begin_anew(tx)?;
                outbox::begin_anew(tx, now)?;
                duplicate_checks::begin_anew(tx)?;
                if let Some(before) = store(tx)? {
                    left::leave(tx, &before)?;
                }
            }
            sync_state::connect(tx, &to)?;
            tracing::info!(project = %to.project, store_id = %to.store_id, sales, "connected");
            Ok(sales)
        })?;
        if let Some(handle) = self.sync_handle() {
            handle.connected();
        }
        Ok(sales)
    }
}

/// Whether sales may be left in another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Switch {
    /// They may not, nor does anything go elsewhere that waits for it.
    Never,
    /// They may not. Where none is there it was the wrong store, and what waits goes to the new one.
    Corrected,
    /// They may, once all are there.
    Drained,
    /// They may, and what waits goes to the new one.
    Anyway,
}

fn unsynced(before: &Connected, to: &Connected, uploads: Uploads, meant: &str) -> AppError {
    let Uploads { waiting, tried, .. } = uploads;
    let message = format!(
        "uploads of this register that wait for the store “{}”: {waiting}. Switched, they would go up to “{}” instead.{} \
         Nothing was changed. Let them go up first: counterfoilctl sync once. If they belong there: counterfoilctl sync \
         connect {meant}",
        before.store_id,
        to.store_id,
        perhaps_there(before, tried)
    );
    let details = json!({ "waiting": waiting, "tried": tried });
    AppError::new(ErrorCode::UnsyncedSales, message).with_details(details)
}

fn stay_here(from: &Connected, waiting: u32) -> AppError {
    let message = format!(
        "uploads of this register that wait for the store “{}”: {waiting}. Disconnected, they would stay on this register \
         until it is connected again. Nothing was changed. Let them go up first: counterfoilctl sync once. To disconnect \
         although they wait: counterfoilctl sync disconnect --yes",
        from.store_id
    );
    AppError::new(ErrorCode::UnsyncedSales, message).with_details(json!({ "waiting": waiting }))
}

/// What is to be said of sales that were sent to the store that is left, and whose answer is not known.
fn perhaps_there(before: &Connected, tried: u32) -> String {
    if tried == 0 {
        return String::new();
    }
    format!(
        " Sales that were sent to “{}” already, and whether they arrived is not known: {tried}. They may be in both then.",
        before.store_id
    )
}

/// How many sales are in another store than `to`; refused as `switch` says.
fn elsewhere(conn: &Connection, to: &Connected, switch: Switch) -> Result<u32> {
    let Some(before) = store(conn)?.filter(|before| differ(before, to)) else {
        return Ok(0);
    };
    let undecided = compared(conn)?;
    if undecided > 0 {
        return Err(undecided_there(&before, undecided));
    }
    let uploads = Uploads::of(conn)?;
    let Uploads {
        sales,
        waiting,
        tried,
    } = uploads;
    // Nothing of this register is in the store that is left, or was on its way there.
    let untouched = sales == 0 && tried == 0;
    match switch {
        _ if untouched && waiting == 0 => Ok(0),
        Switch::Corrected if untouched => Ok(0),
        Switch::Never if untouched => Err(unsynced(&before, to, uploads, "--yes")),
        Switch::Drained if waiting > 0 => Err(unsynced(&before, to, uploads, "--switch --yes")),
        Switch::Drained | Switch::Anyway => Ok(sales),
        Switch::Never | Switch::Corrected => Err(sales_elsewhere(&before, to, sales, tried)),
    }
}

/// What of this register is in a store, or is to go there.
#[derive(Clone, Copy, Debug)]
struct Uploads {
    /// Sales that are in it.
    sales: u32,
    /// What waits for it, or was refused there and can go up elsewhere.
    waiting: u32,
    /// Sales that were sent there, and whether they arrived is not known.
    tried: u32,
}

impl Uploads {
    fn of(conn: &Connection) -> Result<Self> {
        let counts = outbox::counts(conn)?;
        let refused = failures::refused(conn)?;
        Ok(Self {
            sales: count(counts.synced),
            waiting: count(counts.pending + counts.in_flight + refused.sales),
            tried: count(outbox::tried_sales(conn)?),
        })
    }
}

/// How many sales lost against documents that only the store has which the register is connected to.
fn compared(conn: &Connection) -> Result<u32> {
    Ok(count(
        failures::open(conn)? - failures::refused(conn)?.sales,
    ))
}

fn count(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn sales_elsewhere(before: &Connected, to: &Connected, sales: u32, tried: u32) -> AppError {
    let Connected {
        project, store_id, ..
    } = before;
    let there = if sales == 0 {
        format!("This register is connected to the store “{store_id}” in {project}.")
    } else {
        format!(
            "{sales} sale(s) of this register went up already, while it was connected to the store “{store_id}” in {project}. \
             They would stay there: only what is not up yet would go to “{}” in {}.",
            to.store_id, to.project
        )
    };
    let message = format!(
        "{there}{} Nothing was changed. If that is right: counterfoilctl sync connect --switch",
        perhaps_there(before, tried)
    );
    let details =
        json!({ "project": project, "storeId": store_id, "sales": sales, "tried": tried });
    AppError::new(ErrorCode::SalesElsewhere, message).with_details(details)
}

/// What lost against a store's documents is decided beside them: in another store nothing of that is true.
fn undecided_there(before: &Connected, undecided: u32) -> AppError {
    let Connected {
        project, store_id, ..
    } = before;
    let message = format!(
        "Sales of this register that could not go up to the store “{store_id}” by themselves, and are not decided yet: \
         {undecided}. What they are compared with is there. Nothing was changed. Decide them first, in the sync panel or with \
         counterfoilctl sync resolve."
    );
    let details = json!({ "project": project, "storeId": store_id, "undecided": undecided });
    AppError::new(ErrorCode::SalesElsewhere, message).with_details(details)
}

/// The store that the register is of, connected or not.
fn store(conn: &Connection) -> Result<Option<Connected>> {
    let state = sync_state::get(conn)?;
    Ok(state.connected.or(state.disconnected))
}

/// Whether `to` is another store than the one that the register is of, if any.
fn is_another(conn: &Connection, to: &Connected) -> Result<bool> {
    let before = store(conn)?;
    Ok(before.is_none_or(|before| differ(&before, to)))
}

fn differ(one: &Connected, other: &Connected) -> bool {
    one.project != other.project || one.store_id != other.store_id
}

fn id(what: &str, text: &str, allowed: impl Fn(char) -> bool) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_ID || !text.chars().all(allowed) {
        return Err(AppError::invalid(format!(
            "“{text}” is no id of {what}; use letters, digits and hyphens as the Firebase console shows it"
        )));
    }
    Ok(text.to_owned())
}
