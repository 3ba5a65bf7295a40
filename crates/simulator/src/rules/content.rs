//! Whether two documents are the same sale: field by field, and nothing else. No digest is taken here and nothing is
//! spelt in any canonical way, so that this holds whatever the product makes of either.

use counterfoil_domain::document::Fields;
use serde_json::Value;

/// What the server adds to a sale.
const ADDED: [&str; 2] = ["storeId", "createdAt"];
/// What a register seals a sale with. A copy is sealed with its own, which nobody foretells here.
const SEAL: [&str; 3] = ["digest", "fingerprint", "journal"];

/// What a sale that somebody sold must be in the cloud: all of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Content {
    fields: Fields,
    is_sealed: bool,
}

impl Content {
    /// A sale as its register keeps it: with its seal.
    pub(crate) fn of_record(record: &Fields) -> Self {
        Self {
            fields: record.clone(),
            is_sealed: true,
        }
    }

    /// The copy of a sale under the id `copy`.
    pub(crate) fn of_copy(record: &Fields, copy: &str) -> Self {
        let mut fields = without(record, &SEAL);
        for (name, value) in [
            ("saleId", Some(copy)),
            ("originalSaleId", text(record, "saleId")),
            ("originalDigest", text(record, "digest")),
        ] {
            fields.insert(name.to_owned(), value.unwrap_or_default().into());
        }
        Self {
            fields,
            is_sealed: false,
        }
    }

    /// Whether a document of the cloud is this sale.
    pub(crate) fn is(&self, document: &Fields) -> bool {
        let mut there = without(document, &ADDED);
        if !self.is_sealed {
            there = without(&there, &SEAL);
        }
        there == self.fields
    }
}

fn without(fields: &Fields, left_out: &[&str]) -> Fields {
    let kept = (fields.iter()).filter(|(name, _)| !left_out.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// What a document says in a field; none where that is no text.
pub(crate) fn text<'a>(fields: &'a Fields, field: &str) -> Option<&'a str> {
    fields.get(field).and_then(Value::as_str)
}
