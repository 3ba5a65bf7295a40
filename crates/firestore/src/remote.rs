//! The calls, each with a deadline, none tried twice.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use counterfoil_domain::document::Fields;
use counterfoil_domain::{RegisterId, Timestamp};
use counterfoil_sync::{
    AnyOf, Code, Collection, Create, DocumentName, DuplicateQuery, Found, NumberQuery, Printing,
    RegisterClaim, RegisterDocument, Remote, RemoteError, StoreDocument,
};
use firestore::FirestoreDb;
use gcloud_sdk::GoogleAuthMiddleware;
use gcloud_sdk::google::firestore::v1::batch_get_documents_response::Result as Got;
use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{
    BatchGetDocumentsRequest, CommitResponse, Document, RunAggregationQueryRequest, Write,
};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use crate::auth::Session;
use crate::codec::{self, CREATED_AT};
use crate::connection::{Connection, Settings};
use crate::query::{self, Query};
use crate::register;
use crate::status::remote_error;
use crate::wire;
use crate::writes;

/// The call that `wire::Commit` is the request of.
const COMMIT: &str = "/google.firestore.v1.Firestore/Commit";

/// What a batch of 500 sales, read back, may weigh.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// One store in Cloud Firestore, or in its emulator.
pub struct FirestoreRemote {
    connection: Connection,
}

pub(crate) type Client = FirestoreClient<GoogleAuthMiddleware>;

impl FirestoreRemote {
    /// The store that `settings` name. Nothing is connected before the first call.
    pub fn new(settings: Settings) -> Self {
        Self {
            connection: Connection::new(settings, None),
        }
    }

    /// The same for whom `session` speaks.
    pub fn signed_in(settings: Settings, session: Arc<Session>) -> Self {
        Self {
            connection: Connection::new(settings, Some(session)),
        }
    }

    pub(crate) fn store_id(&self) -> &str {
        &self.connection.settings().store_id
    }

    pub(crate) fn store_path(&self, db: &FirestoreDb) -> String {
        format!("{}/stores/{}", db.get_documents_path(), self.store_id())
    }

    fn path(&self, db: &FirestoreDb, name: &DocumentName) -> String {
        format!(
            "{}/{}/{}",
            self.store_path(db),
            name.collection.as_str(),
            name.id
        )
    }

    /// Runs one call within the deadline, connecting included.
    pub(crate) async fn call<T, F, R>(&self, call: F) -> Result<T, RemoteError>
    where
        F: FnOnce(FirestoreDb) -> R + Send,
        R: Future<Output = Result<T, RemoteError>> + Send,
    {
        let deadline = self.connection.settings().deadline;
        let answer = async { call(self.connection.get().await?).await };
        let result = match tokio::time::timeout(deadline, answer).await {
            Ok(result) => result,
            Err(_) => Err(RemoteError {
                code: Code::DeadlineExceeded,
                message: format!("no answer within {} ms", deadline.as_millis()),
            }),
        };
        if let Err(error) = &result {
            self.connection.suspect(error.code).await;
        }
        result
    }

    pub(crate) async fn write(
        &self,
        db: FirestoreDb,
        writes: Vec<Write>,
    ) -> Result<Timestamp, RemoteError> {
        let writes = writes.iter().map(Write::encode_to_vec).collect();
        self.write_encoded(db, writes).await
    }

    /// Commits writes that are encoded already.
    async fn write_encoded(
        &self,
        db: FirestoreDb,
        writes: Vec<Vec<u8>>,
    ) -> Result<Timestamp, RemoteError> {
        let database = db.get_database_path().clone();
        let request = Request::new(wire::Commit { database, writes });
        // The typed client's own channel, with its token and headers.
        let mut grpc = db.client().get_with(Grpc::new);
        let answer = async {
            let ready = grpc.ready().await;
            ready.map_err(|error| Status::unknown(error.to_string()))?;
            let codec = ProstCodec::<_, CommitResponse>::default();
            grpc.unary(request, PathAndQuery::from_static(COMMIT), codec)
                .await
        };
        let answer = answer.await.map_err(|status| remote_error(&status))?;
        created_at(&answer.into_inner())
    }

    async fn query(&self, query: Query, limit: u32) -> Result<Vec<Found>, RemoteError> {
        self.each(query, limit, read).await
    }

    /// What `read` makes of each document that is found. One that the answer brings twice is one.
    pub(crate) async fn each<T: Send>(
        &self,
        query: Query,
        limit: u32,
        read: fn(&Document) -> Option<T>,
    ) -> Result<Vec<T>, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let request = query.read(self.store_path(&db), limit);
            let mut found = Vec::new();
            let answer = client(&db)
                .run_query(request)
                .await
                .map_err(|s| remote_error(&s))?;
            let mut answers = answer.into_inner();
            let mut told = HashSet::new();
            while let Some(answer) = answers.message().await.map_err(|s| remote_error(&s))? {
                let new = |document: &Document| told.insert(document.name.clone());
                let document = answer.document.filter(new);
                found.extend(document.and_then(|document| read(&document)));
            }
            Ok(found)
        })
        .await
    }
}

