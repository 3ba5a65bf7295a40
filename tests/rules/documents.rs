//! The documents of a store as its people would write them, and what is done with them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use counterfoil_domain::document::Fields;
use counterfoil_firestore::codec::encode;
use gcloud_sdk::google::firestore::v1::document_transform::FieldTransform;
use gcloud_sdk::google::firestore::v1::document_transform::field_transform::{
    ServerValue, TransformType,
};
use gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{
    Document, DocumentMask, Precondition, RunAggregationQueryRequest, RunQueryRequest,
    Value as Cloud, Write,
};
use serde_json::{Value, json};

use crate::world::{Answer, Who, World};

/// Register A, whose sales the vectors hold.
pub(crate) const A: &str = "00000000-0000-0000-0000-000000004e61";
/// Register B.
pub(crate) const B: &str = "00000000-0000-0000-0000-00000000004b";

/// What is asked of the server.
pub(crate) enum Request {
    /// One commit.
    Commit(Vec<Write>),
    /// One `BatchGetDocuments`, by name.
    Get(Vec<String>),
    /// All of a collection under a parent.
    List(String, &'static str),
    /// Its number.
    Count(String, &'static str),
    /// What the program itself reads.
    Read(RunQueryRequest),
    /// What it counts and adds up.
    Total(RunAggregationQueryRequest),
}

/// A document that somebody would write.
#[derive(Clone)]
pub(crate) struct Doc {
    collection: &'static str,
    id: String,
    fields: Fields,
    /// Of a type that no record has.
    raw: HashMap<String, Cloud>,
    /// Set by the server.
    times: Vec<&'static str>,
    without: Vec<&'static str>,
}

impl Doc {
    /// `fields`, an object, and `createdAt`, `changedAt`, … set by the server.
    pub(crate) fn new(
        collection: &'static str,
        id: &str,
        times: &[&'static str],
        fields: Value,
    ) -> Self {
        let Value::Object(fields) = fields else {
            panic!("an object: {fields}")
        };
        Self {
            collection,
            id: id.to_owned(),
            fields,
            raw: HashMap::new(),
            times: times.to_vec(),
            without: Vec::new(),
        }
    }

    /// With another value; a time is then the client's.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.times.retain(|time| *time != name);
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// With a value that no record can have.
    pub(crate) fn with_raw(mut self, name: &str, value: ValueType) -> Self {
        let value_type = Some(value);
        self.raw.insert(name.to_owned(), Cloud { value_type });
        self
    }

    /// Without a field, whoever sets it.
    pub(crate) fn without(mut self, name: &'static str) -> Self {
        self.times.retain(|time| *time != name);
        self.without.push(name);
        self
    }

    /// Under another id, its own field for it unchanged.
    pub(crate) fn under(mut self, id: &str) -> Self {
        self.id = id.to_owned();
        self
    }

    /// Under another id, which one of its fields holds too.
    pub(crate) fn named(self, field: &str, id: &str) -> Self {
        self.with(field, id).under(id)
    }

    fn transforms(&self, named: &[&'static str]) -> Vec<FieldTransform> {
        let transform = |name: &&str| FieldTransform {
            field_path: (*name).to_owned(),
            transform_type: Some(TransformType::SetToServerValue(
                ServerValue::RequestTime.into(),
            )),
        };
        named.iter().map(transform).collect()
    }
}

fn guarded(exists: bool) -> Option<Precondition> {
    Some(Precondition {
        condition_type: Some(ConditionType::Exists(exists)),
    })
}

/// A store with its members: an owner, a manager, registers A and B; and another one, the stranger's.
pub(crate) struct Store {
    /// Its id.
    pub(crate) id: String,
    root: String,
    uids: HashMap<&'static str, String>,
}

impl Store {
    /// A new one for every case.
    pub(crate) async fn new(world: &World) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let store = Self::empty(
            world,
            &format!("store-{}", NUMBER.fetch_add(1, Ordering::Relaxed)),
        );
        let other = store.other();
        let writes = [
            store.create(&store.document(Who::Owner)),
            store.create(&store.member(Who::Owner, "owner", &[])),
            store.create(&store.member(Who::Manager, "manager", &[])),
            store.create(&store.member(Who::TillA, "register", &[A])),
            store.create(&store.member(Who::TillB, "register", &[B])),
            other.create(&other.document(Who::Stranger)),
            other.create(&other.member(Who::Stranger, "owner", &[])),
        ];
        let made = world
            .ask(Who::Everything, Request::Commit(writes.into()))
            .await;
        assert_eq!(made, Answer::Allowed, "a store for a case");
        store
    }

    fn empty(world: &World, id: &str) -> Self {
        let people = [
            Who::Anonymous,
            Who::Stranger,
            Who::Owner,
            Who::Manager,
            Who::TillA,
            Who::TillB,
        ];
        Self {
            id: id.to_owned(),
            root: format!("{}/documents", world.database()),
            uids: people.map(|who| (who.name(), world.uid(who))).into(),
        }
    }

    /// Another store; here the stranger's, under other names nobody's yet.
    pub(crate) fn named(&self, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            root: self.root.clone(),
            uids: self.uids.clone(),
        }
    }

    /// The stranger's store.
    pub(crate) fn other(&self) -> Self {
        self.named(&format!("{}-other", self.id))
    }

    /// A store that nobody has founded.
    pub(crate) fn unfounded(&self) -> Self {
        self.named(&format!("{}-unfounded", self.id))
    }

    /// The id of somebody's account.
    pub(crate) fn uid(&self, who: Who) -> &str {
        self.uids.get(who.name()).map_or("", String::as_str)
    }

    /// The store's own path.
    pub(crate) fn path(&self) -> String {
        format!("{}/stores/{}", self.root, self.id)
    }

    /// The path of a document.
    pub(crate) fn path_of(&self, doc: &Doc) -> String {
        if doc.collection == "stores" {
            self.path()
        } else {
            format!("{}/{}/{}", self.path(), doc.collection, doc.id)
        }
    }

    /// The store's document, as `owner` founds it.
    pub(crate) fn document(&self, owner: Who) -> Doc {
        let fields = json!({
            "schema": 1, "name": "Corner", "currency": "EUR", "ownerUid": self.uid(owner),
        });
        Doc::new("stores", &self.id, &["createdAt"], fields)
    }

    /// Somebody's membership.
    pub(crate) fn member(&self, who: Who, role: &str, registers: &[&str]) -> Doc {
        let fields =
            json!({ "schema": 1, "role": role, "name": who.name(), "registerIds": registers });
        Doc::new("members", self.uid(who), &["createdAt"], fields)
    }

    fn fields(&self, doc: &Doc) -> HashMap<String, Cloud> {
        let mut fields = doc.fields.clone();
        fields.entry("storeId").or_insert_with(|| json!(self.id));
        for name in &doc.without {
            fields.remove(*name);
        }
        let mut fields = encode(&fields).expect("a record");
        fields.extend(doc.raw.clone());
        fields
    }

    fn write(&self, doc: &Doc, current_document: Option<Precondition>) -> Write {
        let document = Document {
            name: self.path_of(doc),
            fields: self.fields(doc),
            create_time: None,
            update_time: None,
        };
        Write {
            update_mask: None,
            update_transforms: doc.transforms(&doc.times),
            current_document,
            operation: Some(Operation::Update(document)),
        }
    }

    /// Creates it, guarded as the program guards it.
    pub(crate) fn create(&self, doc: &Doc) -> Write {
        self.write(doc, guarded(false))
    }

    /// Writes the whole document over what is there, unguarded.
    pub(crate) fn overwrite(&self, doc: &Doc) -> Write {
        self.write(doc, None)
    }

    /// Changes these fields, an object, of a document that is there; its times but `createdAt` are the server's again.
    /// A null removes a field.
    pub(crate) fn change(&self, doc: &Doc, changes: Value) -> Write {
        let Value::Object(mut changes) = changes else {
            panic!("an object: {changes}")
        };
        let field_paths = changes.keys().cloned().collect();
        changes.retain(|_, value| !value.is_null());
        let times: Vec<&'static str> = (doc.times.iter().copied())
            .filter(|time| *time != "createdAt" && !changes.contains_key(*time))
            .collect();
        let document = Document {
            name: self.path_of(doc),
            fields: encode(&changes).expect("a record"),
            create_time: None,
            update_time: None,
        };
        Write {
            update_mask: Some(DocumentMask { field_paths }),
            update_transforms: doc.transforms(&times),
            current_document: guarded(true),
            operation: Some(Operation::Update(document)),
        }
    }

    /// Removes it.
    pub(crate) fn delete(&self, doc: &Doc) -> Write {
        Write {
            update_mask: None,
            update_transforms: vec![],
            current_document: None,
            operation: Some(Operation::Delete(self.path_of(doc))),
        }
    }
}

impl From<Vec<Write>> for Request {
    fn from(writes: Vec<Write>) -> Self {
        Self::Commit(writes)
    }
}

impl From<Write> for Request {
    fn from(write: Write) -> Self {
        Self::Commit(vec![write])
    }
}

/// The sealed sales of `tests/vectors/record.json`, register A's: plain, with what is optional, and the first one's
/// reversal.
fn sealed(place: usize) -> Fields {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/record.json")).expect("the vectors");
    let sealed = vectors["seal"][place]["sealed"].as_object();
    sealed.expect("a sealed sale").clone()
}

/// A sale as register A seals it; under another register's id for the cases that ask for it.
pub(crate) fn sale(register: &str) -> Doc {
    let fields = sealed(0);
    let id = fields["saleId"].as_str().expect("an id").to_owned();
    Doc::new("sales", &id, &["createdAt"], Value::Object(fields)).with("registerId", register)
}

/// The fields of a sale with what is optional, and one of a later version of the program's.
pub(crate) fn later_sale() -> Fields {
    sealed(1)
}
