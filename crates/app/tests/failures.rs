//! The failure list: what is shown, and what each of the four choices does.

#![allow(clippy::unwrap_used)]

mod common;

use common::cloud::{choose, claim, claim_one, connected, land, refuse};
use common::{Shop, cash, code, minor, sell, stock, tender};
use counterfoil_app::dto::{
    ChoiceKind, DiffPart, FailedStatus, FailureKind as Kind, MoneyAnswer, ResolveInput, Restock,
    RestockLine, SaleView, SyncState, TenderMethod,
};
use counterfoil_app::{ErrorCode, Till};
use counterfoil_domain::Quantity;
use counterfoil_domain::digest::Digest;
use counterfoil_domain::document::Fields;
use counterfoil_domain::sale::{SaleRecord, verify};
use counterfoil_sync::{Collection, Create, FailureKind, GroupKind};

/// Two oat milks and a cookbook, paid in cash and by card, connected to a cloud.
fn sold() -> (Shop, SaleView) {
    let shop = connected();
    shop.till.scan("MILK", Some("2")).unwrap();
    shop.till.scan("BOOK", None).unwrap();
    let tenders = vec![tender(TenderMethod::Card, 1000, Some("T-77")), cash(2000)];
    let sale = sell(&shop.till, tenders);
    assert_eq!((sale.total, sale.change_due), (minor(2998), minor(2)));
    (shop, sale)
}

/// What the cloud has instead: one milk less, another cashier.
fn winner(local: &Fields) -> Fields {
    let mut record = SaleRecord::from_fields(local).unwrap();
    record.lines[0].quantity = Quantity::ONE;
    record.lines[0].total = common::minor(249).into();
    record.cashier_name = "Ben".to_owned();
    let mut fields = record.to_fields().unwrap();
    let digest = Digest::of_sale(&fields).unwrap();
    fields.insert("digest".to_owned(), digest.to_string().into());
    fields.insert("createdAt".to_owned(), "2026-11-22T14:02:11.000Z".into());
    fields
}

/// Lets the only sale fail.
fn fail(till: &Till, kind: FailureKind) {
    let group = claim_one(till, GroupKind::Sale);
    let remote = (kind != FailureKind::Refused).then(|| winner(&group.creates[0].fields));
    refuse(till, &group, kind, remote);
}

fn failed(kind: FailureKind) -> (Shop, SaleView) {
    let (shop, sale) = sold();
    fail(&shop.till, kind);
    (shop, sale)
}

fn keep_cloud(sale: &SaleView) -> ResolveInput {
    ResolveInput {
        money: Some(MoneyAnswer::NeverTaken),
        restock: Some(Restock::Shelf),
        ..choose(sale, ChoiceKind::KeepCloud)
    }
}

/// The documents that a decision sends, in order.
fn sent(till: &Till) -> Vec<Create> {
    let groups = claim(till);
    let mut resolutions = groups
        .into_iter()
        .filter(|group| group.kind == GroupKind::Resolution);
    let group = resolutions.next().unwrap();
    assert_eq!(resolutions.count(), 0, "one decision, one group");
    group.creates
}

#[test]
fn a_conflict_is_listed_with_both_versions_and_what_differs() {
    let (shop, sale) = failed(FailureKind::SameId);
    let page = shop.till.failed_page(1).unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
    let item = &page.items[0];
    assert_eq!(
        (item.kind, item.status, item.attempts),
        (Kind::SameId, FailedStatus::Open, 1)
    );
    assert_eq!(
        (item.receipt_number.as_str(), item.total),
        ("A-000001", minor(2998))
    );
    let status = shop.till.sync_status().unwrap();
    assert_eq!((status.failed_total, status.failed_items.len()), (1, 1));
    let detail = shop.till.failed_detail("A-000001").unwrap();
    assert_eq!(detail.local.sync_state, SyncState::Failed);
    let remote = detail.remote.unwrap();
    assert_eq!(
        remote.created_at.as_deref(),
        Some("2026-11-22T14:02:11.000Z")
    );
    let differing: Vec<_> = detail
        .rows
        .iter()
        .filter(|row| row.differs)
        .map(|row| (row.part, row.label.as_str()))
        .collect();
    assert_eq!(
        differing,
        [
            (DiffPart::Head, "cashierName"),
            (DiffPart::Line, "Oat milk 1 l")
        ]
    );
    assert!(
        detail.remote_problem.is_some(),
        "its fingerprint is not that of its content"
    );
    let keep = &detail.choices[0];
    assert!(keep.available);
    let stock: Vec<_> = keep
        .effects
        .stock
        .iter()
        .map(|e| (e.name.as_str(), e.quantity.as_str()))
        .collect();
    assert_eq!(stock, [("Oat milk 1 l", "+2"), ("Cookbook", "+1")]);
    let money: Vec<_> = keep
        .effects
        .money
        .iter()
        .map(|e| (e.method, e.amount))
        .collect();
    assert_eq!(
        money,
        [
            (TenderMethod::Cash, minor(-1998)),
            (TenderMethod::Card, minor(-1000))
        ]
    );
    assert!(shop.till.failed_detail(&sale.sale_id).is_ok());
}

