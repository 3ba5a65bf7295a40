//! How much at once, how soon again, and what the session begins with.

use super::*;

#[test]
fn batches_grow_while_they_succeed_and_halve_on_refusal() {
    let mut desk = Desk::fresh();
    desk.begin();
    let asked = |actions: &[Action]| {
        actions.iter().find_map(|action| match action {
            Action::Claim { max_groups, .. } => Some(*max_groups),
            _ => None,
        })
    };
    let actions = desk.claimed((1..=20).map(sale).collect());
    desk.accepted(sent(&actions)[0]);
    let actions = desk.claimed((21..=60).map(sale).collect());
    assert_eq!(asked(&actions), Some(40));
    desk.committed(sent(&actions)[0], Code::AlreadyExists);
    let actions = desk.claimed(vec![sale(61)]);
    assert_eq!(asked(&actions), Some(20));
}

#[test]
fn a_slow_answer_halves_the_batch() {
    let (mut desk, batch) = Desk::new((1..=20).map(sale).collect());
    let sent_at = at(0);
    desk.now = 4_000;
    let result = Ok(Timestamp::from_ms(SERVER));
    desk.step(Event::Committed {
        batch,
        sent_at,
        result,
    });
    let actions = desk.step(Event::Woken(Wake::Checkout));
    assert!(
        matches!(actions[..], [Action::Claim { max_groups: 10, .. }]),
        "{actions:?}"
    );
    assert_eq!(
        desk.engine.clock_offset_ms(),
        None,
        "too slow to tell the time by"
    );
}

#[test]
fn several_batches_are_in_flight_and_one_more_is_at_hand() {
    let mut desk = Desk::fresh();
    desk.begin();
    let mut batches = Vec::new();
    for n in 0..4 {
        batches.extend(sent(&desk.claimed(vec![sale(n + 1)])));
    }
    assert_eq!(batches.len(), 4);
    assert_eq!(desk.claimed(vec![sale(5)]), [], "four are under way");
    assert_eq!(
        desk.step(Event::Woken(Wake::Checkout)),
        [],
        "and one is at hand"
    );
    let actions = desk.accepted(batches[2]);
    assert!(
        matches!(
            actions[..],
            [
                Action::Commit { .. },
                Action::Record(_),
                Action::Claim { .. }
            ]
        ),
        "the next is under way before the last is written down: {actions:?}"
    );
}

#[test]
fn a_decision_waits_until_the_version_that_lost_has_arrived() {
    let mut lost = sale(1);
    lost.kind = GroupKind::Conflict;
    lost.creates[0].name.collection = Collection::SaleConflicts;
    let decided = |n| Group {
        id: GroupId(n + 10),
        ..resolution(n)
    };
    let (mut desk, batch) = Desk::new(vec![lost]);
    desk.step(Event::Woken(Wake::Checkout));
    let other = sent(&desk.claimed(vec![decided(2)]));
    assert_eq!(other.len(), 1, "another sale's goes at once");
    let waits = desk.claimed(vec![decided(1)]);
    assert_eq!(sent(&waits), []);
    assert!(
        matches!(waits[..], [Action::Claim { .. }]),
        "nobody waits with it: {waits:?}"
    );
    let behind = sent(&desk.claimed(vec![sale(3)]));
    assert_eq!(behind.len(), 1);
    assert_eq!(sent(&desk.accepted(other[0])), [], "it is still under way");
    assert_eq!(sent(&desk.accepted(batch)).len(), 1);
}

#[test]
fn a_decision_waits_for_the_one_before_about_the_same_sale() {
    let second = Group {
        id: GroupId(12),
        ..resolution(1)
    };
    let (mut desk, first) = Desk::new(vec![resolution(1)]);
    desk.step(Event::Woken(Wake::Checkout));
    assert_eq!(sent(&desk.claimed(vec![second])), []);
    assert_eq!(sent(&desk.accepted(first)).len(), 1);
}

