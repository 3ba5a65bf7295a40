//! The classic mechanism, as `docs/SYNC.md` tells it: for each sale a transaction that asks for the same id
//! in the last 60 seconds, and creates the document where nobody has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use counterfoil_app::clock::SystemClock;
use counterfoil_domain::Clock as _;
use counterfoil_firestore::{codec, writes};
use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use gcloud_sdk::google::firestore::v1::run_query_request::{ConsistencySelector, QueryType};
use gcloud_sdk::google::firestore::v1::structured_query::field_filter::Operator;
use gcloud_sdk::google::firestore::v1::structured_query::filter::FilterType;
use gcloud_sdk::google::firestore::v1::structured_query::{
    CollectionSelector, CompositeFilter, FieldFilter, FieldReference, Filter, composite_filter,
};
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{
    BeginTransactionRequest, CommitRequest, RunQueryRequest, StructuredQuery, Value, Write,
};
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use super::bill::{Account, Sent};
use super::figure::Figure;
use super::shop::{Shop, Waiting};

type Client = FirestoreClient<Channel>;

const WINDOW: Duration = Duration::from_secs(60);

/// Sends what it can until `time` is over; a sale that did not come through by then is not counted. What it asked is
/// billed all the same, as is every attempt that met another and was tried again.
pub(crate) async fn drain(shop: &Shop, registers: &[&Waiting], time: Duration) -> Figure {
    let cloud = shop.cloud().await;
    let database = format!("projects/{}/databases/(default)", cloud.project());
    let store = format!("{database}/documents/stores/{}", cloud.store_id());
    let endpoint = Endpoint::new(format!("http://{}", cloud.host())).unwrap();
    let landed = Arc::new(AtomicUsize::new(0));
    let account = Account::default();
    let begun = Instant::now();
    let mut senders = JoinSet::new();
    for waiting in registers {
        let writes: Vec<(String, Write)> = waiting
            .creates
            .iter()
            .map(|create| {
                let path = format!("{store}/sales/{}", create.name.id);
                let write = writes::create(path, cloud.store_id(), &create.fields).unwrap();
                (create.name.id.clone(), write)
            })
            .collect();
        let sender = Sender {
            channel: endpoint.connect().await.unwrap(),
            database: database.clone(),
            store: store.clone(),
            account: account.clone(),
        };
        let landed = Arc::clone(&landed);
        senders.spawn(async move {
            for (id, write) in writes {
                while !sender.send(&id, write.clone()).await {}
                landed.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let all = async { while senders.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(time, all).await;
    let took = begun.elapsed();
    senders.shutdown().await;
    Figure {
        sales: landed.load(Ordering::Relaxed),
        took,
        billed: account.settle(),
    }
}

struct Sender {
    channel: Channel,
    database: String,
    store: String,
    account: Account,
}

impl Sender {
    /// Whether the transaction went through; one that met another is tried again.
    async fn send(&self, id: &str, write: Write) -> bool {
        let mut client = FirestoreClient::new(self.channel.clone());
        // No rule is asked for the beginning, and nothing is billed.
        let begin = BeginTransactionRequest {
            database: self.database.clone(),
            ..Default::default()
        };
        let Ok(begun) = client.begin_transaction(owner(begin)).await else {
            return false;
        };
        let transaction = begun.into_inner().transaction;
        if !self.ask(&mut client, id, transaction.clone()).await {
            return false;
        }
        let commit = CommitRequest {
            database: self.database.clone(),
            writes: vec![write],
            transaction,
            ..Default::default()
        };
        let sent = self.account.commit();
        match client.commit(owner(commit)).await {
            Ok(answer) => sent.wrote(answer.into_inner().write_results.len()),
            Err(status) => return refused(sent, &status),
        }
        true
    }

    /// Whether the query was answered.
    async fn ask(&self, client: &mut Client, id: &str, transaction: Vec<u8>) -> bool {
        let query = RunQueryRequest {
            parent: self.store.clone(),
            query_type: Some(QueryType::StructuredQuery(same_id_lately(id))),
            consistency_selector: Some(ConsistencySelector::Transaction(transaction)),
            ..Default::default()
        };
        let sent = self.account.query();
        let mut answers = match client.run_query(owner(query)).await {
            Ok(answers) => answers.into_inner(),
            Err(status) => return refused(sent, &status),
        };
        loop {
            match answers.message().await {
                Ok(Some(answer)) => assert!(answer.document.is_none(), "nobody else has this id"),
                Ok(None) => break,
                Err(status) => return refused(sent, &status),
            }
        }
        sent.found(0);
        true
    }
}

fn refused(sent: Sent, status: &Status) -> bool {
    sent.refused(status);
    false
}

fn owner<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request
        .metadata_mut()
        .insert("authorization", "Bearer owner".parse().unwrap());
    request
}

fn same_id_lately(id: &str) -> StructuredQuery {
    let window_ms = i64::try_from(WINDOW.as_millis()).unwrap();
    let since = codec::to_timestamp(SystemClock.now().plus_ms(-window_ms));
    let filters = vec![
        field(
            "saleId",
            Operator::Equal,
            ValueType::StringValue(id.to_owned()),
        ),
        field(
            "createdAt",
            Operator::GreaterThanOrEqual,
            ValueType::TimestampValue(since),
        ),
    ];
    let op = i32::from(composite_filter::Operator::And);
    let all = FilterType::CompositeFilter(CompositeFilter { op, filters });
    StructuredQuery {
        from: vec![CollectionSelector {
            collection_id: "sales".to_owned(),
            all_descendants: false,
        }],
        r#where: Some(Filter {
            filter_type: Some(all),
        }),
        ..Default::default()
    }
}

fn field(name: &str, op: Operator, value: ValueType) -> Filter {
    let filter = FieldFilter {
        field: Some(FieldReference {
            field_path: name.to_owned(),
        }),
        op: i32::from(op),
        value: Some(Value {
            value_type: Some(value),
        }),
    };
    Filter {
        filter_type: Some(FilterType::FieldFilter(filter)),
    }
}
