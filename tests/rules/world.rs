//! The two emulators, the people who have accounts, and a client that sends their tokens.

use std::path::{Path, PathBuf};

use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use gcloud_sdk::google::firestore::v1::run_aggregation_query_request::QueryType as Counted;
use gcloud_sdk::google::firestore::v1::run_query_request::QueryType as Queried;
use gcloud_sdk::google::firestore::v1::structured_aggregation_query::aggregation::{
    Count, Operator,
};
use gcloud_sdk::google::firestore::v1::structured_aggregation_query::{Aggregation, QueryType};
use gcloud_sdk::google::firestore::v1::structured_query::CollectionSelector;
use gcloud_sdk::google::firestore::v1::{
    BatchGetDocumentsRequest, CommitRequest, RunAggregationQueryRequest, RunQueryRequest,
    StructuredAggregationQuery, StructuredQuery,
};
use gcloud_sdk::tonic::metadata::AsciiMetadataValue;
use gcloud_sdk::tonic::service::Interceptor;
use gcloud_sdk::tonic::service::interceptor::InterceptedService;
use gcloud_sdk::tonic::transport::{Channel, Endpoint};
use gcloud_sdk::tonic::{Code, Request as Call, Status};
use xtask::auth::{self, Account, Auth};
use xtask::emulator::{self, Emulator, PROJECT};

use crate::documents::Request;

/// Everybody's.
pub(crate) const PASSWORD: &str = "a long password";

/// Names other rules than the project's, to see whether any case notices what is missing in them.
const RULES: &str = "COUNTERFOIL_RULES";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Past all rules: what prepares a case.
    Everything,
    /// Without any token.
    Nobody,
    /// With an account that says nothing of its owner.
    Anonymous,
    /// With an account, and a member of another store.
    Stranger,
    /// Founded the store.
    Owner,
    /// Was added by the owner.
    Manager,
    /// The account of register A.
    TillA,
    /// The account of register B.
    TillB,
}

impl Who {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Everything => "the emulator's owner",
            Self::Nobody => "nobody in particular",
            Self::Anonymous => "an anonymous account",
            Self::Stranger => "a stranger",
            Self::Owner => "the owner",
            Self::Manager => "a manager",
            Self::TillA => "register A",
            Self::TillB => "register B",
        }
    }
}

/// What the server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Allowed,
    Denied,
    /// Neither: the case itself is wrong.
    Other(String),
}

impl From<Status> for Answer {
    fn from(status: Status) -> Self {
        match status.code() {
            Code::PermissionDenied => Self::Denied,
            code => Self::Other(format!("{code:?}: {}", status.message())),
        }
    }
}

/// Everything that the cases share.
pub(crate) struct World {
    emulator: Emulator,
    auth: Auth,
    channel: Channel,
    accounts: [Account; 6],
}

type Client = FirestoreClient<InterceptedService<Channel, Bearer>>;

