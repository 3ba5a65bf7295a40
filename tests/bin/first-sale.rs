//! Rings up one sale by itself, through the real window of a till that is set up already, and waits until it is in the
//! cloud where there is one. `cargo xtask run` does this where there is no display to open the till on.
#![expect(
    clippy::print_stdout,
    reason = "it tells the person at the terminal what it did"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use counterfoil_tests::window::{
    Chord, Outcome, Place, Program, Window, WindowError, beside, folder,
};
use fantoccini::key::Key;

/// Flat white, sourdough loaf, oat milk.
const CODES: [&str; 3] = ["2000000010038", "2000000020013", "2000000040042"];
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    match ring_up().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("The sale by itself did not come through: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn ring_up() -> Outcome {
    let data = std::env::var_os("COUNTERFOIL_DATA")
        .map(PathBuf::from)
        .ok_or_else(|| {
            WindowError::new(
                "COUNTERFOIL_DATA does not say where the demo store is; use cargo xtask run",
            )
        })?;
    let cloud = std::env::var("FIRESTORE_EMULATOR_HOST")
        .ok()
        .filter(|host| !host.is_empty());
    // The window's own settings go beside the data, so that a run leaves no trace in the user's home.
    let mut place = Place::under(&data.join("window")).with_data(&data);
    if let Some(host) = &cloud {
        place = place.with_emulator(host);
    }

    let window = Window::open("first-sale", &Program::built()?, &place).await?;
    window.part("till").await?;
    window.scan(&CODES).await?;
    for line in 1..=CODES.len() {
        window.part(&format!("cart-line-{line}")).await?;
    }
    window.pictures("1-cart").await?;
    window.press(Chord::key(Key::Enter).with_control()).await?;
    window.part("payment").await?;
    window.pictures("2-payment").await?;
    // A note that covers the total: the sale is paid, and its change is due.
    window.click("quick-cash-1").await?;
    let number = window.text("receipt-number").await?;
    window.pictures("3-receipt").await?;
    println!("Rang up {number}.");
    window.click("next-sale").await?;
    if cloud.is_some() {
        let begun = Instant::now();
        wait_for_the_cloud(&place, &number).await?;
        println!(
            "It is in the cloud after {} ms.",
            begun.elapsed().as_millis()
        );
        window
            .says("status-line", "that all sales are in the cloud", |text| {
                text.contains("All sales are in the cloud")
            })
            .await?;
    } else {
        println!("There is no cloud here: the sale stays on this register.");
    }
    window.pictures("4-done").await?;
    println!("Screenshots: {}/first-sale-*.png", folder().display());
    window.close().await
}

/// Asks `counterfoilctl`, which reads the same database beside the window.
async fn wait_for_the_cloud(place: &Place, number: &str) -> Outcome {
    let ctl = beside("counterfoilctl")?;
    let begun = Instant::now();
    loop {
        let state = sync_state(place, &ctl, number)?;
        if state == "synced" {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(WindowError::new(format!("{number} is still {state}")));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn sync_state(place: &Place, ctl: &Path, number: &str) -> Outcome<String> {
    let output = place
        .command(ctl)
        .args(["--json", "sales", "show", number])
        .output()
        .map_err(|error| WindowError::new(format!("{}: {error}", ctl.display())))?;
    let sale: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|error| {
        WindowError::new(format!(
            "sales show {number}: {error}: {}",
            String::from_utf8_lossy(&output.stderr)
        ))
    })?;
    Ok(sale["syncState"]
        .as_str()
        .unwrap_or("of unknown state")
        .to_owned())
}
