//! One run: the day, the rest after it, the rules.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use counterfoil_app::{AppError, ErrorCode};
use counterfoil_store::numbers;
use tokio::runtime::Builder;
use tokio::time::{sleep, sleep_until};
use uuid::Uuid;

use crate::case::{Case, MAX_REGISTERS};
use crate::cloud::Cloud;
use crate::controls::Control;
use crate::desk::{Desk, Waiting};
use crate::faults::{Fault, FaultPlan};
use crate::folder::Folder;
use crate::identities::Standing;
use crate::plan::{self, Step, What};
use crate::random::Dice;
use crate::template::register_id;
use crate::world::{Tally, World};
use crate::{logs, rules};

/// How long, in virtual time, everything may take to come to rest once nothing is wrong any more.
const PATIENCE_MS: i64 = 20 * 60_000;
/// How long it is waited for checks that a refusal has set aside. A register looks around every five minutes.
const OWED_MS: i64 = 6 * 60_000;
/// No day is longer: who waits longer waits for ever.
const DAY_AT_MOST_MS: i64 = 10 * 60_000;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The rules that did not hold, by their number in `docs/SYNC.md`; 0 is the simulator's own trouble
    /// or an error in the log that no fault explains.
    pub broken: Vec<(u8, String)>,
    /// What happened how often.
    pub tally: Tally,
    /// A hash over everything that happened, in order.
    pub trace_hash: u64,
    /// What happened, where it was to be kept.
    pub trace: Vec<String>,
    /// Sales and reversals that were returned.
    pub sales: u64,
    /// Documents in the cloud at the end.
    pub documents: u64,
    /// How long it took in virtual time.
    pub virtual_ms: i64,
}

/// Runs a case. The same case gives the same outcome, on every machine.
pub fn run(case: &Case, keep_trace: bool) -> Outcome {
    let run = || tracing::subscriber::with_default(logs::Errors, || in_time(case, keep_trace));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or(panic.downcast_ref::<&str>().copied());
        Outcome {
            broken: vec![(0, format!("a panic: {}", said.unwrap_or("without words")))],
            ..Outcome::default()
        }
    })
}

fn in_time(case: &Case, keep_trace: bool) -> Outcome {
    let trouble = |what: String| Outcome {
        broken: vec![(0, what)],
        ..Outcome::default()
    };
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let dir = Folder::new();
    match (runtime, dir) {
        (Ok(runtime), Ok(dir)) => {
            let root = dir.path().to_owned();
            runtime.block_on(async { Run::new(case, keep_trace, root).all().await })
        }
        (Err(error), _) => trouble(format!("no runtime: {error}")),
        (_, Err(error)) => trouble(format!("no folder: {error}")),
    }
}

/// The simulator's own trouble.
pub(crate) fn trouble(what: &str, error: &dyn std::fmt::Display) -> AppError {
    let message = format!("the simulator cannot {what}: {error}");
    AppError::new(ErrorCode::FileUnreadable, message)
}

struct Run<'a> {
    case: &'a Case,
    world: Arc<World>,
    cloud: Arc<Cloud>,
    desks: Vec<Desk>,
    steps: VecDeque<Step>,
    root: PathBuf,
}

impl<'a> Run<'a> {
    fn new(case: &'a Case, keep_trace: bool, root: PathBuf) -> Self {
        let plan = FaultPlan::draw(case.seed, &case.faults);
        let mut dice = Dice::of(case.seed, "server's clock", 0);
        let off = i64::try_from(dice.below(2 * 86_400_000)).unwrap_or(0) - 86_400_000;
        let skewed = dice.happens(plan.rate(Fault::ServerClock));
        let steps = plan::day(case, &plan).into();
        let world = World::new(plan, if skewed { off } else { 0 }, keep_trace);
        if skewed {
            world.occurred(Fault::ServerClock);
        }
        let cloud = Cloud::new(Arc::clone(&world));
        let registers = case.registers.clamp(1, MAX_REGISTERS);
        let desk = |number| {
            let (seed, root) = ((case.seed, case.control), root.clone());
            Desk::new(number, register_id(number), &world, &cloud, seed, root)
        };
        Self {
            desks: (0..registers).map(desk).collect(),
            case,
            world: Arc::clone(&world),
            cloud: Arc::clone(&cloud),
            steps,
            root,
        }
    }

