//! Ways to the cloud that lead nowhere: stranded connections, TLS that fails, somebody else who answers.

use std::net::SocketAddr;

use counterfoil_app::ErrorCode;
use counterfoil_app::dto::{SyncPhase, SyncStatus};
use counterfoil_app::sync::{SyncHandle, Wake};
use counterfoil_sync::Collection;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::proxy::Proxy;
use counterfoil_tests::rig::register::Register;
use counterfoil_tests::rig::shim::Shim;
use counterfoil_tests::rig::{by_itself, until};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

async fn until_state(handle: &SyncHandle, state: SyncPhase) -> SyncStatus {
    let status = handle.status();
    until(&format!("the state is {state:?}"), || {
        let status = status.borrow();
        (status.state == state).then(|| status.clone())
    })
    .await
}

async fn until_up(handle: &SyncHandle, sales: u32) {
    let status = handle.status();
    by_itself("all is up", || {
        let status = status.borrow();
        (status.synced_total == sales && status.state == SyncPhase::Idle).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_half_open_is_left_for_a_new_one() {
    let cloud = Cloud::new();
    let proxy = Proxy::new(cloud.host()).await;
    let register = Register::new("A", &cloud);
    register.sell(&[("bread", "1")]);
    let handle = register.start(proxy.host());
    until_up(&handle, 1).await;
    proxy.strand();
    register.sell(&[("bread", "2")]);
    handle.wake(Wake::Checkout);
    let said = until_state(&handle, SyncPhase::Offline).await;
    let problem = said.problem.expect("a problem");
    assert_eq!(problem.code, ErrorCode::Timeout, "{problem}");
    until_up(&handle, 2).await;
    assert_eq!(cloud.all(Collection::Sales).await.len(), 2);
    handle.stop();
}

/// Answers whatever comes as the sign-in page of a hotel's network does.
async fn hotel() -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let page = "HTTP/1.1 302 Found\r\nLocation: http://hotel.example/\r\nContent-Length: 0\r\n\r\n";
    let task = tokio::spawn(async move {
        while let Ok((mut guest, _)) = listener.accept().await {
            // A guest that has left does not mind.
            let _ = guest.write_all(page.as_bytes()).await;
        }
    });
    (address, task)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_leads_elsewhere_is_said_and_left_when_it_leads_to_the_cloud() {
    let cloud = Cloud::new();
    let guarded = Shim::over_tls(cloud.host());
    let (hotel, task) = hotel().await;
    for elsewhere in [guarded.host(), &hotel.to_string()] {
        let cloud = cloud.sibling();
        let proxy = Proxy::new(elsewhere).await;
        let register = Register::new("A", &cloud);
        register.sell(&[("bread", "1")]);
        let handle = register.start(proxy.host());
        let said = until_state(&handle, SyncPhase::Offline).await;
        let problem = said.problem.expect("a problem");
        assert_eq!(problem.code, ErrorCode::CloudUnreachable, "{problem}");
        assert!(
            problem.message.starts_with("The cloud cannot be reached"),
            "{problem}"
        );
        assert_eq!((said.pending, said.failed_total), (1, 0));
        proxy.lead_to(cloud.host());
        until_up(&handle, 1).await;
        handle.stop();
    }
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_prove_who_it_is_gets_nothing() {
    let cloud = Cloud::new();
    let forged = Shim::over_tls(cloud.host());
    let port = |host: &str| host.rsplit(':').next().expect("a port").to_owned();
    for (what, address, words) in [
        (
            "a certificate that nobody vouches for",
            port(forged.host()),
            "certificate",
        ),
        ("no TLS at all", port(cloud.host()), "secure connection"),
    ] {
        let register = Register::new("A", &cloud);
        register.sell(&[("bread", "1")]);
        let handle = register.start(&format!("https://localhost:{address}"));
        let said = until_state(&handle, SyncPhase::Offline).await;
        let problem = said.problem.expect("a problem");
        assert_eq!(
            problem.code,
            ErrorCode::CloudUnreachable,
            "{what}: {problem}"
        );
        assert!(problem.message.contains(words), "{what}: {problem}");
        assert_eq!((said.pending, said.failed_total), (1, 0), "{what}");
        handle.stop();
    }
    assert!(cloud.all(Collection::Sales).await.is_empty());
}
