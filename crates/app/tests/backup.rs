//! Backups and restores: what they say is what they did.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::cloud::{claim, connected, land, refuse};
use common::{CART, ring, shop};
use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::{Places, RestoreOptions, Till, restore};
use counterfoil_domain::{Clock, IdSource};
use counterfoil_sync::FailureKind;
use uuid::Uuid;

#[test]
fn a_failed_sale_is_counted_as_not_in_the_cloud() {
    let shop = connected();
    for _ in 0..3 {
        ring(&shop.till, CART).unwrap();
    }
    let groups = claim(&shop.till);
    land(&shop.till, &groups[0]);
    refuse(&shop.till, &groups[1], FailureKind::Refused, None);
    let report = shop.till.backup(&shop.dir.path().join("copy.db")).unwrap();
    assert_eq!((report.sales, report.not_in_cloud), (3, 2));
}

/// Rings up a sale, as another program, when the third identity is drawn: that is after everything
/// was read and before anything is replaced.
struct SellsMeanwhile {
    dir: PathBuf,
    drawn: AtomicUsize,
}

impl IdSource for SellsMeanwhile {
    fn uuid(&self) -> Uuid {
        if self.drawn.fetch_add(1, Ordering::SeqCst) == 2 {
            let till = Till::open(
                &Places::within(&self.dir),
                Arc::new(SystemClock),
                Arc::new(RandomIds),
            )
            .unwrap();
            ring(&till, CART).unwrap();
        }
        RandomIds.uuid()
    }
}

#[test]
fn a_restore_counts_what_it_replaces_when_nobody_can_sell_any_more() {
    let shop = shop();
    ring(&shop.till, CART).unwrap();
    let file = shop.dir.path().join("copy.db");
    shop.till.backup(&file).unwrap();
    let dir = shop.dir.path();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids = Arc::new(SellsMeanwhile {
        dir: dir.to_owned(),
        drawn: AtomicUsize::new(0),
    });
    let source: Arc<dyn IdSource> = Arc::<SellsMeanwhile>::clone(&ids);
    let places = Places::within(dir);
    let report = restore(&places, &file, &RestoreOptions::default(), &clock, &source).unwrap();
    assert_eq!(ids.drawn.load(Ordering::SeqCst), 4);
    assert_eq!(
        (report.sales_only_in_replaced, report.lost_from_here),
        (1, 1)
    );
    assert_eq!(report.replaces.unwrap().sales, 2);
}
