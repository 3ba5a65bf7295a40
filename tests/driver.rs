//! The driver over a real database, with a cloud that answers what a test wants.

#![allow(missing_docs, reason = "test names are sentences")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use counterfoil_app::ErrorCode;
use counterfoil_app::dto::{FailureKind, SyncPhase};
use counterfoil_app::sync::{Connect, Parts, SyncHandle, Wake, start, sync_with_firestore};
use counterfoil_domain::Timestamp;
use counterfoil_domain::document::Fields;
use counterfoil_store::table::elsewhere;
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::{
    Code, Collection, Create, DocumentName, DuplicateQuery, Found, Remote, RemoteError,
    StoreDocument,
};
use counterfoil_tests::rig::register::{Register, text};
use counterfoil_tests::rig::until;

/// A cloud in memory that refuses as it is told.
#[derive(Default)]
struct Imagined {
    documents: Mutex<BTreeMap<DocumentName, Result<Fields, String>>>,
    /// Every commit gets this answer.
    refusal: Mutex<Option<Code>>,
    /// A commit with a sale of this total is not allowed.
    bad_total: Mutex<Option<i64>>,
    /// Every count gets this answer.
    uncounted: Mutex<Option<Code>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refused<T>(code: Code) -> Result<T, RemoteError> {
    Err(RemoteError {
        code,
        message: format!("imagined {code:?}"),
    })
}

const NOW: Timestamp = Timestamp::from_ms(1_795_356_000_000);

#[async_trait]
impl Remote for Imagined {
    async fn commit(&self, creates: &[Create]) -> Result<Timestamp, RemoteError> {
        if let Some(code) = *lock(&self.refusal) {
            return refused(code);
        }
        let mut documents = lock(&self.documents);
        if creates
            .iter()
            .any(|create| documents.contains_key(&create.name))
        {
            return refused(Code::AlreadyExists);
        }
        let bad = lock(&self.bad_total);
        let total = |create: &Create| create.fields.get("total").and_then(|total| total.as_i64());
        if creates
            .iter()
            .any(|create| bad.is_some() && total(create) == *bad)
        {
            return refused(Code::PermissionDenied);
        }
        for create in creates {
            documents.insert(create.name.clone(), Ok(create.fields.clone()));
        }
        Ok(NOW)
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        let documents = lock(&self.documents);
        let found = |name: &DocumentName| {
            let fields = documents.get(name)?.clone();
            Some(Found {
                name: name.clone(),
                fields,
                created_at: NOW,
            })
        };
        Ok(names.iter().map(found).collect())
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        match *lock(&self.uncounted) {
            Some(code) => refused(code),
            None => Ok(vec![0; queries.len()]),
        }
    }

    async fn duplicates(&self, _: &DuplicateQuery, _: u32) -> Result<Vec<Found>, RemoteError> {
        Ok(Vec::new())
    }

    async fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        let documents = lock(&self.documents);
        let there = documents
            .iter()
            .filter(|(name, _)| name.collection == collection && NOW >= since);
        let found = there.map(|(name, fields)| Found {
            name: name.clone(),
            fields: fields.clone(),
            created_at: NOW,
        });
        Ok(found.take(limit as usize).collect())
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        let (name, currency) = ("Corner".to_owned(), "EUR".to_owned());
        Ok(Some(StoreDocument {
            name,
            currency,
            created_at: NOW,
        }))
    }

    async fn create_store(&self, _: &str, _: &str) -> Result<Timestamp, RemoteError> {
        Ok(NOW)
    }
}

struct Always(Arc<Imagined>);

impl Connect for Always {
    fn remote(&self, _: &Connected) -> Arc<dyn Remote> {
        Arc::<Imagined>::clone(&self.0)
    }
}

struct Desk {
    register: Register,
    cloud: Arc<Imagined>,
}

impl Desk {
    fn new() -> Self {
        let register = Register::local("A");
        register.connect("demo-imagined", "corner");
        Self {
            register,
            cloud: Arc::default(),
        }
    }

    fn parts(&self) -> Parts {
        let connect = Arc::new(Always(Arc::clone(&self.cloud)));
        Parts {
            connect,
            ..self.register.parts("nowhere", Duration::from_secs(1))
        }
    }

