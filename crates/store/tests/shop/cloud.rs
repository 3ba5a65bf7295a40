//! A shop that is connected to a cloud which answers what the test says.

use counterfoil_domain::SaleId;
use counterfoil_domain::document::Fields;
use counterfoil_store::table::outbox::{self, Counts};
use counterfoil_store::table::sales::{self, SaleSync};
use counterfoil_store::table::sync_state::{self, Connected};
use counterfoil_store::{Store, StoreError};
use counterfoil_sync::{
    Collection, Create, DocumentName, FailureKind, Group, GroupId, Landed, Outcome,
};

use super::{NOW, Shop, ring_up, sale_id, shop};

pub(crate) const MUCH: u64 = 10 << 20;

/// A shop that is connected and has rung up so many sales.
pub(crate) fn connected(sales: u128) -> Shop {
    let mut shop = shop();
    let to = Connected {
        project: "demo-x".into(),
        store_id: "s1".into(),
        api_key: None,
    };
    write(&mut shop.store, |tx| sync_state::connect(tx, &to));
    for seed in 1..=sales {
        ring_up(&mut shop.store, seed, 1).expect("a sale");
    }
    shop
}

pub(crate) fn write<T>(
    store: &mut Store,
    work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError>,
) -> T {
    store.write(work).expect("written")
}

pub(crate) fn claim(store: &mut Store, max: u32) -> Vec<Group> {
    write(store, |tx| outbox::claim(tx, max, MUCH, NOW))
}

pub(crate) fn counts(store: &Store) -> Counts {
    outbox::counts(store.connection()).expect("counts")
}

pub(crate) fn sync_of(store: &Store, sale: SaleId) -> SaleSync {
    sales::by_id(store.connection(), sale)
        .expect("read")
        .expect("there")
        .sync
}

pub(crate) fn synced(group: GroupId) -> Outcome {
    Outcome::Synced {
        group,
        landed: Landed::Accepted,
        created_at: NOW.plus_ms(77),
    }
}

pub(crate) fn conflict(group: GroupId) -> Outcome {
    let mut remote = Fields::new();
    remote.insert("saleId".into(), sale_id(1).to_string().into());
    remote.insert("total".into(), 1.into());
    remote.insert("digest".into(), "a lie".into());
    Outcome::Failed {
        group,
        kind: FailureKind::SameId,
        message: "another sale has this id".into(),
        remote: Some(remote),
    }
}

pub(crate) fn document(collection: Collection, id: &str) -> Create {
    let mut fields = Fields::new();
    fields.insert("total".into(), 1.into());
    Create {
        name: DocumentName {
            collection,
            id: id.to_owned(),
        },
        fields: fields.into(),
    }
}
