//! A register that is connected to another store while its sales are on their way to the first.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil_app::dto::{ReconcileInput, SyncPhase};
use counterfoil_app::reconcile;
use counterfoil_sync::{Archive, Collection};
use counterfoil_tests::rig::by_itself;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::{Register, text};
use counterfoil_tests::rig::shim::{Call, Fate, Part, Shim};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_its_way_to_one_store_is_whole_in_the_next() {
    let first = Cloud::new();
    let (second, shim) = (first.sibling(), Shim::new(first.host()));
    let register = Register::new("A", &first);
    let sold: BTreeSet<String> = (1..=40)
        .map(|n| text(&register.sell(&[("bread", &n.to_string())]), "saleId").to_owned())
        .collect();

    // Another program does it, after the first commit and before its answer.
    let (till, to) = (register.till.clone(), second.store_id().to_owned());
    let (project, done) = (second.project(), AtomicBool::new(false));
    let switch: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
        if !done.swap(true, Ordering::SeqCst) {
            let switched = till.sync_switch(project, &to, None, true);
            switched.expect("switched");
        }
    });
    shim.plan(move |call: &Call| {
        let switch = Arc::clone(&switch);
        match call.part {
            Part::Commit => Fate::Changed(Arc::new(move |answer| {
                switch();
                answer
            })),
            _ => Fate::Passes,
        }
    });
    let handle = register.start(shim.host());
    let status = handle.status();
    by_itself("all is up in the second store", || {
        let now = status.borrow();
        let there = now.store_id.as_deref() == Some(second.store_id());
        let up = now.synced_total == 40 && now.pending + now.in_flight == 0;
        (there && up && now.state == SyncPhase::Idle).then_some(())
    })
    .await;
    handle.stop();

    let there = second.all(Collection::Sales).await;
    let ids: BTreeSet<String> = there.iter().map(|found| found.name.id.clone()).collect();
    assert_eq!((there.len(), ids), (sold.len(), sold));
    assert!(
        !first.all(Collection::Sales).await.is_empty(),
        "some arrived in the first"
    );
    let archive: Arc<dyn Archive> = Arc::new(second.remote());
    let (input, now) = (ReconcileInput::default(), register.till.clock().now());
    let books = reconcile(&register.db(), Ok(archive), &input, now, &|_| {}).await;
    let books = books.expect("the books");
    assert!(books.clean, "{books:?}");
}
