//! What is denied while the session may write: it fails in doubt, and is to blame once it is denied although
//! another sale was accepted.

use super::session::{ours, refused_alone};
use super::*;

/// A till's only sale is denied, its claim is not: the sale fails in doubt.
fn fails_in_doubt(desk: &mut Desk) {
    desk.register_read(ours());
    let actions = desk.register_claimed(Ok(at(0)));
    let outcomes = outcomes(&actions);
    assert!(
        matches!(&outcomes[..], [Outcome::Doubted { .. }]),
        "{outcomes:?}"
    );
    assert_eq!(actions.last(), Some(&Action::LookAround));
    desk.step(looked(Ok(()), Ok(())));
}

/// The next sale of a till that sells one by one is sent; what is answered to it.
fn next_sale(desk: &mut Desk, n: i64) -> BatchId {
    desk.step(Event::Woken(Wake::Checkout));
    let sent = sent(&desk.claimed(vec![sale(n)]));
    desk.claimed(Vec::new());
    *sent.first().expect("it is sent")
}

fn put_back(actions: &[Action]) -> Vec<Timestamp> {
    let put_back = actions.iter().filter_map(|action| match action {
        Action::PutBack { not_before } => Some(*not_before),
        _ => None,
    });
    put_back.collect()
}

/// What is put back is claimed and sent again.
fn sent_again(desk: &mut Desk, n: i64) -> BatchId {
    let sent = sent(&desk.claimed(vec![sale(n)]));
    desk.claimed(Vec::new());
    *sent.first().expect("it is sent")
}

fn is_failed(actions: &[Action], n: i64) {
    let outcomes = outcomes(actions);
    let is_it = matches!(&outcomes[..], [Outcome::Failed { group, kind: FailureKind::Refused, .. }] if group.0 == n);
    assert!(is_it, "{outcomes:?}");
}

#[test]
fn a_sale_refused_alone_fails_in_doubt_if_the_claim_is_accepted_again() {
    let mut desk = refused_alone();
    fails_in_doubt(&mut desk);
    assert_eq!(desk.engine.condition(), Condition::Idle);
}

#[test]
fn what_failed_in_doubt_is_put_back_when_a_sale_is_accepted_and_fails_if_it_is_denied_again() {
    let mut desk = refused_alone();
    fails_in_doubt(&mut desk);
    let batch = next_sale(&mut desk, 2);
    let actions = desk.accepted(batch);
    assert_eq!(put_back(&actions), [at(0)]);
    assert!(matches!(actions.last(), Some(Action::Claim { .. })));
    let batch = sent_again(&mut desk, 1);
    is_failed(&desk.refused(batch, 1, Code::PermissionDenied), 1);
    // The next sale that is accepted puts nothing back.
    let batch = next_sale(&mut desk, 3);
    assert_eq!(put_back(&desk.accepted(batch)), []);
}

#[test]
fn what_failed_in_doubt_lands_when_sales_are_accepted_again() {
    let mut desk = refused_alone();
    fails_in_doubt(&mut desk);
    let batch = next_sale(&mut desk, 2);
    assert_eq!(put_back(&desk.accepted(batch)), [at(0)]);
    let batch = sent_again(&mut desk, 1);
    let landed = outcomes(&desk.accepted(batch));
    assert!(matches!(&landed[..], [Outcome::Synced { .. }]));
}

#[test]
fn a_sale_that_is_held_is_tried_once_more_when_one_is_accepted_that_was_sent_later() {
    let (mut desk, batch) = Desk::new(vec![sale(1), sale(2)]);
    let actions = desk.refused(batch, 2, Code::PermissionDenied);
    let halves = sent(&actions);
    let held = desk.refused(halves[0], 1, Code::PermissionDenied);
    assert_eq!(outcomes(&held), []);
    // It was sent before anybody knew: it says nothing about now.
    desk.step(Event::Woken(Wake::Checkout));
    let later = sent(&desk.claimed(vec![sale(3)]))[0];
    desk.claimed(Vec::new());
    assert_eq!(sent(&desk.accepted(halves[1])), []);
    let actions = desk.accepted(later);
    let again = sent(&actions);
    assert_eq!(again.len(), 1, "{actions:?}");
    is_failed(&desk.refused(again[0], 1, Code::PermissionDenied), 1);
}

