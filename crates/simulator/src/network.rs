//! The way to the model cloud, with all that can happen on it.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use counterfoil_app::sync::Connect;
use counterfoil_domain::RegisterId;
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::{Code, Create, Remote, RemoteError};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::checks::{Checks, Question};
use crate::cloud::{Account, Cloud, is_about_content, refused};
use crate::faults::Fault;
use crate::life::{Life, Point};
use crate::random::{Dice, lock};
use crate::world::{SkewedClock, World};

mod remote;

/// How long a call may take: the product's own deadline.
const DEADLINE: Duration = Duration::from_secs(10);

/// Every code, for answers that are made up.
const CODES: [Code; 16] = [
    Code::Cancelled,
    Code::Unknown,
    Code::InvalidArgument,
    Code::DeadlineExceeded,
    Code::NotFound,
    Code::AlreadyExists,
    Code::PermissionDenied,
    Code::ResourceExhausted,
    Code::FailedPrecondition,
    Code::Aborted,
    Code::OutOfRange,
    Code::Unimplemented,
    Code::Internal,
    Code::Unavailable,
    Code::DataLoss,
    Code::Unauthenticated,
];

/// Why an answer is given that nobody has a reason for.
const MADE_UP: &str = "made up";

/// What a connection that breaks is called.
const BROKEN: [Code; 4] = [
    Code::Unavailable,
    Code::Unknown,
    Code::Internal,
    Code::Cancelled,
];

/// A register's way to the cloud; it outlives the register's processes.
#[derive(Debug)]
pub(crate) struct Link {
    world: Arc<World>,
    cloud: Arc<Cloud>,
    account: Mutex<Arc<Account>>,
    dice: Mutex<Dice>,
    clock: Arc<SkewedClock>,
    checks: Mutex<Checks>,
    cut: AtomicBool,
    /// Tokens that were given out before this moment are not accepted.
    expired_before_ms: AtomicI64,
    /// Until this moment no fresh token is given out.
    no_token_until_ms: AtomicI64,
}

impl Link {
    pub(crate) fn new(
        world: Arc<World>,
        cloud: Arc<Cloud>,
        account: Account,
        (clock, dice): (Arc<SkewedClock>, Dice),
    ) -> Arc<Self> {
        Arc::new(Self {
            world,
            cloud,
            account: Mutex::new(Arc::new(account)),
            dice: Mutex::new(dice),
            clock,
            checks: Mutex::default(),
            cut: AtomicBool::new(false),
            expired_before_ms: AtomicI64::new(0),
            no_token_until_ms: AtomicI64::new(0),
        })
    }

    /// Lets the account write for another register too: a manager has added it to the membership.
    pub(crate) fn continues(&self, register: RegisterId) {
        let mut account = lock(&self.account);
        Arc::make_mut(&mut account).registers.insert(register);
    }

    /// Whether whoever speaks has an identity of its own.
    pub(crate) fn trust(&self, is_trusted: bool) {
        Arc::make_mut(&mut lock(&self.account)).is_trusted = is_trusted;
    }

    /// What was asked about duplicates.
    pub(crate) fn checks(&self) -> Checks {
        lock(&self.checks).clone()
    }

    /// A life begins that remembers this of the server's clock.
    pub(crate) fn begin(&self, remembered: Option<i64>) {
        let now = self.world.elapsed_ms();
        if !lock(&self.checks).begin(now, remembered) {
            let what = format!("{remembered:?} is remembered of the clock, and nobody measured it");
            self.world.broken(0, what);
        }
    }

    /// What was asked over this way was asked for a register's copy, too, and what it may write its copy may.
    pub(crate) fn inherit(&self, original: &Self) {
        *lock(&self.checks) = original.checks();
        // Its manager enrols it with every register that its database has been, as sign_in.rs does.
        let registers = original.account().registers.clone();
        let mut account = lock(&self.account);
        Arc::make_mut(&mut account).registers.extend(registers);
    }

    fn account(&self) -> Arc<Account> {
        Arc::clone(&lock(&self.account))
    }