#[test]
fn keeping_the_clouds_books_a_full_reversal_and_sends_copy_and_reversal_together() {
    let (shop, sale) = failed(FailureKind::SameId);
    let till = &shop.till;
    let mut input = keep_cloud(&sale);
    input.restock_lines = vec![RestockLine {
        line: 2,
        restock: Restock::WriteOff,
    }];
    let done = till.resolve_failed(input).unwrap();
    let reversal = done.reversal.unwrap();
    assert_eq!(reversal.receipt_number, "A-000002");
    assert_eq!(reversal.total, minor(-2998));
    assert_eq!(reversal.cancels, done.cloud_id);
    assert_eq!(reversal.cashier_name, "Maria");
    // Milk is back on the shelf, the cookbook is written off.
    assert_eq!(
        (stock(till, "MILK"), stock(till, "BOOK")),
        ("10".to_owned(), "2".to_owned())
    );
    assert_eq!(reversal.reverses.as_deref(), Some("A-000001"));
    // Whoever looks one of the two numbers up finds both; what was signed does not change.
    let superseded = till.sale("A-000001").unwrap();
    assert_eq!(superseded.total, sale.total);
    assert_eq!(superseded.superseded_by.as_deref(), Some("A-000002"));
    assert_eq!(superseded.reverses, None);
    assert_eq!(till.sale("A-000002").unwrap(), reversal);
    let listed = till.recent_sales(10, None).unwrap().items;
    assert_eq!(listed, [reversal.clone(), superseded]);
    assert_eq!(done.status.failed_total, 0);
    let creates = sent(till);
    let names: Vec<_> = creates
        .iter()
        .map(|create| create.name.collection)
        .collect();
    assert_eq!(
        names,
        [
            Collection::SaleResolutions,
            Collection::Sales,
            Collection::Sales
        ]
    );
    let resolution = &creates[0].fields;
    let digest = creates[1].fields["originalDigest"].as_str().unwrap();
    assert_eq!(creates[0].name.id, format!("{}_{digest}_1", sale.sale_id));
    assert_eq!(resolution["choice"], "keepCloud");
    assert_eq!(resolution["money"], "neverTaken");
    assert_eq!(resolution["by"], "Maria");
    assert_eq!(resolution["n"], 1);
    assert_eq!(resolution["restock"][1]["restock"], "writeOff");
    assert_eq!(resolution["journal"]["sequence"], 3);
    assert_eq!(resolution["reversalId"], creates[2].name.id.as_str());
    for sale in &creates[1..] {
        assert_eq!(verify(&sale.fields), Ok(()));
    }
    assert_eq!(creates[1].fields["originalSaleId"], sale.sale_id.as_str());
    assert!(till.verify_journal().unwrap().intact());
    assert_eq!(
        code(till.resolve_failed(keep_cloud(&sale))),
        ErrorCode::AlreadyResolved
    );
}

