//! A cloud that answers what the test says, and decisions about what it refuses.

use counterfoil_app::Till;
use counterfoil_app::dto::{ChoiceKind, ResolveInput, SaleView};
use counterfoil_domain::Timestamp;
use counterfoil_domain::document::Fields;
use counterfoil_store::table::outbox;
use counterfoil_store::{StoreError, uploads};
use counterfoil_sync::{FailureKind, Group, GroupKind, Landed, Outcome};

use super::{NOON, Shop, shop};

/// A shop that is connected to a store.
pub(crate) fn connected() -> Shop {
    let shop = shop();
    shop.till
        .sync_connect("demo-x", "corner", None, false)
        .unwrap();
    shop
}

/// When the cloud answers.
pub(crate) fn later() -> Timestamp {
    Timestamp::from_ms(NOON + 3_600_000)
}

/// Everything that waits is on its way.
pub(crate) fn claim(till: &Till) -> Vec<Group> {
    let db = till.db().unwrap();
    db.write(|tx| outbox::claim(tx, 100, u64::MAX, later()))
        .unwrap()
}

/// The same; the first of this kind.
pub(crate) fn claim_one(till: &Till, kind: GroupKind) -> Group {
    let mut groups = claim(till).into_iter();
    groups.find(|group| group.kind == kind).unwrap()
}

/// The cloud takes it.
pub(crate) fn land(till: &Till, group: &Group) {
    let (group, created_at) = (group.id, later());
    let landed = Landed::Accepted;
    record(
        till,
        Outcome::Synced {
            group,
            landed,
            created_at,
        },
    );
}

/// The cloud does not take it, and holds `remote` instead.
pub(crate) fn refuse(till: &Till, group: &Group, kind: FailureKind, remote: Option<Fields>) {
    let (group, message) = (group.id, "no such permission".to_owned());
    record(
        till,
        Outcome::Failed {
            group,
            kind,
            message,
            remote,
        },
    );
}

fn record(till: &Till, outcome: Outcome) {
    let db = till.db().unwrap();
    db.write::<_, StoreError>(move |tx| uploads::record(tx, &[outcome], later()))
        .unwrap();
}

pub(crate) fn choose(sale: &SaleView, choice: ChoiceKind) -> ResolveInput {
    ResolveInput {
        sale_id: sale.sale_id.clone(),
        choice,
        reason: "the same customer".to_owned(),
        by: "Maria".to_owned(),
        money: None,
        card_reference: None,
        restock: None,
        restock_lines: Vec::new(),
    }
}
