//! The engine: what to do next, given what has happened. No clock, no network, no database.
//!
//! A session begins by bringing back what was in flight when the last one ended, by reading the
//! store's own document and by claiming the register's; then the outbox is drained batch by batch; when it is empty, the checks
//! for duplicates that are owed are made and other registers' items read; then it waits for a wake.

mod doubt;
mod identity;
mod pause;
mod trouble;
mod upload;
mod words;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use counterfoil_domain::Timestamp;

use crate::backoff::CEILING_MS;
use crate::batch::{Batch, BatchId, Limits, pack};
use crate::outbox::{Group, GroupId, GroupKind, Outcome};
use crate::remote::RemoteError;
use doubt::Doubts;
use pause::Pause;
use trouble::{Cause, Trouble};
use upload::InFlight;
pub use words::{
    Action, Condition, Decision, Doubt, Event, Expected, Numbers, PauseReason, Problem, Wake,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Session {
    Unknown,
    Asked(Step),
    Ready,
}

/// What a session asks before it uploads anything, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Store,
    Register,
    Claim,
    Numbers,
}

/// The state of one sync session.
#[derive(Debug)]
pub struct Engine {
    limits: Limits,
    expected: Expected,
    session: Session,
    paused: Option<Pause>,
    trouble: Option<Trouble>,
    sign_in_tried: bool,
    needs_release: bool,
    releasing: bool,
    /// More may be due in the outbox.
    wanted: bool,
    claiming: bool,
    next_due: Option<Timestamp>,
    batch_size: usize,
    next_batch: u64,
    ready: VecDeque<Batch>,
    in_flight: BTreeMap<BatchId, InFlight>,
    /// What was sent since it was claimed, and is not decided.
    sent: BTreeSet<GroupId>,
    /// Refused alone by `PERMISSION_DENIED`: the sales or the session?
    doubts: Doubts,
    /// The claim is repeated because of them; what is awaited of it.
    reclaim: Option<Step>,
    /// How often in a row somebody was quicker at the claim.
    claims: u32,
    looking: bool,
    /// Why the numbers above the register's own were not counted when the session began: that is owed, and
    /// asked again with every look around.
    uncounted: Option<RemoteError>,
    counting_again: bool,
    look_at: Timestamp,
    /// Something landed while it looked around: the checks of that are owed since.
    look_again: bool,
    /// What looking around was refused last, and how often in a row.
    unseen: Option<(Problem, u32)>,
    /// What waits because the cloud contradicts itself.
    contradicted: BTreeMap<GroupId, RemoteError>,
    clock_offset_ms: Option<i64>,
}

impl Engine {
    /// A session that begins at `now`.
    pub fn new(limits: Limits, expected: Expected, now: Timestamp) -> Self {
        let doubt = expected.doubt.clone();
        Self {
            batch_size: limits.first_batch.clamp(1, limits.max_writes.max(1)),
            limits,
            expected,
            session: Session::Unknown,
            paused: doubt.map(|doubt| Pause::of(doubt.reason, doubt.message, None)),
            trouble: None,
            sign_in_tried: false,
            needs_release: true,
            releasing: false,
            wanted: true,
            claiming: false,
            next_due: None,
            next_batch: 1,
            ready: VecDeque::new(),
            in_flight: BTreeMap::new(),
            sent: BTreeSet::new(),
            doubts: Doubts::default(),
            reclaim: None,
            claims: 0,
            looking: false,
            uncounted: None,
            counting_again: false,
            look_at: now,
            look_again: false,
            unseen: None,
            contradicted: BTreeMap::new(),
            clock_offset_ms: None,
        }
    }

    /// Takes what has happened at `now` and says what to do. `randomness` spreads the waits.
    pub fn step(&mut self, event: Event, now: Timestamp, randomness: u64) -> Vec<Action> {
        let mut out = Vec::new();
        match event {
            Event::Woken(wake) => self.woken(wake, now, &mut out),
            Event::Released => {
                self.doubts.all_put_back();
                self.releasing = false;
                self.needs_release = false;
                self.wanted = true;
            }
            Event::StoreRead(result) => self.store_read(result, now, randomness, &mut out),
            Event::StoreCreated(result) => self.store_created(result, now, randomness, &mut out),
            Event::RegisterRead {
                result,
                last_sequence,
            } => self.register_read(result, last_sequence, now, randomness, &mut out),
            Event::RegisterClaimed(result) => {
                self.register_claimed(result, now, randomness, &mut out);
            }
            Event::CountedAbove(result) => self.counted_above(result, now, randomness, &mut out),
            Event::Claimed { groups, next_due } => self.claimed(groups, next_due, now, &mut out),
            Event::Committed {
                batch,
                sent_at,
                result,
            } => {
                self.committed(batch, sent_at, result, now, randomness, &mut out);
            }
            Event::Read { batch, result } => self.read(batch, result, now, randomness, &mut out),
            Event::LookedAround {
                checks,
                others,
                numbers,
            } => self.looked_around(checks, others, numbers, now, randomness, &mut out),
            Event::DatabaseFailed { message } => self.database_failed(message, now, randomness),
        }
        self.agreed(&out, now);
        self.advance(now, &mut out);
        out
    }

