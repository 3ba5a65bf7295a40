//! One upload: commit, and what follows from its answer.

use counterfoil_domain::Timestamp;

use super::trouble::{Cause, draw};
use super::{Action, Decision, Engine, Problem};
use crate::backoff::delay_ms;
use crate::batch::{Batch, BatchId};
use crate::classify::{Class, class};
use crate::decide::{Verdict, verdict};
use crate::outbox::{FailureKind, Group, GroupKind, Landed, Outcome};
use crate::remote::{Code, Found, RemoteError};

/// Why a batch was not taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal<'a> {
    pub(super) of: BatchId,
    pub(super) error: &'a RemoteError,
}

/// A batch whose answer is awaited.
#[derive(Debug)]
pub(super) struct InFlight {
    batch: Batch,
    /// Why its names are being read; `None` while the commit itself is under way.
    refusal: Option<RemoteError>,
}

/// Whether one of `later` is a decision about what one of `earlier` carries: the rules look for who holds the item in the
/// version that lost, and for what a reversal cancels in the decision before.
fn rests_on<'a>(later: &Batch, earlier: impl Iterator<Item = &'a Group> + Clone) -> bool {
    let is_before = |group: &Group| earlier.clone().any(|before| is_needed(before, group));
    later.groups.iter().any(is_before)
}

fn is_needed(before: &Group, group: &Group) -> bool {
    group.kind == GroupKind::Resolution
        && before.kind != GroupKind::Sale
        && before.sale_id == group.sale_id
}

impl Engine {
    /// Which of the batches at hand goes out next: the first that rests on none that is under way or before it. The
    /// sales behind one that waits do not wait with it.
    pub(super) fn next_ready(&self) -> Option<usize> {
        let under_way = self.in_flight.values().map(|flight| &flight.batch);
        (0..self.ready.len()).find(|nth| {
            let before = under_way.clone().chain(self.ready.iter().take(*nth));
            let groups = before.flat_map(|batch| &batch.groups);
            !rests_on(&self.ready[*nth], groups)
        })
    }

    /// Holds decisions back with what they rest on, where that was denied and is not decided yet.
    pub(super) fn hold_back(&mut self) {
        let held = &mut self.doubts.held;
        for batch in &mut self.ready {
            let mut nth = 0;
            while let Some(group) = batch.groups.get(nth) {
                let why = held.iter().find(|(before, _)| is_needed(before, group));
                let why = why.map(|(_, why)| why.clone());
                match why {
                    Some(why) => held.push((batch.groups.remove(nth), why)),
                    None => nth += 1,
                }
            }
        }
        self.ready.retain(|batch| !batch.groups.is_empty());
    }

    pub(super) fn send(&mut self, batch: Batch, out: &mut Vec<Action>) {
        let id = BatchId(self.next_batch);
        self.next_batch += 1;
        self.sent.extend(batch.groups.iter().map(|group| group.id));
        out.push(Action::Commit {
            batch: id,
            creates: batch.creates(),
        });
        self.in_flight.insert(
            id,
            InFlight {
                batch,
                refusal: None,
            },
        );
    }

    pub(super) fn committed(
        &mut self,
        id: BatchId,
        sent_at: Timestamp,
        result: Result<Timestamp, RemoteError>,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        if self
            .in_flight
            .get(&id)
            .is_none_or(|flight| flight.refusal.is_some())
        {
            return;
        }
        match result {
            Ok(created_at) => {
                let Some(flight) = self.in_flight.remove(&id) else {
                    return;
                };
                self.measure(sent_at, created_at, now);
                self.grow(flight.batch.groups.len(), now.since_ms(sent_at));
                let landed = Landed::Accepted;
                let groups = &flight.batch.groups;
                let decisions: Vec<_> = groups
                    .iter()
                    .map(|group| {
                        decision(
                            group,
                            Outcome::Synced {
                                group: group.id,
                                landed,
                                created_at,
                            },
                        )
                    })
                    .collect();
                self.reached(now);
                self.send_ready(now, out);
                out.push(Action::Record(decisions));
                self.write_accepted(id, &flight.batch, now, out);
            }
            Err(refusal) => {
                self.batch_size = (self.batch_size / 2).max(1);
                if class(refusal.code) == Class::SignIn {
                    let Some(flight) = self.in_flight.remove(&id) else {
                        return;
                    };
                    self.sign_in(flight.batch, refusal, now, randomness, out);
                } else if let Some(flight) = self.in_flight.get_mut(&id) {
                    out.push(Action::Read {
                        batch: id,
                        names: flight.batch.names(),
                    });
                    flight.refusal = Some(refusal);
                }
            }
        }
    }

    pub(super) fn read(
        &mut self,
        id: BatchId,
        result: Result<Vec<Option<Found>>, RemoteError>,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        if self
            .in_flight
            .get(&id)
            .is_none_or(|flight| flight.refusal.is_none())
        {
            return;
        }
        let Some(InFlight {
            batch,
            refusal: Some(refusal),
        }) = self.in_flight.remove(&id)
        else {
            return;
        };
        let asked = batch
            .groups
            .iter()
            .map(|group| group.creates.len())
            .sum::<usize>();
        let result = match result {
            Ok(found) if found.len() != asked => Err(RemoteError {
                code: Code::Internal,
                message: format!("{asked} documents were asked for, {} answered", found.len()),
            }),
            other => other,
        };
        match result {
            Ok(found) => {
                let refusal = Refusal {
                    of: id,
                    error: &refusal,
                };
                self.decide(batch, refusal, &found, now, randomness, out);
            }
            Err(error) => match class(error.code) {
                Class::SignIn => self.sign_in(batch, error, now, randomness, out),
                // Neither writing nor reading is allowed: that is the session.
                Class::Denied => {
                    self.set_back(batch, Cause::NotAllowed, error, now, randomness, out)
                }
                _ => self.set_back(batch, Cause::Offline, error, now, randomness, out),
            },
        }
    }

