//! A register: the real till over a real database in a folder of its own.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::db::Db;
use counterfoil_app::dto::{SetUpInput, SyncStatus, TaxRoundingInput};
use counterfoil_app::sync::{
    FirestoreConnect, Parts, SyncHandle, SyncSettings, Threads, start, sync_with_firestore,
};
use counterfoil_app::{
    AppError, ImportOptions, Installation, OfferedCart, Places, RestoreOptions, Till, restore,
};
use counterfoil_domain::{Clock, IdSource};
use counterfoil_firestore::Endpoint;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::cloud::Cloud;

/// What every register sells.
const CATALOGUE: &str = "sku,barcode,name,category,price,tax,stock,unit
espresso,2000000000015,Espresso,Coffee,2.50,20,1000,piece
bread,2000000000022,Rye bread,Bakery,3.40,10,1000,piece
butter,2000000000039,Butter,Dairy,1.99,10,1000,piece
apples,,Apples,Fruit,2.99,10,1000,kg
";

/// Random identities, unless some are prescribed: that is how two registers come to mint one id.
#[derive(Default)]
pub struct Prescribed {
    next: Mutex<VecDeque<Uuid>>,
}

impl IdSource for Prescribed {
    fn uuid(&self) -> Uuid {
        let next = self
            .next
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        next.unwrap_or_else(|| RandomIds.uuid())
    }
}

/// A register in a folder that goes with it.
pub struct Register {
    /// The till.
    pub till: Till,
    ids: Arc<Prescribed>,
    dir: TempDir,
}

impl Register {
    /// Sets up a register in euros with this receipt prefix, not connected yet.
    pub fn local(prefix: &str) -> Self {
        Self::in_currency(prefix, "EUR")
    }

    /// The same in another currency.
    pub fn in_currency(prefix: &str, currency: &str) -> Self {
        Self::set_up(prefix, currency, Arc::new(SystemClock))
    }

    /// The same in euros, with a clock of its own.
    pub fn by_clock(prefix: &str, clock: Arc<dyn Clock>) -> Self {
        Self::set_up(prefix, "EUR", clock)
    }

