//! A TCP proxy in front of the emulator, with the faults of a real network.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the network does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Everything passes.
    Up,
    /// Every connection ends at once.
    Down,
    /// Connections are taken; nothing is ever answered.
    Hanging,
}

/// A proxy, and the switch of its network. It ends when this is dropped.
pub struct Proxy {
    host: String,
    network: watch::Sender<Network>,
    loss: Arc<Mutex<Option<Vec<u8>>>>,
    cut: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A proxy in front of `target` on a free port.
    pub async fn new(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let host = listener.local_addr().expect("an address").to_string();
        let (network, state) = watch::channel(Network::Up);
        let loss = Arc::new(Mutex::new(None));
        let cut = Arc::new(AtomicBool::new(false));
        let (target, losing, cutting) = (target.to_owned(), Arc::clone(&loss), Arc::clone(&cut));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (state, losing, cut) =
                    (state.clone(), Arc::clone(&losing), Arc::clone(&cutting));
                tokio::spawn(connection(client, target.clone(), state, losing, cut));
            }
        });
        Self {
            host,
            network,
            loss,
            cut,
            task,
        }
    }

    /// `host:port` to connect to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Changes the network, for connections that are open as well.
    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }

    /// Lets the next request that holds `needle` reach the server, and ends its connection as soon
    /// as the server answers: the answer is lost. Once.
    pub fn lose_answer_to(&self, needle: &str) {
        *self.loss.lock().unwrap_or_else(PoisonError::into_inner) = Some(needle.into());
    }

    /// Whether the answer that was to be lost has been lost.
    pub fn has_lost(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connection(
    client: TcpStream,
    target: String,
    mut state: watch::Receiver<Network>,
    loss: Arc<Mutex<Option<Vec<u8>>>>,
    cut: Arc<AtomicBool>,
) {
    let network = *state.borrow_and_update();
    if network == Network::Down {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (seen, lost) = watch::channel(false);
    tokio::select! {
        () = requests(from_client, to_server, state.clone(), loss, seen) => {}
        () = answers(from_server, to_client, state.clone(), lost, cut) => {}
        () = went_down(state) => {}
    }
}

async fn went_down(mut state: watch::Receiver<Network>) {
    if state
        .wait_for(|network| *network == Network::Down)
        .await
        .is_err()
    {
        std::future::pending::<()>().await;
    }
}

/// Waits while the network hangs; a proxy that is gone hangs for ever.
async fn passes(state: &mut watch::Receiver<Network>) {
    if state
        .wait_for(|network| *network != Network::Hanging)
        .await
        .is_err()
    {
        std::future::pending::<()>().await;
    }
}

async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<Network>,
    loss: Arc<Mutex<Option<Vec<u8>>>>,
    seen: watch::Sender<bool>,
) {
    let (mut buffer, mut tail) = (vec![0; 64 * 1024], Vec::new());
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        passes(&mut state).await;
        // A needle may lie across two reads.
        tail.extend_from_slice(&buffer[..n]);
        let needle = loss.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(needle) = needle
            && tail.windows(needle.len()).any(|window| window == needle)
        {
            seen.send_replace(true);
            *loss.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        let keep = tail.len().saturating_sub(256);
        tail.drain(..keep);
        if to.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<Network>,
    lost: watch::Receiver<bool>,
    cut: Arc<AtomicBool>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        // Frames of a few bytes are acknowledgements of HTTP/2's own.
        if *lost.borrow() && n > 64 {
            cut.store(true, Ordering::SeqCst);
            return;
        }
        passes(&mut state).await;
        if to.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
}
