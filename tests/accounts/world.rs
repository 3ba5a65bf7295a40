//! Both emulators, with the rules; a store that its owner founded; a register that is signed in.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use counterfoil_app::account::Keep;
use counterfoil_app::account::keychain::{Keychain, NoKeychain};
use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::dto::{AccountView, SignInInput, SignInResult, SyncStatus};
use counterfoil_app::sync::{FirestoreConnect, Parts, sync_with_firestore};
use counterfoil_app::{AppError, Places, Servers};
use counterfoil_domain::{Clock, IdSource, Timestamp};
use counterfoil_firestore::auth::AuthServer;
use counterfoil_firestore::members::RegisterMember;
use counterfoil_firestore::{Endpoint, FirestoreRemote, Settings};
use counterfoil_tests::rig::register::Register;
use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{
    CommitRequest, Document, GetDocumentRequest, ListDocumentsRequest, Write,
};
use gcloud_sdk::tonic::Request;
use gcloud_sdk::tonic::transport::{Channel, Endpoint as Address};
use xtask::auth::{self, Auth};
use xtask::emulator::{self, Emulator, PROJECT};

pub(crate) const PASSWORD: &str = "a-long-password-of-an-owner";
/// Calls that reach an emulator are answered in this time on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

static SHARED: Mutex<Weak<Emulators>> = Mutex::new(Weak::new());

struct Emulators {
    firestore: Emulator,
    auth: Auth,
}

fn firebase() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../firebase")
}

fn shipped_rules() -> String {
    std::fs::read_to_string(firebase().join("firestore.rules")).expect("the rules")
}

impl Emulators {
    fn start() -> Self {
        let found = emulator::find().unwrap_or_else(|why| panic!("{why}\n{}", emulator::HOW));
        let rules = firebase().join("firestore.rules");
        let firestore = Emulator::start_with_rules(&found, &rules);
        let firestore = firestore.unwrap_or_else(|error| panic!("{error}"));
        let auth =
            Auth::start(&firebase()).unwrap_or_else(|error| panic!("{error}\n{}", auth::HOW));
        Self { firestore, auth }
    }
}

/// A store in the shared emulators, founded as `docs/SETUP-FIREBASE.md` tells.
pub(crate) struct Store {
    emulators: Arc<Emulators>,
    pub(crate) id: String,
    pub(crate) owner: String,
}

impl Store {
    pub(crate) async fn founded() -> Self {
        let emulators = {
            let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
            let running = shared.upgrade();
            let running = running.unwrap_or_else(|| Arc::new(Emulators::start()));
            *shared = Arc::downgrade(&running);
            running
        };
        Self::in_emulators(emulators).await
    }

    /// In emulators of its own: rules are one for all stores.
    pub(crate) async fn alone() -> Self {
        Self::in_emulators(Arc::new(Emulators::start())).await
    }

    /// Gives it other rules.
    pub(crate) fn rules(&self, text: &str) {
        let taken = self.emulators.firestore.take_rules(text);
        taken.expect("they are valid");
    }

    /// Gives it those that the product ships with.
    pub(crate) fn rules_of_the_product(&self) {
        self.rules(&shipped_rules());
    }

    /// Gives it the same, but that they deny each new sale.
    pub(crate) fn rules_without_new_sales(&self) {
        let shipped = shipped_rules();
        let allows = "allow create: if createdByOwn(saleRequired(), saleOptional())";
        assert_eq!(shipped.matches(allows).count(), 1, "what allows new sales");
        self.rules(&shipped.replace(allows, &allows.replace("if ", "if false && ")));
    }

