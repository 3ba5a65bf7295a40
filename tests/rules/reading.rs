//! Reading: members read their own store, by name, by list and by count; nobody else reads anything.

use std::ops::Bound;

use counterfoil_domain::RegisterId;
use counterfoil_firestore::query::{read_days, total_days};
use counterfoil_sync::{Cursor, Days};

use crate::documents::{A, B, Request, Store, sale};
use crate::runner::{Case, Line, cases as table, may, may_not};
use crate::world::Who::{Anonymous, Manager, Nobody, Owner, Stranger, TillA, TillB};

const ABSENT: &str = "7f3b1c52-0000-4000-8000-00000000000f";
const DAY: &str = "2026-11-22";

fn list(store: &Store, collection: &'static str) -> Request {
    Request::List(store.path(), collection)
}

fn count(store: &Store, collection: &'static str) -> Request {
    Request::Count(store.path(), collection)
}

/// What the loss detector asks: the figures of register A's days, and the documents of one day.
fn figures(store: &Store) -> Request {
    Request::Total(total_days(&Days::one(id(A), DAY), store.path()))
}

fn whole(store: &Store) -> Request {
    let days = Days {
        register_id: id(A),
        from: Bound::Unbounded,
        to: Bound::Unbounded,
    };
    Request::Total(total_days(&days, store.path()))
}

fn documents(store: &Store) -> Request {
    let after = Cursor {
        day: DAY.to_owned(),
        id: ABSENT.to_owned(),
    };
    let day = Days::one(id(A), DAY);
    Request::Read(read_days(&day, Some(&after), store.path(), 100))
}

fn id(register: &str) -> RegisterId {
    register.parse().expect("an id")
}

/// One sale that is there and one that is not.
fn both(store: &Store) -> Request {
    Request::Get(vec![
        store.path_of(&sale(A)),
        store.path_of(&sale(A).under(ABSENT)),
    ])
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = table([
        may(TillA, "read sales by name, one of them absent", both).given(|s| s.create(&sale(A))),
        may(TillB, "read another register's sale", both).given(|s| s.create(&sale(A))),
        may(TillA, "read by name where nothing is there at all", both),
        may_not(TillA, "read sales by name in another store", |s| {
            both(&s.other())
        }),
        may_not(TillA, "read a foreign sale among its own", |s| {
            Request::Get(vec![s.path_of(&sale(A)), s.other().path_of(&sale(A))])
        })
        .given(|s| s.create(&sale(A))),
        may_not(Stranger, "read sales by name", both).given(|s| s.create(&sale(A))),
        may_not(Anonymous, "read sales by name", both),
        may_not(Nobody, "read sales by name", both),
        may_not(TillA, "read sales by name once it was removed", both)
            .given(|s| s.delete(&s.member(TillA, "register", &[A]))),
        may(TillA, "count sales", |s| count(s, "sales")),
        may_not(TillA, "count another store's sales", |s| {
            count(&s.other(), "sales")
        }),
        may_not(Stranger, "count sales", |s| count(s, "sales")),
        may_not(TillA, "count sales once it was removed", |s| {
            count(s, "sales")
        })
        .given(|s| s.delete(&s.member(TillA, "register", &[A]))),
        may(TillA, "add up its days", figures).given(|s| s.create(&sale(A))),
        may(TillA, "add up all its days at once", whole).given(|s| s.create(&sale(A))),
        may(TillA, "read a day of its own", documents).given(|s| s.create(&sale(A))),
        may(Manager, "add up a register's days", figures),
        may(Manager, "read a register's day", documents),
        may_not(TillA, "add up days in another store", |s| {
            figures(&s.other())
        }),
        may_not(TillA, "read a day in another store", |s| {
            documents(&s.other())
        }),
        may_not(Stranger, "add up a register's days", figures),
        may_not(Nobody, "read a register's day", documents),
        may_not(TillA, "add up its days once it was removed", figures)
            .given(|s| s.delete(&s.member(TillA, "register", &[A]))),
        may_not(TillA, "list another store's sales", |s| {
            list(&s.other(), "sales")
        }),
        may_not(Nobody, "list sales", |s| list(s, "sales")),
        may(TillA, "read its store", |s| Request::Get(vec![s.path()])),
        may_not(TillA, "read another store", |s| {
            Request::Get(vec![s.other().path()])
        }),
        may_not(Stranger, "read whether a store is there", |s| {
            Request::Get(vec![s.unfounded().path()])
        }),
        may(TillA, "read its own membership", |s| {
            Request::Get(vec![s.path_of(&s.member(TillA, "register", &[A]))])
        }),
        may(Stranger, "find out that it is no member", |s| {
            Request::Get(vec![s.path_of(&s.member(Stranger, "register", &[B]))])
        }),
        may_not(TillA, "read another's membership", |s| {
            Request::Get(vec![s.path_of(&s.member(Manager, "manager", &[]))])
        }),
        may_not(TillA, "list the members", |s| list(s, "members")),
        may(Manager, "list the members", |s| list(s, "members")),
        may_not(TillA, "list the events", |s| list(s, "auditEvents")),
        may(Owner, "list the events", |s| list(s, "auditEvents")),
        may_not(TillA, "list the stores", |s| {
            let parent = s.path();
            let root = parent
                .split("/stores/")
                .next()
                .unwrap_or_default()
                .to_owned();
            Request::List(root, "stores")
        }),
    ]);
    cases.extend(table(lists()));
    cases
}

/// What a register needs to know of its whole store.
fn lists() -> impl Iterator<Item = Line> {
    let collections = [
        "sales",
        "saleConflicts",
        "saleResolutions",
        "stockLedgers",
        "products",
        "people",
        "parkedCarts",
        "registers",
    ];
    collections.into_iter().map(|collection| {
        may(TillA, format!("list {collection}"), move |s| {
            list(s, collection)
        })
    })
}
