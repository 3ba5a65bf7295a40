//! Ringing up.

use counterfoil_tests::window::{Chord, Window};
use fantoccini::key::Key;

use crate::shop::Shop;

/// Flat white, sourdough loaf, oat milk: 3.60 + 4.20 + 2.49.
const CODES: [&str; 3] = ["2000000010038", "2000000020013", "2000000040042"];

async fn pay(window: &Window) {
    window
        .press(Chord::key(Key::Enter).with_control())
        .await
        .expect("pay");
    window.part("payment").await.expect("the payment dialog");
}

#[tokio::test]
async fn a_sale_scanned_and_paid_in_cash_is_in_the_cloud() {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("sale").await;
    window.part("till").await.expect("the till");
    window.pictures("1-empty").await.expect("pictures");

    window.scan(&CODES).await.expect("scanned");
    window
        .says("total", "10.29", |text| text.contains("10.29"))
        .await
        .expect("the total");
    window.pictures("2-cart").await.expect("pictures");

    pay(&window).await;
    window
        .says("amount-due", "10.29", |text| text.contains("10.29"))
        .await
        .expect("what is due");
    window.pictures("3-payment").await.expect("pictures");
    window.fill("tender-amount", "20").await.expect("typed");
    window.click("tender-cash-typed").await.expect("cash");

    let number = window.text("receipt-number").await.expect("the receipt");
    assert!(number.contains("A-000001"), "{number}");
    window
        .says("change-due", "9.71", |text| text.contains("9.71"))
        .await
        .expect("the change");
    window.pictures("4-receipt").await.expect("pictures");

    // The next scan begins the next sale without a click, and the change stays in sight.
    window.scan(&CODES[..1]).await.expect("scanned");
    window
        .says("total", "3.60", |text| text.contains("3.60"))
        .await
        .expect("the next sale");
    window
        .says("last-change", "9.71", |text| text.contains("9.71"))
        .await
        .expect("the last change");
    window
        .says("status-line", "that all sales are in the cloud", |text| {
            text.contains("All sales are in the cloud")
        })
        .await
        .expect("in the cloud");
    window.pictures("5-next").await.expect("pictures");
    window.close().await.expect("closed");

    let sales = shop.documents("sales");
    assert_eq!(sales.len(), 1, "once, and only once");
    let fields = &sales[0]["fields"];
    assert_eq!(fields["receiptNumber"]["stringValue"], "A-000001");
    assert_eq!(fields["total"]["integerValue"], "1029");
    assert!(
        fields["createdAt"]["timestampValue"].is_string(),
        "the server's time"
    );
}

#[tokio::test]
async fn a_second_enter_and_a_second_key_pay_nothing_twice() {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("twice").await;
    window.scan(&CODES[..1]).await.expect("scanned");
    window.part("cart-line-1").await.expect("in the cart");
    let pay = Chord::key(Key::Enter).with_control();
    window
        .press_all(&[pay, pay, pay])
        .await
        .expect("pay, pay, pay");
    window.part("payment").await.expect("the payment dialog");
    let exact = Chord::key(Key::F2);
    window
        .press_all(&[exact, exact, pay, exact])
        .await
        .expect("the exact amount, again and again");
    window.part("receipt-number").await.expect("the receipt");
    window
        .says("status-line", "that all sales are in the cloud", |text| {
            text.contains("All sales are in the cloud")
        })
        .await
        .expect("in the cloud");
    window.close().await.expect("closed");
    assert_eq!(register.sales().len(), 1);
    assert_eq!(shop.documents("sales").len(), 1);
}

#[tokio::test]
async fn enter_alone_never_pays_and_a_scan_while_paying_only_beeps() {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("paying").await;
    window.scan(&CODES[..1]).await.expect("scanned");
    window.part("cart-line-1").await.expect("in the cart");
    pay(&window).await;
    window.scan(&CODES[1..]).await.expect("scanned");
    window.press(Chord::key(Key::Enter)).await.expect("Enter");
    window
        .part("payment")
        .await
        .expect("the dialog is still there");
    window
        .pictures("scan-while-paying")
        .await
        .expect("pictures");
    window.press(Chord::key(Key::Escape)).await.expect("back");
    window.gone("payment").await.expect("back at the till");
    assert!(
        !window.shows("cart-line-2").await,
        "what was scanned while paying is not in the cart"
    );
    window.close().await.expect("closed");
    assert!(register.sales().is_empty());
}

#[tokio::test]
async fn twenty_scans_in_a_burst_all_arrive_in_order() {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("burst").await;
    window.part("till").await.expect("the till");
    // The first twenty of the café's products that are sold by the piece.
    let catalogue = include_str!("../../crates/app/demo/catalogue.csv");
    let rows: Vec<Vec<&str>> = catalogue
        .lines()
        .skip(1)
        .take(12)
        .map(|row| row.split(',').collect())
        .collect();
    let codes: Vec<&str> = rows.iter().map(|row| row[1]).collect();
    let burst: Vec<&str> = codes
        .iter()
        .copied()
        .chain(codes[..8].iter().copied())
        .collect();
    assert_eq!(burst.len(), 20);
    window.scan(&burst).await.expect("scanned");

    let cents = |row: &Vec<&str>| -> u32 { row[4].replace('.', "").parse().expect("a price") };
    let expected: u32 =
        rows.iter().map(cents).sum::<u32>() + rows[..8].iter().map(cents).sum::<u32>();
    let expected = format!("{}.{:02}", expected / 100, expected % 100);
    window
        .says("total", &expected, |text| text.contains(&expected))
        .await
        .expect("all twenty are counted");
    window.pictures("cart").await.expect("pictures");
    window.close().await.expect("closed");
}