    async fn all(mut self) -> Outcome {
        logs::mute(false);
        drop(logs::take());
        for number in 0..self.desks.len() {
            if let Err(error) = self.desks[number].lay_out() {
                self.world.broken(0, error.message);
            }
        }
        self.day().await;
        self.rest().await;
        let mut last = Dice::of(self.case.seed, "closing", 0);
        if last.happens(700) {
            for desk in &mut self.desks {
                for _ in 0..last.below(4) {
                    desk.decide();
                }
            }
            self.rest().await;
        }
        self.close_what_was_decided().await;
        rules::check(&self.world, &self.desks);
        rules::check_warnings(&self.world, &self.desks);
        let mut faults_of_the_day = None;
        if self.case.control != Some(Control::Founding) {
            let every_document = last.happens(500);
            self.prove(every_document).await;
            // What is refused from here on is no fault of the day.
            let faults = self.world.tally().faults;
            if rules::check_late(&self.world, &self.desks) {
                self.prove(every_document).await;
            }
            faults_of_the_day = Some(faults);
        }
        self.check_log();
        let (trace_hash, trace) = self.world.trace();
        let receipts = self.desks.iter().map(|desk| desk.receipts.len());
        let mut tally = self.world.tally();
        tally.faults = faults_of_the_day.unwrap_or(tally.faults);
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Outcome {
            broken: self.world.all_broken(),
            tally,
            trace_hash,
            trace,
            sales: receipts.map(count).sum(),
            documents: count(self.cloud.documents().len()),
            virtual_ms: self.world.elapsed_ms(),
        }
    }

    /// The proof of the books at every register.
    async fn prove(&self, every_document: bool) {
        for desk in &self.desks {
            desk.prove(every_document).await;
        }
    }

    /// Items that were decided elsewhere are decided once more, until none is open. Of those who do it at once one is
    /// first, so that it takes as many rounds as there are holders.
    async fn close_what_was_decided(&mut self) {
        for _ in 0..=self.desks.len() {
            let decided: usize = self.desks.iter_mut().map(Desk::decide_again).sum();
            if decided == 0 {
                break;
            }
            self.rest().await;
        }
        for desk in &self.desks {
            desk.check_decided();
        }
    }

    /// Everything of the plan, in virtual time.
    async fn day(&mut self) {
        loop {
            self.tend();
            let Some(wake_ms) = self.wakes_at() else {
                return;
            };
            if self.world.elapsed_ms() > DAY_AT_MOST_MS {
                self.world.broken(0, "the day does not end");
                return;
            }
            tokio::select! {
                biased;
                () = self.world.died.notified() => {}
                () = sleep_until(self.world.moment(wake_ms)) => {}
            }
            let now = self.now();
            while self.steps.front().is_some_and(|step| step.at_ms <= now) {
                if let Some(step) = self.steps.pop_front() {
                    self.take(step);
                }
            }
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.world.elapsed_ms()).unwrap_or(0)
    }

    fn wakes_at(&self) -> Option<u64> {
        let next = self.steps.front().map(|step| step.at_ms);
        let back = self.desks.iter().filter_map(|desk| match desk.open {
            // Nobody confirms anything while the process is not there.
            Some(_) => desk.confirm_at_ms,
            None => desk.back_at_ms,
        });
        // Who waits because of a full disk tries again.
        let impatient = self
            .desks
            .iter()
            .any(|desk| desk.open.is_some() && !desk.waiting.is_empty());
        let again = impatient.then(|| self.now() + 700);
        next.into_iter().chain(back).chain(again).min()
    }

    /// Buries who has ended, starts who is due, serves who waits.
    fn tend(&mut self) {
        logs::mute(false);
        let now = self.now();
        for number in 0..self.desks.len() {
            let desk = &mut self.desks[number];
            desk.bury();
            if desk.back_at_ms.is_some_and(|at| at <= now) {
                if let Err(error) = desk.start() {
                    desk.back_at_ms = Some(now + 1_000);
                    self.cannot_start(number, &error);
                }
                self.check_log();
            }
            self.desks[number].look();
            self.desks[number].ask_for_identity();
            self.desks[number].confirm_identity();
            self.serve(number);
        }
    }

    fn cannot_start(&self, number: usize, error: &AppError) {
        if error.code != ErrorCode::DiskFull {
            self.world
                .broken(1, format!("desk {number} cannot start: {error}"));
        }
    }

