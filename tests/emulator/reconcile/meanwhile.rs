//! The register is connected anew, or becomes another one, while its books are compared.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use counterfoil_app::dto::{NewIdentityInput, ReconcileInput, ReconcileReport, SyncPhase};
use counterfoil_app::{AppError, ErrorCode, reconcile};
use counterfoil_firestore::FirestoreRemote;
use counterfoil_sync::{
    Archive, ArchivePage, Collection, Cursor, Days, DocumentName, Found, RemoteError, Totals,
};
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::Register;

use super::{Week, sending};

/// When it happens, of a comparison of two days that finds a document missing and sends it again.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// Before the day of this place is compared.
    Day(u32),
    /// While the cloud answers what is missing there, asked by name for this many times.
    Asked(u32),
}

/// The cloud, and what somebody does at the register meanwhile.
struct Meanwhile<F> {
    cloud: FirestoreRemote,
    moment: Moment,
    asked: AtomicU32,
    happens: F,
}

#[async_trait]
impl<F: Fn() + Send + Sync> Archive for Meanwhile<F> {
    async fn totals(&self, days: &Days) -> Result<Totals, RemoteError> {
        self.cloud.totals(days).await
    }

    async fn sales_of(
        &self,
        days: &Days,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<ArchivePage, RemoteError> {
        self.cloud.sales_of(days, after, limit).await
    }

    async fn documents(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        let found = self.cloud.documents(names).await;
        let asked = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        if matches!(self.moment, Moment::Asked(at) if at == asked) {
            (self.happens)();
        }
        found
    }
}

async fn compared(
    register: &Register,
    cloud: &Cloud,
    input: ReconcileInput,
    moment: Moment,
    happens: impl Fn() + Clone + Send + Sync + 'static,
) -> Result<ReconcileReport, AppError> {
    let archive: Arc<dyn Archive> = Arc::new(Meanwhile {
        cloud: cloud.remote(),
        moment,
        asked: AtomicU32::new(0),
        happens: happens.clone(),
    });
    let (db, now) = (register.db(), register.till.clock().now());
    reconcile(&db, Ok(archive), &input, now, &|at| {
        if matches!(moment, Moment::Day(day) if day == at.done) {
            happens();
        }
    })
    .await
}

fn says_what_to_do(error: &AppError) {
    assert_eq!(error.code, ErrorCode::RegisterChanged, "{error}");
    for part in [
        "while its books were compared",
        "All sales are safe",
        "again",
    ] {
        assert!(error.message.contains(part), "{part}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_another_register_used_twice_do_not_stop_the_one_that_followed_it() {
    for day in [0, 1] {
        let week = Week::new().await;
        let twin = "00005a1e-0000-4000-8000-0000000000ff";
        week.twin(3, twin).await;
        let till = week.register.till.clone();
        let becomes = move || {
            let input = NewIdentityInput {
                receipt_prefix: "B".to_owned(),
                by: "Maria".to_owned(),
            };
            till.new_identity(&input).expect("a register of its own");
        };
        let input = ReconcileInput::default();
        let moment = Moment::Day(day);
        let done = compared(&week.register, &week.cloud, input, moment, becomes).await;
        says_what_to_do(&done.expect_err("it is about the register before"));
        assert_eq!(week.register.till.identity().expect("read").doubt, None);
        week.register.sell(&[("butter", "1")]);
        let status = week.register.sync(week.cloud.host()).await;
        assert_eq!((status.state, status.synced_total), (SyncPhase::Idle, 6));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_in_a_store_that_was_left_is_not_sent_to_the_next_one() {
    // The second time it is asked by name is before it is put back.
    for moment in [
        Moment::Day(0),
        Moment::Day(1),
        Moment::Asked(1),
        Moment::Asked(2),
    ] {
        let week = Week::new().await;
        week.cloud.remove(&week.path(4)).await;
        let second = week.cloud.sibling();
        let (till, to) = (week.register.till.clone(), second.store_id().to_owned());
        let project = second.project();
        let switch = move || {
            let switched = till.sync_switch(project, &to, None, false);
            switched.expect("nothing waits");
        };
        let done = compared(&week.register, &week.cloud, sending(), moment, switch).await;
        says_what_to_do(&done.expect_err("it is about the store before"));
        let status = week.register.sync(second.host()).await;
        assert_eq!((status.pending, status.synced_total), (0, 5), "{moment:?}");
        let there = second.all(Collection::Sales).await;
        assert!(there.is_empty(), "{moment:?}: {there:?}");
        let report = super::run(&week.register, &second, ReconcileInput::default()).await;
        assert!(report.clean, "{moment:?}: {report:?}");
        assert_eq!(report.links, 5, "nobody's attempt: {moment:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connected_anew_to_the_same_store_it_is_compared_again() {
    let week = Week::new().await;
    let (till, to) = (week.register.till.clone(), week.cloud.store_id().to_owned());
    let project = week.cloud.project();
    let anew = move || {
        let connected = till.sync_connect(project, &to, None, false);
        connected.expect("the same store");
    };
    let input = ReconcileInput::default();
    let moment = Moment::Day(1);
    let done = compared(&week.register, &week.cloud, input, moment, anew).await;
    says_what_to_do(&done.expect_err("the cloud may have been emptied"));
    let again = week.reconciled().await;
    assert!(again.clean, "{again:?}");
}
