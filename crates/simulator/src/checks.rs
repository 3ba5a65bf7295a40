//! What a register knew of the server's clock, and what it asked about possible duplicates: watched on the way to the
//! model, whatever the register itself makes of it.

use counterfoil_sync::classify::{Class, class};
use counterfoil_sync::{AnyOf, Code, DuplicateQuery};

/// An answer that took longer says nothing of the clock, as the product has it.
const TELLS_THE_TIME_MS: i64 = 2_000;
/// What is known of the clock may be off by less than this; a smaller change is not written down.
const NEAR_MS: i64 = 500;

/// So long before a question that it follows from, somebody may have begun to look around.
const LOOKS_MS: i64 = 60_000;

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// How many are there of any of these?
    Any(AnyOf),
    /// How many are there of each?
    Count(Vec<DuplicateQuery>),
    /// Which are they?
    Read(DuplicateQuery),
}

/// A question that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) question: Question,
    /// How many documents were there when it arrived.
    pub(crate) there: usize,
    /// The server's clock minus the register's, as it may have been corrected by: from one to the other.
    pub(crate) offsets: Vec<(i64, i64)>,
}

/// What is known of one register.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checks {
    asked: Vec<Asked>,
    /// What it came to know of the clock in this life, and when.
    known: Vec<(i64, (i64, i64))>,
    /// All that it ever measured.
    ever: Vec<(i64, i64)>,
    /// When those questions began that were asked one after the other, and when the last of them was answered.
    begun_ms: i64,
    ended_ms: i64,
    /// A question was refused for itself.
    pub(crate) was_refused: bool,
}

impl Checks {
    pub(crate) fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// A life begins, with what the database remembers. Answers whether that was ever measured.
    pub(crate) fn begin(&mut self, now_ms: i64, remembered: Option<i64>) -> bool {
        let offset = remembered.unwrap_or(0);
        self.known = vec![(now_ms - 1, (offset, offset))];
        (self.begun_ms, self.ended_ms) = (now_ms, now_ms - 1);
        remembered.is_none_or(|at| {
            self.ever
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&at))
        })
    }

    /// A commit was accepted at `server`; sent and answered by the register's own clock.
    pub(crate) fn measure(&mut self, now_ms: i64, server: i64, (sent, answered): (i64, i64)) {
        if (0..=TELLS_THE_TIME_MS).contains(&(answered - sent)) {
            let offset = (server - answered, server - sent);
            self.ever.push(offset);
            self.known.push((now_ms, offset));
        }
    }

    /// A question is asked. One that follows from an answer is asked at the moment of that answer.
    pub(crate) fn ask(&mut self, now_ms: i64) {
        if self.ended_ms != now_ms {
            self.begun_ms = now_ms;
        }
    }

    /// It was answered, or not.
    pub(crate) fn end(&mut self, now_ms: i64) {
        self.ended_ms = now_ms;
    }

    /// A question about duplicates was answered. `is_forgetful` where a full disk may keep it from remembering.
    pub(crate) fn answered(&mut self, question: Question, there: usize, is_forgetful: bool) {
        let before = |(at, _): &&(i64, _)| *at < self.begun_ms - LOOKS_MS;
        let last_before = self.known.iter().rposition(|one| before(&one)).unwrap_or(0);
        let from = if is_forgetful { 0 } else { last_before };
        let near = |(_, (from, to)): &(i64, (i64, i64))| (from - NEAR_MS, to + NEAR_MS);
        let offsets = self.known[from..].iter().map(near).collect();
        self.asked.push(Asked {
            question,
            there,
            offsets,
        });
    }

    /// It was refused.
    pub(crate) fn refused(&mut self, code: Code) {
        let of_itself = [Class::Exists, Class::Denied, Class::Permanent];
        self.was_refused |= of_itself.contains(&class(code));
    }
}
