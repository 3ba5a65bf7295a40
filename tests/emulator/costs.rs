//! What an upload costs: counted by the register, and looked up in the cloud.

use counterfoil_app::dto::{CostOfPurpose, CostPurpose, SyncStatus};
use counterfoil_app::sync::{Limits, Parts, SyncSettings, sync_with_firestore};
use counterfoil_sync::Collection;
use counterfoil_tests::rig::PATIENCE;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::Register;

/// A batch of a size that the goal is stated for; it adapts by itself otherwise.
const BATCH: usize = 50;

fn upload(status: &SyncStatus) -> &CostOfPurpose {
    let mut purposes = status.costs.total.purposes.iter();
    let upload = purposes.find(|cost| cost.purpose == CostPurpose::Upload);
    upload.expect("an upload")
}

#[tokio::test(flavor = "multi_thread")]
async fn own_upload_takes_a_write_and_hardly_a_read_a_sale() {
    const SALES: u32 = 300;
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    for n in 0..SALES {
        let grams = format!("1.{n:03}");
        register.sell(&[("apples", &grams), ("bread", "1")]);
    }
    let limits = Limits {
        first_batch: BATCH,
        max_writes: BATCH,
        ..Limits::default()
    };
    let parts = Parts {
        settings: SyncSettings { limits },
        ..register.parts(cloud.host(), PATIENCE)
    };
    let status = sync_with_firestore(&parts, PATIENCE).await;
    let status = status.expect("a drain");
    let upload = upload(&status);
    assert_eq!(status.costs.total.sales, SALES);
    assert!(upload.writes * 100 <= SALES * 105, "{upload:?}");
    assert!(upload.reads * 10 <= SALES, "{upload:?}");
    let there = cloud.all(Collection::Sales).await.len();
    assert_eq!(
        upload.writes as usize, there,
        "a write for each that is there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_costs_reads_and_says_the_truth_about_writes() {
    let cloud = Cloud::new();
    let register = Register::new("A", &cloud);
    for n in 1..=5 {
        register.sell(&[("butter", &n.to_string())]);
    }
    // The same database as it was before: all it sends is there.
    let before = register.copied_unnoticed();
    register.sync(cloud.host()).await;
    let status = before.sync(cloud.host()).await;
    let upload = upload(&status);
    assert_eq!(
        upload.writes, 5,
        "they were written, once, by this register"
    );
    assert!(upload.reads > 5, "it had to look: {upload:?}");
}