#[async_trait]
impl Remote for FirestoreRemote {
    async fn commit(&self, creates: &[Create]) -> Result<Timestamp, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let writes = creates.iter().map(|create| {
                let path = self.path(&db, &create.name);
                writes::encoded_create(&path, self.store_id(), &create.fields)
                    .map_err(|invalid| invalid_argument(&create.name, &invalid))
            });
            let writes = writes.collect::<Result<Vec<_>, _>>()?;
            self.write_encoded(db, writes).await
        })
        .await
    }

    async fn get(&self, names: &[DocumentName]) -> Result<Vec<Option<Found>>, RemoteError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        self.call(async move |db: FirestoreDb| {
            let paths: Vec<String> = names.iter().map(|name| self.path(&db, name)).collect();
            let request = BatchGetDocumentsRequest {
                database: db.get_database_path().clone(),
                documents: paths.clone(),
                ..BatchGetDocumentsRequest::default()
            };
            let answer = client(&db).batch_get_documents(request).await;
            let mut answers = answer.map_err(|s| remote_error(&s))?.into_inner();
            let mut told: HashMap<String, Option<Found>> = HashMap::new();
            while let Some(answer) = answers.message().await.map_err(|s| remote_error(&s))? {
                match answer.result {
                    Some(Got::Found(document)) => {
                        told.insert(document.name.clone(), read(&document));
                    }
                    Some(Got::Missing(name)) => {
                        told.insert(name, None);
                    }
                    None => {}
                }
            }
            // Silence about a name is not its absence.
            paths
                .iter()
                .map(|path| told.get(path).cloned().ok_or_else(|| silent(path)))
                .collect()
        })
        .await
    }

    async fn count(&self, queries: &[DuplicateQuery]) -> Result<Vec<u64>, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let mut asked = JoinSet::new();
            for (index, query) in queries.iter().enumerate() {
                let request = query::duplicates(query).count(self.store_path(&db));
                let client = client(&db);
                asked.spawn(async move { (index, count(client, request).await) });
            }
            let mut counts = vec![0; queries.len()];
            while let Some(answer) = asked.join_next().await {
                let (index, counted) = answer.map_err(|error| RemoteError {
                    code: Code::Internal,
                    message: error.to_string(),
                })?;
                if let Some(slot) = counts.get_mut(index) {
                    *slot = counted?;
                }
            }
            Ok(counts)
        })
        .await
    }

    async fn count_any(&self, query: &AnyOf) -> Result<u64, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let request = query::duplicates_any(query).count(self.store_path(&db));
            count(client(&db), request).await
        })
        .await
    }

    async fn duplicates(
        &self,
        query: &DuplicateQuery,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        self.query(query::duplicates(query), limit).await
    }

    async fn created_since(
        &self,
        collection: Collection,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Found>, RemoteError> {
        let Some(query) = query::created_since(collection, since) else {
            return Err(RemoteError {
                code: Code::InvalidArgument,
                message: format!("{} are not asked for by their age", collection.as_str()),
            });
        };
        self.query(query, limit).await
    }

    async fn store(&self) -> Result<Option<StoreDocument>, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let found = document(&db, self.store_path(&db)).await?;
            found.as_ref().map(store_document).transpose()
        })
        .await
    }

    async fn register(&self, id: RegisterId) -> Result<Option<RegisterDocument>, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let found = document(&db, register::path(&self.store_path(&db), id)).await?;
            found.as_ref().map(register::read).transpose()
        })
        .await
    }

    async fn claim_register(&self, claim: &RegisterClaim) -> Result<Timestamp, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let write = register::claim(&self.store_path(&db), self.store_id(), claim);
            self.write(db, vec![write]).await
        })
        .await
    }

    async fn printing(&self, prefix: &str) -> Result<Vec<Printing>, RemoteError> {
        let asked = query::series(prefix);
        self.each(asked, register::NAMED, register::printing).await
    }

    async fn count_numbers(&self, query: &NumberQuery) -> Result<u64, RemoteError> {
        self.call(async move |db: FirestoreDb| {
            let request = query::numbers(query).count(self.store_path(&db));
            count(client(&db), request).await
        })
        .await
    }

    async fn create_store(&self, name: &str, currency: &str) -> Result<Timestamp, RemoteError> {
        let mut fields = Fields::new();
        fields.insert("schema".to_owned(), json!(1));
        fields.insert("name".to_owned(), json!(name));
        fields.insert("currency".to_owned(), json!(currency));
        self.call(async move |db: FirestoreDb| {
            let write = writes::create(self.store_path(&db), self.store_id(), &fields);
            let write = write.map_err(|invalid| RemoteError {
                code: Code::InvalidArgument,
                message: format!("the store's document: {invalid}"),
            })?;
            self.write(db, vec![write]).await
        })
        .await
    }
}

