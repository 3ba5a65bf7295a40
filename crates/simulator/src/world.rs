//! What all parts of a run share: virtual time, the log of what happened, the counts of faults.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use counterfoil_app::dto::{ChoiceKind, SyncPhase};
use counterfoil_domain::{Clock, Timestamp};
use counterfoil_sync::Code;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::faults::{Fault, FaultPlan};
use crate::random::lock;
use crate::reasons::Reasons;

/// When every run begins.
const BEGIN: Timestamp = Timestamp::from_ms(1_795_356_000_000);

/// What happened how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Faults that really occurred.
    pub faults: BTreeMap<Fault, u64>,
    /// Answers by code, as registers saw them.
    pub codes: BTreeMap<String, u64>,
    /// What registers' status lines came to say.
    pub states: BTreeMap<String, u64>,
    /// What was chosen about items that were decided elsewhere before: `KeepCloud after Dismiss`.
    pub met: BTreeMap<String, u64>,
    /// What the rules had something to say about: that they are not kept for want of anything to break them.
    pub found: BTreeMap<String, u64>,
}

impl Tally {
    /// Adds another run's.
    pub fn add(&mut self, other: &Self) {
        for (fault, n) in &other.faults {
            *self.faults.entry(*fault).or_default() += n;
        }
        for (code, n) in &other.codes {
            *self.codes.entry(code.clone()).or_default() += n;
        }
        for (state, n) in &other.states {
            *self.states.entry(state.clone()).or_default() += n;
        }
        for (met, n) in &other.met {
            *self.met.entry(met.clone()).or_default() += n;
        }
        for (why, n) in &other.found {
            *self.found.entry(why.clone()).or_default() += n;
        }
    }
}

/// The log of a run: a hash over every line, and the lines where they are wanted.
#[derive(Debug)]
struct Trace {
    hash: u64,
    lines: Option<Vec<String>>,
}

/// What all parts of a run share.
#[derive(Debug)]
pub(crate) struct World {
    begun: Instant,
    server_skew_ms: i64,
    pub(crate) plan: FaultPlan,
    /// Faults are over.
    calm: AtomicBool,
    trace: Mutex<Trace>,
    tally: Mutex<Tally>,
    broken: Mutex<Vec<(u8, String)>>,
    reasons: Mutex<Reasons>,
    /// Requests that are still on their way.
    pub(crate) on_the_way: AtomicUsize,
    /// A process has ended.
    pub(crate) died: Notify,
}

impl World {
    /// A world whose time begins now; in a runtime whose time is paused.
    pub(crate) fn new(plan: FaultPlan, server_skew_ms: i64, keep_lines: bool) -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            server_skew_ms,
            plan,
            calm: AtomicBool::new(false),
            trace: Mutex::new(Trace {
                hash: 0xcbf2_9ce4_8422_2325,
                lines: keep_lines.then(Vec::new),
            }),
            tally: Mutex::default(),
            broken: Mutex::default(),
            reasons: Mutex::default(),
            on_the_way: AtomicUsize::new(0),
            died: Notify::new(),
        })
    }

    /// Virtual milliseconds since the beginning.
    pub(crate) fn elapsed_ms(&self) -> i64 {
        i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// The moment `ms` after the beginning.
    pub(crate) fn moment(&self, ms: u64) -> Instant {
        self.begun + std::time::Duration::from_millis(ms)
    }

    /// The true time.
    pub(crate) fn now(&self) -> Timestamp {
        BEGIN.plus_ms(self.elapsed_ms())
    }

    /// The server's time.
    pub(crate) fn server_now(&self) -> Timestamp {
        self.now().plus_ms(self.server_skew_ms)
    }

    /// Whether the server's clock is wrong.
    pub(crate) fn is_server_off(&self) -> bool {
        self.server_skew_ms != 0
    }

    /// Ends all faults.
    pub(crate) fn calm_down(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    /// Whether faults are over.
    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// How often in a thousand a fault happens now.
    pub(crate) fn rate(&self, fault: Fault) -> u16 {
        if self.is_calm() {
            0
        } else {
            self.plan.rate(fault)
        }
    }

    /// Counts a fault that really occurred.
    pub(crate) fn occurred(&self, fault: Fault) {
        *lock(&self.tally).faults.entry(fault).or_default() += 1;
    }

    /// What was refused for a reason.
    pub(crate) fn reasons(&self) -> MutexGuard<'_, Reasons> {
        lock(&self.reasons)
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, code: Option<Code>) {
        let name = code.map_or_else(|| "Ok".to_owned(), |code| format!("{code:?}"));
        *lock(&self.tally).codes.entry(name).or_default() += 1;
    }

    /// Counts what a status line has come to say.
    pub(crate) fn says(&self, state: SyncPhase) {
        let name = format!("{state:?}");
        *lock(&self.tally).states.entry(name).or_default() += 1;
    }

    /// Something is decided about an item that was decided elsewhere before.
    pub(crate) fn met(&self, choice: ChoiceKind, before: ChoiceKind) {
        let both = format!("{choice:?} after {before:?}");
        *lock(&self.tally).met.entry(both).or_default() += 1;
    }

    /// A rule had something to say about, and was kept.
    pub(crate) fn found(&self, why: &str) {
        *lock(&self.tally).found.entry(why.to_owned()).or_default() += 1;
    }

    /// Logs what happened, with its virtual time.
    pub(crate) fn log(&self, what: impl FnOnce() -> String) {
        let line = format!("{:>9} {}", self.elapsed_ms(), what());
        let mut trace = lock(&self.trace);
        for byte in line.bytes() {
            trace.hash = (trace.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if let Some(lines) = &mut trace.lines {
            lines.push(line);
        }
    }

    /// A rule of `docs/SYNC.md`, by its number, does not hold.
    pub(crate) fn broken(&self, rule: u8, what: impl Into<String>) {
        let what = what.into();
        self.log(|| format!("BROKEN {rule}: {what}"));
        lock(&self.broken).push((rule, what));
    }

    /// What was broken so far.
    pub(crate) fn all_broken(&self) -> Vec<(u8, String)> {
        lock(&self.broken).clone()
    }

    /// The counts.
    pub(crate) fn tally(&self) -> Tally {
        lock(&self.tally).clone()
    }

    /// The hash over the log, and the log where it was kept.
    pub(crate) fn trace(&self) -> (u64, Vec<String>) {
        let trace = lock(&self.trace);
        (trace.hash, trace.lines.clone().unwrap_or_default())
    }
}

/// A register's clock: the true time, and how far it is off.
#[derive(Debug)]
pub(crate) struct SkewedClock {
    world: Arc<World>,
    skew_ms: AtomicI64,
    was_set: AtomicBool,
}

impl SkewedClock {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self {
            world,
            skew_ms: AtomicI64::new(0),
            was_set: AtomicBool::new(false),
        }
    }

    /// Sets it forward, or back.
    pub(crate) fn jump(&self, by_ms: i64) {
        self.skew_ms.fetch_add(by_ms, Ordering::Relaxed);
        self.was_set.store(true, Ordering::Relaxed);
    }

    /// Whether it was ever wrong.
    pub(crate) fn was_set(&self) -> bool {
        self.was_set.load(Ordering::Relaxed)
    }
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        self.world
            .now()
            .plus_ms(self.skew_ms.load(Ordering::Relaxed))
    }
}
