//! What the register says it costs is what the cloud billed.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use counterfoil_app::dto::{CostOfPurpose, CostPurpose, SyncPrices, SyncStatus};
use counterfoil_app::sync::{Connect, Limits, Parts, SyncSettings, sync_with_firestore};
use counterfoil_domain::{RegisterId, Timestamp};
use counterfoil_store::table::sync_costs::{self, Cost};
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::{
    AnyOf, Bill, Code, Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery,
    Printing, Purpose, RegisterClaim, RegisterDocument, Remote, RemoteError, Spent, StoreDocument,
};
use counterfoil_tests::rig::PATIENCE;

use crate::cloud::{Desk, Imagined, lock};

/// The cloud's own books: it knows what it has done, whatever became of the answer.
#[derive(Default)]
struct Books {
    cloud: Arc<Imagined>,
    bill: Mutex<Bill>,
    /// So many of the next answers are lost, the oldest calls first; what was asked is done.
    lose_commits: Mutex<u32>,
    lose_reads: Mutex<u32>,
    /// So many of the next commits never come here.
    cut_off: Mutex<u32>,
}

fn next(left: &Mutex<u32>) -> bool {
    let mut left = lock(left);
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

fn no_answer<T>(code: Code) -> Result<T, RemoteError> {
    Err(RemoteError {
        code,
        message: "nobody answers".to_owned(),
    })
}

impl Books {
    /// Every request that comes here reads the membership.
    fn book(&self, purpose: Purpose, reads: usize, writes: usize) {
        let spent = Spent {
            reads: u64::try_from(reads + 1).unwrap_or(u64::MAX),
            writes: u64::try_from(writes).unwrap_or(u64::MAX),
        };
        lock(&self.bill).add(purpose, spent);
    }
}

#[async_trait]
impl Remote for Books {
    async fn commit(&self, creates: &[Create]) -> Result<Timestamp, RemoteError> {
        if next(&self.cut_off) {
            return no_answer(Code::Unavailable);
        }
        let done = self.cloud.commit(creates).await;
        let writes = done.as_ref().map_or(0, |_| creates.len());
        self.book(Purpose::Upload, 0, writes);
        match next(&self.lose_commits) {
            true => no_answer(Code::DeadlineExceeded),
            false => done,
        }
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        self.book(Purpose::Upload, names.len(), 0);
        match next(&self.lose_reads) {
            true => no_answer(Code::DeadlineExceeded),
            false => self.cloud.get(names).await,
        }
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        for _ in queries {
            self.book(Purpose::Duplicates, 1, 0);
        }
        self.cloud.count(queries).await
    }

    async fn count_any(&self, query: &AnyOf) -> Result<u64, RemoteError> {
        self.book(Purpose::Duplicates, 1, 0);
        self.cloud.count_any(query).await
    }

    async fn duplicates(&self, query: &DuplicateQuery, n: u32) -> Result<Vec<Found>, RemoteError> {
        self.book(Purpose::Duplicates, 1, 0);
        self.cloud.duplicates(query, n).await
    }

    async fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        let found = self.cloud.created_since(collection, since, limit).await?;
        self.book(Purpose::Others, found.len().max(1), 0);
        Ok(found)
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        self.book(Purpose::Session, 1, 0);
        self.cloud.store().await
    }

    async fn create_store(&self, name: &str, currency: &str) -> Result<Timestamp, RemoteError> {
        self.book(Purpose::Session, 0, 1);
        self.cloud.create_store(name, currency).await
    }

    async fn register(&self, id: RegisterId) -> Result<Option<RegisterDocument>, RemoteError> {
        self.book(Purpose::Session, 1, 0);
        self.cloud.register(id).await
    }

    async fn claim_register(&self, claim: &RegisterClaim) -> Result<Timestamp, RemoteError> {
        self.book(Purpose::Session, 0, 1);
        self.cloud.claim_register(claim).await
    }

    async fn printing(&self, prefix: &str) -> Result<Vec<Printing>, RemoteError> {
        let printing = self.cloud.printing(prefix).await?;
        self.book(Purpose::Session, printing.len().max(1), 0);
        Ok(printing)
    }

    async fn count_numbers(&self, query: &NumberQuery) -> Result<u64, RemoteError> {
        self.book(Purpose::Session, 1, 0);
        self.cloud.count_numbers(query).await
    }
}

struct To(Arc<Books>);

impl Connect for To {
    fn remote(&self, _: &Connected) -> Arc<dyn Remote> {
        Arc::<Books>::clone(&self.0)
    }
}

/// Batches of fifty, no more and no fewer.
const FIFTY: usize = 50;

fn parts(desk: &Desk, books: &Arc<Books>) -> Parts {
    Parts {
        connect: Arc::new(To(Arc::clone(books))),
        settings: SyncSettings {
            limits: Limits {
                first_batch: FIFTY,
                max_writes: FIFTY,
                ..Limits::default()
            },
        },
        ..desk.parts()
    }
}

fn desk_with(sales: usize) -> Desk {
    let desk = Desk::new();
    for n in 1..=sales {
        desk.register.sell(&[("bread", &n.to_string())]);
    }
    desk
}

