//! The same id with other content, and what a manager does about it.

use counterfoil_app::clock::RandomIds;
use counterfoil_app::dto::{ChoiceKind, FailureKind, MoneyAnswer, ResolveInput, Restock};
use counterfoil_domain::document::Fields;
use counterfoil_domain::reversal::copy_id;
use counterfoil_domain::{Digest, IdSource};
use counterfoil_sync::Collection;
use counterfoil_tests::rig::cloud::Cloud;
use counterfoil_tests::rig::register::{Register, text};
use gcloud_sdk::google::firestore::v1::Value as Cell;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use serde_json::Value;
use uuid::Uuid;

/// Two registers that minted the same id for different sales, and synced at once.
struct Collision {
    winner: Register,
    loser: Register,
    id: String,
    won: Value,
    lost: Value,
}

impl Collision {
    async fn new(cloud: &Cloud) -> Self {
        let (a, b) = (Register::new("A", cloud), Register::new("B", cloud));
        let ids: Vec<Uuid> = (0..8).map(|_| RandomIds.uuid()).collect();
        a.prescribe(&ids);
        let first = a.sell(&[("espresso", "1")]);
        a.prescribe(&[]);
        b.prescribe(&ids);
        let second = b.sell(&[("bread", "3"), ("butter", "1")]);
        b.prescribe(&[]);
        let id = text(&first, "saleId").to_owned();
        assert_eq!(id, text(&second, "saleId"), "the rig prescribes one id");
        let (one, two) = tokio::join!(a.sync(cloud.host()), b.sync(cloud.host()));
        assert_eq!(one.failed_total + two.failed_total, 1, "one of them lost");
        if one.failed_total == 0 {
            Self {
                winner: a,
                loser: b,
                id,
                won: first,
                lost: second,
            }
        } else {
            Self {
                winner: b,
                loser: a,
                id,
                won: second,
                lost: first,
            }
        }
    }

    fn decide(&self, choice: ChoiceKind) -> ResolveInput {
        ResolveInput {
            sale_id: self.id.clone(),
            choice,
            reason: "rung up twice".to_owned(),
            by: "Maria".to_owned(),
            money: None,
            card_reference: None,
            restock: None,
            restock_lines: Vec::new(),
        }
    }

    /// The cloud's winner is as it was.
    async fn winner_is_untouched(&self, cloud: &Cloud) {
        let there = cloud
            .document(Collection::Sales, &self.id)
            .await
            .expect("the winner");
        let digest = Digest::of_sale(&there).expect("a record").to_string();
        assert_eq!(digest, text(&self.won, "digest"));
    }
}

