//! Whose the register's id is, and whether its numbers are its own: asked before anything goes up.

use super::*;

/// A session that has read the store's document and asks for the register's.
fn asking() -> Desk {
    let mut desk = Desk::fresh();
    desk.step(Event::Woken(Wake::Timer));
    desk.step(Event::Released);
    let asked = desk.step(Event::StoreRead(Ok(Some(store_document()))));
    assert_eq!(asked, [Action::ReadRegister]);
    desk
}

fn numbers(there: u64, ours: u64) -> Numbers {
    Numbers {
        from: HIGHEST + 1,
        there,
        ours,
    }
}

fn pause(desk: &Desk) -> Option<PauseReason> {
    match desk.engine.problem() {
        Some(Problem::Pause(reason, _)) => Some(reason),
        _ => None,
    }
}

#[test]
fn a_register_that_is_not_there_is_created_and_a_released_one_is_taken() {
    for (there, revision) in [
        (None, None),
        (Some(register_document(None, HIGHEST)), Some(REVISION)),
    ] {
        let claim = asking().register_read(Ok(there));
        assert_eq!(claim, [Action::ClaimRegister { revision }]);
    }
}

#[test]
fn another_installation_is_noticed_before_anything_goes_up() {
    let mut desk = asking();
    let theirs = register_document(Some("there"), HIGHEST);
    let said = desk.register_read(Ok(Some(theirs)));
    assert!(matches!(said[..], [Action::RememberDoubt(_)]), "{said:?}");
    assert_eq!(desk.engine.condition(), Condition::IdentityNeeded);
    assert_eq!(pause(&desk), Some(PauseReason::OtherInstallation));
    assert_eq!(
        desk.step(Event::Woken(Wake::Checkout)),
        [],
        "nothing goes up"
    );
    // A manager may have released it.
    let again = desk.step(Event::Woken(Wake::User));
    assert_eq!(again, [Action::MakeDue, Action::ReadStore]);
}

/// Lets time pass until the engine wants to be woken, and wakes it.
fn wait(desk: &mut Desk) -> Vec<Action> {
    let wake_at = desk.engine.wake_at().expect("it is asked again");
    desk.now = wake_at.since_ms(at(0));
    desk.step(Event::Woken(Wake::Timer))
}

#[test]
fn a_claim_that_was_released_is_noticed_without_anybody_asking_for_it() {
    let mut desk = asking();
    let theirs = register_document(Some("there"), HIGHEST);
    desk.register_read(Ok(Some(theirs.clone())));
    assert_eq!(desk.step(Event::Woken(Wake::Timer)), [], "not at once");
    // Nothing else is said before the answer is another one, and without an answer it is asked again.
    for answer in [Ok(Some(theirs)), Err(error(Code::Unavailable))] {
        assert_eq!(wait(&mut desk), [Action::ReadStore]);
        assert_eq!(pause(&desk), Some(PauseReason::OtherInstallation));
        assert_eq!(desk.engine.condition(), Condition::IdentityNeeded);
        desk.step(Event::StoreRead(Ok(Some(store_document()))));
        desk.register_read(answer);
        assert_eq!(pause(&desk), Some(PauseReason::OtherInstallation));
    }
    assert_eq!(wait(&mut desk), [Action::ReadStore]);
    desk.step(Event::StoreRead(Ok(Some(store_document()))));
    let claim = desk.register_read(Ok(Some(register_document(None, HIGHEST))));
    assert!(
        matches!(claim[..], [Action::ClaimRegister { .. }]),
        "{claim:?}"
    );
    desk.register_claimed(Ok(at(0)));
    let begun = desk.step(Event::CountedAbove(Ok(numbers(0, 0))));
    assert!(matches!(begun[..], [Action::Claim { .. }]), "{begun:?}");
    assert_eq!(pause(&desk), None);
}

