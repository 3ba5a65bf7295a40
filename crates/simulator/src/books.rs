//! What a register's database says, read with plain SQL of its own: the product's readers are not
//! believed.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::document::Fields;
use counterfoil_store::{Connection, StoreError};
use serde_json::Value;

use crate::cloud::DENIED_NOTE;
use crate::rules::Content;

/// A sale with where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) id: String,
    pub(crate) record: Fields,
    /// Where its own upload stands; none for a reversal, which goes up with its decision.
    pub(crate) upload: Option<String>,
    /// Open, resolved, or dismissed; none where it never failed.
    pub(crate) failure: Option<String>,
    /// Why it failed.
    pub(crate) kind: Option<String>,
    /// The id of its copy in the cloud.
    pub(crate) copy: Option<String>,
    /// Its reversal.
    pub(crate) superseded_by: Option<String>,
    /// Where the last group about a decision of it stands.
    pub(crate) decision: Option<String>,
    /// Where its losing version stands.
    pub(crate) conflict: Option<String>,
    /// A reversal that goes up as a losing version, because another one was first.
    pub(crate) came_second: bool,
}

/// All that is read.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) sales: Vec<Kept>,
    /// Thousandths that each register has on hand, by its id and the sku.
    pub(crate) stock: BTreeMap<(String, String), i64>,
    /// Pairs of sales that a warning was raised about.
    pub(crate) warned: BTreeSet<(String, String)>,
    /// Sales whose check for duplicates is owed, and how often it was set aside.
    pub(crate) owed: BTreeMap<String, i64>,
    /// Who this database is.
    pub(crate) register: String,
    /// Copies and reversals that decisions send, by their id, and where each stands.
    pub(crate) documents: BTreeMap<String, String>,
    /// Of which register the numbers were counted in the cloud, and up to which.
    pub(crate) counted: Option<(String, i64)>,
}

impl Books {
    /// Whether this database sends, or has sent, a document of this id.
    pub(crate) fn sends(&self, id: &str) -> bool {
        self.documents.contains_key(id) || self.sale(id).is_some()
    }

    /// Whether it knows of a document of its own that it is in the cloud.
    pub(crate) fn has_landed(&self, id: &str) -> bool {
        let own = self.sale(id).and_then(|sale| sale.upload.as_deref());
        let of_decision = self.documents.get(id).map(String::as_str);
        own == Some("synced") || of_decision == Some("synced")
    }

    /// Up to which of `register`'s numbers it has counted what is in the cloud.
    pub(crate) fn counted_through(&self, register: &str) -> i64 {
        match &self.counted {
            Some((of, through)) if of == register => *through,
            _ => 0,
        }
    }

    /// Whether what is in the cloud under this id is what this database would put there.
    pub(crate) fn is_own(&self, id: &str, found: &Fields) -> bool {
        match self.sale(id) {
            Some(sale) => Content::of_record(&sale.record).is(found),
            None => self.documents.contains_key(id),
        }
    }

    /// The sale of this id, if it is here.
    pub(crate) fn sale(&self, id: &str) -> Option<&Kept> {
        self.sales.iter().find(|sale| sale.id == id)
    }
}

const SALES: &str = "
SELECT s.sale_id, s.record, o.state, f.status, f.kind, m.cloud_id, m.superseded_by,
    (SELECT state FROM outbox d WHERE d.kind = 'resolution' AND d.sale_id = s.sale_id
     ORDER BY group_id DESC LIMIT 1),
    (SELECT state FROM outbox c WHERE c.kind = 'conflict' AND c.sale_id = s.sale_id
     ORDER BY group_id DESC LIMIT 1),
    s.cancels IS NOT NULL AND EXISTS (SELECT 1 FROM outbox_documents x
        WHERE x.collection = 'saleConflicts' AND x.document_id = s.sale_id || '_' || s.digest)
FROM sales s
LEFT JOIN outbox o ON o.kind = 'sale' AND o.sale_id = s.sale_id
LEFT JOIN failures f ON f.sale_id = s.sale_id
LEFT JOIN sale_marks m ON m.sale_id = s.sale_id
ORDER BY s.entry";

const STOCK: &str = "
SELECT l.register_id, p.sku, l.received - l.sold + l.returned + l.adjusted + l.transferred
FROM stock_levels l JOIN products p ON p.product_id = l.product_id";

/// Reads the books.
pub(crate) fn read(conn: &Connection) -> Result<Books, StoreError> {
    let mut books = Books::default();
    let mut sales = conn.prepare_cached(SALES)?;
    let mut rows = sales.query([])?;
    while let Some(row) = rows.next()? {
        let record: String = row.get(1)?;
        books.sales.push(Kept {
            id: row.get(0)?,
            record: fields(&record)?,
            upload: row.get(2)?,
            failure: row.get(3)?,
            kind: row.get(4)?,
            copy: row.get(5)?,
            superseded_by: row.get(6)?,
            decision: row.get(7)?,
            conflict: row.get(8)?,
            came_second: row.get(9)?,
        });
    }
    let mut stock = conn.prepare_cached(STOCK)?;
    let mut rows = stock.query([])?;
    while let Some(row) = rows.next()? {
        books.stock.insert((row.get(0)?, row.get(1)?), row.get(2)?);
    }
    let mut warnings = conn.prepare_cached("SELECT sale_low, sale_high FROM warnings")?;
    let mut rows = warnings.query([])?;
    while let Some(row) = rows.next()? {
        books.warned.insert((row.get(0)?, row.get(1)?));
    }
    let mut owed = conn.prepare_cached(
        "SELECT s.sale_id, d.set_aside FROM duplicate_checks d JOIN sales s ON s.entry = d.entry",
    )?;
    let mut rows = owed.query([])?;
    while let Some(row) = rows.next()? {
        books.owed.insert(row.get(0)?, row.get(1)?);
    }
    identity(conn, &mut books)?;
    Ok(books)
}