    /// Cuts the way, or mends it.
    pub(crate) fn cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::Relaxed);
    }

    /// Lets every token expire that was given out; fresh ones are refused for `ms`.
    pub(crate) fn expire(&self, ms: i64) {
        let now = self.world.elapsed_ms();
        self.expired_before_ms.store(now, Ordering::Relaxed);
        self.no_token_until_ms.store(now + ms, Ordering::Relaxed);
    }

    /// Chance for whatever else is done over this link.
    pub(crate) fn draw(&self) -> u64 {
        lock(&self.dice).draw()
    }

    fn accepts(&self, token_from_ms: i64) -> bool {
        let not_expired = token_from_ms >= self.expired_before_ms.load(Ordering::Relaxed);
        let signed_in = self.world.elapsed_ms() >= self.no_token_until_ms.load(Ordering::Relaxed);
        not_expired && (signed_in || self.world.is_calm())
    }

    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed) && !self.world.is_calm()
    }

    fn trip(&self, write: bool) -> Trip {
        let mut dice = lock(&self.dice);
        let mut trip = Trip {
            there_ms: dice.between(1, 60),
            back_ms: dice.between(1, 60),
            ..Trip::default()
        };
        // Always the same number of draws, whatever is on.
        let mut happens = |fault| {
            let (happens, drawn) = (dice.happens(self.world.rate(fault)), dice.draw());
            happens.then(|| Dice::of(drawn, fault.name(), 0))
        };
        if let Some(mut how) = happens(Fault::Reordered) {
            trip.there_ms += how.between(100, 8_000);
            trip.overtaken = true;
        }
        if let Some(mut how) = happens(Fault::Late) {
            trip.there_ms += how.between(10_000, 40_000);
        }
        trip.again_ms = happens(Fault::Repeated).map(|mut how| how.between(0, 15_000));
        if let Some(mut how) = happens(Fault::Code) {
            trip.code = how.pick(&CODES).map(|code| (*code, how.happens(500)));
        }
        let after = happens(Fault::LostAfter);
        let before = happens(Fault::LostBefore);
        trip.lost = before
            .map(|how| (Fault::LostBefore, how))
            .or(after.map(|how| (Fault::LostAfter, how)))
            .map(|(fault, mut how)| {
                (
                    fault,
                    how.happens(500)
                        .then(|| how.pick(&BROKEN).copied())
                        .flatten(),
                )
            });
        if !write && trip.again_ms.take().is_some() {
            // A read that is made twice is one that nobody notices.
            trip.overtaken = false;
        }
        trip
    }
}

/// What will happen to one call.
#[derive(Debug, Default)]
struct Trip {
    there_ms: u64,
    back_ms: u64,
    overtaken: bool,
    /// It arrives once more after so long.
    again_ms: Option<u64>,
    /// What is lost, and what the caller sees: a code, or nothing until its deadline.
    lost: Option<(Fault, Option<Code>)>,
    /// The answer's code, and whether the request was carried out all the same.
    code: Option<(Code, bool)>,
}

/// One connection of one life of a register.
pub(crate) struct Line {
    link: Arc<Link>,
    life: Arc<Life>,
    token_from_ms: i64,
}

