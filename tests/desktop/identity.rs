//! A data directory that was copied: its till says so, sells nothing, and becomes a register of its own.

use counterfoil_tests::window::Outcome;

use crate::hands::{CODES, control_enter, in_the_cloud, pay, reads, scan_lines};
use crate::shop::{Register, Shop};

/// A copy of the register's folder, on the same computer.
fn copied(register: &Register) -> Register {
    let from = register.place.data();
    let to = from.with_file_name("copy");
    std::fs::create_dir(&to).expect("a folder for the copy");
    for entry in std::fs::read_dir(from).expect("the data") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a kind").is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
        }
    }
    Register {
        place: register.place.clone().with_data(to),
    }
}

#[tokio::test]
async fn a_copied_till_sells_nothing_until_it_is_a_register_of_its_own() -> Outcome {
    let shop = Shop::open();
    let register = shop.connected_register("A");
    let copy = copied(&register);
    let window = copy.first_window("identity").await;
    reads(&window, "identity", "This is a copy of a till’s database").await?;
    reads(&window, "identity", "Till A (receipts A)").await?;
    window.pictures("copied").await?;

    // Without an answer it says what is missing, and a printed prefix is refused.
    window.click("identity-do").await?;
    reads(&window, "identity", "Say who decides").await?;
    window.fill("identity-prefix", "A").await?;
    window.fill("identity-by", "Maria").await?;
    window.click("identity-do").await?;
    reads(&window, "identity", "Receipts A are printed already").await?;
    window.pictures("refused").await?;
    window.fill("identity-prefix", "B").await?;
    window.click("identity-do").await?;
    window.part("till").await?;

    scan_lines(&window, &CODES[..1], 1).await?;
    pay(&window).await?;
    window.click("tender-cash-exact").await?;
    assert_eq!(window.text("receipt-number").await?.trim(), "B-000001");
    window.press(control_enter()).await?;
    in_the_cloud(&window).await?;
    window.close().await?;

    assert_eq!(shop.documents("sales").len(), 1);
    assert_eq!(
        shop.documents("registers").len(),
        1,
        "the copied register is claimed by nobody"
    );
    let original = register.window("identity").await;
    original.close().await
}
