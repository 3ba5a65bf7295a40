//! What the engine may ask, each a call over the line.

use std::sync::Arc;

use async_trait::async_trait;
use counterfoil_domain::{Clock as _, RegisterId, Timestamp};
use counterfoil_sync::{
    AnyOf, Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, Printing,
    RegisterClaim, RegisterDocument, Remote, RemoteError, StoreDocument,
};

use super::Line;
use crate::checks::Question;
use crate::random::lock;

#[async_trait]
impl Remote for Line {
    async fn commit(&self, creates: &[Create]) -> Result<Timestamp, RemoteError> {
        let (sent_ms, creates) = (self.link.world.elapsed_ms(), Arc::new(creates.to_vec()));
        let sent = Arc::clone(&creates);
        let sent_at = self.link.clock.now().ms();
        self.alive().await;
        let by = self.link.account();
        self.link.cloud.is_sent(by, Arc::clone(&creates));
        let answer = self
            .go(true, move |cloud, by| cloud.commit(by, &creates))
            .await;
        if let Ok(server) = &answer {
            let (now, answered_at) = (self.link.world.elapsed_ms(), self.link.clock.now().ms());
            lock(&self.link.checks).measure(now, server.ms(), (sent_at, answered_at));
        }
        self.heard(&sent, sent_ms, &answer);
        answer
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        let names = names.to_vec();
        self.call(false, move |cloud, _| Ok(cloud.get(&names)))
            .await
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        let queries = queries.to_vec();
        self.look(Question::Count(queries.clone()), move |cloud| {
            cloud.count(&queries)
        })
        .await
    }

    async fn count_any(&self, query: &AnyOf) -> Result<u64, RemoteError> {
        let query = query.clone();
        self.look(Question::Any(query.clone()), move |cloud| {
            cloud.count_any(&query)
        })
        .await
    }

    async fn duplicates(
        &self,
        query: &DuplicateQuery,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        let query = query.clone();
        self.look(Question::Read(query.clone()), move |cloud| {
            cloud.duplicates(&query, limit)
        })
        .await
    }

    async fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        self.call(false, move |cloud, _| {
            Ok(cloud.created_since(collection, since, limit))
        })
        .await
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        self.call(false, |cloud, _| Ok(cloud.store())).await
    }

    async fn create_store(&self, name: &str, currency: &str) -> Result<Timestamp, RemoteError> {
        let (name, currency) = (name.to_owned(), currency.to_owned());
        self.call(true, move |cloud, _| cloud.create_store(&name, &currency))
            .await
    }

    async fn register(&self, id: RegisterId) -> Result<Option<RegisterDocument>, RemoteError> {
        self.call(false, move |cloud, _| Ok(cloud.register(id)))
            .await
    }

    async fn claim_register(&self, claim: &RegisterClaim) -> Result<Timestamp, RemoteError> {
        let claim = claim.clone();
        self.call(true, move |cloud, by| cloud.claim_register(by, &claim))
            .await
    }

    async fn printing(&self, prefix: &str) -> Result<Vec<Printing>, RemoteError> {
        let prefix = prefix.to_owned();
        self.call(false, move |cloud, _| Ok(cloud.printing(&prefix)))
            .await
    }

    async fn count_numbers(&self, query: &NumberQuery) -> Result<u64, RemoteError> {
        let query = query.clone();
        self.call(false, move |cloud, _| Ok(cloud.count_numbers(&query)))
            .await
    }
}
