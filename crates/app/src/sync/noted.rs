//! What other registers have put into the failure lists, noted in this one's database.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Digest, SaleId};
use counterfoil_store::table::{elsewhere, resolutions, sales};
use counterfoil_store::unreadable::{AllUnreadable, Unreadable, Why};
use counterfoil_store::{StoreError, Transaction};
use counterfoil_sync::decide::same_content;
use counterfoil_sync::{Collection, Found};
use serde_json::Value;

use super::store::VERSION;
use crate::dto::{ChoiceKind, FailureKind};
use crate::failures::field;

/// The schema that this program reads.
const SCHEMA: i64 = 1;

/// Notes one document of another register, or of what this one was before a backup was put back. One that
/// cannot be read is noted as that and left: it never stands in the way of the others.
pub(super) fn note_one(
    tx: &Transaction<'_>,
    own: &[String],
    unreadable: &mut AllUnreadable,
    found: &Found,
) -> Result<(), StoreError> {
    let (collection, id) = (found.name.collection, found.name.id.as_str());
    let (fields, (sale_id, digest, n)) = match readable(found) {
        Ok(readable) => readable,
        Err((why, message)) => {
            let fields = found.fields.as_ref().ok();
            let register_id = fields.and_then(|fields| field(fields, "registerId"));
            let of = collection.as_str();
            tracing::warn!(
                collection = of,
                id,
                ?why,
                message,
                "a document cannot be read"
            );
            unreadable.note(Unreadable {
                collection: of.to_owned(),
                id: id.to_owned(),
                register_id,
                why,
                message,
                read_by: VERSION.to_owned(),
            });
            return Ok(());
        }
    };
    unreadable.forget(collection.as_str(), id);
    let register = fields.get("registerId").and_then(Value::as_str);
    let ours = register.is_some_and(|id| own.iter().any(|own| own == id));
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

type Item = (SaleId, Digest, Option<u32>);

/// A document's fields and the item that it is about, if it is one that this program knows.
fn readable(found: &Found) -> Result<(&Fields, Item), (Why, String)> {
    let invalid = |why: &str| (Why::Invalid, why.to_owned());
    let fields = found.fields.as_ref().map_err(|why| invalid(why))?;
    let sale = fields.get("sale").and_then(Value::as_object);
    let schemas = [Some(fields), sale].into_iter().flatten();
    for schema in schemas.filter_map(|fields| fields.get("schema")) {
        match schema.as_i64() {
            Some(newer) if newer > SCHEMA => {
                return Err((Why::NewerSchema, format!("its schema is {newer}")));
            }
            Some(_) => {}
            None => return Err(invalid("its schema is no number")),
        }
    }
    let item = elsewhere::item_of(&found.name.id);
    let item = item.ok_or_else(|| invalid("its name is not that of an item"))?;
    match found.name.collection {
        Collection::SaleConflicts if sale.is_none() => Err(invalid("it holds no sale")),
        Collection::SaleConflicts if field::<FailureKind>(fields, "kind").is_none() => {
            Err(invalid("its kind is not known"))
        }
        Collection::SaleResolutions if field::<ChoiceKind>(fields, "choice").is_none() => {
            Err(invalid("what was decided is not known"))
        }
        _ => Ok((fields, item)),
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
