//! The queries that the program makes, listed in one place, [`Asked`]. Each is answered by an index that
//! `docs/SYNC.md` names.

use std::ops::Bound;

use counterfoil_domain::Timestamp;
use counterfoil_sync::{AnyOf, Collection, Cursor, Days, DuplicateQuery, NumberQuery};
use gcloud_sdk::google::firestore::v1::run_aggregation_query_request::QueryType as Counted;
use gcloud_sdk::google::firestore::v1::run_query_request::QueryType as Queried;
use gcloud_sdk::google::firestore::v1::structured_aggregation_query::aggregation::{
    Count, Operator as Aggregate, Sum,
};
use gcloud_sdk::google::firestore::v1::structured_aggregation_query::{Aggregation, QueryType};
use gcloud_sdk::google::firestore::v1::structured_query::filter::FilterType;
use gcloud_sdk::google::firestore::v1::structured_query::{
    CollectionSelector, CompositeFilter, Direction, FieldFilter, FieldReference, Filter, Order,
    composite_filter, field_filter::Operator,
};
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{
    ArrayValue, Cursor as StartAt, RunAggregationQueryRequest, RunQueryRequest,
    StructuredAggregationQuery, StructuredQuery, Value,
};

use crate::codec::{CREATED_AT, to_timestamp};

/// The name that a count is answered under.
pub(crate) const COUNT: &str = "count";
/// The name that a sum is answered under.
pub(crate) const SUM: &str = "sum";
/// The field that a register's sales of some days are ordered by.
pub(crate) const DAY: &str = "businessDay";
/// The collection of sales.
const SALES: &str = Collection::Sales.as_str();
/// The collection of registers.
const REGISTERS: &str = "registers";
/// The field that names a register's receipt series.
pub(crate) const PREFIX: &str = "receiptPrefix";
/// A document's own name, which every index ends with.
const NAME: &str = "__name__";

/// What an index must be able to answer: some fields equal, then one in a range and in its order, ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Where it is asked.
    pub collection: &'static str,
    /// The fields that are equal to something.
    pub equal: &'static [&'static str],
    /// The field that lies in a range, and that the answer is ordered by.
    pub range: &'static str,
    /// The field that is added up. Such a query is never read, only counted and added up.
    pub sum: Option<&'static str>,
}

