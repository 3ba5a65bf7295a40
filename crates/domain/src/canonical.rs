//! Canonical JSON (RFC 8785), written in one pass: every sale is spelt several times while the
//! cashier waits. A property test compares it with a general implementation.

use std::fmt::Write as _;

use serde_json::Value;

use crate::document::{DocumentError, Fields};
use crate::money::Amount;

/// The canonical JSON of `value` (RFC 8785: sorted keys, no white space), which digests are taken over.
///
/// Refuses what two programs could spell differently: floats, integers beyond 2^53−1, nulls.
pub fn canonical(value: &Value) -> Result<String, DocumentError> {
    let mut text = String::new();
    write_value(value, &mut text, None)?;
    Ok(text)
}

/// The canonical JSON of an object without the fields `left_out`.
pub fn canonical_object(fields: &Fields, left_out: &[&str]) -> Result<String, DocumentError> {
    let mut text = String::with_capacity(TYPICAL_RECORD_BYTES);
    write_object(fields, left_out, &mut text, None)?;
    Ok(text)
}

/// An object in canonical JSON that fields are added to afterwards: a record is spelt once, and the digest over
/// that text becomes a part of the whole.
pub(crate) struct Spelt<'a> {
    text: String,
    /// The names in their order, and where in the text each field begins.
    fields: Vec<(&'a str, usize)>,
}

impl<'a> Spelt<'a> {
    /// Spells `fields`.
    pub(crate) fn new(fields: &'a Fields) -> Result<Self, DocumentError> {
        let mut text = String::with_capacity(TYPICAL_RECORD_BYTES);
        let mut begun = Vec::with_capacity(fields.len());
        text.push('{');
        for (name, field) in in_order(fields, &[]) {
            separate(&mut text);
            begun.push((name.as_str(), text.len()));
            write_field(name, field, &mut text, None)?;
        }
        text.push('}');
        Ok(Self {
            text,
            fields: begun,
        })
    }

    /// The text without what is added.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text with other fields beside them, each in its place. None of them is there already.
    pub(crate) fn with(&self, added: &[(&str, &Value)]) -> Result<String, DocumentError> {
        let mut added = added.to_vec();
        added.sort_by(|one, other| one.0.encode_utf16().cmp(other.0.encode_utf16()));
        let mut added = added.into_iter().peekable();
        let mut whole = String::with_capacity(self.text.len() + TYPICAL_SEAL_BYTES);
        whole.push('{');
        let ends = self.fields.iter().skip(1).map(|(_, begin)| begin - 1);
        let ends = ends.chain([self.text.len() - 1]);
        for ((name, begin), end) in self.fields.iter().zip(ends) {
            while let Some((before, field)) = added.next_if(|(other, _)| before(other, name)) {
                separate(&mut whole);
                write_field(before, field, &mut whole, None)?;
            }
            separate(&mut whole);
            whole.push_str(&self.text[*begin..end]);
        }
        for (name, field) in added {
            separate(&mut whole);
            write_field(name, field, &mut whole, None)?;
        }
        whole.push('}');
        Ok(whole)
    }
}

/// About what digest, fingerprint and journal link take.
const TYPICAL_SEAL_BYTES: usize = 512;

/// About what a sale of a few lines takes.
const TYPICAL_RECORD_BYTES: usize = 4096;

/// Where the writing stands in a document; put into words only when something is refused there.
#[derive(Clone, Copy)]
struct Place<'a> {
    within: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Item(usize),
}

fn spelt(place: Option<&Place<'_>>) -> String {
    let Some(place) = place else {
        return String::new();
    };
    let mut path = spelt(place.within);
    match place.step {
        Step::Field(name) => {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
        }
        Step::Item(index) => path.push_str(&format!("[{index}]")),
    }
    path
}

fn path_of(place: Option<&Place<'_>>) -> String {
    place.map_or_else(|| "document".to_owned(), |place| spelt(Some(place)))
}

