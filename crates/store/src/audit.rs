//! The register's own books for whoever proves them: days, sales with all that is known of them, and
//! the chain walked to its end.
//!
//! Unlike [`verify`](crate::verify()), which stops at the first broken link, this names everything that
//! does not hold. Nothing that stands in the file ends it: what cannot be read is a finding.

mod chain;
mod sale;

use counterfoil_domain::document::Fields;
use counterfoil_domain::{RegisterId, SaleId};
use counterfoil_sync::{Collection, DocumentName};
use rusqlite::{Connection, params};

use crate::error::StoreError;
use crate::table::outbox_documents;

pub use chain::{AuditedChain, ChainFault, Fault, chain};
pub(crate) use sale::state_of;
pub use sale::{AuditedSale, SentDocument, SentState, by_id, by_sequence, sales_of_day};

/// One business day of a register's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedDay {
    /// The day.
    pub day: String,
    /// How many receipts.
    pub receipts: i64,
    /// What they come to.
    pub total: i64,
}

/// The days on which a register rang anything up, in their order; of a stretch, both ends included.
pub fn days(
    conn: &Connection,
    register: RegisterId,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Vec<AuditedDay>, StoreError> {
    let mut rows = conn.prepare_cached(
        "SELECT business_day, count(*), sum(total) FROM sales
         WHERE register_id = ?1 AND business_day >= coalesce(?2, '')
             AND (?3 IS NULL OR business_day <= ?3)
         GROUP BY business_day ORDER BY business_day",
    )?;
    let days = rows.query_map(params![register.to_string(), from, to], |row| {
        Ok(AuditedDay {
            day: row.get(0)?,
            receipts: row.get(1)?,
            total: row.get(2)?,
        })
    })?;
    Ok(days.collect::<Result<_, _>>()?)
}

/// The numbers that are missing in a register's receipt series, at most `limit`, and how many are.
pub fn gaps(
    conn: &Connection,
    register: RegisterId,
    limit: usize,
) -> Result<(Vec<i64>, u64), StoreError> {
    let mut series = conn.prepare_cached(
        "SELECT receipt_sequence FROM sales WHERE register_id = ?1 ORDER BY receipt_sequence",
    )?;
    let (mut gaps, mut missing, mut next) = (Vec::new(), 0_u64, 1_i64);
    let mut rows = series.query([register.to_string()])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        missing += u64::try_from(number - next).unwrap_or(0);
        let room = limit - gaps.len();
        gaps.extend((next..number).take(room));
        next = number.saturating_add(1);
    }
    Ok((gaps, missing))
}

/// What this database sent, or is to send, under this id.
pub fn fields(conn: &Connection, id: SaleId) -> Result<Option<Fields>, StoreError> {
    let name = DocumentName {
        collection: Collection::Sales,
        id: id.to_string(),
    };
    if let Some((fields, _)) = outbox_documents::find(conn, &name)? {
        return Ok(Some(fields));
    }
    Ok(sale::by_id(conn, id)?.and_then(|sale| sale.record))
}

/// Whether this database sent, or is to send, a document of this id.
pub fn sends(conn: &Connection, id: SaleId) -> Result<bool, StoreError> {
    let here: bool = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM sales WHERE sale_id = ?1)")?
        .query_row([id.to_string()], |row| row.get(0))?;
    let name = DocumentName {
        collection: Collection::Sales,
        id: id.to_string(),
    };
    Ok(here || outbox_documents::contains(conn, &name)?)
}
