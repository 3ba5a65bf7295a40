//! After the kills: the cloud, the databases and what was printed, one against the other.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_sync::Collection;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::text;
use serde_json::Value;

use crate::counter::Counter;
use crate::seller::Sold;

/// Every rule; how many sales there are.
pub(crate) async fn all(
    cloud: &Cloud,
    counters: &[Counter],
    printed: &[Sold],
    shown: &BTreeSet<String>,
) -> usize {
    let mut here = BTreeMap::new();
    for counter in counters {
        assert_eq!(counter.waiting(), [], "{}: nothing waits", counter.name);
        counter.answers(&["journal", "verify"]);
        let sales = counter.answers(&["sales", "export"]);
        gapless(counter, &sales);
        stock(counter, &sales);
        for sale in sales {
            let (id, name) = (text(&sale, "saleId").to_owned(), counter.name.clone());
            assert!(
                here.insert(id, (name, sale)).is_none(),
                "an id was given twice"
            );
        }
    }
    in_the_cloud_once(cloud, &here).await;
    were_kept(&here, printed, shown);
    for sold in printed {
        let counter = counters
            .iter()
            .find(|counter| counter.name == sold.register);
        again(counter.expect("its register"), sold);
    }
    here.len()
}

fn gapless(counter: &Counter, sales: &[Value]) {
    let numbers: Vec<i64> = sales
        .iter()
        .map(|sale| sale["receiptSequence"].as_i64().expect("a number"))
        .collect();
    let expected: Vec<i64> = (1..).take(sales.len()).collect();
    assert_eq!(numbers, expected, "{}: the receipt series", counter.name);
}

/// What is on hand is what was there, less what was sold.
fn stock(counter: &Counter, sales: &[Value]) {
    let mut sold: BTreeMap<&str, i64> = BTreeMap::new();
    for line in sales
        .iter()
        .filter_map(|sale| sale["lines"].as_array())
        .flatten()
    {
        *sold.entry(text(line, "sku")).or_default() += pieces(&line["quantity"]);
    }
    let before = counted(&counter.first);
    let after = counted(&counter.answers(&["stock", "list"])[0]);
    for (sku, sold) in sold {
        assert_eq!(after[sku], before[sku] - sold, "{}: {sku}", counter.name);
    }
}

/// What is counted in pieces, by sku.
fn counted(list: &Value) -> BTreeMap<String, i64> {
    let items = list["items"].as_array().expect("a list of products");
    let pieces = items.iter().filter_map(|item| {
        let on_hand = item["onHand"].as_str()?.parse().ok()?;
        Some((text(item, "sku").to_owned(), on_hand))
    });
    pieces.collect()
}

fn pieces(quantity: &Value) -> i64 {
    let quantity = quantity.as_str().and_then(|quantity| quantity.parse().ok());
    quantity.expect("whole pieces")
}

async fn in_the_cloud_once(cloud: &Cloud, here: &BTreeMap<String, (String, Value)>) {
    let there = cloud.all(Collection::Sales).await;
    assert_eq!(there.len(), here.len(), "as many there as here");
    let mut carts = BTreeSet::new();
    let mut receipts = BTreeSet::new();
    for found in there {
        let fields = Value::Object(found.fields.expect("a valid document"));
        let Some((_, sale)) = here.get(&found.name.id) else {
            panic!("nobody sold {}", found.name.id)
        };
        assert_eq!(signed(&fields), signed(sale), "as it was signed");
        let name = |field: &str| fields[field].as_str().map(str::to_owned);
        assert!(receipts.insert(name("receiptNumber")), "a number twice");
        assert!(carts.insert(name("cartId")), "a cart twice");
    }
    assert!(cloud.all(Collection::SaleConflicts).await.is_empty());
}

/// Every field of a sale that its register signed, and its seal: without what the server or a local view adds. No
/// digest is taken: this holds whatever the product makes of the document.
fn signed(sale: &Value) -> BTreeMap<&str, &Value> {
    let fields = sale.as_object().expect("a document").iter();
    let added = ["storeId", "createdAt", "syncState"];
    let own = fields.filter(|(name, _)| !added.contains(&name.as_str()));
    own.map(|(name, value)| (name.as_str(), value)).collect()
}

/// What a customer has in hand is in the register, and so in the cloud.
fn were_kept(here: &BTreeMap<String, (String, Value)>, printed: &[Sold], shown: &BTreeSet<String>) {
    for sold in printed {
        for given in sold.printed.values() {
            let (register, sale) = &here[text(&given.sale, "saleId")];
            assert_eq!(*register, sold.register);
            assert_eq!(signed(sale), signed(&given.sale), "as it was printed");
        }
    }
    let numbers: BTreeSet<&str> = here
        .values()
        .map(|(_, sale)| text(sale, "receiptNumber"))
        .collect();
    for number in shown {
        assert!(numbers.contains(number.as_str()), "{number} was shown");
    }
}

/// Every cart once more is the sale that it was.
fn again(counter: &Counter, sold: &Sold) {
    let carts: Vec<String> = sold
        .printed
        .values()
        .map(|given| given.cart.to_string())
        .collect();
    let file = counter.place.data().join("carts.jsonl");
    std::fs::write(&file, carts.join("\n")).expect("the carts are written");
    let sales = counter.answers(&["checkout", "--lines", file.to_str().expect("UTF-8")]);
    assert_eq!(sales.len(), sold.printed.len());
    for sale in sales {
        let given = &sold.printed[text(&sale, "cartId")].sale;
        assert_eq!(signed(&sale), signed(given), "the same cart");
    }
    assert_eq!(counter.waiting(), [], "nothing new was sold");
}
