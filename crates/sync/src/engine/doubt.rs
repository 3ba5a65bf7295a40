//! The sales or the session? What is denied while reading is allowed may be either's fault.
//!
//! A sale that the server has accepted, and that was sent when a denial was known already, tells the two apart:
//! what was denied is tried once more, and is to blame if it is denied again. Until then a denied sale that
//! fails fails in doubt.

use std::collections::BTreeMap;

use counterfoil_domain::Timestamp;

use super::trouble::{Cause, draw};
use super::upload::{Refusal, decision, refused};
use super::{Action, Decision, Engine, Problem};
use crate::backoff::delay_ms;
use crate::batch::{Batch, BatchId};
use crate::classify::{Class, class};
use crate::outbox::{Group, GroupId, GroupKind, Outcome};
use crate::remote::{Collection, RemoteError};

/// How long sales that failed in doubt wait for their first try, and at most for a later one.
const FIRST_TRY_MS: i64 = 60_000;
const LAST_TRY_MS: i64 = 86_400_000;

/// Groups that were denied, and what has been learned since.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// Refused alone and not decided: they are in flight in the database.
    pub(super) held: Vec<(Group, RemoteError)>,
    /// Denied since a sale was accepted, one after the other or together; each with the first batch that was
    /// sent when its last denial was known. So many mean the session.
    row: BTreeMap<GroupId, BatchId>,
    /// Denied, and then another sale was accepted, each with the first batch that was sent when that was known: denied
    /// again from then on they are to blame.
    suspects: BTreeMap<GroupId, BatchId>,
    /// Some stand in the failure list in doubt, since when, and from when on they are tried again.
    listed: Option<(Timestamp, Timestamp)>,
    /// How often they have been tried.
    tries: u32,
}

impl Doubts {
    /// What became of these is known.
    pub(super) fn decided(&mut self, group: GroupId) {
        self.row.remove(&group);
        self.suspects.remove(&group);
    }

    /// When sales that failed in doubt are tried again.
    pub(super) fn try_at(&self) -> Option<Timestamp> {
        self.listed.map(|(_, at)| at)
    }

    /// The database has put all of them back.
    pub(super) fn all_put_back(&mut self) {
        self.listed = None;
    }
}

impl Engine {
    /// A refusal that names nobody: halved until the culprit is alone.
    pub(super) fn isolate(
        &mut self,
        batch: Batch,
        refusal: Refusal<'_>,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        let (first, second) = batch.halves();
        if let Some(second) = second {
            self.ready.push_front(second);
            self.ready.push_front(first);
            return;
        }
        for group in first.groups {
            if class(refusal.error.code) != Class::Denied {
                out.push(Action::Record(vec![refused(&group, refusal.error)]));
            } else if let Some(until) = self.closed(now) {
                let again = self.again(&group, until, &refusal.error.message);
                out.push(Action::Record(vec![again]));
            } else {
                self.denied(group, refusal, out);
            }
        }
        if self.is_row() {
            self.not_allowed(now, randomness, out);
        }
    }

    fn denied(&mut self, group: Group, refusal: Refusal<'_>, out: &mut Vec<Action>) {
        match self.doubts.suspects.get(&group.id) {
            Some(_) if self.is_row() => {}
            Some(since) if refusal.of >= *since => {
                out.push(Action::Record(vec![refused(&group, refusal.error)]));
                return;
            }
            // It was sent before.
            Some(_) => {
                let groups = vec![group];
                self.ready.push_back(Batch { groups });
                return;
            }
            None => {
                let next = BatchId(self.next_batch);
                self.doubts.row.insert(group.id, next);
            }
        }
        self.doubts.held.push((group, refusal.error.clone()));
    }

    fn is_row(&self) -> bool {
        self.doubts.row.len() >= self.limits.refusals_in_a_row
    }

