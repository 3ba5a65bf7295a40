//! An account that ends while its register runs: deleted, or signed out everywhere. The register says so in words, sells
//! on, and sends everything once a manager has signed it in anew.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use counterfoil_app::ErrorCode;
use counterfoil_app::dto::{AccountView, SyncPhase};
use counterfoil_app::sync::{Wake, start};
use counterfoil_tests::rig::until;

use crate::world::{Signed, Store};
use crate::{code, is_there, until_state, until_up};

/// A register that runs, whose account is ended by `end`.
async fn ends(store: &Store, signed: &Signed, end: impl FnOnce(&AccountView)) {
    let account = signed.sign_in(store).await;
    let (handle, task) = start(signed.parts(store));
    let before = signed.register.sell(&[("bread", "1")]);
    until_up(&handle, signed).await;
    assert!(is_there(store, &before).await);

    end(&account);
    // The token that it has lasts its hour; then it is not renewed.
    signed.clock.pass_hours(2);
    let first = signed.register.sell(&[("bread", "2")]);
    handle.wake(Wake::Checkout);
    let status = until_state(&handle, SyncPhase::SignInNeeded).await;
    assert_eq!(code(&status), Some(ErrorCode::SignInEnded));
    let problem = status.problem.expect("a problem").message;
    assert!(problem.contains("signs this register in anew"), "{problem}");
    assert!(problem.contains("Sales are safe"), "{problem}");

    let second = signed.register.sell(&[("bread", "3")]);
    handle.wake(Wake::Checkout);
    let live = handle.status();
    until("both are said to wait, and none has failed", || {
        let now = live.borrow();
        let ended =
            now.state == SyncPhase::SignInNeeded && code(&now) == Some(ErrorCode::SignInEnded);
        (ended && now.pending + now.in_flight == 2 && now.failed_total == 0).then_some(())
    })
    .await;
    assert!(!is_there(store, &first).await && !is_there(store, &second).await);

    let again = signed.sign_in(store).await;
    assert_ne!(again.uid, account.uid);
    until_up(&handle, signed).await;
    assert!(is_there(store, &first).await && is_there(store, &second).await);
    handle.stop();
    task.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_asks_for_a_sign_in_and_then_everything_goes_up() {
    let store = Store::founded().await;
    let signed = Signed::out(&store);
    ends(&store, &signed, |account| {
        store.auth().delete(&account.uid).expect("deleted");
    })
    .await;
}

/// In front of the emulator, which renews for ever: once `revoked`, the refresh tokens of then are answered as Google's
/// server answers them.
struct Revoking {
    host: String,
    revoked: Arc<AtomicBool>,
}

impl Revoking {
    fn before(emulator: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let host = listener.local_addr().expect("an address").to_string();
        let revoked = Arc::new(AtomicBool::new(false));
        let (emulator, over) = (emulator.to_owned(), Arc::clone(&revoked));
        thread::spawn(move || {
            let mut valid = String::new();
            for stream in listener.incoming().flatten() {
                // A call that breaks down is tried again by whoever made it.
                let _ = answer(stream, &emulator, over.load(Ordering::SeqCst), &mut valid);
            }
        });
        Self { host, revoked }
    }
}

const REVOKED: &str =
    r#"{"error":{"code":400,"message":"TOKEN_EXPIRED","status":"INVALID_ARGUMENT"}}"#;

/// Answers one call. `before` is the body of the last one that was let through: whoever asks the same again once it is
/// over is refused, whoever has another token is not.
fn answer(
    mut stream: TcpStream,
    emulator: &str,
    over: bool,
    before: &mut String,
) -> std::io::Result<()> {
    let (head, body) = read(&mut stream)?;
    if over && body == *before {
        let length = REVOKED.len();
        return write!(
            stream,
            "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{REVOKED}"
        );
    }
    before.clone_from(&body);
    let mut there = TcpStream::connect(emulator)?;
    let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    write!(there, "{head}{body}")?;
    let mut said = Vec::new();
    there.read_to_end(&mut said)?;
    stream.write_all(&said)
}

/// A call's head, with the empty line, and its body.
fn read(stream: &mut TcpStream) -> std::io::Result<(String, String)> {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let length = name.eq_ignore_ascii_case("content-length");
        length.then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or_default()];
    stream.read_exact(&mut body)?;
    Ok((head, String::from_utf8_lossy(&body).into_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_is_signed_out_everywhere_says_so_and_then_everything_goes_up() {
    let store = Store::founded().await;
    let server = Revoking::before(store.auth().host());
    let signed = Signed::renewed_by(&store, &server.host);
    ends(&store, &signed, |_| {
        server.revoked.store(true, Ordering::SeqCst)
    })
    .await;
}
