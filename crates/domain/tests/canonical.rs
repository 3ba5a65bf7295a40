//! Canonical JSON is RFC 8785's, byte for byte, and only what every program spells alike is let in.

use counterfoil_domain::canonical::{canonical, canonical_object};
use counterfoil_domain::document::{DocumentError, Fields};
use proptest::prelude::*;
use serde_json::{Value, json};

const SAFE: i64 = 9_007_199_254_740_991;

/// Documents of all that a record may hold: any text, also as a name, and safe integers.
fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-SAFE..=SAFE).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\x00-\\x20\"\\\\\u{7f}é\u{e000}\u{1f600}]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let name = prop_oneof![any::<String>(), "[a-c\u{e000}\u{1f600}]{0,2}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn it_is_what_a_general_implementation_writes(document in documents()) {
        let general = serde_json_canonicalizer::to_string(&document).expect("valid JSON");
        prop_assert_eq!(canonical(&document).expect("a valid document"), general);
    }

    #[test]
    fn it_reads_back_as_the_same_document(document in documents()) {
        let text = canonical(&document).expect("a valid document");
        prop_assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), document);
    }
}

#[test]
fn fields_are_left_out_of_the_outermost_object_alone() {
    let fields: Fields = serde_json::from_value(json!({
        "b": { "digest": 1 }, "digest": 2, "a": [true]
    }))
    .expect("an object");
    let text = canonical_object(&fields, &["digest"]).expect("a valid document");
    assert_eq!(text, r#"{"a":[true],"b":{"digest":1}}"#);
}

#[test]
fn a_refusal_names_the_place() {
    let at = |document: Value| canonical(&document).expect_err("no valid document");
    let path = |path: &str| path.to_owned();
    assert_eq!(
        at(json!({ "lines": [{ "total": 1 }, { "total": 1.5 }] })),
        DocumentError::NotAnInteger {
            path: path("lines[1].total")
        }
    );
    assert_eq!(
        at(json!({ "a": { "b": [[SAFE + 1]] } })),
        DocumentError::TooLarge {
            path: path("a.b[0][0]")
        }
    );
    assert_eq!(
        at(json!({ "a": null })),
        DocumentError::Null { path: path("a") }
    );
    assert_eq!(
        at(json!(0.5)),
        DocumentError::NotAnInteger {
            path: path("document")
        }
    );
}