fn write_value(
    value: &Value,
    text: &mut String,
    place: Option<&Place<'_>>,
) -> Result<(), DocumentError> {
    match value {
        Value::Null => {
            return Err(DocumentError::Null {
                path: path_of(place),
            });
        }
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => {
            let whole = number.as_i64().ok_or_else(|| DocumentError::NotAnInteger {
                path: path_of(place),
            })?;
            if Amount::new(whole).is_err() {
                return Err(DocumentError::TooLarge {
                    path: path_of(place),
                });
            }
            // Writing to a text cannot fail.
            let _ = write!(text, "{whole}");
        }
        Value::String(string) => write_text(string, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                let step = Step::Item(index);
                let here = Place {
                    within: place,
                    step,
                };
                write_value(item, text, Some(&here))?;
            }
            text.push(']');
        }
        Value::Object(fields) => write_object(fields, &[], text, place)?,
    }
    Ok(())
}

fn write_object(
    fields: &Fields,
    left_out: &[&str],
    text: &mut String,
    place: Option<&Place<'_>>,
) -> Result<(), DocumentError> {
    text.push('{');
    for (name, field) in in_order(fields, left_out) {
        separate(text);
        write_field(name, field, text, place)?;
    }
    text.push('}');
    Ok(())
}

/// By UTF-16 code units (RFC 8785, 3.2.3), which for ASCII is the order of the bytes.
fn in_order<'a>(fields: &'a Fields, left_out: &[&str]) -> Vec<(&'a String, &'a Value)> {
    let mut sorted: Vec<_> = fields
        .iter()
        .filter(|(name, _)| !left_out.contains(&name.as_str()))
        .collect();
    if !sorted.is_sorted_by(|one, other| before(one.0, other.0)) {
        sorted.sort_by(|one, other| one.0.encode_utf16().cmp(other.0.encode_utf16()));
    }
    sorted
}

/// A comma before every field but the first; no value ends with the brace that begins an object.
fn separate(text: &mut String) {
    if !text.ends_with('{') {
        text.push(',');
    }
}

fn write_field(
    name: &str,
    field: &Value,
    text: &mut String,
    place: Option<&Place<'_>>,
) -> Result<(), DocumentError> {
    write_text(name, text);
    text.push(':');
    let step = Step::Field(name);
    let here = Place {
        within: place,
        step,
    };
    write_value(field, text, Some(&here))
}

fn before(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        one < other
    } else {
        one.encode_utf16().lt(other.encode_utf16())
    }
}

/// A text between quotes, escaped as RFC 8785, 3.2.2.2 has it.
fn write_text(string: &str, text: &mut String) {
    text.push('"');
    let mut rest = string;
    let special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    while let Some(at) = rest.bytes().position(special) {
        let (plain, special) = rest.split_at(at);
        text.push_str(plain);
        match special.as_bytes()[0] {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            0x08 => text.push_str("\\b"),
            b'\t' => text.push_str("\\t"),
            b'\n' => text.push_str("\\n"),
            0x0c => text.push_str("\\f"),
            b'\r' => text.push_str("\\r"),
            control => text.push_str(&format!("\\u{control:04x}")),
        }
        // Every one of them is a single byte.
        rest = &special[1..];
    }
    text.push_str(rest);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn fields_that_are_added_stand_where_they_would_have_stood(
            texts in prop::collection::btree_map("[a-z\u{e000}\u{1f600}]{0,3}", any::<String>(), 0..8),
            added in prop::collection::btree_set("[a-z\u{e000}\u{1f600}]{0,3}", 0..4),
        ) {
            let texts = texts.into_iter().filter(|(name, _)| !added.contains(name));
            let mut fields: Fields = texts.map(|(name, text)| (name, text.into())).collect();
            let value = Value::from(vec![1, 2]);
            let beside: Vec<_> = added.iter().map(|name| (name.as_str(), &value)).collect();
            let spelt = Spelt::new(&fields).expect("a valid document");
            prop_assert_eq!(spelt.text(), canonical_object(&fields, &[]).expect("the same"));
            let whole = spelt.with(&beside).expect("a valid document");
            fields.extend(added.iter().map(|name| (name.clone(), value.clone())));
            prop_assert_eq!(whole, canonical_object(&fields, &[]).expect("a valid document"));
        }
    }
}