    fn decide(
        &mut self,
        batch: Batch,
        refusal: Refusal<'_>,
        found: &[Option<Found>],
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        let mut decisions = Vec::new();
        let mut absent = Vec::new();
        let mut rest = found;
        let all = batch.groups.len();
        for group in batch.groups {
            let (own, others) = rest.split_at(group.creates.len());
            rest = others;
            match verdict(&group, own) {
                Verdict::Absent => absent.push(group),
                Verdict::Ours { created_at } => {
                    let landed = Landed::AnswerLost;
                    let outcome = Outcome::Synced {
                        group: group.id,
                        landed,
                        created_at,
                    };
                    decisions.push(decision(&group, outcome));
                    self.look_soon(now);
                }
                Verdict::Conflict {
                    kind,
                    message,
                    remote,
                } => {
                    let outcome = Outcome::Failed {
                        group: group.id,
                        kind,
                        message,
                        remote,
                    };
                    decisions.push(decision(&group, outcome));
                    // The losing version goes up next.
                    self.wanted = true;
                }
            }
        }
        let somebody_elses = absent.len() < all;
        let absent = Batch { groups: absent };
        if !decisions.is_empty() {
            out.push(Action::Record(decisions));
        }
        if absent.groups.is_empty() {
            self.reached(now);
            return;
        }
        match class(refusal.error.code) {
            Class::Transient | Class::SignIn => {
                self.set_back(
                    absent,
                    Cause::Offline,
                    refusal.error.clone(),
                    now,
                    randomness,
                    out,
                );
            }
            Class::Exists | Class::Denied | Class::Permanent if somebody_elses => {
                self.ready.push_front(absent);
            }
            // It was there and is gone again; odd, so not at once.
            Class::Exists => self.later(&absent, refusal.error, now, randomness, out),
            Class::Denied | Class::Permanent => self.isolate(absent, refusal, now, randomness, out),
        }
    }

    fn later(
        &mut self,
        batch: &Batch,
        refusal: &RemoteError,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        let mut decisions = Vec::new();
        for (group, nth) in batch.groups.iter().zip(2_u64..) {
            let not_before = now.plus_ms(delay_ms(group.attempts, draw(randomness, nth)));
            decisions.push(self.again(group, not_before, &refusal.message));
            self.contradicted.insert(group.id, refusal.clone());
            self.next_due = Some(self.next_due.map_or(not_before, |at| at.min(not_before)));
        }
        out.push(Action::Record(decisions));
    }

    /// One new try with new credentials, then the person is asked.
    fn sign_in(
        &mut self,
        batch: Batch,
        error: RemoteError,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        out.push(Action::Reconnect);
        if std::mem::replace(&mut self.sign_in_tried, true) {
            self.set_back(batch, Cause::SignIn, error, now, randomness, out);
        } else {
            self.ready.push_front(batch);
        }
    }

    fn set_back(
        &mut self,
        batch: Batch,
        cause: Cause,
        error: RemoteError,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        let reason = error.message.clone();
        let until = self.block(cause, Problem::Remote(error), now, randomness, out);
        let decisions = batch
            .groups
            .iter()
            .map(|group| self.again(group, until, &reason))
            .collect();
        out.push(Action::Record(decisions));
    }

    pub(super) fn again(&self, group: &Group, not_before: Timestamp, reason: &str) -> Decision {
        let reason = reason.to_owned();
        decision(
            group,
            Outcome::Retry {
                group: group.id,
                not_before,
                reason,
            },
        )
    }

    /// The same for a group that waits here. A part of a batch that was refused was sent, and taken apart.
    pub(super) fn given_back(&self, group: &Group, not_before: Timestamp) -> Decision {
        if self.sent.contains(&group.id) {
            return self.again(group, not_before, "not sent again yet");
        }
        let id = group.id;
        let outcome = Outcome::Unsent {
            group: id,
            not_before,
        };
        decision(group, outcome)
    }

    /// The cloud has answered: whatever was wrong with the way there is over.
    pub(super) fn reached(&mut self, now: Timestamp) {
        if self.trouble.take().is_some() {
            self.wanted = true;
        }
        self.sign_in_tried = false;
        self.look_soon(now);
    }

    fn measure(&mut self, sent_at: Timestamp, server: Timestamp, now: Timestamp) {
        let took = now.since_ms(sent_at);
        if (0..=2_000).contains(&took) {
            self.clock_offset_ms = Some(server.since_ms(sent_at.plus_ms(took / 2)));
        }
    }

    fn grow(&mut self, sent: usize, took_ms: i64) {
        if took_ms > self.limits.slow_answer_ms {
            self.batch_size = (self.batch_size / 2).max(1);
        } else if sent >= self.batch_size {
            self.batch_size = (self.batch_size * 2).min(self.limits.max_writes.max(1));
        }
    }
}

pub(super) fn decision(group: &Group, outcome: Outcome) -> Decision {
    Decision {
        sale_id: group.sale_id,
        kind: group.kind,
        outcome,
    }
}

pub(super) fn refused(group: &Group, refusal: &RemoteError) -> Decision {
    let message = format!(
        "The cloud refuses it ({:?}): {}",
        refusal.code, refusal.message
    );
    let kind = FailureKind::Refused;
    decision(
        group,
        Outcome::Failed {
            group: group.id,
            kind,
            message,
            remote: None,
        },
    )
}
