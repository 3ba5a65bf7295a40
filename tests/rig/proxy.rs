//! A TCP proxy, with the faults of a real network.

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

/// How it stands.
#[derive(Clone, Copy, Debug)]
struct Now {
    network: Network,
    /// How often the open connections were stranded.
    stranded: u64,
}

/// A proxy, and the switch of its network. It ends when this is dropped.
pub struct Proxy {
    host: String,
    now: watch::Sender<Now>,
    target: Arc<Mutex<String>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A proxy in front of `target` on a free port.
    pub async fn new(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let host = listener.local_addr().expect("an address").to_string();
        let (now, state) = watch::channel(Now {
            network: Network::Up,
            stranded: 0,
        });
        let target = Arc::new(Mutex::new(target.to_owned()));
        let leads_to = Arc::clone(&target);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let target = leads_to.lock().unwrap_or_else(PoisonError::into_inner);
                tokio::spawn(connection(client, target.clone(), state.clone()));
            }
        });
        Self {
            host,
            now,
            target,
            task,
        }
    }

    /// `host:port` to connect to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Changes the network, for connections that are open as well.
    pub fn set(&self, network: Network) {
        self.now.send_modify(|now| now.network = network);
    }

    /// The connections that are open stay so and carry nothing any more; new ones do. So it is when a laptop
    /// slept or a router forgot.
    pub fn strand(&self) {
        self.now.send_modify(|now| now.stranded += 1);
    }

    /// New connections lead to another server.
    pub fn lead_to(&self, target: &str) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = target.to_owned();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connection(client: TcpStream, target: String, mut state: watch::Receiver<Now>) {
    let begun = *state.borrow_and_update();
    if begun.network == Network::Down {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = carry(from_client, to_server, state.clone(), begun.stranded) => {}
        () = carry(from_server, to_client, state.clone(), begun.stranded) => {}
        () = went_down(state) => {}
    }
}

async fn went_down(mut state: watch::Receiver<Now>) {
    if state
        .wait_for(|now| now.network == Network::Down)
        .await
        .is_err()
    {
        std::future::pending::<()>().await;
    }
}

/// Waits while the network hangs; a connection that is stranded, or whose proxy is gone, waits for ever.
async fn passes(state: &mut watch::Receiver<Now>, begun: u64) {
    if state
        .wait_for(|now| now.network != Network::Hanging && now.stranded == begun)
        .await
        .is_err()
    {
        std::future::pending::<()>().await;
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<Now>,
    begun: u64,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        passes(&mut state, begun).await;
        if to.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
}
