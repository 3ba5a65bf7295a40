//! A decision that meets another one about the same item in the cloud: taken at a copy of this register, or before a
//! backup was put back.

#![allow(clippy::unwrap_used)]

mod common;

use common::cloud::{choose, claim, connected, land, later, refuse};
use common::{Shop, cash, code, sell};
use counterfoil_app::dto::{ChoiceKind, MoneyAnswer, ResolveInput, SaleView, SyncState};
use counterfoil_app::{ErrorCode, Till};
use counterfoil_domain::document::Fields;
use counterfoil_store::table::{elsewhere, outbox};
use counterfoil_sync::{Collection, Create, FailureKind, Group, GroupKind};
use serde_json::{Value, json};

use ChoiceKind::{Dismiss, KeepCloud, RecordSeparately, Retry};

/// A register with one failed sale, and whatever is decided about it refused because of `before`.
struct Met {
    shop: Shop,
    sale: SaleView,
}

impl Met {
    fn new(own: ChoiceKind, before: ChoiceKind) -> Self {
        let shop = connected();
        shop.till.scan("MILK", None).unwrap();
        let sale = sell(&shop.till, vec![cash(2000)]);
        let group = of_kind(&shop.till, GroupKind::Sale);
        refuse(&shop.till, &group, FailureKind::SameId, None);
        let met = Self { shop, sale };
        met.decide(own);
        met.meet(before, 1);
        met
    }

    fn till(&self) -> &Till {
        &self.shop.till
    }

    fn decide(&self, choice: ChoiceKind) {
        self.till().resolve_failed(self.input(choice)).unwrap();
    }

    fn input(&self, choice: ChoiceKind) -> ResolveInput {
        ResolveInput {
            money: (choice == KeepCloud).then_some(MoneyAnswer::NeverTaken),
            ..choose(&self.sale, choice)
        }
    }

    /// The decision goes up, and another one stands under its name.
    fn meet(&self, before: ChoiceKind, n: u32) {
        let group = of_kind(self.till(), GroupKind::Resolution);
        let there = self.decision(before, n);
        refuse(self.till(), &group, FailureKind::SameId, Some(there));
        assert_eq!(self.till().sync_status().unwrap().failed_total, 1);
    }

    /// Somebody else's decision as it stands in the cloud.
    fn decision(&self, choice: ChoiceKind, n: u32) -> Fields {
        let sale = self.till().find_sale(&self.sale.sale_id).unwrap();
        let fields = json!({
            "schema": 1, "saleId": self.sale.sale_id, "digest": sale.document()["digest"], "n": n,
            "choice": choice, "by": "Bea", "reason": "two customers",
            "decidedAt": "2026-11-22T15:00:00.000Z", "createdAt": "2026-11-22T15:00:01.000Z",
            "registerId": "another",
        });
        fields.as_object().cloned().unwrap()
    }

    fn available(&self) -> Vec<ChoiceKind> {
        let detail = self.till().failed_detail(&self.sale.sale_id).unwrap();
        let before = detail.decided_before.unwrap();
        assert_eq!(
            (before.by.as_str(), before.reason.as_str()),
            ("Bea", "two customers")
        );
        let available = detail.choices.iter().filter(|choice| choice.available);
        available.map(|choice| choice.choice).collect()
    }

    /// Decides and lands it; what went up, by collection, with the number of the decision.
    fn closes_by(&self, choice: ChoiceKind) -> (Vec<Collection>, u64) {
        self.decide(choice);
        let group = of_kind(self.till(), GroupKind::Resolution);
        land(self.till(), &group);
        assert_eq!(self.till().sync_status().unwrap().failed_total, 0);
        let again = self.till().resolve_failed(self.input(choice));
        assert_eq!(code(again), ErrorCode::AlreadyResolved, "closed for good");
        let sent = group.creates.iter().map(|create| create.name.collection);
        (
            sent.collect(),
            group.creates[0].fields["n"].as_u64().unwrap(),
        )
    }

    fn state(&self) -> SyncState {
        let sale = self.till().find_sale(&self.sale.sale_id).unwrap();
        sale.view().sync_state
    }

    /// The reversal, as it stands here.
    fn reversal(&self) -> SaleView {
        let all = self.till().recent_sales(10, None).unwrap().items;
        let mut reversals = all.into_iter().filter(|sale| i64::from(sale.total) < 0);
        let one = reversals.next().unwrap();
        assert!(reversals.next().is_none(), "reversed once");
        self.till().find_sale(&one.sale_id).unwrap().view()
    }
}

