//! What others may have left in the cloud: documents that do not parse, or of a schema that is newer than this program.

use std::collections::HashMap;
use std::time::Duration;

use counterfoil_app::ErrorCode;
use counterfoil_app::dto::{ChoiceKind, FailureKind, ResolveInput, SyncPhase, UnreadableKind};
use counterfoil_app::sync::start;
use counterfoil_firestore::codec;
use counterfoil_sync::Collection;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::{Register, text};
use counterfoil_tests::rig::{by_itself, until};
use gcloud_sdk::google::firestore::v1::Value as Cell;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::prost_types;
use rusqlite::Connection;
use serde_json::{Value, json};

type Cells = HashMap<String, Cell>;

fn cell(value: ValueType) -> Cell {
    Cell {
        value_type: Some(value),
    }
}

fn cells(document: &Value) -> Cells {
    codec::encode(document.as_object().expect("an object")).expect("a document")
}

/// What may stand in the place of a sale, by what is the matter with it.
fn oddities(sale: &Value) -> Vec<(&'static str, Cells)> {
    let with = |name: &str, value: Option<ValueType>| {
        let mut cells = cells(sale);
        match value {
            Some(value) => cells.insert(name.to_owned(), cell(value)),
            None => cells.remove(name),
        };
        cells
    };
    let half_a_millisecond = prost_types::Timestamp {
        seconds: 1_795_356_133,
        nanos: 500_000,
    };
    let elsewhere = "projects/x/databases/(default)/documents/shops/y".to_owned();
    let mut newer = with("schema", Some(ValueType::IntegerValue(2)));
    for name in ["lines", "total", "tenders"] {
        newer.remove(name);
    }
    newer.insert(
        "basket".to_owned(),
        cell(ValueType::BytesValue(vec![1, 2, 3])),
    );
    let mut extended = with("schema", Some(ValueType::IntegerValue(2)));
    extended.insert(
        "mood".to_owned(),
        cell(ValueType::StringValue("good".to_owned())),
    );
    vec![
        ("a double", with("total", Some(ValueType::DoubleValue(3.4)))),
        ("a null", with("changeDue", Some(ValueType::NullValue(0)))),
        (
            "half a millisecond",
            with(
                "soldAt",
                Some(ValueType::TimestampValue(half_a_millisecond)),
            ),
        ),
        (
            "text for lines",
            with(
                "lines",
                Some(ValueType::StringValue("two breads".to_owned())),
            ),
        ),
        ("no lines", with("lines", None)),
        ("a newer schema, another shape", newer),
        ("a newer schema, more fields", extended),
        (
            "another document",
            with("shop", Some(ValueType::ReferenceValue(elsewhere))),
        ),
        ("nothing at all", Cells::new()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_under_our_id_and_cannot_be_read_is_a_conflict_that_can_be_decided() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    let mut odd = Vec::new();
    for n in 0..oddities(&register.sell(&[("bread", "1")])).len() {
        let sale = register.sell(&[("butter", &(n + 1).to_string())]);
        let (what, cells) = oddities(&sale).swap_remove(n);
        let id = text(&sale, "saleId").to_owned();
        cloud.put(&format!("sales/{id}"), cells).await;
        odd.push((what, id));
    }
    let status = register.sync(cloud.host()).await;
    assert_eq!(
        status.synced_total, 1,
        "one bad document holds up no good sale"
    );
    let page = register.till.failed_page(1).expect("a page");
    assert_eq!(page.items.len(), odd.len());
    for (what, id) in &odd {
        let item = page.items.iter().find(|item| item.sale_id == *id);
        let item = item.unwrap_or_else(|| panic!("{what} is no failed item"));
        assert_eq!(item.kind, FailureKind::SameId, "{what}");
        assert!(!item.message.is_empty(), "{what}");
        register
            .till
            .failed_detail(id)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let decided = register.till.resolve_failed(ResolveInput {
            sale_id: id.clone(),
            choice: ChoiceKind::RecordSeparately,
            reason: what.to_string(),
            by: "Maria".to_owned(),
            money: None,
            card_reference: None,
            restock: None,
            restock_lines: Vec::new(),
        });
        decided.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    let status = register.sync(cloud.host()).await;
    assert_eq!((status.pending, status.failed_total), (0, 0));
    let conflicts = cloud.all(Collection::SaleConflicts).await;
    assert_eq!(
        conflicts.len(),
        odd.len(),
        "every losing version is kept whole"
    );
    let resolutions = cloud.all(Collection::SaleResolutions).await;
    assert_eq!(resolutions.len(), odd.len());
}

const THEIRS: &str = "00000000-0000-4000-8000-000000000001";
const NOW: prost_types::Timestamp = prost_types::Timestamp {
    seconds: 1_795_356_133,
    nanos: 0,
};

/// What another register may have left in `collection`, by what is the matter with it; the first one is good.
fn left_in(collection: &str, sale: &Value) -> Vec<(&'static str, Cells)> {
    let good = match collection {
        "saleConflicts" => json!({
            "saleId": text(sale, "saleId"), "registerId": THEIRS, "kind": "sameId", "message": "another one",
            "failedAt": "2026-11-22T14:02:13.000Z", "sale": sale,
        }),
        _ => json!({
            "schema": 1, "saleId": text(sale, "saleId"), "registerId": THEIRS, "choice": "dismiss", "by": "Maria",
            "reason": "broken", "decidedAt": "2026-11-22T14:03:13.000Z", "n": 1,
        }),
    };
    let with = |name: &str, value: Value| {
        let mut document = good.clone();
        document[name] = value;
        cells(&document)
    };
    let mut double = cells(&good);
    double.insert("total".to_owned(), cell(ValueType::DoubleValue(0.1)));
    let mut inside = sale.clone();
    inside["schema"] = json!(2);
    let mut all = vec![
        ("good", cells(&good)),
        ("newer", with("schema", json!(2))),
        ("double", double),
        ("no number", with("schema", json!("one"))),
        ("empty", Cells::new()),
    ];
    if collection == "saleConflicts" {
        all.push(("newer inside", with("sale", inside)));
        all.push(("kind", with("kind", json!("sunk"))));
        all.push(("a boat", with("sale", json!("a boat"))));
    } else {
        all.push(("choice", with("choice", json!("burn"))));
    }
    all
}

/// Puts them under valid names; answers each one's path.
async fn left(cloud: &Cloud, collection: &str, sale: &Value) -> Vec<(&'static str, String)> {
    let mut put = Vec::new();
    for (n, (what, mut document)) in left_in(collection, sale).into_iter().enumerate() {
        document.insert("createdAt".to_owned(), cell(ValueType::TimestampValue(NOW)));
        let digest = "0".repeat(64);
        let id = match (n, collection) {
            (0, "saleConflicts") => format!("{}_{digest}", text(sale, "saleId")),
            (0, _) => format!("{}_{digest}_1", text(sale, "saleId")),
            (_, "saleConflicts") => format!("00000000-0000-4000-8000-0000000000a{n}_{digest}"),
            _ => format!("00000000-0000-4000-8000-0000000000a{n}_{digest}_1"),
        };
        let path = format!("{collection}/{id}");
        cloud.put(&path, document).await;
        put.push((what, path));
    }
    put
}

#[tokio::test(flavor = "multi_thread")]
async fn what_other_registers_left_is_shown_whether_or_not_it_can_be_read() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    let sale = register.sell(&[("bread", "1")]);
    let mut all = left(&cloud, "saleConflicts", &sale).await;
    all.extend(left(&cloud, "saleResolutions", &sale).await);
    let strange = "saleConflicts/not-a-name-of-ours".to_owned();
    let created = HashMap::from([("createdAt".to_owned(), cell(ValueType::TimestampValue(NOW)))]);
    cloud.put(&strange, created).await;
    all.push(("name", strange));
    let status = register.sync(cloud.host()).await;
    assert_eq!((status.state, status.problem), (SyncPhase::Idle, None));
    assert_eq!((status.synced_total, status.failed_total), (1, 0));
    let page = || {
        register
            .till
            .failed_page(1)
            .expect("a page, whatever is there")
    };
    let shown = page();
    assert_eq!(shown.elsewhere.len(), 1, "the good one");
    assert_eq!(shown.elsewhere[0].sale_id, text(&sale, "saleId"));
    let by = shown.elsewhere[0]
        .outcome
        .as_ref()
        .map(|outcome| &outcome.by);
    assert_eq!(by.map(String::as_str), Some("Maria"));
    let bad: Vec<_> = all.iter().filter(|(what, _)| *what != "good").collect();
    assert_eq!(shown.unreadable.len(), bad.len(), "{:?}", shown.unreadable);
    for (what, path) in &bad {
        let item = shown.unreadable.iter().find(|item| item.document == *path);
        let item = item.unwrap_or_else(|| panic!("{what} is not shown"));
        let newer = item.kind == UnreadableKind::NewerSchema;
        assert_eq!(newer, what.starts_with("newer"), "{what}: {item:?}");
        let known = !["double", "empty", "name"].contains(what);
        assert_eq!(item.register_id.as_deref() == Some(THEIRS), known, "{what}");
    }
    // Read again, it is the same; another version of the program reads from the begin, and finds what was mended.
    register.sync(cloud.host()).await;
    assert_eq!(page(), shown);
    let (_, mended) = bad[0];
    let mut good = left_in("saleConflicts", &sale).swap_remove(0).1;
    good.insert("createdAt".to_owned(), cell(ValueType::TimestampValue(NOW)));
    cloud.put(mended, good).await;
    let raw = Connection::open(register.dir().join("counterfoil.db")).expect("the file");
    let older =
        "UPDATE settings SET value = replace(value, '\"readBy\":', '\"readBy\":\"0.0.1\",\"was\":')
                 WHERE name = 'unreadable'";
    assert_eq!(raw.execute(older, []).expect("it is a setting"), 1);
    register.sync(cloud.host()).await;
    assert_eq!(page().unreadable.len(), bad.len() - 1);
    assert_eq!(page().elsewhere.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_that_cannot_be_read_hides_no_other() {
    let cloud = Cloud::new();
    let (a, b) = (Register::new("A", &cloud), Register::new("B", &cloud));
    let goods = [("espresso", "1"), ("bread", "2"), ("butter", "1")];
    let theirs = a.sell(&goods);
    a.sync(cloud.host()).await;
    for (n, (_, cells)) in oddities(&theirs).into_iter().enumerate() {
        cloud
            .put(
                &format!("sales/00000000-0000-4000-8000-00000000000{n}"),
                cells,
            )
            .await;
    }
    let ours = b.sell(&goods);
    let status = b.sync(cloud.host()).await;
    assert_eq!((status.state, status.problem), (SyncPhase::Idle, None));
    assert_eq!((status.warnings, status.failed_total), (1, 0));
    let page = b.till.failed_page(1).expect("a page");
    assert_eq!(page.warnings[0].sale_ids[0], text(&ours, "saleId"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_or_a_register_that_cannot_be_read_is_said_and_gone_on_with_when_it_can() {
    let emulator = Cloud::new();
    for what in ["store", "register"] {
        let cloud = emulator.sibling();
        let register = Register::new("A", &cloud);
        register.sync(cloud.host()).await;
        let id = register.till.identity().expect("an identity").register_id;
        let path = match what {
            "store" => String::new(),
            _ => format!("registers/{id}"),
        };
        let there = cloud.cells(&path).await;
        let mut odd = there.clone();
        for name in ["currency", "lastSequence"] {
            odd.insert(name.to_owned(), cell(ValueType::DoubleValue(1.5)));
        }
        cloud.put(&path, odd).await;
        register.sell(&[("bread", "1")]);
        let parts = register.parts(cloud.host(), Duration::from_secs(20));
        let (handle, task) = start(parts);
        let status = handle.status();
        let paused = until(&format!("the {what} is not valid"), || {
            let status = status.borrow();
            (status.state == SyncPhase::Paused).then(|| status.clone())
        })
        .await;
        let problem = paused.problem.expect("a problem");
        assert_eq!(problem.code, ErrorCode::CloudRefused);
        let words = format!("the {what}'s document in the cloud is not valid");
        assert!(problem.message.contains(&words), "{problem}");
        assert_eq!((paused.pending, paused.failed_total), (1, 0));

        cloud.put(&path, there).await;
        by_itself(&format!("the {what} is mended"), || {
            let status = status.borrow();
            (status.synced_total == 1 && status.state == SyncPhase::Idle).then_some(())
        })
        .await;
        handle.stop();
        task.await.expect("it ends");
        assert_eq!(cloud.all(Collection::Sales).await.len(), 1);
    }
}
