//! Sessions one after the other, and the handle on them.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::{Clock, IdSource};
use counterfoil_sync::{Limits, Wake};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::blocking::{Blocking, blocking};
use super::connect::Connect;
use super::joined::Joined;
use super::network;
use super::session::{End, Session, Until};
use super::store::SyncStore;
use crate::dto::{SyncPhase, SyncStatus};
use crate::error::{AppError, ErrorCode, Result};

/// How often a process that may not sync looks whether it may by now.
const LOCK_POLL: Duration = Duration::from_millis(100);
/// The same for one that has all the time.
const LOCK_POLL_SLOW: Duration = Duration::from_secs(2);
/// How often one that waits for another process asks it to hurry.
const WISH_EVERY: Duration = Duration::from_secs(5);
/// How long a session that broke down waits for the next.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What may be set about the sync.
#[derive(Clone, Copy, Debug, Default)]
pub struct SyncSettings {
    /// How much is sent at once.
    pub limits: Limits,
}

/// What a sync is made of.
#[derive(Clone)]
pub struct Parts {
    /// The register's database.
    pub store: Arc<dyn SyncStore>,
    /// How the cloud is reached.
    pub connect: Arc<dyn Connect>,
    /// The register's clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for the waits.
    pub ids: Arc<dyn IdSource>,
    /// What may be set.
    pub settings: SyncSettings,
    /// Who does what blocks.
    pub blocking: Arc<dyn Blocking>,
}

impl Parts {
    /// The same for the session that begins with `joined`.
    fn of_session(&self, joined: &Joined) -> Self {
        Self {
            store: self.store.of_session(joined),
            ..self.clone()
        }
    }
}

/// What a running driver is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Wake(Wake),
    Connected,
    Stop,
}

/// Gives out snapshots, each with a version above the last.
#[derive(Debug)]
pub(super) struct Publisher {
    status: watch::Sender<SyncStatus>,
}

impl Publisher {
    pub(super) fn publish(&mut self, mut status: SyncStatus) {
        self.status.send_if_modified(|last| {
            status.version = last.version;
            if *last == status {
                return false;
            }
            status.version = last.version.wrapping_add(1);
            *last = status;
            true
        });
    }
}

/// A handle on a driver that runs. Dropping the last one stops it.
#[derive(Clone, Debug)]
pub struct SyncHandle {
    signals: UnboundedSender<Signal>,
    status: watch::Receiver<SyncStatus>,
}

impl SyncHandle {
    /// Says why it should look now. Never blocks; a driver that has ended does not mind.
    pub fn wake(&self, why: Wake) {
        let _ = self.signals.send(Signal::Wake(why));
    }

    /// The register was connected to a cloud, or to another one.
    pub fn connected(&self) {
        let _ = self.signals.send(Signal::Connected);
    }

    /// Asks it to end; the task that [`start`] gave out ends when nothing is under way any more.
    pub fn stop(&self) {
        let _ = self.signals.send(Signal::Stop);
    }

    /// The snapshots, the last one first.
    pub fn status(&self) -> watch::Receiver<SyncStatus> {
        self.status.clone()
    }
}

/// Starts the driver as a task of the current tokio runtime. It returns at once: neither database
/// nor network is touched on the caller's thread.
pub fn start(parts: Parts) -> (SyncHandle, JoinHandle<()>) {
    let (handle, driver) = driver(parts);
    (handle, tokio::spawn(driver))
}

/// The driver itself, for whoever polls it: it ends after [`SyncHandle::stop`]. It may be dropped at
/// any time, as a process may end at any time.
pub fn driver(parts: Parts) -> (SyncHandle, impl Future<Output = ()> + Send + 'static) {
    let (signals, received) = mpsc::unbounded_channel();
    let (sender, status) = watch::channel(SyncStatus::default());
    let publisher = Publisher { status: sender };
    let address = parts.connect.address();
    let network = network::watch(address, status.clone(), signals.downgrade());
    let handle = SyncHandle { signals, status };
    let driver = async move {
        tokio::select! {
            biased;
            () = run(parts, received, publisher) => {}
            () = network => {}
        }
    };
    (handle, driver)
}

