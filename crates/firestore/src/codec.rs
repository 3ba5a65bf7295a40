//! Records as Firestore's values and back, by strict rules (`docs/SYNC.md`, “The record”).
//!
//! Out: a field whose name ends with `At` and holds a moment is a timestamp; everything else is
//! what it looks like. In: a timestamp is its three-decimal text again. A double, a null, a time of
//! less than a millisecond, an integer beyond 2^53−1, and every type that a record does not have,
//! make a document invalid: it is shown as such, and never guessed at.

use std::collections::HashMap;

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Amount, Timestamp};
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{MapValue, Value as Cloud};
use gcloud_sdk::prost_types;
use prost::Message as _;
use serde_json::Value;

use crate::wire;

/// The field that the server sets; real Firestore may give it microseconds, which are cut off.
pub const CREATED_AT: &str = "createdAt";

/// Firestore's own limit on maps within maps (<https://firebase.google.com/docs/firestore/quotas>).
pub(crate) const MAX_DEPTH: usize = 20;

/// A value that is not part of a valid record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path} {why}")]
pub struct Invalid {
    /// Where in the document, `lines[0].total`.
    pub path: String,
    /// What is wrong there, to be read after the path.
    pub why: &'static str,
}

/// A record's fields as Firestore's.
///
/// # Errors
/// The first field that is not part of a valid record.
pub fn encode(fields: &Fields) -> Result<HashMap<String, Cloud>, Invalid> {
    let mut bytes = Vec::new();
    wire::put_map(&mut bytes, fields)?;
    Ok(MapValue::decode(bytes.as_slice())
        .expect("what was just encoded can be read")
        .fields)
}

/// A document's fields as a record's.
pub fn decode(fields: &HashMap<String, Cloud>) -> Result<Fields, Invalid> {
    decode_map(fields, &Path::Root, 0)
}

/// Firestore's timestamp of a moment.
pub fn to_timestamp(at: Timestamp) -> prost_types::Timestamp {
    let (seconds, ms) = (at.ms().div_euclid(1_000), at.ms().rem_euclid(1_000));
    prost_types::Timestamp {
        seconds,
        nanos: i32::try_from(ms).unwrap_or(0) * 1_000_000,
    }
}

/// The moment of a timestamp, cut to whole milliseconds.
pub fn truncated(at: &prost_types::Timestamp) -> Timestamp {
    let ms = i64::from(at.nanos.div_euclid(1_000_000));
    Timestamp::from_ms(at.seconds.saturating_mul(1_000).saturating_add(ms))
}

/// Where we are in a document; spelled out only when something is wrong there.
pub(crate) enum Path<'a> {
    Root,
    Field(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    pub(crate) fn invalid(&self, why: &'static str) -> Invalid {
        Invalid {
            path: self.spelled(),
            why,
        }
    }

    fn spelled(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Field(Self::Root, name) => (*name).to_owned(),
            Self::Field(parent, name) => format!("{}.{name}", parent.spelled()),
            Self::Item(parent, index) => format!("{}[{index}]", parent.spelled()),
        }
    }

    fn holds_a_moment(&self) -> bool {
        matches!(self, Self::Field(_, name) if name.ends_with("At"))
    }

    fn is_created_at(&self) -> bool {
        matches!(self, Self::Field(Self::Root, name) if *name == CREATED_AT)
    }
}

/// The moment that a text field holds, if it is one of those that Firestore keeps as a timestamp.
/// Another spelling of the same moment stays text, or it would come back changed.
pub(crate) fn moment(text: &str, path: &Path<'_>) -> Option<Timestamp> {
    if !path.holds_a_moment() {
        return None;
    }
    let at: Timestamp = text.parse().ok()?;
    (at.to_string() == text).then_some(at)
}

fn decode_map(
    fields: &HashMap<String, Cloud>,
    path: &Path<'_>,
    depth: usize,
) -> Result<Fields, Invalid> {
    // By name, so that of several errors always the same one is told.
    let mut names: Vec<&String> = fields.keys().collect();
    names.sort_unstable();
    let decoded = names
        .into_iter()
        .filter_map(|name| fields.get_key_value(name));
    let decoded = decoded.map(|(name, value)| {
        Ok((
            name.clone(),
            decode_value(value, &Path::Field(path, name), depth)?,
        ))
    });
    decoded.collect()
}

fn decode_value(value: &Cloud, path: &Path<'_>, depth: usize) -> Result<Value, Invalid> {
    if depth > MAX_DEPTH {
        return Err(path.invalid("is nested too deeply"));
    }
    match &value.value_type {
        Some(ValueType::BooleanValue(flag)) => Ok(Value::from(*flag)),
        Some(ValueType::IntegerValue(whole)) => Ok(Value::from(within_53_bits(*whole, path)?)),
        Some(ValueType::StringValue(text)) => Ok(Value::from(text.clone())),
        Some(ValueType::TimestampValue(at)) => {
            if at.nanos % 1_000_000 != 0 && !path.is_created_at() {
                return Err(path.invalid("is a time of less than a millisecond"));
            }
            Ok(Value::from(truncated(at).to_string()))
        }
        Some(ValueType::ArrayValue(list)) => {
            let items = list.values.iter().enumerate();
            items
                .map(|(index, item)| decode_value(item, &Path::Item(path, index), depth + 1))
                .collect()
        }
        Some(ValueType::MapValue(map)) => {
            Ok(Value::Object(decode_map(&map.fields, path, depth + 1)?))
        }
        Some(ValueType::DoubleValue(_)) => {
            Err(path.invalid("is a double; a record has whole numbers only"))
        }
        Some(ValueType::NullValue(_)) => {
            Err(path.invalid("is null; an empty value is left out instead"))
        }
        _ => Err(path.invalid("has a type that a record does not have")),
    }
}

