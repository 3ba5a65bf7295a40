//! Copies of the whole database, and putting one back.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use counterfoil_domain::{Clock, IdSource, ReceiptPrefix, RegisterId, Timestamp};
use counterfoil_store::table::register::{self, Register};
use counterfoil_store::table::{open_cart, outbox, sales, sync_state};
use counterfoil_store::{Connection, ErrorKind, FILE_NAME, Store, StoreError, backup, left};
use serde::Serialize;
use serde_json::{Value, json};
use specta::Type;

use crate::error::{AppError, ErrorCode, Result};
use crate::identity::{self, refuse_used, successor};
use crate::installation::{Installation, Places};
use crate::settings;
use crate::till::Till;

mod alone;

use alone::{Alone, Staged};

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BackupReport {
    /// The file.
    pub file: String,
    /// Sales in it.
    pub sales: u32,
    /// How many of them are not in the cloud.
    pub not_in_cloud: u32,
}

/// What a database holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Contents {
    /// The store's name.
    pub store: String,
    /// The register's name.
    pub register: String,
    /// The prefix of its receipts.
    pub receipt_prefix: String,
    /// How many sales.
    pub sales: u32,
    /// When the last one was made.
    pub last_sold_at: Option<String>,
    /// Sales and decisions that wait to be uploaded.
    pub pending: u32,
    /// The store in the cloud that it is of; `null` where it was never connected.
    pub in_cloud: Option<CloudStore>,
}

/// A store in the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CloudStore {
    /// The Firebase project.
    pub project: String,
    /// The store in it.
    pub store_id: String,
    /// Whether somebody has disconnected the register from it.
    pub disconnected: bool,
}

/// What a restore replaces and puts in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RestoreReport {
    /// Whether it was done; `false` for a dry run.
    pub restored: bool,
    /// What the backup holds.
    pub backup: Contents,
    /// What is replaced; `null` where nothing is there or it cannot be read.
    pub replaces: Option<Contents>,
    /// Sales that are in the replaced database and not in the backup.
    pub sales_only_in_replaced: u32,
    /// How many of those are not in the cloud: they are then in the kept file only.
    pub lost_from_here: u32,
    /// Whether the restored register is connected to no store: because what it replaces was connected to another one since
    /// the backup, where what waits in the backup may be already, or because it was disconnected.
    pub disconnected: bool,
    /// The file that keeps the replaced database.
    pub kept_as: Option<String>,
    /// The new register id.
    pub register_id: String,
    /// The new prefix of receipts.
    pub receipt_prefix: String,
}

impl Till {
    /// Copies the database into `file` while selling goes on. A file of that name is replaced when
    /// the copy is complete and proved readable.
    pub fn backup(&self, file: &Path) -> Result<BackupReport> {
        let (contents, not_in_cloud) = self.read(|conn| {
            let synced = count(outbox::counts(conn)?.synced);
            let contents = contents_of(conn)?;
            let not_in_cloud = contents.sales.saturating_sub(synced);
            Ok((contents, not_in_cloud))
        })?;
        let store = Store::open_read_only(self.dir())?;
        store
            .backup_to(file)
            .map_err(|error| about_file(error, file))?;
        tracing::info!(sales = contents.sales, "backed up");
        Ok(BackupReport {
            file: file.display().to_string(),
            sales: contents.sales,
            not_in_cloud,
        })
    }
}

/// How a restore is to be done.
#[derive(Clone, Debug, Default)]
pub struct RestoreOptions {
    /// The prefix of the new receipt series; one is made up where it is left out.
    pub receipt_prefix: Option<String>,
    /// Say what would be replaced, and change nothing.
    pub dry_run: bool,
    /// Refuse where a register that is of a store in the cloud would lose sales that are not there yet.
    pub keep_unsynced: bool,
}

