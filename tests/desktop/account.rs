//! A register is signed in from the settings, and again from the sync panel when its account was disabled; whatever
//! refuses it says what to do.

use counterfoil_tests::rig::proxy::{Network, Proxy};
use counterfoil_tests::rig::shim::{Code, Shim, words};
use counterfoil_tests::window::{Look, Outcome, Window};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::hands::{control, focused, in_the_cloud, key, reads};
use crate::looks::nothing_is_cut_off;
use crate::refusing::{Answer, Refusing};
use crate::shop::{Register, Shop};

const OWNER: &str = "maria@shop.example";
const PASSWORD: &str = "a long password of Maria's";

fn ring_up(register: &Register) {
    register.ring_up(&json!({
        "lines": [{ "sku": "COF-001", "quantity": "1" }],
        "tenders": [{ "method": "cash", "amount": 5_000 }],
    }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manager_signs_a_register_in_and_again_when_its_account_is_disabled() -> Outcome {
    let shop = Shop::guarded(OWNER, PASSWORD);
    let shim = Shim::new(shop.cloud());
    let network = Proxy::new(shim.host()).await;
    let register = shop.connected_register("A").behind(network.host());
    let window = register.window("account").await;
    window.press(control(',')).await?;
    window.fill("sign-in-email", OWNER).await?;
    window.click("sign-in-do").await?;
    reads(&window, "settings", "This is needed").await?;
    assert_eq!(focused(&window).await?, "sign-in-password");
    // The register has a name already, and may be given another one, but not none.
    assert_eq!(field(&window, "sign-in-register").await?, "Till A");
    window.fill("sign-in-password", "not hers").await?;
    window.fill("sign-in-register", " ").await?;
    window.click("sign-in-do").await?;
    reads(&window, "settings", "This is needed").await?;
    assert_eq!(focused(&window).await?, "sign-in-register");
    window.pictures("1-nameless").await?;
    window.fill("sign-in-register", "Bar").await?;
    window.fill("sign-in-password", "not hers").await?;
    window.click("sign-in-do").await?;
    reads(&window, "sign-in-problem", "the password is another one").await?;
    window.pictures("1-refused").await?;
    // An account that is somebody, and no manager here.
    let stranger = "stranger@shop.example";
    shop.auth().sign_up(stranger, PASSWORD).expect("a stranger");
    window.fill("sign-in-email", stranger).await?;
    window.fill("sign-in-password", PASSWORD).await?;
    window.click("sign-in-do").await?;
    reads(&window, "sign-in-problem", "no manager of this store").await?;
    window.fill("sign-in-email", OWNER).await?;
    window.fill("sign-in-password", PASSWORD).await?;
    window.click("sign-in-do").await?;
    reads(&window, "account", "Signed in as register-").await?;
    window.gone("sign-in-problem").await?;
    reads(&window, "settings", "Bar, A-…").await?;
    window.pictures("2-signed-in").await?;

    // While a sale waits, signing out says so first.
    window.take_keyboard().await?;
    network.set(Network::Down);
    ring_up(&register);
    reads(&window, "status-line", "1 sale").await?;
    window.click("sign-out-do").await?;
    reads(
        &window,
        "sign-out-held",
        "1 sale or decision of this register is not in the cloud yet",
    )
    .await?;
    window.part("sign-out-confirm").await?;
    window.pictures("2-sign-out-held").await?;
    // Whoever presses Enter once more stays.
    window.press(key(Key::Enter)).await?;
    window.gone("sign-out-held").await?;
    reads(&window, "account", "Signed in as register-").await?;
    network.set(Network::Up);
    window.press(key(Key::Escape)).await?;
    window.press(control('s')).await?;
    window.click("sync-now").await?;
    in_the_cloud(&window).await?;
    window.close().await?;

    is_disabled_and_signed_in_anew(&shop, &register).await?;
    is_removed_and_added_again(&shop, &register).await?;
    is_unreadable_and_signed_in_anew(&shop, &register).await
}

/// The address and the id of the account that the register has now.
fn account(register: &Register) -> [String; 2] {
    let status = register.ctl(&["sync", "status"], &[]);
    ["email", "uid"].map(|name| {
        let value = status["account"][name].as_str();
        value.expect("an account").to_owned()
    })
}

/// Whoever is to enable it finds it by its address or its id, which can both be copied.
async fn is_disabled_and_signed_in_anew(shop: &Shop, register: &Register) -> Outcome {
    let [email, uid] = account(register);
    shop.auth().disable(&uid, true).expect("disabled");
    ring_up(register);
    let window = register.window("account").await;
    reads(&window, "status-line", "is not signed in to the cloud").await?;
    window.click("status-line").await?;
    reads(&window, "sync-panel", "The account was disabled").await?;
    reads(
        &window,
        "account",
        &format!("This register’s account: {email}"),
    )
    .await?;
    reads(&window, "account", &format!("Firebase console: {uid}")).await?;
    assert!(can_be_selected(&window, "account").await?);
    nothing_is_cut_off(&window, "3-disabled").await;
    window.pictures("3-disabled").await?;
    sign_in(&window).await?;
    reads(&window, "sync-headline", "All sales are in the cloud").await?;
    reads(&window, "sync-panel", "has no access any more").await?;
    window.pictures("4-signed-in-anew").await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 2);
    // The owner and the register, under the name that it was given; the account that was disabled is nobody.
    let members = shop.documents("members");
    let name = |document: &Value| document["fields"]["name"]["stringValue"].clone();
    assert_eq!(members.len(), 2, "{members:?}");
    assert!(members.iter().any(|member| name(member) == "Bar"));
    let registers = shop.documents("registers");
    assert!(registers.iter().all(|it| name(it) == "Bar"));
    Ok(())
}

/// Somebody takes its membership away, and adds it again where the panel says that it belongs.
async fn is_removed_and_added_again(shop: &Shop, register: &Register) -> Outcome {
    let [email, uid] = account(register);
    let members = shop.documents("members");
    let at = format!("/stores/{}/members/{uid}", shop.store());
    let named = |member: &&Value| {
        member["name"]
            .as_str()
            .is_some_and(|name| name.ends_with(&at))
    };
    let member = members.iter().find(named).expect("a member");
    shop.remove("members", &uid);
    ring_up(register);
    let window = register.window("account").await;
    window.press(control('s')).await?;
    reads(&window, "sync-headline", "The cloud refuses this register").await?;
    reads(&window, "sync-problem", words(Code::PermissionDenied)).await?;
    reads(&window, "account", &email).await?;
    reads(
        &window,
        "account",
        &format!("members of the store: {}", &at[1..]),
    )
    .await?;
    nothing_is_cut_off(&window, "5-not-allowed").await;
    window.pictures("5-not-allowed").await?;
    shop.create("members", &uid, &member["fields"]);
    window.click("sync-now").await?;
    in_the_cloud(&window).await?;
    window.close().await
}

/// What is kept of a sign-in is damaged while the till is open.
async fn is_unreadable_and_signed_in_anew(shop: &Shop, register: &Register) -> Outcome {
    let [_, uid] = account(register);
    let window = register.window("account").await;
    window.press(control('s')).await?;
    in_the_cloud(&window).await?;
    let accounts = register.place.config().join("counterfoil/accounts");
    for file in std::fs::read_dir(accounts).expect("a folder of accounts") {
        std::fs::write(file.expect("a file").path(), "rubbish").expect("damaged");
    }
    ring_up(register);
    reads(&window, "sync-headline", "is not signed in to the cloud").await?;
    reads(&window, "account-unreadable", "cannot be read").await?;
    assert!(!window.shows("sign-in-problem").await, "nobody was refused");
    nothing_is_cut_off(&window, "6-unreadable").await;
    window.pictures("6-unreadable").await?;
    sign_in(&window).await?;
    in_the_cloud(&window).await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 4);
    assert_ne!(account(register)[1], uid);
    // Nobody here knows whose account that was, so the panel says that somebody has to remove it.
    assert_eq!(shop.documents("members").len(), 3);
    Ok(())
}

/// By the manager, where the panel asks for it.
async fn sign_in(window: &Window) -> Outcome {
    window.fill("sign-in-email", OWNER).await?;
    window.fill("sign-in-password", PASSWORD).await?;
    window.click("sign-in-do").await
}

/// Whether all its text can be copied.
async fn can_be_selected(window: &Window, name: &str) -> Outcome<bool> {
    let read = format!(
        "const lines = [...document.querySelectorAll('[data-testid=\"{name}\"] p')];
         const selects = (line) => getComputedStyle(line).webkitUserSelect === 'text';
         return lines.length > 0 && lines.every(selects);"
    );
    Ok(window.measure(&read).await? == json!(true))
}

/// What stands in a field.
async fn field(window: &Window, name: &str) -> Outcome<String> {
    let read = format!("return document.querySelector('[data-testid=\"{name}\"]').value");
    let value = window.measure(&read).await?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn every_refusal_of_a_sign_in_says_what_to_do() -> Outcome {
    let shop = Shop::open();
    let auth = Refusing::start();
    let mut register = shop.connected_register("A");
    register.place = register.place.with_auth(&auth.host);
    let window = register.window("enrol").await;
    window.press(control(',')).await?;
    window.part("sign-in-email").await?;
    window.pictures("1-asks").await?;
    window.click("sign-in-do").await?;
    reads(&window, "settings", "This is needed").await?;
    window.pictures("2-missing").await?;
    window.fill("sign-in-email", OWNER).await?;
    for (picture, answer, words) in [
        (
            "3-another-project",
            Answer::key_of_another(),
            "does not belong to this project",
        ),
        (
            "4-not-offered",
            Answer::code("OPERATION_NOT_ALLOWED"),
            "lets nobody sign in",
        ),
        (
            "5-sign-up-closed",
            Answer::code("ADMIN_ONLY_OPERATION"),
            "lets nobody make accounts",
        ),
        (
            "6-disabled",
            Answer::code("USER_DISABLED"),
            "This manager’s account is disabled",
        ),
        (
            "7-too-many",
            Answer::code("TOO_MANY_ATTEMPTS_TRY_LATER"),
            "too many attempts",
        ),
        ("8-no-answer", Answer::Silence, "Nobody was signed in"),
    ] {
        auth.answers(answer);
        window.fill("sign-in-password", PASSWORD).await?;
        window.click("sign-in-do").await?;
        reads(&window, "sign-in-problem", words).await?;
        window.picture(picture, Look::Light).await?;
    }
    window.close().await
}
