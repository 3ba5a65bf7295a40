//! A model of Firestore, as far as the product uses it: documents under guards, atomic commits, the
//! server's time, its limits, and the verdicts of the rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use counterfoil_domain::document::Fields;
use counterfoil_domain::{RegisterId, Timestamp};
use counterfoil_sync::{
    Code, Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, RegisterClaim,
    RegisterDocument, RemoteError, Revision, StoreDocument,
};
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::random::lock;
use crate::world::World;

/// Writes in one commit (<https://firebase.google.com/docs/firestore/quotas>).
const MAX_WRITES: usize = 500;
/// Bytes of one request.
const MAX_COMMIT_BYTES: usize = 10 * 1024 * 1024;
/// Bytes of one document.
const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;

/// A line's note that the rules refuse for good, with the code that they refuse it with. It stands for
/// any content that they do not take.
pub(crate) const DENIED_NOTE: &str = "the rules deny this";
/// The same for a document that the server calls invalid.
pub(crate) const INVALID_NOTE: &str = "the server calls this invalid";

/// Why such a document is refused.
const CONTENT: &str = "its content";

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) fields: Fields,
    pub(crate) created_at: Timestamp,
}

/// A request that arrived, by whom.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) register: RegisterId,
    pub(crate) creates: Arc<Vec<Create>>,
}

#[derive(Debug, Default)]
struct State {
    documents: BTreeMap<DocumentName, Stored>,
    store: Option<StoreDocument>,
    registers: BTreeMap<RegisterId, RegisterDocument>,
    arrived: Vec<Arrived>,
    forged: BTreeSet<DocumentName>,
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

    /// Carries out a commit of `register`: all of it or nothing.
    pub(crate) fn commit(
        &self,
        register: RegisterId,
        creates: &Arc<Vec<Create>>,
    ) -> Result<Timestamp, RemoteError> {
        let mut state = lock(&self.state);
        state.arrived.push(Arrived {
            register,
            creates: Arc::clone(creates),
        });
        let now = self.world.server_now();
        let verdict = judge(&state, register, creates);
        self.world.log(|| {
            let names: Vec<&str> = creates.iter().map(|create| &create.name.id[..8]).collect();
            let said = verdict
                .as_ref()
                .map_or_else(|error| format!("{:?}", error.code), |()| "taken".to_owned());
            format!(
                "cloud: commit {} {}: {said}",
                short(register),
                names.join(" ")
            )
        });
        if let Err(error) = &verdict
            && error.message.ends_with(CONTENT)
        {
            self.world.occurred(Fault::Refused);
        }
        verdict?;
        for create in creates.iter() {
            let mut fields = create.fields.clone();
            fields.insert("storeId".to_owned(), json!("corner"));
            fields.insert("createdAt".to_owned(), json!(now));
            let stored = Stored {
                fields,
                created_at: now,
            };
            state.documents.insert(create.name.clone(), stored);
        }
        Ok(now)
    }

    /// The server's time.
    pub(crate) fn server_now(&self) -> Timestamp {
        self.world.server_now()
    }

    /// Puts a document there past all rules, as somebody with the project's console can. Answers
    /// `false` where one is there already.
    pub(crate) fn forge(&self, name: DocumentName, fields: Fields) -> bool {
        let created_at = self.world.server_now();
        let mut state = lock(&self.state);
        if state.documents.contains_key(&name) {
            return false;
        }
        state.forged.insert(name.clone());
        state.documents.insert(name, Stored { fields, created_at });
        true
    }

    /// Puts a document there under any name: what another uploader than ours does.
    pub(crate) fn put(&self, name: DocumentName, mut fields: Fields) -> Timestamp {
        let created_at = self.world.server_now();
        fields.insert("createdAt".to_owned(), json!(created_at));
        lock(&self.state)
            .documents
            .insert(name, Stored { fields, created_at });
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
        register: RegisterId,
        claim: &RegisterClaim,
    ) -> Result<Timestamp, RemoteError> {
        let now = self.world.server_now();
        let mut state = lock(&self.state);
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
        if register != claim.register_id || differs {
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
        Ok(now)
    }

    pub(crate) fn count_numbers(&self, query: &NumberQuery) -> u64 {
        let register = query.register_id.to_string();
        let numbers = query.from..=query.to.unwrap_or(i64::MAX);
        let state = lock(&self.state);
        let matching = state.documents.iter().filter(|(name, stored)| {
            let field = |field: &str| stored.fields.get(field);
            // A forgery is to try the comparison of contents; counted, it would pass for a copied register.
            name.collection == Collection::Sales
                && !state.forged.contains(name)
                && field("registerId").and_then(Value::as_str) == Some(&register)
                && field("receiptSequence")
                    .and_then(Value::as_i64)
                    .is_some_and(|number| numbers.contains(&number))
        });
        u64::try_from(matching.count()).unwrap_or(u64::MAX)
    }

    /// Everything that is there.
    pub(crate) fn documents(&self) -> BTreeMap<DocumentName, Stored> {
        lock(&self.state).documents.clone()
    }

    /// Every commit that ever arrived.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        lock(&self.state).arrived.clone()
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

/// What limits, rules and guards say, in this order.
fn judge(state: &State, register: RegisterId, creates: &[Create]) -> Result<(), RemoteError> {
    if creates.len() > MAX_WRITES {
        return refused(Code::InvalidArgument, "more than 500 writes");
    }
    let mut names = BTreeSet::new();
    let mut bytes = 0;
    for create in creates {
        let size = serde_json::to_string(&create.fields).map_or(usize::MAX, |text| text.len());
        bytes += size;
        if size > MAX_DOCUMENT_BYTES {
            return refused(Code::InvalidArgument, "a document of more than 1 MiB");
        }
        if !names.insert(&create.name) {
            return refused(Code::InvalidArgument, "one document written twice");
        }
    }
    if bytes > MAX_COMMIT_BYTES {
        return refused(Code::InvalidArgument, "more than 10 MiB");
    }
    for create in creates {
        rules(register, create)?;
    }
    if creates
        .iter()
        .any(|create| state.documents.contains_key(&create.name))
    {
        return refused(Code::AlreadyExists, "a document is there");
    }
    Ok(())
}

/// A register writes only what is its own.
fn rules(register: RegisterId, create: &Create) -> Result<(), RemoteError> {
    let owner = create.fields.get("registerId").and_then(Value::as_str);
    if owner != Some(register.to_string().as_str()) {
        return refused(Code::PermissionDenied, "another register's document");
    }
    if create.name.collection != Collection::Sales {
        return Ok(());
    }
    let lines = create.fields.get("lines").and_then(Value::as_array);
    for line in lines.into_iter().flatten() {
        match line.get("note").and_then(Value::as_str) {
            Some(DENIED_NOTE) => return refused(Code::PermissionDenied, CONTENT),
            Some(INVALID_NOTE) => return refused(Code::InvalidArgument, CONTENT),
            _ => {}
        }
    }
    Ok(())
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
