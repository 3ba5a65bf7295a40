//! Where the database's work is done, which blocks.

use std::sync::Arc;

use super::driver::Parts;
use super::store::SyncStore;
use crate::error::{AppError, Result};

/// Who does what blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blocking {
    /// Threads for it: those of the runtime are never held up.
    #[default]
    Threads,
    /// Whoever asks, at once. Nothing depends on how threads are scheduled then: the simulator
    /// calls the store inline, so a seed replays.
    Inline,
}

/// Runs `work` where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    parts: &Parts,
    work: impl FnOnce(&dyn SyncStore) -> Result<T> + Send + 'static,
) -> Result<T> {
    let store = Arc::clone(&parts.store);
    match parts.blocking {
        Blocking::Inline => work(store.as_ref()),
        Blocking::Threads => {
            match tokio::task::spawn_blocking(move || work(store.as_ref())).await {
                Ok(done) => done,
                Err(error) => Err(AppError::internal(error)),
            }
        }
    }
}