#[test]
fn a_store_that_was_put_right_is_noticed_without_anybody_asking_for_it() {
    let mut desk = Desk::fresh();
    desk.step(Event::Woken(Wake::Timer));
    desk.step(Event::Released);
    let dollars = StoreDocument {
        currency: "USD".to_owned(),
        ..store_document()
    };
    desk.step(Event::StoreRead(Ok(Some(dollars))));
    assert_eq!(pause(&desk), Some(PauseReason::OtherCurrency));
    assert_eq!(wait(&mut desk), [Action::ReadStore]);
    let asked = desk.step(Event::StoreRead(Ok(Some(store_document()))));
    assert_eq!(asked, [Action::ReadRegister]);
}

#[test]
fn numbers_that_this_database_has_not_given_out_are_noticed_before_anything_goes_up() {
    let mut by_claim = asking();
    let later = register_document(Some("here"), HIGHEST + 1);
    let by_claim_said = by_claim.register_read(Ok(Some(later)));
    let mut by_count = asking();
    by_count.register_read(Ok(None));
    by_count.register_claimed(Ok(at(0)));
    let by_count_said = by_count.step(Event::CountedAbove(Ok(numbers(2, 0))));
    for (mut desk, said) in [(by_claim, by_claim_said), (by_count, by_count_said)] {
        assert!(matches!(&said[..], [Action::RememberDoubt(doubt)]
            if doubt.reason == PauseReason::NumberReused));
        assert_eq!(desk.engine.condition(), Condition::IdentityNeeded);
        let woken = desk.step(Event::Woken(Wake::User));
        assert_eq!(woken, [Action::MakeDue], "only a new identity helps");
        assert_eq!(pause(&desk), Some(PauseReason::NumberReused));
    }
}

#[test]
fn a_drained_number_that_is_there_twice_stops_the_sync_with_both_figures() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    assert_eq!(desk.accepted(batch).last(), Some(&Action::LookAround));
    let counted = |there| Event::LookedAround {
        checks: Ok(()),
        others: Ok(()),
        numbers: Ok(numbers(there, 3)),
    };
    let actions = desk.step(counted(4));
    let [Action::RememberDoubt(doubt)] = &actions[..] else {
        panic!("{actions:?}")
    };
    assert!(
        doubt.message.contains('4') && doubt.message.contains('3'),
        "{}",
        doubt.message
    );
    assert_eq!(desk.engine.condition(), Condition::IdentityNeeded);
    desk.step(Event::Woken(Wake::Checkout));
    assert_eq!(
        sent(&desk.claimed(vec![sale(2)])),
        [],
        "nothing more goes up"
    );
}

#[test]
fn fewer_numbers_than_ours_are_no_matter_of_identity() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    desk.accepted(batch);
    desk.step(Event::LookedAround {
        checks: Ok(()),
        others: Ok(()),
        numbers: Ok(numbers(2, 3)),
    });
    assert_eq!(desk.engine.condition(), Condition::Idle);
}

#[test]
fn a_doubt_that_is_remembered_lets_nothing_begin() {
    let doubt = Doubt {
        reason: PauseReason::NumberReused,
        message: "twice".to_owned(),
    };
    let expected = Expected {
        doubt: Some(doubt),
        ..expected()
    };
    let mut engine = Engine::new(Limits::default(), expected, at(0));
    assert_eq!(engine.step(Event::Woken(Wake::Timer), at(0), 1), []);
    assert_eq!(
        engine.step(Event::Woken(Wake::User), at(0), 1),
        [Action::MakeDue]
    );
    assert_eq!(engine.condition(), Condition::IdentityNeeded);
}

#[test]
fn a_claim_that_somebody_was_quicker_at_is_begun_again_a_few_times() {
    let mut desk = asking();
    for _ in 0..3 {
        desk.register_read(Ok(None));
        let again = desk.register_claimed(Err(error(Code::AlreadyExists)));
        assert_eq!(again, [Action::ReadRegister], "whose is it now?");
    }
    desk.register_read(Ok(None));
    assert_eq!(
        desk.register_claimed(Err(error(Code::FailedPrecondition))),
        []
    );
    assert!(
        desk.engine.next_attempt().is_some(),
        "and then after a wait"
    );
}

