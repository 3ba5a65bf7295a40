//! Each answer of the server, from a small server of our own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use counterfoil_domain::{Clock, Timestamp};
use serde_json::{Value, json};

use super::*;

const DEADLINE: Duration = Duration::from_secs(20);

/// What was asked: path and body.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// Answers one call after the other, then falls silent.
fn server(answers: Vec<(u16, String)>) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let host = listener.local_addr().expect("an address").to_string();
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    thread::spawn(move || {
        for (status, body) in answers {
            let (stream, _) = listener.accept().expect("a call");
            let call = read_call(&stream);
            seen.lock().expect("no panic").push(call);
            answer(stream, status, &body);
        }
        // Accepted and never answered.
        let held: Vec<_> = listener.incoming().collect();
        drop(held);
    });
    (host, asked)
}

fn read_call(stream: &TcpStream) -> (String, Value) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).expect("a line");
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        if line.trim().is_empty() {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(text) = lower.strip_prefix("content-length:") {
            length = text.trim().parse().expect("a number");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let path = first.split(' ').nth(1).expect("a path").to_owned();
    (path, serde_json::from_slice(&body).expect("JSON"))
}

fn answer(mut stream: TcpStream, status: u16, body: &str) {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    // A client whose deadline has passed has gone.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn auth_at(host: &str, deadline: Duration) -> Auth {
    let host = host.to_owned();
    Auth::new(
        AuthServer::Emulator { host },
        "demo-shop",
        Some("the-key"),
        deadline,
    )
}

fn refusal(message: &str) -> String {
    json!({ "error": { "code": 400, "message": message } }).to_string()
}

fn token(project: &str, number: u32) -> String {
    let claims = json!({ "aud": project, "n": number }).to_string();
    format!("e30.{}.", BASE64_URL_SAFE_NO_PAD.encode(claims))
}

fn signed_in(project: &str) -> String {
    json!({
        "localId": "u1", "idToken": token(project, 0), "refreshToken": "r1", "expiresIn": "3600",
    })
    .to_string()
}

fn renewed(number: u32, refresh_token: &str) -> String {
    json!({
        "user_id": "u1", "id_token": token("demo-shop", number), "refresh_token": refresh_token,
        "expires_in": "3600",
    })
    .to_string()
}

async fn sign_in(host: &str) -> Result<SignedIn, AuthError> {
    let auth = auth_at(host, DEADLINE);
    let password = Secret::new("a long password");
    auth.sign_in("maria@shop.example", &password).await
}

async fn kind_of(status: u16, body: String) -> AuthErrorKind {
    let (host, _) = server(vec![(status, body)]);
    sign_in(&host).await.expect_err("refused").kind
}

#[tokio::test]
async fn a_person_signs_in_with_the_projects_key() {
    let (host, asked) = server(vec![(200, signed_in("demo-shop"))]);
    let who = sign_in(&host).await.expect("signed in");
    assert_eq!((who.uid.as_str(), who.refresh_token.expose()), ("u1", "r1"));
    assert_eq!(who.expires_in, Duration::from_secs(3600));
    let asked = asked.lock().expect("no panic");
    let (path, body) = &asked[0];
    assert_eq!(
        path,
        "/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=the-key"
    );
    assert_eq!(body["email"], "maria@shop.example");
    assert_eq!(body["returnSecureToken"], true);
    assert!(!format!("{who:?}").contains("r1"), "a log shows no token");
}

#[tokio::test]
async fn every_refusal_is_told_from_the_others() {
    use AuthErrorKind::*;
    let table = [
        ("INVALID_LOGIN_CREDENTIALS", WrongPassword),
        ("EMAIL_NOT_FOUND", WrongPassword),
        ("INVALID_PASSWORD", WrongPassword),
        ("USER_DISABLED", AccountDisabled),
        ("TOKEN_EXPIRED", SessionEnded),
        ("USER_NOT_FOUND", SessionEnded),
        ("INVALID_REFRESH_TOKEN", SessionEnded),
        ("PROJECT_NUMBER_MISMATCH", WrongProject),
        ("PASSWORD_LOGIN_DISABLED", NotOffered),
        ("OPERATION_NOT_ALLOWED", NotOffered),
        ("CONFIGURATION_NOT_FOUND", NotOffered),
        ("ADMIN_ONLY_OPERATION", SignUpClosed),
        (
            "TOO_MANY_ATTEMPTS_TRY_LATER : Access is off.",
            TooManyAttempts,
        ),
        ("SOMETHING_NEW", ServerTrouble),
    ];
    for (message, kind) in table {
        assert_eq!(kind_of(400, refusal(message)).await, kind, "{message}");
    }
}

#[tokio::test]
async fn a_key_of_nobody_is_told_by_its_reason() {
    let body = json!({ "error": {
        "code": 400, "status": "INVALID_ARGUMENT",
        "message": "API key not valid. Please pass a valid API key.",
        "details": [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID" }],
    }});
    assert_eq!(
        kind_of(400, body.to_string()).await,
        AuthErrorKind::WrongProject
    );
    let google = Auth::new(AuthServer::Google, "demo-shop", None, DEADLINE);
    let without = google.sign_in("a@b.example", &Secret::new("p")).await;
    assert_eq!(
        without.expect_err("no key").kind,
        AuthErrorKind::WrongProject
    );
}

#[tokio::test]
async fn a_key_of_another_project_is_found_out_by_its_token() {
    let (host, _) = server(vec![(200, signed_in("demo-other"))]);
    let error = sign_in(&host).await.expect_err("another project");
    assert_eq!(error.kind, AuthErrorKind::WrongProject);
    assert!(error.said.contains("demo-other"), "{error}");
}

#[tokio::test]
async fn trouble_and_silence_are_nobodys_fault_and_are_not_tried_twice() {
    for (status, body) in [(500, refusal("INTERNAL")), (502, "<html>".to_owned())] {
        assert_eq!(kind_of(status, body).await, AuthErrorKind::ServerTrouble);
    }
    let many = kind_of(429, String::new()).await;
    assert_eq!(many, AuthErrorKind::TooManyAttempts);
    let (host, asked) = server(vec![(503, refusal("UNAVAILABLE")), (200, String::new())]);
    sign_in(&host).await.expect_err("in trouble");
    assert_eq!(asked.lock().expect("no panic").len(), 1, "asked once");
    let (silent, _) = server(Vec::new());
    let waited = auth_at(&silent, Duration::from_millis(200));
    let waited = waited.refresh(&Secret::new("r")).await;
    assert_eq!(
        waited.expect_err("silence").kind,
        AuthErrorKind::Unreachable
    );
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let host = nobody.local_addr().expect("an address").to_string();
    drop(nobody);
    let error = sign_in(&host).await.expect_err("nobody");
    assert_eq!(error.kind, AuthErrorKind::Unreachable);
    assert!(!error.to_string().contains("the-key"), "{error}");
}

struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::SeqCst))
    }
}

