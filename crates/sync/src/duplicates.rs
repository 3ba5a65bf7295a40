//! Possible duplicates: the same sale under another id.
//!
//! Both stay. The search runs after the commit, so that of two registers that race at least one
//! sees the other, and it is owed for every sale that has landed.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Amount, Digest, SaleId, Timestamp};
use serde_json::Value;

use crate::remote::{DuplicateQuery, Found};

/// Queries in one call of [`Remote::count`](crate::Remote::count).
pub const MAX_QUERIES: usize = 30;
/// Documents that are read for one check at most.
pub const MAX_TWINS: u32 = 20;

/// When two sales of the same goods look like one, and when a manager is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuplicateRule {
    /// How far apart they may have been sold, in milliseconds.
    pub window_ms: i64,
    /// From this total on a pair is listed, whatever else it is.
    pub listed_total: Option<Amount>,
}

impl Default for DuplicateRule {
    fn default() -> Self {
        Self {
            window_ms: 60_000,
            listed_total: None,
        }
    }
}

/// A check that is owed for a sale that has landed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedCheck {
    /// The sale.
    pub sale_id: SaleId,
    /// Its fingerprint.
    pub fingerprint: Digest,
    /// When it was sold, by the register's clock.
    pub sold_at: Timestamp,
}

/// Another sale of the same goods, paid the same way, about the same time.
#[derive(Clone, Debug, PartialEq)]
pub struct Twin {
    /// Its id.
    pub sale_id: SaleId,
    /// Its record as it stands in the cloud.
    pub fields: Fields,
    /// How far apart the two were sold, in whole seconds.
    pub seconds_apart: i64,
    /// Whether the manager is told; otherwise it is only logged, because a café sells two
    /// espressos a minute.
    pub listed: bool,
}

impl OwedCheck {
    /// The query that finds it and its twins. `clock_offset_ms` is the server's clock minus the
    /// register's.
    pub fn query(&self, rule: &DuplicateRule, clock_offset_ms: i64) -> DuplicateQuery {
        let sold_at = self.sold_at.plus_ms(clock_offset_ms);
        DuplicateQuery {
            fingerprint: self.fingerprint,
            from: sold_at.plus_ms(-rule.window_ms),
            to: sold_at.plus_ms(rule.window_ms),
        }
    }

    /// How many sales `query` counts when there is no twin: the sale itself, unless the correction
    /// has moved the window away from it.
    pub fn own_count(&self, query: &DuplicateQuery) -> u64 {
        u64::from((query.from..=query.to).contains(&self.sold_at))
    }

    /// The twins among `found`. `own` is the sale as it stands in the cloud, if it is known.
    ///
    /// Copies and reversals (`originalSaleId`, `cancels`) belong to a decision and are never part
    /// of a pair. A document that cannot be read, or whose fingerprint is not what it says, is not.
    pub fn twins(&self, own: Option<&Fields>, found: &[Found], rule: &DuplicateRule) -> Vec<Twin> {
        if own.is_some_and(belongs_to_a_decision) {
            return Vec::new();
        }
        let mut twins = Vec::new();
        for fields in found.iter().filter_map(|found| found.fields.as_ref().ok()) {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let Some(sale_id) = text("saleId").and_then(|id| id.parse().ok()) else {
                continue;
            };
            let Some(sold_at) = text("soldAt").and_then(|at| at.parse::<Timestamp>().ok()) else {
                continue;
            };
            let same = Digest::fingerprint_of_sale(fields).is_ok_and(|f| f == self.fingerprint);
            if sale_id == self.sale_id || belongs_to_a_decision(fields) || !same {
                continue;
            }
            twins.push(Twin {
                sale_id,
                seconds_apart: (sold_at.since_ms(self.sold_at) / 1_000).abs(),
                listed: listed(own, fields, rule),
                fields: fields.clone(),
            });
        }
        twins
    }
}

fn belongs_to_a_decision(fields: &Fields) -> bool {
    fields.contains_key("cancels") || fields.contains_key("originalSaleId")
}

fn listed(own: Option<&Fields>, twin: &Fields, rule: &DuplicateRule) -> bool {
    let lines = twin
        .get("lines")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let weighed = |line: &Value| line.get("unit").and_then(Value::as_str) == Some("kg");
    let total = twin.get("total").and_then(Value::as_i64).unwrap_or(0);
    let large = rule
        .listed_total
        .is_some_and(|least| total >= least.minor());
    let same_card = own.is_some_and(|own| {
        let theirs = card_references(twin);
        card_references(own)
            .iter()
            .any(|reference| theirs.contains(reference))
    });
    lines.len() >= 3 || lines.iter().any(weighed) || large || same_card
}

