//! A model of Firestore, as far as the product uses it: documents under guards, atomic commits, the
//! server's time, its limits, and the verdicts of the rules.

mod archive;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use counterfoil_domain::document::Fields;
use counterfoil_domain::{RegisterId, Timestamp};
use counterfoil_sync::{
    AnyOf, Code, Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, Printing,
    RegisterClaim, RegisterDocument, RemoteError, Revision, StoreDocument,
};
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::random::lock;
use crate::world::World;

pub(crate) use archive::Reader;
use verdict::judge;
pub(crate) use verdict::{DENIED_NOTE, INVALID_NOTE, is_about_content};

/// Who asks: an account, and the registers that its membership names.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// What the log calls it.
    pub(crate) name: String,
    /// Its own register, and those that it continues.
    pub(crate) registers: BTreeSet<RegisterId>,
    /// It speaks for a database that may be synced: no copy that nobody has confirmed.
    pub(crate) is_trusted: bool,
}

/// What the rules deny for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// Everything that is written, claims too.
    AllWrites,
    /// A commit with a new sale: what rules do that are older than the program.
    NewSales,
}

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) fields: Fields,
    pub(crate) created_at: Timestamp,
    /// How many documents were there before it.
    pub(crate) nth: usize,
}

/// A commit that was sent, by whom: it may arrive, now or later, once or again.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) by: Arc<Account>,
    pub(crate) creates: Arc<Vec<Create>>,
}

#[derive(Debug, Default)]
struct State {
    documents: BTreeMap<DocumentName, Stored>,
    store: Option<StoreDocument>,
    registers: BTreeMap<RegisterId, RegisterDocument>,
    /// The prefix that each register said first, and what else its document tells of its series.
    series: BTreeMap<RegisterId, (String, Printing)>,
    sent: Vec<Sent>,
    forged: BTreeSet<DocumentName>,
    /// What was denied for a while.
    denied: BTreeSet<DocumentName>,
    to_forge: BTreeMap<DocumentName, Fields>,
    denial: Option<Denial>,
    /// What the founding design counts up and down, in thousandths by sku.
    counters: BTreeMap<String, i64>,
}

/// The model.
#[derive(Debug)]
pub(crate) struct Cloud {
    world: Arc<World>,
    state: Mutex<State>,
}

impl Cloud {
    pub(crate) fn new(world: Arc<World>) -> Arc<Self> {
        Arc::new(Self {
            world,
            state: Mutex::default(),
        })
    }

    /// Carries out a commit: all of it or nothing.
    pub(crate) fn commit(
        &self,
        by: &Arc<Account>,
        creates: &Arc<Vec<Create>>,
    ) -> Result<Timestamp, RemoteError> {
        let mut state = lock(&self.state);
        if !by.is_trusted {
            let what = format!("{} uploads although it has no identity of its own", by.name);
            self.world.broken(2, what);
        }
        self.put_forgeries(&mut state, creates);
        let now = self.world.server_now();
        let allowed = self.allows(&state, creates);
        if allowed.is_err() {
            let names = creates.iter().map(|create| create.name.clone());
            state.denied.extend(names);
        }
        let verdict = allowed.and_then(|()| judge(&state.documents, &by.registers, creates));
        self.world.log(|| {
            let names: Vec<&str> = creates.iter().map(|create| &create.name.id[..8]).collect();
            let said = verdict
                .as_ref()
                .map_or_else(|error| format!("{:?}", error.code), |()| "taken".to_owned());
            format!("cloud: commit {} {}: {said}", by.name, names.join(" "))
        });
        if let Err(error) = &verdict
            && is_about_content(error)
        {
            self.world.occurred(Fault::Refused);
        }
        verdict?;
        for create in creates.iter() {
            let mut fields = (*create.fields).clone();
            fields.insert("storeId".to_owned(), json!("corner"));
            fields.insert("createdAt".to_owned(), json!(now));
            let stored = Stored {
                fields,
                created_at: now,
                nth: state.documents.len(),
            };
            state.documents.insert(create.name.clone(), stored);
        }
        Ok(now)
    }

    /// Lets the rules deny something from now on, or nothing any more.
    pub(crate) fn deny(&self, denial: Option<Denial>) {
        self.world.log(|| format!("cloud: denies {denial:?}"));
        lock(&self.state).denial = denial;
    }

    /// Whether a write passes that is denied for a while; what creates nothing is a claim, or a store.
    fn allows(&self, state: &State, creates: &[Create]) -> Result<(), RemoteError> {
        let mut names = creates.iter().map(|create| create.name.collection);
        let denies = match state.denial.filter(|_| !self.world.is_calm()) {
            Some(Denial::AllWrites) => true,
            Some(Denial::NewSales) => names.any(|collection| collection == Collection::Sales),
            None => false,
        };
        if denies {
            self.world.occurred(Fault::Denied);
            return refused(Code::PermissionDenied, "nobody may write this now");
        }
        Ok(())
    }

