//! Answers that are lost, late, torn, repeated, incomplete or a day off.

use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use counterfoil_app::clock::SystemClock;
use counterfoil_app::dto::{SyncPhase, SyncStatus};
use counterfoil_app::sync::{Parts, start};
use counterfoil_domain::{Clock, Timestamp};
use counterfoil_sync::{Archive as _, Collection, Days, DocumentName, DuplicateQuery, Remote as _};
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::proxy::{Network, Proxy};
use counterfoil_tests::rig::register::{Register, text};
use counterfoil_tests::rig::shim::{Code, Done, Fate, Part, Shim};
use counterfoil_tests::rig::{by_itself, until};
use serde_json::Value;

/// Calls of a register that is made to wait: shorter than what it is made to wait for.
const DEADLINE: Duration = Duration::from_secs(1);
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn sell_three(register: &Register) -> Vec<Value> {
    let quantities = ["1", "2", "3"];
    let sold = quantities.map(|n| register.sell(&[("bread", n), ("butter", "1"), ("espresso", n)]));
    sold.into()
}

/// Syncs by itself until all is up, without waiting for anything but its own patience.
async fn up(parts: Parts, sales: u32) -> SyncStatus {
    let (handle, task) = start(parts);
    let status = handle.status();
    let done = by_itself("all is up", || {
        let status = status.borrow();
        let well = status.state == SyncPhase::Idle && status.problem.is_none();
        (status.synced_total == sales && well).then(|| status.clone())
    })
    .await;
    handle.stop();
    task.await.expect("it ends");
    done
}

