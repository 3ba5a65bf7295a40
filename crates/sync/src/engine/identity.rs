//! Who this register is: its claim, and whether its numbers are its own.
//!
//! A session claims the register's id before it uploads anything, and counts the sales above its
//! own highest number. Both tell a copied database; after a drain the drained numbers are counted.
//! A count that is refused holds up no sale: it is said, and owed until it is answered.

use counterfoil_domain::Timestamp;

use super::trouble::Cause;
use super::{Action, Doubt, Engine, Numbers, PauseReason, Problem, Session, Step};
use crate::classify::{Class, class};
use crate::remote::{Code, RegisterDocument, RemoteError};

/// How often a claim that somebody was quicker at is begun again at once.
const CLAIMS_AT_ONCE: u32 = 3;

impl Engine {
    /// Asks whose the register's id is. `again` while sales that were refused wait for the answer:
    /// are they bad, or may the session not write?
    pub(super) fn identify(&mut self, again: bool, out: &mut Vec<Action>) {
        if again {
            self.reclaim = Some(Step::Register);
        } else {
            self.session = Session::Asked(Step::Register);
        }
        out.push(Action::ReadRegister);
    }

    pub(super) fn register_read(
        &mut self,
        result: Result<Option<RegisterDocument>, RemoteError>,
        last_sequence: i64,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        if !self.awaits_step(Step::Register) {
            return;
        }
        match result {
            Ok(there) => match self.doubtful(there.as_ref(), last_sequence) {
                Some(doubt) => self.doubt(doubt, now, out),
                None => {
                    self.next_step(Step::Claim);
                    let revision = there.map(|there| there.revision);
                    out.push(Action::ClaimRegister { revision });
                }
            },
            Err(error) => self.claim_failed(error, now, randomness, out),
        }
    }

    pub(super) fn register_claimed(
        &mut self,
        result: Result<Timestamp, RemoteError>,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        if !self.awaits_step(Step::Claim) {
            return;
        }
        match result {
            // The session may write, so it may be the sales that were refused.
            Ok(_) if self.reclaim.take().is_some() => {
                self.claims = 0;
                self.doubt_held(now, randomness, out);
                self.look_soon(now);
            }
            Ok(_) => {
                self.claims = 0;
                self.next_step(Step::Numbers);
                out.push(Action::CountAbove);
            }
            // It changed since it was read: whose is it now?
            Err(error) if is_overtaken(error.code) && self.claims < CLAIMS_AT_ONCE => {
                self.claims += 1;
                self.next_step(Step::Register);
                out.push(Action::ReadRegister);
            }
            Err(error) => self.claim_failed(error, now, randomness, out),
        }
    }

    pub(super) fn counted_above(
        &mut self,
        result: Result<Numbers, RemoteError>,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        let again = std::mem::take(&mut self.counting_again);
        if !again && self.session != Session::Asked(Step::Numbers) {
            return;
        }
        match result {
            Ok(numbers) if numbers.there > numbers.ours => {
                let message = format!(
                    "The cloud has {} receipt(s) of this register from number {} on, which this database has not given out.",
                    numbers.there, numbers.from
                );
                self.doubt(reused(message), now, out);
            }
            Ok(_) => {
                self.uncounted = None;
                if !again {
                    self.begun(now);
                }
            }
            Err(error) if again => self.not_counted_again(error, now, randomness, out),
            // A missing index must not keep sales from going up: the claim has told nobody else's.
            Err(error) if class(error.code) == Class::Permanent => {
                self.unseen = Some((Problem::NumbersRefused(error.clone()), 0));
                self.uncounted = Some(error);
                self.begun(now);
            }
            Err(error) => self.session_failed(error, now, randomness, out),
        }
    }

    /// Looks around; first it counts above the highest number, where that was refused and is owed.
    pub(super) fn look(&mut self, out: &mut Vec<Action>) {
        if self.uncounted.is_some() {
            self.counting_again = true;
            out.push(Action::CountAbove);
        } else {
            self.look_on(out);
        }
    }

