//! The oracle by itself: whatever is changed in a document of the cloud, it sees, and by nothing that the product
//! computes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use counterfoil_domain::Timestamp;
use counterfoil_domain::document::Fields;
use counterfoil_domain::shape::{OPTIONAL, REQUIRED};
use counterfoil_sync::{Collection, DocumentName};
use serde_json::{Value, json};

use super::{Check, Content};
use crate::cloud::Stored;
use crate::faults::{FaultPlan, Faults};
use crate::world::World;

const SALE: &str = "00005a1e-0000-4000-8000-000000000001";
const COPY: &str = "00005a1e-0000-5000-8000-000000000002";

/// A sale with every field that a sale can have.
fn sale() -> Fields {
    let sale = json!({
        "schema": 1, "saleId": SALE, "cartId": "cart", "registerId": "register",
        "receiptNumber": "A-000001", "receiptSequence": 1, "businessDay": "2026-11-22",
        "timeZone": "Europe/Berlin", "soldAt": "2026-11-22T14:02:13.000Z", "shiftId": "shift",
        "cashierId": "ann", "cashierName": "Ann", "currency": "EUR", "pricesIncludeTax": true,
        "lines": [{
            "line": 1, "productId": "p", "sku": "a", "name": "Bread", "quantity": "1", "unit": "piece",
            "unitPrice": 250, "unitCost": 90, "discount": 10, "total": 240,
            "taxes": [{"code": "reduced", "rate": "7", "base": 224, "tax": 16}], "note": "sliced",
            "refundOf": {"saleId": "other", "line": 2}, "restock": "shelf",
        }],
        "discounts": [{"kind": "percent", "value": "4", "amount": 10, "reason": "old"}],
        "taxes": [{"code": "reduced", "rate": "7", "net": 224, "tax": 16, "gross": 240}],
        "total": 240, "rounding": 1, "tip": 5,
        "tenders": [{"method": "card", "amount": 250, "reference": "T-1", "last4": "4242"}],
        "changeDue": 4, "taxExempt": {"reason": "embassy", "certificate": "X-1"}, "customer": "salted",
        "cancels": "a copy", "originalSaleId": "an original", "originalDigest": "its digest",
        "digest": "d".repeat(64), "fingerprint": "f".repeat(64),
        "journal": {"sequence": 1, "previousHash": "0", "kind": "sale", "recordedAt": "t", "hash": "h"},
    });
    sale.as_object().cloned().expect("an object")
}

/// Each way to change one thing in `value`, wherever it is.
fn forgeries(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(is) => vec![json!(!is)],
        Value::Number(number) => vec![json!(number.as_i64().expect("whole") + 1)],
        Value::String(text) => vec![json!(format!("{text}x")), json!("")],
        Value::Array(items) => {
            let mut all = vec![json!([])];
            all.push(Value::Array([&items[..], &items[..1]].concat()));
            for (at, item) in items.iter().enumerate() {
                all.extend(forgeries(item).into_iter().map(|forged| {
                    let mut items = items.clone();
                    items[at] = forged;
                    Value::Array(items)
                }));
            }
            all
        }
        Value::Object(fields) => forged(fields).into_iter().map(Value::Object).collect(),
        Value::Null => Vec::new(),
    }
}

/// Each way to change, drop or add one field.
fn forged(fields: &Fields) -> Vec<Fields> {
    let mut more = fields.clone();
    more.insert("more".to_owned(), json!(1));
    let mut all = vec![more];
    for (name, value) in fields {
        let mut less = fields.clone();
        less.remove(name);
        all.push(less);
        all.extend(forgeries(value).into_iter().map(|forged| {
            let mut fields = fields.clone();
            fields.insert(name.clone(), forged);
            fields
        }));
    }
    all
}

fn as_stored(mut fields: Fields) -> Fields {
    fields.insert("storeId".to_owned(), json!("corner"));
    fields.insert("createdAt".to_owned(), json!("2026-11-22T14:02:14.000Z"));
    fields
}

/// What rule 2 says where this is in the cloud under `id`, and `content` was sold.
fn broken(id: &str, content: Content, there: Fields) -> Vec<(u8, String)> {
    let world: Arc<World> = World::new(FaultPlan::draw(0, &Faults::none()), 0, false);
    let name = DocumentName {
        collection: Collection::Sales,
        id: id.to_owned(),
    };
    let stored = Stored {
        fields: as_stored(there),
        created_at: Timestamp::from_ms(0),
        nth: 0,
    };
    let mut check = Check {
        world: &world,
        cloud: BTreeMap::from([(name, stored)]),
        forged: BTreeSet::new(),
        denied: BTreeSet::new(),
        expected: BTreeMap::new(),
    };
    check.expect(id, content, true);
    check.in_the_cloud();
    world.all_broken()
}

#[test]
fn rule_2_breaks_whatever_single_thing_is_forged_in_a_sale_in_the_cloud() {
    let sale = sale();
    let names: BTreeSet<&str> = sale.keys().map(String::as_str).collect();
    let all: BTreeSet<&str> = REQUIRED.into_iter().chain(OPTIONAL).collect();
    assert_eq!(names, all, "every field that a sale can have");
    assert_eq!(broken(SALE, Content::of_record(&sale), sale.clone()), []);
    let forgeries = forged(&sale);
    assert!(forgeries.len() > 150, "{}", forgeries.len());
    for there in forgeries {
        let said = broken(SALE, Content::of_record(&sale), there.clone());
        let another = format!("{SALE} is another sale in the cloud");
        assert!(said.contains(&(2, another)), "{there:?}: {said:?}");
    }
}

#[test]
fn a_copy_is_whole_but_for_its_own_seal() {
    let mut sale = sale();
    sale.remove("originalSaleId");
    sale.remove("originalDigest");
    let mut copy = sale.clone();
    copy.insert("saleId".to_owned(), json!(COPY));
    copy.insert("originalSaleId".to_owned(), json!(SALE));
    copy.insert("originalDigest".to_owned(), sale["digest"].clone());
    copy.insert("digest".to_owned(), json!("its own"));
    assert_eq!(
        broken(COPY, Content::of_copy(&sale, COPY), copy.clone()),
        []
    );
    let seal = ["digest", "fingerprint", "journal"];
    for there in forged(&copy) {
        let (mut one, mut other) = (there.clone(), copy.clone());
        for name in seal {
            one.remove(name);
            other.remove(name);
        }
        let said = broken(COPY, Content::of_copy(&sale, COPY), there);
        assert_eq!(said.is_empty(), one == other, "{one:?}");
    }
}
