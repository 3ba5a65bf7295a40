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
    let mut sorted: Vec<_> = fields
        .iter()
        .filter(|(name, _)| !left_out.contains(&name.as_str()))
        .collect();
    // By UTF-16 code units (RFC 8785, 3.2.3), which for ASCII is the order of the bytes.
    if !sorted.is_sorted_by(|one, other| before(one.0, other.0)) {
        sorted.sort_by(|one, other| one.0.encode_utf16().cmp(other.0.encode_utf16()));
    }
    text.push('{');
    for (index, (name, field)) in sorted.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_text(name, text);
        text.push(':');
        let step = Step::Field(name);
        let here = Place {
            within: place,
            step,
        };
        write_value(field, text, Some(&here))?;
    }
    text.push('}');
    Ok(())
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