fn of_kind(till: &Till, kind: GroupKind) -> Group {
    let all = claim(till);
    let mut decisions = all.iter().filter(|group| group.kind == kind);
    let one = decisions.next().unwrap().clone();
    assert!(decisions.next().is_none(), "one at a time");
    one
}

const SENT_ALONE: [Collection; 1] = [Collection::SaleResolutions];
const WITH_ITS_LOSING_REVERSAL: [Collection; 2] =
    [Collection::SaleResolutions, Collection::SaleConflicts];

#[test]
fn recorded_separately_twice_is_sent_again_without_the_copy() {
    let met = Met::new(RecordSeparately, RecordSeparately);
    assert_eq!(met.available(), [Retry]);
    assert_eq!(met.closes_by(Retry), (SENT_ALONE.to_vec(), 2));
    assert_eq!(met.state(), SyncState::Synced, "the copy is there");
    assert_eq!(met.till().sync_status().unwrap().synced_total, 1);
}

#[test]
fn what_was_recorded_separately_before_is_taken_back_by_the_reversal_alone() {
    let met = Met::new(KeepCloud, RecordSeparately);
    assert_eq!(met.available(), [Retry]);
    let sent = [Collection::SaleResolutions, Collection::Sales];
    assert_eq!(met.closes_by(Retry), (sent.to_vec(), 2));
    assert_eq!(met.reversal().sync_state, SyncState::Synced);
    assert_eq!(met.till().sync_status().unwrap().synced_total, 2);
}

#[test]
fn of_two_reversals_the_second_goes_up_as_a_losing_version() {
    let met = Met::new(KeepCloud, KeepCloud);
    assert_eq!(met.available(), [Retry]);
    assert_eq!(met.closes_by(Retry), (WITH_ITS_LOSING_REVERSAL.to_vec(), 2));
    assert_eq!(met.reversal().sync_state, SyncState::Synced);
    assert_eq!(met.till().sync_status().unwrap().synced_total, 2);
}

#[test]
fn where_the_clouds_version_was_kept_only_that_can_be_decided() {
    for own in [RecordSeparately, Dismiss] {
        let met = Met::new(own, KeepCloud);
        assert_eq!(met.available(), [KeepCloud], "after {own:?}");
        for other in [RecordSeparately, Retry, Dismiss] {
            let refused = met.till().resolve_failed(met.input(other));
            assert_eq!(code(refused), ErrorCode::ChoiceNotAvailable);
        }
        assert_eq!(
            met.closes_by(KeepCloud),
            (WITH_ITS_LOSING_REVERSAL.to_vec(), 2)
        );
        assert_eq!(met.state(), SyncState::Synced);
        assert_eq!(met.reversal().sync_state, SyncState::Synced);
    }
}

#[test]
fn what_was_recorded_separately_cannot_be_dismissed_any_more() {
    let met = Met::new(Dismiss, RecordSeparately);
    assert_eq!(met.available(), [KeepCloud, RecordSeparately]);
    assert_eq!(met.closes_by(RecordSeparately), (SENT_ALONE.to_vec(), 2));
    assert_eq!(met.state(), SyncState::Synced);
}

#[test]
fn what_was_dismissed_can_be_decided_in_every_way() {
    let met = Met::new(Dismiss, Dismiss);
    assert_eq!(
        met.available(),
        [KeepCloud, RecordSeparately, Retry, Dismiss]
    );
    assert_eq!(met.closes_by(Dismiss), (SENT_ALONE.to_vec(), 2));

    let met = Met::new(RecordSeparately, Dismiss);
    assert_eq!(met.available(), [Retry]);
    let sent = [Collection::SaleResolutions, Collection::Sales];
    assert_eq!(met.closes_by(Retry), (sent.to_vec(), 2));
    assert_eq!(met.state(), SyncState::Synced);
}

#[test]
fn of_holders_who_decide_at_once_each_comes_to_an_end() {
    let met = Met::new(RecordSeparately, Dismiss);
    met.decide(Retry);
    met.meet(RecordSeparately, 2);
    met.decide(Retry);
    met.meet(KeepCloud, 3);
    assert_eq!(met.available(), [KeepCloud]);
    assert_eq!(
        met.closes_by(KeepCloud),
        (WITH_ITS_LOSING_REVERSAL.to_vec(), 4)
    );
    assert_eq!(met.till().sync_status().unwrap().synced_total, 2);
}

