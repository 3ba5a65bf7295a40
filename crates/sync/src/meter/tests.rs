//! Firestore's billing rules, call by call.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use counterfoil_domain::Digest;
use serde_json::json;

use super::*;
use crate::archive::{Archive, ArchivePage, Cursor, Days, Totals};

const NOW: Timestamp = Timestamp::from_ms(1_795_356_000_000);

/// A cloud that answers everything at once, with so many documents or entries, or with an error.
struct Says {
    much: usize,
    error: Option<Code>,
}

impl Says {
    fn answer<T>(&self, answer: T) -> Result<T, RemoteError> {
        match self.error {
            None => Ok(answer),
            Some(code) => Err(RemoteError {
                code,
                message: String::new(),
            }),
        }
    }

    fn found(&self) -> Vec<Found> {
        let one = Found {
            name: name(),
            fields: Err(String::new()),
            created_at: NOW,
        };
        vec![one; self.much]
    }
}

#[async_trait]
impl Remote for Says {
    async fn commit(&self, _: &[Create]) -> Result<Timestamp, RemoteError> {
        self.answer(NOW)
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        self.answer(vec![None; names.len()])
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        self.answer(vec![wide(self.much); queries.len()])
    }

    async fn count_any(&self, _: &AnyOf) -> Result<u64, RemoteError> {
        self.answer(wide(self.much))
    }

    async fn duplicates(&self, _: &DuplicateQuery, _: u32) -> Result<Vec<Found>, RemoteError> {
        self.answer(self.found())
    }

    async fn created_since(
        &self,
        _: Collection,
        _: Timestamp,
        _: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        self.answer(self.found())
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        self.answer(None)
    }

    async fn create_store(&self, _: &str, _: &str) -> Result<Timestamp, RemoteError> {
        self.answer(NOW)
    }

    async fn register(&self, _: RegisterId) -> Result<Option<RegisterDocument>, RemoteError> {
        self.answer(None)
    }

    async fn claim_register(&self, _: &RegisterClaim) -> Result<Timestamp, RemoteError> {
        self.answer(NOW)
    }

    async fn printing(&self, _: &str) -> Result<Vec<Printing>, RemoteError> {
        let one = Printing {
            register_id: String::new(),
            name: None,
            last_sequence: 0,
            created_at: NOW,
        };
        self.answer(vec![one; self.much])
    }

    async fn count_numbers(&self, _: &NumberQuery) -> Result<u64, RemoteError> {
        self.answer(wide(self.much))
    }
}

#[async_trait]
impl Archive for Says {
    async fn totals(&self, _: &Days) -> Result<Totals, RemoteError> {
        self.answer(Totals {
            count: wide(self.much),
            sum: None,
        })
    }

    async fn sales_of(
        &self,
        _: &Days,
        _: Option<&Cursor>,
        _: u32,
    ) -> Result<ArchivePage, RemoteError> {
        self.answer(ArchivePage {
            found: self.found(),
            next: None,
        })
    }

    async fn documents(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        self.answer(vec![None; names.len()])
    }
}

fn name() -> DocumentName {
    DocumentName {
        collection: Collection::Sales,
        id: "a".to_owned(),
    }
}

fn create(collection: Collection) -> Create {
    Create {
        name: DocumentName {
            collection,
            ..name()
        },
        fields: std::sync::Arc::default(),
    }
}

fn twins() -> DuplicateQuery {
    DuplicateQuery {
        fingerprint: "0".repeat(64).parse::<Digest>().expect("a digest"),
        from: NOW,
        to: NOW,
    }
}

fn register() -> RegisterId {
    "00000000-0000-0000-0000-000000004e61"
        .parse()
        .expect("an id")
}

fn numbers() -> NumberQuery {
    NumberQuery {
        register_id: register(),
        from: 1,
        to: None,
    }
}

/// What the fake answers is ready at once.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the fake never waits"),
    }
}

