//! A register's own document: read as it is, claimed under a guard. And who prints a receipt series.

use std::collections::HashMap;

use counterfoil_domain::RegisterId;
use counterfoil_sync::{Code, Printing, RegisterClaim, RegisterDocument, RemoteError, Revision};
use gcloud_sdk::google::firestore::v1::document_transform::FieldTransform;
use gcloud_sdk::google::firestore::v1::document_transform::field_transform::{
    ServerValue, TransformType,
};
use gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{Document, DocumentMask, Precondition, Value, Write};
use gcloud_sdk::prost_types::Timestamp;

use crate::codec::CREATED_AT;
use crate::query::PREFIX;
use crate::remote::document_time;
use crate::writes::STORE_ID;

const INSTALLATION_ID: &str = "installationId";
const LAST_SEQUENCE: &str = "lastSequence";
const LAST_SEEN_AT: &str = "lastSeenAt";

/// What a claim of a document that is there may change; the rules allow no more.
const CHANGED: [&str; 4] = [INSTALLATION_ID, LAST_SEQUENCE, "name", "version"];

/// As many registers of one series are named; more than one is one too many.
pub(crate) const NAMED: u32 = 10;

/// Whatever else is wrong with the document, it names a register of the series.
pub(crate) fn printing(document: &Document) -> Option<Printing> {
    let (_, id) = document.name.rsplit_once('/')?;
    let field = |name: &str| {
        let value = document.fields.get(name);
        value.and_then(|value| value.value_type.clone())
    };
    Some(Printing {
        register_id: id.to_owned(),
        name: match field("name") {
            Some(ValueType::StringValue(name)) => Some(name),
            _ => None,
        },
        last_sequence: match field(LAST_SEQUENCE) {
            Some(ValueType::IntegerValue(last)) => last,
            _ => 0,
        },
        created_at: document_time(document),
    })
}

/// The document's path under the store's.
pub(crate) fn path(store: &str, register: RegisterId) -> String {
    format!("{store}/registers/{register}")
}

/// What is there.
pub(crate) fn read(document: &Document) -> Result<RegisterDocument, RemoteError> {
    let field = |name: &str| {
        let value = document.fields.get(name);
        value.and_then(|value| value.value_type.as_ref())
    };
    let invalid = |why: &str| RemoteError {
        code: Code::FailedPrecondition,
        message: format!("the register's document in the cloud is not valid: {why}"),
    };
    let installation_id = match field(INSTALLATION_ID) {
        Some(ValueType::StringValue(id)) => Some(id.clone()),
        None => None,
        Some(_) => return Err(invalid("installationId is no text")),
    };
    let Some(ValueType::IntegerValue(last_sequence)) = field(LAST_SEQUENCE) else {
        return Err(invalid("lastSequence is no number"));
    };
    let updated = document.update_time.as_ref();
    let updated = updated.ok_or_else(|| invalid("it has no updateTime"))?;
    Ok(RegisterDocument {
        installation_id,
        last_sequence: *last_sequence,
        revision: Revision {
            seconds: updated.seconds,
            nanos: updated.nanos,
        },
    })
}

/// Claims the document: created under `exists: false`, or changed as it was read.
pub(crate) fn claim(store: &str, store_id: &str, claim: &RegisterClaim) -> Write {
    let text = |text: &str| ValueType::StringValue(text.to_owned());
    let mut fields = vec![
        (INSTALLATION_ID, text(&claim.installation_id)),
        (LAST_SEQUENCE, ValueType::IntegerValue(claim.last_sequence)),
        ("name", text(&claim.name)),
        ("version", text(&claim.version)),
    ];
    let mut times = vec![LAST_SEEN_AT];
    let guard = match claim.revision {
        None => {
            times.push(CREATED_AT);
            fields.extend([
                ("schema", ValueType::IntegerValue(1)),
                (STORE_ID, text(store_id)),
                ("registerId", text(&claim.register_id.to_string())),
                (PREFIX, text(&claim.receipt_prefix)),
            ]);
            ConditionType::Exists(false)
        }
        Some(Revision { seconds, nanos }) => {
            ConditionType::UpdateTime(Timestamp { seconds, nanos })
        }
    };
    let fields: HashMap<String, Value> = fields
        .into_iter()
        .map(|(name, value)| {
            let value_type = Some(value);
            (name.to_owned(), Value { value_type })
        })
        .collect();
    let mask = claim.revision.map(|_| DocumentMask {
        field_paths: CHANGED.iter().map(ToString::to_string).collect(),
    });
    Write {
        update_mask: mask,
        update_transforms: times.into_iter().map(server_time).collect(),
        current_document: Some(Precondition {
            condition_type: Some(guard),
        }),
        operation: Some(Operation::Update(Document {
            name: path(store, claim.register_id),
            fields,
            create_time: None,
            update_time: None,
        })),
    }
}

fn server_time(field: &str) -> FieldTransform {
    let now = i32::from(ServerValue::RequestTime);
    FieldTransform {
        field_path: field.to_owned(),
        transform_type: Some(TransformType::SetToServerValue(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(revision: Option<Revision>) -> Write {
        let register_id = "00000000-0000-0000-0000-000000004e61".parse();
        let claimed = RegisterClaim {
            register_id: register_id.expect("an id"),
            installation_id: "here".to_owned(),
            receipt_prefix: "A".to_owned(),
            name: "Till".to_owned(),
            last_sequence: 7,
            version: "0.1.0".to_owned(),
            revision,
        };
        claim("stores/corner", "corner", &claimed)
    }

    fn guard(write: &Write) -> Option<ConditionType> {
        write.current_document.as_ref()?.condition_type
    }

    fn times(write: &Write) -> Vec<&str> {
        let times = write.update_transforms.iter();
        times.map(|time| time.field_path.as_str()).collect()
    }

    #[test]
    fn a_new_register_is_created_and_its_times_are_the_servers() {
        let write = claimed(None);
        assert_eq!(guard(&write), Some(ConditionType::Exists(false)));
        assert_eq!(times(&write), ["lastSeenAt", "createdAt"]);
        assert_eq!(write.update_mask, None);
    }

    #[test]
    fn a_register_that_is_there_is_changed_only_as_it_was_read() {
        let (seconds, nanos) = (7, 7_000);
        let write = claimed(Some(Revision { seconds, nanos }));
        let as_read = ConditionType::UpdateTime(Timestamp { seconds, nanos });
        assert_eq!(guard(&write), Some(as_read));
        assert_eq!(times(&write), ["lastSeenAt"]);
        let mask = write.update_mask.expect("a mask").field_paths;
        assert_eq!(mask, CHANGED);
        let Some(Operation::Update(document)) = write.operation else {
            panic!("an update")
        };
        let mut names: Vec<_> = document.fields.keys().cloned().collect();
        names.sort_unstable();
        assert_eq!(
            names, CHANGED,
            "nothing is sent that the mask does not name"
        );
    }
}
