//! Why a register's sign-in does not hold: each reason in the panel's words, and well again without it.

use counterfoil_tests::rig::secrets::Desktop;
use counterfoil_tests::rig::shim::{Code, Done, Fate, Part, Shim};
use counterfoil_tests::window::{Outcome, Window};
use fantoccini::key::Key;

use crate::causes::is_said;
use crate::hands::{control, in_the_cloud, key, reads};
use crate::refusing::{Answer, Refusing};
use crate::shop::Shop;
use crate::states::{is_well_again, ring_up};

const OWNER: &str = "maria@shop.example";
const PASSWORD: &str = "a long password of Maria's";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_panel_says_why_a_sign_in_does_not_hold() -> Outcome {
    let shop = Shop::guarded(OWNER, PASSWORD);
    let (auth, shim) = (
        Refusing::before(shop.auth().host()),
        Shim::new(shop.cloud()),
    );
    let desktop = Desktop::open().await;
    let mut register = shop.connected_register("A").behind(shim.host());
    register.place = register.place.with_keychain(desktop.address());
    let without_emulator = register.place.clone().without_auth();
    register.place = register.place.with_auth(&auth.host);
    let window = register.window("sign-in").await;
    window.press(control(',')).await?;
    sign_in(&window).await?;
    reads(&window, "account", "in the keychain of this computer").await?;
    window.pictures("1-in-keychain").await?;
    // Back to the till, and what was said is read.
    window.press(key(Key::Escape)).await?;
    window.part("till").await?;
    window.press(key(Key::Escape)).await?;
    window.gone("notice-0").await?;
    window.press(control('s')).await?;
    is_well_again(&window).await?;

    // A token that the cloud takes no more is asked for anew, and that needs the key and who gave it.
    let refuse_once = || {
        let refused = Fate::Status(Code::Unauthenticated, Done::Not);
        shim.strike_next(Part::Commit, 1, refused);
        ring_up(&register);
    };
    let headline = "This register is not signed in to the cloud";
    desktop.lock();
    refuse_once();
    is_said(
        &window,
        "2-keychain-locked",
        headline,
        "The keychain of this computer is locked",
    )
    .await?;
    desktop.unlock();
    is_well_again(&window).await?;

    auth.answers(Answer::key_of_another());
    refuse_once();
    is_said(
        &window,
        "3-wrong-project",
        headline,
        "does not belong to this project",
    )
    .await?;
    // The right one is given where the wrong one was.
    window.part("connect-key").await?;
    auth.answers(Answer::Passes);
    is_well_again(&window).await?;

    let status = register.ctl(&["sync", "status"], &[]);
    let uid = status["account"]["uid"].as_str().expect("an account");
    shop.auth().delete(uid).expect("deleted");
    refuse_once();
    is_said(&window, "4-ended", headline, "The sign-in has ended").await?;
    sign_in(&window).await?;
    in_the_cloud(&window).await?;
    window.close().await?;

    // Started without the emulator that knows its account, it tells nobody its key.
    register.place = without_emulator;
    ring_up(&register);
    let window = register.window("sign-in").await;
    reads(&window, "status-line", headline).await?;
    window.press(control('s')).await?;
    is_said(&window, "5-elsewhere", headline, "Its key was not sent").await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 3);
    Ok(())
}

/// By a manager, where the window asks for it.
async fn sign_in(window: &Window) -> Outcome {
    window.fill("sign-in-email", OWNER).await?;
    window.fill("sign-in-password", PASSWORD).await?;
    window.click("sign-in-do").await
}
