//! The opponent: nothing but guarded commits of documents that are encoded already.

use std::sync::Arc;
use std::time::Instant;

use counterfoil_firestore::writes;
use counterfoil_tests::rig::cloud::Cloud;
use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use gcloud_sdk::google::firestore::v1::{CommitRequest, Write};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

use super::bill::Account;
use super::figure::Figure;
use super::shop::{Shop, Waiting};

const BATCH: usize = 200;

pub(crate) async fn drain(shop: &Shop, registers: &[&Waiting], in_flight: usize) -> Figure {
    let cloud = shop.cloud().await;
    send_all(&cloud, registers, in_flight).await
}

/// Sends all that the registers have into the store of `cloud`.
pub(crate) async fn send_all(cloud: &Cloud, registers: &[&Waiting], in_flight: usize) -> Figure {
    let database = format!("projects/{}/databases/(default)", cloud.project());
    let endpoint = Endpoint::new(format!("http://{}", cloud.host())).unwrap();
    let mut queues = Vec::new();
    for waiting in registers {
        let writes = waiting.creates.iter().map(|create| {
            let sales = format!("{database}/documents/stores/{}/sales", cloud.store_id());
            writes::create(
                format!("{sales}/{}", create.name.id),
                cloud.store_id(),
                &create.fields,
            )
            .unwrap()
        });
        let writes: Vec<Write> = writes.collect();
        let batches: Vec<Vec<Write>> = writes.chunks(BATCH).map(<[Write]>::to_vec).collect();
        let channel = endpoint.connect().await.unwrap();
        queues.push((channel, Arc::new(Mutex::new(batches))));
    }
    let sales = registers.iter().map(|waiting| waiting.creates.len()).sum();
    let account = Account::default();
    let begun = Instant::now();
    let mut senders = JoinSet::new();
    for (channel, batches) in queues {
        for _ in 0..in_flight {
            senders.spawn(send(
                channel.clone(),
                database.clone(),
                Arc::clone(&batches),
                account.clone(),
            ));
        }
    }
    while let Some(sent) = senders.join_next().await {
        sent.unwrap();
    }
    Figure {
        sales,
        took: begun.elapsed(),
        billed: account.settle(),
    }
}

async fn send(
    channel: Channel,
    database: String,
    batches: Arc<Mutex<Vec<Vec<Write>>>>,
    account: Account,
) {
    let mut client = FirestoreClient::new(channel);
    loop {
        let Some(writes) = batches.lock().await.pop() else {
            return;
        };
        let request = CommitRequest {
            database: database.clone(),
            writes,
            ..CommitRequest::default()
        };
        let mut request = tonic::Request::new(request);
        request
            .metadata_mut()
            .insert("authorization", "Bearer owner".parse().unwrap());
        let sent = account.commit();
        let answer = client.commit(request).await.unwrap().into_inner();
        sent.wrote(answer.write_results.len());
    }
}
