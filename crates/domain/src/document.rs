//! Documents: the one shape that a record has in JSON and in Firestore, and its canonical bytes.

use serde_json::{Map, Value};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A document's fields, by name.
pub type Fields = Map<String, Value>;

/// Why a value cannot be part of a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A number that is not an integer: a float never enters a record.
    #[error("{path} is not a whole number")]
    NotAnInteger {
        /// Where in the document, `lines[0].total`.
        path: String,
    },
    /// An integer that a JSON reader may round.
    #[error("{path} is beyond 2^53−1")]
    TooLarge {
        /// Where in the document.
        path: String,
    },
    /// A null: an optional value that is empty is absent.
    #[error("{path} is null; an empty value is left out instead")]
    Null {
        /// Where in the document.
        path: String,
    },
    /// The document cannot be read as, or written from, the record that it should be.
    #[error("the document is not a valid record: {reason}")]
    Shape {
        /// What does not fit.
        reason: String,
    },
    /// The document is not an object, or a field that must be there is not.
    #[error("{path} is missing or has the wrong type")]
    Missing {
        /// Where in the document.
        path: String,
    },
}

/// Brings every text of `value` to normal form C, the names of fields too.
pub fn nfc_all(value: &mut Value) {
    match value {
        Value::String(text) if !is_normal(text) => *text = nfc(text),
        Value::Array(items) => items.iter_mut().for_each(nfc_all),
        Value::Object(fields) => {
            if fields.keys().any(|name| !is_normal(name)) {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(name, field)| (nfc(&name), field))
                    .collect();
            }
            fields.iter_mut().for_each(|(_, field)| nfc_all(field));
        }
        _ => {}
    }
}

/// `text` in Unicode's normal form C, as every text of a record is stored.
pub fn nfc(text: &str) -> String {
    if is_normal(text) {
        text.to_owned()
    } else {
        text.nfc().collect()
    }
}

/// ASCII, which most texts are, is in every normal form.
fn is_normal(text: &str) -> bool {
    text.is_ascii() || is_nfc(text)
}
