//! Documents as the bytes that go over the wire: Protocol Buffers
//! (<https://protobuf.dev/programming-guides/encoding/>), written in one pass from the record itself.
//!
//! The typed messages are a copy of every name and text, and every level of a document is measured again by each
//! level above it: half of what a register does to send its sales (`docs/adr/0074-documents-are-encoded-in-one-pass.md`).

use counterfoil_domain::document::Fields;
use serde_json::Value;

use crate::codec::{self, Invalid, MAX_DEPTH, Path};

/// Field numbers of `google.firestore.v1`
/// (<https://github.com/googleapis/googleapis/tree/master/google/firestore/v1>, `document.proto` and `write.proto`).
mod tag {
    pub(super) const WRITE_UPDATE: u32 = 1;
    pub(super) const DOCUMENT_NAME: u32 = 1;
    pub(super) const DOCUMENT_FIELDS: u32 = 2;
    pub(super) const MAP_FIELDS: u32 = 1;
    pub(super) const ARRAY_VALUES: u32 = 1;
    pub(super) const ENTRY_KEY: u32 = 1;
    pub(super) const ENTRY_VALUE: u32 = 2;
    pub(super) const BOOLEAN: u32 = 1;
    pub(super) const INTEGER: u32 = 2;
    pub(super) const MAP: u32 = 6;
    pub(super) const ARRAY: u32 = 9;
    pub(super) const TIMESTAMP: u32 = 10;
    pub(super) const STRING: u32 = 17;
    pub(super) const SECONDS: u32 = 1;
    pub(super) const NANOS: u32 = 2;
}

/// Wire types.
const VARINT: u32 = 0;
const LENGTH_DELIMITED: u32 = 2;

/// A `CommitRequest` whose writes are encoded already.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Commit {
    #[prost(string, tag = "1")]
    pub(crate) database: String,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(crate) writes: Vec<Vec<u8>>,
}

/// Appends the document of a `Write`: this name, and the fields without `createdAt`, which is the server's, but with
/// the text field `more`.
///
/// # Errors
/// What in the document is not part of a valid record.
pub(crate) fn put_update(
    bytes: &mut Vec<u8>,
    name: &str,
    fields: &Fields,
    more: (&str, &str),
) -> Result<(), Invalid> {
    nested(bytes, tag::WRITE_UPDATE, |document| {
        put_text(document, tag::DOCUMENT_NAME, name);
        for (name, value) in fields {
            if name != codec::CREATED_AT {
                put_field(
                    document,
                    tag::DOCUMENT_FIELDS,
                    (name, value),
                    &Path::Root,
                    0,
                )?;
            }
        }
        nested(document, tag::DOCUMENT_FIELDS, |entry| {
            put_text(entry, tag::ENTRY_KEY, more.0);
            nested(entry, tag::ENTRY_VALUE, |value| {
                put_text(value, tag::STRING, more.1);
                Ok(())
            })
        })
    })
}

/// Appends the fields of a `MapValue`.
///
/// # Errors
/// What in them is not part of a valid record.
pub(crate) fn put_map(bytes: &mut Vec<u8>, fields: &Fields) -> Result<(), Invalid> {
    let path = &Path::Root;
    let put = |field| put_field(bytes, tag::MAP_FIELDS, field, path, 0);
    fields.iter().try_for_each(put)
}

fn put_field(
    bytes: &mut Vec<u8>,
    tag: u32,
    (name, value): (&String, &Value),
    path: &Path<'_>,
    depth: usize,
) -> Result<(), Invalid> {
    let path = Path::Field(path, name);
    if name.is_empty() {
        return Err(path.invalid("has no name"));
    }
    nested(bytes, tag, |entry| {
        put_text(entry, tag::ENTRY_KEY, name);
        nested(entry, tag::ENTRY_VALUE, |field| {
            put_value(field, value, &path, depth)
        })
    })
}

