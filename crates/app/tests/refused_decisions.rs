//! A decision whose documents the cloud refuses: the sale is in the failure list, never nowhere.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Shop, cash, code, pay, shop};
use counterfoil_app::dto::{ChoiceKind, MoneyAnswer, ResolveInput, SaleView, SyncState};
use counterfoil_app::{ErrorCode, Till};
use counterfoil_domain::Timestamp;
use counterfoil_store::table::outbox;
use counterfoil_store::{StoreError, uploads};
use counterfoil_sync::{FailureKind, Group, GroupKind, Landed, Outcome};

fn now() -> Timestamp {
    Timestamp::from_ms(common::NOON + 3_600_000)
}

fn claim(till: &Till, kind: GroupKind) -> Group {
    let db = till.db().unwrap();
    let groups = db.write(|tx| outbox::claim(tx, 100, u64::MAX, now()));
    let mut groups = groups.unwrap().into_iter();
    groups.find(|group| group.kind == kind).unwrap()
}

fn record(till: &Till, outcome: Outcome) {
    let db = till.db().unwrap();
    db.write::<(), StoreError>(move |tx| uploads::record(tx, &[outcome], now()))
        .unwrap();
}

fn refuse(till: &Till, group: &Group, kind: FailureKind) {
    let (group, message) = (group.id, "no such permission".to_owned());
    let remote = None;
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

fn failed() -> (Shop, SaleView) {
    let shop = shop();
    shop.till.sync_connect("demo-x", "corner", None).unwrap();
    let cart = shop.till.scan("MILK", None).unwrap();
    let paid = pay(&cart.cart_id, vec![cash(2000)]);
    let sale = shop.till.process_checkout(paid).unwrap().sale;
    let group = claim(&shop.till, GroupKind::Sale);
    refuse(&shop.till, &group, FailureKind::SameId);
    (shop, sale)
}

fn choose(sale: &SaleView, choice: ChoiceKind) -> ResolveInput {
    ResolveInput {
        sale_id: sale.sale_id.clone(),
        choice,
        reason: "the same customer".to_owned(),
        by: "Maria".to_owned(),
        money: (choice == ChoiceKind::KeepCloud).then_some(MoneyAnswer::NeverTaken),
        card_reference: None,
        restock: None,
        restock_lines: Vec::new(),
    }
}

#[test]
fn a_refused_decision_stands_in_the_list_until_it_is_up() {
    for choice in [ChoiceKind::KeepCloud, ChoiceKind::RecordSeparately] {
        let (shop, sale) = failed();
        let till = &shop.till;
        till.resolve_failed(choose(&sale, choice)).unwrap();
        assert_eq!(till.sync_status().unwrap().failed_total, 0);
        let sales = till.recent_sales(10, None).unwrap().items.len();
        refuse(
            till,
            &claim(till, GroupKind::Resolution),
            FailureKind::Refused,
        );

        let status = till.sync_status().unwrap();
        assert_eq!(status.failed_total, 1);
        assert!(
            status.failed_items[0]
                .message
                .contains("no such permission")
        );
        let detail = till.failed_detail(&sale.sale_id).unwrap();
        let available = detail.choices.iter().filter(|choice| choice.available);
        let available: Vec<_> = available.map(|choice| choice.choice).collect();
        assert_eq!(available, [ChoiceKind::Retry], "it is not decided twice");
        let again = till.resolve_failed(choose(&sale, choice));
        assert_eq!(code(again), ErrorCode::ChoiceNotAvailable);

        till.resolve_failed(choose(&sale, ChoiceKind::Retry))
            .unwrap();
        assert_eq!(till.sync_status().unwrap().failed_total, 0);
        let twice = till.resolve_failed(choose(&sale, ChoiceKind::Retry));
        assert_eq!(code(twice), ErrorCode::AlreadyResolved);
        let group = claim(till, GroupKind::Resolution);
        let (landed, created_at) = (Landed::Accepted, now());
        let group = group.id;
        record(
            till,
            Outcome::Synced {
                group,
                landed,
                created_at,
            },
        );
        assert_eq!(till.sync_status().unwrap().failed_total, 0);
        let now = till.find_sale(&sale.sale_id).unwrap().view();
        assert_eq!(now.sync_state, SyncState::Synced);
        let all = till.recent_sales(10, None).unwrap().items.len();
        assert_eq!(all, sales, "sending again books nothing");
    }
}

#[test]
fn a_refused_dismissal_is_listed_and_can_be_decided_otherwise() {
    let (shop, sale) = failed();
    let till = &shop.till;
    till.resolve_failed(choose(&sale, ChoiceKind::Dismiss))
        .unwrap();
    refuse(
        till,
        &claim(till, GroupKind::Resolution),
        FailureKind::Refused,
    );
    assert_eq!(till.sync_status().unwrap().failed_total, 1);
    till.resolve_failed(choose(&sale, ChoiceKind::RecordSeparately))
        .unwrap();
    let status = till.sync_status().unwrap();
    assert_eq!((status.failed_total, status.in_flight), (0, 1));
    assert_eq!(status.pending, 2, "the dismissal goes up before it");
}
