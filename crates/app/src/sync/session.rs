//! One session: an engine, its calls in flight, and the actions done in their order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use counterfoil_sync::{Action, Condition, Engine, Event, Metered, Problem, Wake};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::blocking::blocking;
use super::driver::{Parts, Publisher, Signal};
use super::joined::Joined;
use super::others::{Others, Seen};
use super::status::with_engine;
use super::store::SyncStore;
use super::tally::Tally;
use crate::dto::SyncPhase;
use crate::error::{AppError, ErrorCode};

mod calls;

/// Snapshots are published at most this often while much happens.
const PUBLISH_EVERY: Duration = Duration::from_millis(100);
/// Nobody sleeps longer than this: the register's clock may be set meanwhile.
const LONGEST_SLEEP_MS: i64 = 30_000;
/// How often it looks whether another program wrote to the database.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A change of the measured offset below this is not worth a write.
const OFFSET_STEP_MS: i64 = 500;

/// Why a session ended.
#[derive(Debug)]
pub(super) enum End {
    /// Somebody asked for it.
    Stopped,
    /// The register was connected to another cloud, became another one, or a call broke down.
    Again,
    /// Nothing is pending, in flight or owed a check.
    Drained,
    /// Nothing will happen before a person has done something.
    Paused(AppError),
    /// Time is up.
    TimeUp(Option<AppError>),
}

/// How far a session goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Until it is stopped.
    Stopped,
    /// Until everything is up, at the latest until a moment.
    Drained(Instant),
}

pub(super) struct Session<'a> {
    parts: &'a Parts,
    publisher: &'a mut Publisher,
    joined: Joined,
    remote: Arc<Metered>,
    tally: Tally,
    engine: Engine,
    calls: JoinSet<Result<Event, AppError>>,
    database: Option<AppError>,
    clock_offset_ms: Option<i64>,
    broken: bool,
    /// The register was connected anew, or made another one: what this session is told is not about it any more.
    elsewhere: bool,
    others: Others,
}

impl<'a> Session<'a> {
    pub(super) fn new(parts: &'a Parts, publisher: &'a mut Publisher, joined: Joined) -> Self {
        let expected = joined.expected.clone();
        let tally = Tally::default();
        Self {
            remote: tally.counted(parts.connect.remote(&joined.connected)),
            tally,
            engine: Engine::new(parts.settings.limits, expected, parts.clock.now()),
            calls: JoinSet::new(),
            database: None,
            clock_offset_ms: joined.clock_offset_ms,
            broken: false,
            elsewhere: false,
            others: Others::default(),
            parts,
            publisher,
            joined,
        }
    }

    /// Runs until `until`. What was in flight is pending again afterwards: replaying it is harmless.
    pub(super) async fn run(
        mut self,
        signals: &mut UnboundedReceiver<Signal>,
        until: Until,
    ) -> End {
        let project = self.joined.connected.project.as_str();
        let store_id = self.joined.connected.store_id.as_str();
        tracing::info!(project, store_id, "a sync session begins");
        self.others.watch(self.parts).await;
        self.step(Event::Woken(Wake::Timer)).await;
        let end = self.go_on(signals, until).await;
        self.calls.shutdown().await;
        for action in self.engine.end(self.parts.clock.now()) {
            self.perform(action).await;
        }
        self.tally.write_down(self.parts).await;
        if let Err(error) = blocking(self.parts, |store| store.release()).await {
            tracing::warn!(%error, "what was in flight stays so until the next session");
        }
        tracing::info!(?end, "the sync session ends");
        end
    }

