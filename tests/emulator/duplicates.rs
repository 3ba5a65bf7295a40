//! What a possible duplicate is, and which pairs are listed, can be set at each register.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use counterfoil_app::ErrorCode;
use counterfoil_app::clock::SystemClock;
use counterfoil_app::dto::TenderMethod;
use counterfoil_domain::{Amount, Clock, Timestamp};
use counterfoil_store::table::warnings;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::Register;

/// One line, no card: a café sells two of them a minute.
const ESPRESSO: &[(&str, &str)] = &[("espresso", "1")];

fn amount(minor: i64) -> Option<Amount> {
    Some(Amount::new(minor).expect("an amount"))
}

/// Whether a pair was found, listed or not, by its number.
fn is_found(register: &Register, number: i64) -> bool {
    let found = register.db().read(|conn| warnings::get(conn, number));
    found.expect("read").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_is_listed_from_the_total_that_was_set_on_and_not_where_its_pattern_is_muted() {
    let cloud = Cloud::new();
    let [a, b] = ["A", "B"].map(|prefix| Register::new(prefix, &cloud));
    a.sell(ESPRESSO);
    a.sync(cloud.host()).await;
    b.sell(ESPRESSO);
    assert_eq!(b.sync(cloud.host()).await.warnings, 0);
    assert!(is_found(&b, 1), "it is found and logged all the same");

    // Each goes up by itself, so that its check finds a pair that nobody has found before.
    let sold = async |goods: &[(&str, &str)]| {
        b.sell(goods);
        b.sync(cloud.host()).await.warnings
    };
    // 2.50 is the total of one.
    b.till.set_duplicate_rule(60, amount(251)).expect("set");
    assert_eq!(sold(ESPRESSO).await, 0);
    b.till.set_duplicate_rule(60, amount(250)).expect("set");
    assert_eq!(sold(ESPRESSO).await, 1);
    assert_eq!(sold(ESPRESSO).await, 2);
    assert_eq!(sold(&[("bread", "1")]).await, 2);
    assert_eq!(sold(&[("bread", "1")]).await, 3);

    // All that are alike go from the list, and nothing else.
    let listed = b.till.failed_page(1).expect("a page").warnings;
    let [first, .., bread] = listed.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!(b.till.mute_duplicates(first.id).expect("muted").warnings, 1);
    assert_eq!(
        b.till.mute_duplicates(first.id).expect_err("decided").code,
        ErrorCode::AlreadyResolved
    );
    assert_eq!(sold(ESPRESSO).await, 1, "{:?}", bread.message);
    let set = b.till.duplicate_settings().expect("read");
    let [muted] = set.muted.as_slice() else {
        panic!("{set:?}")
    };
    let goods = muted.goods.iter();
    let goods: Vec<_> = goods.map(|line| (&*line.quantity, &*line.name)).collect();
    assert_eq!(goods, [("1", "Espresso")]);
    assert_eq!(muted.tenders, [TenderMethod::Cash]);
    assert_eq!(i64::from(muted.total), 250);

    let again = b.till.list_duplicates_again(&muted.fingerprint);
    assert_eq!(again.expect("listed again").muted, []);
    assert_eq!(sold(ESPRESSO).await, 2);
    let gone = b.till.list_duplicates_again(&muted.fingerprint);
    assert_eq!(gone.expect_err("not muted").code, ErrorCode::NotFound);
}

/// Five minutes behind.
#[derive(Debug)]
struct Earlier;

impl Clock for Earlier {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_ms(-300_000)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_of_time_can_be_set() {
    let cloud = Cloud::new();
    let goods = [("espresso", "1"), ("bread", "1"), ("butter", "1")];
    let before = Register::by_clock("A", Arc::new(Earlier));
    before.connect(cloud.project(), cloud.store_id());
    before.sell(&goods);
    before.sync(cloud.host()).await;
    let register = Register::new("B", &cloud);
    register.sell(&goods);
    assert_eq!(register.sync(cloud.host()).await.warnings, 0);

    // The one before is within the minute of the next, and nearer: other goods.
    let other = [("espresso", "2"), ("bread", "1"), ("butter", "1")];
    before.sell(&other);
    before.sync(cloud.host()).await;
    register.till.set_duplicate_rule(600, None).expect("set");
    register.sell(&other);
    assert_eq!(register.sync(cloud.host()).await.warnings, 1);
}

/// It stands where it is put.
#[derive(Debug)]
struct Put(AtomicI64);

impl Clock for Put {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::SeqCst))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_in_the_store_that_was_left_stands_for_no_twin_in_the_next() {
    let first = Cloud::new();
    let second = first.sibling();
    let begin = SystemClock.now().ms() - 3_600_000;
    let clock = Arc::new(Put(AtomicI64::new(begin)));
    let [a, b] = ["A", "B"].map(|prefix| Register::by_clock(prefix, Arc::<Put>::clone(&clock)));
    let at = |seconds: i64| clock.0.store(begin + 1_000 * seconds, Ordering::SeqCst);
    let goods = [("espresso", "1"), ("bread", "1"), ("butter", "1")];
    b.connect(second.project(), second.store_id());
    at(230);
    b.sell(&goods);
    b.sync(second.host()).await;

    // In the stretch of time that the two checks below ask for together, and no pair of either.
    a.connect(first.project(), first.store_id());
    at(110);
    a.sell(&goods);
    a.sync(first.host()).await;
    let switched = a
        .till
        .sync_switch(second.project(), second.store_id(), None, false);
    switched.expect("nothing waits");
    // The clock was wrong, and is put right.
    at(100);
    a.sell(&[("espresso", "1")]);
    at(200);
    a.sell(&goods);
    let status = a.sync(second.host()).await;
    assert_eq!((status.synced_total, status.pending), (3, 0));
    assert_eq!(status.warnings, 1, "the other register's, 30 s later");
}

#[test]
fn what_is_no_rule_is_refused_and_changes_nothing() {
    let register = Register::local("A");
    let before = register.till.duplicate_settings().expect("read");
    assert_eq!((before.window_seconds, before.listed_total), (60, None));
    for (seconds, total, code) in [
        (9, None, ErrorCode::InvalidInput),
        (3_601, None, ErrorCode::InvalidInput),
        (60, amount(0), ErrorCode::InvalidAmount),
        (60, amount(-1), ErrorCode::InvalidAmount),
    ] {
        let refused = register.till.set_duplicate_rule(seconds, total);
        assert_eq!(refused.expect_err("refused").code, code);
    }
    let missing = register.till.mute_duplicates(7);
    assert_eq!(missing.expect_err("no warning").code, ErrorCode::NotFound);
    assert_eq!(register.till.duplicate_settings().expect("read"), before);
}