    /// It is the session, not the sales: all are pending. Those that were refused wait a little
    /// longer than the others, so that five bad sales in front never hold up the good ones.
    pub(super) fn not_allowed(&mut self, now: Timestamp, randomness: u64, out: &mut Vec<Action>) {
        let held = std::mem::take(&mut self.doubts.held);
        let Some((_, last)) = held.last() else { return };
        let problem = Problem::Remote(last.clone());
        let listed = self.doubts.listed.take();
        let until = self.block(Cause::NotAllowed, problem, now, randomness, out);
        let behind = until.plus_ms(delay_ms(self.attempt(), draw(randomness, 1)));
        let decisions = held
            .iter()
            .map(|(group, why)| self.again(group, behind, &why.message));
        let decisions = decisions.collect();
        out.push(Action::Record(decisions));
        self.due_at(behind);
        self.doubts.listed = listed;
        self.put_back(behind, out);
        // What was learned of a session that might write is not worth much any more.
        let next = BatchId(self.next_batch);
        for suspect in std::mem::take(&mut self.doubts.suspects).into_keys() {
            self.doubts.row.insert(suspect, next);
        }
    }

    /// The session may write, and no sale was accepted since these were denied: each sale fails in doubt. A document
    /// about a conflict or a decision, which nobody would see fail, is tried again after a wait.
    pub(super) fn doubt_held(&mut self, now: Timestamp, randomness: u64, out: &mut Vec<Action>) {
        let held = std::mem::take(&mut self.doubts.held);
        let mut decisions: Vec<Decision> = Vec::new();
        for ((group, why), nth) in held.iter().zip(2_u64..) {
            if group.kind != GroupKind::Sale {
                let not_before = now.plus_ms(delay_ms(group.attempts, draw(randomness, nth)));
                decisions.push(self.again(group, not_before, &why.message));
                self.due_at(not_before);
                continue;
            }
            let message = format!(
                "The cloud refuses it ({:?}): {}. It is tried again by itself.",
                why.code, why.message
            );
            let id = group.id;
            let outcome = Outcome::Doubted { group: id, message };
            decisions.push(decision(group, outcome));
            let wait = FIRST_TRY_MS.saturating_mul(1_i64 << self.doubts.tries.min(20));
            let try_at = now.plus_ms(wait.min(LAST_TRY_MS));
            self.doubts.listed.get_or_insert((now, try_at));
        }
        if !decisions.is_empty() {
            out.push(Action::Record(decisions));
        }
    }

    /// The server has accepted `batch`. Where a sale was in it, whoever was denied before it was sent is tried once
    /// more.
    pub(super) fn write_accepted(
        &mut self,
        id: BatchId,
        batch: &Batch,
        now: Timestamp,
        out: &mut Vec<Action>,
    ) {
        let creates = batch.groups.iter().flat_map(|group| &group.creates);
        let mut collections = creates.map(|create| create.name.collection);
        if !collections.any(|collection| collection == Collection::Sales) {
            return;
        }
        let next = BatchId(self.next_batch);
        let (row, suspects) = (&mut self.doubts.row, &mut self.doubts.suspects);
        row.retain(|group, since| {
            let stays = *since > id;
            if !stays {
                suspects.insert(*group, next);
            }
            stays
        });
        let (again, held) = std::mem::take(&mut self.doubts.held)
            .into_iter()
            .partition(|(group, _)| suspects.contains_key(&group.id));
        self.doubts.held = held;
        let again: Vec<(Group, RemoteError)> = again;
        for (group, _) in again {
            let groups = vec![group];
            self.ready.push_back(Batch { groups });
        }
        self.doubts.tries = 0;
        self.wanted |= self.doubts.listed.is_some();
        self.put_back(now, out);
    }

    /// Sends again from `not_before` on what stands in the failure list in doubt.
    pub(super) fn put_back(&mut self, not_before: Timestamp, out: &mut Vec<Action>) {
        if self.doubts.listed.take().is_some() {
            out.push(Action::PutBack { not_before });
            self.due_at(not_before);
        }
    }

    /// Tries again what has stood in the failure list in doubt for long enough. If it has stood there for less than
    /// nothing, the register's clock was set back.
    pub(super) fn try_doubted(&mut self, now: Timestamp, out: &mut Vec<Action>) {
        let waits = |(since, at): (Timestamp, Timestamp)| since <= now && now < at;
        if self.doubts.listed.is_some_and(|listed| !waits(listed)) {
            self.doubts.tries = self.doubts.tries.saturating_add(1);
            self.put_back(now, out);
            self.wanted = true;
        }
    }

    fn due_at(&mut self, at: Timestamp) {
        self.next_due = Some(self.next_due.map_or(at, |before| before.min(at)));
    }
}
