//! More documents of other registers that cannot be read than are kept by name.

use std::time::Duration;

use counterfoil_app::dto::FailedPage;
use counterfoil_app::sync::sync_with_firestore;
use counterfoil_domain::SaleId;
use counterfoil_domain::document::Fields;
use counterfoil_store::table::elsewhere;
use counterfoil_sync::{Code, Collection, DocumentName};
use rusqlite::Connection;
use serde_json::json;

use crate::cloud::{Desk, conflict_elsewhere, lock};

/// As many are kept by name.
const NAMED: usize = 50;
const CONFLICTS: u128 = 55;

/// A decision of another register about an item of its own.
fn decision_elsewhere() -> (DocumentName, Fields) {
    let (conflict, fields) = conflict_elsewhere(1);
    let name = DocumentName {
        collection: Collection::SaleResolutions,
        id: format!("{}_1", conflict.id),
    };
    let decision = json!({
        "schema": 1, "saleId": fields["saleId"], "registerId": fields["registerId"], "choice": "dismiss",
        "by": "Maria", "reason": "broken", "decidedAt": "2026-11-22T14:03:13.000Z", "n": 1,
    });
    (name, decision.as_object().expect("an object").clone())
}

impl Desk {
    fn left_by_others(&self) -> Vec<(DocumentName, Fields)> {
        let conflicts = (1..=CONFLICTS).map(conflict_elsewhere);
        conflicts.chain([decision_elsewhere()]).collect()
    }

    async fn looks_around(&self) -> bool {
        let looked = sync_with_firestore(&self.parts(), Duration::from_secs(30)).await;
        looked.is_ok()
    }

    fn page(&self) -> FailedPage {
        self.register.till.failed_page(1).expect("a page")
    }

    /// Those that are noted, whether or not the first page has room for them.
    fn noted(&self) -> u128 {
        let noted = self
            .register
            .db()
            .read(|conn| elsewhere::page(conn, 0, 1_000));
        noted.expect("a list").len() as u128
    }

    /// What is read from now on was created later.
    fn passes_a_minute(&self) {
        let raw = Connection::open(self.register.dir().join("counterfoil.db")).expect("the file");
        raw.execute_batch(
            "UPDATE sync_state SET conflicts_cursor = conflicts_cursor + 60000,
                 resolutions_cursor = resolutions_cursor + 60000",
        )
        .expect("a minute");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_reads_all_that_this_one_could_not_also_what_has_no_name() {
    let desk = Desk::new();
    for (name, _) in desk.left_by_others() {
        lock(&desk.cloud.documents).insert(name, Err("a riddle".to_owned()));
    }
    assert!(desk.looks_around().await);
    let page = desk.page();
    assert_eq!((page.unreadable.len(), page.more_unreadable), (NAMED, true));
    desk.passes_a_minute();
    assert!(desk.looks_around().await);
    assert_eq!(desk.page(), page, "nothing was read again");

    for (name, fields) in desk.left_by_others() {
        lock(&desk.cloud.documents).insert(name, Ok(fields));
    }
    let raw = Connection::open(desk.register.dir().join("counterfoil.db")).expect("the file");
    let older =
        "UPDATE settings SET value = replace(value, ?1, '\"0.0.1\"') WHERE name = 'unreadable'";
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    assert_eq!(raw.execute(older, [version]).expect("a setting"), 1);
    drop(raw);
    // It is begun, and comes to nothing.
    *lock(&desk.cloud.others_refused) = Some(Code::Unavailable);
    desk.looks_around().await;
    assert_eq!((desk.page().unreadable.len(), desk.noted()), (0, 0));
    *lock(&desk.cloud.others_refused) = None;
    assert!(desk.looks_around().await);
    let page = desk.page();
    assert_eq!((page.unreadable.len(), page.more_unreadable), (0, false));
    assert_eq!(desk.noted(), CONFLICTS);
    let decided = desk.register.db().read(|conn| {
        let (sale, digest) = (uuid::Uuid::from_u128(1), "0".repeat(64));
        elsewhere::decision(conn, SaleId::new(sale), digest.parse().expect("a digest"))
    });
    assert!(
        decided.expect("read").is_some(),
        "it has no name in the list"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_one_of_those_named_can_be_read_the_others_are_looked_for() {
    let desk = Desk::new();
    let left = desk.left_by_others();
    for (name, _) in &left {
        lock(&desk.cloud.documents).insert(name.clone(), Err("a riddle".to_owned()));
    }
    assert!(desk.looks_around().await);
    assert!(desk.page().more_unreadable);
    // Somebody mends all but three.
    for (name, fields) in left.iter().skip(3) {
        lock(&desk.cloud.documents).insert(name.clone(), Ok(fields.clone()));
    }
    assert!(desk.looks_around().await);
    let page = desk.page();
    assert_eq!((page.unreadable.len(), page.more_unreadable), (3, true));
    desk.passes_a_minute();
    assert!(desk.looks_around().await);
    let page = desk.page();
    assert_eq!((page.unreadable.len(), page.more_unreadable), (3, false));
    assert_eq!(desk.noted(), CONFLICTS - 3);
}