async fn drained(desk: &Desk, books: &Arc<Books>) -> SyncStatus {
    let drain = sync_with_firestore(&parts(desk, books), PATIENCE).await;
    drain.expect("a drain")
}

fn written_down(desk: &Desk) -> Vec<Cost> {
    let costs = desk.register.db().read(sync_costs::total);
    costs.expect("the costs")
}

fn same_as_the_clouds(desk: &Desk, books: &Books) {
    let mut ours = Bill::default();
    for cost in written_down(desk) {
        ours.add(cost.purpose, cost.spent);
    }
    // Documents read because of a twin come by the same call as others; here there are none.
    assert_eq!(ours, *lock(&books.bill));
}

fn upload(status: &SyncStatus) -> &CostOfPurpose {
    let mut purposes = status.costs.total.purposes.iter();
    let upload = purposes.find(|cost| cost.purpose == CostPurpose::Upload);
    upload.expect("an upload")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_fifties_takes_a_write_and_a_fiftieth_of_a_read_a_sale() {
    let (desk, books) = (desk_with(200), Arc::new(Books::default()));
    let status = drained(&desk, &books).await;
    let upload = upload(&status);
    assert_eq!((upload.writes, upload.reads), (200, 4));
    assert_eq!(upload.writes_per_sale.as_deref(), Some("1.000"));
    assert_eq!(upload.reads_per_sale.as_deref(), Some("0.020"));
    assert_eq!(status.costs.total.sales, 200);
    assert_eq!(status.costs.total, status.costs.of_month);
    same_as_the_clouds(&desk, &books);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_cost_more_and_are_counted_right() {
    let (desk, books) = (desk_with(100), Arc::new(Books::default()));
    (*lock(&books.lose_commits), *lock(&books.lose_reads)) = (1, 1);
    let status = drained(&desk, &books).await;
    let upload = upload(&status);
    assert_eq!(upload.writes, 100, "each is there once");
    assert!(upload.reads > 100, "{} reads tell it", upload.reads);
    assert_eq!((status.synced_total, status.costs.total.sales), (100, 100));
    same_as_the_clouds(&desk, &books);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_was_asked_costs_nothing() {
    let (desk, books) = (desk_with(3), Arc::new(Books::default()));
    *lock(&books.cut_off) = 2;
    drained(&desk, &books).await;
    same_as_the_clouds(&desk, &books);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_by_a_process_that_ended_before_it_knew_is_counted_once() {
    let (desk, books) = (desk_with(10), Arc::new(Books::default()));
    // Another life of this database has sent it all and written nothing down.
    let before = Desk {
        register: desk.register.copied_unnoticed(),
        cloud: Arc::clone(&desk.cloud),
    };
    drained(&before, &books).await;
    *lock(&books.bill) = Bill::default();
    let status = drained(&desk, &books).await;
    assert_eq!(upload(&status).writes, 10);
    let mut expected = lock(&books.bill).of(Purpose::Upload);
    expected.writes += 10;
    let costs = written_down(&desk);
    let found = costs.iter().find(|cost| cost.purpose == Purpose::Upload);
    assert_eq!(found.map(|cost| cost.spent), Some(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_sale_is_no_write_and_its_conflict_is_one() {
    let (desk, books) = (desk_with(5), Arc::new(Books::default()));
    *lock(&books.cloud.bad_total) = Some(2 * 340);
    let status = drained(&desk, &books).await;
    assert_eq!((status.synced_total, status.failed_total), (4, 1));
    same_as_the_clouds(&desk, &books);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_money_follows_the_prices_that_are_set() {
    let (desk, books) = (desk_with(50), Arc::new(Books::default()));
    let before = drained(&desk, &books).await.costs;
    assert_eq!(before.currency, "USD");
    let prices = SyncPrices {
        currency: "EUR".to_owned(),
        reads: "0".to_owned(),
        writes: "100".to_owned(),
    };
    desk.register.till.set_sync_prices(&prices).expect("prices");
    let costs = desk.register.till.sync_status().expect("a status").costs;
    // 50 sales and the register's claim, a thousandth each.
    assert_eq!(
        (costs.currency.as_str(), costs.total.money.as_str()),
        ("EUR", "0.051")
    );
    assert_eq!(costs.total.writes, before.total.writes);
    let wrong = SyncPrices {
        writes: "much".to_owned(),
        ..prices
    };
    let refused = desk.register.till.set_sync_prices(&wrong);
    assert_eq!(
        refused.expect_err("no price").code,
        counterfoil_app::ErrorCode::InvalidInput
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_has_a_progress_and_a_few_sales_have_none() {
    let (desk, books) = (desk_with(60), Arc::new(Books::default()));
    let seen = desk.register.till.sync_status().expect("a status");
    let progress = seen.progress.expect("a backlog");
    assert_eq!((progress.waiting, progress.landed), (60, 0));
    assert_eq!((progress.per_second, progress.seconds_left), (None, None));
    let after = drained(&desk, &books).await;
    assert_eq!(after.progress, None);
    desk.register.sell(&[("bread", "1")]);
    let seen = desk.register.till.sync_status().expect("a status");
    assert_eq!(seen.progress, None);
}