#[test]
fn the_owed_checks_follow_a_drain() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    assert_eq!(desk.accepted(batch).last(), Some(&Action::LookAround));
    assert!(!desk.engine.is_quiet(at(0)));
    desk.step(looked(Ok(()), Ok(())));
    assert!(desk.engine.is_quiet(at(0)));
    assert_eq!(desk.engine.condition(), Condition::Idle);
    assert_eq!(desk.engine.wake_at(), Some(at(300_000)));
}

#[test]
fn checks_that_are_refused_are_said_and_tried_again_and_hold_up_no_sale() {
    for code in PERMANENT.into_iter().chain([Code::PermissionDenied]) {
        let (mut desk, batch) = Desk::new(vec![sale(1)]);
        desk.accepted(batch);
        let mut last = 0;
        for nth in 0..9 {
            assert_eq!(desk.step(looked(Err(error(code)), Ok(()))), []);
            let said = Some(Problem::ChecksRefused(error(code)));
            assert_eq!(desk.engine.problem(), said, "{code:?}");
            assert_eq!(desk.engine.condition(), Condition::Idle, "{code:?}");
            let again = desk.engine.wake_at().expect("tried again");
            assert_eq!(desk.engine.next_attempt(), Some(again));
            let wait = again.since_ms(at(desk.now));
            assert!((1..=CEILING_MS).contains(&wait), "{code:?}: {wait} ms");
            assert!(nth != 8 || wait > last, "the waits grow: {wait} ms");
            last = if nth == 0 { wait } else { last };

            let claim = desk.step(Event::Woken(Wake::Checkout));
            assert!(matches!(claim[..], [Action::Claim { .. }]), "{claim:?}");
            let batch = sent(&desk.claimed(vec![sale(nth + 2)]))[0];
            desk.claimed(vec![]);
            assert!(!desk.accepted(batch).contains(&Action::LookAround));

            desk.now = again.since_ms(at(0));
            let timer = desk.step(Event::Woken(Wake::Timer));
            assert_eq!(timer, [Action::LookAround]);
        }
        desk.step(looked(Ok(()), Ok(())));
        assert_eq!(
            (desk.engine.problem(), desk.engine.next_attempt()),
            (None, None)
        );
    }
}

#[test]
fn what_others_hold_is_refused_by_its_own_name_and_a_dead_network_comes_first() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    desk.accepted(batch);
    desk.step(looked(Ok(()), Err(error(Code::PermissionDenied))));
    let others = Problem::OthersRefused(error(Code::PermissionDenied));
    assert_eq!(desk.engine.problem(), Some(others));

    desk.step(Event::Woken(Wake::User));
    desk.claimed(vec![]);
    let refused = Err(error(Code::FailedPrecondition));
    desk.step(looked(refused, Err(error(Code::Unavailable))));
    assert_eq!(desk.engine.condition(), Condition::Offline);
}

#[test]
fn the_store_is_created_if_it_is_not_there() {
    let mut desk = Desk::fresh();
    desk.step(Event::Woken(Wake::Timer));
    desk.step(Event::Released);
    assert_eq!(desk.step(Event::StoreRead(Ok(None))), [Action::CreateStore]);
    let raced = desk.step(Event::StoreCreated(Err(error(Code::AlreadyExists))));
    assert_eq!(raced, [Action::ReadStore], "another register was quicker");
    desk.step(Event::StoreRead(Ok(None)));
    let actions = desk.step(Event::StoreCreated(Ok(at(5))));
    assert!(matches!(
        actions[..],
        [Action::RememberStore(_), Action::ReadRegister]
    ));
}

