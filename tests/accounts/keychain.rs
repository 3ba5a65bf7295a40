//! A keychain that is there and does not take the account: nobody is signed in, nothing is left in the cloud, and no file
//! has the token instead.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use counterfoil_app::ErrorCode;
use counterfoil_app::account::keychain::{Keychain, KeychainError};
use counterfoil_app::dto::KeptIn;

use crate::is_there;
use crate::world::{PASSWORD, Signed, Store, input};

/// Takes as many secrets as it is told, and is locked then.
#[derive(Default)]
struct Closing(AtomicU32);

impl Keychain for Closing {
    fn get(&self, _: &str) -> Result<Option<String>, KeychainError> {
        Ok(None)
    }

    fn set(&self, _: &str, _: &str) -> Result<(), KeychainError> {
        let one_less = |left: u32| left.checked_sub(1);
        let took = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less);
        took.map(drop).map_err(|_| KeychainError::Locked)
    }

    fn forget(&self, _: &str) -> Result<(), KeychainError> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_refuses_the_sign_in_and_leaves_nothing_behind() {
    let store = Store::founded().await;
    let keychain = Arc::new(Closing::default());
    let signed = Signed::with_keychain(&store, Arc::<Closing>::clone(&keychain));
    let identity = || signed.register.till.identity().expect("read");
    let sale = signed.register.sell(&[("bread", "1")]);
    let before = identity();
    // It is locked at once; or it takes the trial, and is locked when the account has been made.
    for takes in [0, 1] {
        keychain.0.store(takes, Ordering::SeqCst);
        let input = input(&store.owner, PASSWORD, Some("Bar"));
        let till = &signed.register.till;
        let refused = till.sign_in_at(&store.servers(), &signed.keep, input).await;
        let error = refused.expect_err("refused");
        assert_eq!(error.code, ErrorCode::KeychainClosed, "{error}");
        for words in ["Unlock it and sign in again", "Sales are safe"] {
            assert!(error.message.contains(words), "{error}");
        }
        assert_eq!(signed.keep.view().expect("read"), None);
        assert_eq!(identity(), before);
        assert_eq!(store.members().await, ["owner"], "{takes}");
    }
    signed.register.sell(&[("bread", "2")]);

    keychain.0.store(2, Ordering::SeqCst);
    let account = signed.sign_in(&store).await;
    assert_eq!((account.kept_in, account.file), (KeptIn::Keychain, None));
    assert!(!is_there(&store, &sale).await, "nobody has synced yet");
}