    fn start(&self) -> SyncHandle {
        start(self.parts()).0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_is_a_state_in_words_and_selling_goes_on() {
    let table = [
        (
            Code::Unavailable,
            SyncPhase::Offline,
            ErrorCode::CloudUnreachable,
        ),
        (
            Code::DeadlineExceeded,
            SyncPhase::Offline,
            ErrorCode::Timeout,
        ),
        (
            Code::ResourceExhausted,
            SyncPhase::Offline,
            ErrorCode::CloudRefused,
        ),
        (Code::Aborted, SyncPhase::Offline, ErrorCode::CloudRefused),
        (
            Code::Internal,
            SyncPhase::Offline,
            ErrorCode::CloudUnreachable,
        ),
        (
            Code::Unknown,
            SyncPhase::Offline,
            ErrorCode::CloudUnreachable,
        ),
        (
            Code::Cancelled,
            SyncPhase::Offline,
            ErrorCode::CloudUnreachable,
        ),
        (
            Code::Unauthenticated,
            SyncPhase::SignInNeeded,
            ErrorCode::SignInNeeded,
        ),
        (
            Code::PermissionDenied,
            SyncPhase::NotAllowed,
            ErrorCode::NotAllowed,
        ),
    ];
    for (code, phase, problem) in table {
        let desk = Desk::new();
        *lock(&desk.cloud.refusal) = Some(code);
        desk.register.sell(&[("bread", "1")]);
        let handle = desk.start();
        let status = handle.status();
        let said = until(&format!("{code:?} is said"), || {
            let status = status.borrow();
            (status.state == phase).then(|| status.clone())
        })
        .await;
        assert_eq!(said.problem.expect("a problem").code, problem, "{code:?}");
        assert_eq!(said.failed_total, 0, "{code:?}");
        desk.register.sell(&[("bread", "2")]);

        *lock(&desk.cloud.refusal) = None;
        handle.wake(Wake::User);
        until(&format!("{code:?} is over"), || {
            let status = status.borrow();
            (status.synced_total == 2 && status.state == SyncPhase::Idle).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permanent_refusal_is_a_failed_item_with_the_servers_reason() {
    for code in [
        Code::InvalidArgument,
        Code::FailedPrecondition,
        Code::OutOfRange,
    ] {
        let desk = Desk::new();
        *lock(&desk.cloud.refusal) = Some(code);
        desk.register.sell(&[("bread", "1")]);
        let status = sync_with_firestore(&desk.parts(), Duration::from_secs(30)).await;
        let status = status.expect("a failed item alone is no failure of the drain");
        assert_eq!((status.failed_total, status.pending), (1, 0));
        assert_eq!(status.failed_items[0].kind, FailureKind::Refused);
        assert!(
            status.failed_items[0].message.contains("imagined"),
            "{code:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_sale_never_holds_up_another() {
    let desk = Desk::new();
    for n in 1..=9 {
        desk.register.sell(&[("bread", &n.to_string())]);
    }
    *lock(&desk.cloud.bad_total) = Some(4 * 340);
    let status = sync_with_firestore(&desk.parts(), Duration::from_secs(30))
        .await
        .expect("a drain");
    assert_eq!(
        (status.synced_total, status.failed_total, status.pending),
        (8, 1, 0)
    );
    assert_eq!(status.failed_items[0].kind, FailureKind::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_may_not_write_fails_no_sale() {
    let desk = Desk::new();
    *lock(&desk.cloud.refusal) = Some(Code::PermissionDenied);
    for n in 1..=7 {
        desk.register.sell(&[("bread", &n.to_string())]);
    }
    let error = sync_with_firestore(&desk.parts(), Duration::from_secs(1)).await;
    assert_eq!(error.expect_err("not allowed").code, ErrorCode::NotAllowed);
    let status = desk.register.till.sync_status().expect("a status");
    assert_eq!(
        (status.pending, status.in_flight, status.failed_total),
        (7, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_cannot_be_read_is_a_conflict_that_says_so() {
    let desk = Desk::new();
    let sale = desk.register.sell(&[("bread", "1")]);
    let id = text(&sale, "saleId").to_owned();
    let name = DocumentName {
        collection: Collection::Sales,
        id,
    };
    lock(&desk.cloud.documents).insert(name, Err("total is a double".to_owned()));
    let status = sync_with_firestore(&desk.parts(), Duration::from_secs(30))
        .await
        .expect("a drain");
    assert_eq!(status.failed_items[0].kind, FailureKind::SameId);
    assert!(status.failed_items[0].message.contains("total is a double"));
    let detail = desk
        .register
        .till
        .failed_detail(text(&sale, "saleId"))
        .expect("shown");
    assert!(detail.remote.is_none(), "shown as it is, never guessed at");
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_have_growing_versions() {
    let desk = Desk::new();
    let handle = desk.start();
    let mut status = handle.status();
    let mut last = 0;
    for n in 1..=5_u32 {
        desk.register.sell(&[("bread", &n.to_string())]);
        handle.wake(Wake::Checkout);
        while status.borrow().synced_total < n {
            status.changed().await.expect("the driver runs");
            let version = status.borrow_and_update().version;
            assert!(version > last, "{version} after {last}");
            last = version;
        }
    }
}

/// Nobody wakes the driver here: `counterfoilctl` sold beside it.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_books_goes_up_at_once() {
    let desk = Desk::new();
    let handle = desk.start();
    let status = handle.status();
    until("the driver is idle", || {
        (status.borrow().state == SyncPhase::Idle).then_some(())
    })
    .await;
    let begun = std::time::Instant::now();
    desk.register.sell(&[("bread", "1")]);
    until("the sale is up", || {
        (status.borrow().synced_total == 1).then_some(())
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(5));
}

/// A cloud of its own for every store.
#[derive(Default)]
struct Several(Mutex<BTreeMap<String, Arc<Imagined>>>);

impl Several {
    fn of(&self, store_id: &str) -> Arc<Imagined> {
        let mut clouds = lock(&self.0);
        Arc::clone(clouds.entry(store_id.to_owned()).or_default())
    }
}

impl Connect for Several {
    fn remote(&self, to: &Connected) -> Arc<dyn Remote> {
        self.of(&to.store_id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_another_program_connects_gets_the_next_sales() {
    let desk = Desk::new();
    let clouds = Arc::new(Several::default());
    let connect = Arc::<Several>::clone(&clouds);
    let parts = Parts {
        connect,
        ..desk.parts()
    };
    let handle = start(parts).0;
    let status = handle.status();
    until("the driver is idle", || {
        (status.borrow().state == SyncPhase::Idle).then_some(())
    })
    .await;
    desk.register.connect("demo-imagined", "other");
    until("the driver has seen it", || {
        let status = status.borrow();
        let idle = status.state == SyncPhase::Idle;
        (idle && status.store_id.as_deref() == Some("other")).then_some(())
    })
    .await;
    desk.register.sell(&[("bread", "1")]);
    until("the sale is up", || {
        (status.borrow().synced_total == 1).then_some(())
    })
    .await;
    let documents = |store: &str| lock(&clouds.of(store).documents).len();
    assert_eq!((documents("corner"), documents("other")), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_another_register_put_there_in_one_commit_is_seen() {
    const WRITES_IN_A_COMMIT: u128 = 500;
    let desk = Desk::new();
    for n in 1..=WRITES_IN_A_COMMIT {
        let sale_id = uuid::Uuid::from_u128(n);
        let name = DocumentName {
            collection: Collection::SaleConflicts,
            id: format!("{sale_id}_{}", "0".repeat(64)),
        };
        let fields = serde_json::json!({"saleId": sale_id, "registerId": uuid::Uuid::nil()});
        let fields = fields.as_object().expect("an object").clone();
        lock(&desk.cloud.documents).insert(name, Ok(fields));
    }
    sync_with_firestore(&desk.parts(), Duration::from_secs(30))
        .await
        .expect("a drain");
    let seen = desk
        .register
        .db()
        .read(|conn| elsewhere::page(conn, 0, 1_000))
        .expect("a list");
    assert_eq!(seen.len() as u128, WRITES_IN_A_COMMIT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_for_duplicates_that_is_refused_is_said_and_holds_up_nothing() {
    for code in [Code::FailedPrecondition, Code::PermissionDenied] {
        let desk = Desk::new();
        *lock(&desk.cloud.uncounted) = Some(code);
        let sale_id = uuid::Uuid::from_u128(7);
        let name = DocumentName {
            collection: Collection::SaleConflicts,
            id: format!("{sale_id}_{}", "0".repeat(64)),
        };
        let fields = serde_json::json!({"saleId": sale_id, "registerId": uuid::Uuid::nil()});
        let fields = fields.as_object().expect("an object").clone();
        lock(&desk.cloud.documents).insert(name, Ok(fields));
        desk.register.sell(&[("bread", "1")]);

        let error = sync_with_firestore(&desk.parts(), Duration::from_secs(30)).await;
        let error = error.expect_err("the check is owed");
        assert_eq!(error.code, ErrorCode::CloudRefused, "{code:?}");
        for part in ["check for duplicates", "not affected", "imagined"] {
            assert!(error.message.contains(part), "{part}: {}", error.message);
        }
        assert!(!error.message.contains("not uploaded"), "{}", error.message);
        let seen = desk.register.db().read(|conn| elsewhere::page(conn, 0, 9));
        assert_eq!(seen.expect("a list").len(), 1, "other registers' are read");

        let handle = desk.start();
        let status = handle.status();
        until("it is said", || {
            let status = status.borrow();
            let said = status.problem.as_ref().map(|problem| problem.code);
            (status.state == SyncPhase::Idle && said == Some(ErrorCode::CloudRefused)).then_some(())
        })
        .await;
        desk.register.sell(&[("bread", "2")]);
        until("the next sale is up", || {
            (status.borrow().synced_total == 2).then_some(())
        })
        .await;
        assert_eq!(status.borrow().failed_total, 0);
        // Nobody asks for it: it is tried again by itself.
        *lock(&desk.cloud.uncounted) = None;
        until("it is over", || {
            let status = status.borrow();
            (status.state == SyncPhase::Idle && status.problem.is_none()).then_some(())
        })
        .await;
    }
}
