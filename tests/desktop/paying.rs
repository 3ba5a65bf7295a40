//! Taking money: card, split, and what is refused.

use counterfoil_tests::window::Outcome;
use fantoccini::key::Key;

use crate::hands::{CODES, control_enter, in_the_cloud, key, pay, reads, scan_lines};
use crate::mouse::double_click;
use crate::shop::Shop;

#[tokio::test]
async fn a_split_payment_takes_cash_and_a_card_with_its_reference() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("split").await;
    scan_lines(&window, &CODES, 3).await?;
    pay(&window).await?;
    // Too little does not complete a sale; it is a part of it.
    window.fill("tender-amount", "5").await?;
    window.press(key(Key::F6)).await?;
    reads(&window, "amount-due", "5.29").await?;
    window.pictures("1-part").await?;
    window.press(control_enter()).await?;
    reads(&window, "payment-notice", "does not cover").await?;
    window.pictures("2-too-small").await?;
    assert!(register.sales().is_empty());

    window.press(key(Key::F7)).await?;
    window.part("tender-reference").await?;
    window.press(control_enter()).await?;
    reads(&window, "payment", "This needs a reference").await?;
    window.pictures("3-card-without-reference").await?;
    // The number of a card is refused, whatever field it is typed into.
    window.fill("tender-reference", "4111111111111111").await?;
    window.press(control_enter()).await?;
    reads(&window, "payment-notice", "card number").await?;
    window.pictures("4-card-number").await?;
    window.fill("tender-reference", "T-4711").await?;
    window.fill("tender-last4", "4242").await?;
    // What was said about the number goes with it.
    window.gone("payment-notice").await?;
    window.pictures("5-card").await?;
    window.press(control_enter()).await?;
    let number = window.text("receipt-number").await?;
    assert_eq!(number, "A-000001");
    window.pictures("6-receipt").await?;
    in_the_cloud(&window).await?;
    window.close().await?;

    let sales = shop.documents("sales");
    assert_eq!(sales.len(), 1);
    let tenders = sales[0]["fields"]["tenders"]["arrayValue"]["values"].to_string();
    for part in ["cash", "card", "T-4711", "4242"] {
        assert!(tenders.contains(part), "{part} is in {tenders}");
    }
    assert!(!tenders.contains("4111111111111111"));
    Ok(())
}

#[tokio::test]
async fn what_is_pressed_twice_is_paid_once() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("twice").await;

    // By keys, faster than the window can answer.
    scan_lines(&window, &CODES[..1], 1).await?;
    let pay_key = control_enter();
    window.press_all(&[pay_key, pay_key, pay_key]).await?;
    window.part("payment").await?;
    let exact = key(Key::F2);
    window.press_all(&[exact, exact, pay_key, exact]).await?;
    assert_eq!(window.text("receipt-number").await?, "A-000001");

    // By a finger that taps everything twice: the second tap on Pay takes no money, the second on a note pays nothing.
    scan_lines(&window, &CODES[1..2], 1).await?;
    reads(&window, "total", "4.20").await?;
    double_click(&window, "pay").await?;
    window.part("payment").await?;
    reads(&window, "amount-due", "4.20").await?;
    double_click(&window, "quick-cash-1").await?;
    assert_eq!(window.text("receipt-number").await?, "A-000002");
    in_the_cloud(&window).await?;
    window.close().await?;
    assert_eq!(register.sales().len(), 2);
    assert_eq!(shop.documents("sales").len(), 2);
    Ok(())
}

#[tokio::test]
async fn enter_alone_never_pays_and_a_scan_while_paying_only_beeps() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let window = register.window("paying").await;
    scan_lines(&window, &CODES[..1], 1).await?;
    pay(&window).await?;
    window.scan(&CODES[1..]).await?;
    reads(&window, "payment-notice", "nothing was added").await?;
    window.pictures("1-scan").await?;
    window.press(key(Key::Enter)).await?;
    window.part("payment").await?;
    reads(&window, "amount-due", "3.60").await?;
    window.press(key(Key::Escape)).await?;
    window.gone("payment").await?;
    reads(&window, "total", "3.60").await?;
    assert!(
        !window.shows("cart-line-2").await,
        "what was scanned while paying is not in the cart"
    );
    window.close().await?;
    assert!(register.sales().is_empty());
    Ok(())
}