async fn run(parts: Parts, mut signals: UnboundedReceiver<Signal>, mut publisher: Publisher) {
    loop {
        let mut watched = false;
        let patience = match begin(&parts).await {
            Ok(Begun::Session(joined, lock)) => {
                let parts = parts.of_session(&joined);
                let session = Session::new(&parts, &mut publisher, *joined);
                let end = session.run(&mut signals, Until::Stopped).await;
                drop(lock);
                match end {
                    End::Stopped => return,
                    _ => AGAIN_AFTER,
                }
            }
            // What another process does is seen in the database.
            Ok(Begun::LockedOut | Begun::LocalOnly) => {
                watched = true;
                let now = parts.clock.now();
                match blocking(&parts, move |store| store.status_from_outside(now)).await {
                    // The other one has just ended.
                    Ok(status) if status.state == SyncPhase::Paused && status.problem.is_none() => {
                        LOCK_POLL
                    }
                    Ok(status) => {
                        publisher.publish(status);
                        LOCK_POLL_SLOW
                    }
                    Err(error) => {
                        tracing::warn!(%error, "no status");
                        LOCK_POLL_SLOW
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the sync cannot begin");
                publisher.publish(SyncStatus {
                    state: SyncPhase::Paused,
                    problem: Some(error),
                    ..SyncStatus::default()
                });
                LOCK_POLL_SLOW
            }
        };
        tokio::select! {
            biased;
            signal = signals.recv() => match signal {
                Some(Signal::Stop) | None => return,
                Some(Signal::Wake(Wake::User | Wake::Network)) if watched => wish(&parts).await,
                Some(_) => {}
            },
            () = sleep(patience) => {}
        }
    }
}

/// Uploads everything that waits: one drain, in the foreground. It ends when nothing is pending, in
/// flight or owed a check; failed items are no reason to go on. If another process holds the sync
/// lock it waits for that one.
///
/// # Errors
/// `not_connected`; `store_differs` at once; `cloud_refused` if all is up and the check for duplicates
/// is refused; what stood in the way, or `timeout`, when `timeout`
/// has passed.
pub async fn sync_with_firestore(parts: &Parts, timeout: Duration) -> Result<SyncStatus> {
    let deadline = Instant::now() + timeout;
    // Nobody signals: one drain goes on by itself. The sender must live as long as it does.
    let (_signals, mut received) = mpsc::unbounded_channel();
    let (sender, status) = watch::channel(SyncStatus::default());
    let mut publisher = Publisher { status: sender };
    let mut wished: Option<Instant> = None;
    loop {
        match begin(parts).await? {
            Begun::LocalOnly => {
                return Err(AppError::new(
                    ErrorCode::NotConnected,
                    "this store is not connected to a cloud; connect it first: counterfoilctl sync connect --project ID --store ID",
                ));
            }
            Begun::LockedOut => {
                let now = parts.clock.now();
                let look = move |store: &dyn SyncStore| {
                    Ok((store.is_drained()?, store.status_from_outside(now)?))
                };
                let (drained, status) = blocking(parts, look).await?;
                if drained {
                    return Ok(status);
                }
                if Instant::now() >= deadline {
                    return Err(locked_out(status.problem));
                }
                // It may be waiting for its turn; somebody is waiting for it.
                if wished.is_none_or(|at| at.elapsed() >= WISH_EVERY) {
                    wished = Some(Instant::now());
                    wish(parts).await;
                }
            }
            Begun::Session(joined, lock) => {
                let parts = parts.of_session(&joined);
                let session = Session::new(&parts, &mut publisher, *joined);
                let end = session.run(&mut received, Until::Drained(deadline)).await;
                drop(lock);
                match end {
                    End::Drained => return Ok(status.borrow().clone()),
                    End::Paused(error) => return Err(error),
                    End::TimeUp(problem) => return Err(time_up(&status.borrow(), problem)),
                    End::Again | End::Stopped if Instant::now() >= deadline => {
                        return Err(time_up(&status.borrow(), None));
                    }
                    End::Again | End::Stopped => {}
                }
            }
        }
        sleep(LOCK_POLL).await;
    }
}

/// Asks the program that syncs to try at once what waits.
async fn wish(parts: &Parts) {
    if let Err(error) = blocking(parts, |store| store.wish()).await {
        tracing::warn!(%error, "the program that syncs is not hurried");
    }
}

fn locked_out(problem: Option<AppError>) -> AppError {
    let why = problem.map(|problem| format!(". It says: {}", problem.message));
    AppError::new(
        ErrorCode::SyncLocked,
        format!(
            "another program is syncing this store and did not finish in time; sales are kept here{}",
            why.unwrap_or_default()
        ),
    )
}

enum Begun {
    Session(Box<Joined>, counterfoil_store::SyncLock),
    LockedOut,
    LocalOnly,
}

async fn begin(parts: &Parts) -> Result<Begun> {
    blocking(parts, |store| {
        let Some(joined) = store.joined()? else {
            return Ok(Begun::LocalOnly);
        };
        Ok(match store.lock()? {
            Some(lock) => Begun::Session(Box::new(joined), lock),
            None => Begun::LockedOut,
        })
    })
    .await
}

fn time_up(status: &SyncStatus, problem: Option<AppError>) -> AppError {
    let waiting = status.pending.saturating_add(status.in_flight);
    match problem {
        // What stands in the way is not in the way of a sale.
        Some(problem) if waiting == 0 => problem,
        None if waiting == 0 => AppError::new(
            ErrorCode::Timeout,
            "all sales are in the cloud, but the checks for duplicates were not done when the time was up. Run it again, or give it longer with --timeout",
        ),
        Some(problem) => AppError {
            message: format!(
                "{waiting} not uploaded when the time was up. {}",
                problem.message
            ),
            ..problem
        },
        None => AppError::new(
            ErrorCode::Timeout,
            format!(
                "{waiting} not uploaded when the time was up; they are kept here. Run it again, or give it longer with --timeout"
            ),
        ),
    }
}