    async fn in_emulators(emulators: Arc<Emulators>) -> Self {
        let id = format!("store-{}", RandomIds.uuid().simple());
        let owner = format!("owner-{id}@shop.example");
        // Step 3.1: the owner's account. Step 3.4: the script.
        emulators.auth.sign_up(&owner, PASSWORD).expect("an owner");
        let mut script = tokio::process::Command::new("node");
        script
            .current_dir(firebase())
            .args(["create-store.mjs", "--project", PROJECT, "--key", "any"])
            .args(["--email", &owner, "--store", &id])
            .args(["--name", "Corner shop", "--currency", "EUR"])
            .env("COUNTERFOIL_PASSWORD", PASSWORD)
            .env("FIREBASE_AUTH_EMULATOR_HOST", emulators.auth.host())
            .env("FIRESTORE_EMULATOR_HOST", emulators.firestore.host());
        let output = script.output().await.expect("node");
        assert!(output.status.success(), "{output:?}");
        Self {
            emulators,
            id,
            owner,
        }
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.emulators.auth
    }

    pub(crate) fn host(&self) -> &str {
        self.emulators.firestore.host()
    }

    pub(crate) fn servers(&self) -> Servers {
        Servers {
            auth: AuthServer::Emulator {
                host: self.auth().host().to_owned(),
            },
            firestore: Endpoint::Emulator {
                host: self.host().to_owned(),
            },
            deadline: DEADLINE,
        }
    }

    /// Past all rules.
    pub(crate) fn remote(&self) -> FirestoreRemote {
        FirestoreRemote::new(Settings {
            project: PROJECT.to_owned(),
            store_id: self.id.clone(),
            endpoint: self.servers().firestore,
            deadline: DEADLINE,
        })
    }

    /// Removes a membership, as a manager does in the console.
    pub(crate) async fn remove(&self, uid: &str) {
        let mut call = Request::new(CommitRequest {
            database: format!("projects/{PROJECT}/databases/(default)"),
            writes: vec![Write {
                operation: Some(Operation::Delete(format!("{}/members/{uid}", self.path()))),
                ..Write::default()
            }],
            ..CommitRequest::default()
        });
        let removed = self.client(&mut call).commit(call).await;
        removed.expect("removed");
    }

    /// The roles of all its members, in order.
    pub(crate) async fn members(&self) -> Vec<String> {
        let mut call = Request::new(ListDocumentsRequest {
            parent: self.path(),
            collection_id: "members".to_owned(),
            ..ListDocumentsRequest::default()
        });
        let all = self.client(&mut call).list_documents(call).await;
        let all = all.expect("an answer").into_inner().documents;
        let mut roles: Vec<_> = all.iter().map(|member| text(member, "role")).collect();
        roles.sort_unstable();
        roles
    }

    /// A text in the document at this path under the store's.
    pub(crate) async fn text(&self, path: &str, field: &str) -> String {
        let mut call = Request::new(GetDocumentRequest {
            name: format!("{}/{path}", self.path()),
            ..GetDocumentRequest::default()
        });
        let found = self.client(&mut call).get_document(call).await;
        text(&found.expect("it is there").into_inner(), field)
    }

    fn path(&self) -> String {
        let documents = format!("projects/{PROJECT}/databases/(default)/documents");
        format!("{documents}/stores/{}", self.id)
    }

    /// Asks past all rules, as the console does.
    fn client<T>(&self, call: &mut Request<T>) -> FirestoreClient<Channel> {
        let owner = "Bearer owner".parse().expect("a header");
        call.metadata_mut().insert("authorization", owner);
        let channel = Address::new(format!("http://{}", self.host())).expect("an address");
        FirestoreClient::new(channel.connect_lazy())
    }

    /// Adds it again.
    pub(crate) async fn add(&self, uid: &str, register: &Register) {
        let id = register.till.identity().expect("an identity").register_id;
        let member = RegisterMember {
            uid: uid.to_owned(),
            name: "Till".to_owned(),
            register_ids: vec![id.parse().expect("an id")],
        };
        self.remote().enrol(&member).await.expect("added");
    }
}

/// The system's clock, some hours on.
#[derive(Default)]
pub(crate) struct LaterClock(AtomicI64);

impl LaterClock {
    pub(crate) fn pass_hours(&self, hours: i64) {
        self.0.fetch_add(hours * 3_600_000, Ordering::SeqCst);
    }
}

