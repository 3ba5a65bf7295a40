//! Where the database's work is done, which blocks.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::driver::Parts;
use super::store::SyncStore;
use crate::error::{AppError, Result};

/// Something that blocks while it is done.
pub type Work = Box<dyn FnOnce() + Send>;

/// Does what blocks. The product has threads for it; the simulator calls the store inline, so that
/// nothing depends on how threads are scheduled and a seed replays.
pub trait Blocking: Send + Sync {
    /// Does `work`; the future is ready when it is done.
    fn run(&self, work: Work) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// Threads for what blocks: those of the runtime are never held up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads;

impl Blocking for Threads {
    fn run(&self, work: Work) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            if let Err(error) = tokio::task::spawn_blocking(work).await {
                tracing::error!(%error, "work on the database broke down");
            }
        })
    }
}

/// Runs `work` where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    parts: &Parts,
    work: impl FnOnce(&dyn SyncStore) -> Result<T> + Send + 'static,
) -> Result<T> {
    let store = Arc::clone(&parts.store);
    let (answer, answered) = oneshot::channel();
    let work = move || {
        // Nobody waits any more where the session was dropped.
        let _ = answer.send(work(store.as_ref()));
    };
    parts.blocking.run(Box::new(work)).await;
    answered
        .await
        .unwrap_or_else(|error| Err(AppError::internal(error)))
}