    fn set_up(prefix: &str, currency: &str, clock: Arc<dyn Clock>) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let register = Self::with_clock(dir, clock);
        register
            .till
            .set_up_store(SetUpInput {
                store_name: "Corner".to_owned(),
                currency: currency.to_owned(),
                register_name: format!("Till {prefix}"),
                receipt_prefix: prefix.to_owned(),
                prices_include_tax: true,
                tax_rounding: TaxRoundingInput::Line,
                cash_rounding: None,
                time_zone: "Europe/Berlin".to_owned(),
                day_start: "04:00".to_owned(),
                demo: false,
            })
            .expect("a store");
        let options = ImportOptions {
            dry_run: false,
            skip_bad: false,
            set_stock: true,
        };
        let report = register
            .till
            .import_catalogue_bytes(CATALOGUE.as_bytes(), options, |_| {});
        assert!(report.expect("an import").problems.is_empty());
        register
    }

    /// Sets up a register that is connected to `cloud`.
    pub fn new(prefix: &str, cloud: &Cloud) -> Self {
        let register = Self::local(prefix);
        register.connect(cloud.project(), cloud.store_id());
        register
    }

    fn over(dir: TempDir) -> Self {
        Self::with_clock(dir, Arc::new(SystemClock))
    }

    fn with_clock(dir: TempDir, clock: Arc<dyn Clock>) -> Self {
        let ids = Arc::new(Prescribed::default());
        let source: Arc<dyn IdSource> = Arc::<Prescribed>::clone(&ids);
        let places = Places::within(dir.path());
        let till = Till::open(&places, clock, source).expect("a till");
        Self { till, ids, dir }
    }

    /// The same register after a backup of it was put back: it has another identity.
    pub fn restored(self, backup: &Path) -> Self {
        let Self { till, ids, dir } = self;
        drop(till);
        let places = Places::within(dir.path());
        let (clock, ids): (Arc<dyn Clock>, Arc<dyn IdSource>) = (Arc::new(SystemClock), ids);
        let options = RestoreOptions::default();
        restore(&places, backup, &options, &clock, &ids).expect("restored");
        Self::over(dir)
    }

    /// Connects it, although sales wait for another store that has none yet.
    pub fn connect(&self, project: &str, store_id: &str) {
        self.till
            .sync_connect(project, store_id, None, true)
            .expect("connected");
    }

    /// Disconnects it; nothing waits.
    pub fn disconnect(&self) {
        self.till.sync_disconnect(false).expect("disconnected");
    }

    /// A second register over a copy of this one's database, as it is at this moment. It knows that
    /// it is a copy.
    pub fn copied(&self) -> Self {
        Self::over(self.copy())
    }

    /// The same, with the installation's file copied too: nobody notices on this computer.
    pub fn copied_unnoticed(&self) -> Self {
        let dir = self.copy();
        self.install_in(dir.path());
        Self::over(dir)
    }

    /// Puts this register's installation file where `dir`, another one's folder, is looked after.
    pub fn install_in(&self, dir: &Path) {
        let id = self.till.db().expect("a database").installation();
        let id = id.and_then(|installation| installation.id());
        let installation = Installation::of(&Places::within(dir));
        let made = installation.ensure(id.expect("an installation"));
        made.expect("the same installation");
    }

    /// The same from before installations were told apart: it takes one of its own.
    pub fn copied_from_before(&self) -> Self {
        let dir = self.copy();
        let path = dir.path().join("counterfoil.db");
        let database = rusqlite::Connection::open(path).expect("the copy");
        let forget = "UPDATE registers SET installation_id = NULL";
        database.execute_batch(forget).expect("forgotten");
        drop(database);
        Self::over(dir)
    }

    fn copy(&self) -> TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        let copy = dir.path().join("counterfoil.db");
        let write = move |store: &mut counterfoil_store::Store| store.backup_to(&copy);
        self.db().with_writer(write).expect("a copy");
        dir
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The database.
    pub fn db(&self) -> Db {
        self.till.db().expect("a database").clone()
    }

    /// Makes the next identities that are drawn these.
    pub fn prescribe(&self, ids: &[Uuid]) {
        *self.ids.next.lock().unwrap_or_else(PoisonError::into_inner) =
            ids.iter().copied().collect();
    }

    /// Rings up `lines` (sku and quantity) for cash, more than enough; the sale as it was signed.
    pub fn sell(&self, lines: &[(&str, &str)]) -> Value {
        let lines: Vec<Value> = lines
            .iter()
            .map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity}))
            .collect();
        let cart = json!({
            "lines": lines, "cashier": "Ann",
            "tenders": [{"method": "cash", "amount": 100_000}],
        });
        let cart = OfferedCart::parse(&cart.to_string()).expect("a cart");
        self.till.checkout(cart).expect("a sale").document()
    }

    /// The sale as it stands here now.
    pub fn sale(&self, id: &str) -> Value {
        self.till.find_sale(id).expect("a sale").document()
    }

    /// What a sync of this register against `host` is made of.
    pub fn parts(&self, host: &str, deadline: Duration) -> Parts {
        let endpoint = Endpoint::Emulator {
            host: host.to_owned(),
        };
        Parts {
            store: Arc::new(self.db()),
            connect: Arc::new(FirestoreConnect::new(endpoint, deadline)),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            settings: SyncSettings::default(),
            blocking: Arc::new(Threads),
        }
    }

    /// One drain, with time enough.
    pub async fn try_sync(&self, host: &str) -> Result<SyncStatus, AppError> {
        let parts = self.parts(host, Duration::from_secs(20));
        sync_with_firestore(&parts, super::PATIENCE).await
    }

    /// One drain that must come to its end.
    ///
    /// # Panics
    /// If it does not.
    pub async fn sync(&self, host: &str) -> SyncStatus {
        self.try_sync(host).await.expect("a drain")
    }

    /// Starts the driver beside the till. Calls have a short deadline: faults are to be seen soon.
    pub fn start(&self, host: &str) -> SyncHandle {
        let (handle, _task) = start(self.parts(host, Duration::from_secs(3)));
        handle
    }
}

/// The text of a field.
///
/// # Panics
/// If it is not there.
pub fn text<'a>(document: &'a Value, name: &str) -> &'a str {
    document
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{name} of {document}"))
}
