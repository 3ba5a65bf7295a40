//! The accounts of a store: `stores/{storeId}/members/{uid}` (docs/ACCESS.md).

use counterfoil_domain::document::Fields;
use counterfoil_domain::{RegisterId, Timestamp};
use counterfoil_sync::{Code, RemoteError};
use firestore::FirestoreDb;
use gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{Document, Precondition, Write};
use serde_json::json;

use crate::FirestoreRemote;
use crate::remote::document;
use crate::writes;

/// A register's membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterMember {
    /// The id of its account.
    pub uid: String,
    /// What the store's owner sees it under.
    pub name: String,
    /// Whose sales it may write: its own register's, and those of the registers it continues.
    pub register_ids: Vec<RegisterId>,
}

/// What became of a membership that was to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was there, and is gone.
    Removed,
    /// There was none.
    WasNone,
    /// It is another register's, or no register's; it stays.
    OfAnother,
}

impl FirestoreRemote {
    /// What an account is in this store; none where it is nobody. Everybody may ask that about
    /// themselves.
    ///
    /// # Errors
    /// The cloud's answer, or the lack of one.
    pub async fn role_of(&self, uid: &str) -> Result<Option<String>, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let found = document(&db, member_path(&self.store_path(&db), uid)).await?;
            let role = found.and_then(|mut member| member.fields.remove("role"));
            Ok(match role.and_then(|role| role.value_type) {
                Some(ValueType::StringValue(role)) => Some(role),
                _ => None,
            })
        })
        .await
    }

    /// Makes an account a register of this store. A manager may.
    ///
    /// # Errors
    /// The cloud's answer, or the lack of one.
    pub async fn enrol(&self, member: &RegisterMember) -> Result<Timestamp, RemoteError> {
        let mut fields = Fields::new();
        fields.insert("schema".to_owned(), json!(1));
        fields.insert("role".to_owned(), json!("register"));
        fields.insert("name".to_owned(), json!(member.name));
        fields.insert("registerIds".to_owned(), json!(member.register_ids));
        self.call(async move |db: FirestoreDb| {
            let path = member_path(&self.store_path(&db), &member.uid);
            let write = writes::create(path, self.store_id(), &fields);
            let write = write.map_err(|invalid| RemoteError {
                code: Code::InvalidArgument,
                message: format!("the membership: {invalid}"),
            })?;
            self.write(db, vec![write]).await
        })
        .await
    }

    /// Ends an account's membership, where it is one of this register. A manager may.
    ///
    /// # Errors
    /// The cloud's answer, or the lack of one; a membership that changed meanwhile is refused.
    pub async fn end_register(
        &self,
        uid: &str,
        register: RegisterId,
    ) -> Result<Ended, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let path = member_path(&self.store_path(&db), uid);
            // A document that is not there cannot be deleted under the rules: they ask it for its role.
            let Some(member) = document(&db, path.clone()).await? else {
                return Ok(Ended::WasNone);
            };
            if !is_of(&member, register) {
                return Ok(Ended::OfAnother);
            }
            let as_read = member.update_time.map(ConditionType::UpdateTime);
            let write = Write {
                operation: Some(Operation::Delete(path)),
                current_document: Some(Precondition {
                    condition_type: as_read,
                }),
                ..Write::default()
            };
            self.write(db, vec![write]).await?;
            Ok(Ended::Removed)
        })
        .await
    }
}

/// Whether this is the membership of an account that writes for the register.
fn is_of(member: &Document, register: RegisterId) -> bool {
    let field = |name: &str| {
        let value = member.fields.get(name);
        value.and_then(|value| value.value_type.as_ref())
    };
    let Some(ValueType::ArrayValue(ids)) = field("registerIds") else {
        return false;
    };
    let id = ValueType::StringValue(register.to_string());
    field("role") == Some(&ValueType::StringValue("register".to_owned()))
        && ids
            .values
            .iter()
            .any(|one| one.value_type.as_ref() == Some(&id))
}

fn member_path(store: &str, uid: &str) -> String {
    format!("{store}/members/{uid}")
}