/// Keeps an account in memory.
struct Drawer {
    kept: Mutex<(u128, Option<Account>)>,
    told: Mutex<Option<AuthErrorKind>>,
}

impl Drawer {
    fn with(store_id: &str) -> Arc<Self> {
        Self::of(store_id, Side::Emulator)
    }

    fn of(store_id: &str, side: Side) -> Arc<Self> {
        let account = Account {
            project: "demo-shop".to_owned(),
            store_id: store_id.to_owned(),
            uid: "u1".to_owned(),
            side,
            refresh_token: Secret::new("r1"),
        };
        let kept = Mutex::new((1, Some(account)));
        let told = Mutex::new(None);
        Arc::new(Self { kept, told })
    }

    fn put(&self, account: Option<Account>) {
        let mut kept = self.kept.lock().expect("no panic");
        *kept = (kept.0 + 1, account);
    }
}

#[async_trait]
impl Vault for Drawer {
    fn revision(&self) -> u128 {
        self.kept.lock().expect("no panic").0
    }

    async fn account(&self) -> Result<Option<Account>, AuthError> {
        Ok(self.kept.lock().expect("no panic").1.clone())
    }

    async fn renewed(&self, refresh_token: &Secret) -> Result<(), AuthError> {
        let account = self.kept.lock().expect("no panic").1.clone();
        self.put(account.map(|account| Account {
            refresh_token: refresh_token.clone(),
            ..account
        }));
        Ok(())
    }

    fn tell(&self, problem: Option<&AuthError>) {
        *self.told.lock().expect("no panic") = problem.map(|problem| problem.kind);
    }
}

#[tokio::test]
async fn an_account_of_googles_is_never_sent_to_an_emulator() {
    let (drawer, hands) = (
        Drawer::of("corner", Side::Google),
        Arc::new(Hands(AtomicI64::new(0))),
    );
    let session = || {
        let auth = Auth::new(AuthServer::Google, "demo-shop", Some("a-key"), DEADLINE);
        let (vault, clock) = (Arc::<Drawer>::clone(&drawer), Arc::<Hands>::clone(&hands));
        Session::of_register(vault, ("demo-shop", "corner"), true, auth, clock)
    };
    let refused = session().ready().await.expect_err("refused");
    assert_eq!(refused.kind, AuthErrorKind::OtherSide);
    let names = refused.said.contains("FIRESTORE_EMULATOR_HOST");
    assert!(names, "{refused}");
    let told = *drawer.told.lock().expect("no panic");
    assert_eq!(told, Some(AuthErrorKind::OtherSide));
    // Without an account the emulator lets its owner in.
    drawer.put(None);
    session().ready().await.expect("the emulator's owner");
}

