//! The queries that the program makes. Each is answered by an index that `docs/SYNC.md` names.

use counterfoil_domain::Timestamp;
use counterfoil_sync::{Collection, DuplicateQuery};
use gcloud_sdk::google::firestore::v1::structured_aggregation_query::aggregation::{
    Count, Operator as Aggregate,
};
use gcloud_sdk::google::firestore::v1::structured_aggregation_query::{Aggregation, QueryType};
use gcloud_sdk::google::firestore::v1::structured_query::filter::FilterType;
use gcloud_sdk::google::firestore::v1::structured_query::{
    CollectionSelector, CompositeFilter, Direction, FieldFilter, FieldReference, Filter, Order,
    composite_filter, field_filter::Operator,
};
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{StructuredAggregationQuery, StructuredQuery, Value};

use crate::codec::{CREATED_AT, to_timestamp};

/// The name that a count is answered under.
pub(crate) const COUNT: &str = "count";

/// Sales with the fingerprint, sold in the window; by `fingerprint, soldAt`, both ascending.
pub(crate) fn duplicates(query: &DuplicateQuery) -> StructuredQuery {
    let fingerprint = ValueType::StringValue(query.fingerprint.to_string());
    let filters = vec![
        field("fingerprint", Operator::Equal, fingerprint),
        field("soldAt", Operator::GreaterThanOrEqual, moment(query.from)),
        field("soldAt", Operator::LessThanOrEqual, moment(query.to)),
    ];
    let op = i32::from(composite_filter::Operator::And);
    let all = FilterType::CompositeFilter(CompositeFilter { op, filters });
    StructuredQuery {
        r#where: Some(Filter {
            filter_type: Some(all),
        }),
        order_by: vec![ascending("soldAt")],
        ..from(Collection::Sales)
    }
}

/// Documents created at or after `since`; by `createdAt`, ascending.
pub(crate) fn created_since(collection: Collection, since: Timestamp) -> StructuredQuery {
    StructuredQuery {
        r#where: Some(field(
            CREATED_AT,
            Operator::GreaterThanOrEqual,
            moment(since),
        )),
        order_by: vec![ascending(CREATED_AT)],
        ..from(collection)
    }
}

/// The number of documents that `query` finds.
pub(crate) fn count(query: StructuredQuery) -> StructuredAggregationQuery {
    StructuredAggregationQuery {
        aggregations: vec![Aggregation {
            alias: COUNT.to_owned(),
            operator: Some(Aggregate::Count(Count { up_to: None })),
        }],
        query_type: Some(QueryType::StructuredQuery(StructuredQuery {
            order_by: vec![],
            ..query
        })),
    }
}

fn from(collection: Collection) -> StructuredQuery {
    let collection_id = collection.as_str().to_owned();
    let selector = CollectionSelector {
        collection_id,
        all_descendants: false,
    };
    StructuredQuery {
        from: vec![selector],
        ..StructuredQuery::default()
    }
}

fn field(name: &str, op: Operator, value: ValueType) -> Filter {
    let filter = FieldFilter {
        field: Some(FieldReference {
            field_path: name.to_owned(),
        }),
        op: i32::from(op),
        value: Some(Value {
            value_type: Some(value),
        }),
    };
    Filter {
        filter_type: Some(FilterType::FieldFilter(filter)),
    }
}

fn ascending(name: &str) -> Order {
    let field = Some(FieldReference {
        field_path: name.to_owned(),
    });
    Order {
        field,
        direction: i32::from(Direction::Ascending),
    }
}

fn moment(at: Timestamp) -> ValueType {
    ValueType::TimestampValue(to_timestamp(at))
}

#[cfg(test)]
mod tests;