    /// The server's time.
    pub(crate) fn server_now(&self) -> Timestamp {
        self.world.server_now()
    }

    /// Somebody with the project's console puts a document there past all rules, just before the commit
    /// that would create it arrives.
    pub(crate) fn forge(&self, name: DocumentName, fields: Fields) {
        let mut state = lock(&self.state);
        if !state.documents.contains_key(&name) {
            state.to_forge.insert(name, fields);
        }
    }

    fn put_forgeries(&self, state: &mut State, creates: &[Create]) {
        for create in creates {
            // Another register may have the same id, and is first.
            let is_for =
                |fields: &Fields| fields.get("registerId") == create.fields.get("registerId");
            if !state.to_forge.get(&create.name).is_some_and(is_for) {
                continue;
            }
            let Some(fields) = state.to_forge.remove(&create.name) else {
                continue;
            };
            if state.documents.contains_key(&create.name) {
                continue;
            }
            let created_at = self.world.server_now();
            let forged = Stored {
                fields,
                created_at,
                nth: state.documents.len(),
            };
            state.forged.insert(create.name.clone());
            state.documents.insert(create.name.clone(), forged);
            self.world.occurred(Fault::Forged);
        }
    }

    /// Puts a document there under any name: what another uploader than ours does.
    pub(crate) fn put(&self, name: DocumentName, mut fields: Fields) -> Timestamp {
        let created_at = self.world.server_now();
        fields.insert("createdAt".to_owned(), json!(created_at));
        let mut state = lock(&self.state);
        let nth = state.documents.len();
        let stored = Stored {
            fields,
            created_at,
            nth,
        };
        state.documents.insert(name, stored);
        created_at
    }

    pub(crate) fn get(&self, names: &[DocumentName]) -> Vec<Option<Found>> {
        let state = lock(&self.state);
        let found = |name: &DocumentName| Some(found(name, state.documents.get(name)?));
        names.iter().map(found).collect()
    }

    pub(crate) fn count(&self, queries: &[DuplicateQuery]) -> Vec<u64> {
        let count = |query| u64::try_from(self.duplicates(query, u32::MAX).len());
        queries
            .iter()
            .map(|query| count(query).unwrap_or(u64::MAX))
            .collect()
    }

    pub(crate) fn count_any(&self, query: &AnyOf) -> u64 {
        let each = query.fingerprints.iter().map(|fingerprint| DuplicateQuery {
            fingerprint: *fingerprint,
            from: query.from,
            to: query.to,
        });
        self.count(&each.collect::<Vec<_>>()).iter().sum()
    }

    pub(crate) fn duplicates(&self, query: &DuplicateQuery, limit: u32) -> Vec<Found> {
        let state = lock(&self.state);
        let fingerprint = query.fingerprint.to_string();
        let mut matching: Vec<(Timestamp, Found)> = state
            .documents
            .iter()
            .filter(|(name, _)| name.collection == Collection::Sales)
            .filter_map(|(name, stored)| {
                let text = |field: &str| stored.fields.get(field).and_then(Value::as_str);
                let sold_at: Timestamp = text("soldAt")?.parse().ok()?;
                let matches = text("fingerprint") == Some(&fingerprint)
                    && (query.from..=query.to).contains(&sold_at);
                matches.then(|| (sold_at, found(name, stored)))
            })
            .collect();
        matching.sort_by_key(|(sold_at, found)| (*sold_at, found.name.clone()));
        first(matching, limit)
    }

    pub(crate) fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Vec<Found> {
        let state = lock(&self.state);
        let mut matching: Vec<(Timestamp, Found)> = state
            .documents
            .iter()
            .filter(|(name, stored)| name.collection == collection && stored.created_at >= since)
            .map(|(name, stored)| (stored.created_at, found(name, stored)))
            .collect();
        matching.sort_by_key(|(created_at, found)| (*created_at, found.name.clone()));
        first(matching, limit)
    }

    pub(crate) fn store(&self) -> Option<StoreDocument> {
        lock(&self.state).store.clone()
    }

    pub(crate) fn create_store(
        &self,
        name: &str,
        currency: &str,
    ) -> Result<Timestamp, RemoteError> {
        let created_at = self.world.server_now();
        let mut state = lock(&self.state);
        self.allows(&state, &[])?;
        if state.store.is_some() {
            return refused(Code::AlreadyExists, "the store is there");
        }
        state.store = Some(StoreDocument {
            name: name.to_owned(),
            currency: currency.to_owned(),
            created_at,
        });
        Ok(created_at)
    }

    pub(crate) fn register(&self, id: RegisterId) -> Option<RegisterDocument> {
        lock(&self.state).registers.get(&id).cloned()
    }