    fn serve(&mut self, number: usize) {
        if self.desks[number].waiting.is_empty() {
            return;
        }
        let others = self.desks.iter().filter(|desk| desk.number != number);
        let taken: Vec<Uuid> = others
            .flat_map(|desk| &desk.receipts)
            // The id of a reversal follows from its copy's; nobody draws it.
            .filter(|receipt| !receipt.fields.contains_key("cancels"))
            .filter_map(|receipt| receipt.id.parse().ok())
            .collect();
        self.desks[number].serve(&taken);
        let desk = &mut self.desks[number];
        desk.bury();
    }

    fn take(&mut self, step: Step) {
        let number = step.register.min(self.desks.len() - 1);
        let desk = &mut self.desks[number];
        match step.what {
            What::Sell(cart) => {
                desk.waiting.push_back(Waiting {
                    cart: *cart,
                    paying: None,
                    unseen: None,
                });
            }
            What::Decide => {
                desk.decide();
            }
            What::Jump { by_ms } => {
                self.world.occurred(Fault::Clock);
                desk.clock.jump(by_ms);
            }
            What::Cut(cut) => {
                if cut {
                    self.world.occurred(Fault::Partition);
                }
                desk.link.cut(cut);
            }
            What::CutAll(cut) => {
                self.world.occurred(Fault::Partition);
                self.desks.iter().for_each(|desk| desk.link.cut(cut));
            }
            What::Full(full) => desk.set_full(full),
            What::Deny(denial) => self.cloud.deny(denial),
            What::End => {
                if let Some(open) = &desk.open {
                    open.life.end(Fault::CrashMoment);
                }
            }
            What::Expire { ms } => desk.link.expire(ms),
            What::Copy { whole } => self.copy(number, whole),
            What::BackUp => desk.back_up(),
            What::Restore => desk.begin_restore(),
        }
    }

    /// A copy of a register's files becomes another desk, with the same identity.
    fn copy(&mut self, number: usize, whole: bool) {
        if self.desks[number].open.is_none() {
            return;
        }
        let (next, register) = (self.desks.len(), self.desks[number].register);
        let seed = (self.case.seed, self.case.control);
        let root = self.root.clone();
        let mut copy = Desk::new(next, register, &self.world, &self.cloud, seed, root);
        if let Err(error) = copy.become_copy(&self.desks[number], whole) {
            self.world.broken(0, error.message);
            return;
        }
        if whole {
            self.desks[number].standing = Standing::Twin;
        }
        self.desks.push(copy);
        // Half of what the one would have sold, the other sells.
        let mut dice = Dice::of(self.case.seed, "copy", u64::from(whole));
        for step in self.steps.iter_mut().filter(|step| step.register == number) {
            if matches!(step.what, What::Sell(_)) && dice.happens(500) {
                step.register = next;
            }
        }
    }

    /// Nothing goes wrong any more; everything comes to rest by itself.
    async fn rest(&mut self) {
        self.world.calm_down();
        let wake = Dice::of(self.case.seed, "network's return", 0).happens(500);
        self.desks.iter_mut().for_each(|desk| desk.heal(wake));
        let begun = self.world.elapsed_ms();
        loop {
            self.tend();
            for desk in &mut self.desks {
                if desk.back_at_ms.is_none() && desk.is_full {
                    desk.set_full(false);
                }
            }
            let waited = self.world.elapsed_ms() - begun;
            let on_the_way = self.world.on_the_way.load(Ordering::Relaxed);
            let (waiting, owed) = self.waiting();
            let at_rest = on_the_way == 0 && waiting == 0;
            if at_rest && (owed == 0 || waited > OWED_MS) {
                return;
            }
            if waited > PATIENCE_MS {
                self.world.broken(
                    4,
                    format!("{waiting} wait for 20 minutes although nothing is wrong"),
                );
                return;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Groups that wait at all registers, and checks that are owed.
    fn waiting(&self) -> (i64, i64) {
        let mut all = (0, 0);
        for desk in &self.desks {
            let (waiting, owed) = desk.waiting().unwrap_or((1, 0));
            // Whether a twin's numbers were used twice is found by counting them.
            let uncounted = desk.standing == Standing::Twin
                && desk.books(numbers::to_count).is_some_and(|to| to.is_some());
            all = (all.0 + waiting, all.1 + owed + i64::from(uncounted));
        }
        all
    }

    /// An error in the log that no fault explains.
    fn check_log(&self) {
        for error in logs::take() {
            let full = error.contains("DiskFull") || error.contains("disk is full");
            if !(full && self.world.plan.rate(Fault::DiskFull) > 0) {
                self.world.broken(0, format!("logged as an error: {error}"));
            }
        }
    }
}