    /// What has landed or failed waits for no contradiction any more, and is in no doubt. A copy that was refused may have
    /// stood for somebody else's document when numbers were counted: that is looked at again.
    fn agreed(&mut self, out: &[Action], now: Timestamp) {
        for action in out {
            let Action::Record(decisions) = action else {
                continue;
            };
            for decision in decisions {
                self.sent.remove(&decision.outcome.group());
                if let Outcome::Synced { group, .. } | Outcome::Failed { group, .. } =
                    &decision.outcome
                {
                    self.contradicted.remove(group);
                    self.doubts.decided(*group);
                }
                let is_refused = matches!(decision.outcome, Outcome::Failed { .. });
                if is_refused && decision.kind == GroupKind::Resolution {
                    self.look_soon(now);
                }
            }
        }
    }

    /// Ends the session in good order: what was claimed and not sent is given back. Answers what to write down; what
    /// is in flight stays so for who releases it.
    pub fn end(&mut self, now: Timestamp) -> Vec<Action> {
        let mut out = Vec::new();
        self.set_back_unsent(now, &mut out);
        self.agreed(&out, now);
        out
    }

    /// When to send [`Wake::Timer`], if nothing else happens before.
    pub fn wake_at(&self) -> Option<Timestamp> {
        if let Some(pause) = self.paused.as_ref().filter(|pause| !pause.asking) {
            return pause.ask_at;
        }
        if self.awaits() {
            return self.next_due;
        }
        match &self.trouble {
            Some(trouble) if !trouble.spent => Some(trouble.until),
            _ => {
                let others = [Some(self.look_at), self.doubts.try_at()];
                self.next_due
                    .into_iter()
                    .chain(others.into_iter().flatten())
                    .min()
            }
        }
    }

    /// What the status line says.
    pub fn condition(&self) -> Condition {
        match (&self.paused, &self.trouble) {
            (Some(pause), _) if pause.reason.is_about_identity() => Condition::IdentityNeeded,
            (Some(_), _) => Condition::Paused,
            (None, Some(trouble)) => trouble.cause.condition(),
            (None, None) if self.busy() || self.wanted => Condition::Syncing,
            (None, None) => Condition::Idle,
        }
    }

    /// Why it is not simply working.
    pub fn problem(&self) -> Option<Problem> {
        match (&self.paused, &self.trouble) {
            (Some(pause), _) => Some(Problem::Pause(pause.reason, pause.message.clone())),
            (None, Some(trouble)) => Some(trouble.problem.clone()),
            (None, None) => {
                let odd = self.contradicted.values().next();
                let odd = odd.map(|error| Problem::Contradiction(error.clone()));
                odd.or_else(|| self.unseen.as_ref().map(|(problem, _)| problem.clone()))
            }
        }
    }

    /// When the next attempt is made, if one is being waited for.
    pub fn next_attempt(&self) -> Option<Timestamp> {
        match &self.trouble {
            Some(trouble) if self.paused.is_none() && !trouble.spent => Some(trouble.until),
            _ => {
                let again = self.unseen.as_ref().map(|_| self.look_at);
                self.next_due.into_iter().chain(again).min()
            }
        }
    }

    /// Since when the cloud has not been reached.
    pub fn offline_since(&self) -> Option<Timestamp> {
        self.trouble
            .as_ref()
            .filter(|t| t.cause == Cause::Offline)
            .map(|t| t.since)
    }

    /// The server's clock minus the register's, as last measured.
    pub fn clock_offset_ms(&self) -> Option<i64> {
        self.clock_offset_ms
    }

    /// Whether nothing is under way and nothing could be begun at `now`.
    pub fn is_quiet(&self, now: Timestamp) -> bool {
        !self.busy() && !self.wanted && !self.looks_now(now) && self.session == Session::Ready
    }

