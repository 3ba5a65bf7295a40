//! The loss detector: receipt series, journal and cloud compared, register by register and day by day.
//!
//! The cloud is asked for counts and sums first; documents are read only of days whose figures differ.
//! What it compares is in `counterfoil_sync::reconcile`, what it reads in `counterfoil_store::audit`.
//! One page of one day is held at a time, so a store of any size is compared in the same memory.
//!
//! - `books`: the register's own books: series, chain, sales; `cloud`: the day in the cloud; `copies`: what was
//!   decided elsewhere;
//! - `findings`: what is told; `send`: what is missing is sent again.

mod books;
mod cloud;
mod copies;
mod findings;
mod send;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use counterfoil_domain::{SaleId, Timestamp};
use counterfoil_store::left::{self, Left};
use counterfoil_store::table::register::{self, Register};
use counterfoil_store::{Connection, audit};
use counterfoil_sync::{Archive, Bill, Doubt, Meter, MeteredArchive, PauseReason, Purpose};

use crate::db::Db;
use crate::dto::{Book, ReconcileInput, ReconcileProgress, ReconcileReport};
use crate::error::{AppError, ErrorCode, Result};
use crate::identity;
use crate::settings;
use crate::sync::{SyncStore as _, Whose};
use crate::till::Till;
use findings::Gap;

/// Findings and explained sales that are told; more are counted.
const MOST_TOLD: usize = 1_000;

/// A run over one database.
struct Run<'a> {
    db: &'a Db,
    /// None where there is none, or once it has failed.
    archive: Option<&'a dyn Archive>,
    input: &'a ReconcileInput,
    /// Whose books these are, and whose cloud.
    whose: Whose,
    left: Left,
    report: ReconcileReport,
    /// What has been named already: a difference is told once.
    named: BTreeSet<(Book, String)>,
    /// Numbers of the register at hand that have no sale, and what is known of them.
    gaps: BTreeMap<i64, Gap>,
    /// Sales of which something is missing in the cloud.
    missing: Vec<SaleId>,
    /// Why the register's numbers may have been used twice.
    doubt: Option<String>,
}

/// Compares the books of the database with the cloud, and sends again what is missing where `input`
/// says so. It blocks while it reads the disk: run it where that is allowed.
///
/// `archive` is the cloud, or why there is none. What goes wrong on the way to it ends the comparison
/// with it and not the run: the report says so, and is not clean.
///
/// # Errors
/// `invalid_input` for a day that is none; `register_changed` where the register was connected anew or became
/// another one while it ran; the register's own database failed.
pub async fn reconcile(
    db: &Db,
    archive: Result<Arc<dyn Archive>>,
    input: &ReconcileInput,
    now: Timestamp,
    progress: &(dyn Fn(ReconcileProgress) + Sync),
) -> Result<ReconcileReport> {
    let whose = db.read(Whose::now)?;
    compare(db, whose, archive, input, now, progress).await
}

/// The same; `archive` is the cloud of `whose`.
async fn compare(
    db: &Db,
    whose: Whose,
    archive: Result<Arc<dyn Archive>>,
    input: &ReconcileInput,
    now: Timestamp,
    progress: &(dyn Fn(ReconcileProgress) + Sync),
) -> Result<ReconcileReport> {
    for day in [&input.from, &input.to].into_iter().flatten() {
        require_day(day)?;
    }
    let (left, registers) = db.read(|conn| {
        settings::require_store(conn)?;
        Ok::<_, AppError>((left::get(conn)?, register::all(conn)?))
    })?;
    let mut report = findings::empty(input);
    let meter = Arc::new(Meter::default());
    let archive = archive.map(|archive| MeteredArchive::new(archive, Arc::clone(&meter)));
    let archive = match &archive {
        Ok(archive) => Some(archive as &dyn Archive),
        Err(problem) => {
            report.cloud_problem = Some(problem.clone());
            None
        }
    };
    let mut run = Run {
        db,
        archive,
        input,
        whose,
        left,
        report,
        named: BTreeSet::new(),
        gaps: BTreeMap::new(),
        missing: Vec::new(),
        doubt: None,
    };
    let done = run.prove(&registers, now, progress).await;
    let bill = meter.take();
    run.report.billed_reads = u32::try_from(bill.of(Purpose::Reconcile).reads).unwrap_or(u32::MAX);
    spend(db, bill, now);
    done?;
    Ok(run.told())
}