#[test]
fn every_code_at_the_claim_has_its_condition_and_nothing_goes_up() {
    for (code, condition) in [
        (Code::Unavailable, Condition::Offline),
        (Code::PermissionDenied, Condition::NotAllowed),
        (Code::Unauthenticated, Condition::SignInNeeded),
        (Code::InvalidArgument, Condition::Paused),
    ] {
        let mut desk = asking();
        desk.register_read(Ok(None));
        let said = desk.register_claimed(Err(error(code)));
        assert!(sent(&said).is_empty(), "{code:?}: {said:?}");
        assert_eq!(desk.engine.condition(), condition, "{code:?}");
        desk.now = 120_000;
        let again = desk.step(Event::Woken(Wake::Timer));
        assert_eq!(again, [Action::ReadStore], "{code:?}");
    }
}

#[test]
fn a_count_that_is_refused_for_good_holds_up_no_sale() {
    let mut desk = asking();
    desk.register_read(Ok(None));
    desk.register_claimed(Ok(at(0)));
    let actions = desk.step(Event::CountedAbove(Err(error(Code::FailedPrecondition))));
    assert!(matches!(actions[..], [Action::Claim { .. }]), "{actions:?}");
    let said = Some(Problem::NumbersRefused(error(Code::FailedPrecondition)));
    assert_eq!(desk.engine.problem(), said);
}

/// A session whose count was refused as it began, and that has nothing to send.
fn uncounted() -> Desk {
    let mut desk = asking();
    desk.register_read(Ok(None));
    desk.register_claimed(Ok(at(0)));
    desk.step(Event::CountedAbove(Err(error(Code::FailedPrecondition))));
    assert_eq!(desk.claimed(vec![]), [Action::CountAbove], "asked again");
    desk
}

#[test]
fn a_count_that_was_refused_is_owed_until_it_is_answered() {
    let mut desk = uncounted();
    for code in [Code::FailedPrecondition, Code::PermissionDenied] {
        let refused = Err(error(code));
        let around = desk.step(Event::CountedAbove(refused));
        assert_eq!(around, [Action::LookAround], "the rest is asked beside it");
        // Nothing was drained, so that nothing of it can be refused.
        assert_eq!(desk.step(looked(Ok(()), Ok(()))), []);
        let said = Some(Problem::NumbersRefused(error(code)));
        assert_eq!(desk.engine.problem(), said);
        assert_eq!(desk.engine.condition(), Condition::Idle);
        desk.now = desk.engine.wake_at().expect("again").since_ms(at(0));
        assert_eq!(desk.step(Event::Woken(Wake::Timer)), [Action::CountAbove]);
    }
    let around = desk.step(Event::CountedAbove(Ok(NO_MORE)));
    assert_eq!(around, [Action::LookAround]);
    desk.step(looked(Ok(()), Ok(())));
    assert_eq!(desk.engine.problem(), None);
    desk.step(Event::Woken(Wake::User));
    assert_eq!(desk.claimed(vec![]), [Action::LookAround], "it is paid");
}

#[test]
fn a_number_that_is_found_once_the_count_is_answered_stops_the_sync() {
    let mut desk = uncounted();
    let said = desk.step(Event::CountedAbove(Ok(numbers(1, 0))));
    assert!(matches!(said[..], [Action::RememberDoubt(_)]), "{said:?}");
    assert_eq!(desk.engine.condition(), Condition::IdentityNeeded);
}

#[test]
fn a_count_without_an_answer_is_a_matter_of_the_network() {
    let mut desk = uncounted();
    let lost = Err(error(Code::Unavailable));
    assert_eq!(desk.step(Event::CountedAbove(lost)), []);
    assert_eq!(desk.engine.condition(), Condition::Offline);
    let again = desk.step(Event::Woken(Wake::User));
    assert_eq!(again[0], Action::MakeDue);
    assert_eq!(desk.claimed(vec![]), [Action::CountAbove]);
}

#[test]
fn drained_numbers_that_are_not_counted_are_said_in_their_own_words() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    desk.accepted(batch);
    let refused = || error(Code::FailedPrecondition);
    desk.step(Event::LookedAround {
        checks: Err(refused()),
        others: Err(refused()),
        numbers: Err(refused()),
    });
    assert_eq!(
        desk.engine.problem(),
        Some(Problem::NumbersRefused(refused()))
    );
}
