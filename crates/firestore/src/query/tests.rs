//! Every query has an index: a single field's own, or one that `firebase/firestore.indexes.json`
//! ships. The emulator answers without any, so nothing but this notices one that is missing.

use counterfoil_domain::Digest;
use serde_json::Value as Json;

use super::*;

fn file(text: &str) -> Json {
    serde_json::from_str(text).expect("JSON")
}

fn shipped() -> Json {
    file(include_str!("../../../../firebase/firestore.indexes.json"))
}

fn list<'a>(of: &'a Json, name: &str) -> &'a [Json] {
    of[name].as_array().expect(name)
}

/// A query, and the field that it adds up.
type Asking = (StructuredQuery, Option<&'static str>);

/// Everything that is asked: read or added up, and counted.
fn queries() -> Vec<Asking> {
    let built = |asked: &Asked| {
        let values = asked.shape().equal.iter();
        let values = values.map(|_| ValueType::StringValue("some".to_owned()));
        let (from, to) = (ValueType::IntegerValue(0), ValueType::IntegerValue(1));
        Query::new(*asked, values.collect(), from, Some(to))
    };
    let read = Asked::ALL
        .iter()
        .filter(|asked| asked.shape().sum.is_none());
    let read = read.map(|asked| (built(asked).0, None));
    let counted =
        Asked::ALL
            .iter()
            .map(|asked| match built(asked).count(String::new()).query_type {
                Some(Counted::StructuredAggregationQuery(StructuredAggregationQuery {
                    query_type: Some(QueryType::StructuredQuery(counted)),
                    ..
                })) => (counted, asked.shape().sum),
                other => panic!("nothing is counted: {other:?}"),
            });
    read.chain(counted).collect()
}

fn conditions(filter: &Filter) -> Vec<&FieldFilter> {
    match filter.filter_type.as_ref().expect("a filter") {
        FilterType::FieldFilter(field) => vec![field],
        FilterType::CompositeFilter(all) => {
            assert_eq!(all.op, i32::from(composite_filter::Operator::And));
            all.filters.iter().flat_map(conditions).collect()
        }
        FilterType::UnaryFilter(other) => panic!("no index is known for {other:?}"),
    }
}

/// The fields that the index must hold: those that are equal, then the one in a range, then the order, then what is
/// added up. The document's own name, which every index ends with, is not listed in any.
fn fields((query, sum): &Asking) -> Vec<(String, &'static str)> {
    let conditions = query.r#where.as_ref().map(conditions).unwrap_or_default();
    // https://firebase.google.com/docs/firestore/query-data/queries: “in” is up to 30 times “equal”.
    let (equal, range): (Vec<_>, Vec<_>) = conditions.into_iter().partition(|condition| {
        [Operator::Equal, Operator::In]
            .map(i32::from)
            .contains(&condition.op)
    });
    let mut fields = Vec::new();
    let conditions = equal.into_iter().chain(range);
    let conditions = conditions.map(|condition| (condition.field.as_ref(), "ASCENDING"));
    let orders = query.order_by.iter().map(|order| {
        assert_eq!(order.direction, i32::from(Direction::Ascending));
        (order.field.as_ref(), "ASCENDING")
    });
    for (field, order) in conditions.chain(orders) {
        let path = field.expect("a field").field_path.clone();
        if path != NAME && !fields.contains(&(path.clone(), order)) {
            fields.push((path, order));
        }
    }
    // https://firebase.google.com/docs/firestore/query-data/aggregation-queries: the index holds what is added up.
    fields.extend(sum.map(|name| (name.to_owned(), "ASCENDING")));
    fields
}

fn is_exempt(shipped: &Json, collection: &str, field: &str) -> bool {
    list(shipped, "fieldOverrides")
        .iter()
        .any(|over| over["collectionGroup"] == collection && over["fieldPath"] == field)
}

fn has_index(shipped: &Json, query: &Asking) -> bool {
    let [from] = &query.0.from[..] else {
        panic!("one collection is asked at a time")
    };
    assert!(!from.all_descendants, "no index spans stores");
    let collection = from.collection_id.as_str();
    match &fields(query)[..] {
        [] => true,
        [(field, _)] => !is_exempt(shipped, collection, field),
        several => list(shipped, "indexes").iter().any(|index| {
            let held = list(index, "fields").iter().map(|field| {
                let text = |name: &str| field[name].as_str().expect("a text");
                (text("fieldPath"), text("order"))
            });
            index["collectionGroup"] == collection
                && index["queryScope"] == "COLLECTION"
                && held.eq(several
                    .iter()
                    .map(|(field, order)| (field.as_str(), *order)))
        }),
    }
}

#[test]
fn every_query_has_an_index() {
    let shipped = shipped();
    for query in queries() {
        assert!(has_index(&shipped, &query), "{query:?}");
    }
}

#[test]
fn no_query_is_made_but_those_that_are_listed() {
    let sources = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).expect("sources");
    for source in sources {
        let path = source.expect("a source").path();
        if path.is_file() && !path.ends_with("query.rs") {
            let text = std::fs::read_to_string(&path).expect("a text");
            for word in ["StructuredQuery", "fluent()", "ListDocumentsRequest"] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
}

#[test]
fn what_is_asked_for_is_what_the_shape_says() {
    let at = Timestamp::from_ms(0);
    let fingerprint: Digest = "0".repeat(64).parse().expect("a digest");
    let asked = DuplicateQuery {
        fingerprint,
        from: at,
        to: at,
    };
    let duplicates = fields(&(duplicates(&asked).0, None));
    assert_eq!(duplicates.len(), 2);
    assert_eq!(duplicates[0].0, "fingerprint");
    let several = AnyOf {
        fingerprints: vec![fingerprint; 2],
        from: at,
        to: at,
    };
    let any = duplicates_any(&several).0;
    let first = conditions(any.r#where.as_ref().expect("a filter"))[0].op;
    assert_eq!(first, i32::from(Operator::In));
    assert_eq!(fields(&(any, None)), duplicates);
    let asked = NumberQuery {
        register_id: "00000000-0000-0000-0000-000000004e61"
            .parse()
            .expect("an id"),
        from: 1,
        to: None,
    };
    let numbers = fields(&(numbers(&asked).0, None));
    let names: Vec<_> = numbers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["registerId", "receiptSequence"]);
    assert!(created_since(Collection::Sales, at).is_none());
    for collection in [Collection::SaleConflicts, Collection::SaleResolutions] {
        let query = created_since(collection, at).expect("a query").0;
        assert_eq!(query.from[0].collection_id, collection.as_str());
        assert_eq!(fields(&(query, None)).len(), 1);
    }
    let holders = series("A").0;
    assert_eq!(holders.from[0].collection_id, "registers");
    assert_eq!(
        fields(&(holders, None)),
        [("receiptPrefix".to_owned(), "ASCENDING")]
    );
    let days = Days::one(asked.register_id, "2026-11-22");
    let names = |query: &Asking| -> Vec<String> {
        let fields = fields(query).into_iter();
        fields.map(|(name, _)| name).collect()
    };
    let after = Cursor {
        day: "2026-11-22".to_owned(),
        id: "a".to_owned(),
    };
    let read = sales_of_days(&days, Some(&after), "stores/corner");
    assert_eq!(names(&(read.0, None)), ["registerId", "businessDay"]);
    let Query(totals, sum) = of_days(Asked::TotalsOfDays, &days);
    assert_eq!(
        names(&(totals, sum)),
        ["registerId", "businessDay", "total"]
    );
}

#[test]
fn every_index_has_a_query_and_a_missing_one_is_noticed() {
    let shipped = shipped();
    let indexes = list(&shipped, "indexes");
    for n in 0..indexes.len() {
        let mut fewer = shipped.clone();
        let kept = fewer["indexes"].as_array_mut().expect("a list");
        let index = kept.remove(n);
        let needed = queries().iter().any(|query| !has_index(&fewer, query));
        assert!(needed, "no query needs {index}");
    }
    assert!(!indexes.is_empty());
}

#[test]
fn what_is_never_asked_for_is_not_indexed() {
    let shipped = shipped();
    for field in ["lines", "taxes", "tenders", "discounts", "journal"] {
        assert!(is_exempt(&shipped, "sales", field), "{field}");
    }
    for (collection, field) in [
        ("saleConflicts", "sale"),
        ("saleResolutions", "journal"),
        ("stockLedgers", "entries"),
        ("parkedCarts", "cart"),
        ("shifts", "report"),
        ("auditEvents", "details"),
    ] {
        assert!(
            is_exempt(&shipped, collection, field),
            "{collection}.{field}"
        );
    }
    for over in list(&shipped, "fieldOverrides") {
        assert!(list(over, "indexes").is_empty(), "{over}");
    }
}

/// The index of a field that grows with every document takes 500 writes a second, whatever else is written
/// (<https://firebase.google.com/docs/firestore/best-practices>, “hotspots”).
#[test]
fn what_grows_with_time_has_an_index_only_where_it_is_asked_for() {
    let shipped = shipped();
    let alone: Vec<_> = queries()
        .iter()
        .filter_map(|query| match &fields(query)[..] {
            [(field, _)] => Some((query.0.from[0].collection_id.clone(), field.clone())),
            _ => None,
        })
        .collect();
    for (collection, growing) in [
        (
            "sales",
            &["createdAt", "soldAt", "businessDay", "receiptSequence"][..],
        ),
        ("saleConflicts", &["createdAt", "failedAt", "soldAt"]),
        ("saleResolutions", &["createdAt", "decidedAt"]),
        ("registers", &["createdAt", "lastSeenAt", "lastSequence"]),
        ("stockLedgers", &["changedAt", "throughSequence"]),
        ("refundClaims", &["createdAt"]),
        ("parkedCarts", &["createdAt", "changedAt"]),
        (
            "shifts",
            &["createdAt", "openedAt", "closedAt", "businessDay"],
        ),
        ("auditEvents", &["createdAt", "recordedAt"]),
    ] {
        for field in growing {
            let asked = alone.contains(&(collection.to_owned(), (*field).to_owned()));
            let exempt = is_exempt(&shipped, collection, field);
            assert_ne!(asked, exempt, "{collection}.{field}");
        }
    }
}

#[test]
fn the_project_file_names_the_indexes_and_the_rules() {
    let project = file(include_str!("../../../../firebase/firebase.json"));
    assert_eq!(project["firestore"]["indexes"], "firestore.indexes.json");
    assert_eq!(project["firestore"]["rules"], "firestore.rules");
}
