//! Sales: created once, by their own register, whole and of the right types.

use counterfoil_domain::shape::REQUIRED;
use gcloud_sdk::google::firestore::v1::Write;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use serde_json::{Value, json};

use crate::decisions::{digest, numbered_conflict};
use crate::documents::{A, B, Doc, Store, later_sale, sale};
use crate::runner::{Case, Line, cases as table, may, may_not};
use crate::world::Who::{Anonymous, Manager, Nobody, Owner, Stranger, TillA, TillB};

pub(crate) const OTHER_ID: &str = "7f3b1c52-0000-4000-8000-000000000001";

fn with_everything_optional() -> Doc {
    let mut fields = later_sale();
    fields.remove("loyalty");
    let id = fields["saleId"].as_str().expect("an id").to_owned();
    Doc::new("sales", &id, &["createdAt"], Value::Object(fields))
        .with("shiftId", "a shift")
        .with("customer", "a digest")
        .with("cancels", OTHER_ID)
        .with("originalSaleId", OTHER_ID)
        .with("originalDigest", digest(0))
}

/// What that one is a copy of, and what it cancels.
fn before(store: &Store) -> Vec<Write> {
    let name = format!("{OTHER_ID}_{}", digest(0));
    vec![
        store.create(&numbered_conflict(A, 1).under(&name)),
        store.create(&sale(A).named("saleId", OTHER_ID)),
    ]
}

/// With every optional field, and so many lines of four taxes each: rules evaluate over the whole document.
fn with_lines(lines: usize) -> Doc {
    let tax = json!({ "code": "standard", "rate": "9.975", "base": 1_999, "tax": 199 });
    let line = |n: usize| {
        json!({
            "line": n + 1, "productId": OTHER_ID, "sku": format!("SKU-{n:06}"),
            "name": "Organic espresso, whole beans", "quantity": "1.250", "unit": "kg", "unitPrice": 1_599,
            "discount": 0, "total": 1_999, "taxes": vec![&tax; 4], "note": "ground for a French press, please",
        })
    };
    let lines: Vec<Value> = (0..lines).map(line).collect();
    with_everything_optional().with("lines", lines)
}

/// As many as one commit of the program's holds, together near to the 4 MiB that the emulator takes.
fn batch(store: &Store) -> impl Iterator<Item = Write> {
    let one = with_lines(12);
    (0..500).map(move |n| {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        store.create(&one.clone().named("saleId", &id))
    })
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = table([
        may(TillA, "create its own sale", |s| s.create(&sale(A))),
        may(TillA, "create a sale with every optional field", |s| {
            s.create(&with_everything_optional())
        })
        .given(before),
        may(TillA, "create several in one commit", |s| {
            vec![
                s.create(&sale(A)),
                s.create(&sale(A).named("saleId", OTHER_ID)),
            ]
        }),
        may(
            TillA,
            "create a sale of a register that it continues",
            |s| s.create(&sale(B)),
        )
        .given(|s| s.overwrite(&s.member(TillA, "register", &[A, B]))),
        may(TillA, "create the largest sale, of 1,000 lines", |s| {
            s.create(&with_lines(1_000))
        })
        .given(before),
        may(
            TillA,
            "create the largest batch, 500 full sales in one commit",
            |s| batch(s).collect::<Vec<_>>(),
        )
        .given(before),
        may_not(TillA, "create one foreign sale in the largest batch", |s| {
            let foreign = s.create(&sale(B));
            batch(s).skip(1).chain([foreign]).collect::<Vec<_>>()
        })
        .given(before),
        may_not(TillB, "create a sale of another register", |s| {
            s.create(&sale(A))
        }),
        may_not(TillA, "create one foreign sale among its own", |s| {
            vec![
                s.create(&sale(A)),
                s.create(&sale(B).named("saleId", OTHER_ID)),
            ]
        }),
        may_not(TillA, "create a sale in another store", |s| {
            s.other().create(&sale(A))
        }),
        may_not(TillA, "create a sale that says another store", |s| {
            s.create(&sale(A).with("storeId", "another"))
        }),
        may_not(TillA, "create a sale once it was removed", |s| {
            s.create(&sale(A))
        })
        .given(|s| s.delete(&s.member(TillA, "register", &[A]))),
        may_not(
            TillA,
            "create a sale once its register was taken away",
            |s| s.create(&sale(A)),
        )
        .given(|s| s.overwrite(&s.member(TillA, "register", &[B]))),
        may_not(Manager, "create a sale", |s| s.create(&sale(A))),
        may_not(
            Manager,
            "create a sale, even with a register in the membership",
            |s| s.create(&sale(A)),
        )
        .given(|s| s.overwrite(&s.member(Manager, "manager", &[A]))),
        may_not(Owner, "create a sale", |s| s.create(&sale(A))),
        may_not(Stranger, "create a sale", |s| s.create(&sale(A))),
        may_not(Anonymous, "create a sale", |s| s.create(&sale(A))),
        may_not(Nobody, "create a sale", |s| s.create(&sale(A))),
        may_not(TillA, "change its own sale", |s| {
            s.change(&sale(A), json!({ "total": 1 }))
        })
        .given(|s| s.create(&sale(A))),
        may_not(TillA, "write its own sale over itself", |s| {
            s.overwrite(&sale(A))
        })
        .given(|s| s.create(&sale(A))),
        may_not(TillA, "delete its own sale", |s| s.delete(&sale(A))).given(|s| s.create(&sale(A))),
        may_not(Owner, "delete a sale", |s| s.delete(&sale(A))).given(|s| s.create(&sale(A))),
        may_not(TillA, "say when the server took a sale", |s| {
            s.create(&sale(A).with("createdAt", "2026-11-22T14:02:13.000Z"))
        }),
        may_not(
            TillA,
            "create a sale under an id that is not its own",
            |s| s.create(&sale(A).under(OTHER_ID)),
        ),
        may_not(TillA, "create a sale with an unknown field", |s| {
            s.create(&sale(A).with("loyalty", 1))
        }),
        may_not(TillA, "create a sale in which a field is null", |s| {
            s.create(&sale(A).with_raw("tip", ValueType::NullValue(0)))
        }),
    ]);
    cases.extend(table(wrong_types()));
    cases.extend(table(missing()));
    cases
}

