//! What a long queue costs: nothing at the till, and no memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use counterfoil_app::Till;
use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::db::Db;
use counterfoil_app::sync::{Connect, Limits, Parts, SyncSettings, sync_with_firestore};
use counterfoil_domain::{RegisterId, Timestamp};
use counterfoil_store::table::outbox;
use counterfoil_store::table::sync_state::Connected;
use counterfoil_store::{Connection, Store, StoreError};
use counterfoil_sync::{
    Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, Printing, RegisterClaim,
    RegisterDocument, Remote, RemoteError, StoreDocument,
};
use counterfoil_tests::rig::PATIENCE;

use crate::cloud::{Desk, Imagined};

const FEW: usize = 5;
const MANY: usize = 800;

fn desk_with(sales: usize) -> Desk {
    let desk = Desk::new();
    for _ in 0..sales {
        sell(&desk);
    }
    desk
}

fn sell(desk: &Desk) {
    desk.register
        .sell(&[("bread", "1"), ("apples", "0.734"), ("butter", "2")]);
}

/// The steps of SQLite's machine on the connections of a database: what a query plan comes to.
#[derive(Clone, Default)]
struct Steps(Arc<AtomicU64>);

impl Steps {
    fn of(db: &Db) -> Self {
        let steps = Self::default();
        let hooked = db.read(|conn| steps.hook(conn));
        hooked.expect("a reading connection");
        let hooked = db.with_writer(|store: &mut Store| steps.hook(store.connection()));
        hooked.expect("the writing connection");
        steps
    }

    fn hook(&self, conn: &Connection) -> Result<(), StoreError> {
        let steps = Arc::clone(&self.0);
        let count = move || {
            steps.fetch_add(1, Ordering::Relaxed);
            false
        };
        Ok(conn.progress_handler(1, Some(count))?)
    }

    fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// The steps of a checkout, of a start-up and of the sync panel.
fn work(desk: &Desk) -> [(&'static str, u64); 3] {
    let till = &desk.register.till;
    let steps = Steps::of(&desk.register.db());
    sell(desk);
    let checkout = steps.take();
    till.sync_status().expect("a status");
    till.failed_page(1).expect("a page");
    let panel = steps.take();

    let places = counterfoil_app::Places::within(desk.register.dir());
    let opened = Till::open_existing(&places, Arc::new(SystemClock), Arc::new(RandomIds));
    let opened = opened.expect("a till");
    let steps = Steps::of(opened.db().expect("a database"));
    opened.app_state().expect("a state");
    opened.sync_status().expect("a status");
    let start = steps.take();
    [
        ("checkout", checkout),
        ("panel", panel),
        ("start-up", start),
    ]
}

#[test]
fn sales_that_wait_take_the_till_no_step_more() {
    let (few, many) = (work(&desk_with(FEW)), work(&desk_with(MANY)));
    for ((what, few), (_, many)) in few.into_iter().zip(many) {
        assert!(few > 100, "{what}: {few} steps are not all of it");
        assert!(
            many * 10 <= few * 11,
            "{what} takes {few} steps with {FEW} waiting and {many} with {MANY}"
        );
    }
}

/// A cloud that looks, at every commit, how much the driver has taken from the outbox.
struct Watching {
    cloud: Arc<Imagined>,
    db: Db,
    most: AtomicI64,
}

#[async_trait]
impl Remote for Watching {
    async fn commit(&self, creates: &[Create]) -> Result<Timestamp, RemoteError> {
        let taken = self.db.read(outbox::counts).expect("counts").in_flight;
        self.most.fetch_max(taken, Ordering::Relaxed);
        self.cloud.commit(creates).await
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        self.cloud.get(names).await
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        self.cloud.count(queries).await
    }

    async fn duplicates(&self, query: &DuplicateQuery, n: u32) -> Result<Vec<Found>, RemoteError> {
        self.cloud.duplicates(query, n).await
    }

    async fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        self.cloud.created_since(collection, since, limit).await
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        self.cloud.store().await
    }

    async fn create_store(&self, name: &str, currency: &str) -> Result<Timestamp, RemoteError> {
        self.cloud.create_store(name, currency).await
    }

    async fn register(&self, id: RegisterId) -> Result<Option<RegisterDocument>, RemoteError> {
        self.cloud.register(id).await
    }

    async fn claim_register(&self, claim: &RegisterClaim) -> Result<Timestamp, RemoteError> {
        self.cloud.claim_register(claim).await
    }

    async fn printing(&self, prefix: &str) -> Result<Vec<Printing>, RemoteError> {
        self.cloud.printing(prefix).await
    }

    async fn count_numbers(&self, query: &NumberQuery) -> Result<u64, RemoteError> {
        self.cloud.count_numbers(query).await
    }
}

struct To(Arc<Watching>);

impl Connect for To {
    fn remote(&self, _: &Connected) -> Arc<dyn Remote> {
        Arc::<Watching>::clone(&self.0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_takes_no_more_from_the_outbox_than_it_is_sending() {
    let desk = desk_with(300);
    let limits = Limits {
        first_batch: 10,
        max_writes: 10,
        ..Limits::default()
    };
    let watching = Arc::new(Watching {
        cloud: Arc::clone(&desk.cloud),
        db: desk.register.db(),
        most: AtomicI64::new(0),
    });
    let parts = Parts {
        connect: Arc::new(To(Arc::clone(&watching))),
        settings: SyncSettings { limits },
        ..desk.parts()
    };
    let status = sync_with_firestore(&parts, PATIENCE)
        .await
        .expect("a drain");
    assert_eq!(status.synced_total, 300);
    let most = watching.most.load(Ordering::Relaxed);
    // Those in flight, and as many again that were claimed and have not been sent yet.
    let batches = 2 * limits.max_in_flight * limits.max_writes;
    assert!(
        most > 0 && most <= i64::try_from(batches).expect("few"),
        "{most}"
    );
}