#[tokio::test]
async fn an_account_is_told_to_nobody_but_those_who_know_it() {
    let hands = Arc::new(Hands(AtomicI64::new(0)));
    let (host, asked) = server(vec![(200, renewed(1, "r1"))]);
    for owner in [true, false] {
        let googles = Drawer::of("corner", Side::Google);
        let session = session(&host, &googles, &hands, owner);
        let refused = session.ready().await.expect_err("it is Google's");
        assert_eq!(refused.kind, AuthErrorKind::OtherSide);
        let names = refused.said.contains("FIREBASE_AUTH_EMULATOR_HOST");
        assert!(names, "{refused}");
        let told = *googles.told.lock().expect("no panic");
        assert_eq!(told, Some(AuthErrorKind::OtherSide));
    }
    assert!(asked.lock().expect("no panic").is_empty(), "nobody asks");
    // Asked, Google's server would have another answer than this.
    let auth = Auth::new(AuthServer::Google, "demo-shop", Some("a-key"), DEADLINE);
    let (vault, clock) = (Drawer::with("corner"), Arc::<Hands>::clone(&hands));
    let store = ("demo-shop", "corner");
    let session = Session::of_register(vault, store, false, auth, clock);
    let refused = session.ready().await.expect_err("it is an emulator's");
    assert_eq!(refused.kind, AuthErrorKind::OtherSide);
}

fn session(host: &str, drawer: &Arc<Drawer>, hands: &Arc<Hands>, owner: bool) -> Session {
    let (vault, clock) = (Arc::<Drawer>::clone(drawer), Arc::<Hands>::clone(hands));
    let auth = auth_at(host, DEADLINE);
    Session::of_register(vault, ("demo-shop", "corner"), owner, auth, clock)
}

const MINUTE: i64 = 60_000;

#[tokio::test]
async fn a_token_is_renewed_five_minutes_before_its_end_and_not_earlier() {
    let (host, asked) = server(vec![
        (200, renewed(1, "r1")),
        (200, renewed(2, "r2")),
        (200, renewed(3, "r2")),
    ]);
    let (drawer, hands) = (Drawer::with("corner"), Arc::new(Hands(AtomicI64::new(0))));
    let session = session(&host, &drawer, &hands, false);
    let calls = || asked.lock().expect("no panic").len();
    for (minute, expected) in [(0, 1), (54, 1), (56, 2), (57, 3), (100, 3)] {
        hands.0.store(minute * MINUTE, Ordering::SeqCst);
        session.ready().await.expect("a token");
        assert_eq!(calls(), expected, "at minute {minute}");
    }
    let asked = asked.lock().expect("no panic");
    let (path, body) = &asked[2];
    assert_eq!(path, "/securetoken.googleapis.com/v1/token?key=the-key");
    // The second answer held another refresh token: that one is kept and used.
    assert_eq!(body["refresh_token"], "r2");
    assert_eq!(body["grant_type"], "refresh_token");
}

#[tokio::test]
async fn while_a_token_is_good_a_server_in_trouble_is_in_nobodys_way() {
    let (host, _) = server(vec![
        (200, renewed(1, "r1")),
        (503, refusal("UNAVAILABLE")),
        (503, refusal("UNAVAILABLE")),
    ]);
    let (drawer, hands) = (Drawer::with("corner"), Arc::new(Hands(AtomicI64::new(0))));
    let session = session(&host, &drawer, &hands, false);
    session.ready().await.expect("a token");
    hands.0.store(58 * MINUTE, Ordering::SeqCst);
    session.ready().await.expect("it is good for two minutes");
    hands.0.store(61 * MINUTE, Ordering::SeqCst);
    let error = session.ready().await.expect_err("it has expired");
    assert_eq!(error.kind, AuthErrorKind::ServerTrouble);
    let told = *drawer.told.lock().expect("no panic");
    assert_eq!(told, Some(AuthErrorKind::ServerTrouble));
}

#[tokio::test]
async fn another_programs_sign_in_is_seen_with_the_next_call() {
    let (host, asked) = server(vec![(200, renewed(1, "r1")), (200, renewed(2, "r9"))]);
    let (drawer, hands) = (Drawer::with("corner"), Arc::new(Hands(AtomicI64::new(0))));
    let session = session(&host, &drawer, &hands, false);
    session.ready().await.expect("a token");
    let kept = drawer.account().await.expect("kept").expect("an account");
    drawer.put(None);
    let out = session.ready().await.expect_err("signed out");
    assert_eq!(out.kind, AuthErrorKind::NotSignedIn);
    let refresh_token = Secret::new("r9");
    drawer.put(Some(Account {
        refresh_token,
        ..kept
    }));
    session.ready().await.expect("signed in again");
    assert_eq!(asked.lock().expect("no panic")[1].1["refresh_token"], "r9");
    assert_eq!(*drawer.told.lock().expect("no panic"), None);
}

#[tokio::test]
async fn an_account_of_another_store_does_not_speak_here() {
    let (drawer, hands) = (Drawer::with("other"), Arc::new(Hands(AtomicI64::new(0))));
    for owner in [true, false] {
        let session = session("127.0.0.1:1", &drawer, &hands, owner);
        let error = session.ready().await.expect_err("another store's");
        assert_eq!(error.kind, AuthErrorKind::NotSignedIn);
    }
    drawer.put(None);
    let owner = session("127.0.0.1:1", &drawer, &hands, true);
    owner.ready().await.expect("the emulator's owner");
}