    async fn go_on(&mut self, signals: &mut UnboundedReceiver<Signal>, until: Until) -> End {
        let mut published = Instant::now();
        let mut looks_at = published + LOOK_EVERY;
        let mut condition = None;
        self.publish().await;
        loop {
            if self.others.wished() {
                self.step(Event::Woken(Wake::User)).await;
            }
            let settled = self.calls.is_empty() || condition != Some(self.engine.condition());
            let publish_at = if settled {
                Instant::now()
            } else {
                published + PUBLISH_EVERY
            };
            if publish_at <= Instant::now() {
                self.publish().await;
                condition = Some(self.engine.condition());
                published = Instant::now();
            }
            if let Some(end) = self.ended(until).await {
                self.publish().await;
                return end;
            }
            let wakes_at = self.wakes_at(until);
            let calling = !self.calls.is_empty();
            loop {
                tokio::select! {
                    // In an order that does not depend on chance. What is ready is taken one by
                    // one; a person's word goes before answers, of which there may be many, and
                    // answers before timers, which do not get lost.
                    biased;
                    signal = signals.recv() => {
                        let mut signal = signal;
                        // A burst of checkouts is one wake.
                        while matches!(signal, Some(Signal::Wake(Wake::Checkout))) {
                            match signals.try_recv() {
                                Ok(next) => signal = Some(next),
                                Err(_) => break,
                            }
                        }
                        match signal {
                            Some(Signal::Wake(wake)) => self.step(Event::Woken(wake)).await,
                            Some(Signal::Connected) => return End::Again,
                            Some(Signal::Stop) | None => return End::Stopped,
                        }
                    }
                    Some(done) = self.calls.join_next(), if calling => match done {
                        Ok(Ok(event)) => self.step(event).await,
                        Ok(Err(error)) => {
                            if let Some(event) = self.database_failed(error) {
                                self.step(event).await;
                            }
                        }
                        Err(error) => {
                            tracing::error!(%error, "a call to the cloud broke down");
                            self.broken = true;
                        }
                    },
                    () = sleep_until(wakes_at) => {
                        self.step(Event::Woken(Wake::Timer)).await;
                    }
                    () = sleep_until(published + PUBLISH_EVERY), if calling => {}
                    () = sleep_until(looks_at) => {
                        looks_at = Instant::now() + LOOK_EVERY;
                        match self.others.look(self.parts, &self.joined).await {
                            Seen::Nothing => continue,
                            Seen::News => self.step(Event::Woken(Wake::Checkout)).await,
                            Seen::Elsewhere => return End::Again,
                        }
                    }
                }
                break;
            }
        }
    }

    async fn ended(&mut self, until: Until) -> Option<End> {
        if self.broken || self.elsewhere {
            return Some(End::Again);
        }
        let Until::Drained(deadline) = until else {
            return None;
        };
        let problem = self.engine.problem();
        if let Some(problem @ Problem::Pause(..)) = &problem {
            return Some(End::Paused(super::problem::app_error(problem)));
        }
        // A register with nothing to send has nothing to wait for, offline or not.
        let now = self.parts.clock.now();
        let troubled = !matches!(
            self.engine.condition(),
            Condition::Idle | Condition::Syncing
        );
        if (self.engine.is_quiet(now) || troubled)
            && blocking(self.parts, |store| store.is_drained())
                .await
                .unwrap_or(false)
        {
            return Some(End::Drained);
        }
        // All is up; what is refused here is seldom mended while somebody waits.
        if let Some(problem @ (Problem::ChecksRefused(_) | Problem::NumbersRefused(_))) = &problem
            && self.engine.is_quiet(now)
            && blocking(self.parts, move |store| store.status(now))
                .await
                .is_ok_and(|status| status.pending == 0 && status.in_flight == 0)
        {
            return Some(End::Paused(super::problem::app_error(problem)));
        }
        let problem = problem.map(|problem| super::problem::app_error(&problem));
        (Instant::now() >= deadline).then_some(End::TimeUp(problem))
    }

    fn wakes_at(&self, until: Until) -> Instant {
        let now = self.parts.clock.now();
        let wait_ms = self
            .engine
            .wake_at()
            .map_or(LONGEST_SLEEP_MS, |at| at.since_ms(now));
        let wait = wait_ms.clamp(5, LONGEST_SLEEP_MS).unsigned_abs();
        let at = Instant::now() + Duration::from_millis(wait);
        match until {
            Until::Drained(deadline) => at.min(deadline),
            Until::Stopped => at,
        }
    }

    async fn publish(&mut self) {
        if self.calls.is_empty() {
            self.tally.write_down(self.parts).await;
        }
        match self.others.stored(self.parts).await {
            Ok(status) => {
                let now = self.parts.clock.now();
                let database = self.database.as_ref();
                let mut status = with_engine(status, &self.engine, database, now);
                if status.state == SyncPhase::SignInNeeded
                    && let Some(problem) = self.parts.connect.sign_in_problem()
                {
                    status.problem = Some(problem);
                }
                status.progress = self.tally.progress(&status, now);
                self.others.tell(self.parts, &status).await;
                self.publisher.publish(status);
            }
            Err(error) => self.database = Some(error),
        }
    }