#[test]
fn a_denial_of_what_was_sent_before_a_sale_was_accepted_condemns_nobody() {
    let mut desk = refused_alone();
    fails_in_doubt(&mut desk);
    let good = next_sale(&mut desk, 2);
    // It is put back, and both are on their way.
    desk.step(Event::Woken(Wake::User));
    let bad = sent_again(&mut desk, 1);
    desk.accepted(good);
    let again = sent(&desk.refused(bad, 1, Code::PermissionDenied));
    assert_eq!(again.len(), 1, "once more");
    is_failed(&desk.refused(again[0], 1, Code::PermissionDenied), 1);
}

#[test]
fn documents_beside_sales_prove_nothing_about_sales() {
    let mut desk = refused_alone();
    fails_in_doubt(&mut desk);
    desk.step(Event::Woken(Wake::Checkout));
    let mut conflict = sale(2);
    conflict.kind = GroupKind::Conflict;
    conflict.creates[0].name.collection = Collection::SaleConflicts;
    let batch = sent(&desk.claimed(vec![conflict]))[0];
    desk.claimed(Vec::new());
    assert_eq!(put_back(&desk.accepted(batch)), []);
}

#[test]
fn a_decision_is_held_with_the_losing_version_that_was_denied() {
    let mut lost = sale(1);
    lost.kind = GroupKind::Conflict;
    lost.creates[0].name.collection = Collection::SaleConflicts;
    let decided = Group {
        id: GroupId(2),
        ..resolution(1)
    };
    let (mut desk, batch) = Desk::new(vec![lost, decided]);
    let halves = sent(&desk.refused(batch, 3, Code::PermissionDenied));
    assert_eq!(halves.len(), 1, "the decision waits for the other half");
    // It is not sent to be denied too, for which it could be blamed.
    let denied = desk.refused(halves[0], 1, Code::PermissionDenied);
    assert_eq!(denied, [Action::ReadRegister]);
    desk.register_read(ours());
    all_retry(&desk.register_claimed(Ok(at(0))), 2);
}

#[test]
fn a_decision_that_is_denied_alone_is_tried_again_after_a_wait() {
    let (mut desk, batch) = Desk::new(vec![resolution(1)]);
    assert_eq!(
        desk.refused(batch, 2, Code::PermissionDenied),
        [Action::ReadRegister]
    );
    desk.register_read(ours());
    let until = all_retry(&desk.register_claimed(Ok(at(0))), 1)[0];
    assert!(until > at(0));
    desk.step(looked(Ok(()), Ok(())));
    // Denied although a sale was accepted meanwhile, it has failed.
    let batch = next_sale(&mut desk, 2);
    desk.accepted(batch);
    desk.step(looked(Ok(()), Ok(())));
    desk.step(Event::Woken(Wake::Checkout));
    let batch = sent(&desk.claimed(vec![resolution(1)]))[0];
    desk.claimed(Vec::new());
    let refused = desk.refused(batch, 2, Code::PermissionDenied);
    is_failed(&refused, 1);
    assert_eq!(refused.last(), Some(&Action::LookAround), "for its number");
}

#[test]
fn five_sales_denied_one_after_the_other_are_the_session_and_those_that_failed_are_put_back() {
    let mut desk = refused_alone();
    for n in 2..=4 {
        fails_in_doubt(&mut desk);
        let batch = next_sale(&mut desk, n);
        let actions = desk.refused(batch, 1, Code::PermissionDenied);
        assert_eq!(actions, [Action::ReadRegister]);
    }
    fails_in_doubt(&mut desk);
    let batch = next_sale(&mut desk, 5);
    let actions = desk.refused(batch, 1, Code::PermissionDenied);
    let until = all_retry(&actions, 1);
    assert_eq!(
        put_back(&actions),
        until,
        "behind those that were not tried"
    );
    assert_eq!(desk.engine.condition(), Condition::NotAllowed);
    assert!(desk.engine.next_attempt().is_some(), "tried again");
}

#[test]
fn a_session_that_may_not_even_claim_puts_back_what_failed_in_doubt() {
    let mut desk = refused_alone();
    fails_in_doubt(&mut desk);
    let batch = next_sale(&mut desk, 2);
    desk.refused(batch, 1, Code::PermissionDenied);
    desk.register_read(ours());
    let actions = desk.register_claimed(Err(error(Code::PermissionDenied)));
    assert_eq!(put_back(&actions), all_retry(&actions, 1));
    assert_eq!(desk.engine.condition(), Condition::NotAllowed);
}