/// Names every query, so that none can be made that is not listed.
macro_rules! queries {
    ($($(#[$doc:meta])* $name:ident: $collection:expr, equal $equal:expr, range $range:expr $(, sum $sum:expr)?;)*) => {
        /// Every query that the program makes. Each is counted, read, or both; that takes the same index.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Asked {
            $($(#[$doc])* $name,)*
        }

        impl Asked {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What an index must answer for it.
            pub const fn shape(self) -> Shape {
                match self {
                    $(Self::$name => Shape {
                        collection: $collection,
                        equal: &$equal,
                        range: $range,
                        sum: [$($sum,)?].first().copied(),
                    },)*
                }
            }
        }
    };
}

queries! {
    /// Sales of the same goods, paid the same way, in a window.
    Duplicates: SALES, equal ["fingerprint"], range "soldAt";
    /// Sales of a register by their place in its receipt series.
    Numbers: SALES, equal ["registerId"], range "receiptSequence";
    /// Sales of a register by their business day.
    SalesOfDays: SALES, equal ["registerId"], range DAY;
    /// What they come to.
    TotalsOfDays: SALES, equal ["registerId"], range DAY, sum "total";
    /// What other registers have in their failure lists.
    ConflictsSince: Collection::SaleConflicts.as_str(), equal [], range CREATED_AT;
    /// What was decided about it.
    ResolutionsSince: Collection::SaleResolutions.as_str(), equal [], range CREATED_AT;
    /// Registers that print a receipt series.
    Series: REGISTERS, equal [], range PREFIX;
}

/// A query with its values. There is no other way to ask than through one of these.
pub(crate) struct Query(StructuredQuery, Option<&'static str>);

/// Sales with the fingerprint, sold in the window.
pub(crate) fn duplicates(query: &DuplicateQuery) -> Query {
    let fingerprint = ValueType::StringValue(query.fingerprint.to_string());
    Query::new(
        Asked::Duplicates,
        vec![fingerprint],
        moment(query.from),
        Some(moment(query.to)),
    )
}

/// Sales with any of the fingerprints, sold in the window. Firestore answers the alternatives from the same index
/// as one (<https://firebase.google.com/docs/firestore/query-data/queries>, “in”).
pub(crate) fn duplicates_any(query: &AnyOf) -> Query {
    let any = query.fingerprints.iter().map(|fingerprint| Value {
        value_type: Some(ValueType::StringValue(fingerprint.to_string())),
    });
    let any = ValueType::ArrayValue(ArrayValue {
        values: any.collect(),
    });
    let (from, to) = (moment(query.from), moment(query.to));
    Query::new(Asked::Duplicates, vec![any], from, Some(to))
}

/// A register's sales with these numbers, whatever their ids.
pub(crate) fn numbers(query: &NumberQuery) -> Query {
    let register = ValueType::StringValue(query.register_id.to_string());
    let (from, to) = (ValueType::IntegerValue(query.from), query.to);
    Query::new(
        Asked::Numbers,
        vec![register],
        from,
        to.map(ValueType::IntegerValue),
    )
}

/// Asks for a register's sales of these days under `parent`, the store: at most `limit` after `after`.
pub fn read_days(
    days: &Days,
    after: Option<&Cursor>,
    parent: String,
    limit: u32,
) -> RunQueryRequest {
    sales_of_days(days, after, &parent).read(parent, limit)
}

/// Asks for their number, and what they come to.
pub fn total_days(days: &Days, parent: String) -> RunAggregationQueryRequest {
    of_days(Asked::TotalsOfDays, days).count(parent)
}

fn sales_of_days(days: &Days, after: Option<&Cursor>, parent: &str) -> Query {
    let mut query = of_days(Asked::SalesOfDays, days);
    query.0.order_by.push(ascending(NAME));
    if let Some(Cursor { day, id }) = after {
        let collection = Asked::SalesOfDays.shape().collection;
        let name = format!("{parent}/{collection}/{id}");
        let place = [
            ValueType::StringValue(day.clone()),
            ValueType::ReferenceValue(name),
        ];
        let values = place.map(|value| Value {
            value_type: Some(value),
        });
        query.0.start_at = Some(StartAt {
            values: values.to_vec(),
            before: false,
        });
    }
    query
}

fn of_days(asked: Asked, days: &Days) -> Query {
    let day = |day: &String| ValueType::StringValue(day.clone());
    let from = match &days.from {
        Bound::Included(from) => Some((Operator::GreaterThanOrEqual, day(from))),
        Bound::Excluded(from) => Some((Operator::GreaterThan, day(from))),
        Bound::Unbounded => None,
    };
    let to = match &days.to {
        Bound::Included(to) => Some((Operator::LessThanOrEqual, day(to))),
        Bound::Excluded(to) => Some((Operator::LessThan, day(to))),
        Bound::Unbounded => None,
    };
    let register = ValueType::StringValue(days.register_id.to_string());
    Query::within(asked, vec![register], [from, to])
}

/// Documents created at or after `since`; none for sales, whose `createdAt` has no index: it grows with every one.
pub(crate) fn created_since(collection: Collection, since: Timestamp) -> Option<Query> {
    let asked = match collection {
        Collection::Sales => return None,
        Collection::SaleConflicts => Asked::ConflictsSince,
        Collection::SaleResolutions => Asked::ResolutionsSince,
    };
    Some(Query::new(asked, vec![], moment(since), None))
}

/// Registers whose receipts have this prefix.
pub(crate) fn series(prefix: &str) -> Query {
    let prefix = ValueType::StringValue(prefix.to_owned());
    Query::new(Asked::Series, vec![], prefix.clone(), Some(prefix))
}

impl Query {
    fn new(asked: Asked, equal: Vec<ValueType>, from: ValueType, to: Option<ValueType>) -> Self {
        let from = Some((Operator::GreaterThanOrEqual, from));
        let to = to.map(|to| (Operator::LessThanOrEqual, to));
        Self::within(asked, equal, [from, to])
    }

    fn within(
        asked: Asked,
        equal: Vec<ValueType>,
        bounds: [Option<(Operator, ValueType)>; 2],
    ) -> Self {
        let shape = asked.shape();
        debug_assert_eq!(shape.equal.len(), equal.len(), "a value for each field");
        let equal = shape.equal.iter().zip(equal);
        let mut filters: Vec<Filter> = equal
            .map(|(name, value)| match value {
                any @ ValueType::ArrayValue(_) => field(name, Operator::In, any),
                one => field(name, Operator::Equal, one),
            })
            .collect();
        let bounds = bounds.into_iter().flatten();
        filters.extend(bounds.map(|(op, bound)| field(shape.range, op, bound)));
        let op = i32::from(composite_filter::Operator::And);
        let all = FilterType::CompositeFilter(CompositeFilter { op, filters });
        let query = StructuredQuery {
            r#where: Some(Filter {
                filter_type: Some(all),
            }),
            order_by: vec![ascending(shape.range)],
            ..from_collection(shape.collection)
        };
        Self(query, shape.sum)
    }

    /// Asks for at most `limit` of the documents under `parent`.
    pub(crate) fn read(self, parent: String, limit: u32) -> RunQueryRequest {
        let query = StructuredQuery {
            limit: Some(i32::try_from(limit).unwrap_or(i32::MAX)),
            ..self.0
        };
        RunQueryRequest {
            parent,
            query_type: Some(Queried::StructuredQuery(query)),
            ..RunQueryRequest::default()
        }
    }

    /// Asks for their number, which has no order, and for their sum where there is one.
    pub(crate) fn count(self, parent: String) -> RunAggregationQueryRequest {
        let Self(query, sum) = self;
        let query = StructuredQuery {
            order_by: vec![],
            ..query
        };
        let count = Aggregation {
            alias: COUNT.to_owned(),
            operator: Some(Aggregate::Count(Count { up_to: None })),
        };
        let sum = sum.map(|name| Aggregation {
            alias: SUM.to_owned(),
            operator: Some(Aggregate::Sum(Sum {
                field: Some(reference(name)),
            })),
        });
        let counted = StructuredAggregationQuery {
            aggregations: std::iter::once(count).chain(sum).collect(),
            query_type: Some(QueryType::StructuredQuery(query)),
        };
        RunAggregationQueryRequest {
            parent,
            query_type: Some(Counted::StructuredAggregationQuery(counted)),
            ..RunAggregationQueryRequest::default()
        }
    }
}

fn from_collection(collection: &str) -> StructuredQuery {
    let collection_id = collection.to_owned();
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
        field: Some(reference(name)),
        op: i32::from(op),
        value: Some(Value {
            value_type: Some(value),
        }),
    };
    Filter {
        filter_type: Some(FilterType::FieldFilter(filter)),
    }
}

fn reference(name: &str) -> FieldReference {
    FieldReference {
        field_path: name.to_owned(),
    }
}

fn ascending(name: &str) -> Order {
    Order {
        field: Some(reference(name)),
        direction: i32::from(Direction::Ascending),
    }
}

fn moment(at: Timestamp) -> ValueType {
    ValueType::TimestampValue(to_timestamp(at))
}

#[cfg(test)]
mod tests;