/// One document by its whole path, if it is there.
pub(crate) async fn document(
    db: &FirestoreDb,
    path: String,
) -> Result<Option<Document>, RemoteError> {
    let request = BatchGetDocumentsRequest {
        database: db.get_database_path().clone(),
        documents: vec![path.clone()],
        ..BatchGetDocumentsRequest::default()
    };
    let answer = client(db).batch_get_documents(request).await;
    let mut answers = answer.map_err(|s| remote_error(&s))?.into_inner();
    while let Some(answer) = answers.message().await.map_err(|s| remote_error(&s))? {
        match answer.result {
            Some(Got::Found(document)) => return Ok(Some(document)),
            Some(Got::Missing(_)) => return Ok(None),
            None => {}
        }
    }
    Err(silent(&path))
}

pub(crate) fn client(db: &FirestoreDb) -> Client {
    db.client()
        .get()
        .max_decoding_message_size(MAX_ANSWER_BYTES)
}

async fn count(
    mut client: Client,
    request: RunAggregationQueryRequest,
) -> Result<u64, RemoteError> {
    let answer = client
        .run_aggregation_query(request)
        .await
        .map_err(|s| remote_error(&s))?;
    let mut answers = answer.into_inner();
    while let Some(answer) = answers.message().await.map_err(|s| remote_error(&s))? {
        let counted = answer
            .result
            .and_then(|mut r| r.aggregate_fields.remove(query::COUNT));
        if let Some(ValueType::IntegerValue(n)) = counted.and_then(|value| value.value_type) {
            return Ok(u64::try_from(n).unwrap_or(0));
        }
    }
    Err(silent("a count"))
}

/// The server's time: what it wrote as `createdAt`, else when it committed.
fn created_at(answer: &CommitResponse) -> Result<Timestamp, RemoteError> {
    let written = answer
        .write_results
        .first()
        .and_then(|result| result.transform_results.first());
    let at = match written.and_then(|value| value.value_type.as_ref()) {
        Some(ValueType::TimestampValue(at)) => Some(at),
        _ => answer.commit_time.as_ref(),
    };
    at.map(codec::truncated)
        .ok_or_else(|| silent("the commit's time"))
}

/// A document as it was read; `None` if its name is not one of ours.
pub(crate) fn read(document: &Document) -> Option<Found> {
    let (rest, id) = document.name.rsplit_once('/')?;
    let collection = match rest.rsplit_once('/')?.1 {
        "sales" => Collection::Sales,
        "saleConflicts" => Collection::SaleConflicts,
        "saleResolutions" => Collection::SaleResolutions,
        _ => return None,
    };
    Some(Found {
        name: DocumentName {
            collection,
            id: id.to_owned(),
        },
        fields: codec::decode(&document.fields).map_err(|invalid| invalid.to_string()),
        created_at: document_time(document),
    })
}

pub(crate) fn document_time(document: &Document) -> Timestamp {
    let field = document
        .fields
        .get(CREATED_AT)
        .and_then(|value| value.value_type.as_ref());
    let at = match field {
        Some(ValueType::TimestampValue(at)) => Some(at),
        _ => document.create_time.as_ref(),
    };
    at.map_or(Timestamp::from_ms(0), codec::truncated)
}

fn store_document(document: &Document) -> Result<StoreDocument, RemoteError> {
    let invalid = |why: String| RemoteError {
        code: Code::FailedPrecondition,
        message: format!("the store's document in the cloud is not valid: {why}"),
    };
    let fields = codec::decode(&document.fields).map_err(|why| invalid(why.to_string()))?;
    let text = |name: &str| {
        let text = fields.get(name).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| invalid(format!("{name} is missing")))
    };
    Ok(StoreDocument {
        name: text("name")?,
        currency: text("currency")?,
        created_at: document_time(document),
    })
}

fn invalid_argument(name: &DocumentName, invalid: &codec::Invalid) -> RemoteError {
    let (collection, id) = (name.collection.as_str(), &name.id);
    RemoteError {
        code: Code::InvalidArgument,
        message: format!("{collection}/{id}: {invalid}"),
    }
}

pub(crate) fn silent(about: &str) -> RemoteError {
    RemoteError {
        code: Code::Internal,
        message: format!("the answer does not tell {about}"),
    }
}