/// Who it is, what its decisions send, and which numbers it has counted.
fn identity(conn: &Connection, books: &mut Books) -> Result<(), StoreError> {
    let current = "SELECT register_id FROM registers WHERE current = 1";
    books.register = conn
        .prepare_cached(current)?
        .query_row([], |row| row.get(0))?;
    let mut documents = conn.prepare_cached(
        "SELECT d.document_id, o.state FROM outbox_documents d JOIN outbox o USING (group_id)
         WHERE d.collection = 'sales'",
    )?;
    let mut rows = documents.query([])?;
    while let Some(row) = rows.next()? {
        books.documents.insert(row.get(0)?, row.get(1)?);
    }
    let mut counted = conn.prepare_cached(
        "SELECT value ->> 'registerId', value ->> 'through' FROM settings
         WHERE name = 'numbersCounted'",
    )?;
    let mut rows = counted.query([])?;
    while let Some(row) = rows.next()? {
        books.counted = Some((row.get(0)?, row.get(1)?));
    }
    Ok(())
}

/// A group that waits, is under way, or stands in the failure list in doubt.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    pub(crate) sale: String,
    /// The sale itself, not a document about it.
    pub(crate) is_sale: bool,
    /// It stands in the failure list.
    pub(crate) is_listed: bool,
    /// It holds a sale that the rules deny for good.
    pub(crate) is_bad: bool,
}

/// Everything that waits.
pub(crate) fn waits(conn: &Connection) -> Result<Vec<Waits>, StoreError> {
    let mut groups = conn.prepare_cached(
        "SELECT o.sale_id, o.kind = 'sale', o.state = 'failed', instr(s.record, ?1) > 0
             AND (o.kind = 'sale' OR EXISTS (SELECT 1 FROM outbox_documents d
                 WHERE d.group_id = o.group_id AND d.collection = 'sales'))
         FROM outbox o JOIN sales s ON s.sale_id = o.sale_id
         WHERE o.state IN ('pending', 'inFlight') OR o.doubted = 1",
    )?;
    let groups = groups.query_map([DENIED_NOTE], |row| {
        Ok(Waits {
            sale: row.get(0)?,
            is_sale: row.get(1)?,
            is_listed: row.get(2)?,
            is_bad: row.get(3)?,
        })
    })?;
    Ok(groups.collect::<Result<_, _>>()?)
}

/// What is remembered of the server's clock.
pub(crate) fn clock_offset(conn: &Connection) -> Result<Option<i64>, StoreError> {
    let mut offset = conn.prepare_cached("SELECT clock_offset_ms FROM sync_state")?;
    let mut rows = offset.query([])?;
    let remembered = rows.next()?.map(|row| row.get(0)).transpose()?;
    Ok(remembered.flatten())
}

/// How many checks for duplicates are owed.
pub(crate) fn owed(conn: &Connection) -> Result<i64, StoreError> {
    let mut owed = conn.prepare_cached("SELECT count(*) FROM duplicate_checks")?;
    Ok(owed.query_row([], |row| row.get(0))?)
}

/// Open items that were decided elsewhere and not since: at rest each must have found its way.
pub(crate) fn decided_elsewhere(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let mut items = conn.prepare_cached(
        "SELECT f.sale_id FROM failures f JOIN sales s ON s.sale_id = f.sale_id
         JOIN elsewhere e ON e.sale_id = s.sale_id AND e.digest = s.digest
         WHERE f.status = 'open' AND e.resolution IS NOT NULL AND e.n >= f.decisions
         ORDER BY s.entry",
    )?;
    let items = items.query_map([], |row| row.get(0))?;
    Ok(items.collect::<Result<_, _>>()?)
}

/// The record of a sale, if it is there.
pub(crate) fn record(conn: &Connection, sale: &str) -> Result<Option<Fields>, StoreError> {
    let mut record = conn.prepare_cached("SELECT record FROM sales WHERE sale_id = ?1")?;
    let mut rows = record.query([sale])?;
    match rows.next()? {
        Some(row) => Ok(Some(fields(&row.get::<_, String>(0)?)?)),
        None => Ok(None),
    }
}

/// The id of the sale that a cart became.
pub(crate) fn sale_of_cart(conn: &Connection, cart: &str) -> Result<Option<String>, StoreError> {
    let mut sale = conn.prepare_cached("SELECT sale_id FROM sales WHERE cart_id = ?1")?;
    let mut rows = sale.query([cart])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

fn fields(text: &str) -> Result<Fields, StoreError> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(StoreError::Damaged("a record is no document".to_owned())),
    }
}
