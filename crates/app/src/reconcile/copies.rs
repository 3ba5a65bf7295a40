//! Copies that another database's decision has put into the cloud: at a copy of this register, or at this
//! register before a backup was put back. A copy keeps its sale's number, so that none was used twice.

use counterfoil_domain::SaleId;
use counterfoil_domain::document::Fields;
use counterfoil_domain::reversal::is_copy_of;
use counterfoil_store::Connection;
use counterfoil_store::audit::{self, AuditedSale, SentState};
use counterfoil_store::table::elsewhere;
use serde_json::Value;

use super::Run;
use super::findings::minor;
use crate::dto::{Explained, ExplainedKind};
use crate::error::Result;

impl Run<'_> {
    /// Whether a document that this database does not send is the true copy of one of its own sales that is
    /// not there itself; such a sale is explained.
    pub(super) fn is_copy(&mut self, id: Option<SaleId>, fields: &Fields) -> Result<bool> {
        let original = fields.get("originalSaleId").and_then(Value::as_str);
        let (Some(id), Some(original)) = (id, original.and_then(|id| id.parse::<SaleId>().ok()))
        else {
            return Ok(false);
        };
        let Some(sale) = self.db.read(|conn| audit::by_id(conn, original))? else {
            return Ok(false);
        };
        let there =
            matches!(sale.sent.first(), Some(one) if matches!(one.state, SentState::Landed(_)));
        let named = fields.get("saleId").and_then(Value::as_str) == Some(&id.to_string());
        let record = sale.record.as_ref().filter(|_| sale.wrong.is_none());
        if there || !named || !record.is_some_and(|record| is_copy_of(fields, record)) {
            return Ok(false);
        }
        let counts = &mut self.report.explained_counts;
        counts.decided_elsewhere = counts.decided_elsewhere.saturating_add(1);
        let note = self.db.read(|conn| by_whom(conn, original, &sale))?;
        self.explain(Explained {
            kind: ExplainedKind::DecidedElsewhere,
            receipt_number: sale.receipt_number,
            sale_id: original.to_string(),
            day: sale.day,
            total: minor(sale.total),
            note,
        });
        Ok(true)
    }
}

/// Who decided and why, where the decision has been read.
fn by_whom(conn: &Connection, id: SaleId, sale: &AuditedSale) -> Result<Option<String>> {
    let Some(digest) = sale.digest else {
        return Ok(None);
    };
    let decision = elsewhere::decision(conn, id, digest)?;
    Ok(decision.map(|(_, decision)| {
        let word = |name: &str| decision.get(name).and_then(Value::as_str).unwrap_or("");
        format!("{}: {}", word("by"), word("reason"))
    }))
}