async fn once_each(cloud: &Cloud, sold: &[Value]) {
    let there = cloud.all(Collection::Sales).await;
    let mut there: Vec<&str> = there.iter().map(|found| found.name.id.as_str()).collect();
    let mut sold: Vec<&str> = sold.iter().map(|sale| text(sale, "saleId")).collect();
    there.sort_unstable();
    sold.sort_unstable();
    assert_eq!(there, sold);
    assert!(cloud.all(Collection::SaleConflicts).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_found_to_be_ours() {
    let emulator = Cloud::new();
    for fate in [
        Fate::Silence(Done::Carried),
        Fate::Status(Code::Unavailable, Done::Carried),
        Fate::Status(Code::Internal, Done::Carried),
        Fate::Torn(Code::Unknown),
        Fate::Twice,
    ] {
        let cloud = emulator.sibling();
        let shim = Shim::new(cloud.host());
        let register = Register::new("A", &cloud);
        let sold = sell_three(&register);
        shim.strike_next(Part::Commit, 1, fate);
        let status = up(register.parts(shim.host(), DEADLINE), 3).await;
        assert_eq!(
            (shim.struck(), status.failed_total, status.warnings),
            (1, 0, 0)
        );
        once_each(&cloud, &sold).await;
        let there = cloud
            .document(Collection::Sales, text(&sold[0], "saleId"))
            .await;
        let here = register.sale(text(&sold[0], "saleId"));
        assert_eq!(here["createdAt"], there.expect("it is there")["createdAt"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_after_the_commit_costs_nothing() {
    let cloud = Cloud::new();
    let shim = Shim::new(cloud.host());
    let proxy = Proxy::new(shim.host()).await;
    let register = Register::new("A", &cloud);
    let sold = sell_three(&register);
    shim.strike_next(Part::Commit, 1, Fate::Silence(Done::Carried));
    let (handle, task) = start(register.parts(proxy.host(), Duration::from_secs(60)));
    until("the commit is there", || (shim.struck() == 1).then_some(())).await;
    proxy.set(Network::Down);
    let status = handle.status();
    until("it says so", || {
        (status.borrow().state == SyncPhase::Offline).then_some(())
    })
    .await;
    proxy.set(Network::Up);
    by_itself("all is up", || {
        (status.borrow().synced_total == 3).then_some(())
    })
    .await;
    handle.stop();
    task.await.expect("it ends");
    once_each(&cloud, &sold).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_may_arrive_twice() {
    let cloud = Cloud::new();
    let shim = Shim::new(cloud.host());
    let register = Register::new("A", &cloud);
    let sold = sell_three(&register);
    // A claim is guarded by what was read: one that is always overtaken is never had.
    let claims = AtomicI64::new(1);
    shim.plan(move |call| match call.part {
        Part::Claim if claims.fetch_sub(1, Ordering::SeqCst) <= 0 => Fate::Passes,
        _ => Fate::Twice,
    });
    let status = up(register.parts(shim.host(), Duration::from_secs(20)), 3).await;
    assert_eq!((status.failed_total, status.warnings), (0, 0));
    once_each(&cloud, &sold).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_arrives_after_it_was_sent_again_changes_nothing() {
    let cloud = Cloud::new();
    let shim = Shim::new(cloud.host());
    let register = Register::new("A", &cloud);
    let sold = sell_three(&register);
    shim.strike_next(Part::Commit, 2, Fate::Late(3 * DEADLINE));
    up(register.parts(shim.host(), DEADLINE), 3).await;
    let before = cloud.all(Collection::Sales).await;
    let late = shim.struck();
    assert!(late > 0, "a commit was late");
    until("they have arrived", || {
        (shim.arrived() == late).then_some(())
    })
    .await;
    assert_eq!(cloud.all(Collection::Sales).await, before);
    once_each(&cloud, &sold).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_answer_leaves_out_is_not_taken_for_absent() {
    let emulator = Cloud::new();
    let half = Fate::Changed(Arc::new(|mut messages| {
        messages.truncate(messages.len() / 2);
        messages
    }));
    for read in [
        Fate::Torn(Code::Unavailable),
        Fate::Torn(Code::Cancelled),
        half,
    ] {
        let cloud = emulator.sibling();
        let shim = Shim::new(cloud.host());
        let register = Register::new("A", &cloud);
        let sold = sell_three(&register);
        let (commits, reads) = (AtomicI64::new(1), AtomicI64::new(2));
        let first = |left: &AtomicI64| left.fetch_sub(1, Ordering::SeqCst) > 0;
        shim.plan(move |call| match call.part {
            Part::Commit if first(&commits) => Fate::Status(Code::Unavailable, Done::Carried),
            Part::Read if first(&reads) => read.clone(),
            _ => Fate::Passes,
        });
        let status = up(register.parts(shim.host(), Duration::from_secs(20)), 3).await;
        assert_eq!(status.failed_total, 0);
        assert_eq!(shim.struck(), 3, "one commit and two reads");
        once_each(&cloud, &sold).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_answer_says_twice_is_there_once() {
    let cloud = Cloud::new();
    let shim = Shim::new(cloud.host());
    let (a, b) = (Register::new("A", &cloud), Register::new("B", &cloud));
    let goods = [("espresso", "1"), ("bread", "2"), ("butter", "1")];
    let mut sold = vec![a.sell(&goods)];
    a.sync(cloud.host()).await;
    sold.push(b.sell(&goods));
    sold.push(b.sell(&[("bread", "9")]));
    // Everything that is answered by a stream; the first commit's answer is lost, so that it is read.
    let commits = AtomicI64::new(1);
    shim.plan(move |call| match call.part {
        Part::Commit if commits.fetch_sub(1, Ordering::SeqCst) > 0 => {
            Fate::Status(Code::Unavailable, Done::Carried)
        }
        Part::Commit | Part::Claim | Part::Other => Fate::Passes,
        _ => Fate::Doubled,
    });
    let status = up(b.parts(shim.host(), Duration::from_secs(20)), 2).await;
    assert_eq!((status.failed_total, status.warnings), (0, 1));
    once_each(&cloud, &sold).await;

    let remote = cloud.remote_through(shim.host());
    let name = |sale: &Value| DocumentName {
        collection: Collection::Sales,
        id: text(sale, "saleId").to_owned(),
    };
    let names: Vec<_> = sold.iter().map(name).collect();
    let read = remote.get(&names).await.expect("an answer");
    assert_eq!(read.iter().flatten().count(), 3);
    let days = Days {
        register_id: text(&sold[1], "registerId").parse().expect("an id"),
        from: Bound::Unbounded,
        to: Bound::Unbounded,
    };
    // Two of two: a page that is full, by the number of what it holds.
    let page = remote.sales_of(&days, None, 2).await.expect("a page");
    assert_eq!(page.found.len(), 2);
    let next = remote.sales_of(&days, page.next.as_ref(), 2).await;
    assert_eq!(next.expect("a page").found.len(), 0);
    let query = DuplicateQuery {
        fingerprint: text(&sold[0], "fingerprint").parse().expect("a digest"),
        from: Timestamp::from_ms(0),
        to: SystemClock.now(),
    };
    let twins = remote.duplicates(&query, 9).await.expect("an answer");
    assert_eq!(twins.len(), 2);
}

/// The system's clock, a day ahead.
struct Tomorrow;

impl Clock for Tomorrow {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_ms(DAY_MS)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_a_day_off_is_measured_shown_and_reckoned_with() {
    let cloud = Cloud::new();
    let shim = Shim::new(cloud.host());
    shim.strike(Part::Commit, Fate::later(DAY_MS));
    // The server and the first register have the same time, the second is a day behind.
    let ahead = Register::by_clock("A", Arc::new(Tomorrow));
    ahead.connect(cloud.project(), cloud.store_id());
    let behind = Register::new("B", &cloud);
    let goods = [("espresso", "1"), ("bread", "2"), ("butter", "1")];
    let theirs = ahead.sell(&goods);
    let clock: Arc<dyn Clock> = Arc::new(Tomorrow);
    let parts = Parts {
        clock,
        ..ahead.parts(shim.host(), Duration::from_secs(20))
    };
    let right = up(parts, 1).await;
    let offset = right.clock_offset_ms.expect("measured").abs();
    assert!(offset < 60_000, "{offset} ms: its clock is right");

    behind.sell(&[("bread", "9")]);
    let wrong = up(behind.parts(shim.host(), Duration::from_secs(20)), 1).await;
    let offset = wrong.clock_offset_ms.expect("measured") + DAY_MS;
    assert!(offset.abs() < 60_000, "{offset} ms beside a day");
    assert_eq!(wrong.warnings, 0);

    let ours = behind.sell(&goods);
    let warned = up(behind.parts(shim.host(), Duration::from_secs(20)), 2).await;
    assert_eq!(
        warned.warnings, 1,
        "sold at the same time, whatever the clocks say"
    );
    let page = behind.till.failed_page(1).expect("a page");
    let pair = [text(&ours, "saleId"), text(&theirs, "saleId")];
    assert_eq!(page.warnings[0].sale_ids, pair);
}
