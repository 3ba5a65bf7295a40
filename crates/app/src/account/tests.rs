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
}

impl Drawer {
    fn open<T>(
        &self,
        work: impl FnOnce(&mut HashMap<String, String>) -> T,
    ) -> Result<T, KeychainError> {
        if *self.locked.lock().expect("no panic") {
            return Err(KeychainError::Locked);
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
    *drawer.locked.lock().expect("no panic") = true;
    let locked = keep.account().await.expect_err("locked");
    assert_eq!(locked.kind, AuthErrorKind::KeychainLocked);
    *drawer.locked.lock().expect("no panic") = false;
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
    let keep = Keep::in_keychain(&places, silent, Duration::from_millis(50));
    keep.put(enrolled("the-token")).await.expect("kept");
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