#[test]
fn a_sale_that_is_accepted_ends_the_row_of_those_that_were_denied() {
    let mut desk = refused_alone();
    for n in 1..=8 {
        fails_in_doubt(&mut desk);
        let batch = next_sale(&mut desk, 10 * n);
        desk.accepted(batch);
        let batch = sent_again(&mut desk, if n == 1 { 1 } else { 10 * n - 9 });
        desk.refused(batch, 1, Code::PermissionDenied);
        desk.step(looked(Ok(()), Ok(())));
        let batch = next_sale(&mut desk, 10 * n + 1);
        let actions = desk.refused(batch, 1, Code::PermissionDenied);
        assert_eq!(actions, [Action::ReadRegister]);
    }
}

#[test]
fn six_bad_sales_fail_once_a_good_one_is_accepted() {
    let (mut desk, batch) = Desk::new((1..=6).map(sale).collect());
    let mut waiting = vec![(batch, 6)];
    while let Some((batch, documents)) = waiting.pop() {
        for action in desk.refused(batch, documents, Code::PermissionDenied) {
            if let Action::Commit { batch, creates } = action {
                waiting.push((batch, creates.len()));
            }
        }
    }
    assert_eq!(desk.engine.condition(), Condition::NotAllowed);
    desk.now = 120_000;
    assert!(matches!(
        desk.step(Event::Woken(Wake::Timer))[..],
        [Action::Claim { .. }]
    ));
    let batch = sent_again(&mut desk, 7);
    desk.accepted(batch);
    let mut failed = 0;
    for n in 1..=6 {
        desk.step(Event::Woken(Wake::Checkout));
        let batch = sent(&desk.claimed(vec![sale(n)]))[0];
        desk.claimed(Vec::new());
        let actions = desk.refused(batch, 1, Code::PermissionDenied);
        if actions == [Action::ReadRegister] {
            // The one that was not denied yet when the five were.
            fails_in_doubt(&mut desk);
        } else {
            is_failed(&actions[..1], n);
            failed += 1;
        }
        desk.step(looked(Ok(()), Ok(())));
    }
    assert_eq!(failed, 5);
}

#[test]
fn a_person_and_a_new_session_put_back_what_failed_in_doubt() {
    let mut desk = refused_alone();
    fails_in_doubt(&mut desk);
    let actions = desk.step(Event::Woken(Wake::User));
    assert_eq!(actions.first(), Some(&Action::MakeDue), "it does so itself");
    let batch = sent_again(&mut desk, 1);
    desk.refused(batch, 1, Code::PermissionDenied);
    fails_in_doubt(&mut desk);
    let message = "the disk is full".to_owned();
    desk.step(Event::DatabaseFailed { message });
    desk.now = 60_000;
    let actions = desk.step(Event::Woken(Wake::Timer));
    assert_eq!(actions, [Action::Release], "it does so itself");
}

#[test]
fn what_failed_in_doubt_is_tried_again_ever_more_seldom() {
    let mut desk = refused_alone();
    let mut tries = Vec::new();
    for _ in 0..13 {
        fails_in_doubt(&mut desk);
        let begun = desk.now;
        // Looking around comes in between.
        while put_back(&desk.step(Event::Woken(Wake::Timer))).is_empty() {
            desk.step(looked(Ok(()), Ok(())));
            let wake = desk.engine.wake_at().expect("a moment");
            desk.now = wake.ms() - T0;
        }
        tries.push((desk.now - begun) / 60_000);
        let batch = sent_again(&mut desk, 1);
        desk.refused(batch, 1, Code::PermissionDenied);
    }
    assert_eq!(tries[..5], [1, 2, 4, 8, 16], "{tries:?}");
    assert_eq!(tries[12], 24 * 60, "a day at most: {tries:?}");
    // A clock that was set back ends any wait.
    fails_in_doubt(&mut desk);
    desk.now -= 60_000;
    assert_eq!(
        put_back(&desk.step(Event::Woken(Wake::Timer))),
        [at(desk.now)]
    );
}
