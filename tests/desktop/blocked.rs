//! Data that cannot be used: the window says what happened, whether the money is safe, and what to do.

use std::process::Command;

use counterfoil_tests::window::Outcome;

use crate::hands::{CODES, reads, scan_lines};
use crate::shop::{Register, Shop};

#[tokio::test]
async fn a_damaged_database_stops_the_till_and_is_left_for_a_rescue() -> Outcome {
    let shop = Shop::open();
    let register = shop.register("A");
    let file = register.place.data().join("counterfoil.db");
    let damaged = [0x55; 9000];
    std::fs::write(&file, damaged).expect("damaged");
    let window = register.first_window("blocked").await;
    reads(&window, "blocked", "The database on this disk is damaged").await?;
    reads(&window, "blocked", "Restore the last backup").await?;
    window.pictures("damaged").await?;
    window.close().await?;
    assert_eq!(std::fs::read(&file).expect("still there"), damaged);
    Ok(())
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_stops_the_till_until_it_can() -> Outcome {
    let shop = Shop::open();
    let mut register = shop.register("A");
    change_mode(&register, "a-w");
    // Root writes everywhere, unless it is told not to.
    if std::fs::write(register.place.data().join("probe"), "").is_ok() {
        register.place = register.place.bound_by_permissions();
    }
    let window = register.first_window("blocked").await;
    reads(&window, "blocked", "The data folder cannot be written to").await?;
    window.pictures("read-only").await?;
    // Pressed too early it says the same again; with the right to write the till opens.
    window.click("blocked-retry").await?;
    reads(&window, "blocked", "The data folder cannot be written to").await?;
    window.close().await?;

    change_mode(&register, "u+w");
    let window = register.window("blocked").await;
    scan_lines(&window, &CODES[..1], 1).await?;
    window.close().await
}

fn change_mode(register: &Register, mode: &str) {
    let mut change = Command::new("chmod");
    change.args(["-R", mode]).arg(register.place.data());
    assert!(change.status().expect("chmod").success());
}
