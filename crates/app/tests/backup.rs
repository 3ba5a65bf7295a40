//! Backups and restores: what they say is what they did.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::cloud::{claim, connected, land, refuse};
use common::{CART, Shop, ring, shop};
use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::{
    AppError, Contents, ErrorCode, Places, RestoreOptions, RestoreReport, Till, restore,
};
use counterfoil_domain::{Clock, IdSource};
use counterfoil_store::{StoreError, Transaction};
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

/// Works as another program when the third identity is drawn: that is after everything was read and
/// before anything is replaced.
struct WorksMeanwhile {
    dir: PathBuf,
    drawn: AtomicUsize,
    work: fn(&Till),
}

impl IdSource for WorksMeanwhile {
    fn uuid(&self) -> Uuid {
        if self.drawn.fetch_add(1, Ordering::SeqCst) == 2 {
            let till = Till::open(
                &Places::within(&self.dir),
                Arc::new(SystemClock),
                Arc::new(RandomIds),
            )
            .unwrap();
            (self.work)(&till);
        }
        RandomIds.uuid()
    }
}

fn guarded() -> RestoreOptions {
    RestoreOptions {
        keep_unsynced: true,
        ..RestoreOptions::default()
    }
}

/// Puts back `copy.db`.
fn restored(shop: &Shop, options: &RestoreOptions) -> Result<RestoreReport, AppError> {
    let dir = shop.dir.path();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdSource> = Arc::new(RandomIds);
    restore(
        &Places::within(dir),
        &dir.join("copy.db"),
        options,
        &clock,
        &ids,
    )
}

fn sells(till: &Till) {
    ring(till, CART).unwrap();
}

/// Puts back a backup with one sale, which is up, over `shop`, in which somebody works meanwhile.
fn restored_meanwhile(
    shop: &Shop,
    options: &RestoreOptions,
    work: fn(&Till),
) -> Result<RestoreReport, AppError> {
    ring(&shop.till, CART).unwrap();
    for group in claim(&shop.till) {
        land(&shop.till, &group);
    }
    let file = shop.dir.path().join("copy.db");
    shop.till.backup(&file).unwrap();
    let dir = shop.dir.path();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids = Arc::new(WorksMeanwhile {
        dir: dir.to_owned(),
        drawn: AtomicUsize::new(0),
        work,
    });
    let source: Arc<dyn IdSource> = Arc::<WorksMeanwhile>::clone(&ids);
    let report = restore(&Places::within(dir), &file, options, &clock, &source);
    assert_eq!(ids.drawn.load(Ordering::SeqCst), 4, "it was sold meanwhile");
    report
}

#[test]
fn a_sale_that_is_made_while_a_restore_runs_is_not_lost_unasked() {
    let shop = connected();
    let refused = restored_meanwhile(&shop, &guarded(), sells).unwrap_err();
    assert_eq!(refused.code, ErrorCode::UnsyncedSales, "{refused}");
    assert_eq!(refused.details.unwrap()["waiting"], 1);
    let status = shop.till.sync_status().unwrap();
    assert_eq!((status.synced_total, status.pending), (1, 1), "as it was");
    ring(&shop.till, CART).unwrap();
    let names = std::fs::read_dir(shop.dir.path()).unwrap();
    let left = names
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("restor"));
    assert_eq!(left.collect::<Vec<_>>(), Vec::<String>::new());

    let over = restored_meanwhile(&connected(), &RestoreOptions::default(), sells).unwrap();
    assert_eq!((over.restored, over.lost_from_here), (true, 1));
}

#[test]
fn sales_that_wait_at_a_register_that_was_disconnected_are_not_lost_unasked() {
    let shop = connected();
    let file = shop.dir.path().join("copy.db");
    shop.till.backup(&file).unwrap();
    ring(&shop.till, CART).unwrap();
    shop.till.sync_disconnect(true).unwrap();
    let refused = restored(&shop, &guarded()).unwrap_err();
    assert_eq!(refused.code, ErrorCode::UnsyncedSales, "{refused}");
    assert!(
        restored(&shop, &RestoreOptions::default())
            .unwrap()
            .restored
    );
}

