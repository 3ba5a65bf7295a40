//! The rig of the tests that cross crates: Google's emulator, a proxy and a shim with faults, registers, a keychain.

pub mod cloud;
pub mod proxy;
pub mod register;
#[cfg(target_os = "linux")]
pub mod secrets;
pub mod shim;

use std::time::{Duration, Instant};

/// How long anything that ought to happen may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The same for what is tried again by itself: an attempt waits for up to a minute.
const LONG_PATIENCE: Duration = Duration::from_secs(240);

/// Waits until `done` answers something, asking again and again.
///
/// # Panics
/// If [`PATIENCE`] is over.
pub async fn until<T>(what: &str, done: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, done).await
}

/// The same where nobody hurries what is waited for.
///
/// # Panics
/// If it takes longer than several of the longest waits between two attempts.
pub async fn by_itself<T>(what: &str, done: impl FnMut() -> Option<T>) -> T {
    within(LONG_PATIENCE, what, done).await
}

async fn within<T>(patience: Duration, what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = done() {
            return answer;
        }
        assert!(begun.elapsed() < patience, "still waiting until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
