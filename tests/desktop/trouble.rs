//! Bad input and bad surroundings: what happened, that the money is safe, what to do.

use counterfoil_tests::rig::proxy::{Network, Proxy};
use counterfoil_tests::window::Outcome;
use fantoccini::key::Key;
use rusqlite::Connection;

use crate::hands::{CODES, answer, control, in_the_cloud, key, pay, reads, scan_lines};
use crate::shop::Shop;

/// A barcode of the in-store range that no product has.
const UNKNOWN: &str = "2000000999998";

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("refused").await;
    scan_lines(&window, &CODES[..1], 1).await?;

    window.scan(&[UNKNOWN]).await?;
    let said = reads(&window, "notice-0", UNKNOWN).await?;
    assert!(said.contains("No product has this barcode"), "{said}");
    window.pictures("1-unknown-barcode").await?;
    window.press(key(Key::Escape)).await?;
    window.gone("notice-0").await?;

    // A negative quantity, nothing, and a word are refused where they are typed.
    for nonsense in ["-3", "0", "many", "1.5"] {
        window.press(key(Key::F2)).await?;
        answer(&window, nonsense).await?;
        reads(&window, "ask", "That is not a quantity").await?;
        window.press(key(Key::Escape)).await?;
        window.gone("ask").await?;
    }
    // An absurd one is refused by the till's own limits.
    window.press(key(Key::F2)).await?;
    answer(&window, "99999999999999999999").await?;
    reads(&window, "notice-0", "Nothing was changed").await?;
    window.pictures("2-absurd-quantity").await?;
    window.press(key(Key::Escape)).await?;

    // A discount above the line.
    window.press(key(Key::F4)).await?;
    window.part("ask-input").await?;
    window.pictures("3-discount").await?;
    window.click("ask-kind-amount").await?;
    answer(&window, "10").await?;
    reads(&window, "notice-0", "larger than the price").await?;
    window.pictures("4-discount-too-large").await?;
    window.press(key(Key::Escape)).await?;
    reads(&window, "total", "3.60").await?;

    // One that fits is taken, on the line and on the cart, and so are a note and a price.
    window.press(key(Key::F4)).await?;
    answer(&window, "10").await?;
    reads(&window, "total", "3.24").await?;
    window.press(key(Key::F8)).await?;
    window.fill("ask-reason", "Regular guest").await?;
    answer(&window, "50").await?;
    reads(&window, "total", "1.62").await?;
    window.press(key(Key::F7)).await?;
    answer(&window, "Extra hot").await?;
    reads(&window, "cart-line-1", "Extra hot").await?;
    window.pictures("5-discounted").await?;
    // Clearing the cart asks first, and Enter keeps it.
    window.click("cart-clear").await?;
    window.part("ask").await?;
    window.pictures("6-clear").await?;
    window.press(key(Key::Enter)).await?;
    window.gone("ask").await?;
    reads(&window, "total", "1.62").await?;
    assert!(register.sales().is_empty());

    // Every figure of the receipt adds up: 3.60 - 0.36 - 1.62 = 1.62.
    pay(&window).await?;
    window.press(key(Key::F2)).await?;
    let receipt = reads(&window, "receipt", "A-000001").await?;
    for figure in ["3.60", "−0.36", "−1.62", "Regular guest", "Extra hot"] {
        assert!(receipt.contains(figure), "{figure} is in {receipt}");
    }
    window.pictures("7-receipt").await?;
    window.close().await?;
    assert_eq!(register.sales().len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn selling_goes_on_without_a_cloud_and_everything_goes_up_when_it_is_back() -> Outcome {
    let shop = Shop::open();
    let network = Proxy::new(shop.cloud()).await;
    let register = shop.connected_register("A").behind(network.host());
    network.set(Network::Down);
    let window = register.window("offline").await;
    for (sold, code) in (1..).zip(CODES) {
        scan_lines(&window, &[code], 1).await?;
        pay(&window).await?;
        window.press(key(Key::F2)).await?;
        reads(&window, "receipt-number", &format!("A-00000{sold}")).await?;
    }
    let said = reads(&window, "status-line", "no network").await?;
    assert!(
        said.contains("3 sales waiting") && said.contains("selling goes on"),
        "{said}"
    );
    window.pictures("1-receipt").await?;
    window.press(control('s')).await?;
    reads(&window, "count-waiting", "3").await?;
    window.pictures("2-panel").await?;
    assert!(shop.documents("sales").is_empty());

    network.set(Network::Up);
    window.click("sync-now").await?;
    in_the_cloud(&window).await?;
    reads(&window, "count-waiting", "0").await?;
    window.part("sync-empty").await?;
    window.pictures("3-back").await?;
    window.close().await?;
    assert_eq!(shop.documents("sales").len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone_and_says_what_to_do() -> Outcome {
    let shop = Shop::open();
    let register = shop.register("A");
    let file = register.place.data().join("counterfoil.db");
    let database = || Connection::open(&file).expect("the database opens");
    let version = || -> i64 {
        let read = database().pragma_query_value(None, "user_version", |row| row.get(0));
        read.expect("its version")
    };
    let ours = version();
    // What a later version's migration leaves behind when older programs must not open its database.
    let newer =
        "INSERT INTO schema_steps VALUES (9999, 9999, '9.0.0', 0); PRAGMA user_version = 9999;";
    database().execute_batch(newer).expect("newer");
    let window = register.first_window("blocked").await;
    reads(
        &window,
        "blocked",
        "A newer version of Counterfoil wrote this database",
    )
    .await?;
    reads(&window, "blocked", "Install the newer version").await?;
    window.pictures("newer").await?;
    window.close().await?;
    assert_eq!(version(), 9999, "nothing was written");
    let back =
        format!("DELETE FROM schema_steps WHERE version = 9999; PRAGMA user_version = {ours};");
    database().execute_batch(&back).expect("ours again");
    // It sells again where the version is right.
    let window = register.window("blocked").await;
    scan_lines(&window, &CODES[..1], 1).await?;
    window.close().await
}
