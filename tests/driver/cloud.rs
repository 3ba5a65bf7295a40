//! A cloud in memory, and a register that is connected to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use counterfoil_app::sync::{Connect, Parts, SyncHandle, start};
use counterfoil_domain::document::Fields;
use counterfoil_domain::{Digest, RegisterId, Timestamp};
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::{
    Code, Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, Printing,
    RegisterClaim, RegisterDocument, Remote, RemoteError, Revision, StoreDocument,
};
use counterfoil_tests::rig::register::Register;

/// What happens once, after a call and before its answer.
pub(crate) type Meanwhile = Box<dyn FnOnce() + Send>;

/// A cloud in memory that refuses as it is told.
#[derive(Default)]
pub(crate) struct Imagined {
    pub(crate) documents: Mutex<BTreeMap<DocumentName, Result<Fields, String>>>,
    /// Every commit gets this answer.
    pub(crate) refusal: Mutex<Option<Code>>,
    /// A commit with a sale is not allowed, a claim is.
    pub(crate) denies_sales: Mutex<bool>,
    /// A commit with a sale of this total is not allowed.
    pub(crate) bad_total: Mutex<Option<i64>>,
    /// Every count gets this answer.
    pub(crate) uncounted: Mutex<Option<Code>>,
    /// The store sells in another currency than the register.
    pub(crate) other_currency: Mutex<bool>,
    /// Whose the register's id is.
    pub(crate) holder: Mutex<Option<String>>,
    /// A count with one of these fingerprints is invalid.
    pub(crate) bad_fingerprints: Mutex<BTreeSet<Digest>>,
    /// Happens while the answer of the next commit is on its way.
    pub(crate) after_commit: Mutex<Option<Meanwhile>>,
    /// The same for the store's document.
    pub(crate) after_store: Mutex<Option<Meanwhile>>,
    /// The same while the next question about numbers is on its way.
    pub(crate) before_numbers: Mutex<Option<Meanwhile>>,
    /// Who else prints the register's series, whatever its prefix.
    pub(crate) others: Mutex<Vec<Printing>>,
    /// The register itself, once it is claimed.
    pub(crate) own: Mutex<Option<Printing>>,
    /// That question gets this answer.
    pub(crate) series_refused: Mutex<Option<Code>>,
    /// What other registers hold gets this answer.
    pub(crate) others_refused: Mutex<Option<Code>>,
    /// The prefixes that were asked for.
    pub(crate) asked_series: Mutex<Vec<String>>,
    /// When the store was created, if not at [`NOW`].
    pub(crate) created_at: Mutex<Option<Timestamp>>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refused<T>(code: Code) -> Result<T, RemoteError> {
    Err(RemoteError {
        code,
        message: format!("imagined {code:?}"),
    })
}

fn happens(meanwhile: &Mutex<Option<Meanwhile>>) {
    if let Some(meanwhile) = lock(meanwhile).take() {
        meanwhile();
    }
}

/// A conflict that another register put into the cloud: its name and what it says.
pub(crate) fn conflict_elsewhere(n: u128) -> (DocumentName, Fields) {
    let sale_id = uuid::Uuid::from_u128(n);
    let name = DocumentName {
        collection: Collection::SaleConflicts,
        id: format!("{sale_id}_{}", "0".repeat(64)),
    };
    let fields = serde_json::json!({
        "schema": 1, "saleId": sale_id, "registerId": uuid::Uuid::nil(), "kind": "sameId",
        "message": "another one", "sale": { "schema": 1, "saleId": sale_id },
    });
    (name, fields.as_object().expect("an object").clone())
}

pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_795_356_000_000);

#[async_trait]
impl Remote for Imagined {
    async fn commit(&self, creates: &[Create]) -> Result<Timestamp, RemoteError> {
        if let Some(code) = *lock(&self.refusal) {
            return refused(code);
        }
        let mut documents = lock(&self.documents);
        if creates
            .iter()
            .any(|create| documents.contains_key(&create.name))
        {
            return refused(Code::AlreadyExists);
        }
        let is_sale = |create: &Create| create.name.collection == Collection::Sales;
        if *lock(&self.denies_sales) && creates.iter().any(is_sale) {
            return refused(Code::PermissionDenied);
        }
        let bad = lock(&self.bad_total);
        let total = |create: &Create| create.fields.get("total").and_then(|total| total.as_i64());
        if creates
            .iter()
            .any(|create| bad.is_some() && total(create) == *bad)
        {
            return refused(Code::PermissionDenied);
        }
        for create in creates {
            documents.insert(create.name.clone(), Ok(create.fields.as_ref().clone()));
        }
        drop(documents);
        happens(&self.after_commit);
        Ok(NOW)
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        let documents = lock(&self.documents);
        let found = |name: &DocumentName| {
            let fields = documents.get(name)?.clone();
            Some(Found {
                name: name.clone(),
                fields,
                created_at: NOW,
            })
        };
        Ok(names.iter().map(found).collect())
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        let bad = lock(&self.bad_fingerprints);
        if queries.iter().any(|query| bad.contains(&query.fingerprint)) {
            return refused(Code::InvalidArgument);
        }
        match *lock(&self.uncounted) {
            Some(code) => refused(code),
            None => Ok(vec![0; queries.len()]),
        }
    }

