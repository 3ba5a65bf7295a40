//! A chain of shops whose networks come and go: afterwards the books of every register agree with the cloud.

use std::collections::BTreeSet;
use std::time::Duration;

use counterfoil_app::dto::{ReconcileInput, SyncPhase};
use counterfoil_app::sync::{SyncHandle, Wake, start};
use counterfoil_sync::Collection;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::proxy::{Network, Proxy};
use counterfoil_tests::rig::register::{Register, text};
use counterfoil_tests::rig::{by_itself, until};
use tokio::task::JoinHandle;

use crate::reconcile;

const REGISTERS: usize = 16;
const ROUNDS: usize = 6;
const SALES_A_ROUND: usize = 3;
/// An answer that is lost is to be seen soon.
const DEADLINE: Duration = Duration::from_secs(1);

/// A register with a network of its own.
struct Shop {
    register: Register,
    network: Proxy,
    handle: SyncHandle,
    driver: JoinHandle<()>,
}

impl Shop {
    async fn open(n: usize, cloud: &Cloud) -> Self {
        let register = Register::new(&format!("R{n}"), cloud);
        let network = Proxy::new(cloud.host()).await;
        let (handle, driver) = start(register.parts(network.host(), DEADLINE));
        Self {
            register,
            network,
            handle,
            driver,
        }
    }

    /// Sells; answers the sales' ids.
    fn sell(&self, round: usize) -> Vec<String> {
        let sold = (0..SALES_A_ROUND).map(|n| {
            let pieces = (1 + n + round).to_string();
            let sale = self.register.sell(&[("bread", &pieces), ("butter", "1")]);
            self.handle.wake(Wake::Checkout);
            text(&sale, "saleId").to_owned()
        });
        sold.collect()
    }

    async fn all_up(&self, sales: usize) {
        let status = self.handle.status();
        by_itself("all of a register is up", || {
            let status = status.borrow();
            let up = usize::try_from(status.synced_total) == Ok(sales);
            (up && status.state == SyncPhase::Idle).then_some(())
        })
        .await;
    }

    async fn noticed(&self) {
        let status = self.handle.status();
        until("a register without network says so", || {
            (status.borrow().state == SyncPhase::Offline).then_some(())
        })
        .await;
    }
}

/// A third of the registers has no network, others have one that swallows what is sent; who, changes.
fn network(register: usize, round: usize) -> Network {
    match (register + round) % 6 {
        0 | 3 => Network::Down,
        1 => Network::Hanging,
        _ => Network::Up,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_books_of_sixteen_registers_agree_after_partitions() {
    let cloud = Cloud::new();
    let mut shops = Vec::new();
    for n in 0..REGISTERS {
        shops.push(Shop::open(n, &cloud).await);
    }
    let mut sold = BTreeSet::new();
    for round in 0..ROUNDS {
        for (n, shop) in shops.iter().enumerate() {
            shop.network.set(network(n, round));
            sold.extend(shop.sell(round));
        }
        let so_far = (round + 1) * SALES_A_ROUND;
        for (n, shop) in shops.iter().enumerate() {
            match network(n, round) {
                Network::Up => shop.all_up(so_far).await,
                Network::Down | Network::Hanging => shop.noticed().await,
            }
        }
    }
    let each = ROUNDS * SALES_A_ROUND;
    for shop in &shops {
        shop.network.set(Network::Up);
    }
    for shop in &shops {
        shop.all_up(each).await;
    }
    let there = cloud.all(Collection::Sales).await;
    let ids: BTreeSet<String> = there.iter().map(|found| found.name.id.clone()).collect();
    assert_eq!((there.len(), ids), (REGISTERS * each, sold));
    for shop in shops {
        shop.handle.stop();
        shop.driver.await.expect("the driver ends");
        let report = reconcile::run(&shop.register, &cloud, ReconcileInput::default()).await;
        assert!(report.clean, "{report:?}");
        let receipts = usize::try_from(report.receipts);
        let in_cloud = usize::try_from(report.registers[0].in_cloud);
        assert_eq!((receipts, in_cloud), (Ok(each), Ok(each)));
        assert_eq!(shop.handle.status().borrow().failed_total, 0);
    }
}