/// Puts the backup `file` in the place of the database in `dir`, which is kept as a file beside it.
///
/// The restored register takes a new identity before it is put in place, so that there is no moment
/// in which two registers could be the same one. Sales in the backup that are not in the cloud keep
/// the identity they were sold under. There is a whole database at every moment.
///
/// # Errors
/// `database_locked` while a window or a sync works on the data; `file_unreadable`,
/// `database_damaged`, `database_newer` about the backup; `unsynced_sales` with `{waiting}` where
/// `keep_unsynced` forbids it.
pub fn restore(
    places: &Places,
    file: &Path,
    options: &RestoreOptions,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn IdSource>,
) -> Result<RestoreReport> {
    let (dir, now) = (places.data.as_path(), clock.now());
    if is_live(dir, file) {
        return Err(AppError::invalid(format!(
            "{} is the database itself, not a backup of it; nothing was changed",
            file.display()
        )));
    }
    backup::inspect(file).map_err(|error| about_file(error, file))?;
    fs::create_dir_all(dir).map_err(|error| unwritable(dir, &error))?;
    let _alone = Alone::take(dir)?;
    let staged = Staged::new(dir, file, ids.as_ref())?;
    let mut store = Store::open(&staged.dir, now).map_err(|error| about_file(error, file))?;
    let backup_contents = store.read(contents_of)?;
    let present = Store::open_read_only(dir).ok();
    let there = present
        .as_ref()
        .map(|present| only_in(present.connection(), store.connection()));
    let replaces = match (&present, &there) {
        (Some(present), Some(Ok(_))) => present.read(contents_of).ok(),
        _ => None,
    };
    let (only_there, lost) = match there {
        Some(Ok(counted)) => counted,
        _ => (0, 0),
    };
    let has_parted = present
        .as_ref()
        .map(|present| parted(present.connection(), store.connection()));
    let used = used_registers(&store, present.as_ref())?;
    let before = register::require(store.connection())?;
    let mut register = new_identity(&before, options, &used, ids.as_ref(), now)?;
    let mut report = RestoreReport {
        restored: false,
        backup: backup_contents,
        replaces,
        sales_only_in_replaced: only_there,
        lost_from_here: lost,
        disconnected: has_parted.transpose()?.unwrap_or_default(),
        kept_as: None,
        register_id: register.register_id.to_string(),
        receipt_prefix: register.prefix.to_string(),
    };
    if options.dry_run {
        return Ok(report);
    }
    if let (Some(present), Some(there)) = (&present, there) {
        guard(options, present.connection(), there)?;
    }
    let installation = Installation::of(places).ensure(ids.uuid())?;
    register.installation_id = Some(installation.to_string());
    store.write(|tx| {
        register::make_current(tx, &register)?;
        identity::forget_doubt(tx)?;
        outbox::release_in_flight(tx)?;
        if report.disconnected {
            sync_state::disconnect(tx)?;
        }
        // The open cart of then may have been paid since.
        if let Some(open) = open_cart::get::<Value>(tx)? {
            open_cart::remove(tx, open.cart_id)?;
        }
        Ok::<(), StoreError>(())
    })?;
    drop(store);
    drop(present);
    let replaced = backup::replace(dir, &staged.file(), now, |present, backup| {
        // Another program may have sold until now; from here on nobody can.
        let there = guard(options, present, only_in(present, backup))?;
        // What was made ready is connected as it was said, or not.
        if parted(present, backup)? && !report.disconnected {
            return Err(reconnected());
        }
        if let Some((only_there, lost)) = there {
            report.replaces = contents_of(present).ok();
            report.sales_only_in_replaced = only_there;
            report.lost_from_here = lost;
        }
        Ok::<_, AppError>(())
    })?;
    report.restored = true;
    report.kept_as = replaced.before.map(|path| path.display().to_string());
    tracing::warn!(register_id = %report.register_id, "restored; the register has a new identity");
    Ok(report)
}

/// Answers what was counted, if it could be. Refuses where sales that are not in the cloud would be lost from here and
/// are to be kept, or where nobody can count them. A register that has never been connected has no cloud that anything
/// could be missing from; one that was disconnected has.
fn guard(
    options: &RestoreOptions,
    present: &Connection,
    counted: Result<(u32, u32)>,
) -> Result<Option<(u32, u32)>> {
    let state = sync_state::get(present);
    let is_guarded = options.keep_unsynced && state.is_ok_and(|state| state.store().is_some());
    match counted {
        Ok((_, lost)) if is_guarded && lost > 0 => Err(unsynced(lost)),
        Err(error) if is_guarded => Err(uncounted(&error)),
        Err(error) => {
            tracing::warn!(%error, "what is replaced cannot be counted");
            Ok(None)
        }
        Ok(counted) => Ok(Some(counted)),
    }
}

/// Whether somebody has connected the register to another store since the backup was made, also if it is back, or
/// disconnected it. Nobody has undone that by putting the backup back. What cannot be read says nothing.
fn parted(present: &Connection, backup: &Connection) -> Result<bool> {
    let (Ok(now), Ok(left)) = (sync_state::get(present), left::get(present)) else {
        return Ok(false);
    };
    let then = sync_state::get(backup)?;
    let (Some(here), Some(there)) = (now.store(), then.store()) else {
        return Ok(false);
    };
    let same = here.project == there.project && here.store_id == there.store_id;
    Ok(!same || left != left::get(backup)? || now.disconnected.is_some())
}

fn reconnected() -> AppError {
    let message =
        "The register was connected or disconnected while this ran. Nothing was changed; try again";
    AppError::new(ErrorCode::DatabaseLocked, message)
}

fn uncounted(error: &AppError) -> AppError {
    let message = format!(
        "How many sales of this register are not in the cloud yet cannot be counted: {error}. Nothing was changed. To \
         restore all the same: counterfoilctl restore --yes. What is replaced is kept as a file"
    );
    AppError::new(error.code, message)
}