fn put_value(
    bytes: &mut Vec<u8>,
    value: &Value,
    path: &Path<'_>,
    depth: usize,
) -> Result<(), Invalid> {
    if depth > MAX_DEPTH {
        return Err(path.invalid("is nested too deeply"));
    }
    match value {
        Value::Null => return Err(path.invalid("is null; an empty value is left out instead")),
        Value::Bool(flag) => put_number(bytes, tag::BOOLEAN, i64::from(*flag)),
        Value::Number(number) => {
            let whole = number
                .as_i64()
                .ok_or_else(|| path.invalid("is not a whole number"))?;
            put_number(bytes, tag::INTEGER, codec::within_53_bits(whole, path)?);
        }
        Value::String(text) => match codec::moment(text, path) {
            Some(at) => {
                let at = codec::to_timestamp(at);
                nested(bytes, tag::TIMESTAMP, |timestamp| {
                    put_number(timestamp, tag::SECONDS, at.seconds);
                    put_number(timestamp, tag::NANOS, i64::from(at.nanos));
                    Ok(())
                })?;
            }
            None => put_text(bytes, tag::STRING, text),
        },
        Value::Array(items) => nested(bytes, tag::ARRAY, |list| {
            for (index, item) in items.iter().enumerate() {
                let path = Path::Item(path, index);
                if item.is_array() {
                    return Err(path.invalid("is a list in a list, which Firestore does not have"));
                }
                nested(list, tag::ARRAY_VALUES, |value| {
                    put_value(value, item, &path, depth + 1)
                })?;
            }
            Ok(())
        })?,
        Value::Object(fields) => nested(bytes, tag::MAP, |map| {
            let put = |field| put_field(map, tag::MAP_FIELDS, field, path, depth + 1);
            fields.iter().try_for_each(put)
        })?,
    }
    Ok(())
}

/// Appends a message that `put` writes, with its length before it.
fn nested<E>(
    bytes: &mut Vec<u8>,
    tag: u32,
    put: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    put_key(bytes, tag, LENGTH_DELIMITED);
    let begin = bytes.len();
    put(bytes)?;
    let end = bytes.len();
    put_varint(bytes, length(end - begin));
    // The length is known last and stands first.
    let of_length = bytes.len() - end;
    if let Some(message) = bytes.get_mut(begin..) {
        message.rotate_right(of_length);
    }
    Ok(())
}

fn put_text(bytes: &mut Vec<u8>, tag: u32, text: &str) {
    put_key(bytes, tag, LENGTH_DELIMITED);
    put_varint(bytes, length(text.len()));
    bytes.extend_from_slice(text.as_bytes());
}

/// Negative numbers take ten bytes, as two's complement.
fn put_number(bytes: &mut Vec<u8>, tag: u32, number: i64) {
    put_key(bytes, tag, VARINT);
    put_varint(bytes, number.cast_unsigned());
}

fn put_key(bytes: &mut Vec<u8>, tag: u32, wire_type: u32) {
    put_varint(bytes, u64::from(tag << 3 | wire_type));
}

fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7F);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn length(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcloud_sdk::google::firestore::v1::{CommitRequest, MapValue};
    use proptest::prelude::*;
    use prost::Message as _;
    use serde_json::json;

    #[test]
    fn a_commit_is_read_as_a_commit_request() {
        let writes: Vec<_> = ["a", "b"]
            .map(|name| {
                let mut bytes = Vec::new();
                let fields = json!({"total": 1, "createdAt": "2026-11-22T14:02:13.000Z"});
                let fields = fields.as_object().expect("an object");
                put_update(&mut bytes, name, fields, ("storeId", "corner")).expect("a record");
                bytes
            })
            .into();
        let database = "projects/x/databases/(default)".to_owned();
        let sent = Commit { database, writes }.encode_to_vec();
        let read = CommitRequest::decode(sent.as_slice()).expect("a commit request");
        assert_eq!(read.database, "projects/x/databases/(default)");
        assert_eq!(read.writes.len(), 2);
        assert_eq!(
            read.encode_to_vec().len(),
            sent.len(),
            "nothing is left over"
        );
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
            "\\PC{0,200}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 60, 6, |inner| {
            let object = prop::collection::btree_map("[a-zé]{1,20}", inner.clone(), 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect()));
            prop_oneof![
                prop::collection::vec(object.clone(), 0..4).prop_map(Value::Array),
                object
            ]
        })
    }

    proptest! {
        /// The typed messages read what is written here, and write as many bytes.
        #[test]
        fn any_record_is_what_the_typed_messages_would_be(value in values()) {
            let record = Fields::from_iter([("value".to_owned(), value)]);
            let mut bytes = Vec::new();
            put_map(&mut bytes, &record).expect("a record");
            let read = MapValue::decode(bytes.as_slice()).expect("a map");
            prop_assert_eq!(codec::decode(&read.fields), Ok(record));
            prop_assert_eq!(read.encoded_len(), bytes.len());
        }
    }
}
