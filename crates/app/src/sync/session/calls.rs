//! The calls of a session: each begins, and its answer becomes an event when it comes.

use std::sync::Arc;

use counterfoil_domain::Timestamp;
use counterfoil_sync::classify::{Class, class};
use counterfoil_sync::{Action, Collection, Create, Event, Remote as _, RemoteError};

use super::super::driver::Parts;
use super::super::identity;
use super::super::look_around::{Looked, look_around};
use super::Session;
use crate::error::Result;

impl Session<'_> {
    /// Begins a call to the cloud; its answer becomes an event when it comes.
    pub(super) fn call(&mut self, action: Action, now: Timestamp) {
        let remote = Arc::clone(&self.remote);
        let clock = Arc::clone(&self.parts.clock);
        match action {
            Action::ReadStore => {
                self.spawn(async move |_| Ok(Event::StoreRead(remote.store().await)));
            }
            Action::CreateStore => {
                let expected = self.joined.expected.clone();
                self.spawn(async move |_| {
                    let created = remote
                        .create_store(&expected.name, &expected.currency)
                        .await;
                    Ok(Event::StoreCreated(created))
                });
            }
            Action::ReadRegister => {
                self.spawn(async move |parts: Parts| identity::read(&parts, remote.as_ref()).await)
            }
            Action::ClaimRegister { revision } => self.spawn(async move |parts: Parts| {
                identity::claim(&parts, remote.as_ref(), revision).await
            }),
            Action::CountAbove => self.spawn(async move |parts: Parts| {
                identity::count_above(&parts, remote.as_ref()).await
            }),
            Action::Commit { batch, creates } => {
                log_sent(&creates);
                self.spawn(async move |_| {
                    let sent_at = clock.now();
                    let result = remote.commit(&creates).await;
                    if let Err(error) = &result {
                        tracing::info!(%error, documents = creates.len(), "a commit was not accepted");
                    }
                    Ok(Event::Committed { batch, sent_at, result })
                });
            }
            Action::Read { batch, names } => {
                self.spawn(async move |_| {
                    let result = remote.get(&names).await;
                    if let Err(error) = &result {
                        tracing::info!(%error, documents = names.len(), "what is there could not be read");
                    }
                    Ok(Event::Read { batch, result })
                });
            }
            Action::LookAround => {
                let remote = remote.looking_around();
                let offset_ms = self.clock_offset_ms.unwrap_or_default();
                self.spawn(async move |parts: Parts| {
                    identity::ask_series(&parts, &remote).await?;
                    let numbers = identity::count_drained(&parts, &remote).await?;
                    let looked = look_around(&parts, &remote, offset_ms, now).await?;
                    let Looked { checks, others } = looked;
                    for (answer, what) in [
                        (
                            numbers.as_ref().err(),
                            "the drained receipt numbers are not counted",
                        ),
                        (checks.as_ref().err(), "the owed checks for duplicates wait"),
                        (
                            others.as_ref().err(),
                            "what other registers hold is not read",
                        ),
                    ] {
                        log_unseen(answer, what);
                    }
                    Ok(Event::LookedAround {
                        checks,
                        others,
                        numbers,
                    })
                });
            }
            Action::Release
            | Action::MakeDue
            | Action::PutBack { .. }
            | Action::RememberStore(_)
            | Action::RememberDoubt(_)
            | Action::Claim { .. }
            | Action::Record(_)
            | Action::Reconnect => {}
        }
    }

    /// Begins a call with the parts that it may ask.
    fn spawn<F>(&mut self, call: impl FnOnce(Parts) -> F)
    where
        F: Future<Output = Result<Event>> + Send + 'static,
    {
        self.calls.spawn(call(self.parts.clone()));
    }
}

/// A refusal is for somebody to mend, a dead network is not.
fn log_unseen(error: Option<&RemoteError>, what: &str) {
    match error {
        Some(error) if class(error.code) == Class::Transient => tracing::info!(%error, "{what}"),
        Some(error) => tracing::warn!(%error, "{what}"),
        None => {}
    }
}

fn log_sent(creates: &[Create]) {
    for create in creates {
        let collection = create.name.collection.as_str();
        match create.name.collection {
            Collection::Sales => tracing::debug!(sale_id = create.name.id, "sent"),
            _ => tracing::debug!(
                sale_id = create.name.id.split('_').next(),
                collection,
                "sent"
            ),
        }
    }
}