#[test]
fn what_stands_there_and_is_no_decision_about_the_item_changes_nothing() {
    let met = Met::new(RecordSeparately, RecordSeparately);
    met.decide(Retry);
    let group = of_kind(met.till(), GroupKind::Resolution);
    let mut other = met.decision(KeepCloud, 2);
    other.insert("digest".to_owned(), Value::from("0".repeat(64)));
    refuse(met.till(), &group, FailureKind::SameId, Some(other));
    assert_eq!(met.available(), [Retry], "as before");
}

#[test]
fn a_decision_that_goes_up_to_another_store_takes_along_what_it_takes_back() {
    let met = Met::new(KeepCloud, RecordSeparately);
    // The reversal waits; the copy that it cancels stands in the store that is left.
    met.decide(Retry);
    met.till()
        .sync_switch("demo-x", "center", None, true)
        .unwrap();
    let sent = sent(met.till());
    let reversal = of(&sent, Collection::Sales, |sale| {
        sale.contains_key("cancels")
    });
    let cancelled = of(&sent, Collection::Sales, |sale| {
        !sale.contains_key("cancels")
    });
    assert_eq!(reversal["cancels"], cancelled["saleId"]);
    assert_eq!(sum(&sent), 0, "neither is counted without the other");
}

#[test]
fn a_reversal_that_came_second_leaves_the_copy_with_the_first_one() {
    let met = Met::new(KeepCloud, KeepCloud);
    met.decide(Retry);
    met.till()
        .sync_switch("demo-x", "center", None, true)
        .unwrap();
    let sent = sent(met.till());
    assert_eq!(sum(&sent), 0, "both are in the store that was left");
    of(&sent, Collection::SaleConflicts, |lost| {
        lost["sale"].get("cancels").is_some()
    });
}

#[test]
fn what_is_sent_again_of_a_decision_takes_the_rest_along_to_another_store() {
    let met = Met::new(RecordSeparately, Dismiss);
    met.decide(Retry);
    let group = of_kind(met.till(), GroupKind::Resolution);
    land(met.till(), &group);
    // The copy is gone from the cloud and is sent again by itself.
    let copy = group.creates[1].name.clone();
    let db = met.till().db().unwrap();
    db.write(move |tx| outbox::send_again(tx, group.id, &[copy], "it was missing", later()))
        .unwrap();
    met.till()
        .sync_switch("demo-x", "center", None, true)
        .unwrap();
    let sent = sent(met.till());
    let decision = of(&sent, Collection::SaleResolutions, |_| true);
    assert_eq!(decision["choice"], "recordSeparately");
    assert_eq!(sum(&sent), i64::from(met.sale.total), "the copy alone");
}

#[test]
fn what_was_decided_in_a_store_is_forgotten_by_who_connects_to_it_anew() {
    let met = Met::new(Dismiss, RecordSeparately);
    // It was emptied, say. Whether the copy is there after all, it says itself.
    met.till()
        .sync_connect("demo-x", "corner", None, false)
        .unwrap();
    let detail = met.till().failed_detail(&met.sale.sale_id).unwrap();
    assert_eq!(detail.decided_before, None);
    met.decide(RecordSeparately);
    assert_eq!(sum(&sent(met.till())), i64::from(met.sale.total));
}

#[test]
fn what_was_decided_in_one_store_is_not_believed_of_another() {
    let met = Met::new(Dismiss, Dismiss);
    met.closes_by(Dismiss);
    let sale = met.sale.sale_id.parse().unwrap();
    let there = met.decision(RecordSeparately, 3);
    let digest = there["digest"].as_str().unwrap().parse().unwrap();
    let db = met.till().db().unwrap();
    db.write(move |tx| elsewhere::note_resolution(tx, sale, digest, 3, &there))
        .unwrap();
    met.till()
        .sync_switch("demo-x", "center", None, true)
        .unwrap();
    let known = db.read(|conn| elsewhere::decision(conn, sale, digest));
    assert_eq!(known.unwrap(), None);
}

/// Everything that waits, with its documents.
fn sent(till: &Till) -> Vec<Create> {
    claim(till)
        .into_iter()
        .flat_map(|group| group.creates)
        .collect()
}

/// The one document of these that is so.
fn of(sent: &[Create], collection: Collection, is: impl Fn(&Fields) -> bool) -> Fields {
    let mut found = sent
        .iter()
        .filter(|create| create.name.collection == collection && is(&create.fields));
    let one = found.next().unwrap();
    assert!(found.next().is_none(), "once");
    one.fields.as_ref().clone()
}

/// What a store says was sold, of which these are all the documents.
fn sum(sent: &[Create]) -> i64 {
    let sales = sent
        .iter()
        .filter(|create| create.name.collection == Collection::Sales);
    sales
        .map(|create| create.fields["total"].as_i64().unwrap())
        .sum()
}