/// What a field may not be: of another type, and of its own type what it cannot be.
fn wrong() -> Vec<(&'static str, Vec<Value>)> {
    let text = || vec![json!(""), json!(["a list"])];
    let hash = || vec![json!("0"), json!(7)];
    let whole = || vec![json!("17.40")];
    let list = || vec![json!({})];
    vec![
        ("schema", vec![json!(2)]),
        ("cartId", text()),
        ("receiptNumber", text()),
        ("receiptSequence", vec![json!(0), json!("1")]),
        ("businessDay", text()),
        ("timeZone", text()),
        ("soldAt", vec![json!("yesterday")]),
        ("shiftId", vec![json!(7)]),
        ("cashierId", text()),
        ("cashierName", text()),
        ("currency", vec![json!("euro"), json!(978)]),
        ("pricesIncludeTax", vec![json!("yes")]),
        ("lines", list()),
        ("discounts", list()),
        ("taxes", list()),
        ("total", whole()),
        ("rounding", whole()),
        ("tip", whole()),
        ("tenders", list()),
        ("changeDue", whole()),
        ("taxExempt", vec![json!("embassy")]),
        ("customer", vec![json!(7)]),
        ("digest", hash()),
        ("fingerprint", hash()),
        ("journal", vec![json!([])]),
    ]
}

/// Whole numbers, as which no double passes.
const WHOLE: [&str; 5] = ["receiptSequence", "total", "rounding", "tip", "changeDue"];

/// The other fields of a sale, and the case that gives each a wrong value.
pub(crate) const TRIED_ELSEWHERE: [(&str, &str); 7] = [
    ("saleId", "create a sale under an id that is not its own"),
    ("registerId", "create a sale of another register"),
    ("storeId", "create a sale that says another store"),
    ("createdAt", "say when the server took a sale"),
    ("cancels", "reverse what is named by no id"),
    ("originalSaleId", "create a copy of what is named by no id"),
    (
        "originalDigest",
        "create a copy of a content that is no digest",
    ),
];

/// The fields of a sale that are given wrong values here.
pub(crate) fn wrongly_typed() -> impl Iterator<Item = &'static str> {
    wrong().into_iter().map(|(name, _)| name)
}

fn wrong_types() -> impl Iterator<Item = Line> {
    let each = wrong()
        .into_iter()
        .flat_map(|(name, values)| values.into_iter().map(move |value| (name, value)));
    let wrong = each.map(|(name, value)| {
        let what = format!("create a sale whose {name} is {value}");
        let act = move |s: &Store| s.create(&sale(A).with(name, value.clone()));
        may_not(TillA, what, act)
    });
    let doubles = WHOLE.map(|name| {
        let what = format!("create a sale whose {name} is a double");
        let double = ValueType::DoubleValue(17.4);
        let act = move |s: &Store| s.create(&sale(A).with_raw(name, double.clone()));
        may_not(TillA, what, act)
    });
    wrong.chain(doubles)
}

/// Every field that a sale must have, and the two that the cloud adds.
fn missing() -> impl Iterator<Item = Line> {
    let names = REQUIRED.into_iter().chain(["storeId", "createdAt"]);
    names.map(|name| {
        may_not(TillA, format!("create a sale without {name}"), move |s| {
            s.create(&sale(A).without(name))
        })
    })
}
