//! A decision whose documents the cloud refuses: the sale is in the failure list, never nowhere.

#![allow(clippy::unwrap_used)]

mod common;

use common::cloud::{choose, claim_one, connected, land, refuse};
use common::{Shop, cash, code, sell};
use counterfoil_app::dto::{ChoiceKind, MoneyAnswer, ResolveInput, SaleView, SyncState};
use counterfoil_app::{ErrorCode, Till};
use counterfoil_sync::{FailureKind, GroupKind};

fn failed() -> (Shop, SaleView) {
    let shop = connected();
    shop.till.scan("MILK", None).unwrap();
    let sale = sell(&shop.till, vec![cash(2000)]);
    let group = claim_one(&shop.till, GroupKind::Sale);
    refuse(&shop.till, &group, FailureKind::SameId, None);
    (shop, sale)
}

fn decide(sale: &SaleView, choice: ChoiceKind) -> ResolveInput {
    ResolveInput {
        money: (choice == ChoiceKind::KeepCloud).then_some(MoneyAnswer::NeverTaken),
        ..choose(sale, choice)
    }
}

/// The cloud refuses what was decided.
fn refuse_decision(till: &Till) {
    let group = claim_one(till, GroupKind::Resolution);
    refuse(till, &group, FailureKind::Refused, None);
}

#[test]
fn a_refused_decision_stands_in_the_list_until_it_is_up() {
    for choice in [ChoiceKind::KeepCloud, ChoiceKind::RecordSeparately] {
        let (shop, sale) = failed();
        let till = &shop.till;
        till.resolve_failed(decide(&sale, choice)).unwrap();
        assert_eq!(till.sync_status().unwrap().failed_total, 0);
        let sales = till.recent_sales(10, None).unwrap().items.len();
        refuse_decision(till);

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
        let again = till.resolve_failed(decide(&sale, choice));
        assert_eq!(code(again), ErrorCode::ChoiceNotAvailable);

        till.resolve_failed(choose(&sale, ChoiceKind::Retry))
            .unwrap();
        assert_eq!(till.sync_status().unwrap().failed_total, 0);
        let twice = till.resolve_failed(choose(&sale, ChoiceKind::Retry));
        assert_eq!(code(twice), ErrorCode::AlreadyResolved);
        land(till, &claim_one(till, GroupKind::Resolution));
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
    refuse_decision(till);
    assert_eq!(till.sync_status().unwrap().failed_total, 1);
    till.resolve_failed(choose(&sale, ChoiceKind::RecordSeparately))
        .unwrap();
    let status = till.sync_status().unwrap();
    assert_eq!((status.failed_total, status.in_flight), (0, 1));
    assert_eq!(status.pending, 2, "the dismissal goes up before it");
}
