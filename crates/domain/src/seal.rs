//! Sealing a sale — digest, fingerprint, journal link — and proving the seal of one that was read.

use serde_json::Value;

use crate::canonical::Spelt;
use crate::digest::{Digest, UNSIGNED};
use crate::document::{DocumentError, Fields, nfc_all};
use crate::ids::RegisterId;
use crate::journal::{Link, LinkKind};
use crate::reversal;
use crate::time::Timestamp;

/// A sale with its seal. Its fields go to the store and to the cloud as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedSale {
    /// The whole document: `digest`, `fingerprint` and `journal` included.
    pub fields: Fields,
    /// What its register signs.
    pub digest: Digest,
    /// The same goods, paid the same way.
    pub fingerprint: Digest,
    /// Its link in the register's journal.
    pub link: Link,
    /// The whole document in canonical JSON; only [`seal`] makes it, so it never says anything else.
    text: String,
}

impl SealedSale {
    /// The whole document in canonical JSON.
    pub fn canonical(&self) -> &str {
        &self.text
    }
}

/// What is wrong with a document's seal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It is not a record at all.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Its content is not what was signed.
    #[error("the digest is {found}, but the content's is {recomputed}")]
    Digest {
        /// What the document says.
        found: String,
        /// What its content gives.
        recomputed: Digest,
    },
    /// Its fingerprint is not that of its content.
    #[error("the fingerprint is {found}, but the content's is {recomputed}")]
    Fingerprint {
        /// What the document says.
        found: String,
        /// What its content gives.
        recomputed: Digest,
    },
    /// Its journal link does not hold.
    #[error("the journal link does not belong to this sale: {reason}")]
    Journal {
        /// What does not fit.
        reason: String,
    },
    /// It says that it is a copy, but not of the sale that it names.
    #[error("this is not a true copy of sale {original}")]
    Copy {
        /// The sale that it names.
        original: String,
    },
}

/// Seals the document of a sale: brings its texts to NFC, takes digest and fingerprint, and makes
/// the journal link that follows `previous` (none: the register's first).
pub fn seal(
    fields: Fields,
    previous: Option<(i64, Digest)>,
    register: RegisterId,
) -> Result<SealedSale, DocumentError> {
    let mut value = Value::Object(fields);
    nfc_all(&mut value);
    let Value::Object(mut fields) = value else {
        return Err(DocumentError::Missing {
            path: "document".to_owned(),
        });
    };
    let sold_at =
        text(&fields, "soldAt")?
            .parse::<Timestamp>()
            .map_err(|_| DocumentError::Missing {
                path: "soldAt".to_owned(),
            })?;
    if text(&fields, "registerId")? != register.to_string() {
        return Err(DocumentError::Shape {
            reason: "the sale is another register's".to_owned(),
        });
    }
    // What is not signed is added by the seal, the cloud or a view, and is none of the register's.
    fields.retain(|name, _| !UNSIGNED.contains(&name.as_str()));
    let spelt = Spelt::new(&fields)?;
    let digest = Digest::of_bytes(spelt.text().as_bytes());
    let fingerprint = Digest::fingerprint_of_sale(&fields)?;
    let link = Link::after(previous, register, LinkKind::Sale, sold_at, digest)?;
    let added = [
        ("digest", Value::from(digest.to_string())),
        ("fingerprint", fingerprint.to_string().into()),
        ("journal", Value::Object(link.to_fields())),
    ];
    let text = spelt.with(&added.each_ref().map(|(name, field)| (*name, field)))?;
    fields.extend(added.map(|(name, field)| (name.to_owned(), field)));
    Ok(SealedSale {
        fields,
        digest,
        fingerprint,
        link,
        text,
    })
}

/// Recomputes digest, fingerprint and journal hash of a document that was read, and for a copy that
/// it is one. What the document says of itself is never believed.
pub fn verify(fields: &Fields) -> Result<(), Mismatch> {
    let recomputed = Digest::of_sale(fields)?;
    let found = text(fields, "digest")?;
    if found != recomputed.to_string() {
        return Err(Mismatch::Digest {
            found: found.to_owned(),
            recomputed,
        });
    }
    let fingerprint = Digest::fingerprint_of_sale(fields)?;
    let found = text(fields, "fingerprint")?;
    if found != fingerprint.to_string() {
        let (found, recomputed) = (found.to_owned(), fingerprint);
        return Err(Mismatch::Fingerprint { found, recomputed });
    }
    let signed = match reversal::original_digest(fields)? {
        None => recomputed,
        Some(original) if reversal::is_true_copy(fields, original)? => original,
        Some(_) => {
            let original = text(fields, "originalSaleId")
                .unwrap_or_default()
                .to_owned();
            return Err(Mismatch::Copy { original });
        }
    };
    verify_link(fields, signed)
}

fn verify_link(fields: &Fields, signed: Digest) -> Result<(), Mismatch> {
    let broken = |reason: &str| Mismatch::Journal {
        reason: reason.to_owned(),
    };
    let journal = fields
        .get("journal")
        .ok_or_else(|| DocumentError::Missing {
            path: "journal".to_owned(),
        })?;
    let link: Link =
        serde_json::from_value(journal.clone()).map_err(|error| Mismatch::Journal {
            reason: error.to_string(),
        })?;
    if link.kind != LinkKind::Sale {
        return Err(broken("it is not of the kind “sale”"));
    }
    if text(fields, "soldAt")? != link.recorded_at.to_string() {
        return Err(broken("it was recorded at another time than the sale"));
    }
    let spelt = text(fields, "registerId")?;
    let register: RegisterId = spelt.parse().map_err(|_| DocumentError::Missing {
        path: "registerId".to_owned(),
    })?;
    if register.to_string() != spelt {
        return Err(broken("its register is not spelt as it was signed"));
    }
    if !link.signs(register, signed)? {
        return Err(broken("its hash is not that of its content"));
    }
    Ok(())
}

/// A field that must be a text.
pub(crate) fn text<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, DocumentError> {
    fields
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| DocumentError::Missing {
            path: name.to_owned(),
        })
}
