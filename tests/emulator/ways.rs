//! Ways to the cloud that lead nowhere: stranded connections, TLS that fails, somebody else who answers.

use std::net::SocketAddr;
use std::process::Stdio;

use counterfoil_app::ErrorCode;
use counterfoil_app::dto::{SyncPhase, SyncStatus};
use counterfoil_app::sync::{SyncHandle, Wake};
use counterfoil_sync::Collection;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::proxy::Proxy;
use counterfoil_tests::rig::register::Register;
use counterfoil_tests::rig::shim::{ANOTHER_CERTIFICATE, CERTIFICATE, Shim};
use counterfoil_tests::rig::{PATIENCE, by_itself, until};
use counterfoil_tests::window::beside;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
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

/// `counterfoilctl sync watch` over a register, whose computer trusts the certificates in a file.
struct Watching {
    _program: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn over(register: &Register, server: &str, trusted: &std::path::Path) -> Self {
        let mut program = Command::new(beside("counterfoilctl").expect("counterfoilctl is built"));
        program
            .arg("--data")
            .arg(register.dir())
            .arg("--config")
            .arg(register.dir().join("config"))
            .args(["sync", "watch"])
            .env("FIRESTORE_EMULATOR_HOST", server)
            .env("SSL_CERT_FILE", trusted)
            .env_remove("SSL_CERT_DIR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut program = program.spawn().expect("counterfoilctl runs");
        let said = program.stdout.take().expect("a pipe");
        Self {
            _program: program,
            said: BufReader::new(said).lines(),
        }
    }

    /// The first line from here on that has these words. An attempt waits for up to a minute.
    async fn says(&mut self, words: &str) -> String {
        let listening = async {
            loop {
                let line = self.said.next_line().await.expect("UTF-8");
                let line = line.unwrap_or_else(|| panic!("it ended without saying “{words}”"));
                assert!(line.contains(", 0 failed,"), "{line}");
                if line.contains(words) {
                    return line;
                }
            }
        };
        let heard = tokio::time::timeout(4 * PATIENCE, listening).await;
        heard.unwrap_or_else(|_| panic!("it does not say “{words}”"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_becomes_trusted_lets_everything_go_up_by_itself() {
    let cloud = Cloud::new();
    let guarded = Shim::over_tls(cloud.host());
    let port = guarded.host().rsplit(':').next().expect("a port");
    let register = Register::new("A", &cloud);
    register.sell(&[("bread", "1")]);
    let trusted = register.dir().join("trusted.pem");
    std::fs::write(&trusted, ANOTHER_CERTIFICATE).expect("written");

    let server = format!("https://localhost:{port}");
    let mut watching = Watching::over(&register, &server, &trusted);
    let said = watching.says("no certificate that is trusted here").await;
    for words in [
        "no network since ",
        "selling goes on: 1 waiting",
        "The cloud cannot be reached. Sales are kept here and go up when it is back.",
        "look at this computer's clock",
    ] {
        assert!(said.contains(words), "“{words}” in {said}");
    }
    assert!(cloud.all(Collection::Sales).await.is_empty());

    // Whoever looks after the computer has it trust the one who answers.
    std::fs::write(&trusted, CERTIFICATE).expect("written");
    let said = watching.says("all sales are in the cloud: 0 waiting").await;
    assert!(!said.contains("certificate"), "{said}");
    assert_eq!(cloud.all(Collection::Sales).await.len(), 1);
}