    fn look_on(&mut self, out: &mut Vec<Action>) {
        self.looking = true;
        out.push(Action::LookAround);
    }

    /// It stays owed. What is asked beside it may be answered all the same.
    fn not_counted_again(
        &mut self,
        error: RemoteError,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        if class(error.code) == Class::Transient {
            self.block(Cause::Offline, Problem::Remote(error), now, randomness, out);
            return;
        }
        self.uncounted = Some(error);
        if self.session == Session::Ready && !self.looking {
            self.look_on(out);
        }
    }

    /// The drained numbers: there may be no more of them than this database has given out.
    pub(super) fn numbers_counted(
        &mut self,
        numbers: Numbers,
        now: Timestamp,
        out: &mut Vec<Action>,
    ) {
        if numbers.there > numbers.ours {
            let message = format!(
                "The cloud has {} receipt(s) of this register from number {} on, this database knows of {}.",
                numbers.there, numbers.from, numbers.ours
            );
            self.doubt(reused(message), now, out);
        }
    }

    /// The session may upload.
    fn begun(&mut self, now: Timestamp) {
        self.session = Session::Ready;
        self.paused = None;
        self.wanted = true;
        if self.trouble.is_some() {
            self.reached(now);
        }
    }

    fn doubtful(&self, there: Option<&RegisterDocument>, last_sequence: i64) -> Option<Doubt> {
        let there = there?;
        let holder = there.installation_id.as_ref();
        if holder.is_some_and(|holder| *holder != self.expected.installation_id) {
            return Some(Doubt {
                reason: PauseReason::OtherInstallation,
                message: "Another installation is this register in the cloud.".to_owned(),
            });
        }
        let message = format!(
            "In the cloud this register has given out receipt number {}, in this database {last_sequence}.",
            there.last_sequence
        );
        (there.last_sequence > last_sequence).then(|| reused(message))
    }

    /// Nothing is uploaded any more. A claim can be released by a manager, so that doubt is asked
    /// about again; numbers that were used twice stay so.
    fn doubt(&mut self, doubt: Doubt, now: Timestamp, out: &mut Vec<Action>) {
        self.session = Session::Unknown;
        self.reclaim = None;
        self.set_back_unsent(now, out);
        if doubt.reason == PauseReason::NumberReused {
            self.expected.doubt = Some(doubt.clone());
        }
        out.push(Action::RememberDoubt(doubt.clone()));
        self.trouble = None;
        self.wanted = false;
        self.pause(doubt.reason, doubt.message, now);
    }

    fn claim_failed(
        &mut self,
        error: RemoteError,
        now: Timestamp,
        randomness: u64,
        out: &mut Vec<Action>,
    ) {
        self.claims = 0;
        if self.reclaim.take().is_none() {
            self.session_failed(error, now, randomness, out);
            return;
        }
        match class(error.code) {
            // Neither the sales nor the claim: it is the session.
            Class::Denied => self.not_allowed(now, randomness, out),
            Class::SignIn => {
                out.push(Action::Reconnect);
                self.block(Cause::SignIn, Problem::Remote(error), now, randomness, out);
            }
            Class::Transient | Class::Exists | Class::Permanent => {
                self.block(Cause::Offline, Problem::Remote(error), now, randomness, out);
            }
        }
    }

    fn awaits_step(&self, step: Step) -> bool {
        match self.reclaim {
            Some(reclaim) => reclaim == step,
            None => self.session == Session::Asked(step),
        }
    }

    fn next_step(&mut self, step: Step) {
        match &mut self.reclaim {
            Some(reclaim) => *reclaim = step,
            None => self.session = Session::Asked(step),
        }
    }
}

/// Codes of a guard that did not hold.
fn is_overtaken(code: Code) -> bool {
    matches!(
        code,
        Code::AlreadyExists | Code::FailedPrecondition | Code::Aborted | Code::NotFound
    )
}

fn reused(message: String) -> Doubt {
    Doubt {
        reason: PauseReason::NumberReused,
        message,
    }
}