impl Clock for LaterClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_ms(self.0.load(Ordering::SeqCst))
    }
}

/// A register of the store, and where its account is kept.
pub(crate) struct Signed {
    pub(crate) register: Register,
    pub(crate) keep: Arc<Keep>,
    pub(crate) clock: Arc<LaterClock>,
    connect: FirestoreConnect,
}

impl Signed {
    /// Connected to the store, not signed in yet.
    pub(crate) fn out(store: &Store) -> Self {
        Self::in_project(store, PROJECT)
    }

    pub(crate) fn in_project(store: &Store, project: &str) -> Self {
        Self::made(store, project, store.host(), Arc::new(NoKeychain))
    }

    /// The same with something in front of its cloud.
    pub(crate) fn behind(store: &Store, host: &str) -> Self {
        Self::made(store, PROJECT, host, Arc::new(NoKeychain))
    }

    /// The same where somebody else answers for Firebase Auth when a token is renewed.
    pub(crate) fn renewed_by(store: &Store, host: &str) -> Self {
        let signed = Self::out(store);
        let auth = AuthServer::Emulator {
            host: host.to_owned(),
        };
        let connect = signed.connect.with_account(
            Arc::clone(&signed.keep),
            auth,
            Arc::<LaterClock>::clone(&signed.clock),
        );
        Self { connect, ..signed }
    }

    /// The same with a keychain.
    pub(crate) fn with_keychain(store: &Store, keychain: Arc<dyn Keychain>) -> Self {
        Self::made(store, PROJECT, store.host(), keychain)
    }

    fn made(store: &Store, project: &str, host: &str, keychain: Arc<dyn Keychain>) -> Self {
        let register = Register::local("A");
        register.connect(project, &store.id);
        let places = Places::within(register.dir());
        let keep = Keep::in_keychain(&places, keychain, DEADLINE);
        let (keep, clock) = (Arc::new(keep), Arc::new(LaterClock::default()));
        let host = host.to_owned();
        let connect = FirestoreConnect::new(Endpoint::Emulator { host }, DEADLINE).with_account(
            Arc::clone(&keep),
            store.servers().auth,
            Arc::<LaterClock>::clone(&clock),
        );
        Self {
            register,
            keep,
            clock,
            connect,
        }
    }

    pub(crate) async fn sign_in(&self, store: &Store) -> AccountView {
        self.sign_in_as(store, None).await.account
    }

    /// The same under a new name of the register.
    pub(crate) async fn sign_in_as(&self, store: &Store, name: Option<&str>) -> SignInResult {
        let servers = store.servers();
        let input = input(&store.owner, PASSWORD, name);
        let till = &self.register.till;
        let signed_in = till.sign_in_at(&servers, &self.keep, input);
        signed_in.await.expect("signed in")
    }

    pub(crate) async fn try_sign_in(
        &self,
        servers: &Servers,
        email: &str,
        password: &str,
    ) -> Result<SignInResult, AppError> {
        let input = input(email, password, None);
        let till = &self.register.till;
        till.sign_in_at(servers, &self.keep, input).await
    }

    pub(crate) fn parts(&self, store: &Store) -> Parts {
        Parts {
            connect: Arc::new(self.connect.clone()),
            ..self.register.parts(store.host(), DEADLINE)
        }
    }

    pub(crate) async fn sync(&self, store: &Store) -> Result<SyncStatus, AppError> {
        let parts = self.parts(store);
        sync_with_firestore(&parts, counterfoil_tests::rig::PATIENCE).await
    }
}

pub(crate) fn input(email: &str, password: &str, name: Option<&str>) -> SignInInput {
    SignInInput {
        email: email.to_owned(),
        password: password.to_owned(),
        register_name: name.map(str::to_owned),
    }
}

fn text(document: &Document, field: &str) -> String {
    let value = document.fields.get(field);
    match value.and_then(|value| value.value_type.as_ref()) {
        Some(ValueType::StringValue(text)) => text.clone(),
        other => panic!("{field}: {other:?}"),
    }
}