impl World {
    /// Starts both emulators and signs everybody up.
    pub(crate) async fn start() -> Result<Self, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../firebase");
        let found = emulator::find().map_err(|why| format!("{why}\n{}", emulator::HOW))?;
        let (emulator, auth) = std::thread::scope(|scope| {
            let auth = scope.spawn(|| Auth::start(&folder));
            let rules = std::env::var_os(RULES);
            let rules = rules.map_or_else(|| folder.join("firestore.rules"), PathBuf::from);
            let emulator = Emulator::start_with_rules(&found, &rules);
            (emulator, auth.join())
        });
        let emulator = emulator.map_err(|error| error.to_string())?;
        let auth = auth.map_err(|_| auth::HOW.to_owned())?;
        let auth = auth.map_err(|error| error.to_string())?;
        let sign_up = |name: &str| auth.sign_up(&format!("{name}@shop.example"), PASSWORD);
        let accounts = (|| {
            let anonymous = auth.sign_up_anonymously()?;
            let [stranger, owner, manager, a, b] =
                ["stranger", "owner", "manager", "till-a", "till-b"].map(sign_up);
            xtask::failure::Result::Ok([anonymous, stranger?, owner?, manager?, a?, b?])
        })();
        let channel = Endpoint::new(format!("http://{}", emulator.host()))
            .map_err(|error| error.to_string())?
            // The emulator's refusal names every rule that it asked, in a header; Google's is one sentence.
            .http2_max_header_list_size(16 * 1024 * 1024)
            .connect_lazy();
        Ok(Self {
            emulator,
            auth,
            channel,
            accounts: accounts.map_err(|error| error.to_string())?,
        })
    }

    /// `host:port` of Firestore.
    pub(crate) fn host(&self) -> &str {
        self.emulator.host()
    }

    /// `host:port` of Firebase's Auth.
    pub(crate) fn auth_host(&self) -> &str {
        self.auth.host()
    }

    /// The name of the database.
    pub(crate) fn database(&self) -> String {
        format!("projects/{PROJECT}/databases/(default)")
    }

    fn account(&self, who: Who) -> Option<&Account> {
        let place = match who {
            Who::Everything | Who::Nobody => return None,
            Who::Anonymous => 0,
            Who::Stranger => 1,
            Who::Owner => 2,
            Who::Manager => 3,
            Who::TillA => 4,
            Who::TillB => 5,
        };
        self.accounts.get(place)
    }

    /// The id of somebody's account.
    pub(crate) fn uid(&self, who: Who) -> String {
        let account = self.account(who);
        account.map_or_else(String::new, |account| account.uid.clone())
    }

    fn client(&self, who: Who) -> Client {
        let bearer = match (who, self.account(who)) {
            (Who::Everything, _) => Some("Bearer owner".to_owned()),
            (_, account) => account.map(|account| format!("Bearer {}", account.token)),
        };
        let bearer = bearer.map(|text| text.parse().expect("a token is plain text"));
        FirestoreClient::with_interceptor(self.channel.clone(), Bearer(bearer))
    }

    /// Asks as `who`, and waits for the whole answer.
    pub(crate) async fn ask(&self, who: Who, request: Request) -> Answer {
        let mut client = self.client(who);
        let answer = match request {
            Request::Commit(writes) => {
                let request = CommitRequest {
                    database: self.database(),
                    writes,
                    ..CommitRequest::default()
                };
                client.commit(request).await.map(drop)
            }
            Request::Get(documents) => self.get(&mut client, documents).await.map(drop),
            Request::List(parent, collection) => read(&mut client, list(parent, collection)).await,
            Request::Read(request) => read(&mut client, request).await,
            Request::Count(parent, collection) => {
                total(&mut client, count(parent, collection)).await
            }
            Request::Total(request) => total(&mut client, request).await,
        };
        answer.map_or_else(Answer::from, |()| Answer::Allowed)
    }

    /// How many of these documents somebody finds.
    pub(crate) async fn found(&self, who: Who, documents: Vec<String>) -> Result<usize, Status> {
        self.get(&mut self.client(who), documents).await
    }

    async fn get(&self, client: &mut Client, documents: Vec<String>) -> Result<usize, Status> {
        use gcloud_sdk::google::firestore::v1::batch_get_documents_response::Result as Got;
        let request = BatchGetDocumentsRequest {
            database: self.database(),
            documents,
            ..BatchGetDocumentsRequest::default()
        };
        let mut answers = client.batch_get_documents(request).await?.into_inner();
        let mut found = 0;
        while let Some(answer) = answers.message().await? {
            found += usize::from(matches!(answer.result, Some(Got::Found(_))));
        }
        Ok(found)
    }
}

fn everything_in(collection: &str) -> StructuredQuery {
    let selector = CollectionSelector {
        collection_id: collection.to_owned(),
        all_descendants: false,
    };
    StructuredQuery {
        from: vec![selector],
        ..StructuredQuery::default()
    }
}

fn list(parent: String, collection: &str) -> RunQueryRequest {
    let query_type = Some(Queried::StructuredQuery(everything_in(collection)));
    RunQueryRequest {
        parent,
        query_type,
        ..RunQueryRequest::default()
    }
}

async fn read(client: &mut Client, request: RunQueryRequest) -> Result<(), Status> {
    let mut answers = client.run_query(request).await?.into_inner();
    while answers.message().await?.is_some() {}
    Ok(())
}

fn count(parent: String, collection: &str) -> RunAggregationQueryRequest {
    let counted = StructuredAggregationQuery {
        aggregations: vec![Aggregation {
            alias: "count".to_owned(),
            operator: Some(Operator::Count(Count { up_to: None })),
        }],
        query_type: Some(QueryType::StructuredQuery(everything_in(collection))),
    };
    RunAggregationQueryRequest {
        parent,
        query_type: Some(Counted::StructuredAggregationQuery(counted)),
        ..RunAggregationQueryRequest::default()
    }
}

async fn total(client: &mut Client, request: RunAggregationQueryRequest) -> Result<(), Status> {
    let mut answers = client.run_aggregation_query(request).await?.into_inner();
    while answers.message().await?.is_some() {}
    Ok(())
}

/// Adds somebody's token to every call.
#[derive(Clone)]
struct Bearer(Option<AsciiMetadataValue>);

impl Interceptor for Bearer {
    fn call(&mut self, mut call: Call<()>) -> Result<Call<()>, Status> {
        if let Some(bearer) = &self.0 {
            call.metadata_mut().insert("authorization", bearer.clone());
        }
        Ok(call)
    }
}
