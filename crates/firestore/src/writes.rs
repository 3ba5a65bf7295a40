//! What a commit sends.

use std::collections::HashMap;

use counterfoil_domain::document::Fields;
use gcloud_sdk::google::firestore::v1::document_transform::FieldTransform;
use gcloud_sdk::google::firestore::v1::document_transform::field_transform::{
    ServerValue, TransformType,
};
use gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{Document, Precondition, Value, Write};

use crate::codec::{CREATED_AT, Invalid, encode};

/// The field that says which store a document belongs to; no part of what a register signs.
pub const STORE_ID: &str = "storeId";

/// Creates the document `name`, guarded by `exists: false`, with `createdAt` set by the server.
///
/// # Errors
/// What in the document is not part of a valid record.
pub fn create(name: String, store_id: &str, fields: &Fields) -> Result<Write, Invalid> {
    let mut fields: HashMap<String, Value> = encode(fields)?;
    fields.remove(CREATED_AT);
    let store_id = ValueType::StringValue(store_id.to_owned());
    fields.insert(
        STORE_ID.to_owned(),
        Value {
            value_type: Some(store_id),
        },
    );
    let request_time = i32::from(ServerValue::RequestTime);
    Ok(Write {
        update_mask: None,
        update_transforms: vec![FieldTransform {
            field_path: CREATED_AT.to_owned(),
            transform_type: Some(TransformType::SetToServerValue(request_time)),
        }],
        current_document: Some(Precondition {
            condition_type: Some(ConditionType::Exists(false)),
        }),
        operation: Some(Operation::Update(Document {
            name,
            fields,
            create_time: None,
            update_time: None,
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_create_is_guarded_and_its_time_is_the_servers() {
        let fields = json!({"saleId": "a", "createdAt": "2026-11-22T14:02:13.000Z"});
        let fields = fields.as_object().expect("an object");
        let write = create("n".to_owned(), "corner", fields).expect("a write");
        let guard = write
            .current_document
            .and_then(|guard| guard.condition_type);
        assert_eq!(guard, Some(ConditionType::Exists(false)));
        assert_eq!(write.update_transforms[0].field_path, "createdAt");
        let Some(Operation::Update(document)) = write.operation else {
            panic!("an update")
        };
        let mut names: Vec<_> = document.fields.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["saleId", "storeId"],
            "no time of the register's is sent as createdAt"
        );
    }
}