    /// Claims a register as the rules and its guard allow.
    pub(crate) fn claim_register(
        &self,
        by: &Account,
        claim: &RegisterClaim,
    ) -> Result<Timestamp, RemoteError> {
        let now = self.world.server_now();
        let mut state = lock(&self.state);
        self.allows(&state, &[])?;
        let there = state.registers.get(&claim.register_id);
        let next = match (there, claim.revision) {
            (None, None) => 1,
            (Some(there), Some(as_read)) if there.revision == as_read => as_read.seconds + 1,
            (Some(_), None) => return refused(Code::AlreadyExists, "the register is there"),
            _ => return refused(Code::FailedPrecondition, "the register has changed"),
        };
        let differs = there.is_some_and(|there| {
            let holder = there.installation_id.as_ref();
            holder.is_some_and(|holder| *holder != claim.installation_id)
                || there.last_sequence > claim.last_sequence
        });
        if !by.registers.contains(&claim.register_id) || differs {
            return refused(Code::PermissionDenied, "another register's claim");
        }
        let document = RegisterDocument {
            installation_id: Some(claim.installation_id.clone()),
            last_sequence: claim.last_sequence,
            revision: Revision {
                seconds: next,
                nanos: 0,
            },
        };
        state.registers.insert(claim.register_id, document);
        let first = || {
            let printing = Printing {
                register_id: claim.register_id.to_string(),
                name: None,
                last_sequence: 0,
                created_at: now,
            };
            (claim.receipt_prefix.clone(), printing)
        };
        let (_, series) = state.series.entry(claim.register_id).or_insert_with(first);
        series.name = Some(claim.name.clone());
        series.last_sequence = claim.last_sequence;
        Ok(now)
    }

    /// Registers with this prefix, by their ids.
    pub(crate) fn printing(&self, prefix: &str) -> Vec<Printing> {
        let state = lock(&self.state);
        let same = state.series.values().filter(|(said, _)| said == prefix);
        same.map(|(_, printing)| printing.clone()).collect()
    }

    pub(crate) fn count_numbers(&self, query: &NumberQuery) -> u64 {
        let register = query.register_id.to_string();
        let numbers = query.from..=query.to.unwrap_or(i64::MAX);
        let state = lock(&self.state);
        let matching = state.documents.iter().filter(|(name, stored)| {
            let field = |field: &str| stored.fields.get(field);
            name.collection == Collection::Sales
                && field("registerId").and_then(Value::as_str) == Some(&register)
                && field("receiptSequence")
                    .and_then(Value::as_i64)
                    .is_some_and(|number| numbers.contains(&number))
        });
        u64::try_from(matching.count()).unwrap_or(u64::MAX)
    }

    /// Counts what is sold of a product, as the founding design does: by increments.
    pub(crate) fn increment(&self, sku: &str, thousandths: i64) {
        let mut state = lock(&self.state);
        *state.counters.entry(sku.to_owned()).or_default() += thousandths;
    }

    /// What the increments came to.
    pub(crate) fn counters(&self) -> BTreeMap<String, i64> {
        lock(&self.state).counters.clone()
    }

    /// Everything that is there.
    pub(crate) fn documents(&self) -> BTreeMap<DocumentName, Stored> {
        lock(&self.state).documents.clone()
    }

    /// How many documents are there.
    pub(crate) fn len(&self) -> usize {
        lock(&self.state).documents.len()
    }

    /// Takes down that a commit is on its way, whatever becomes of it.
    pub(crate) fn is_sent(&self, by: Arc<Account>, creates: Arc<Vec<Create>>) {
        lock(&self.state).sent.push(Sent { by, creates });
    }

    /// Every commit that was ever sent.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        lock(&self.state).sent.clone()
    }

    /// The names of what was denied for a while.
    pub(crate) fn denied(&self) -> BTreeSet<DocumentName> {
        lock(&self.state).denied.clone()
    }

    /// The names of what was put there past the rules.
    pub(crate) fn forged(&self) -> BTreeSet<DocumentName> {
        lock(&self.state).forged.clone()
    }
}

fn first(matching: Vec<(Timestamp, Found)>, limit: u32) -> Vec<Found> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let found = matching.into_iter().map(|(_, found)| found);
    found.take(limit).collect()
}

fn found(name: &DocumentName, stored: &Stored) -> Found {
    Found {
        name: name.clone(),
        fields: Ok(stored.fields.clone()),
        created_at: stored.created_at,
    }
}

pub(crate) fn refused<T>(code: Code, why: &str) -> Result<T, RemoteError> {
    Err(RemoteError {
        code,
        message: format!("the model says {code:?}: {why}"),
    })
}

/// The end of a register's id: registers are numbered there.
pub(crate) fn short(register: RegisterId) -> String {
    let id = register.to_string();
    format!("r{}", id.trim_start_matches(['0', '-']))
}
