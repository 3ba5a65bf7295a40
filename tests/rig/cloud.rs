//! The emulator that all tests of a program share, and a reader of what it holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use counterfoil_app::clock::RandomIds;
use counterfoil_domain::IdSource;
use counterfoil_domain::document::Fields;
use counterfoil_firestore::{Endpoint, FirestoreRemote, Settings};
use counterfoil_sync::{Collection, DocumentName, Found, Remote};
use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{
    CommitRequest, Document, GetDocumentRequest, ListDocumentsRequest, Value, Write,
};
use tonic::Request;
use tonic::transport::{Channel, Endpoint as Address};
use xtask::emulator::{Emulator, HOW, PROJECT, find};

/// The database of [`PROJECT`].
const DATABASE: &str = "projects/demo-counterfoil/databases/(default)";

static SHARED: Mutex<Weak<Emulator>> = Mutex::new(Weak::new());

/// The emulator, kept alive by whoever holds this.
#[derive(Clone)]
pub struct Cloud {
    emulator: Arc<Emulator>,
    store_id: String,
}

impl Cloud {
    /// The shared emulator and a store of its own in it. It ends with the last test that uses it.
    ///
    /// # Panics
    /// If there is no emulator: a test that needs one fails, it is never passed over.
    pub fn new() -> Self {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let emulator = shared.upgrade().unwrap_or_else(|| {
            let found = find().unwrap_or_else(|missing| panic!("{missing}\n{HOW}"));
            match Emulator::start(&found, None) {
                Ok(emulator) => Arc::new(emulator),
                Err(error) => panic!("the Firestore emulator does not start: {error}"),
            }
        });
        *shared = Arc::downgrade(&emulator);
        Self {
            emulator,
            store_id: format!("store-{}", RandomIds.uuid().simple()),
        }
    }

    /// `host:port` of the emulator.
    pub fn host(&self) -> &str {
        self.emulator.host()
    }

    /// The project that it serves.
    pub fn project(&self) -> &'static str {
        PROJECT
    }

    /// This test's store.
    pub fn store_id(&self) -> &str {
        &self.store_id
    }

    /// Another store in the same emulator.
    pub fn sibling(&self) -> Self {
        Self {
            emulator: Arc::clone(&self.emulator),
            store_id: format!("store-{}", RandomIds.uuid().simple()),
        }
    }

    /// A remote of its own on this store, past any proxy.
    pub fn remote(&self) -> FirestoreRemote {
        remote(self.host(), &self.store_id)
    }

    /// The same through whatever stands in front of it at `host`.
    pub fn remote_through(&self, host: &str) -> FirestoreRemote {
        remote(host, &self.store_id)
    }

    /// All documents of a collection, the earliest first.
    pub async fn all(&self, collection: Collection) -> Vec<Found> {
        all(self.host(), &self.store_id, collection).await
    }

    /// The fields of one document.
    pub async fn document(&self, collection: Collection, id: &str) -> Option<Fields> {
        let name = DocumentName {
            collection,
            id: id.to_owned(),
        };
        let found = self
            .remote()
            .get(&[name])
            .await
            .expect("the emulator answers");
        let found = found.into_iter().next().expect("an answer for one name")?;
        Some(found.fields.expect("a valid document"))
    }

    /// Writes a document as it is, whatever stands there: `path` is under the store, empty for the store's own.
    pub async fn put(&self, path: &str, fields: HashMap<String, Value>) {
        let document = Document {
            name: self.name(path),
            fields,
            ..Document::default()
        };
        self.write(Operation::Update(document)).await;
    }

    /// Removes a document, as somebody with the project's console can.
    pub async fn remove(&self, path: &str) {
        self.write(Operation::Delete(self.name(path))).await;
    }

    async fn write(&self, operation: Operation) {
        let commit = CommitRequest {
            database: DATABASE.to_owned(),
            writes: vec![Write {
                operation: Some(operation),
                ..Write::default()
            }],
            ..CommitRequest::default()
        };
        let written = client(self.host()).commit(as_owner(commit)).await;
        written.expect("the emulator takes it");
    }

    /// A document's fields as they are.
    pub async fn cells(&self, path: &str) -> HashMap<String, Value> {
        let get = GetDocumentRequest {
            name: self.name(path),
            ..GetDocumentRequest::default()
        };
        let found = client(self.host()).get_document(as_owner(get)).await;
        found.expect("it is there").into_inner().fields
    }

    fn name(&self, path: &str) -> String {
        let name = format!("{DATABASE}/documents/stores/{}/{path}", self.store_id);
        name.trim_end_matches('/').to_owned()
    }
}

fn remote(host: &str, store_id: &str) -> FirestoreRemote {
    FirestoreRemote::new(Settings {
        project: PROJECT.to_owned(),
        store_id: store_id.to_owned(),
        endpoint: Endpoint::Emulator {
            host: host.to_owned(),
        },
        deadline: Duration::from_secs(60),
    })
}

fn client(host: &str) -> FirestoreClient<Channel> {
    let address = Address::from_shared(format!("http://{host}"));
    FirestoreClient::new(address.expect("an address").connect_lazy())
}

/// All documents of a collection of the store in the emulator at `host`, the earliest first. They are listed by their
/// names, as the console does: the program has no query for all of them.
///
/// # Panics
/// If the emulator does not answer.
pub async fn all(host: &str, store_id: &str, collection: Collection) -> Vec<Found> {
    let mut names = Vec::new();
    let mut list = ListDocumentsRequest {
        parent: format!("{DATABASE}/documents/stores/{store_id}"),
        collection_id: collection.as_str().to_owned(),
        page_size: 1_000,
        ..ListDocumentsRequest::default()
    };
    loop {
        let page = client(host).list_documents(as_owner(list.clone())).await;
        let page = page.expect("the emulator answers").into_inner();
        let ids = page.documents.iter().filter_map(|document| {
            let (_, id) = document.name.rsplit_once('/')?;
            Some(id.to_owned())
        });
        names.extend(ids.map(|id| DocumentName { collection, id }));
        if page.next_page_token.is_empty() {
            break;
        }
        list.page_token = page.next_page_token;
    }
    let mut all = Vec::new();
    for some in names.chunks(500) {
        let found = remote(host, store_id).get(some).await;
        all.extend(found.expect("the emulator answers").into_iter().flatten());
    }
    all.sort_by(|one, other| (one.created_at, &one.name).cmp(&(other.created_at, &other.name)));
    all
}

/// Past all rules.
fn as_owner<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    let owner = "Bearer owner".parse().expect("a header");
    request.metadata_mut().insert("authorization", owner);
    request
}

impl Default for Cloud {
    fn default() -> Self {
        Self::new()
    }
}
