//! What is drawn from a seed: who is killed, how often, and how long after it began to run.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use tokio::sync::watch;

/// A stream of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From `low` on, below `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    pub(crate) fn ms(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.between(low, high))
    }

    /// Another stream, which draws what it likes without moving this one.
    pub(crate) fn branch(&mut self) -> Self {
        Self(self.next())
    }
}

/// When a program is killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kill {
    /// How long it has run by then, at least.
    pub(crate) after: Duration,
    /// Where it is to be in the middle of its work: how long after it has begun with the next piece.
    pub(crate) within: Option<Duration>,
}

/// Its kills, one after the other.
pub(crate) type Kills = VecDeque<Kill>;

/// Who is killed when.
pub(crate) struct Plan {
    pub(crate) sellers: Vec<Kills>,
    pub(crate) watchers: Vec<Kills>,
    pub(crate) window: Kills,
}

impl Plan {
    /// Every fifth kill is the window's, which takes the longest to open again.
    pub(crate) fn draw(draw: &mut Draw, kills: usize, registers: usize) -> Self {
        let mut plan = Self {
            sellers: vec![Kills::new(); registers - 1],
            watchers: vec![Kills::new(); registers - 1],
            window: Kills::new(),
        };
        for n in 0..kills {
            let victim = draw.between(0, registers as u64 - 1);
            let victim = usize::try_from(victim).expect("a register");
            match n % 5 {
                0 => plan.window.push_back(Kill::draw(draw, 2_000, 300)),
                1 | 2 => plan.sellers[victim].push_back(Kill::draw(draw, 3_000, 60)),
                _ => plan.watchers[victim].push_back(Kill::draw(draw, 3_000, 100)),
            }
        }
        plan
    }
}

impl Kill {
    /// Three of four are aimed at the middle of something.
    fn draw(draw: &mut Draw, after: u64, within: u64) -> Self {
        Self {
            after: draw.ms(0, after),
            within: (draw.between(0, 4) > 0).then(|| draw.ms(0, within)),
        }
    }
}

/// How far a round has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Everybody sells, and is killed.
    Selling,
    /// Nobody is killed or sells any more; what uploads goes on by itself until nothing waits.
    Draining,
    Over,
}

/// Waits until the round has come so far.
pub(crate) async fn reached(phase: &mut watch::Receiver<Phase>, to: Phase) {
    // The sender lives as long as the round does.
    let _ = phase.wait_for(|now| *now >= to).await;
}

/// What a program was doing, as far as it had said, when it was killed. An upload begins with the session, and in the
/// window with the receipt: what was on the wire just then nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum During {
    Checkout,
    Upload,
    Idle,
}

/// A kill that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    pub(crate) program: &'static str,
    pub(crate) during: During,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let during = match self.during {
            During::Checkout => "during a checkout",
            During::Upload => "while a sale was to go up",
            During::Idle => "while it waited",
        };
        write!(f, "{} {during}", self.program)
    }
}