fn card_references(fields: &Fields) -> Vec<&str> {
    let tenders = fields
        .get("tenders")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let card = |tender: &&Value| tender.get("method").and_then(Value::as_str) == Some("card");
    let reference = |tender| Value::get(tender, "reference").and_then(Value::as_str);
    tenders.iter().filter(card).filter_map(reference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::{Collection, DocumentName};
    use serde_json::json;

    const T: i64 = 1_795_000_000_000;

    fn document(id: u128, at: i64, lines: usize, unit: &str, reference: &str) -> Fields {
        let line = |n| json!({"line": n, "sku": "espresso", "quantity": "1", "unit": unit, "unitPrice": 250, "discount": 0});
        let fields = json!({
            "saleId": SaleId::new(uuid::Uuid::from_u128(id)), "soldAt": Timestamp::from_ms(at),
            "lines": (1..=lines).map(line).collect::<Vec<_>>(), "total": 250 * lines,
            "tenders": [{"method": "card", "amount": 250 * lines, "reference": reference}],
        });
        fields.as_object().cloned().expect("an object")
    }

    fn found(fields: Fields) -> Found {
        let name = DocumentName {
            collection: Collection::Sales,
            id: "x".to_owned(),
        };
        Found {
            name,
            fields: Ok(fields),
            created_at: Timestamp::from_ms(T),
        }
    }

    fn owed(own: &Fields) -> OwedCheck {
        OwedCheck {
            sale_id: SaleId::new(uuid::Uuid::from_u128(1)),
            fingerprint: Digest::fingerprint_of_sale(own).expect("a sale"),
            sold_at: Timestamp::from_ms(T),
        }
    }

    #[test]
    fn the_window_follows_the_servers_clock() {
        let check = owed(&document(1, T, 1, "piece", "a"));
        let rule = DuplicateRule::default();
        let query = check.query(&rule, 0);
        assert_eq!((query.from.ms(), query.to.ms()), (T - 60_000, T + 60_000));
        assert_eq!(check.own_count(&query), 1);
        let moved = check.query(&rule, 90_000);
        assert_eq!((moved.from.ms(), moved.to.ms()), (T + 30_000, T + 150_000));
        assert_eq!(
            check.own_count(&moved),
            0,
            "the sale itself lies outside now"
        );
    }

    #[test]
    fn two_espressos_a_minute_are_logged_and_not_listed() {
        let own = document(1, T, 1, "piece", "a");
        let other = document(2, T + 31_500, 1, "piece", "b");
        let all = [found(own.clone()), found(other)];
        let twins = owed(&own).twins(Some(&own), &all, &DuplicateRule::default());
        assert_eq!(twins.len(), 1, "the sale is not its own twin");
        assert_eq!((twins[0].seconds_apart, twins[0].listed), (31, false));
    }

    #[test]
    fn three_lines_a_weighed_line_the_same_card_or_a_large_total_are_listed() {
        let rule = DuplicateRule::default();
        let listed = |own: Fields, other: Fields, rule: &DuplicateRule| {
            let twins = owed(&own).twins(Some(&own), &[found(other)], rule);
            twins.first().map(|twin| twin.listed)
        };
        let of = |id, lines, unit, reference| document(id, T, lines, unit, reference);
        assert_eq!(
            listed(of(1, 3, "piece", "a"), of(2, 3, "piece", "b"), &rule),
            Some(true)
        );
        assert_eq!(
            listed(of(1, 1, "kg", "a"), of(2, 1, "kg", "b"), &rule),
            Some(true)
        );
        assert_eq!(
            listed(of(1, 1, "piece", "a"), of(2, 1, "piece", "a"), &rule),
            Some(true)
        );
        let large = DuplicateRule {
            listed_total: Amount::new(250).ok(),
            ..rule
        };
        assert_eq!(
            listed(of(1, 1, "piece", "a"), of(2, 1, "piece", "b"), &large),
            Some(true)
        );
        assert_eq!(
            listed(of(1, 2, "piece", "a"), of(2, 2, "piece", "b"), &rule),
            Some(false)
        );
    }

    #[test]
    fn copies_reversals_and_documents_that_lie_are_never_part_of_a_pair() {
        let rule = DuplicateRule::default();
        let own = document(1, T, 3, "piece", "a");
        let mut copy = document(2, T, 3, "piece", "a");
        copy.insert("originalSaleId".to_owned(), json!("x"));
        let mut reversal = document(3, T, 3, "piece", "a");
        reversal.insert("cancels".to_owned(), json!("x"));
        let other_goods = document(4, T, 2, "piece", "a");
        let unreadable = Found {
            fields: Err("a double".to_owned()),
            ..found(Fields::new())
        };
        let all = [
            found(copy.clone()),
            found(reversal),
            found(other_goods),
            unreadable,
        ];
        assert_eq!(owed(&own).twins(Some(&own), &all, &rule), []);
        assert_eq!(
            owed(&own).twins(
                Some(&copy),
                &[found(document(5, T, 3, "piece", "a"))],
                &rule
            ),
            []
        );
    }
}
