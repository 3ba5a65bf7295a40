//! One window for each till.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use counterfoil_tests::window::{Outcome, beside};

use crate::shop::{Register, Shop};

/// How long a program may take to open or to end.
const PATIENCE: Duration = Duration::from_secs(30);

fn second_start(register: &Register) -> Command {
    let till = beside("counterfoil").expect("the till is built");
    register.place.command(&till)
}

/// What a program said that ends by itself.
fn ended(mut command: Command) -> Output {
    let mut running = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let begun = Instant::now();
    while running.try_wait().expect("asked").is_none() {
        if begun.elapsed() > PATIENCE {
            running.kill().expect("killed");
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    running.wait_with_output().expect("its words")
}

#[tokio::test]
async fn a_second_start_opens_no_second_window() -> Outcome {
    let shop = Shop::open();
    let register = shop.register("A");
    let window = register.window("instance").await;
    window.part("till").await?;

    let raised = ended(second_start(&register));
    assert!(raised.status.success(), "the open window is raised");

    // Without a session bus nobody can be asked, but the lock holds.
    let mut alone = second_start(&register);
    alone.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let refused = ended(alone);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("already open"), "{said}");
    assert!(!said.contains("panicked"), "{said}");

    window.part("till").await?;
    window.close().await
}