#[test]
fn another_store_pauses_until_the_cloud_has_the_right_one() {
    let other = [
        (
            StoreDocument {
                currency: "USD".to_owned(),
                ..store_document()
            },
            PauseReason::OtherCurrency,
        ),
        (
            StoreDocument {
                created_at: at(7),
                ..store_document()
            },
            PauseReason::OtherStore,
        ),
    ];
    for (document, reason) in other {
        let mut desk = Desk::fresh();
        desk.step(Event::Woken(Wake::Timer));
        desk.step(Event::Released);
        assert_eq!(desk.step(Event::StoreRead(Ok(Some(document)))), []);
        assert_eq!(desk.engine.condition(), Condition::Paused);
        assert!(matches!(desk.engine.problem(), Some(Problem::Pause(r, _)) if r == reason));
        assert_eq!(
            desk.step(Event::Woken(Wake::Checkout)),
            [],
            "nothing is uploaded"
        );
        let asks_at = desk.engine.wake_at();
        assert_eq!(asks_at, Some(at(Limits::default().look_around_ms)));
        assert_eq!(
            desk.step(Event::Woken(Wake::User)),
            [Action::MakeDue, Action::ReadStore],
            "a person need not wait for that"
        );
    }
}

#[test]
fn every_code_at_the_stores_document_has_its_condition() {
    let all = TRANSIENT.map(|code| (code, Condition::Offline)).into_iter();
    let all = all.chain(PERMANENT.map(|code| (code, Condition::Paused)));
    let session = [
        (Code::Unauthenticated, Condition::SignInNeeded),
        (Code::PermissionDenied, Condition::NotAllowed),
    ];
    for (code, condition) in all.chain(session) {
        let mut desk = Desk::fresh();
        desk.step(Event::Woken(Wake::Timer));
        desk.step(Event::Released);
        desk.step(Event::StoreRead(Err(error(code))));
        assert_eq!(desk.engine.condition(), condition, "{code:?}");
        let until = desk.engine.next_attempt().expect("tried again");
        desk.now = until.ms() - T0;
        assert_eq!(
            desk.step(Event::Woken(Wake::Timer)),
            [Action::ReadStore],
            "{code:?}"
        );
    }
}

#[test]
fn waits_grow_and_failures_at_once_count_once() {
    let mut desk = Desk::fresh();
    desk.begin();
    let first = sent(&desk.claimed(vec![sale(1)]))[0];
    let second = sent(&desk.claimed(vec![sale(2)]))[0];
    let one = all_retry(&desk.refused(first, 1, Code::Unavailable), 1);
    let two = all_retry(&desk.refused(second, 1, Code::Unavailable), 1);
    assert_eq!(one, two, "both failed at once: one wait");
    desk.now = one[0].ms() - T0;
    desk.step(Event::Woken(Wake::Timer));
    let third = sent(&desk.claimed(vec![sale(1)]))[0];
    let three = all_retry(&desk.refused(third, 1, Code::Unavailable), 1);
    assert!(three[0].since_ms(one[0]) > one[0].since_ms(at(0)));
    assert_eq!(desk.engine.offline_since(), Some(at(0)));
}

#[test]
fn a_person_or_the_network_does_not_wait() {
    for wake in [Wake::User, Wake::Network] {
        let (mut desk, batch) = Desk::new(vec![sale(1)]);
        desk.refused(batch, 1, Code::Unavailable);
        let actions = desk.step(Event::Woken(wake));
        assert!(
            matches!(actions[..], [Action::MakeDue, Action::Claim { .. }]),
            "{actions:?}"
        );
    }
}

#[test]
fn a_clock_that_was_set_back_does_not_stop_the_engine() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    desk.refused(batch, 1, Code::Unavailable);
    desk.now = -5 * 86_400_000;
    let actions = desk.step(Event::Woken(Wake::Timer));
    assert!(matches!(actions[..], [Action::Claim { .. }]), "{actions:?}");
    let actions = desk.step(Event::Claimed {
        groups: vec![],
        next_due: Some(at(0)),
    });
    assert_eq!(actions.first(), Some(&Action::MakeDue));
}