#[test]
fn recording_separately_sends_a_copy_and_leaves_the_ledger_as_it_is() {
    let (shop, sale) = failed(FailureKind::SameId);
    let done = shop
        .till
        .resolve_failed(choose(&sale, ChoiceKind::RecordSeparately))
        .unwrap();
    assert!(done.reversal.is_none());
    assert_eq!(stock(&shop.till, "MILK"), "8");
    let creates = sent(&shop.till);
    assert_eq!(creates.len(), 2);
    assert_eq!(creates[1].name.id, done.cloud_id.unwrap());
    assert_eq!(creates[1].fields["receiptNumber"], "A-000001");
    assert_eq!(creates[1].fields["soldAt"], sale.sold_at.as_str());
    assert_eq!(verify(&creates[1].fields), Ok(()));
    assert!(shop.till.verify_journal().unwrap().intact());
}

#[test]
fn a_sale_that_goes_up_by_a_decision_counts_as_synced() {
    for (keep, sales) in [(false, 1), (true, 2)] {
        let (shop, sale) = failed(FailureKind::SameId);
        let till = &shop.till;
        let input = if keep {
            keep_cloud(&sale)
        } else {
            choose(&sale, ChoiceKind::RecordSeparately)
        };
        till.resolve_failed(input).unwrap();
        assert_eq!(till.sync_status().unwrap().synced_total, 0);
        land(till, &claim_one(till, GroupKind::Resolution));
        assert_eq!(till.sync_status().unwrap().synced_total, sales);
        let report = till.backup(&shop.dir.path().join("copy.db")).unwrap();
        assert_eq!((report.sales, report.not_in_cloud), (sales, 0));
    }
}

#[test]
fn trying_again_sends_the_same_id_and_a_real_conflict_stays_one() {
    let (shop, sale) = failed(FailureKind::SameId);
    let till = &shop.till;
    let mut again = choose(&sale, ChoiceKind::Retry);
    again.reason = String::new();
    till.resolve_failed(again.clone()).unwrap();
    assert_eq!(till.sync_status().unwrap().failed_total, 0);
    assert_eq!(code(till.resolve_failed(again)), ErrorCode::AlreadyResolved);
    fail(till, FailureKind::SameId);
    let page = till.failed_page(1).unwrap();
    assert_eq!((page.items.len(), page.items[0].attempts), (1, 2));
    assert!(till.verify_journal().unwrap().intact());
}

#[test]
fn a_retry_that_lands_closes_the_item() {
    let (shop, sale) = failed(FailureKind::Refused);
    let till = &shop.till;
    till.resolve_failed(choose(&sale, ChoiceKind::Retry))
        .unwrap();
    let group = claim_one(till, GroupKind::Sale);
    assert_eq!(group.creates[0].name.id, sale.sale_id);
    land(till, &group);
    assert_eq!(till.failed_page(1).unwrap().items, []);
    assert_eq!(
        till.sale(&sale.sale_id).unwrap().sync_state,
        SyncState::Synced
    );
}

#[test]
fn a_dismissed_item_stays_a_sale_and_can_be_decided_again() {
    let (shop, sale) = failed(FailureKind::Refused);
    let till = &shop.till;
    till.resolve_failed(choose(&sale, ChoiceKind::Dismiss))
        .unwrap();
    let page = till.failed_page(1).unwrap();
    assert_eq!(page.items[0].status, FailedStatus::Dismissed);
    assert_eq!(till.sync_status().unwrap().failed_total, 0);
    assert_eq!(till.failed_sales(1).unwrap().items.len(), 0);
    let groups = claim(till);
    let kinds: Vec<_> = groups.iter().map(|group| group.kind).collect();
    assert_eq!(kinds, [GroupKind::Conflict, GroupKind::Resolution]);
    assert_eq!(
        groups[0].creates[0].fields["sale"]["saleId"],
        sale.sale_id.as_str()
    );
    assert_eq!(groups[1].creates[0].fields["byOwner"], true);
    let again = choose(&sale, ChoiceKind::Dismiss);
    assert_eq!(code(till.resolve_failed(again)), ErrorCode::AlreadyResolved);
    till.resolve_failed(choose(&sale, ChoiceKind::Retry))
        .unwrap();
    assert_eq!(till.failed_page(1).unwrap().items, []);
}