/// A register that was connected to another store after its backup: what waits in that is in the other store by now.
fn moved() -> Shop {
    let shop = connected();
    let till = &shop.till;
    ring(till, CART).unwrap();
    till.backup(&shop.dir.path().join("copy.db")).unwrap();
    till.sync_connect("demo-x", "center", None, true).unwrap();
    land(till, &claim(till)[0]);
    shop
}

#[test]
fn a_restore_does_not_go_back_to_a_store_that_was_left() {
    let shop = moved();
    let report = restored(&shop, &guarded()).unwrap();
    assert!(report.disconnected);
    let store = |contents: &Contents| contents.in_cloud.clone().unwrap().store_id;
    assert_eq!(store(&report.backup), "corner");
    assert_eq!(store(&report.replaces.unwrap()), "center");
    let till = reopened(&shop);
    let status = till.sync_status().unwrap();
    assert_eq!((status.disconnected, status.pending), (true, 1));
    // Where it belongs, somebody says: there it is known as its own.
    till.sync_connect("demo-x", "center", None, true).unwrap();
    assert_eq!(claim(&till).len(), 1);
}

#[test]
fn a_restore_does_not_go_back_to_a_store_that_was_left_and_joined_again() {
    let shop = moved();
    shop.till
        .sync_switch("demo-x", "corner", None, false)
        .unwrap();
    assert!(restored(&shop, &guarded()).unwrap().disconnected);
    let status = reopened(&shop).sync_status().unwrap();
    assert_eq!((status.disconnected, status.pending), (true, 1));
}

#[test]
fn a_register_that_is_connected_elsewhere_while_a_restore_runs_is_not_replaced() {
    let shop = connected();
    let refused = restored_meanwhile(&shop, &RestoreOptions::default(), |till| {
        till.sync_switch("demo-x", "center", None, false).unwrap();
    });
    assert_eq!(refused.unwrap_err().code, ErrorCode::DatabaseLocked);
    let status = shop.till.sync_status().unwrap();
    assert_eq!(status.store_id.as_deref(), Some("center"), "as it was");
}

#[test]
fn a_restore_does_not_connect_a_register_that_was_disconnected() {
    let shop = connected();
    let till = &shop.till;
    let file = shop.dir.path().join("copy.db");
    till.backup(&file).unwrap();
    assert!(!restored(&shop, &guarded()).unwrap().disconnected);
    let till = reopened(&shop);
    assert!(!till.sync_status().unwrap().disconnected);
    till.sync_disconnect(false).unwrap();
    assert!(restored(&shop, &guarded()).unwrap().disconnected);
    assert!(reopened(&shop).sync_status().unwrap().disconnected);
}

/// What was put back, by a program that begins.
fn reopened(shop: &Shop) -> Till {
    let places = Places::within(shop.dir.path());
    Till::open(&places, Arc::new(SystemClock), Arc::new(RandomIds)).unwrap()
}

#[test]
fn a_restore_counts_what_it_replaces_when_nobody_can_sell_any_more() {
    let shop = shop();
    let report = restored_meanwhile(&shop, &RestoreOptions::default(), sells).unwrap();
    assert_eq!(
        (report.sales_only_in_replaced, report.lost_from_here),
        (1, 1)
    );
    assert_eq!(report.replaces.unwrap().sales, 2);
}

#[test]
fn a_database_whose_sales_cannot_be_read_is_replaced_where_that_was_meant() {
    let shop = connected();
    ring(&shop.till, CART).unwrap();
    let file = shop.dir.path().join("copy.db");
    shop.till.backup(&file).unwrap();
    let db = shop.till.db().unwrap();
    let damage = |tx: &Transaction<'_>| {
        tx.execute_batch("DROP TRIGGER sales_is_never_updated; UPDATE sales SET digest = 'torn'")
    };
    db.write::<_, StoreError>(|tx| Ok(damage(tx)?)).unwrap();
    let refused = restored(&shop, &guarded()).unwrap_err();
    assert_eq!(refused.code, ErrorCode::DatabaseDamaged, "{refused}");
    assert!(refused.message.contains("restore --yes"), "{refused}");
    let dry = RestoreOptions {
        dry_run: true,
        ..guarded()
    };
    assert_eq!(restored(&shop, &dry).unwrap().replaces, None);
    let report = restored(&shop, &RestoreOptions::default()).unwrap();
    assert_eq!((report.restored, report.replaces), (true, None));
    assert!(report.kept_as.is_some());
    ring(&shop.till, CART).unwrap();
}
