//! How fast a backlog goes up, and how long the rest takes.
//!
//! The rate is what landed within a window that moves along, so that one slow answer does not make it jump
//! and an hour ago does not count. It knows no clock: whoever observes says when. What is not known is not
//! guessed: before it has seen enough, while nothing lands, and while the cloud cannot be reached.

use std::collections::VecDeque;

use counterfoil_domain::Timestamp;

/// The rate is that of this last while.
const WINDOW_MS: i64 = 30_000;
/// It changes no more often than this: a figure that flickers cannot be read.
const STEP_MS: i64 = 1_000;
/// Less is too little to speak of a rate.
const LEAST_MS: i64 = 2_000;
/// So many are on their way at any busy till; more is a backlog.
const HANDFUL: u64 = 20;

/// How a backlog shrinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// What landed in ten seconds, on average; the last started one counts.
    pub in_ten_seconds: u64,
    /// How long the rest takes at that rate, in whole seconds; the last started one counts.
    pub seconds_left: u64,
}

/// What there is to say about a backlog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// What waits or is being sent.
    pub waiting: u64,
    /// What has landed since it became a backlog.
    pub landed: u64,
    /// How fast; none where that is not known.
    pub pace: Option<Pace>,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    at: Timestamp,
    landed: u64,
}

/// What has been seen of a backlog.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Oldest first; at most one a step within the window, and one before it.
    marks: VecDeque<Mark>,
    /// How much had landed when the backlog began; none where there is no backlog.
    began: Option<u64>,
}

impl Progress {
    /// Whether so many are worth a word.
    pub const fn is_backlog(waiting: u64) -> bool {
        waiting > HANDFUL
    }

    /// At `now`, `waiting` wait and `landed` have landed in all. `reachable` is whether the cloud can be
    /// reached. Answers what there is to say, if anything: a backlog is one until nothing of it is left.
    pub fn observe(
        &mut self,
        now: Timestamp,
        waiting: u64,
        landed: u64,
        reachable: bool,
    ) -> Option<Backlog> {
        if waiting == 0 || (self.began.is_none() && !Self::is_backlog(waiting)) {
            *self = Self::default();
            return None;
        }
        let began = *self.began.get_or_insert(landed);
        if reachable {
            self.mark(now, landed);
        } else {
            self.marks.clear();
        }
        Some(Backlog {
            waiting,
            landed: landed.saturating_sub(began),
            pace: self.pace(waiting),
        })
    }

    fn mark(&mut self, now: Timestamp, landed: u64) {
        let since = self.marks.back().map(|last| now.since_ms(last.at));
        match since {
            Some(0..STEP_MS) => return,
            // The clock was set, or the computer slept: what came before says nothing any more.
            Some(..0 | WINDOW_MS..) => self.marks.clear(),
            _ => {}
        }
        self.marks.push_back(Mark { at: now, landed });
        let edge = now.plus_ms(-WINDOW_MS);
        while self.marks.get(1).is_some_and(|second| second.at <= edge) {
            self.marks.pop_front();
        }
    }