    async fn duplicates(&self, _: &DuplicateQuery, _: u32) -> Result<Vec<Found>, RemoteError> {
        Ok(Vec::new())
    }

    async fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        if let Some(code) = *lock(&self.others_refused) {
            return refused(code);
        }
        let documents = lock(&self.documents);
        let there = documents
            .iter()
            .filter(|(name, _)| name.collection == collection && NOW >= since);
        let found = there.map(|(name, fields)| Found {
            name: name.clone(),
            fields: fields.clone(),
            created_at: NOW,
        });
        Ok(found.take(limit as usize).collect())
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        let other = *lock(&self.other_currency);
        let currency = if other { "USD" } else { "EUR" }.to_owned();
        let name = "Corner".to_owned();
        happens(&self.after_store);
        Ok(Some(StoreDocument {
            name,
            currency,
            created_at: lock(&self.created_at).unwrap_or(NOW),
        }))
    }

    async fn create_store(&self, _: &str, _: &str) -> Result<Timestamp, RemoteError> {
        Ok(NOW)
    }

    async fn register(&self, _: RegisterId) -> Result<Option<RegisterDocument>, RemoteError> {
        let holder = lock(&self.holder).clone();
        Ok(holder.map(|holder| RegisterDocument {
            installation_id: Some(holder),
            last_sequence: 0,
            revision: Revision {
                seconds: 1,
                nanos: 0,
            },
        }))
    }

    async fn claim_register(&self, claim: &RegisterClaim) -> Result<Timestamp, RemoteError> {
        // Who may not write may not claim either.
        if *lock(&self.refusal) == Some(Code::PermissionDenied) {
            return refused(Code::PermissionDenied);
        }
        *lock(&self.holder) = Some(claim.installation_id.clone());
        *lock(&self.own) = Some(Printing {
            register_id: claim.register_id.to_string(),
            name: Some(claim.name.clone()),
            last_sequence: claim.last_sequence,
            created_at: NOW,
        });
        Ok(NOW)
    }

    async fn printing(&self, prefix: &str) -> Result<Vec<Printing>, RemoteError> {
        lock(&self.asked_series).push(prefix.to_owned());
        if let Some(code) = *lock(&self.series_refused) {
            return refused(code);
        }
        let own = lock(&self.own).clone();
        let others = lock(&self.others).clone();
        Ok(own.into_iter().chain(others).collect())
    }

    async fn count_numbers(&self, query: &NumberQuery) -> Result<u64, RemoteError> {
        happens(&self.before_numbers);
        let numbers = query.from..=query.to.unwrap_or(i64::MAX);
        let register = query.register_id.to_string();
        let documents = lock(&self.documents);
        let matching = documents.iter().filter(|(name, fields)| {
            let field = |name: &str| fields.as_ref().ok().and_then(|f| f.get(name));
            let number = field("receiptSequence");
            let owner = field("registerId").and_then(|id| id.as_str());
            name.collection == Collection::Sales
                && owner == Some(&register)
                && number
                    .and_then(|number| number.as_i64())
                    .is_some_and(|number| numbers.contains(&number))
        });
        Ok(u64::try_from(matching.count()).unwrap_or(u64::MAX))
    }
}

struct Always(Arc<Imagined>);

impl Connect for Always {
    fn remote(&self, _: &Connected) -> Arc<dyn Remote> {
        Arc::<Imagined>::clone(&self.0)
    }
}

/// A register and its cloud.
pub(crate) struct Desk {
    pub(crate) register: Register,
    pub(crate) cloud: Arc<Imagined>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let register = Register::local("A");
        register.connect("demo-imagined", "corner");
        Self {
            register,
            cloud: Arc::default(),
        }
    }

    pub(crate) fn parts(&self) -> Parts {
        let connect = Arc::new(Always(Arc::clone(&self.cloud)));
        Parts {
            connect,
            ..self.register.parts("nowhere", Duration::from_secs(1))
        }
    }

    pub(crate) fn start(&self) -> SyncHandle {
        start(self.parts()).0
    }
}
