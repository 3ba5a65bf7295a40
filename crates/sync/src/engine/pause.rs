//! What only a person can mend, elsewhere than here: the store's document, or another installation's claim.
//!
//! Nobody tells the register when that has been done, so it asks now and then. What it says stays the same until the
//! answer is another one.

use counterfoil_domain::Timestamp;

use super::{Engine, PauseReason, Session};

/// Nothing is sent.
#[derive(Clone, Debug)]
pub(super) struct Pause {
    pub(super) reason: PauseReason,
    pub(super) message: String,
    /// When the cloud is asked again; never where its answer could not change anything.
    pub(super) ask_at: Option<Timestamp>,
    /// It is being asked.
    pub(super) asking: bool,
}

impl Pause {
    pub(super) fn of(reason: PauseReason, message: String, ask_at: Option<Timestamp>) -> Self {
        Self {
            reason,
            message,
            ask_at,
            asking: false,
        }
    }
}

impl Engine {
    /// Sends nothing until a person has done something. Numbers that were used twice stay so: only a new identity
    /// helps.
    pub(super) fn pause(&mut self, reason: PauseReason, message: String, now: Timestamp) {
        let ask_at = self.next_question(now);
        self.paused = Some(Pause::of(reason, message, ask_at));
    }

    /// Whether nothing may be begun, not even asking whether it still must be so.
    pub(super) fn stopped(&self) -> bool {
        self.paused.as_ref().is_some_and(|pause| !pause.asking)
    }

    /// Asks the cloud anew whose the store and the register are, if it is time.
    pub(super) fn ask_again(&mut self, now: Timestamp) {
        let longest = self.limits.look_around_ms;
        let Some(pause) = &mut self.paused else {
            return;
        };
        // A wait longer than any of ours means that the register's clock was set back.
        let waits = |at: Timestamp| (1..=longest).contains(&at.since_ms(now));
        if pause.ask_at.is_some_and(|at| !waits(at)) {
            pause.ask_at = None;
            pause.asking = true;
            self.session = Session::Unknown;
        }
    }

    /// There was no answer to that; the next time, then. Answers whether it was asked for at all.
    pub(super) fn not_answered(&mut self, now: Timestamp) -> bool {
        let ask_at = self.next_question(now);
        let Some(pause) = self.paused.as_mut().filter(|pause| pause.asking) else {
            return false;
        };
        pause.asking = false;
        pause.ask_at = ask_at;
        true
    }

    fn next_question(&self, now: Timestamp) -> Option<Timestamp> {
        let stays = self.expected.doubt.is_some();
        (!stays).then(|| now.plus_ms(self.limits.look_around_ms))
    }
}