    fn pace(&self, waiting: u64) -> Option<Pace> {
        let (first, last) = (self.marks.front()?, self.marks.back()?);
        let took_ms = last.at.since_ms(first.at);
        let landed = last.landed.saturating_sub(first.landed);
        if took_ms < LEAST_MS || landed == 0 {
            return None;
        }
        let took_ms = took_ms.unsigned_abs();
        let left_ms = waiting.saturating_mul(took_ms).div_ceil(landed);
        Some(Pace {
            in_ten_seconds: landed.saturating_mul(10_000).div_ceil(took_ms),
            seconds_left: left_ms.div_ceil(1_000),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_ms(1_795_356_000_000);

    fn after(ms: i64) -> Timestamp {
        NOON.plus_ms(ms)
    }

    /// A backlog of 10,000 from noon on, of which `each` land a second, seen four times a second.
    fn drained(seconds: i64, each: u64) -> (Progress, Option<Backlog>) {
        let mut progress = Progress::default();
        let mut said = None;
        for quarter in 0..=seconds * 4 {
            let landed = quarter.unsigned_abs() * each / 4;
            said = progress.observe(after(quarter * 250), 10_000 - landed, landed, true);
        }
        (progress, said)
    }

    #[test]
    fn a_steady_drain_has_its_rate_and_its_time() {
        let (_, said) = drained(10, 200);
        assert_eq!(
            said,
            Some(Backlog {
                waiting: 8_000,
                landed: 2_000,
                pace: Some(Pace {
                    in_ten_seconds: 2_000,
                    seconds_left: 40,
                }),
            })
        );
    }

    #[test]
    fn nothing_is_guessed_from_the_first_moment() {
        let (_, said) = drained(1, 200);
        assert_eq!(said.and_then(|said| said.pace), None);
        let (_, said) = drained(2, 200);
        assert!(said.is_some_and(|said| said.pace.is_some()));
    }

    #[test]
    fn a_few_are_not_worth_a_word_and_a_backlog_is_one_to_its_end() {
        let mut progress = Progress::default();
        assert_eq!(progress.observe(NOON, HANDFUL, 0, true), None);
        assert!(progress.observe(NOON, HANDFUL + 1, 0, true).is_some());
        let last = progress.observe(after(5_000), 1, HANDFUL, true);
        assert!(last.is_some_and(|said| said.landed == HANDFUL));
        assert_eq!(progress.observe(after(5_100), 0, HANDFUL + 1, true), None);
        assert_eq!(progress.observe(after(5_200), 5, HANDFUL + 1, true), None);
    }

    #[test]
    fn what_cannot_be_reached_has_no_rate_and_begins_anew_when_it_can() {
        let (mut progress, _) = drained(10, 200);
        let offline = progress.observe(after(11_000), 8_000, 2_000, false);
        assert_eq!(
            offline,
            Some(Backlog {
                waiting: 8_000,
                landed: 2_000,
                pace: None
            })
        );
        let back = progress.observe(after(71_000), 8_000, 2_000, true);
        assert_eq!(back.and_then(|said| said.pace), None);
        let going = progress.observe(after(73_000), 7_900, 2_100, true);
        let pace = going.and_then(|said| said.pace).expect("a rate");
        assert_eq!(
            pace.in_ten_seconds, 500,
            "the minute offline does not count"
        );
    }

    #[test]
    fn a_stall_lowers_the_rate_and_then_nobody_knows() {
        let (mut progress, _) = drained(10, 200);
        let mut rates = Vec::new();
        for second in 11..=60 {
            let said = progress.observe(after(second * 1_000), 8_000, 2_000, true);
            rates.push(
                said.and_then(|said| said.pace)
                    .map(|pace| pace.in_ten_seconds),
            );
        }
        assert!(rates.windows(2).all(|pair| pair[0] >= pair[1]), "{rates:?}");
        assert_eq!(rates.last(), Some(&None));
    }

    #[test]
    fn one_slow_answer_does_not_make_it_jump() {
        let (mut progress, before) = drained(30, 200);
        let before = before.and_then(|said| said.pace).expect("a rate");
        let after_it = progress.observe(after(33_000), 4_000, 6_000, true);
        let after_it = after_it.and_then(|said| said.pace).expect("a rate");
        assert_eq!(before.in_ten_seconds, 2_000);
        assert!((1_750..2_000).contains(&after_it.in_ten_seconds));
    }

    #[test]
    fn the_figure_stands_still_for_a_second() {
        let (mut progress, before) = drained(10, 200);
        let soon = progress.observe(after(10_900), 7_000, 3_000, true);
        let rate =
            |said: Option<Backlog>| said.and_then(|said| said.pace).map(|p| p.in_ten_seconds);
        assert_eq!(rate(soon), rate(before));
        let later = progress.observe(after(11_000), 7_000, 3_000, true);
        assert_ne!(rate(later), rate(before));
    }

    #[test]
    fn a_clock_that_is_set_begins_anew_and_memory_is_bounded() {
        let (mut progress, _) = drained(40, 200);
        assert!(progress.marks.len() <= 32, "{}", progress.marks.len());
        let back = progress.observe(after(-86_400_000), 2_000, 8_000, true);
        assert_eq!(back.and_then(|said| said.pace), None);
        let ahead = progress.observe(after(86_400_000), 2_000, 8_000, true);
        assert_eq!(ahead.and_then(|said| said.pace), None);
        assert_eq!(progress.marks.len(), 1);
    }

    #[test]
    fn sales_that_come_meanwhile_lengthen_the_rest() {
        let (mut progress, _) = drained(10, 200);
        let said = progress.observe(after(11_000), 9_000, 2_200, true);
        let pace = said.and_then(|said| said.pace).expect("a rate");
        assert_eq!(pace.seconds_left, 45);
    }
}
