//! Ringing up.

use counterfoil_tests::window::Outcome;
use fantoccini::key::Key;

use crate::hands::{CODES, answer, in_the_cloud, key, open_category, pay, reads};
use crate::shop::Shop;

#[tokio::test]
async fn a_sale_scanned_and_paid_in_cash_is_in_the_cloud() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("sale").await;
    window.part("till").await?;
    window.pictures("1-empty").await?;

    window.scan(&CODES).await?;
    reads(&window, "total", "10.29").await?;
    // A tile, twice, and the quantity key: three espressos.
    open_category(&window, "Coffee").await?;
    window.click("tile-COF-001").await?;
    reads(&window, "total", "12.49").await?;
    window.press(key(Key::F2)).await?;
    answer(&window, "3").await?;
    reads(&window, "total", "16.89").await?;
    // Something that is weighed: 0.734 kg of bananas at 1.99.
    window.scan(&["2000000060019"]).await?;
    window.part("ask-input").await?;
    window.pictures("2-weight").await?;
    answer(&window, "0.734").await?;
    reads(&window, "total", "18.35").await?;
    reads(&window, "cart-line-5", "0.734").await?;
    window.pictures("3-cart").await?;

    pay(&window).await?;
    reads(&window, "amount-due", "18.35").await?;
    window.pictures("4-payment").await?;
    // The first note that covers it.
    window.press(key(Key::F3)).await?;
    let number = window.text("receipt-number").await?;
    assert_eq!(number, "A-000001");
    reads(&window, "change-due", "1.65").await?;
    let receipt = window.text("receipt").await?;
    assert!(
        receipt.contains("Bananas") && receipt.contains("0.734"),
        "{receipt}"
    );
    window.pictures("5-receipt").await?;

    // The next scan begins the next sale without a click, and the change stays in sight.
    window.scan(&CODES[..1]).await?;
    reads(&window, "total", "3.60").await?;
    reads(&window, "last-change", "1.65").await?;
    in_the_cloud(&window).await?;
    window.pictures("6-next").await?;
    window.close().await?;

    let sales = shop.documents("sales");
    assert_eq!(sales.len(), 1, "once, and only once");
    let fields = &sales[0]["fields"];
    assert_eq!(fields["receiptNumber"]["stringValue"], number.as_str());
    assert_eq!(fields["total"]["integerValue"], "1835");
    assert_eq!(fields["changeDue"]["integerValue"], "165");
    assert!(
        fields["createdAt"]["timestampValue"].is_string(),
        "the server's time"
    );
    Ok(())
}

#[tokio::test]
async fn twenty_scans_in_a_burst_all_arrive_in_order() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("burst").await;
    window.part("till").await?;
    // The first twelve of the café's products, then eight of them again.
    let catalogue = include_str!("../../crates/app/demo/catalogue.csv");
    let rows: Vec<Vec<&str>> = catalogue
        .lines()
        .skip(1)
        .take(12)
        .map(|row| row.split(',').collect())
        .collect();
    let burst: Vec<&str> = rows.iter().chain(&rows[..8]).map(|row| row[1]).collect();
    assert_eq!(burst.len(), 20);
    window.scan(&burst).await?;

    let cents = |row: &Vec<&str>| -> u32 { row[4].replace('.', "").parse().expect("a price") };
    let expected: u32 = rows.iter().chain(&rows[..8]).map(cents).sum();
    let expected = format!("{}.{:02}", expected / 100, expected % 100);
    reads(&window, "total", &expected).await?;
    for (line, row) in (1..).zip(&rows) {
        reads(&window, &format!("cart-line-{line}"), row[2]).await?;
    }
    // The eighth was scanned last: it is the one that is shown large.
    window.pictures("cart").await?;
    window.close().await
}
