//! Wrong values in the fields of all other documents than a sale: of another type, or what the field cannot be.

use serde_json::{Value, json};

use crate::catalogue::{category, person, product, tax};
use crate::decisions::{SALE, digest, numbered_conflict, numbered_resolution};
use crate::documents::{A, Store};
use crate::registers::register;
use crate::runner::{Case, Line, cases as table, may_not};
use crate::single::{cart, claim, claimed, event, ledger, shift};
use crate::world::Who::{self, Manager, Stranger, TillA};
use gcloud_sdk::google::firestore::v1::Write;
use gcloud_sdk::google::firestore::v1::value::ValueType;

/// Writes a document with another value in one of its fields.
type Act = fn(&Store, &'static str, Value) -> Vec<Write>;

fn each(
    who: Who,
    what: &'static str,
    wrong: Vec<(&'static str, Value)>,
    act: Act,
) -> impl Iterator<Item = Line> {
    wrong.into_iter().map(move |(name, value)| {
        let what = format!("write {what} whose {name} is {value}");
        may_not(who, what, move |s| act(s, name, value.clone()))
    })
}

pub(crate) fn cases() -> Vec<Case> {
    let registers = each(TillA, "a register", of_register(), |s, name, value| {
        vec![s.create(&register().with(name, value))]
    });
    let conflicts = each(
        TillA,
        "a losing version",
        of_conflict(),
        |s, name, value| vec![s.create(&numbered_conflict(A, 1).with(name, value))],
    );
    let decisions = each(TillA, "a decision", of_decision(), |s, name, value| {
        vec![s.create(&numbered_resolution(A, 1).with(name, value))]
    });
    let claims = each(TillA, "a claim", of_claim(), |s, name, value| {
        claimed(s, &claim().with(name, value))
    });
    let ledgers = each(TillA, "a ledger", of_ledger(), |s, name, value| {
        vec![s.create(&ledger(A, 12).with(name, value))]
    });
    let carts = each(TillA, "a parked cart", of_cart(), |s, name, value| {
        vec![s.create(&cart(A).with(name, value))]
    });
    let shifts = each(TillA, "a shift", of_shift(), |s, name, value| {
        vec![s.create(&shift().with(name, value))]
    });
    let events = each(TillA, "an event", of_event(), |s, name, value| {
        vec![s.create(&event().with(name, value))]
    });
    let beside = (registers.chain(conflicts).chain(decisions).chain(claims))
        .chain(ledgers.chain(carts).chain(shifts).chain(events));
    let beside = beside.chain(managed()).chain(members());
    table(beside.chain(named()).chain(doubles()))
}

fn managed() -> impl Iterator<Item = Line> {
    let products = each(Manager, "a product", of_product(), |s, name, value| {
        vec![s.create(&product(s, Manager).with(name, value))]
    });
    let categories = each(Manager, "a category", of_category(), |s, name, value| {
        vec![s.create(&category(s, Manager).with(name, value))]
    });
    let taxes = each(Manager, "a tax", of_tax(), |s, name, value| {
        vec![s.create(&tax(s, Manager).with(name, value))]
    });
    let people = each(Manager, "a person", of_person(), |s, name, value| {
        vec![s.create(&person(s, Manager, "cashier").with(name, value))]
    });
    products.chain(categories).chain(taxes).chain(people)
}

fn members() -> impl Iterator<Item = Line> {
    let stores = each(Stranger, "a new store", of_store(), |s, name, value| {
        let new = s.unfounded();
        vec![
            new.create(&new.document(Stranger).with(name, value)),
            new.create(&new.member(Stranger, "owner", &[])),
        ]
    });
    let members = each(Manager, "a membership", of_member(), |s, name, value| {
        vec![s.create(&s.member(Stranger, "register", &[A]).with(name, value))]
    });
    stores.chain(members)
}

/// Whole numbers, as which no double passes.
fn doubles() -> [Line; 5] {
    let double = || ValueType::DoubleValue(1.5);
    [
        may_not(
            TillA,
            "write a register whose lastSequence is a double",
            move |s| s.create(&register().with_raw("lastSequence", double())),
        ),
        may_not(
            TillA,
            "write a ledger whose throughSequence is a double",
            move |s| s.create(&ledger(A, 12).with_raw("throughSequence", double())),
        ),
        may_not(TillA, "write a ledger whose shard is a double", move |s| {
            let doc = ledger(A, 12).with_raw("shard", double());
            s.create(&doc.under(&format!("{A}_1.5")))
        }),
        may_not(TillA, "decide for the one and a half-th time", move |s| {
            let doc = numbered_resolution(A, 1).with_raw("n", double());
            s.create(&doc.under(&format!("{SALE}_{}_1.5", digest(1))))
        }),
        may_not(
            Manager,
            "write a product whose price is a double",
            move |s| s.create(&product(s, Manager).with_raw("price", double())),
        ),
    ]
}

/// Wrong values that the document's name has too.
fn named() -> [Line; 7] {
    [
        may_not(TillA, "put a version on record by no digest", |s| {
            let sale = json!({ "saleId": SALE, "registerId": A, "digest": "0" });
            let doc = numbered_conflict(A, 1)
                .with("digest", "0")
                .with("sale", sale);
            s.create(&doc.under(&format!("{SALE}_0")))
        }),
        may_not(TillA, "decide by no digest", |s| {
            let doc = numbered_resolution(A, 1).with("digest", "0");
            s.create(&doc.under(&format!("{SALE}_0_1")))
        }),
        may_not(TillA, "decide about no sale", |s| {
            let doc = numbered_resolution(A, 1).with("saleId", "");
            s.create(&doc.under(&format!("_{}_1", digest(1))))
        }),
        may_not(TillA, "decide before the first time", |s| {
            let doc = numbered_resolution(A, 1).with("n", 0);
            s.create(&doc.under(&format!("{SALE}_{}_0", digest(1))))
        }),
        may_not(TillA, "claim a refund of no sale", |s| {
            claimed(s, &claim().with("saleId", "").under("_1"))
        }),
        may_not(TillA, "claim a refund before the first one", |s| {
            claimed(s, &claim().with("n", 0).under("sold_0"))
        }),
        may_not(TillA, "begin a ledger in a shard below the first", |s| {
            let doc = ledger(A, 12).with("shard", -1);
            s.create(&doc.under(&format!("{A}_-1")))
        }),
    ]
}

fn of_store() -> Vec<(&'static str, Value)> {
    vec![
        ("schema", json!(2)),
        ("name", json!("")),
        ("currency", json!("euro")),
    ]
}

fn of_member() -> Vec<(&'static str, Value)> {
    vec![
        ("schema", json!(2)),
        ("name", json!("")),
        ("registerIds", json!({ A: true })),
    ]
}

fn of_register() -> Vec<(&'static str, Value)> {
    vec![
        ("schema", json!(2)),
        ("registerId", json!("another")),
        ("installationId", json!("")),
        ("receiptPrefix", json!("")),
        ("version", json!("")),
        ("lastSequence", json!("41")),
        ("lastSequence", json!(-1)),
        ("name", json!(7)),
        ("lastSeenAt", json!("2026-11-22T14:02:13.000Z")),
        ("createdAt", json!("2026-11-22T14:02:13.000Z")),
    ]
}

fn of_conflict() -> Vec<(&'static str, Value)> {
    let other =
        |sale: &str, digest: &str| json!({ "saleId": sale, "registerId": A, "digest": digest });
    vec![
        ("message", json!(7)),
        ("failedAt", json!("yesterday")),
        ("soldAt", json!("yesterday")),
        ("receiptNumber", json!("")),
        ("cashierId", json!("")),
        ("cashierName", json!("")),
        ("total", json!("174")),
        ("winnerSaleId", json!(7)),
        ("winnerDigest", json!("0")),
        ("sale", json!([])),
        ("sale", other("another", &digest(1))),
        ("sale", other(SALE, &digest(2))),
    ]
}

fn of_decision() -> Vec<(&'static str, Value)> {
    vec![
        ("schema", json!(2)),
        ("n", json!("1")),
        ("decidedAt", json!("yesterday")),
        ("journal", json!([])),
        ("byOwner", json!("yes")),
        ("money", json!(7)),
        ("restock", json!({})),
        ("cloudId", json!(7)),
        ("reversalId", json!(7)),
    ]
}

fn of_claim() -> Vec<(&'static str, Value)> {
    vec![("schema", json!(2)), ("n", json!("1"))]
}

fn of_ledger() -> Vec<(&'static str, Value)> {
    vec![
        ("schema", json!(2)),
        ("shard", json!("0")),
        ("throughSequence", json!("12")),
        ("throughSequence", json!(-1)),
        ("entries", json!([])),
        ("changedAt", json!("2026-11-22T14:02:13.000Z")),
        ("bonus", json!(1)),
    ]
}

fn of_cart() -> Vec<(&'static str, Value)> {
    vec![
        ("schema", json!(2)),
        ("cashierName", json!("")),
        ("cart", json!([])),
        ("note", json!(7)),
        ("changedAt", json!("2026-11-22T14:02:13.000Z")),
        ("createdAt", json!("2026-11-22T14:02:13.000Z")),
        ("bonus", json!(1)),
    ]
}

fn of_shift() -> Vec<(&'static str, Value)> {
    vec![
        ("schema", json!(2)),
        ("businessDay", json!("")),
        ("openedAt", json!("yesterday")),
        ("closedAt", json!("yesterday")),
        ("cashierName", json!("")),
        ("cashierId", json!(7)),
        ("report", json!([])),
        ("journal", json!([])),
    ]
}

fn of_event() -> Vec<(&'static str, Value)> {
    vec![
        ("schema", json!(2)),
        ("kind", json!("")),
        ("recordedAt", json!("yesterday")),
        ("journal", json!([])),
        ("details", json!([])),
    ]
}

fn of_product() -> Vec<(&'static str, Value)> {
    vec![
        ("schema", json!(2)),
        ("productId", json!("another")),
        ("sku", json!("")),
        ("name", json!("")),
        ("price", json!("250")),
        ("price", json!(-1)),
        ("cost", json!("61")),
        ("unit", json!("box")),
        ("barcodes", json!({})),
        ("taxCodes", json!({})),
        ("active", json!("yes")),
        ("category", json!(7)),
        ("reorder", json!(7)),
    ]
}

fn of_category() -> Vec<(&'static str, Value)> {
    vec![
        ("categoryId", json!("another")),
        ("name", json!("")),
        ("active", json!("yes")),
        ("position", json!("1")),
        ("bonus", json!(1)),
    ]
}

fn of_tax() -> Vec<(&'static str, Value)> {
    vec![
        ("code", json!("another")),
        ("rate", json!("")),
        ("active", json!("yes")),
        ("name", json!(7)),
        ("bonus", json!(1)),
    ]
}

fn of_person() -> Vec<(&'static str, Value)> {
    vec![
        ("personId", json!("another")),
        ("name", json!("")),
        ("active", json!("yes")),
        ("role", json!("boss")),
    ]
}
