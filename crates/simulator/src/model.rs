//! The model cloud by itself, without any fault on the way: what a test compares with the real one.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use counterfoil_domain::{RegisterId, Timestamp};
use counterfoil_sync::{
    AnyOf, Archive, Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, Printing,
    RegisterClaim, RegisterDocument, Remote, RemoteError, StoreDocument,
};

use crate::cloud::{Account, Cloud, Reader};
use crate::faults::{FaultPlan, Faults};
use crate::world::World;

/// Times are whole milliseconds.
const APART: Duration = Duration::from_millis(1);

/// An empty store.
#[derive(Debug)]
pub struct Model {
    cloud: Arc<Cloud>,
}

impl Default for Model {
    fn default() -> Self {
        let world = World::new(FaultPlan::draw(0, &Faults::none()), 0, false);
        Self {
            cloud: Cloud::new(world),
        }
    }
}

impl Model {
    /// The store as an account sees it whose membership names these registers.
    pub fn member(&self, registers: &[RegisterId]) -> Arc<dyn Remote> {
        Arc::new(Direct {
            cloud: Arc::clone(&self.cloud),
            account: Arc::new(Account {
                name: "a member".to_owned(),
                registers: registers.iter().copied().collect(),
                is_trusted: true,
            }),
        })
    }

    /// The store for whoever proves the books.
    pub fn archive(&self) -> Arc<dyn Archive> {
        Arc::new(Reader(Arc::clone(&self.cloud)))
    }
}

struct Direct {
    cloud: Arc<Cloud>,
    account: Arc<Account>,
}

#[async_trait]
impl Remote for Direct {
    async fn commit(&self, creates: &[Create]) -> Result<Timestamp, RemoteError> {
        // No two commits have one time, as on the real server; a network keeps them apart in the simulator.
        tokio::time::sleep(APART).await;
        self.cloud
            .commit(&self.account, &Arc::new(creates.to_vec()))
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        Ok(self.cloud.get(names))
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        Ok(self.cloud.count(queries))
    }

    async fn count_any(&self, query: &AnyOf) -> Result<u64, RemoteError> {
        Ok(self.cloud.count_any(query))
    }

    async fn duplicates(
        &self,
        query: &DuplicateQuery,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        Ok(self.cloud.duplicates(query, limit))
    }

    async fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        Ok(self.cloud.created_since(collection, since, limit))
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        Ok(self.cloud.store())
    }

    async fn create_store(&self, name: &str, currency: &str) -> Result<Timestamp, RemoteError> {
        self.cloud.create_store(name, currency)
    }

    async fn register(&self, id: RegisterId) -> Result<Option<RegisterDocument>, RemoteError> {
        Ok(self.cloud.register(id))
    }

    async fn claim_register(&self, claim: &RegisterClaim) -> Result<Timestamp, RemoteError> {
        self.cloud.claim_register(&self.account, claim)
    }

    async fn printing(&self, prefix: &str) -> Result<Vec<Printing>, RemoteError> {
        Ok(self.cloud.printing(prefix))
    }

    async fn count_numbers(&self, query: &NumberQuery) -> Result<u64, RemoteError> {
        Ok(self.cloud.count_numbers(query))
    }
}