/// The bill of one call to a cloud that answers with `much`, or with `error`.
fn bill<F: Future>(
    much: usize,
    error: Option<Code>,
    call: impl FnOnce(&'static Metered) -> F,
) -> Bill {
    let meter = Arc::new(Meter::default());
    let metered = Metered::new(Arc::new(Says { much, error }), Arc::clone(&meter));
    let metered = Box::leak(Box::new(metered));
    ready(call(metered));
    meter.take()
}

fn of(purpose: Purpose, reads: u64, writes: u64) -> Bill {
    let mut bill = Bill::default();
    bill.add(purpose, Spent { reads, writes });
    bill
}

#[test]
fn a_commit_bills_the_membership_once_however_many_sales_it_has() {
    let fifty = vec![create(Collection::Sales); 50];
    let billed = bill(0, None, |cloud| async { cloud.commit(&fifty).await.ok() });
    assert_eq!(billed, of(Purpose::Upload, 1, 0));
}

#[test]
fn a_decision_bills_what_it_is_about_too() {
    let with = |collection, fields: serde_json::Value| Create {
        fields: fields.as_object().cloned().unwrap_or_default().into(),
        ..create(collection)
    };
    let resolution = json!({"saleId": "sale", "digest": "lost"});
    let copy = json!({"originalSaleId": "sale", "originalDigest": "lost"});
    let decision = [
        with(Collection::SaleResolutions, resolution),
        with(Collection::Sales, copy),
        with(Collection::Sales, json!({"cancels": "copy"})),
        create(Collection::Sales),
    ];
    for (documents, reads) in [(1, 2), (2, 2), (3, 3), (4, 3)] {
        let billed = bill(0, None, |cloud| async {
            cloud.commit(&decision[..documents]).await.ok()
        });
        assert_eq!(billed, of(Purpose::Upload, reads, 0), "{documents}");
    }
}

#[test]
fn reading_by_name_bills_every_name_absent_ones_too() {
    let names = vec![name(); 7];
    let billed = bill(0, None, |cloud| async { cloud.get(&names).await.ok() });
    assert_eq!(billed, of(Purpose::Upload, 8, 0));
    let billed = bill(0, None, |cloud| async { cloud.get(&[]).await.ok() });
    assert_eq!(billed, Bill::default(), "nothing is asked");
}

#[test]
fn reading_by_name_for_a_duplicate_is_billed_to_duplicates() {
    let meter = Arc::new(Meter::default());
    let cloud = Arc::new(Says {
        much: 0,
        error: None,
    });
    let metered = Metered::new(cloud, Arc::clone(&meter));
    ready(metered.looking_around().get(&[name()])).expect("an answer");
    assert_eq!(meter.take(), of(Purpose::Duplicates, 2, 0));
    ready(metered.counting_numbers().get(&[name()])).expect("an answer");
    assert_eq!(meter.take(), of(Purpose::Session, 2, 0));
    let all = metered.all_for(Purpose::Reconcile);
    ready(all.get(&[name()])).expect("an answer");
    ready(all.count(&[twins()])).expect("an answer");
    assert_eq!(meter.take(), of(Purpose::Reconcile, 4, 0));
}

#[test]
fn a_proof_of_the_books_is_billed_to_itself() {
    for (much, counted, found) in [(0, 1, 1), (2_500, 3, 2_500)] {
        let meter = Arc::new(Meter::default());
        let error = None;
        let archive = Arc::new(Says { much, error });
        let archive = MeteredArchive::new(archive, Arc::clone(&meter));
        let day = Days::one(register(), "2026-11-22");
        ready(archive.totals(&day)).expect("totals");
        assert_eq!(meter.take(), of(Purpose::Reconcile, counted + 1, 0));
        ready(archive.sales_of(&day, None, 100)).expect("a page");
        assert_eq!(meter.take(), of(Purpose::Reconcile, found + 1, 0));
        ready(archive.documents(&[name(), name()])).expect("documents");
        assert_eq!(meter.take(), of(Purpose::Reconcile, 3, 0));
    }
}

#[test]
fn a_query_bills_what_it_finds_and_at_least_one() {
    for (found, reads) in [(0, 1), (1, 1), (9, 9)] {
        let query = twins();
        let billed = bill(found, None, |cloud| async move {
            cloud.duplicates(&query, 50).await.ok()
        });
        assert_eq!(billed, of(Purpose::Duplicates, reads + 1, 0), "{found}");
        let conflicts = Collection::SaleConflicts;
        let billed = bill(found, None, |cloud| async move {
            cloud.created_since(conflicts, NOW, 50).await.ok()
        });
        assert_eq!(billed, of(Purpose::Others, reads + 1, 0), "{found}");
        let billed = bill(found, None, |cloud| async {
            cloud.printing("A").await.ok()
        });
        assert_eq!(billed, of(Purpose::Session, reads + 1, 0), "{found}");
    }
}

#[test]
fn a_count_bills_one_read_for_a_thousand_entries_and_at_least_one() {
    for (entries, reads) in [(0, 1), (1_000, 1), (1_001, 2), (20_000, 20)] {
        let billed = bill(entries, None, |cloud| async {
            cloud.count_numbers(&numbers()).await.ok()
        });
        assert_eq!(billed, of(Purpose::Session, reads + 1, 0), "{entries}");
        let three = [twins(), twins(), twins()];
        let billed = bill(entries, None, |cloud| async {
            cloud.count(&three).await.ok()
        });
        let each = 3 * (reads + 1);
        assert_eq!(billed, of(Purpose::Duplicates, each, 0), "{entries}");
        let any = AnyOf {
            fingerprints: vec![twins().fingerprint; 3],
            from: NOW,
            to: NOW,
        };
        let billed = bill(entries, None, |cloud| async {
            cloud.count_any(&any).await.ok()
        });
        assert_eq!(billed, of(Purpose::Duplicates, reads + 1, 0), "{entries}");
    }
}

#[test]
fn a_session_bills_the_store_and_the_claim() {
    let billed = bill(0, None, |cloud| async {
        cloud.store().await.expect("an answer");
        cloud.create_store("Corner", "EUR").await.expect("created");
        cloud.register(register()).await.expect("an answer");
        let claim = RegisterClaim {
            register_id: register(),
            installation_id: String::new(),
            receipt_prefix: "A".to_owned(),
            name: String::new(),
            last_sequence: 0,
            version: String::new(),
            revision: None,
        };
        cloud.claim_register(&claim).await.expect("claimed");
    });
    assert_eq!(billed, of(Purpose::Session, 6, 2));
}

#[test]
fn a_call_that_may_have_been_done_is_counted_and_one_that_reached_nobody_is_not() {
    let names = vec![name(); 50];
    let read = |code| {
        bill(0, Some(code), |cloud| async {
            cloud.get(&names).await.ok()
        })
    };
    for lost in [Code::DeadlineExceeded, Code::Unknown, Code::Internal] {
        assert_eq!(read(lost), of(Purpose::Upload, 51, 0), "{lost:?}");
    }
    for refused in [Code::PermissionDenied, Code::Aborted] {
        assert_eq!(read(refused), of(Purpose::Upload, 1, 0), "{refused:?}");
    }
    for unreached in [Code::Unavailable, Code::Unauthenticated] {
        assert_eq!(read(unreached), Bill::default(), "{unreached:?}");
    }
    let two = [twins(), twins()];
    let count = |code| {
        bill(0, Some(code), |cloud| async {
            cloud.count(&two).await.ok()
        })
    };
    assert_eq!(count(Code::DeadlineExceeded), of(Purpose::Duplicates, 4, 0));
    assert_eq!(count(Code::PermissionDenied), of(Purpose::Duplicates, 2, 0));
    assert_eq!(count(Code::Unavailable), Bill::default());
}

#[test]
fn a_refused_commit_bills_no_write() {
    let sale = [create(Collection::Sales)];
    for code in [Code::AlreadyExists, Code::PermissionDenied] {
        let billed = bill(0, Some(code), |cloud| async {
            cloud.commit(&sale).await.ok()
        });
        assert_eq!(billed, of(Purpose::Upload, 1, 0), "{code:?}");
    }
}

#[test]
fn what_could_not_be_written_down_is_not_lost() {
    let meter = Meter::default();
    meter.add(Purpose::Upload, 3, 1);
    let taken = meter.take();
    assert!(meter.is_empty());
    meter.add(Purpose::Upload, 1, 0);
    meter.put_back(taken);
    assert_eq!(meter.take(), of(Purpose::Upload, 4, 1));
}
