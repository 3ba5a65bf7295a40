//! What a commit sends.

use counterfoil_domain::document::Fields;
use gcloud_sdk::google::firestore::v1::document_transform::FieldTransform;
use gcloud_sdk::google::firestore::v1::document_transform::field_transform::{
    ServerValue, TransformType,
};
use gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use gcloud_sdk::google::firestore::v1::{Precondition, Write};
use prost::Message as _;

use crate::codec::{CREATED_AT, Invalid};
use crate::wire;

/// The field that says which store a document belongs to; no part of what a register signs.
pub const STORE_ID: &str = "storeId";

/// What a document takes, about: a sale of a few lines.
const A_DOCUMENT: usize = 4_096;

/// Creates the document `name`, guarded by `exists: false`, with `createdAt` set by the server.
///
/// # Errors
/// What in the document is not part of a valid record.
pub fn create(name: impl AsRef<str>, store_id: &str, fields: &Fields) -> Result<Write, Invalid> {
    let encoded = encoded_create(name.as_ref(), store_id, fields)?;
    Ok(Write::decode(encoded.as_slice()).expect("what was just encoded can be read"))
}

/// The same as it goes over the wire.
///
/// # Errors
/// What in the document is not part of a valid record.
pub(crate) fn encoded_create(
    name: &str,
    store_id: &str,
    fields: &Fields,
) -> Result<Vec<u8>, Invalid> {
    let request_time = i32::from(ServerValue::RequestTime);
    let guard = Write {
        update_transforms: vec![FieldTransform {
            field_path: CREATED_AT.to_owned(),
            transform_type: Some(TransformType::SetToServerValue(request_time)),
        }],
        current_document: Some(Precondition {
            condition_type: Some(ConditionType::Exists(false)),
        }),
        ..Write::default()
    };
    // Two messages of a kind, one after the other, are one message.
    let mut write = Vec::with_capacity(A_DOCUMENT);
    guard.encode_raw(&mut write);
    wire::put_update(&mut write, name, fields, (STORE_ID, store_id))?;
    Ok(write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gcloud_sdk::google::firestore::v1::write::Operation;
    use serde_json::json;

    #[test]
    fn a_create_is_guarded_and_its_time_is_the_servers() {
        let fields = json!({"saleId": "a", "createdAt": "2026-11-22T14:02:13.000Z"});
        let fields = fields.as_object().expect("an object");
        let write = create("n", "corner", fields).expect("a write");
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