#[test]
fn a_database_that_fails_brings_everything_in_flight_back() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    desk.accepted(batch);
    desk.step(Event::DatabaseFailed {
        message: "the disk is full".to_owned(),
    });
    assert_eq!(desk.engine.condition(), Condition::Paused);
    desk.now = desk.engine.wake_at().expect("a wait").ms() - T0;
    assert_eq!(desk.step(Event::Woken(Wake::Timer)), [Action::Release]);
    let actions = desk.step(Event::Released);
    assert!(matches!(actions[..], [Action::Claim { .. }]), "{actions:?}");
}

fn unsent(actions: &[Action]) -> Vec<i64> {
    let unsent = |outcome: Outcome| match outcome {
        Outcome::Unsent { group, .. } => Some(group.0),
        _ => None,
    };
    outcomes(actions).into_iter().filter_map(unsent).collect()
}

#[test]
fn what_was_claimed_and_not_sent_is_given_back_as_such() {
    let mut desk = Desk::fresh();
    desk.begin();
    let batch = sent(&desk.claimed(vec![sale(1)]))[0];
    // The next ones are claimed while the network dies.
    desk.committed(batch, Code::Unavailable);
    let result = Err(error(Code::Unavailable));
    let actions = desk.step(Event::Read { batch, result });
    assert_eq!(
        (all_retry(&actions, 1).len(), unsent(&actions).len()),
        (1, 0)
    );
    let actions = desk.claimed(vec![sale(2), sale(3)]);
    assert_eq!(unsent(&actions), [2, 3]);
}

#[test]
fn a_part_of_a_batch_that_was_refused_was_sent_and_what_waited_behind_it_was_not() {
    let mut desk = Desk::fresh();
    desk.begin();
    let mut batches = Vec::new();
    for id in 1..=5 {
        let actions = desk.claimed(vec![sale(2 * id), sale(2 * id + 1)]);
        batches.extend(sent(&actions));
    }
    assert_eq!(batches.len(), 4, "the fifth waits");
    // Both halves go before the fifth, and one of them has its turn.
    let halved = desk.refused(batches[0], 2, Code::InvalidArgument);
    assert_eq!(sent(&halved).len(), 1);
    let result = Err(error(Code::Unavailable));
    let batch = batches[1];
    desk.committed(batch, Code::Unavailable);
    let actions = desk.step(Event::Read { batch, result });
    assert_eq!(unsent(&actions), [10, 11], "{actions:?}");
    assert_eq!(all_retry(&actions, 5).len(), 5, "with the other half");
    assert_eq!(desk.engine.end(at(0)), [], "nothing is claimed any more");
}

#[test]
fn a_session_that_ends_gives_back_what_it_has_not_sent() {
    let mut desk = Desk::fresh();
    desk.begin();
    for id in 1..=5 {
        desk.claimed(vec![sale(id)]);
    }
    assert_eq!(unsent(&desk.engine.end(at(0))), [5]);
}

/// A desk that has looked around after its first sale.
fn has_looked() -> Desk {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    let actions = desk.accepted(batch);
    assert_eq!(actions.last(), Some(&Action::LookAround), "{actions:?}");
    desk
}

#[test]
fn what_lands_while_it_looks_around_is_looked_after_at_once() {
    let mut desk = has_looked();
    desk.step(Event::Woken(Wake::Checkout));
    let batch = sent(&desk.claimed(vec![sale(2)]))[0];
    desk.claimed(Vec::new());
    desk.accepted(batch);
    assert_eq!(desk.step(looked(Ok(()), Ok(()))), [Action::LookAround]);
    assert_eq!(desk.step(looked(Ok(()), Ok(()))), [], "once is enough");
    let next = at(desk.now + Limits::default().look_around_ms);
    assert_eq!(desk.engine.wake_at(), Some(next));
}

#[test]
fn a_clock_that_is_set_back_does_not_put_off_looking_around() {
    let mut desk = has_looked();
    desk.now = 86_400_000;
    assert_eq!(desk.step(looked(Ok(()), Ok(()))), []);
    desk.now = 60_000;
    assert_eq!(desk.step(Event::Woken(Wake::Timer)), [Action::LookAround]);
}