impl Run<'_> {
    async fn prove(
        &mut self,
        registers: &[Register],
        now: Timestamp,
        progress: &(dyn Fn(ReconcileProgress) + Sync),
    ) -> Result<()> {
        self.all(registers, progress).await?;
        self.require_same()?;
        self.ask_who_it_is()?;
        self.send_missing(now).await
    }

    async fn all(
        &mut self,
        registers: &[Register],
        progress: &(dyn Fn(ReconcileProgress) + Sync),
    ) -> Result<()> {
        let (from, to) = (self.input.from.as_deref(), self.input.to.as_deref());
        let days = |register: &Register| {
            let read = |conn: &Connection| audit::days(conn, register.register_id, from, to);
            Ok::<_, AppError>(self.db.read(read)?)
        };
        let days = registers.iter().map(days).collect::<Result<Vec<_>>>()?;
        let total = days.iter().map(Vec::len).sum::<usize>();
        let mut done = 0;
        for (register, days) in registers.iter().zip(&days) {
            let is_current = self.whose.register == Some(register.register_id);
            self.begin(register, is_current)?;
            let mut counted = 0;
            for day in days {
                self.require_same()?;
                progress(ReconcileProgress {
                    register_name: register.name.clone(),
                    day: day.day.clone(),
                    done: small(done),
                    total: small(total),
                });
                counted += self.day(register, is_current, day).await?;
                done += 1;
            }
            if is_current {
                self.other_days(register, days, counted).await?;
            }
            self.tell_gaps(register)?;
        }
        Ok(())
    }

    /// Refuses to go on once it is about another register's books, or another store's: half of what was compared would
    /// be the one's and half the other's, and what is missing there is not missing here.
    fn require_same(&self) -> Result<()> {
        self.db.read(|conn| require_same(conn, &self.whose))
    }

    /// Numbers that were used twice stop the sync until the register has an identity of its own.
    fn ask_who_it_is(&mut self) -> Result<()> {
        let Some(message) = self.doubt.take() else {
            return Ok(());
        };
        let reason = PauseReason::NumberReused;
        tracing::warn!(message, "numbers were used twice");
        let doubt = Doubt {
            reason,
            message: message.clone(),
        };
        self.db.write(|tx| {
            require_same(tx, &self.whose)?;
            Ok::<_, AppError>(identity::remember_doubt(tx, &doubt)?)
        })?;
        self.report.identity_problem = Some(identity::doubted(reason, &message));
        Ok(())
    }

    /// Calls the cloud; what goes wrong ends the comparison with it.
    fn answered<T>(&mut self, answer: Result<T, counterfoil_sync::RemoteError>) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::warn!(%error, "the cloud is not compared any further");
                self.report.cloud_problem = Some(crate::sync::cloud_error(&error));
                self.archive = None;
                None
            }
        }
    }
}

impl Till {
    /// Compares receipt series, journal and cloud, and sends again what is missing where `input` says
    /// so. It blocks while it reads the disk: run it where that is allowed.
    ///
    /// # Errors
    /// `invalid_input` for a day that is none, or without a name and a reason for sending again;
    /// `identity_needed` for that over a database that was copied or moved; `register_changed` where the register was
    /// connected anew or became another one meanwhile.
    pub async fn reconcile(
        &self,
        input: &ReconcileInput,
        progress: &(dyn Fn(ReconcileProgress) + Sync),
    ) -> Result<ReconcileReport> {
        let db = self.db()?;
        let whose = self.read(|conn| {
            settings::require_store(conn)?;
            Whose::now(conn)
        })?;
        let archive = match &whose.connected {
            Some(connected) => self.sync_parts()?.connect.archive(connected),
            None => None,
        };
        let archive = archive.ok_or_else(not_connected);
        let report = compare(db, whose, archive, input, self.clock().now(), progress).await?;
        let sent = report.sent_again.is_some_and(|sent| sent > 0);
        match self.sync_handle() {
            Some(handle) if report.identity_problem.is_some() => handle.connected(),
            Some(handle) if sent => handle.wake(crate::sync::Wake::User),
            _ => {}
        }
        Ok(report)
    }
}

/// What was read is billed whatever came of it.
fn spend(db: &Db, bill: Bill, now: Timestamp) {
    if bill.is_empty() {
        return;
    }
    if let Err(error) = db.spend(bill, now) {
        tracing::warn!(%error, "what the proof of the books cost is not written down");
    }
}

/// Refuses what was compared of `whose` books where they are another one's by now.
fn require_same(conn: &Connection, whose: &Whose) -> Result<()> {
    if whose.is_current(conn)? {
        return Ok(());
    }
    Err(AppError::new(
        ErrorCode::RegisterChanged,
        "The connection of this register was changed, or it became another one, while its books were compared. What was \
         found is about what it was before: it does not count, and nothing of it is written down or sent again. All \
         sales are safe. Check the books again.",
    ))
}

fn not_connected() -> AppError {
    AppError::new(
        ErrorCode::NotConnected,
        "This register is connected to no cloud, so receipt series and journal were compared only with each other.",
    )
}

fn require_day(day: &str) -> Result<()> {
    let parsed = NaiveDate::parse_from_str(day, "%Y-%m-%d");
    // One spelling: days are compared as texts.
    match parsed {
        Ok(date) if date.to_string() == day => Ok(()),
        _ => Err(AppError::invalid(format!(
            "“{day}” is no business day; write one like 2026-11-22"
        ))),
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
