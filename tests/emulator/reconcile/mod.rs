//! The loss detector, proved by tampering with each of the three: the register, its journal, the cloud.

mod books;
mod cases;
mod cloud;
mod meanwhile;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use counterfoil_app::dto::{
    Book, Finding, FindingKind, ReconcileInput, ReconcileProgress, ReconcileReport, SendAgain,
};
use counterfoil_app::reconcile;
use counterfoil_domain::{Clock, Timestamp};
use counterfoil_sync::Archive;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::Register;
use rusqlite::Connection;
use serde_json::Value;

/// 2026-11-20T10:00:00.000Z.
const FRIDAY: i64 = 1_795_168_800_000;
const DAY_MS: i64 = 24 * 3_600_000;

/// A clock that moves when it is told.
struct Calendar(AtomicI64);

impl Clock for Calendar {
    fn now(&self) -> Timestamp {
        // A little later each time, as on any day.
        Timestamp::from_ms(self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

/// A register that sold two receipts on Friday and three on Saturday, all of them up: 3.40, 6.80,
/// 10.20, 13.60, 17.00.
struct Week {
    cloud: Cloud,
    register: Register,
    calendar: Arc<Calendar>,
    sales: Vec<Value>,
}

impl Week {
    async fn new() -> Self {
        let cloud = Cloud::new();
        let calendar = Arc::new(Calendar(AtomicI64::new(FRIDAY)));
        let clock: Arc<dyn Clock> = Arc::<Calendar>::clone(&calendar);
        let register = Register::by_clock("A", clock);
        register.connect(cloud.project(), cloud.store_id());
        let sell = |n: u32| register.sell(&[("bread", &n.to_string())]);
        let mut sales: Vec<Value> = (1..=2).map(sell).collect();
        calendar.0.fetch_add(DAY_MS, Ordering::Relaxed);
        sales.extend((3..=5).map(sell));
        register.sync(cloud.host()).await;
        Self {
            cloud,
            register,
            calendar,
            sales,
        }
    }

    fn id(&self, receipt: usize) -> &str {
        self.sales[receipt - 1]["saleId"].as_str().expect("an id")
    }

    fn path(&self, receipt: usize) -> String {
        format!("sales/{}", self.id(receipt))
    }

    async fn reconciled(&self) -> ReconcileReport {
        run(&self.register, &self.cloud, ReconcileInput::default()).await
    }
}

pub(crate) async fn run(
    register: &Register,
    cloud: &Cloud,
    input: ReconcileInput,
) -> ReconcileReport {
    let archive: Arc<dyn Archive> = Arc::new(cloud.remote());
    let now = register.till.clock().now();
    let done = reconcile(&register.db(), Ok(archive), &input, now, &|_| {}).await;
    done.expect("a run")
}

fn sending() -> ReconcileInput {
    ReconcileInput {
        send_missing: Some(SendAgain {
            by: "Maria".to_owned(),
            reason: "somebody emptied the store".to_owned(),
        }),
        ..ReconcileInput::default()
    }
}

/// Every finding in a word: kind, place, receipt.
fn named(report: &ReconcileReport) -> Vec<(FindingKind, Book, &str)> {
    let word = |finding: &'_ Finding| (finding.kind, finding.place);
    let findings = report.findings.iter();
    findings
        .map(|finding| {
            let (kind, place) = word(finding);
            let number = finding.receipt_number.as_deref();
            (kind, place, number.unwrap_or_default())
        })
        .collect()
}

/// Changes the register's file behind the program's back.
fn tamper(register: &Register, sql: &str) {
    let raw = Connection::open(register.dir().join("counterfoil.db")).expect("the file");
    let triggers: Vec<String> = raw
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%never%'")
        .expect("the schema")
        .query_map([], |row| row.get(0))
        .expect("triggers")
        .collect::<Result<_, _>>()
        .expect("names");
    for trigger in triggers {
        raw.execute_batch(&format!("DROP TRIGGER {trigger}"))
            .expect("dropped");
    }
    raw.execute_batch("PRAGMA foreign_keys = OFF")
        .expect("a pragma");
    raw.execute_batch(sql).expect("tampered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_run_says_what_it_compared_and_reads_no_document() {
    let week = Week::new().await;
    let told = Mutex::new(Vec::new());
    let archive: Arc<dyn Archive> = Arc::new(week.cloud.remote());
    let progress = |at: ReconcileProgress| told.lock().expect("told").push((at.day, at.done));
    let db = week.register.db();
    let now = week.calendar.now();
    let input = ReconcileInput::default();
    let report = reconcile(&db, Ok(archive), &input, now, &progress).await;
    let report = report.expect("a run");
    assert!(report.clean, "{report:?}");
    assert_eq!((report.days, report.receipts, report.links), (2, 5, 5));
    assert_eq!(i64::from(report.total), 5_100);
    let [register] = &report.registers[..] else {
        panic!("one register: {report:?}")
    };
    assert_eq!((register.in_cloud, register.receipts), (5, 5));
    assert_eq!(register.in_cloud_total, register.total);
    // Two days and the whole; a count of a thousand costs one read, and the rules' look another.
    assert_eq!((report.documents_read, report.billed_reads), (0, 6));
    let told = told.into_inner().expect("told");
    let days = [("2026-11-20".to_owned(), 0), ("2026-11-21".to_owned(), 1)];
    assert_eq!(told, days);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stretch_of_days_is_compared_by_itself() {
    let week = Week::new().await;
    week.cloud.remove(&week.path(1)).await;
    let only = |from: Option<&str>, to: Option<&str>| ReconcileInput {
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
        ..ReconcileInput::default()
    };
    let saturday = run(&week.register, &week.cloud, only(Some("2026-11-21"), None)).await;
    assert!(saturday.clean, "{saturday:?}");
    assert_eq!((saturday.days, saturday.receipts), (1, 3));
    let friday = run(&week.register, &week.cloud, only(None, Some("2026-11-20"))).await;
    assert_eq!(friday.differences, 1, "{friday:?}");
    let archive: Arc<dyn Archive> = Arc::new(week.cloud.remote());
    let db = week.register.db();
    let wrong = only(Some("yesterday"), None);
    let refused = reconcile(&db, Ok(archive), &wrong, week.calendar.now(), &|_| {}).await;
    let refused = refused.expect_err("no day");
    assert_eq!(refused.code, counterfoil_app::ErrorCode::InvalidInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_cloud_the_rest_is_compared_and_nothing_is_called_clean() {
    let week = Week::new().await;
    week.register.sell(&[("butter", "1")]);
    let db = week.register.db();
    let input = ReconcileInput::default();
    // Nobody listens there.
    let nobody = counterfoil_firestore::FirestoreRemote::new(counterfoil_firestore::Settings {
        project: week.cloud.project().to_owned(),
        store_id: week.cloud.store_id().to_owned(),
        endpoint: counterfoil_firestore::Endpoint::Emulator {
            host: "127.0.0.1:1".to_owned(),
        },
        deadline: std::time::Duration::from_secs(5),
    });
    let report = reconcile(
        &db,
        Ok(Arc::new(nobody)),
        &input,
        week.calendar.now(),
        &|_| {},
    )
    .await;
    let report = report.expect("a run");
    assert_eq!((report.clean, report.cloud_compared), (false, false));
    assert_eq!((report.differences, report.receipts), (0, 6));
    let problem = report.cloud_problem.expect("a reason");
    assert_eq!(problem.code, counterfoil_app::ErrorCode::CloudUnreachable);

    let local = Register::local("L");
    local.sell(&[("butter", "1")]);
    let report = local.till.reconcile(&input, &|_| {}).await.expect("a run");
    assert_eq!((report.clean, report.differences), (false, 0));
    let problem = report.cloud_problem.expect("a reason");
    assert_eq!(problem.code, counterfoil_app::ErrorCode::NotConnected);
}