impl Line {
    /// Makes one call: `carry_out` is done when and if it arrives, once or twice.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        write: bool,
        carry_out: impl Fn(&Cloud, &Arc<Account>) -> Result<T, RemoteError> + Send + Sync + 'static,
    ) -> Result<T, RemoteError> {
        self.alive().await;
        self.go(write, carry_out).await
    }

    /// The same of a process that lives.
    async fn go<T: Send + 'static>(
        &self,
        write: bool,
        carry_out: impl Fn(&Cloud, &Arc<Account>) -> Result<T, RemoteError> + Send + Sync + 'static,
    ) -> Result<T, RemoteError> {
        let world = &self.link.world;
        if !write {
            lock(&self.link.checks).ask(world.elapsed_ms());
        }
        let trip = self.link.trip(write);
        let answered = if self.link.is_cut() {
            Err(self.without_network(&trip).await)
        } else {
            match timeout(DEADLINE, self.travel(trip, carry_out)).await {
                Ok(answer) => answer,
                Err(_) => refused(Code::DeadlineExceeded, "no answer in time"),
            }
        };
        self.alive().await;
        if !write {
            lock(&self.link.checks).end(world.elapsed_ms());
        }
        world.answered(answered.as_ref().err().map(|error| error.code));
        answered
    }

    /// Asks about duplicates.
    async fn look<T: Send + 'static>(
        &self,
        question: Question,
        ask: impl Fn(&Cloud) -> T + Send + Sync + 'static,
    ) -> Result<T, RemoteError> {
        let answer = self
            .call(false, move |cloud, _| Ok((cloud.len(), ask(cloud))))
            .await;
        let mut checks = lock(&self.link.checks);
        match answer {
            Ok((there, answer)) => {
                let is_forgetful = self.link.world.plan.rate(Fault::DiskFull) > 0;
                checks.answered(question, there, is_forgetful);
                Ok(answer)
            }
            Err(error) => {
                checks.refused(error.code);
                Err(error)
            }
        }
    }

    /// A dead process asks nothing and hears nothing.
    async fn alive(&self) {
        if !self.life.passes(Point::Await) {
            std::future::pending().await
        }
    }

    /// Remembers what a register was told, and whether there is a reason for it.
    fn heard<T>(&self, sent: &[Create], sent_ms: i64, answer: &Result<T, RemoteError>) {
        let world = &self.link.world;
        match answer {
            Ok(_) => self.life.heard().accepted(sent, sent_ms),
            Err(error) => {
                if error.code == Code::PermissionDenied {
                    self.life.heard().denied(sent, world.elapsed_ms());
                }
                if error.message.ends_with(MADE_UP) || is_about_content(error) {
                    world.reasons().note(sent, error.code);
                }
            }
        }
    }

    async fn without_network(&self, trip: &Trip) -> RemoteError {
        if trip.there_ms.is_multiple_of(2) {
            sleep(Duration::from_millis(trip.there_ms)).await;
            error(Code::Unavailable, "no network")
        } else {
            sleep(DEADLINE).await;
            error(Code::DeadlineExceeded, "a black hole")
        }
    }

    async fn travel<T: Send + 'static>(
        &self,
        trip: Trip,
        carry_out: impl Fn(&Cloud, &Arc<Account>) -> Result<T, RemoteError> + Send + Sync + 'static,
    ) -> Result<T, RemoteError> {
        let world = &self.link.world;
        let lost = trip.lost;
        if let Some((fault, _)) = lost {
            world.occurred(fault);
        }
        let not_carried_out = matches!(trip.code, Some((_, false)));
        let (answer, answered) = oneshot::channel();
        if !matches!(lost, Some((Fault::LostBefore, _))) && !not_carried_out {
            self.deliver(&trip, carry_out, answer);
        }
        if let Some((_, seen)) = lost {
            let Some(code) = seen else {
                return std::future::pending().await;
            };
            sleep(Duration::from_millis(trip.there_ms + trip.back_ms)).await;
            return refused(code, "the connection broke");
        }
        let answer = if not_carried_out {
            sleep(Duration::from_millis(trip.there_ms)).await;
            None
        } else {
            Some(answered.await)
        };
        sleep(Duration::from_millis(trip.back_ms)).await;
        if let Some((code, _)) = trip.code {
            world.occurred(Fault::Code);
            return refused(code, MADE_UP);
        }
        match answer {
            Some(Ok(answer)) => answer,
            _ => refused(Code::Internal, "the server went away"),
        }
    }

    /// Sends the request off: it arrives, whatever becomes of its sender.
    fn deliver<T: Send + 'static>(
        &self,
        trip: &Trip,
        carry_out: impl Fn(&Cloud, &Arc<Account>) -> Result<T, RemoteError> + Send + Sync + 'static,
        answer: oneshot::Sender<Result<T, RemoteError>>,
    ) {
        let (link, token_from_ms) = (Arc::clone(&self.link), self.token_from_ms);
        let (there_ms, again_ms, overtaken) = (trip.there_ms, trip.again_ms, trip.overtaken);
        link.world.on_the_way.fetch_add(1, Ordering::Relaxed);
        let life = Arc::clone(&self.life);
        tokio::spawn(async move {
            let world = &link.world;
            sleep(Duration::from_millis(there_ms)).await;
            let carried_out = if link.accepts(token_from_ms) {
                carry_out(&link.cloud, &link.account())
            } else {
                world.occurred(Fault::Token);
                refused(Code::Unauthenticated, "the token is not accepted")
            };
            if there_ms >= 10_000 {
                world.occurred(Fault::Late);
            } else if overtaken {
                world.occurred(Fault::Reordered);
            }
            // Nobody hears it where its sender has given up or is gone.
            let _ = answer.send(carried_out);
            if let Some(again_ms) = again_ms {
                sleep(Duration::from_millis(again_ms)).await;
                let _ = carry_out(&link.cloud, &link.account());
                world.occurred(Fault::Repeated);
            }
            world.on_the_way.fetch_sub(1, Ordering::Relaxed);
            drop(life);
        });
    }
}

fn error(code: Code, why: &str) -> RemoteError {
    RemoteError {
        code,
        message: format!("the model says {code:?}: {why}"),
    }
}

/// Connects one life of a register.
pub(crate) struct Plug {
    pub(crate) link: Arc<Link>,
    pub(crate) life: Arc<Life>,
}

impl Plug {
    /// A connection with a fresh token.
    pub(crate) fn line(&self) -> Line {
        Line {
            token_from_ms: self.link.world.elapsed_ms(),
            link: Arc::clone(&self.link),
            life: Arc::clone(&self.life),
        }
    }
}

impl Connect for Plug {
    fn remote(&self, _: &Connected) -> Arc<dyn Remote> {
        Arc::new(self.line())
    }
}
