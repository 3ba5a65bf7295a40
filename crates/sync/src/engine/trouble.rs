//! What keeps the engine from going on, and for how long.

use counterfoil_domain::Timestamp;

use super::{Action, Condition, Engine, Numbers, PauseReason, Problem, Session, Step};
use crate::backoff::{CEILING_MS, delay_ms};
use crate::classify::{Class, class};
use crate::remote::{Code, RemoteError, StoreDocument};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Offline,
    SignIn,
    NotAllowed,
    /// The store's own document or the register's cannot be had, for a reason that time alone seldom mends.
    Refused,
    Database,
}

impl Cause {
    pub(super) fn condition(self) -> Condition {
        match self {
            Self::Offline => Condition::Offline,
            Self::SignIn => Condition::SignInNeeded,
            Self::NotAllowed => Condition::NotAllowed,
            Self::Refused | Self::Database => Condition::Paused,
        }
    }
}

/// Nothing is begun until a moment. What is wrong stays known until the cloud has answered.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) cause: Cause,
    pub(super) problem: Problem,
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    /// The wait is over and the next attempt has been made.
    pub(super) spent: bool,
    attempt: u32,
}

impl Trouble {
    /// Whether the wait is still on. A wait longer than any of ours means that the register's
    /// clock was set back.
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        !self.spent && (1..=CEILING_MS).contains(&self.until.since_ms(now))
    }
}

