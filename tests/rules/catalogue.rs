//! The catalogue and the people: under a manager's own sign-in.

use serde_json::json;

use crate::documents::{Doc, Store};
use crate::runner::{Case, Line, cases as table, may, may_not};
use crate::world::Who::{self, Manager, Nobody, Owner, Stranger, TillA};

pub(crate) fn product(store: &Store, by: Who) -> Doc {
    let fields = json!({
        "schema": 1, "productId": "espresso", "sku": "ESP", "name": "Espresso", "category": "Coffee",
        "price": 250, "cost": 61, "unit": "piece", "barcodes": ["2000000000015"], "taxCodes": ["20"],
        "reorder": "10", "active": true, "changedBy": store.uid(by),
    });
    Doc::new("products", "espresso", &["changedAt"], fields)
}

pub(crate) fn category(store: &Store, by: Who) -> Doc {
    let fields = json!({
        "schema": 1, "categoryId": "coffee", "name": "Coffee", "position": 1, "active": true,
        "changedBy": store.uid(by),
    });
    Doc::new("categories", "coffee", &["changedAt"], fields)
}

pub(crate) fn tax(store: &Store, by: Who) -> Doc {
    let fields = json!({
        "schema": 1, "code": "20", "rate": "20", "name": "VAT", "active": true, "changedBy": store.uid(by),
    });
    Doc::new("taxes", "20", &["changedAt"], fields)
}

pub(crate) fn person(store: &Store, by: Who, role: &str) -> Doc {
    let fields = json!({
        "schema": 1, "personId": "mo", "name": "Mo", "role": role, "active": true, "changedBy": store.uid(by),
    });
    Doc::new("people", "mo", &["changedAt"], fields)
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = table(people());
    cases.extend(table([
        may(Manager, "add a product", |s| s.create(&product(s, Manager))),
        may(Owner, "add a product", |s| s.create(&product(s, Owner))),
        may(Manager, "change a price", |s| {
            s.overwrite(&product(s, Manager).with("price", 280))
        })
        .given(|s| s.create(&product(s, Owner))),
        may_not(Manager, "change a product's sku", |s| {
            s.overwrite(&product(s, Manager).with("sku", "X"))
        })
        .given(|s| s.create(&product(s, Owner))),
        may_not(Manager, "change a price in the owner's name", |s| {
            s.overwrite(&product(s, Owner))
        })
        .given(|s| s.create(&product(s, Owner))),
        may_not(Manager, "change a price yesterday", |s| {
            s.overwrite(&product(s, Manager).with("changedAt", "2026-11-21T12:00:00.000Z"))
        })
        .given(|s| s.create(&product(s, Owner))),
        may_not(Manager, "sell a product at less than nothing", |s| {
            s.create(&product(s, Manager).with("price", -1))
        }),
        may_not(Manager, "add a product with an unknown field", |s| {
            s.create(&product(s, Manager).with("colour", "brown"))
        }),
        may_not(Manager, "delete a product", |s| {
            s.delete(&product(s, Manager))
        })
        .given(|s| s.create(&product(s, Owner))),
        may_not(TillA, "change a price", |s| {
            s.overwrite(&product(s, TillA).with("price", 1))
        })
        .given(|s| s.create(&product(s, Owner))),
        may_not(Stranger, "add a product", |s| {
            s.create(&product(s, Stranger))
        }),
        may_not(Nobody, "add a product", |s| s.create(&product(s, Nobody))),
        may_not(Manager, "add a product under another's id", |s| {
            s.create(&product(s, Manager).under("another"))
        }),
        may_not(Manager, "add a category under another's id", |s| {
            s.create(&category(s, Manager).under("another"))
        }),
        may_not(Manager, "add a tax under another code", |s| {
            s.create(&tax(s, Manager).under("another"))
        }),
        may(Manager, "add a category", |s| {
            s.create(&category(s, Manager))
        }),
        may_not(TillA, "add a category", |s| s.create(&category(s, TillA))),
        may(Manager, "change a tax", |s| {
            s.overwrite(&tax(s, Manager).with("rate", "19"))
        })
        .given(|s| s.create(&tax(s, Owner))),
        may_not(TillA, "change a tax", |s| {
            s.overwrite(&tax(s, TillA).with("rate", "0"))
        })
        .given(|s| s.create(&tax(s, Owner))),
        may_not(Manager, "add a tax whose rate is a number", |s| {
            s.create(&tax(s, Manager).with("rate", 20))
        }),
    ]));
    cases
}

fn people() -> [Line; 9] {
    [
        may(Manager, "add a cashier", |s| {
            s.create(&person(s, Manager, "cashier"))
        }),
        may(Manager, "let somebody go", |s| {
            s.overwrite(&person(s, Manager, "cashier").with("active", false))
        })
        .given(|s| s.create(&person(s, Owner, "cashier"))),
        may(Owner, "name a person an owner", |s| {
            s.create(&person(s, Owner, "owner"))
        }),
        may_not(Manager, "name a person an owner", |s| {
            s.create(&person(s, Manager, "owner"))
        }),
        may_not(Manager, "make an owner a cashier", |s| {
            s.overwrite(&person(s, Manager, "cashier"))
        })
        .given(|s| s.create(&person(s, Owner, "owner"))),
        may_not(Manager, "put the verifier of a PIN into the cloud", |s| {
            s.create(&person(s, Manager, "cashier").with("pinVerifier", "…"))
        }),
        may_not(Manager, "add a person under another's id", |s| {
            s.create(&person(s, Manager, "cashier").under("another"))
        }),
        may_not(TillA, "add a person", |s| {
            s.create(&person(s, TillA, "cashier"))
        }),
        may_not(Manager, "delete a person", |s| {
            s.delete(&person(s, Manager, "cashier"))
        })
        .given(|s| s.create(&person(s, Owner, "cashier"))),
    ]
}