    fn busy(&self) -> bool {
        self.awaits() || !self.ready.is_empty()
    }

    /// Whether an answer will come that calls [`step`](Self::step) again.
    fn awaits(&self) -> bool {
        self.claiming
            || self.looking
            || self.counting_again
            || self.releasing
            || self.reclaim.is_some()
            || matches!(self.session, Session::Asked(_))
            || !self.in_flight.is_empty()
    }

    fn woken(&mut self, wake: Wake, now: Timestamp, out: &mut Vec<Action>) {
        match wake {
            Wake::Checkout => self.wanted = true,
            Wake::Timer => {
                self.ask_again(now);
                // No wait of ours is this long: the register's clock was set back since.
                let is_due = |at: Timestamp| at <= now || at.since_ms(now) > 3 * CEILING_MS;
                if self.next_due.is_some_and(is_due) {
                    self.next_due = None;
                    self.wanted = true;
                }
            }
            Wake::User | Wake::Network => {
                // Numbers that were used twice stay so: only a new identity helps.
                let stays = self.expected.doubt.is_some();
                if self.paused.take_if(|_| !stays).is_some() {
                    self.session = Session::Unknown;
                }
                if let Some(trouble) = &mut self.trouble {
                    trouble.until = now;
                }
                self.wanted = true;
                self.look_at = now;
                self.doubts.all_put_back();
                out.push(Action::MakeDue);
            }
        }
    }

    fn claimed(
        &mut self,
        groups: Vec<Group>,
        next_due: Option<Timestamp>,
        now: Timestamp,
        out: &mut Vec<Action>,
    ) {
        if !std::mem::take(&mut self.claiming) {
            return;
        }
        self.next_due = next_due;
        if groups.is_empty() {
            // No wait of ours is this long: the register's clock was set back.
            if next_due.is_some_and(|at| at.since_ms(now) > 3 * CEILING_MS) {
                self.doubts.all_put_back();
                out.push(Action::MakeDue);
                self.wanted = true;
            }
            return;
        }
        self.wanted = true;
        for group in &groups {
            self.sent.remove(&group.id);
        }
        if let Some(until) = self.closed(now) {
            let decisions = groups.iter().map(|group| self.given_back(group, until));
            out.push(Action::Record(decisions.collect()));
            return;
        }
        self.ready.extend(pack(groups, &self.limits));
    }

    /// Sends what was claimed, as far as so much may be in flight.
    fn send_ready(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        let may_send = !self.stopped() && self.closed(now).is_none() && !self.needs_release;
        if !may_send || self.session != Session::Ready {
            return;
        }
        if !self.doubts.held.is_empty() {
            self.hold_back();
        }
        while self.in_flight.len() < self.limits.max_in_flight.max(1)
            && let Some(batch) = self.next_ready().and_then(|nth| self.ready.remove(nth))
        {
            self.send(batch, out);
        }
    }

    /// Begins whatever can be begun now.
    fn advance(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        if self.stopped() || self.closed(now).is_some() {
            return;
        }
        if let Some(trouble) = &mut self.trouble {
            // Tried once more now; what follows next is not a matter of this wait.
            self.wanted |= !std::mem::replace(&mut trouble.spent, true);
        }
        if self.needs_release {
            if !self.releasing && self.in_flight.is_empty() {
                self.releasing = true;
                // What waits here becomes pending there, and is claimed again.
                self.ready.clear();
                self.doubts.held.clear();
                out.push(Action::Release);
            }
            return;
        }
        match self.session {
            Session::Asked(_) => return,
            Session::Unknown => {
                self.session = Session::Asked(Step::Store);
                out.push(Action::ReadStore);
                return;
            }
            Session::Ready => {}
        }
        self.try_doubted(now, out);
        self.send_ready(now, out);
        // One batch ahead of what is in flight: the next commit goes out before the last is written down.
        if self.wanted && !self.claiming && self.next_ready().is_none() {
            self.wanted = false;
            self.claiming = true;
            let (max_groups, max_bytes) = (self.batch_size, self.limits.max_bytes);
            out.push(Action::Claim {
                max_groups,
                max_bytes,
            });
        }
        let drained = !self.busy() && !self.wanted;
        if drained && !self.doubts.held.is_empty() {
            self.identify(true, out);
        } else if drained && self.looks_now(now) {
            self.look(out);
        }
    }
}

#[cfg(test)]
mod tests;
