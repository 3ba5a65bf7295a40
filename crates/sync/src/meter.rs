//! What the cloud bills, counted where it is asked.
//!
//! A [`Metered`] remote counts every call by Firestore's billing rules
//! (<https://firebase.google.com/docs/firestore/pricing>); `docs/SYNC.md` tells them, and what is assumed
//! where Google's pages say nothing. The writes of an upload are not counted here: they are what has landed,
//! and stand in the database in the transaction that says so. A crash counts none twice and forgets none.

mod books;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use counterfoil_domain::{RegisterId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::remote::{
    Code, Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, Printing,
    RegisterClaim, RegisterDocument, Remote, RemoteError, StoreDocument,
};
use crate::together::AnyOf;

pub use books::MeteredArchive;

/// The security rules read the membership of whoever asks, once a request, and that is billed.
const RULES_READ: u64 = 1;
/// An aggregation bills one read for so many index entries.
const ENTRIES_A_READ: u64 = 1_000;

/// What the cloud is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Purpose {
    /// Own sales, conflicts and decisions, and the reads that tell what became of them.
    Upload,
    /// The same sale under another id.
    Duplicates,
    /// What other registers hold.
    Others,
    /// The store's document, the register's claim, who else prints its series, the numbers counted.
    Session,
    /// Series, journal and cloud compared.
    Reconcile,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Upload,
        Self::Duplicates,
        Self::Others,
        Self::Session,
        Self::Reconcile,
    ];
}

/// Billed operations. The program deletes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Documents read, in Firestore's counting.
    pub reads: u64,
    /// Documents written.
    pub writes: u64,
}

/// Billed operations by what they were for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill(BTreeMap<Purpose, Spent>);

impl Bill {
    /// Adds to one purpose.
    pub fn add(&mut self, purpose: Purpose, spent: Spent) {
        if spent == Spent::default() {
            return;
        }
        let sum = self.0.entry(purpose).or_default();
        sum.reads = sum.reads.saturating_add(spent.reads);
        sum.writes = sum.writes.saturating_add(spent.writes);
    }

    /// Adds another bill.
    pub fn absorb(&mut self, other: Self) {
        for (purpose, spent) in other.0 {
            self.add(purpose, spent);
        }
    }

    /// What one purpose took.
    pub fn of(&self, purpose: Purpose) -> Spent {
        self.0.get(&purpose).copied().unwrap_or_default()
    }

    /// Every purpose that took anything.
    pub fn iter(&self) -> impl Iterator<Item = (Purpose, Spent)> + '_ {
        self.0.iter().map(|(purpose, spent)| (*purpose, *spent))
    }

    /// Whether nothing was billed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What was billed since somebody last took the bill.
#[derive(Debug, Default)]
pub struct Meter(Mutex<Bill>);

impl Meter {
    /// Takes the bill; the meter begins anew.
    pub fn take(&self) -> Bill {
        std::mem::take(&mut *self.bill())
    }

    /// Puts back what was taken and could not be written down.
    pub fn put_back(&self, bill: Bill) {
        self.bill().absorb(bill);
    }

    /// Whether nothing was billed since it was last taken.
    pub fn is_empty(&self) -> bool {
        self.bill().is_empty()
    }

    /// Counts a call: `done` operations where it was, or may have been, done.
    pub fn book<T>(&self, purpose: Purpose, answer: &Result<T, RemoteError>, done: Spent) {
        let reached = answer.as_ref().err().map(|error| reached(error.code));
        match reached {
            None | Some(Reached::Perhaps) => {
                self.add(purpose, done.reads + RULES_READ, done.writes);
            }
            Some(Reached::Rules) => self.add(purpose, RULES_READ, 0),
            Some(Reached::Nothing) => {}
        }
    }

    fn add(&self, purpose: Purpose, reads: u64, writes: u64) {
        self.bill().add(purpose, Spent { reads, writes });
    }

    fn bill(&self) -> MutexGuard<'_, Bill> {
        // A sum is whole whoever panicked beside it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A remote whose calls are counted.
#[derive(Clone)]
pub struct Metered {
    remote: Arc<dyn Remote>,
    meter: Arc<Meter>,
    whole: Option<Purpose>,
    gets: Purpose,
}

impl Metered {
    /// `remote`, counted by `meter`: each call for what the driver asks it for.
    pub fn new(remote: Arc<dyn Remote>, meter: Arc<Meter>) -> Self {
        Self {
            remote,
            meter,
            whole: None,
            gets: Purpose::Upload,
        }
    }

    /// The same where every call is for one purpose.
    pub fn all_for(self, purpose: Purpose) -> Self {
        let whole = Some(purpose);
        Self { whole, ..self }
    }

    /// The same where documents are read by name because of possible duplicates.
    pub fn looking_around(&self) -> Self {
        Self {
            gets: Purpose::Duplicates,
            ..self.clone()
        }
    }

    /// The same where documents are read by name to tell whose numbers are there.
    pub fn counting_numbers(&self) -> Self {
        Self {
            gets: Purpose::Session,
            ..self.clone()
        }
    }

    /// Counts a call: `done` operations where it was, or may have been, done.
    fn book<T>(&self, purpose: Purpose, answer: &Result<T, RemoteError>, done: Spent) {
        self.meter.book(self.whole.unwrap_or(purpose), answer, done);
    }

