//! One emulator, and registers with sales that wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use counterfoil_app::clock::SystemClock;
use counterfoil_app::sync::start;
use counterfoil_domain::document::Fields;
use counterfoil_domain::{Clock, Timestamp};
use counterfoil_sync::{Collection, Create, DocumentName};
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::Register;

use super::raw;

/// A sale every this often, as at a busy till.
const APART_MS: i64 = 20_000;

/// A clock that is ahead by one sale every time it is asked, and ends about now.
struct Steps(AtomicI64);

impl Steps {
    fn until_now(sales: usize) -> Self {
        // A checkout asks once; setting up asks a few times.
        let all_ms = i64::try_from(sales + 20).unwrap() * APART_MS;
        Self(AtomicI64::new(SystemClock.now().ms() - all_ms))
    }
}

impl Clock for Steps {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.fetch_add(APART_MS, Ordering::Relaxed))
    }
}

/// A basket of one to four lines; hardly two are alike, as in a shop where things are weighed.
fn basket(n: usize) -> Vec<(&'static str, String)> {
    let weight = 100 + n * 37 % 29_989;
    let kilos = format!("{}.{:03}", weight / 1_000, weight % 1_000);
    let mut lines = vec![("apples", kilos)];
    let pieces = [("espresso", n % 3), ("bread", n % 4), ("butter", n % 5)];
    let some = pieces.into_iter().filter(|(_, pieces)| *pieces > 0);
    lines.extend(some.map(|(sku, pieces)| (sku, pieces.to_string())));
    lines
}

/// A call in a drain of thousands may wait behind others.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Sales that warm an emulator up: the first requests after its start are several times slower.
const WARM_UP: usize = 2_000;

pub(crate) struct Shop {
    warming: Waiting,
}

/// A register with what it has to send.
pub(crate) struct Waiting {
    pub(crate) register: Register,
    pub(crate) creates: Vec<Create>,
}

impl Shop {
    pub(crate) fn open() -> Self {
        let warming = registers(1, WARM_UP).pop().unwrap();
        Self { warming }
    }

    /// A register with a short queue.
    pub(crate) fn warming(&self) -> &Waiting {
        &self.warming
    }

    /// An emulator of its own, warmed up: it keeps in memory what was deleted, and every measurement is to
    /// begin alike.
    pub(crate) async fn cloud(&self) -> Cloud {
        let cloud = Cloud::new();
        for in_flight in [1, 4] {
            raw::send_all(&cloud.sibling(), &[&self.warming], in_flight).await;
        }
        self.warm_a_session(&cloud.sibling()).await;
        cloud
    }

    /// What a session asks before and after it uploads is slow the first time, too.
    async fn warm_a_session(&self, cloud: &Cloud) {
        let copy = self.warming.register.copied_unnoticed();
        copy.connect(cloud.project(), cloud.store_id());
        let (handle, task) = start(copy.parts(cloud.host(), DEADLINE));
        let mut status = handle.status();
        let up = status.wait_for(|s| s.synced_total > 0 && s.pending + s.in_flight == 0);
        up.await.unwrap();
        handle.stop();
        task.await.unwrap();
    }
}

/// Registers that have each rung up `sales` sales and sent none.
pub(crate) fn registers(registers: usize, sales: usize) -> Vec<Waiting> {
    (0..registers)
        .map(|n| {
            let clock = Arc::new(Steps::until_now(sales));
            let register = Register::by_clock(&format!("R{n}"), clock);
            let creates = (0..sales)
                .map(|n| {
                    let basket = basket(n);
                    let lines: Vec<_> = basket.iter().map(|(sku, q)| (*sku, q.as_str())).collect();
                    create(register.sell(&lines))
                })
                .collect();
            Waiting { register, creates }
        })
        .collect()
}

fn create(sale: serde_json::Value) -> Create {
    let mut fields: Fields = sale.as_object().unwrap().clone();
    fields.remove("syncState");
    let id = fields["saleId"].as_str().unwrap().to_owned();
    Create {
        name: DocumentName {
            collection: Collection::Sales,
            id,
        },
        fields: fields.into(),
    }
}