    /// Takes an event and does all that follows from it, in order.
    async fn step(&mut self, event: Event) {
        let mut actions = VecDeque::from(self.decide(event));
        while !self.elsewhere
            && let Some(action) = actions.pop_front()
        {
            if let Some(event) = self.perform(action).await {
                actions.extend(self.decide(event));
            }
        }
        if let Some(offset_ms) = self.engine.clock_offset_ms()
            && !self.elsewhere
            && self
                .clock_offset_ms
                .is_none_or(|known| (known - offset_ms).abs() >= OFFSET_STEP_MS)
        {
            self.clock_offset_ms = Some(offset_ms);
            tracing::info!(offset_ms, "the server's clock minus this register's");
            let remember = move |store: &dyn SyncStore| store.remember_clock_offset(offset_ms);
            if let Err(error) = blocking(self.parts, remember).await {
                tracing::warn!(%error, "the clock's offset is not remembered");
            }
        }
    }

    fn decide(&mut self, event: Event) -> Vec<Action> {
        let drawn = self.parts.ids.uuid().as_u128();
        // Both halves: the fixed bits of a UUID lie in different places of them.
        let randomness = u64::try_from((drawn ^ (drawn >> 64)) & u128::from(u64::MAX));
        self.engine.step(
            event,
            self.parts.clock.now(),
            randomness.unwrap_or_default(),
        )
    }

    /// Does one action; the answer of a local one is an event at once.
    async fn perform(&mut self, action: Action) -> Option<Event> {
        let now = self.parts.clock.now();
        let done = match action {
            Action::Release => {
                let released = blocking(self.parts, |store| store.release()).await;
                released.map(|groups| {
                    tracing::debug!(groups, "pending again after the last session");
                    Some(Event::Released)
                })
            }
            Action::MakeDue => blocking(self.parts, move |store| store.hurry(now))
                .await
                .map(|()| None),
            Action::PutBack { not_before } => {
                blocking(self.parts, move |store| store.put_back(not_before))
                    .await
                    .map(|()| None)
            }
            Action::RememberStore(at) => {
                blocking(self.parts, move |store| store.remember_store(at))
                    .await
                    .map(|()| None)
            }
            Action::RememberDoubt(doubt) => {
                tracing::warn!(reason = ?doubt.reason, "{}", doubt.message);
                blocking(self.parts, move |store| store.remember_doubt(doubt))
                    .await
                    .map(|()| None)
            }
            Action::Claim {
                max_groups,
                max_bytes,
            } => {
                if self.others.look(self.parts, &self.joined).await == Seen::Elsewhere {
                    self.elsewhere = true;
                    return None;
                }
                let claim = move |store: &dyn SyncStore| store.claim(max_groups, max_bytes, now);
                let claimed = blocking(self.parts, claim).await;
                claimed.map(|(groups, next_due)| Some(Event::Claimed { groups, next_due }))
            }
            Action::Record(decisions) => {
                let outcomes = decisions
                    .into_iter()
                    .map(|decision| decision.outcome)
                    .collect();
                let recorded = self.tally.record(self.parts, outcomes, now).await;
                recorded.map(|()| None)
            }
            Action::Reconnect => {
                tracing::info!("the connection is made anew");
                let remote = self.parts.connect.remote(&self.joined.connected);
                self.remote = self.tally.counted(remote);
                Ok(None)
            }
            call => {
                self.call(call, now);
                Ok(None)
            }
        };
        match done {
            Ok(event) => event,
            Err(error) => {
                let event = self.database_failed(error.clone());
                self.database = event.is_some().then_some(error);
                event
            }
        }
    }

    /// What follows where the database did not do what it was asked: nothing, if this session is not the one any
    /// more for which it would. Whatever it has sent is pending again when it ends, for the cloud of the next.
    fn database_failed(&mut self, error: AppError) -> Option<Event> {
        if error.code == ErrorCode::NotConnected {
            tracing::info!("{error}");
            self.elsewhere = true;
            return None;
        }
        let message = error.message;
        Some(Event::DatabaseFailed { message })
    }
}
