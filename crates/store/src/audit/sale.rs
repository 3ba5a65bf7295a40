//! A sale with all that is known of it: whether it is what was signed, its link, what was sent of it.

use counterfoil_domain::document::Fields;
use counterfoil_domain::sale::verify;
use counterfoil_domain::{Digest, RegisterId, SaleId, Timestamp};
use counterfoil_sync::{Collection, DocumentName};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::agree::rows_agree;
use crate::column;
use crate::error::StoreError;
use crate::table::failures::FailureStatus;
use crate::table::journal::{self, Kept};
use crate::table::outbox::GroupState;
use crate::table::sales::Columns;
use crate::table::{outbox_documents, sale_marks};

/// A sale as an auditor sees it.
#[derive(Clone, Debug)]
pub struct AuditedSale {
    /// Its row: later sales have larger ones.
    pub entry: i64,
    /// Its id; as it stands there, if that is none.
    pub sale_id: Result<SaleId, String>,
    /// Its receipt number, as it stands in the row.
    pub receipt_number: String,
    /// Its place in the series.
    pub receipt_sequence: i64,
    /// Its business day, as it stands in the row.
    pub day: String,
    /// What it comes to, as it stands in the row.
    pub total: i64,
    /// The record, if it can be read at all.
    pub record: Option<Fields>,
    /// What was signed: recomputed where the sale is whole, else what its link says.
    pub digest: Option<Digest>,
    /// The hash of its link.
    pub link: Option<Digest>,
    /// What is wrong with the sale itself.
    pub wrong: Option<String>,
    /// What is wrong with its link, where it has one; a sale without one is the chain's matter.
    pub link_wrong: Option<String>,
    /// What of it goes to the cloud.
    pub sent: Vec<SentDocument>,
}

/// A document of a sale in the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentDocument {
    /// Under which id.
    pub id: SaleId,
    /// The digest of a copy; a sale's own document has the sale's.
    pub digest: Option<Digest>,
    /// How far it has come.
    pub state: SentState,
}

/// How far a document has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentState {
    /// It is in the cloud since then (server time).
    Landed(Timestamp),
    /// It waits or is being sent.
    Waiting,
    /// It waits for a manager.
    Open,
    /// It was dismissed.
    Dismissed,
    /// It was decided: a copy of it goes up in its place, or of a reversal that came second the losing version.
    Decided,
    /// Nothing sends it.
    Lost,
}

const SELECT: &str = "SELECT entry, sale_id, receipt_number, receipt_sequence, business_day, total,
    digest, record FROM sales";

/// A register's sales of a day after the row `after`, oldest first.
pub fn sales_of_day(
    conn: &Connection,
    register: RegisterId,
    day: &str,
    after: i64,
    limit: u32,
) -> Result<Vec<AuditedSale>, StoreError> {
    let mut rows = conn.prepare_cached(&format!(
        "{SELECT} INDEXED BY sales_by_day WHERE business_day = ?2 AND entry > ?3
         AND register_id = ?1 ORDER BY entry LIMIT ?4"
    ))?;
    let found = rows.query_map(params![register.to_string(), day, after, limit], raw)?;
    found.map(|raw| audited(conn, raw?)).collect()
}

/// One sale.
pub fn by_id(conn: &Connection, sale: SaleId) -> Result<Option<AuditedSale>, StoreError> {
    let found = conn
        .prepare_cached(&format!("{SELECT} WHERE sale_id = ?1"))?
        .query_row([sale.to_string()], raw)
        .optional()?;
    found.map(|raw| audited(conn, raw)).transpose()
}

/// The sale with this number in a register's series.
pub fn by_sequence(
    conn: &Connection,
    register: RegisterId,
    sequence: i64,
) -> Result<Option<AuditedSale>, StoreError> {
    let found = conn
        .prepare_cached(&format!(
            "{SELECT} WHERE register_id = ?1 AND receipt_sequence = ?2"
        ))?
        .query_row(params![register.to_string(), sequence], raw)
        .optional()?;
    found.map(|raw| audited(conn, raw)).transpose()
}

/// A row as it stands there.
struct Raw {
    entry: i64,
    sale_id: String,
    receipt_number: String,
    receipt_sequence: i64,
    day: String,
    total: i64,
    digest: String,
    record: String,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        entry: row.get(0)?,
        sale_id: row.get(1)?,
        receipt_number: row.get(2)?,
        receipt_sequence: row.get(3)?,
        day: row.get(4)?,
        total: row.get(5)?,
        digest: row.get(6)?,
        record: row.get(7)?,
    })
}

fn audited(conn: &Connection, raw: Raw) -> Result<AuditedSale, StoreError> {
    let sale_id: Result<SaleId, String> = raw.sale_id.parse().map_err(|_| raw.sale_id.clone());
    let record: Option<Fields> = serde_json::from_str(&raw.record).ok();
    let wrong = what_is_wrong(conn, &raw, record.as_ref())?;
    let link = match &sale_id {
        Ok(sale) => journal_link(conn, *sale)?,
        Err(_) => None,
    };
    let own = record
        .as_ref()
        .and_then(|record| Digest::of_sale(record).ok());
    let digest = match (&wrong, &link) {
        (Some(_), Some(Ok(kept))) => Some(kept.digest),
        _ => own,
    };
    let link_wrong = link.as_ref().and_then(|link| match link {
        Ok(kept) => differs(kept, record.as_ref(), digest),
        Err(reason) => Some(format!("its journal link cannot be read: {reason}")),
    });
    Ok(AuditedSale {
        entry: raw.entry,
        sent: match &sale_id {
            Ok(sale) => sent(conn, *sale)?,
            Err(_) => Vec::new(),
        },
        sale_id,
        receipt_number: raw.receipt_number,
        receipt_sequence: raw.receipt_sequence,
        day: raw.day,
        total: raw.total,
        digest,
        link: match &link {
            // A link that was tampered with is no measure of what the cloud has.
            Some(Ok(kept)) if link_wrong.is_none() => Some(kept.link.hash),
            _ => None,
        },
        record,
        wrong,
        link_wrong,
    })
}