async fn sales(cloud: &Cloud) -> Vec<Fields> {
    let all = cloud.all(Collection::Sales).await;
    all.into_iter()
        .map(|found| found.fields.expect("valid"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_registers_with_one_id_the_first_wins_and_the_other_is_kept_whole() {
    let cloud = Cloud::new();
    let collision = Collision::new(&cloud).await;
    collision.winner_is_untouched(&cloud).await;
    let there = cloud.all(Collection::Sales).await;
    assert_eq!(there.len(), 1);
    let conflicts = cloud.all(Collection::SaleConflicts).await;
    assert_eq!(conflicts.len(), 1);
    assert!(
        there[0].created_at <= conflicts[0].created_at,
        "the earliest createdAt won"
    );

    let conflict = conflicts[0].fields.as_ref().expect("valid");
    let name = format!("{}_{}", collision.id, text(&collision.lost, "digest"));
    assert_eq!(conflicts[0].name.id, name);
    assert_eq!(conflict["kind"], "sameId");
    assert_eq!(conflict["winnerDigest"], collision.won["digest"]);
    let whole = conflict["sale"].as_object().expect("the sale");
    let digest = Digest::of_sale(whole).expect("a record").to_string();
    assert_eq!(digest, text(&collision.lost, "digest"));

    let page = collision.loser.till.failed_page(1).expect("a page");
    assert_eq!(page.items.len(), 1);
    assert_eq!(
        (page.items[0].sale_id.as_str(), page.items[0].kind),
        (collision.id.as_str(), FailureKind::SameId)
    );
    assert!(!page.items[0].message.is_empty());
    let here = collision.loser.sale(&collision.id);
    assert_eq!(
        (text(&here, "syncState"), &here["lines"]),
        ("failed", &collision.lost["lines"])
    );
    assert_eq!(
        collision
            .winner
            .till
            .failed_page(1)
            .expect("a page")
            .items
            .len(),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_registers_see_the_item_and_its_outcome() {
    let cloud = Cloud::new();
    let collision = Collision::new(&cloud).await;
    collision.winner.sync(cloud.host()).await;
    let third = Register::new("C", &cloud);
    third.sync(cloud.host()).await;
    let page = third.till.failed_page(1).expect("a page");
    assert_eq!(page.elsewhere.len(), 1);
    assert_eq!(page.elsewhere[0].sale_id, collision.id);
    assert!(page.elsewhere[0].outcome.is_none());

    // Decided without a network: nothing of it is in the cloud until it is back.
    let decided = collision
        .loser
        .till
        .resolve_failed(collision.decide(ChoiceKind::RecordSeparately));
    decided.expect("offline is no hindrance");
    assert!(cloud.all(Collection::SaleResolutions).await.is_empty());
    collision.loser.sync(cloud.host()).await;
    third.sync(cloud.host()).await;
    let page = third.till.failed_page(1).expect("a page");
    let outcome = page.elsewhere[0].outcome.as_ref().expect("an outcome");
    assert_eq!(
        (outcome.choice, outcome.by.as_str()),
        (ChoiceKind::RecordSeparately, "Maria")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keeping_the_clouds_puts_a_copy_and_its_reversal_beside_the_winner() {
    let cloud = Cloud::new();
    let collision = Collision::new(&cloud).await;
    let input = ResolveInput {
        money: Some(MoneyAnswer::GivenBack),
        restock: Some(Restock::Shelf),
        ..collision.decide(ChoiceKind::KeepCloud)
    };
    let result = collision.loser.till.resolve_failed(input).expect("decided");
    let reversal = result.reversal.expect("a reversal");
    let status = collision.loser.sync(cloud.host()).await;
    assert_eq!((status.failed_total, status.pending), (0, 0));
    collision.winner_is_untouched(&cloud).await;

    let sales = sales(&cloud).await;
    assert_eq!(sales.len(), 3, "the winner, the copy, its reversal");
    let copy_id = result.cloud_id.expect("a copy");
    let copy = sales
        .iter()
        .find(|sale| sale["saleId"] == copy_id.as_str())
        .expect("the copy");
    assert_eq!(copy["originalSaleId"], collision.id.as_str());
    assert_eq!(copy["originalDigest"], collision.lost["digest"]);
    let back = sales
        .iter()
        .find(|sale| sale.contains_key("cancels"))
        .expect("the reversal");
    assert_eq!(back["cancels"], copy_id.as_str());
    assert_eq!(back["saleId"], reversal.sale_id.as_str());
    let total = |sale: &Fields| sale["total"].as_i64().expect("a total");
    assert_eq!(total(copy) + total(back), 0);
    assert_eq!(copy["createdAt"], back["createdAt"], "one commit");
    assert_eq!(status.warnings, 0, "copies and reversals are no duplicates");
}

#[tokio::test(flavor = "multi_thread")]
async fn recording_separately_puts_a_copy_with_the_printed_number_beside_the_winner() {
    let cloud = Cloud::new();
    let collision = Collision::new(&cloud).await;
    let input = collision.decide(ChoiceKind::RecordSeparately);
    let result = collision.loser.till.resolve_failed(input).expect("decided");
    let status = collision.loser.sync(cloud.host()).await;
    assert_eq!((status.failed_total, status.pending), (0, 0));
    collision.winner_is_untouched(&cloud).await;
    let sales = sales(&cloud).await;
    assert_eq!(sales.len(), 2);
    let copy_id = result.cloud_id.expect("a copy");
    let copy = sales
        .iter()
        .find(|sale| sale["saleId"] == copy_id.as_str())
        .expect("the copy");
    for name in ["receiptNumber", "soldAt", "lines", "total", "tenders"] {
        assert_eq!(copy[name], collision.lost[name], "{name}");
    }
    assert_eq!(cloud.all(Collection::SaleResolutions).await.len(), 1);
}

/// Any register may create a sale under an id that it chooses, also one that another register's copy will have.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_whose_place_another_sale_has_is_listed_until_that_is_removed() {
    let emulator = Cloud::new();
    for choice in [ChoiceKind::RecordSeparately, ChoiceKind::KeepCloud] {
        let cloud = emulator.sibling();
        let collision = Collision::new(&cloud).await;
        let id = collision.id.parse().expect("an id");
        let digest = text(&collision.lost, "digest").parse().expect("a digest");
        let copy = copy_id(id, digest).to_string();
        let path = format!("sales/{copy}");
        let mut squatter = cloud.cells(&format!("sales/{id}")).await;
        let value_type = Some(ValueType::StringValue(copy.clone()));
        squatter.insert("saleId".to_owned(), Cell { value_type });
        cloud.put(&path, squatter).await;

        let loser = &collision.loser;
        let input = ResolveInput {
            money: (choice == ChoiceKind::KeepCloud).then_some(MoneyAnswer::NeverTaken),
            ..collision.decide(choice)
        };
        loser.till.resolve_failed(input).expect("decided");
        loser.sell(&[("espresso", "1")]);
        for _ in 0..2 {
            let status = loser.sync(cloud.host()).await;
            assert_eq!((status.failed_total, status.pending), (1, 0), "{choice:?}");
            let said = &status.failed_items[0].message;
            for told in [path.as_str(), "id of this one's copy", "try again"] {
                assert!(said.contains(told), "{said}");
            }
            let again = collision.decide(ChoiceKind::Retry);
            loser.till.resolve_failed(again).expect("sent again");
        }
        assert_eq!(cloud.all(Collection::SaleResolutions).await.len(), 0);
        assert_eq!(cloud.all(Collection::SaleConflicts).await.len(), 1);
        cloud.remove(&path).await;
        let status = loser.sync(cloud.host()).await;
        assert_eq!((status.failed_total, status.pending), (0, 0), "{choice:?}");
        let there = cloud.document(Collection::Sales, &copy).await;
        let there = there.expect("the copy");
        assert_eq!(there["originalSaleId"], collision.id.as_str());
        collision.winner_is_untouched(&cloud).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trying_again_ends_in_the_same_conflict() {
    let cloud = Cloud::new();
    let collision = Collision::new(&cloud).await;
    let input = collision.decide(ChoiceKind::Retry);
    collision
        .loser
        .till
        .resolve_failed(input)
        .expect("sent again");
    let status = collision.loser.sync(cloud.host()).await;
    assert_eq!(status.failed_total, 1, "a real conflict stays one");
    assert_eq!(status.failed_items[0].kind, FailureKind::SameId);
    assert_eq!(status.failed_items[0].attempts, 2);
    collision.winner_is_untouched(&cloud).await;
    assert_eq!(cloud.all(Collection::SaleConflicts).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dismissed_sale_stays_out_of_the_clouds_sales_and_whole_in_its_conflicts() {
    let cloud = Cloud::new();
    let collision = Collision::new(&cloud).await;
    let input = collision.decide(ChoiceKind::Dismiss);
    collision
        .loser
        .till
        .resolve_failed(input)
        .expect("dismissed");
    let status = collision.loser.sync(cloud.host()).await;
    assert_eq!((status.failed_total, status.pending), (0, 0));
    collision.winner_is_untouched(&cloud).await;
    assert_eq!(cloud.all(Collection::Sales).await.len(), 1);
    assert_eq!(cloud.all(Collection::SaleConflicts).await.len(), 1);
    assert_eq!(cloud.all(Collection::SaleResolutions).await.len(), 1);
    assert_eq!(
        text(&collision.loser.sale(&collision.id), "syncState"),
        "failed"
    );
}
