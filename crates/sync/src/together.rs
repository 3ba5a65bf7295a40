//! One question for many checks: a chain of shops owes thousands of them a day, and hardly any finds something.
//!
//! Sales whose goods this register sold once about that time are asked for together: how many sales with any
//! of these fingerprints does the cloud hold over the whole stretch of time? As many as this register itself
//! has there means that none of them has a twin. Anything else is looked at one by one.

use std::collections::BTreeSet;

use counterfoil_domain::{Digest, Timestamp};

use crate::duplicates::{DuplicateRule, OwedCheck};

/// A stretch of time beyond which checks are not asked for together: the longer it is, the more often other
/// registers have sold the same goods in it.
const LONGEST_STRETCH_MS: i64 = 3_600_000;

/// A sale of this register that is in the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnSale {
    /// What it shares with sales of the same goods, paid the same way.
    pub fingerprint: Digest,
    /// When it was sold, by the register's clock.
    pub sold_at: Timestamp,
}

/// Sales with any of these fingerprints, sold in a window: one count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyOf {
    /// At most [`MAX_QUERIES`](crate::duplicates::MAX_QUERIES), each once, in order.
    pub fingerprints: Vec<Digest>,
    /// The window's first moment (inclusive), by the server's clock.
    pub from: Timestamp,
    /// The window's last moment (inclusive).
    pub to: Timestamp,
}

/// The stretch of time in which own sales matter for these checks: their windows, and as much again on both
/// sides. `None` where it is too long for one question, or where there is only one to ask.
pub fn stretch(
    owed: &[OwedCheck],
    rule: &DuplicateRule,
    clock_offset_ms: i64,
) -> Option<(Timestamp, Timestamp)> {
    let first = owed.iter().map(|check| check.sold_at).min()?;
    let last = owed.iter().map(|check| check.sold_at).max()?;
    if owed.len() < 2 || last.since_ms(first) > LONGEST_STRETCH_MS {
        return None;
    }
    let margin_ms = 2 * rule.window_ms + clock_offset_ms.abs();
    Some((first.plus_ms(-margin_ms), last.plus_ms(margin_ms)))
}

