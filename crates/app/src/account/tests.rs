//! Where an account is kept: in a keychain that works, locked, silent, or missing.

use std::collections::HashMap;
use std::sync::mpsc;

use super::*;

fn enrolled(token: &str) -> Enrolled {
    Enrolled {
        account: Account {
            project: "demo-shop".to_owned(),
            store_id: "corner".to_owned(),
            uid: "u1".to_owned(),
            side: Side::Emulator,
            refresh_token: Secret::new(token),
        },
        email: "register-1@registers.invalid".to_owned(),
        signed_in_by: "maria@shop.example".to_owned(),
    }
}

/// A keychain in memory that can be locked.
#[derive(Default)]
struct Drawer {
    kept: Mutex<HashMap<String, String>>,
    locked: Mutex<bool>,
    missing: Mutex<bool>,
}

impl Drawer {
    fn lock(&self, locked: bool) {
        *self.locked.lock().expect("no panic") = locked;
    }

    fn is_missing(&self, missing: bool) {
        *self.missing.lock().expect("no panic") = missing;
    }

    /// The secrets that are in it, in order.
    fn secrets(&self) -> Vec<String> {
        let kept = self.kept.lock().expect("no panic");
        let mut secrets: Vec<_> = kept.values().cloned().collect();
        secrets.sort_unstable();
        secrets
    }

    fn open<T>(
        &self,
        work: impl FnOnce(&mut HashMap<String, String>) -> T,
    ) -> Result<T, KeychainError> {
        if *self.locked.lock().expect("no panic") {
            return Err(KeychainError::Locked);
        }
        if *self.missing.lock().expect("no panic") {
            return Err(KeychainError::Missing("none".to_owned()));
        }
        Ok(work(&mut self.kept.lock().expect("no panic")))
    }
}

impl Keychain for Drawer {
    fn get(&self, name: &str) -> Result<Option<String>, KeychainError> {
        self.open(|kept| kept.get(name).cloned())
    }
    fn set(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        self.open(|kept| drop(kept.insert(name.to_owned(), secret.to_owned())))
    }
    fn forget(&self, name: &str) -> Result<(), KeychainError> {
        self.open(|kept| drop(kept.remove(name)))
    }
}

fn keep(dir: &Path, keychain: Arc<dyn Keychain>) -> Keep {
    Keep::in_keychain(&Places::within(dir), keychain, Duration::from_secs(20))
}

fn token(account: Option<Account>) -> Option<String> {
    account.map(|account| account.refresh_token.expose().to_owned())
}

#[tokio::test]
async fn with_a_keychain_no_file_holds_the_token() {
    let dir = tempfile::tempdir().expect("a folder");
    let keep = keep(dir.path(), Arc::new(Drawer::default()));
    assert_eq!(keep.account().await, Ok(None));
    keep.put(enrolled("the-token")).await.expect("kept");
    let file = fs::read_to_string(&keep.file).expect("a file");
    assert!(!file.contains("the-token"), "{file}");
    let account = keep.account().await.expect("kept");
    assert_eq!(token(account).as_deref(), Some("the-token"));
    let view = keep.view().expect("read").expect("kept");
    assert_eq!((view.kept_in, view.file), (KeptIn::Keychain, None));
    keep.renewed(&Secret::new("the-next")).await.expect("kept");
    let account = keep.account().await.expect("kept");
    assert_eq!(token(account).as_deref(), Some("the-next"));
    assert_eq!(keep.forget().await, Ok(true));
    assert_eq!(keep.account().await, Ok(None));
    assert_eq!(keep.forget().await, Ok(false));
}