fn unsynced(lost: u32) -> AppError {
    let message = format!(
        "{lost} sale(s) of this register are not in the cloud yet and not in the backup either: restored, they would be \
         in the kept file only, and nobody would send them. Nothing was changed. Send them first: counterfoilctl sync \
         once. If they are to stay behind: counterfoilctl restore --yes"
    );
    AppError::new(ErrorCode::UnsyncedSales, message).with_details(json!({ "waiting": lost }))
}

/// Whether `file` is the database in `dir`, by whatever path.
fn is_live(dir: &Path, file: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    real(file).is_some_and(|file| real(&dir.join(FILE_NAME)) == Some(file))
}

/// What a database holds. One without a store is no register's.
fn contents_of(conn: &Connection) -> Result<Contents> {
    let (store, register) = (settings::require_store(conn)?, register::require(conn)?);
    let last = sales::list(conn, None, 1)?.pop();
    let sold_at = |sale: &sales::StoredSale| {
        sale.record
            .get("soldAt")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let counts = outbox::counts(conn)?;
    let sync = sync_state::get(conn)?;
    let in_cloud = sync.store().map(|store| CloudStore {
        project: store.project.clone(),
        store_id: store.store_id.clone(),
        disconnected: sync.disconnected.is_some(),
    });
    Ok(Contents {
        store: store.name,
        register: register.name,
        receipt_prefix: register.prefix.to_string(),
        sales: count(sales::count(conn)?),
        last_sold_at: last.as_ref().and_then(sold_at),
        pending: count(counts.pending + counts.in_flight),
        in_cloud,
    })
}

fn count(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Sales of `present` that `other` does not have, and how many of them are not in the cloud.
fn only_in(present: &Connection, other: &Connection) -> Result<(u32, u32)> {
    const PAGE: u32 = 500;
    let (mut only, mut lost, mut after) = (0, 0, 0);
    loop {
        let page = sales::list_from(present, after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok((only, lost));
        };
        after = last.entry;
        for sale in &page {
            if sales::by_id(other, sale.sale_id)?.is_none() {
                only += 1;
                lost += u32::from(sale.sync != sales::SaleSync::Synced);
            }
        }
    }
}

fn used_registers(store: &Store, present: Option<&Store>) -> Result<Vec<Register>> {
    let mut used = register::all(store.connection())?;
    if let Some(present) = present {
        used.extend(register::all(present.connection())?);
    }
    Ok(used)
}

fn new_identity(
    before: &Register,
    options: &RestoreOptions,
    used: &[Register],
    ids: &dyn IdSource,
    now: Timestamp,
) -> Result<Register> {
    let prefix = match &options.receipt_prefix {
        Some(text) => {
            let prefix =
                ReceiptPrefix::new(text).map_err(|error| AppError::invalid(error.to_string()))?;
            refuse_used(&prefix, used)?;
            prefix
        }
        None => made_up_prefix(&before.prefix, used, ids)?,
    };
    let id = RegisterId::new(ids.uuid());
    Ok(successor(before, prefix, (id, None), now))
}

/// The old prefix with four random letters or digits. A plain next number could be taken already:
/// by an earlier restore of the same backup on another computer.
fn made_up_prefix(
    old: &ReceiptPrefix,
    used: &[Register],
    ids: &dyn IdSource,
) -> Result<ReceiptPrefix> {
    // Without the letters that are read for a digit.
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    const KEPT: usize = 4;
    loop {
        let mut text: String = old.as_str().chars().take(KEPT).collect();
        for byte in ids.uuid().as_bytes().iter().take(4) {
            text.push(char::from(LETTERS[usize::from(byte % 32)]));
        }
        let prefix = ReceiptPrefix::new(&text).map_err(AppError::internal)?;
        if refuse_used(&prefix, used).is_ok() {
            return Ok(prefix);
        }
    }
}

/// An error about a backup file rather than about the register's own database.
fn about_file(error: StoreError, file: &Path) -> AppError {
    let name = file.display();
    let (code, message) = match error.kind() {
        ErrorKind::Missing => (
            ErrorCode::FileUnreadable,
            format!("“{name}” is not there or is no file"),
        ),
        ErrorKind::Damaged => (
            ErrorCode::DatabaseDamaged,
            format!(
                "“{name}” cannot be used as a backup: {error}. Take another one; nothing was changed"
            ),
        ),
        ErrorKind::Io | ErrorKind::ReadOnly => (
            ErrorCode::FileUnreadable,
            format!("“{name}”: {error}; nothing was changed"),
        ),
        _ => return error.into(),
    };
    AppError::new(code, message)
}

fn unwritable(path: &Path, error: &std::io::Error) -> AppError {
    use std::io::ErrorKind as Io;
    let code = match error.kind() {
        Io::StorageFull | Io::QuotaExceeded => ErrorCode::DiskFull,
        Io::PermissionDenied | Io::ReadOnlyFilesystem => ErrorCode::DatabaseReadOnly,
        _ => ErrorCode::FileUnreadable,
    };
    AppError::new(
        code,
        format!("“{}”: {error}; nothing was changed", path.display()),
    )
}