#[test]
fn a_second_decision_has_the_next_number() {
    let (shop, sale) = failed(FailureKind::SameId);
    let till = &shop.till;
    till.resolve_failed(choose(&sale, ChoiceKind::Dismiss))
        .unwrap();
    till.resolve_failed(choose(&sale, ChoiceKind::RecordSeparately))
        .unwrap();
    let resolutions: Vec<_> = claim(till)
        .into_iter()
        .filter(|group| group.kind == GroupKind::Resolution)
        .map(|group| group.creates[0].fields["n"].as_i64().unwrap())
        .collect();
    assert_eq!(resolutions, [1, 2]);
}

#[test]
fn only_what_makes_sense_can_be_chosen() {
    let (shop, sale) = failed(FailureKind::Refused);
    let till = &shop.till;
    let refused = |input| code(till.resolve_failed(input));
    assert_eq!(refused(keep_cloud(&sale)), ErrorCode::ChoiceNotAvailable);
    let separately = choose(&sale, ChoiceKind::RecordSeparately);
    assert_eq!(refused(separately), ErrorCode::ChoiceNotAvailable);
    let choices = till.failed_detail(&sale.sale_id).unwrap().choices;
    let available: Vec<_> = choices.iter().map(|choice| choice.available).collect();
    assert_eq!(available, [false, false, true, true]);
}

#[test]
fn a_decision_names_a_person_a_reason_and_where_the_money_is() {
    let (shop, sale) = failed(FailureKind::SameId);
    let till = &shop.till;
    let with = |change: &dyn Fn(&mut ResolveInput)| {
        let mut input = keep_cloud(&sale);
        change(&mut input);
        code(till.resolve_failed(input))
    };
    assert_eq!(
        with(&|input| input.by = " anna ".to_owned()),
        ErrorCode::NotPermitted
    );
    assert_eq!(
        with(&|input| input.by = String::new()),
        ErrorCode::InvalidInput
    );
    assert_eq!(
        with(&|input| input.reason = "  ".to_owned()),
        ErrorCode::ReasonMissing
    );
    assert_eq!(with(&|input| input.money = None), ErrorCode::InvalidInput);
    let kept = Some(MoneyAnswer::TakenAndKept);
    assert_eq!(
        with(&|input| input.money = kept),
        ErrorCode::ChoiceNotAvailable
    );
    let given_back = Some(MoneyAnswer::GivenBack);
    assert_eq!(
        with(&|input| input.money = given_back),
        ErrorCode::ReferenceMissing
    );
    let number = Some("4111111111111111".to_owned());
    assert_eq!(
        with(&|input| input.card_reference = number.clone()),
        ErrorCode::CardNumberRefused
    );
    let nowhere = vec![RestockLine {
        line: 3,
        restock: Restock::Shelf,
    }];
    assert_eq!(
        with(&|input| input.restock_lines = nowhere.clone()),
        ErrorCode::InvalidInput
    );
    assert_eq!(
        with(&|input| input.sale_id = "A-000009".to_owned()),
        ErrorCode::NotFound
    );
    assert_eq!(till.recent_sales(10, None).unwrap().items.len(), 1);
    assert_eq!(till.sync_status().unwrap().failed_total, 1);
    let mut input = keep_cloud(&sale);
    input.money = given_back;
    input.card_reference = Some("R-78".to_owned());
    let reversal = till.resolve_failed(input).unwrap().reversal.unwrap();
    assert_eq!(reversal.tenders[1].reference.as_deref(), Some("R-78"));
}

#[test]
fn a_sale_that_has_not_failed_is_not_decided() {
    let (shop, sale) = sold();
    let dismiss = choose(&sale, ChoiceKind::Dismiss);
    assert_eq!(code(shop.till.resolve_failed(dismiss)), ErrorCode::NotFound);
}

#[test]
fn of_two_managers_who_decide_at_once_one_is_told_that_it_is_done() {
    let (shop, sale) = failed(FailureKind::SameId);
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let decide = || {
            let till = common::open(shop.dir.path());
            till.resolve_failed(keep_cloud(&sale))
        };
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(decide)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, 1));
    assert_eq!(
        code(refused.into_iter().next().unwrap()),
        ErrorCode::AlreadyResolved
    );
    assert_eq!(shop.till.recent_sales(10, None).unwrap().items.len(), 2);
}
