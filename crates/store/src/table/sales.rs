//! Sales: the signed record, and the columns that lists and look-ups need, drawn from it.

use counterfoil_domain::document::Fields;
use counterfoil_domain::journal::Link;
use counterfoil_domain::{Amount, CartId, Digest, RegisterId, SaleId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::sync_state::{self, SyncState};
use crate::column;
use crate::error::StoreError;
use crate::left::{self, Left};

pub(crate) const SCHEMA: &str = concat!(
    "
CREATE TABLE sales (
    entry INTEGER PRIMARY KEY,
    sale_id TEXT NOT NULL UNIQUE,
    cart_id TEXT NOT NULL UNIQUE,
    content_digest TEXT NOT NULL,
    register_id TEXT NOT NULL REFERENCES registers (register_id),
    receipt_sequence INTEGER NOT NULL CHECK (receipt_sequence > 0),
    receipt_number TEXT NOT NULL UNIQUE,
    business_day TEXT NOT NULL,
    sold_at INTEGER NOT NULL,
    cashier_name TEXT NOT NULL,
    currency TEXT NOT NULL,
    total INTEGER NOT NULL,
    cancels TEXT,
    digest TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    record TEXT NOT NULL CHECK (json_valid(record)),
    UNIQUE (register_id, receipt_sequence)
) STRICT;
CREATE INDEX sales_by_day ON sales (business_day);
CREATE INDEX sales_cancelling ON sales (cancels) WHERE cancels IS NOT NULL;
",
    never_changes!("sales")
);

/// What was sold when: the checks for duplicates ask for stretches of time.
pub(crate) const SECOND_SCHEMA: &str = "CREATE INDEX sales_by_time ON sales (sold_at);";

/// How far a sale has come on its way to the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SaleSync {
    /// The register is connected to no cloud.
    LocalOnly,
    /// It waits to be sent.
    Pending,
    /// It is being sent.
    InFlight,
    /// It is in the cloud.
    Synced,
    /// It stands in the failure list.
    Failed,
}

/// A sale as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSale {
    /// Its row: later sales have larger ones.
    pub entry: i64,
    /// Its id.
    pub sale_id: SaleId,
    /// What its cart and tenders were: the same cart with other content is another sale.
    pub content_digest: Digest,
    /// The digest that it was sealed with.
    pub digest: Digest,
    /// The signed record with digest, fingerprint and journal link.
    pub record: Fields,
    /// How far it has come.
    pub sync: SaleSync,
    /// When the server took it.
    pub created_at: Option<Timestamp>,
    /// The store in the cloud that it is in; of one that is in none, the store that the register is connected to.
    pub store_id: Option<String>,
}

/// The parts of a record that become columns. What else is in it stays in the record.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Columns {
    pub(crate) sale_id: SaleId,
    pub(crate) cart_id: CartId,
    pub(crate) register_id: RegisterId,
    pub(crate) receipt_number: String,
    pub(crate) receipt_sequence: i64,
    pub(crate) business_day: String,
    pub(crate) sold_at: Timestamp,
    pub(crate) cashier_name: String,
    pub(crate) currency: String,
    pub(crate) total: Amount,
    #[serde(default)]
    pub(crate) cancels: Option<SaleId>,
    pub(crate) digest: Digest,
    pub(crate) fingerprint: Digest,
    pub(crate) journal: Link,
    pub(crate) lines: Vec<super::sale_lines::Columns>,
    pub(crate) taxes: Vec<super::sale_taxes::Columns>,
    pub(crate) tenders: Vec<super::sale_tenders::Columns>,
}

impl Columns {
    /// Reads them from a record.
    pub(crate) fn of(record: &Fields) -> Result<Self, serde_json::Error> {
        Self::deserialize(record)
    }
}

/// A sale goes up by a group of its own or as one document of a resolution's: under its own id (a
/// reversal), or as a copy under another (its mark says so, and then that counts). A reversal that came second
/// goes up as a losing version.
const SELECT: &str = "
SELECT s.entry, s.sale_id, s.content_digest, s.digest, s.record, o.state, o.created_at
FROM sales s LEFT JOIN outbox o ON o.group_id = coalesce(
    (SELECT d.group_id FROM sale_marks m JOIN outbox_documents d
         ON d.collection = 'sales' AND d.document_id = m.cloud_id WHERE m.sale_id = s.sale_id),
    (SELECT group_id FROM outbox WHERE kind = 'sale' AND sale_id = s.sale_id),
    (SELECT group_id FROM outbox_documents
     WHERE collection = 'sales' AND document_id = s.sale_id),
    (SELECT group_id FROM outbox_documents
     WHERE collection = 'saleConflicts' AND document_id = s.sale_id || '_' || s.digest))";

/// The stores that this register's sales are in or wait for.
struct Stores {
    state: SyncState,
    left: Left,
}

impl Stores {
    fn of(conn: &Connection) -> Result<Self, StoreError> {
        Ok(Self {
            state: sync_state::get(conn)?,
            left: left::get(conn)?,
        })
    }

    /// The one that took something at this moment (server time).
    fn took(&self, landed: Timestamp) -> Option<&str> {
        let now = || self.state.store().map(|store| store.store_id.as_str());
        self.left.took(landed).or_else(now)
    }

    fn connected(&self) -> Option<&str> {
        let connected = self.state.connected.as_ref();
        connected.map(|store| store.store_id.as_str())
    }