/// The `nth` draw from one event's randomness (SplitMix64).
pub(super) fn draw(randomness: u64, nth: u64) -> u64 {
    let mut z = randomness.wrapping_add(nth.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Engine {
    /// Until when nothing may be begun, if so.
    pub(super) fn closed(&self, now: Timestamp) -> Option<Timestamp> {
        self.trouble
            .as_ref()
            .filter(|trouble| trouble.holds(now))
            .map(|trouble| trouble.until)
    }

    pub(super) fn attempt(&self) -> u32 {
        self.trouble.as_ref().map_or(0, |trouble| trouble.attempt)
    }

    /// Stops beginning anything until a drawn moment, and sets back what has not been sent yet.
    ///
    /// Several answers that fail together are one failure: the wait grows once.
    pub(super) fn block(
        &mut self,
        cause: Cause,
        problem: Problem,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) -> Timestamp {
        let (attempt, since, running) = match &self.trouble {
            None => (0, now, None),
            Some(before) if before.holds(now) => (before.attempt, before.since, Some(before.until)),
            Some(before) if before.cause == cause => (before.attempt + 1, before.since, None),
            Some(before) => (before.attempt + 1, now, None),
        };
        let until = running.unwrap_or_else(|| now.plus_ms(delay_ms(attempt, randomness)));
        self.trouble = Some(Trouble {
            cause,
            problem,
            since,
            until,
            spent: false,
            attempt,
        });
        self.set_back_unsent(until, out);
        if cause == Cause::NotAllowed {
            self.put_back(until, out);
        }
        until
    }

    /// Makes pending again what has not been sent, or was refused and not decided.
    pub(super) fn set_back_unsent(&mut self, until: Timestamp, out: &mut Vec<Action>) {
        let unsent = std::mem::take(&mut self.ready);
        let held = std::mem::take(&mut self.doubts.held);
        let unsent = unsent
            .iter()
            .flat_map(|batch| &batch.groups)
            .map(|group| self.given_back(group, until));
        let held = held
            .iter()
            .map(|(group, why)| self.again(group, until, &why.message));
        let decisions: Vec<_> = unsent.chain(held).collect();
        if !decisions.is_empty() {
            out.push(Action::Record(decisions));
        }
    }

    pub(super) fn store_read(
        &mut self,
        result: Result<Option<StoreDocument>, RemoteError>,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        if self.session != Session::Asked(Step::Store) {
            return;
        }
        match result {
            Ok(None) => out.push(Action::CreateStore),
            Ok(Some(store)) => match self.differs(&store) {
                Some((reason, message)) => {
                    self.session = Session::Unknown;
                    self.pause(reason, message, now);
                }
                None => self.joined(store.created_at, out),
            },
            Err(error) => self.session_failed(error, now, randomness, out),
        }
    }

    pub(super) fn store_created(
        &mut self,
        result: Result<Timestamp, RemoteError>,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        if self.session != Session::Asked(Step::Store) {
            return;
        }
        match result {
            Ok(created_at) => self.joined(created_at, out),
            // Another register of the store was quicker.
            Err(error) if error.code == Code::AlreadyExists => self.session = Session::Unknown,
            Err(error) => self.session_failed(error, now, randomness, out),
        }
    }

    fn joined(&mut self, created_at: Timestamp, out: &mut Vec<Action>) {
        if self.expected.created_at != Some(created_at) {
            self.expected.created_at = Some(created_at);
            out.push(Action::RememberStore(created_at));
        }
        self.identify(false, out);
    }

    fn differs(&self, store: &StoreDocument) -> Option<(PauseReason, String)> {
        let ours = &self.expected;
        if store.currency != ours.currency {
            let message = format!(
                "The store “{}” in the cloud sells in {}, this register in {}. Connect to the right store.",
                store.name, store.currency, ours.currency
            );
            return Some((PauseReason::OtherCurrency, message));
        }
        let before = ours
            .created_at
            .filter(|before| *before != store.created_at)?;
        let message = format!(
            "The store “{}” in the cloud was created at {}, the one this register was connected to at {before}. It is another one; connect again if that is right.",
            store.name, store.created_at
        );
        Some((PauseReason::OtherStore, message))
    }

    pub(super) fn session_failed(
        &mut self,
        error: RemoteError,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        self.session = Session::Unknown;
        if self.not_answered(now) {
            if class(error.code) == Class::SignIn {
                out.push(Action::Reconnect);
            }
            return;
        }
        let cause = match class(error.code) {
            Class::Transient => Cause::Offline,
            Class::SignIn => {
                out.push(Action::Reconnect);
                Cause::SignIn
            }
            Class::Denied => Cause::NotAllowed,
            Class::Exists | Class::Permanent => Cause::Refused,
        };
        self.block(cause, Problem::Remote(error), now, randomness, out);
    }

    /// Looks around after the drain, unless that was refused and waits for its turn. A wait longer
    /// than any of ours means that the register's clock was set back.
    pub(super) fn look_soon(&mut self, now: Timestamp) {
        self.look_again |= self.looking;
        if self.unseen.is_none() || self.look_at.since_ms(now) > CEILING_MS {
            self.look_at = now;
        }
    }

    /// Whether it is time to look around. No wait of ours is longer than these: where one seems to be, the register's
    /// clock was set back since.
    pub(super) fn looks_now(&self, now: Timestamp) -> bool {
        let wait = self.look_at.since_ms(now);
        wait <= 0 || wait > self.limits.look_around_ms.max(CEILING_MS)
    }

    pub(super) fn looked_around(
        &mut self,
        checks: Result<(), RemoteError>,
        others: Result<(), RemoteError>,
        numbers: Result<Numbers, RemoteError>,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        if !std::mem::take(&mut self.looking) {
            return;
        }
        let again = std::mem::take(&mut self.look_again);
        let mut passing = None;
        let mut refused = None;
        // What may be somebody else's receipts goes before what may be somebody else's sale.
        let failures = [
            numbers
                .as_ref()
                .err()
                .or(self.uncounted.as_ref())
                .map(|error| (error.clone(), Problem::NumbersRefused as fn(_) -> _)),
            checks
                .err()
                .map(|error| (error, Problem::ChecksRefused as fn(_) -> _)),
            others
                .err()
                .map(|error| (error, Problem::OthersRefused as fn(_) -> _)),
        ];
        for (error, problem) in failures.into_iter().flatten() {
            match class(error.code) {
                Class::Transient => passing = Some(error),
                Class::SignIn | Class::Exists | Class::Denied | Class::Permanent => {
                    refused = refused.or(Some((error.code, problem(error))));
                }
            }
        }
        match refused {
            // What cannot be read must not keep sales from going up: no trouble, but said.
            Some((code, problem)) => {
                if class(code) == Class::SignIn {
                    out.push(Action::Reconnect);
                }
                let attempt = self.unseen.as_ref().map_or(0, |(_, n)| n.saturating_add(1));
                self.look_at = now.plus_ms(delay_ms(attempt, randomness));
                self.unseen = Some((problem, attempt));
            }
            None if passing.is_none() => {
                let wait = if again { 0 } else { self.limits.look_around_ms };
                self.look_at = now.plus_ms(wait);
                self.unseen = None;
            }
            None => {}
        }
        if let Some(error) = passing {
            self.block(Cause::Offline, Problem::Remote(error), now, randomness, out);
        } else if self
            .trouble
            .as_ref()
            .is_some_and(|trouble| trouble.cause == Cause::Offline)
        {
            // Also a refusal is an answer: the cloud is there.
            self.trouble = None;
            self.wanted = true;
        }
        if let Ok(numbers) = numbers {
            self.numbers_counted(numbers, now, out);
        }
    }

    /// What the database did not take down is sent again: a replay changes nothing.
    pub(super) fn database_failed(&mut self, message: String, now: Timestamp, randomness: u64) {
        self.ready.clear();
        self.doubts.held.clear();
        self.claiming = false;
        self.looking = false;
        self.counting_again = false;
        self.releasing = false;
        self.needs_release = true;
        self.reclaim = None;
        self.not_answered(now);
        if self.session != Session::Ready {
            self.session = Session::Unknown;
        }
        let unsent = &mut Vec::new();
        self.block(
            Cause::Database,
            Problem::Database(message),
            now,
            randomness,
            unsent,
        );
    }
}