#[tokio::test]
async fn without_a_keychain_a_file_holds_it_that_only_its_owner_reads() {
    let dir = tempfile::tempdir().expect("a folder");
    let keep = keep(dir.path(), Arc::new(NoKeychain));
    keep.put(enrolled("the-token")).await.expect("kept");
    let account = keep.account().await.expect("kept");
    assert_eq!(token(account).as_deref(), Some("the-token"));
    let view = keep.view().expect("read").expect("kept");
    assert_eq!(view.kept_in, KeptIn::File);
    assert_eq!(view.file, Some(keep.file.display().to_string()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&keep.file)
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(!format!("{keep:?} {:?}", enrolled("the-token")).contains("the-token"));
}

#[tokio::test]
async fn a_locked_keychain_is_said_and_needs_no_new_sign_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let drawer = Arc::new(Drawer::default());
    let keep = keep(dir.path(), Arc::<Drawer>::clone(&drawer));
    keep.put(enrolled("the-token")).await.expect("kept");
    drawer.lock(true);
    let locked = keep.account().await.expect_err("locked");
    assert_eq!(locked.kind, AuthErrorKind::KeychainLocked);
    drawer.lock(false);
    assert!(keep.account().await.expect("open again").is_some());
}

/// Answers nothing until it is told to.
struct Silent(Mutex<mpsc::Receiver<()>>);