    fn sale(&self, row: &Row<'_>) -> rusqlite::Result<StoredSale> {
        let created_at = column::time_optional(row, 6)?;
        let sync = match row.get_ref(5)?.as_str_or_null()? {
            // Disconnected, a register sends nothing.
            Some("pending") if self.state.connected.is_some() => SaleSync::Pending,
            Some("inFlight") => SaleSync::InFlight,
            Some("synced") => SaleSync::Synced,
            Some("failed") => SaleSync::Failed,
            _ => SaleSync::LocalOnly,
        };
        let store = match created_at {
            Some(landed) => self.took(landed),
            None => self.connected(),
        };
        Ok(StoredSale {
            entry: row.get(0)?,
            sale_id: column::parsed(row, 1)?,
            content_digest: column::parsed(row, 2)?,
            digest: column::parsed(row, 3)?,
            record: column::json(row, 4)?,
            sync,
            created_at,
            store_id: store.map(str::to_owned),
        })
    }
}

fn one(
    conn: &Connection,
    condition: &str,
    values: impl Params,
) -> Result<Option<StoredSale>, StoreError> {
    let stores = Stores::of(conn)?;
    Ok(conn
        .prepare_cached(&format!("{SELECT} WHERE {condition}"))?
        .query_row(values, |row| stores.sale(row))
        .optional()?)
}

/// The sale with this id.
pub fn by_id(conn: &Connection, sale: SaleId) -> Result<Option<StoredSale>, StoreError> {
    one(conn, "s.sale_id = ?1", [sale.to_string()])
}

/// The sale that this cart became.
pub fn by_cart(conn: &Connection, cart: CartId) -> Result<Option<StoredSale>, StoreError> {
    one(conn, "s.cart_id = ?1", [cart.to_string()])
}

/// The sale with this receipt number, as printed.
pub fn by_receipt(conn: &Connection, number: &str) -> Result<Option<StoredSale>, StoreError> {
    one(conn, "s.receipt_number = ?1", [number])
}

/// Sales, the newest first; only those older than the entry `before`, where one is given. The
/// `entry` of the last one leads to the next page.
pub fn list(
    conn: &Connection,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<StoredSale>, StoreError> {
    let stores = Stores::of(conn)?;
    let mut rows = conn.prepare_cached(&format!(
        "{SELECT} WHERE s.entry < ?1 ORDER BY s.entry DESC LIMIT ?2"
    ))?;
    let page = params![before.unwrap_or(i64::MAX), limit];
    let sales = rows.query_map(page, |row| stores.sale(row))?;
    Ok(sales.collect::<Result<_, _>>()?)
}

/// Sales, the oldest first, after the entry `after`: an export of any size, page by page.
pub fn list_from(conn: &Connection, after: i64, limit: u32) -> Result<Vec<StoredSale>, StoreError> {
    let stores = Stores::of(conn)?;
    let mut rows = conn.prepare_cached(&format!(
        "{SELECT} WHERE s.entry > ?1 ORDER BY s.entry LIMIT ?2"
    ))?;
    Ok(rows
        .query_map(params![after, limit], |row| stores.sale(row))?
        .collect::<Result<_, _>>()?)
}

/// The sales that are in the connected store under their own ids and were sold in the window, both ends
/// included: their fingerprints and times, at most `limit`. What went up to a store that was left is not
/// there.
pub fn landed_between(
    conn: &Connection,
    from: Timestamp,
    to: Timestamp,
    limit: usize,
) -> Result<Vec<(Digest, Timestamp)>, StoreError> {
    let Some(here) = sync_state::get(conn)?.connected else {
        return Ok(Vec::new());
    };
    let left = left::get(conn)?;
    let mut rows = conn.prepare_cached(
        "SELECT s.fingerprint, s.sold_at, o.created_at FROM sales s INDEXED BY sales_by_time
         JOIN outbox o ON o.sale_id = s.sale_id AND o.kind = 'sale' AND o.state = 'synced'
         WHERE s.sold_at BETWEEN ?1 AND ?2",
    )?;
    let mut rows = rows.query([from.ms(), to.ms()])?;
    let mut sales = Vec::new();
    while sales.len() < limit
        && let Some(row) = rows.next()?
    {
        if !left.is_elsewhere(column::time(row, 2)?, &here) {
            sales.push((column::parsed(row, 0)?, column::time(row, 1)?));
        }
    }
    Ok(sales)
}

/// How many sales there are, of every register that this database has been.
pub fn count(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn.query_row("SELECT count(*) FROM sales", [], |row| row.get(0))?)
}

/// The place in the register's receipt series that comes next, from 1. Only inside the transaction
/// that records the sale does it stay the next.
pub fn next_receipt(tx: &Transaction<'_>, register: RegisterId) -> Result<i64, StoreError> {
    Ok(last_receipt(tx, register)? + 1)
}

/// The last place in the register's receipt series; 0 before the first.
pub fn last_receipt(conn: &Connection, register: RegisterId) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT coalesce(max(receipt_sequence), 0) FROM sales WHERE register_id = ?1",
        )?
        .query_row([register.to_string()], |row| row.get(0))?)
}

/// Inserts a sale and answers its row.
pub(crate) fn insert(
    tx: &Transaction<'_>,
    columns: &Columns,
    content_digest: Digest,
    record: &str,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO sales (sale_id, cart_id, content_digest, register_id, receipt_sequence,
             receipt_number, business_day, sold_at, cashier_name, currency, total, cancels, digest,
             fingerprint, record)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .execute(params![
        columns.sale_id.to_string(),
        columns.cart_id.to_string(),
        content_digest.to_string(),
        columns.register_id.to_string(),
        columns.receipt_sequence,
        columns.receipt_number,
        columns.business_day,
        columns.sold_at.ms(),
        columns.cashier_name,
        columns.currency,
        columns.total.minor(),
        columns.cancels.map(|id| id.to_string()),
        columns.digest.to_string(),
        columns.fingerprint.to_string(),
        record
    ])?;
    Ok(tx.last_insert_rowid())
}
