//! The store's own document: founded by its first owner, taken by nobody else.

use serde_json::json;

use crate::documents::{A, Doc, Store};
use crate::runner::{Case, cases as table, may, may_not};
use crate::world::Who::{self, Anonymous, Manager, Nobody, Owner, Stranger, TillA};
use gcloud_sdk::google::firestore::v1::Write;

/// A store and its first member, in one commit.
fn founding(store: &Store, by: Who, document: &Doc) -> Vec<Write> {
    vec![
        store.create(document),
        store.create(&store.member(by, "owner", &[])),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    table([
        may(Stranger, "found a store and become its owner", |s| {
            let new = s.unfounded();
            founding(&new, Stranger, &new.document(Stranger))
        }),
        may_not(Stranger, "found a store without becoming its owner", |s| {
            let new = s.unfounded();
            new.create(&new.document(Stranger))
        }),
        may_not(Stranger, "become owner of a store that is not there", |s| {
            let new = s.unfounded();
            new.create(&new.member(Stranger, "owner", &[]))
        }),
        may_not(Stranger, "found a store as its manager", |s| {
            let new = s.unfounded();
            vec![
                new.create(&new.document(Stranger)),
                new.create(&new.member(Stranger, "manager", &[])),
            ]
        }),
        may_not(Stranger, "found a store for somebody else", |s| {
            let new = s.unfounded();
            founding(&new, Owner, &new.document(Owner))
        }),
        may_not(Stranger, "bring a till along when founding a store", |s| {
            let new = s.unfounded();
            let mut writes = founding(&new, Stranger, &new.document(Stranger));
            writes.push(new.create(&new.member(TillA, "register", &[A])));
            writes
        }),
        may_not(Anonymous, "found a store", |s| {
            let new = s.unfounded();
            founding(&new, Anonymous, &new.document(Anonymous))
        }),
        may_not(Nobody, "found a store", |s| {
            let new = s.unfounded();
            founding(&new, Stranger, &new.document(Stranger))
        }),
        may_not(Stranger, "found a store with unknown fields", |s| {
            let new = s.unfounded();
            let document = new.document(Stranger).with("free", true);
            founding(&new, Stranger, &document)
        }),
        may_not(Stranger, "say when a store was founded", |s| {
            let new = s.unfounded();
            let document = new.document(Stranger);
            let document = document.with("createdAt", "2020-01-01T00:00:00.000Z");
            founding(&new, Stranger, &document)
        }),
        may_not(Stranger, "take a store that is there", |s| {
            vec![
                s.overwrite(&s.document(Stranger)),
                s.create(&s.member(Stranger, "owner", &[])),
            ]
        }),
        may_not(Stranger, "become owner of a store that is there", |s| {
            s.create(&s.member(Stranger, "owner", &[]))
        }),
        may(Owner, "give the store another name", |s| {
            s.change(&s.document(Owner), json!({ "name": "Corner shop" }))
        }),
        may_not(Owner, "give the store another currency", |s| {
            s.change(&s.document(Owner), json!({ "currency": "USD" }))
        }),
        may_not(Owner, "give the store another owner", |s| {
            s.change(&s.document(Owner), json!({ "ownerUid": "somebody" }))
        }),
        may_not(Manager, "give the store another name", |s| {
            s.change(&s.document(Owner), json!({ "name": "Mine" }))
        }),
        may_not(Owner, "delete the store", |s| s.delete(&s.document(Owner))),
        may_not(Owner, "write what has no rule", |s| {
            s.create(&Doc::new("notes", "1", &[], json!({ "text": "hello" })))
        }),
    ])
}
