//! Notices that the network is back. No system tells a program that in a way which can be trusted (a cable is in, and
//! behind it is nothing), so while the cloud cannot be reached a connection to its address is tried, and
//! dropped, every few seconds. It costs nothing there and is not billed.
//!
//! Only the step from “nobody answers” to “somebody does” counts: a cloud that answers and is ill gets its rest, or the
//! registers of all its shops would come back in one wave.

use std::time::Duration;

use counterfoil_sync::Wake;
use tokio::net::TcpStream;
use tokio::sync::mpsc::WeakUnboundedSender;
use tokio::sync::watch::Receiver;
use tokio::time::{sleep, timeout};

use super::driver::Signal;
use crate::dto::{SyncPhase, SyncStatus};

/// How often it is tried.
const TRY_EVERY: Duration = Duration::from_secs(2);
/// Who takes longer than this to answer does not.
const PATIENCE: Duration = Duration::from_secs(2);
/// Who answers does not hang up within this time.
const HANGS_UP_WITHIN: Duration = Duration::from_millis(300);

/// Wakes the driver when `address` can be reached again, for as long as there is a driver.
pub(super) async fn watch(
    address: Option<String>,
    mut status: Receiver<SyncStatus>,
    signals: WeakUnboundedSender<Signal>,
) {
    if let Some(address) = address {
        while status.wait_for(is_offline).await.is_ok() {
            wake_when_back(&address, &mut status, &signals).await;
        }
    }
    std::future::pending().await
}

/// Tries it until it is back, or until that is known without it.
async fn wake_when_back(
    address: &str,
    status: &mut Receiver<SyncStatus>,
    signals: &WeakUnboundedSender<Signal>,
) {
    let mut reached = is_reached(address).await;
    loop {
        tokio::select! {
            _ = status.wait_for(|now| !is_offline(now)) => return,
            () = sleep(TRY_EVERY) => {}
        }
        let before = std::mem::replace(&mut reached, is_reached(address).await);
        if reached && !before {
            tracing::info!(address, "the network is back");
            let Some(signals) = signals.upgrade() else {
                return;
            };
            let _ = signals.send(Signal::Wake(Wake::Network));
        }
    }
}

fn is_offline(status: &SyncStatus) -> bool {
    status.state == SyncPhase::Offline
}

async fn is_reached(address: &str) -> bool {
    let Ok(Ok(stream)) = timeout(PATIENCE, TcpStream::connect(address)).await else {
        return false;
    };
    // Something on the way that takes every connection and ends it is not the cloud.
    let said = timeout(HANGS_UP_WITHIN, stream.peek(&mut [0])).await;
    !matches!(said, Ok(Ok(0) | Err(_)))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use tokio::sync::{mpsc, watch};

    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn it_says_once_that_somebody_answers_again() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let (signals, mut heard) = mpsc::unbounded_channel();
        let (status, seen) = watch::channel(SyncStatus::default());
        let watching = super::watch(Some(address.to_string()), seen, signals.downgrade());
        let watching = tokio::spawn(watching);
        status.send_modify(|status| status.state = SyncPhase::Offline);
        assert!(!is_reached(&address.to_string()).await);
        let listener = TcpListener::bind(address).expect("the same port");
        assert!(is_reached(&address.to_string()).await);
        // The watch's own first try may have come only now: then it is no news before the server has gone and come again.
        let mut listener = Some(listener);
        let heard_it = async {
            loop {
                tokio::select! {
                    heard = heard.recv() => return heard,
                    () = sleep(TRY_EVERY * 2) => match listener.take() {
                        Some(open) => drop(open),
                        None => listener = Some(TcpListener::bind(address).expect("the same port")),
                    }
                }
            }
        };
        let heard_it = timeout(SOON, heard_it).await.expect("it is heard");
        assert_eq!(heard_it, Some(Signal::Wake(Wake::Network)));
        drop(signals);
        assert_eq!(heard.recv().await, None, "the watch keeps no driver alive");
        watching.abort();
    }

    #[tokio::test]
    async fn who_hangs_up_at_once_is_not_reached() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let hanging_up = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                drop(connection);
            }
        });
        assert!(!is_reached(&address).await);
        hanging_up.abort();
    }
}
