//! A cloud that takes everything at once: what is left is the register's own work on a drain, reading and
//! recording, without encoding and the wire.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use counterfoil_app::clock::SystemClock;
use counterfoil_app::sync::{Connect, Parts, start};
use counterfoil_domain::{Clock as _, RegisterId, Timestamp};
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::{
    Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, Printing, RegisterClaim,
    RegisterDocument, Remote, RemoteError, Spent, StoreDocument,
};
use counterfoil_tests::rig::register::Register;

use super::figure::Figure;
use super::shop::{DEADLINE, Waiting};

#[derive(Clone, Copy)]
pub(crate) struct AtOnce {
    /// How long a commit takes.
    pub(crate) answers_after: Duration,
}

impl Connect for AtOnce {
    fn remote(&self, _connected: &Connected) -> Arc<dyn Remote> {
        Arc::new(*self)
    }
}

impl AtOnce {
    /// What a driver is made of that sends to it what the register has.
    pub(crate) fn parts(self, register: &Register) -> Parts {
        register.connect("nowhere", "nowhere");
        Parts {
            connect: Arc::new(self),
            ..register.parts("localhost:1", DEADLINE)
        }
    }
}

#[async_trait]
impl Remote for AtOnce {
    async fn commit(&self, _creates: &[Create]) -> Result<Timestamp, RemoteError> {
        if !self.answers_after.is_zero() {
            tokio::time::sleep(self.answers_after).await;
        }
        Ok(SystemClock.now())
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        Ok(vec![None; names.len()])
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        Ok(vec![1; queries.len()])
    }

    async fn duplicates(
        &self,
        _query: &DuplicateQuery,
        _limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        Ok(Vec::new())
    }

    async fn created_since(
        &self,
        _collection: Collection,
        _since: Timestamp,
        _limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        Ok(Vec::new())
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        Ok(None)
    }

    async fn create_store(&self, _name: &str, _currency: &str) -> Result<Timestamp, RemoteError> {
        Ok(SystemClock.now())
    }

    async fn register(&self, _id: RegisterId) -> Result<Option<RegisterDocument>, RemoteError> {
        Ok(None)
    }

    async fn claim_register(&self, _claim: &RegisterClaim) -> Result<Timestamp, RemoteError> {
        Ok(SystemClock.now())
    }

    async fn printing(&self, _prefix: &str) -> Result<Vec<Printing>, RemoteError> {
        Ok(Vec::new())
    }

    async fn count_numbers(&self, _query: &NumberQuery) -> Result<u64, RemoteError> {
        Ok(0)
    }
}

/// Drains a register into it.
pub(crate) async fn drain(waiting: &Waiting) -> Figure {
    let at_once = AtOnce {
        answers_after: Duration::ZERO,
    };
    let parts = at_once.parts(&waiting.register);
    let begun = Instant::now();
    let (handle, task) = start(parts);
    let mut status = handle.status();
    let up = status.wait_for(|s| s.synced_total > 0 && s.pending + s.in_flight == 0);
    up.await.unwrap();
    let took = begun.elapsed();
    handle.stop();
    task.await.unwrap();
    Figure {
        sales: waiting.creates.len(),
        took,
        billed: Spent::default(),
    }
}
