//! What other registers have put into the failure lists, noted in this one's database.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Digest, SaleId};
use counterfoil_store::table::{elsewhere, resolutions, sales};
use counterfoil_store::{StoreError, Transaction};
use counterfoil_sync::decide::same_content;
use counterfoil_sync::{Collection, Found};
use serde_json::Value;

/// Notes one document of another register, or of what this one was before a backup was put back. One that
/// cannot be read is logged and left: it never stands in the way of the others.
pub(super) fn note_one(
    tx: &Transaction<'_>,
    own: &[String],
    found: &Found,
) -> Result<(), StoreError> {
    let (collection, id) = (found.name.collection, found.name.id.as_str());
    let fields = match &found.fields {
        Ok(fields) => fields,
        Err(why) => {
            tracing::warn!(
                collection = collection.as_str(),
                id,
                why,
                "a document is not valid"
            );
            return Ok(());
        }
    };
    let register = fields.get("registerId").and_then(Value::as_str);
    let ours = register.is_some_and(|id| own.iter().any(|own| own == id));
    let Some((sale_id, digest, n)) = elsewhere::item_of(id) else {
        tracing::warn!(
            collection = collection.as_str(),
            id,
            "a document has a strange name"
        );
        return Ok(());
    };
    match collection {
        Collection::Sales => Ok(()),
        Collection::SaleConflicts if ours || is_reversal(fields) => Ok(()),
        Collection::SaleConflicts => {
            elsewhere::note_conflict(tx, sale_id, digest, fields, found.created_at)
        }
        Collection::SaleResolutions => {
            let n = n.unwrap_or(1);
            if ours && !is_news(tx, (sale_id, digest, n), fields)? {
                return Ok(());
            }
            elsewhere::note_resolution(tx, sale_id, digest, n, fields)
        }
    }
}

/// A reversal that came second was decided with its item: nobody waits for it.
fn is_reversal(conflict: &Fields) -> bool {
    let sale = conflict.get("sale");
    sale.is_some_and(|sale| sale.get("cancels").is_some())
}

/// Whether a decision in this database's own name is about an item of its own and not taken here: it was taken before
/// a backup was put back.
fn is_news(
    tx: &Transaction<'_>,
    (sale, digest, n): (SaleId, Digest, u32),
    there: &Fields,
) -> Result<bool, StoreError> {
    let here = sales::by_id(tx, sale)?.is_some_and(|here| here.digest == digest);
    let own = resolutions::of_sale(tx, sale)?;
    let taken = own.iter().find(|own| own.n == n);
    Ok(here && !taken.is_some_and(|own| same_content(&own.document, there)))
}