pub(crate) fn within_53_bits(whole: i64, path: &Path<'_>) -> Result<i64, Invalid> {
    Amount::new(whole)
        .map(Amount::minor)
        .map_err(|_| path.invalid("is beyond 2^53−1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        value.as_object().cloned().expect("an object")
    }

    fn cloud(value: ValueType) -> HashMap<String, Cloud> {
        HashMap::from([(
            "total".to_owned(),
            Cloud {
                value_type: Some(value),
            },
        )])
    }

    fn why(value: Value) -> String {
        encode(&fields(value)).expect_err("refused").to_string()
    }

    #[test]
    fn a_record_comes_back_as_it_went() {
        let record = fields(json!({
            "saleId": "7a1c", "soldAt": "2026-11-22T14:02:13.007Z", "total": -1742, "open": true,
            "lines": [{"line": 1, "quantity": "0.734", "taxes": []}], "discounts": [],
            "journal": {"recordedAt": "1969-12-31T23:59:59.999Z", "sequence": 9_007_199_254_740_991_i64},
        }));
        let encoded = encode(&record).expect("a record");
        let sold_at = encoded["soldAt"].value_type.clone();
        let expected = prost_types::Timestamp {
            seconds: 1_795_356_133,
            nanos: 7_000_000,
        };
        assert_eq!(sold_at, Some(ValueType::TimestampValue(expected)));
        assert_eq!(decode(&encoded), Ok(record));
    }

    #[test]
    fn only_a_field_named_for_a_moment_is_a_timestamp() {
        let record = fields(json!({
            "note": "2026-11-22T14:02:13.000Z", "flat": "2026-11-22T14:02:13.000Z",
            "soldAt": "2026-11-22T14:02:13Z", "keptAt": "the door",
        }));
        let encoded = encode(&record).expect("a record");
        for name in ["note", "flat", "soldAt", "keptAt"] {
            let text = encoded[name].value_type.clone();
            assert!(matches!(text, Some(ValueType::StringValue(_))), "{name}");
        }
        assert_eq!(
            decode(&encoded),
            Ok(record),
            "no spelling is changed on the way"
        );
    }

    #[test]
    fn what_two_programs_could_read_differently_does_not_go_out() {
        assert_eq!(why(json!({"total": 1.5})), "total is not a whole number");
        assert_eq!(
            why(json!({"lines": [{"total": 1e3}]})),
            "lines[0].total is not a whole number"
        );
        assert_eq!(
            why(json!({"total": 9_007_199_254_740_992_i64})),
            "total is beyond 2^53−1"
        );
        assert_eq!(
            why(json!({"total": u64::MAX})),
            "total is not a whole number"
        );
        assert_eq!(
            why(json!({"tip": null})),
            "tip is null; an empty value is left out instead"
        );
        assert_eq!(
            why(json!({"a": [[1]]})),
            "a[0] is a list in a list, which Firestore does not have"
        );
        let deep = (0..30).fold(json!(1), |inner, _| json!({"a": inner}));
        assert!(why(json!({"a": deep})).ends_with("is nested too deeply"));
    }

    #[test]
    fn what_is_not_a_record_does_not_come_in() {
        let refused = |value| decode(&cloud(value)).expect_err("refused").to_string();
        assert!(refused(ValueType::DoubleValue(3.0)).contains("double"));
        assert!(refused(ValueType::NullValue(0)).contains("null"));
        assert!(refused(ValueType::IntegerValue(i64::MIN)).contains("2^53"));
        assert!(refused(ValueType::BytesValue(vec![1])).contains("type"));
        assert!(refused(ValueType::ReferenceValue("x".to_owned())).contains("type"));
        assert!(
            decode(&HashMap::from([(
                "x".to_owned(),
                Cloud { value_type: None }
            )]))
            .is_err()
        );
    }

    #[test]
    fn a_time_of_less_than_a_millisecond_is_invalid_except_the_servers_own() {
        let at = prost_types::Timestamp {
            seconds: 1_795_356_133,
            nanos: 7_000_001,
        };
        let of = |name: &str| {
            let value = Cloud {
                value_type: Some(ValueType::TimestampValue(at)),
            };
            HashMap::from([(name.to_owned(), value)])
        };
        assert!(decode(&of("soldAt")).is_err());
        let created = decode(&of(CREATED_AT)).expect("cut off");
        assert_eq!(created[CREATED_AT], "2026-11-22T14:02:13.007Z");
        let nested = Cloud {
            value_type: Some(ValueType::MapValue(MapValue {
                fields: of(CREATED_AT),
            })),
        };
        assert!(
            decode(&HashMap::from([("sale".to_owned(), nested)])).is_err(),
            "only the document's own"
        );
    }

    proptest! {
        #[test]
        fn moments_survive(ms in Timestamp::MIN_MS..=Timestamp::MAX_MS) {
            let at = Timestamp::from_ms(ms);
            prop_assert_eq!(truncated(&to_timestamp(at)), at);
        }

        #[test]
        fn any_record_survives(total in -Amount::MAX.minor()..=Amount::MAX.minor(), text: String, at in Timestamp::MIN_MS..=Timestamp::MAX_MS) {
            let at = Timestamp::from_ms(at).to_string();
            let record = fields(json!({"total": total, "note": text, "soldAt": at, "lines": [{"textAt": text}]}));
            prop_assert_eq!(decode(&encode(&record).expect("a record")), Ok(record));
        }
    }
}