/// Whether the record is what was signed, and the tables what the record says.
fn what_is_wrong(
    conn: &Connection,
    raw: &Raw,
    record: Option<&Fields>,
) -> Result<Option<String>, StoreError> {
    let Some(record) = record else {
        return Ok(Some("its record is no JSON".to_owned()));
    };
    if let Err(mismatch) = verify(record) {
        return Ok(Some(mismatch.to_string()));
    }
    let columns = match Columns::of(record) {
        Ok(columns) => columns,
        Err(error) => return Ok(Some(format!("its record is no sale: {error}"))),
    };
    if columns.digest.to_string() != raw.digest || !rows_agree(conn, raw.entry, &columns)? {
        return Ok(Some("the tables differ from the signed record".to_owned()));
    }
    Ok(None)
}

fn journal_link(
    conn: &Connection,
    sale: SaleId,
) -> Result<Option<Result<Kept, String>>, StoreError> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {} FROM journal WHERE sale_id = ?1",
        journal::COLUMNS
    ))?;
    let mut rows = rows.query([sale.to_string()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(
        journal::from_row(row).map_err(|error| error.to_string()),
    ))
}

/// How a link differs from what the sale says of it.
fn differs(kept: &Kept, record: Option<&Fields>, digest: Option<Digest>) -> Option<String> {
    if digest.is_some_and(|digest| digest != kept.digest) {
        return Some("its journal link is that of other content".to_owned());
    }
    let own = record.and_then(|record| record.get("journal"));
    let kept = serde_json::Value::Object(kept.link.to_fields());
    (own != Some(&kept)).then(|| "its journal link is not the one it was sealed with".to_owned())
}

/// What of a sale goes to the cloud: itself, or a copy in its place.
fn sent(conn: &Connection, sale: SaleId) -> Result<Vec<SentDocument>, StoreError> {
    let own = own_state(conn, sale)?;
    let name = |id: SaleId| DocumentName {
        collection: Collection::Sales,
        id: id.to_string(),
    };
    let Some(copy) = sale_marks::get(conn, sale)?.cloud_id else {
        let state = match own {
            Some(state) => state,
            None if came_second(conn, sale)? => SentState::Decided,
            // A reversal goes up with its decision.
            None => outbox_documents::find(conn, &name(sale))?
                .map_or(SentState::Lost, |(_, state)| state),
        };
        let digest = None;
        return Ok(vec![SentDocument {
            id: sale,
            digest,
            state,
        }]);
    };
    let mut sent = vec![SentDocument {
        id: sale,
        digest: None,
        state: SentState::Decided,
    }];
    let (fields, state) = match outbox_documents::find(conn, &name(copy))? {
        Some((fields, state)) => (Some(fields), state),
        None => (None, SentState::Lost),
    };
    sent.push(SentDocument {
        id: copy,
        digest: fields.and_then(|fields| Digest::of_sale(&fields).ok()),
        state,
    });
    Ok(sent)
}

/// Whether a reversal goes up as a losing version, because the item was decided elsewhere before: the reversal of
/// then has its place.
fn came_second(conn: &Connection, sale: SaleId) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM sales s JOIN outbox_documents d
             ON d.collection = 'saleConflicts' AND d.document_id = s.sale_id || '_' || s.digest
             WHERE s.sale_id = ?1)",
        )?
        .query_row([sale.to_string()], |row| row.get(0))?)
}

/// Where the sale's own upload stands; none where it has none.
fn own_state(conn: &Connection, sale: SaleId) -> Result<Option<SentState>, StoreError> {
    let mut rows = conn.prepare_cached(
        "SELECT o.state, o.created_at, f.status FROM outbox o
         LEFT JOIN failures f ON f.sale_id = o.sale_id WHERE o.kind = 'sale' AND o.sale_id = ?1",
    )?;
    let row = rows.query_row([sale.to_string()], |row| {
        let status = match row.get_ref(2)?.as_str_or_null()? {
            Some(_) => Some(column::spelt(row, 2)?),
            None => None,
        };
        state_of(row, status)
    });
    Ok(row.optional()?)
}

/// The state of a group: its columns `state` and `created_at` are the row's first two.
pub(crate) fn state_of(
    row: &Row<'_>,
    status: Option<FailureStatus>,
) -> rusqlite::Result<SentState> {
    let state: GroupState = column::spelt(row, 0)?;
    let landed = column::time_optional(row, 1)?;
    Ok(match (state, status) {
        (GroupState::Synced, _) => {
            SentState::Landed(landed.unwrap_or_else(|| Timestamp::from_ms(0)))
        }
        (GroupState::Pending | GroupState::InFlight, _) => SentState::Waiting,
        (GroupState::Failed, Some(FailureStatus::Dismissed)) => SentState::Dismissed,
        (GroupState::Failed, _) => SentState::Open,
    })
}