/// Which of `owed` may be asked for together, how, and how many own sales that counts. `own` are this register's
/// sales in the cloud, at least those of the [`stretch`]. `None` where none may.
pub fn together(
    owed: &[OwedCheck],
    own: &[OwnSale],
    rule: &DuplicateRule,
    clock_offset_ms: i64,
) -> Option<(Vec<OwedCheck>, AnyOf, u64)> {
    // By the register's clock, and as the question sees it: where the clock was set in between, they are not the same.
    let twinned = |check: &OwedCheck| {
        let query = check.query(rule, clock_offset_ms);
        let same = own
            .iter()
            .filter(|sale| sale.fingerprint == check.fingerprint);
        let sold_at = same.map(|sale| sale.sold_at);
        let near = |at: &Timestamp| at.since_ms(check.sold_at).abs() <= rule.window_ms;
        let seen = |at: &Timestamp| (query.from..=query.to).contains(at);
        let in_window = sold_at.clone().filter(seen).count();
        sold_at.filter(near).count() > 1
            || u64::try_from(in_window).is_ok_and(|count| count > check.own_count(&query))
    };
    let alone: Vec<OwedCheck> = owed
        .iter()
        .filter(|check| !twinned(check))
        .cloned()
        .collect();
    if alone.len() < 2 {
        return None;
    }
    let queries = alone.iter().map(|check| check.query(rule, clock_offset_ms));
    let (froms, tos): (Vec<_>, Vec<_>) = queries.map(|query| (query.from, query.to)).unzip();
    let (from, to) = (froms.into_iter().min()?, tos.into_iter().max()?);
    let fingerprints: BTreeSet<Digest> = alone.iter().map(|check| check.fingerprint).collect();
    let counted = own.iter().filter(|sale| {
        fingerprints.contains(&sale.fingerprint) && (from..=to).contains(&sale.sold_at)
    });
    let expected = u64::try_from(counted.count()).unwrap_or(u64::MAX);
    let fingerprints = fingerprints.into_iter().collect();
    Some((
        alone,
        AnyOf {
            fingerprints,
            from,
            to,
        },
        expected,
    ))
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::SaleId;
    use serde_json::json;

    use super::*;

    const T: i64 = 1_795_000_000_000;

    fn goods(n: i64) -> Digest {
        Digest::of(&json!({ "goods": n })).expect("a digest")
    }

    fn owed(n: u128, goods_sold: i64, at_s: i64) -> OwedCheck {
        OwedCheck {
            sale_id: SaleId::new(uuid::Uuid::from_u128(n)),
            fingerprint: goods(goods_sold),
            sold_at: Timestamp::from_ms(T + at_s * 1_000),
        }
    }

    fn own(checks: &[OwedCheck]) -> Vec<OwnSale> {
        let sale = |check: &OwedCheck| OwnSale {
            fingerprint: check.fingerprint,
            sold_at: check.sold_at,
        };
        checks.iter().map(sale).collect()
    }

    #[test]
    fn sales_of_different_goods_are_one_question() {
        let checks = [owed(1, 1, 0), owed(2, 2, 30), owed(3, 3, 600)];
        let rule = DuplicateRule::default();
        let (asked, any, expected) =
            together(&checks, &own(&checks), &rule, 0).expect("a question");
        assert_eq!((asked.as_slice(), expected), (&checks[..], 3));
        assert_eq!(any.fingerprints.len(), 3);
        assert_eq!((any.from.ms(), any.to.ms()), (T - 60_000, T + 660_000));
    }

    #[test]
    fn a_pair_of_this_register_is_looked_at_by_itself() {
        let checks = [
            owed(1, 1, 0),
            owed(2, 1, 30),
            owed(3, 2, 40),
            owed(4, 3, 50),
        ];
        let rule = DuplicateRule::default();
        let (asked, any, expected) =
            together(&checks, &own(&checks), &rule, 0).expect("a question");
        assert_eq!(asked, checks[2..]);
        assert_eq!((any.fingerprints.len(), expected), (2, 2));
    }

    #[test]
    fn a_sale_before_the_clock_was_set_back_is_a_pair_with_one_after_it() {
        // The second one was sold 30 seconds after the first, by a clock that was set back by 200 in between.
        let checks = [owed(1, 1, 0), owed(2, 1, -170), owed(3, 2, -165)];
        let (rule, back) = (DuplicateRule::default(), 200_000);
        assert_eq!(together(&checks[1..], &own(&checks), &rule, back), None);
        let third = owed(4, 3, -160);
        let all = [&checks[..], std::slice::from_ref(&third)].concat();
        let (asked, ..) = together(&all[1..], &own(&all), &rule, back).expect("a question");
        assert_eq!(asked, [checks[2].clone(), third]);
    }

    #[test]
    fn the_same_goods_later_are_counted_in_and_no_pair() {
        let checks = [owed(1, 1, 0), owed(2, 1, 300), owed(3, 2, 10)];
        let rule = DuplicateRule::default();
        let (asked, any, expected) =
            together(&checks, &own(&checks), &rule, 0).expect("a question");
        assert_eq!(asked.len(), 3);
        assert_eq!((any.fingerprints.len(), expected), (2, 3));
    }

    #[test]
    fn a_window_that_the_servers_clock_moves_away_expects_none_of_ours() {
        let checks = [owed(1, 1, 0), owed(2, 2, 0)];
        let rule = DuplicateRule::default();
        let hour = 3_600_000;
        let (_, any, expected) = together(&checks, &own(&checks), &rule, hour).expect("a question");
        assert_eq!((any.from.ms(), expected), (T + hour - 60_000, 0));
    }

    #[test]
    fn days_apart_or_alone_there_is_nothing_to_ask_together() {
        let rule = DuplicateRule::default();
        assert_eq!(stretch(&[owed(1, 1, 0)], &rule, 0), None);
        assert_eq!(
            stretch(&[owed(1, 1, 0), owed(2, 2, 86_400)], &rule, 0),
            None
        );
        let near = [owed(1, 1, 0), owed(2, 2, 60)];
        let (from, to) = stretch(&near, &rule, -5_000).expect("a stretch");
        assert_eq!((from.ms(), to.ms()), (T - 125_000, T + 185_000));
        assert_eq!(together(&near[..1], &own(&near), &rule, 0), None);
    }
}