    /// Counts so many aggregations, each a request of its own.
    fn book_counts(&self, purpose: Purpose, counts: &Result<Vec<u64>, RemoteError>, asked: usize) {
        let purpose = self.whole.unwrap_or(purpose);
        let asked = wide(asked);
        let reads = match counts {
            Ok(counts) => counts
                .iter()
                .map(|count| aggregation(*count) + RULES_READ)
                .sum(),
            Err(error) => match reached(error.code) {
                Reached::Perhaps => asked * (aggregation(0) + RULES_READ),
                Reached::Rules => asked * RULES_READ,
                Reached::Nothing => 0,
            },
        };
        self.meter.add(purpose, reads, 0);
    }
}

/// How far a call that failed had come, as far as its code tells.
enum Reached {
    /// It may have been done, and the answer was lost.
    Perhaps,
    /// The rules were asked and nothing was done.
    Rules,
    /// It came to nothing.
    Nothing,
}

fn reached(code: Code) -> Reached {
    match code {
        Code::DeadlineExceeded
        | Code::Cancelled
        | Code::Unknown
        | Code::Internal
        | Code::DataLoss => Reached::Perhaps,
        Code::PermissionDenied
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::NotFound
        | Code::Aborted => Reached::Rules,
        // Nobody was reached, or the request was not looked at. Counted otherwise, a register without a network
        // would seem to read its whole queue again and again.
        Code::Unavailable
        | Code::ResourceExhausted
        | Code::Unauthenticated
        | Code::InvalidArgument
        | Code::OutOfRange
        | Code::Unimplemented => Reached::Nothing,
    }
}

/// A query bills a read for each document, and at least one.
fn query<T>(answer: &Result<Vec<T>, RemoteError>) -> Spent {
    reads(answer.as_ref().map_or(1, |found| wide(found.len()).max(1)))
}

fn aggregation(entries: u64) -> u64 {
    entries.div_ceil(ENTRIES_A_READ).max(1)
}

const fn reads(reads: u64) -> Spent {
    Spent { reads, writes: 0 }
}

const ONE_WRITE: Spent = Spent {
    reads: 0,
    writes: 1,
};

/// How many documents the rules ask for besides: the losing version of a decision and of its copy, which is one document,
/// and what a reversal cancels.
fn looked_up(creates: &[Create]) -> usize {
    let text = |create: &Create, name: &str| {
        let value = create.fields.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let mut lost = BTreeSet::new();
    let mut cancelled = 0;
    for create in creates {
        let fields = match create.name.collection {
            Collection::SaleResolutions => ["saleId", "digest"],
            Collection::Sales if create.fields.contains_key("originalSaleId") => {
                ["originalSaleId", "originalDigest"]
            }
            Collection::Sales | Collection::SaleConflicts => {
                cancelled += usize::from(create.fields.contains_key("cancels"));
                continue;
            }
        };
        lost.insert(fields.map(|name| text(create, name)));
    }
    lost.len() + cancelled
}

fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[async_trait]
impl Remote for Metered {
    async fn commit(&self, creates: &[Create]) -> Result<Timestamp, RemoteError> {
        let answer = self.remote.commit(creates).await;
        self.book(Purpose::Upload, &answer, reads(wide(looked_up(creates))));
        answer
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        let answer = self.remote.get(names).await;
        if !names.is_empty() {
            self.book(self.gets, &answer, reads(wide(names.len())));
        }
        answer
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        let answer = self.remote.count(queries).await;
        self.book_counts(Purpose::Duplicates, &answer, queries.len());
        answer
    }

    async fn count_any(&self, query: &AnyOf) -> Result<u64, RemoteError> {
        let answer = self.remote.count_any(query).await;
        let done = reads(answer.as_ref().map_or(1, |count| aggregation(*count)));
        self.book(Purpose::Duplicates, &answer, done);
        answer
    }

    async fn duplicates(
        &self,
        wanted: &DuplicateQuery,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        let answer = self.remote.duplicates(wanted, limit).await;
        self.book(Purpose::Duplicates, &answer, query(&answer));
        answer
    }

    async fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        let answer = self.remote.created_since(collection, since, limit).await;
        self.book(Purpose::Others, &answer, query(&answer));
        answer
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        let answer = self.remote.store().await;
        self.book(Purpose::Session, &answer, reads(1));
        answer
    }

    async fn create_store(&self, name: &str, currency: &str) -> Result<Timestamp, RemoteError> {
        let answer = self.remote.create_store(name, currency).await;
        self.book(Purpose::Session, &answer, ONE_WRITE);
        answer
    }

    async fn register(
        &self,
        register: RegisterId,
    ) -> Result<Option<RegisterDocument>, RemoteError> {
        let answer = self.remote.register(register).await;
        self.book(Purpose::Session, &answer, reads(1));
        answer
    }

    async fn claim_register(&self, claim: &RegisterClaim) -> Result<Timestamp, RemoteError> {
        let answer = self.remote.claim_register(claim).await;
        self.book(Purpose::Session, &answer, ONE_WRITE);
        answer
    }

    async fn printing(&self, prefix: &str) -> Result<Vec<Printing>, RemoteError> {
        let answer = self.remote.printing(prefix).await;
        self.book(Purpose::Session, &answer, query(&answer));
        answer
    }

    async fn count_numbers(&self, query: &NumberQuery) -> Result<u64, RemoteError> {
        let answer = self.remote.count_numbers(query).await;
        let done = reads(answer.as_ref().map_or(1, |count| aggregation(*count)));
        self.book(Purpose::Session, &answer, done);
        answer
    }
}

#[cfg(test)]
mod tests;