impl Keychain for Silent {
    fn get(&self, _: &str) -> Result<Option<String>, KeychainError> {
        let _ = self.0.lock().expect("no panic").recv();
        Ok(Some("late".to_owned()))
    }
    fn set(&self, _: &str, _: &str) -> Result<(), KeychainError> {
        Ok(())
    }
    fn forget(&self, _: &str) -> Result<(), KeychainError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_silent_keychain_is_asked_once_and_holds_nobody_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let (tell, told) = mpsc::channel();
    let places = Places::within(dir.path());
    let silent = Arc::new(Silent(Mutex::new(told)));
    let patient = keep(dir.path(), Arc::<Silent>::clone(&silent));
    patient.put(enrolled("the-token")).await.expect("kept");
    let keep = Keep::in_keychain(&places, silent, Duration::from_millis(50));
    for _ in 0..3 {
        let silent = keep.account().await.expect_err("silent");
        assert_eq!(silent.kind, AuthErrorKind::KeychainLocked);
    }
    // Somebody unlocks it: the one question that waits is answered, and the next one is asked.
    tell.send(()).expect("it waits");
    drop(tell);
    let answered = loop {
        if let Ok(account) = keep.account().await {
            break account;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(token(answered).as_deref(), Some("late"));
}

fn of(uid: &str, token: &str) -> Enrolled {
    let mut enrolled = enrolled(token);
    uid.clone_into(&mut enrolled.account.uid);
    enrolled
}

/// Everything in the folder of accounts, as text.
fn on_disk(keep: &Keep) -> String {
    let Some(files) = keep.file.parent().and_then(|dir| fs::read_dir(dir).ok()) else {
        return String::new();
    };
    let files = files.map(|file| fs::read_to_string(file.expect("a file").path()));
    files.map(|text| text.expect("a text")).collect()
}

#[tokio::test]
async fn a_locked_keychain_takes_no_account_and_no_file_takes_it_instead() {
    let dir = tempfile::tempdir().expect("a folder");
    let drawer = Arc::new(Drawer::default());
    let keep = keep(dir.path(), Arc::<Drawer>::clone(&drawer));
    drawer.lock(true);
    let closed = keep.ready().await.expect_err("locked");
    assert_eq!(closed.kind, AuthErrorKind::KeychainClosed);
    let closed = keep.put(enrolled("the-token")).await.expect_err("locked");
    assert_eq!(closed.kind, AuthErrorKind::KeychainClosed);
    assert_eq!(keep.view(), Ok(None));
    assert!(!on_disk(&keep).contains("the-token"));

    // Unlocked, the same goes through, and nothing of the trial stays.
    drawer.lock(false);
    keep.ready().await.expect("open");
    keep.put(enrolled("the-token")).await.expect("kept");
    assert_eq!(drawer.secrets(), ["the-token"]);

    // The next token, and the next account, leave what is kept as it is.
    drawer.lock(true);
    let locked = keep.renewed(&Secret::new("the-next")).await;
    assert_eq!(
        locked.expect_err("locked").kind,
        AuthErrorKind::KeychainLocked
    );
    let closed = keep.put(of("u2", "of-another")).await.expect_err("locked");
    assert_eq!(closed.kind, AuthErrorKind::KeychainClosed);
    drawer.lock(false);
    let account = keep.account().await.expect("kept").expect("an account");
    assert_eq!(
        (account.uid.as_str(), account.refresh_token.expose()),
        ("u1", "the-token")
    );
    assert!(!on_disk(&keep).contains("the-"));
}

/// A drawer that takes nothing until it is told to.
struct Slow {
    drawer: Arc<Drawer>,
    told: Mutex<mpsc::Receiver<()>>,
}

impl Keychain for Slow {
    fn get(&self, name: &str) -> Result<Option<String>, KeychainError> {
        self.drawer.get(name)
    }
    fn set(&self, name: &str, secret: &str) -> Result<(), KeychainError> {
        let _ = self.told.lock().expect("no panic").recv();
        self.drawer.set(name, secret)
    }
    fn forget(&self, name: &str) -> Result<(), KeychainError> {
        self.drawer.forget(name)
    }
}

/// An account is kept in the drawer; then it is slow.
async fn slow(dir: &Path) -> (Arc<Drawer>, Keep, mpsc::Sender<()>) {
    let (tell, told) = mpsc::channel();
    let drawer = Arc::new(Drawer::default());
    let patient = keep(dir, Arc::<Drawer>::clone(&drawer));
    patient.put(of("u1", "the-first")).await.expect("kept");
    let slow = Slow {
        drawer: Arc::clone(&drawer),
        told: Mutex::new(told),
    };
    let places = Places::within(dir);
    let keep = Keep::in_keychain(&places, Arc::new(slow), Duration::from_millis(50));
    (drawer, keep, tell)
}

#[tokio::test]
async fn who_asks_while_another_question_is_answered_waits_for_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let (tell, told) = mpsc::channel();
    let slow = Slow {
        drawer: Arc::default(),
        told: Mutex::new(told),
    };
    let keep = keep(dir.path(), Arc::new(slow));
    let answers = async { [(); 2].map(|()| tell.send(()).expect("it listens")) };
    let (first, second, _) = tokio::join!(keep.ready(), keep.ready(), answers);
    assert_eq!((first, second), (Ok(()), Ok(())));
}

/// Waits until the keychain has done what it was asked.
async fn idle(keep: &Keep) {
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while keep.keychain.ask(|_| Ok(())).await.is_err() {
        assert!(std::time::Instant::now() < deadline, "it goes on and on");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_a_slow_keychain_takes_too_late_it_does_not_keep() {
    let dir = tempfile::tempdir().expect("a folder");
    let (drawer, keep, tell) = slow(dir.path()).await;
    let closed = keep.put(of("u2", "the-second")).await;
    assert_eq!(
        closed.expect_err("too slow").kind,
        AuthErrorKind::KeychainClosed
    );
    assert!(!on_disk(&keep).contains("the-second"));
    tell.send(()).expect("it listens");
    idle(&keep).await;
    assert_eq!(drawer.secrets(), ["the-first"]);
    let view = keep.view().expect("read").expect("kept");
    assert_eq!(view.uid, "u1");
}

#[tokio::test]
async fn signed_out_while_a_slow_keychain_takes_the_next_token_nothing_of_it_stays() {
    let dir = tempfile::tempdir().expect("a folder");
    let (drawer, keep, tell) = slow(dir.path()).await;
    let late = keep.renewed(&Secret::new("the-next")).await;
    assert_eq!(
        late.expect_err("too slow").kind,
        AuthErrorKind::KeychainLocked
    );
    // It has a question still, so it is not asked to forget now.
    assert_eq!(keep.forget().await, Ok(true));
    tell.send(()).expect("it listens");
    idle(&keep).await;
    assert_eq!(drawer.secrets(), Vec::<String>::new());
    assert_eq!(keep.account().await, Ok(None));
}

#[tokio::test]
async fn signing_out_asks_the_keychain_too_where_a_file_had_the_token() {
    let dir = tempfile::tempdir().expect("a folder");
    let drawer = Arc::new(Drawer::default());
    let keep = keep(dir.path(), Arc::<Drawer>::clone(&drawer));
    keep.put(of("u1", "the-first")).await.expect("kept");
    // From before accounts had entries of their own.
    drawer.set(&keep.name, "an-old-one").expect("open");
    drawer.is_missing(true);
    keep.put(of("u1", "the-next")).await.expect("kept");
    let view = keep.view().expect("read").expect("kept");
    assert_eq!(view.kept_in, KeptIn::File);
    drawer.is_missing(false);
    assert_eq!(keep.forget().await, Ok(true));
    assert_eq!(drawer.secrets(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_locked_keychain_could_not_forget_it_forgets_when_it_is_open() {
    let dir = tempfile::tempdir().expect("a folder");
    let drawer = Arc::new(Drawer::default());
    let first = keep(dir.path(), Arc::<Drawer>::clone(&drawer));
    first.put(of("u1", "the-first")).await.expect("kept");
    drawer.lock(true);
    assert_eq!(first.forget().await, Ok(true));
    assert_eq!(first.account().await, Ok(None));
    drawer.lock(false);
    assert_eq!(drawer.secrets(), ["the-first"]);
    // Another program, or this one when it is started again.
    let second = keep(dir.path(), Arc::<Drawer>::clone(&drawer));
    assert_eq!(second.account().await, Ok(None));
    idle(&second).await;
    assert_eq!(drawer.secrets(), Vec::<String>::new());
}

#[tokio::test]
async fn the_next_account_is_kept_and_the_one_before_forgotten() {
    let dir = tempfile::tempdir().expect("a folder");
    let drawer = Arc::new(Drawer::default());
    let keep = keep(dir.path(), Arc::<Drawer>::clone(&drawer));
    for (uid, token) in [("u1", "one"), ("u2", "two"), ("u2", "two again")] {
        keep.put(of(uid, token)).await.expect("kept");
        assert_eq!(drawer.secrets(), [token]);
    }

    // One that was kept under the name of its file.
    let mut old = keep.read().expect("read").expect("kept");
    drawer
        .forget(&old.entry.take().expect("one"))
        .expect("open");
    drawer.set(&keep.name, "old").expect("open");
    write(&keep.file, &old).expect("written");
    assert_eq!(
        token(keep.account().await.expect("kept")).as_deref(),
        Some("old")
    );
    keep.put(of("u3", "three")).await.expect("kept");
    assert_eq!(drawer.secrets(), ["three"]);
}

#[tokio::test]
async fn who_knows_an_account_is_kept_beside_its_token() {
    let dir = tempfile::tempdir().expect("a folder");
    let keep = keep(dir.path(), Arc::new(Drawer::default()));
    let side = async || keep.account().await.map(|kept| kept.map(|kept| kept.side));
    for expected in [Side::Google, Side::Emulator] {
        let mut enrolled = enrolled("the-token");
        enrolled.account.side = expected;
        keep.put(enrolled).await.expect("kept");
        assert_eq!(side().await, Ok(Some(expected)));
        keep.renewed(&Secret::new("the-next")).await.expect("kept");
        assert_eq!(side().await, Ok(Some(expected)));
    }

    // A file from before may hold one of Google's.
    let text = fs::read_to_string(&keep.file).expect("a file");
    let mut file: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let removed = file.as_object_mut().expect("an object").remove("side");
    assert_eq!(removed, Some("emulator".into()));
    write(&keep.file, &file).expect("written");
    assert_eq!(side().await, Ok(Some(Side::Google)));
}
