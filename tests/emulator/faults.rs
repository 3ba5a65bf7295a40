//! A cloud that is gone, hangs, loses answers, or is another one.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use counterfoil_app::ErrorCode;
use counterfoil_app::dto::SyncPhase;
use counterfoil_app::sync::{Wake, sync_with_firestore};
use counterfoil_store::{Store, StoreError};
use counterfoil_sync::Collection;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::proxy::{Network, Proxy};
use counterfoil_tests::rig::register::{Register, text};
use counterfoil_tests::rig::{by_itself, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_gone_and_is_back_gets_every_sale() {
    let cloud = Cloud::new();
    let proxy = Proxy::new(cloud.host()).await;
    let register = Register::new("A", &cloud);
    let handle = register.start(proxy.host());
    let status = handle.status();
    register.sell(&[("bread", "1")]);
    handle.wake(Wake::Checkout);
    until("the first is up", || {
        (status.borrow().synced_total == 1).then_some(())
    })
    .await;

    proxy.set(Network::Down);
    for n in 2..=5 {
        register.sell(&[("bread", &n.to_string())]);
        handle.wake(Wake::Checkout);
    }
    let offline = until("it says so", || {
        let status = status.borrow();
        (status.state == SyncPhase::Offline).then(|| status.clone())
    })
    .await;
    assert_eq!(
        offline.problem.expect("a problem").code,
        ErrorCode::CloudUnreachable
    );
    assert!(offline.offline_since.is_some());

    proxy.set(Network::Up);
    until("the rest is up", || {
        let status = status.borrow();
        (status.synced_total == 5 && status.state == SyncPhase::Idle).then_some(())
    })
    .await;
    assert_eq!(cloud.all(Collection::Sales).await.len(), 5);
    assert_eq!(status.borrow().failed_total, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_back_by_itself() {
    let cloud = Cloud::new();
    let proxy = Proxy::new(cloud.host()).await;
    proxy.set(Network::Down);
    let register = Register::new("A", &cloud);
    register.sell(&[("bread", "1")]);
    let handle = register.start(proxy.host());
    let status = handle.status();
    // Between a wait's end and the next answer none is announced; each wait announces one.
    until("it says so, and when it is tried again", || {
        let status = status.borrow();
        let announced = status.state == SyncPhase::Offline && status.next_attempt_at.is_some();
        (announced && status.pending == 1).then_some(())
    })
    .await;
    proxy.set(Network::Up);
    by_itself("it is up", || {
        (status.borrow().synced_total == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_is_given_up_in_time_and_nothing_is_lost() {
    let cloud = Cloud::new();
    let proxy = Proxy::new(cloud.host()).await;
    proxy.set(Network::Hanging);
    let register = Register::new("A", &cloud);
    let sale = register.sell(&[("bread", "1")]);
    let parts = register.parts(proxy.host(), Duration::from_millis(500));
    let drain = sync_with_firestore(&parts, Duration::from_secs(2));
    let error = tokio::time::timeout(Duration::from_secs(20), drain)
        .await
        .expect("it gives up by itself")
        .expect_err("no answer");
    assert_eq!(error.code, ErrorCode::Timeout, "{error}");
    assert_eq!(
        text(&register.sale(text(&sale, "saleId")), "syncState"),
        "pending"
    );

    proxy.set(Network::Up);
    assert_eq!(register.sync(proxy.host()).await.synced_total, 1);
}

/// SQLite may have so many pages more than it has.
fn room(register: &Register, pages: i64) {
    let set = move |store: &mut Store| {
        let disk = store.connection();
        let has: i64 = disk.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        disk.execute_batch(&format!("PRAGMA max_page_count = {}", has + pages))?;
        Ok::<(), StoreError>(())
    };
    register.db().with_writer(set).expect("set");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_is_forgotten_or_sent_as_another() {
    const SALES: u32 = 200;
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    for n in 1..=SALES {
        register.sell(&[("bread", &n.to_string())]);
    }
    room(&register, 0);
    let handle = register.start(cloud.host());
    let status = handle.status();
    let full = until("it says so", || {
        let status = status.borrow();
        (status.state == SyncPhase::Paused).then(|| status.clone())
    })
    .await;
    let problem = full.problem.expect("a problem");
    assert_eq!(problem.code, ErrorCode::DiskFull, "{problem}");
    assert!(full.synced_total < SALES, "not all is written down");
    room(&register, 100_000);
    by_itself("all is up", || {
        let status = status.borrow();
        (status.synced_total == SALES && status.state == SyncPhase::Idle).then_some(())
    })
    .await;
    handle.stop();
    assert_eq!(cloud.all(Collection::Sales).await.len(), 200);
    assert!(cloud.all(Collection::SaleConflicts).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emulator_that_is_down_is_named_and_sales_stay_pending() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    let sale = register.sell(&[("bread", "1")]);
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let host = nobody.local_addr().expect("an address").to_string();
    drop(nobody);
    let parts = register.parts(&host, Duration::from_secs(5));
    let error = sync_with_firestore(&parts, Duration::from_secs(1))
        .await
        .expect_err("nobody");
    assert_eq!(error.code, ErrorCode::CloudUnreachable, "{error}");
    assert!(error.message.starts_with("1 not uploaded"), "{error}");
    assert_eq!(
        text(&register.sale(text(&sale, "saleId")), "syncState"),
        "pending"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_project_refuses_in_words() {
    let cloud = Cloud::new();
    let strict = Strict::start().await;
    let register = Register::new("A", &cloud);
    let sale = register.sell(&[("bread", "1")]);
    let parts = register.parts(&strict.host, Duration::from_secs(5));
    let error = sync_with_firestore(&parts, Duration::from_secs(1))
        .await
        .expect_err("another");
    assert_eq!(error.code, ErrorCode::CloudRefused, "{error}");
    assert!(error.message.contains(cloud.project()), "{error}");
    assert_eq!(
        text(&register.sale(text(&sale, "saleId")), "syncState"),
        "pending"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_another_currency_is_not_joined() {
    let cloud = Cloud::new();
    Register::new("A", &cloud).sync(cloud.host()).await;
    let register = Register::in_currency("B", "USD");
    register.connect(cloud.project(), cloud.store_id());
    register.sell(&[("bread", "1")]);
    let error = register
        .try_sync(cloud.host())
        .await
        .expect_err("another currency");
    assert_eq!(error.code, ErrorCode::StoreDiffers, "{error}");
    assert!(cloud.all(Collection::Sales).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_it_says_how_to_get_one() {
    let register = Register::local("A");
    register.sell(&[("bread", "1")]);
    let error = register
        .try_sync("127.0.0.1:1")
        .await
        .expect_err("not connected");
    assert_eq!(error.code, ErrorCode::NotConnected);
}

/// An emulator that serves one project and refuses every other.
struct Strict {
    host: String,
    java: std::process::Child,
}

impl Strict {
    async fn start() -> Self {
        let found = xtask::emulator::find().expect("an emulator");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let java = Command::new("java")
            .args(["-Xmx512m", "-cp"])
            .arg(&found.jar)
            .args([
                "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
                "start",
            ])
            .args([
                "--host=127.0.0.1",
                &format!("--port={port}"),
                "--project_id=demo-another",
            ])
            .args(["--single_project_mode", "--single_project_mode_error"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("java");
        let strict = Self {
            host: format!("127.0.0.1:{port}"),
            java,
        };
        until("the strict emulator listens", || {
            std::net::TcpStream::connect(&strict.host).ok().map(drop)
        })
        .await;
        strict
    }
}

impl Drop for Strict {
    fn drop(&mut self) {
        let _ = self.java.kill();
        let _ = self.java.wait();
    }
}
