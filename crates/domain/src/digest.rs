//! Digests and fingerprints of a sale, taken over the raw document and never over a typed struct,
//! so that a field this program does not know still counts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::canonical::{canonical, canonical_object};
use crate::document::{DocumentError, Fields};

/// A SHA-256 in lower-case hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// Text that is not 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a SHA-256 in hex")]
pub struct InvalidDigest(pub String);

/// Fields that are not part of what the register signs (`docs/SYNC.md`, “The record”).
pub const UNSIGNED: [&str; 6] = [
    "storeId",
    "createdAt",
    "digest",
    "fingerprint",
    "journal",
    "syncState",
];

/// What the server or a local view adds to a record; a copy does not take it along.
pub const LOCAL: [&str; 3] = ["storeId", "createdAt", "syncState"];

impl Digest {
    /// 64 zeros: what the first link of a journal points back to.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of canonical JSON.
    pub fn of(value: &Value) -> Result<Self, DocumentError> {
        canonical(value).map(|text| Self::of_text(&text))
    }

    fn of_text(text: &str) -> Self {
        Self::of_bytes(text.as_bytes())
    }

    /// The digest of plain bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of a sale: everything but [`UNSIGNED`].
    pub fn of_sale(document: &Fields) -> Result<Self, DocumentError> {
        canonical_object(document, &UNSIGNED).map(|text| Self::of_text(&text))
    }

    /// What makes two sales “the same goods, paid the same way”: the sorted lines
    /// `{sku, quantity, unitPrice, discount}`, the sorted tender methods, the total.
    pub fn fingerprint_of_sale(document: &Fields) -> Result<Self, DocumentError> {
        let missing = |path: &str| DocumentError::Missing {
            path: path.to_owned(),
        };
        let list = |name: &str| {
            document
                .get(name)
                .and_then(Value::as_array)
                .ok_or_else(|| missing(name))
        };
        let mut lines = Vec::new();
        for line in list("lines")? {
            let mut kept = Fields::new();
            for name in ["sku", "quantity", "unitPrice", "discount"] {
                let value = line
                    .get(name)
                    .ok_or_else(|| missing(&format!("lines[].{name}")))?;
                kept.insert(name.to_owned(), value.clone());
            }
            lines.push(canonical_object(&kept, &[])?);
        }
        lines.sort_unstable();
        let mut methods = Vec::new();
        for tender in list("tenders")? {
            let method = tender.get("method").and_then(Value::as_str);
            methods.push(method.ok_or_else(|| missing("tenders[].method"))?);
        }
        methods.sort_unstable();
        let total = document.get("total").ok_or_else(|| missing("total"))?;
        // Canonical as it is put together: the names stand in their order.
        Ok(Self::of_text(&format!(
            r#"{{"lines":[{}],"tenders":{},"total":{}}}"#,
            lines.join(","),
            canonical(&json!(methods))?,
            canonical(total)?
        )))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
        let mut text = String::with_capacity(2 * self.0.len());
        for byte in self.0 {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 0xf));
        }
        f.write_str(&text)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidDigest(text.to_owned());
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 64 || !text.bytes().all(lower_hex) {
            return Err(invalid());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| invalid())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| invalid())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidDigest;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}
