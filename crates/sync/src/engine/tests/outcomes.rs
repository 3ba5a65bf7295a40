//! The outcome table, row by row.

use super::*;

#[test]
fn an_accepted_batch_is_synced_at_the_servers_time() {
    let (mut desk, batch) = Desk::new(vec![sale(1), sale(2)]);
    let actions = desk.accepted(batch);
    let created_at = Timestamp::from_ms(SERVER);
    let synced = |id| Outcome::Synced {
        group: GroupId(id),
        landed: Landed::Accepted,
        created_at,
    };
    assert_eq!(outcomes(&actions), [synced(1), synced(2)]);
    assert_eq!(desk.engine.clock_offset_ms(), Some(250));
}

#[test]
fn nothing_there_and_a_transient_refusal_is_sent_again_after_a_wait() {
    for code in TRANSIENT {
        let (mut desk, batch) = Desk::new(vec![sale(1), sale(2)]);
        let waits = all_retry(&desk.refused(batch, 2, code), 2);
        assert!(waits.iter().all(|until| *until > at(0)), "{code:?}");
        assert_eq!(desk.engine.condition(), Condition::Offline);
        assert_eq!(desk.engine.next_attempt(), Some(waits[0]));
        assert_eq!(desk.engine.wake_at(), Some(waits[0]));
        assert_eq!(
            desk.step(Event::Woken(Wake::Checkout)),
            [],
            "nothing while the wait is on"
        );
        desk.now = waits[0].ms() - T0;
        let actions = desk.step(Event::Woken(Wake::Timer));
        assert!(
            matches!(actions[..], [Action::Claim { .. }]),
            "{code:?}: {actions:?}"
        );
    }
}

#[test]
fn nothing_there_and_somebody_elses_refusal_goes_into_the_next_batch_at_once() {
    for code in [
        Code::AlreadyExists,
        Code::PermissionDenied,
        Code::InvalidArgument,
    ] {
        let groups = [sale(1), sale(2), sale(3)];
        let (mut desk, batch) = Desk::new(groups.to_vec());
        desk.committed(batch, code);
        let theirs = found(&groups[1].creates[0], Ok(record("theirs", 2)));
        let actions = desk.read(batch, vec![None, theirs, None]);
        assert!(matches!(
            &outcomes(&actions)[..],
            [Outcome::Failed {
                group: GroupId(2),
                ..
            }]
        ));
        let again = actions.iter().find_map(|action| match action {
            Action::Commit { creates, .. } => Some(creates.len()),
            _ => None,
        });
        assert_eq!(again, Some(2), "{code:?}: the other two, together");
    }
}

#[test]
fn what_is_there_already_and_is_not_there_waits_and_says_why_until_it_has_landed() {
    let (mut desk, batch) = Desk::new(vec![sale(1), sale(2)]);
    let waits = all_retry(&desk.refused(batch, 2, Code::AlreadyExists), 2);
    assert!(waits.iter().all(|until| *until > at(0)));
    desk.step(looked(Ok(()), Ok(())));
    assert_eq!(desk.engine.condition(), Condition::Idle);
    let said = Problem::Contradiction(error(Code::AlreadyExists));
    assert_eq!(desk.engine.problem(), Some(said.clone()));

    // It is said as long as one of them waits, also while others land.
    for (id, expected) in [(3, Some(said.clone())), (1, Some(said)), (2, None)] {
        desk.now += 120_000;
        desk.step(Event::Woken(Wake::Checkout));
        let actions = desk.claimed(vec![sale(id)]);
        desk.claimed(vec![]);
        let batch = sent(&actions)[0];
        desk.accepted(batch);
        assert_eq!(desk.engine.problem(), expected, "after {id}");
    }
}

#[test]
fn a_permanent_refusal_that_names_nobody_is_halved_until_the_culprit_is_alone() {
    for code in PERMANENT {
        let (mut desk, batch) = Desk::new((1..=4).map(sale).collect());
        let mut waiting = vec![(batch, vec![1, 2, 3, 4])];
        let (mut failed, mut synced) = (Vec::new(), Vec::new());
        while let Some((batch, ids)) = waiting.pop() {
            let actions = if ids.contains(&3) {
                desk.refused(batch, ids.len(), code)
            } else {
                desk.accepted(batch)
            };
            for outcome in outcomes(&actions) {
                match outcome {
                    Outcome::Failed {
                        group,
                        kind,
                        message,
                        ..
                    } => {
                        assert_eq!(kind, FailureKind::Refused);
                        assert!(message.contains("the server says"), "{message}");
                        failed.push(group.0);
                    }
                    Outcome::Synced { group, .. } => synced.push(group.0),
                    Outcome::Retry { .. } | Outcome::Unsent { .. } | Outcome::Doubted { .. } => {
                        panic!("nobody else waits")
                    }
                }
            }
            for action in actions {
                if let Action::Commit { batch, creates } = action {
                    let id = |create: &Create| create.fields["total"].as_i64().expect("a total");
                    waiting.push((batch, creates.iter().map(id).collect()));
                }
            }
        }
        synced.sort_unstable();
        assert_eq!((failed, synced), (vec![3], vec![1, 2, 4]), "{code:?}");
    }
}

#[test]
fn same_digest_and_register_is_ours_and_the_answer_was_lost() {
    for code in TRANSIENT
        .into_iter()
        .chain([Code::AlreadyExists, Code::PermissionDenied])
    {
        let group = sale(1);
        let (mut desk, batch) = Desk::new(vec![group.clone()]);
        desk.committed(batch, code);
        let mut there = group.creates[0].fields.as_ref().clone();
        // What only the cloud adds, and what a document says about itself, do not count.
        there.insert("storeId".to_owned(), json!("corner"));
        there.insert("createdAt".to_owned(), json!(at(-100)));
        there.insert("digest".to_owned(), json!("a lie"));
        let actions = desk.read(batch, vec![found(&group.creates[0], Ok(there))]);
        let (landed, created_at) = (Landed::AnswerLost, at(-100));
        assert_eq!(
            outcomes(&actions),
            [Outcome::Synced {
                group: GroupId(1),
                landed,
                created_at
            }]
        );
    }
}

#[test]
fn anything_else_under_this_id_is_a_conflict_and_stays() {
    let group = sale(1);
    let others = [
        Ok(record("mine", 2)),
        Ok(record("theirs", 1)),
        Err("total is a double".to_owned()),
    ];
    for there in others {
        let (mut desk, batch) = Desk::new(vec![group.clone()]);
        desk.committed(batch, Code::AlreadyExists);
        let actions = desk.read(batch, vec![found(&group.creates[0], there.clone())]);
        let [
            Outcome::Failed {
                kind,
                message,
                remote,
                ..
            },
        ] = &outcomes(&actions)[..]
        else {
            panic!("{actions:?}")
        };
        assert_eq!((*kind, remote), (FailureKind::SameId, &there.clone().ok()));
        assert!(!message.is_empty());
        let claims = |action: &Action| matches!(action, Action::Claim { .. });
        assert!(
            actions.iter().any(claims),
            "the losing version goes up next"
        );
    }
}

#[test]
fn what_cannot_be_asked_is_pending_again() {
    for code in TRANSIENT.into_iter().chain(PERMANENT) {
        let (mut desk, batch) = Desk::new(vec![sale(1)]);
        desk.committed(batch, Code::DeadlineExceeded);
        let actions = desk.step(Event::Read {
            batch,
            result: Err(error(code)),
        });
        all_retry(&actions, 1);
        assert_eq!(desk.engine.condition(), Condition::Offline, "{code:?}");
    }
}

#[test]
fn an_answer_that_names_too_few_documents_is_no_answer() {
    let (mut desk, batch) = Desk::new(vec![sale(1), sale(2)]);
    desk.committed(batch, Code::AlreadyExists);
    all_retry(&desk.read(batch, vec![None]), 2);
}

#[test]
fn a_losing_version_that_is_there_has_landed() {
    let mut group = sale(1);
    group.kind = GroupKind::Conflict;
    let (mut desk, batch) = Desk::new(vec![group.clone()]);
    desk.committed(batch, Code::AlreadyExists);
    let actions = desk.read(
        batch,
        vec![found(&group.creates[0], Ok(record("mine", 77)))],
    );
    assert!(matches!(
        &outcomes(&actions)[..],
        [Outcome::Synced {
            landed: Landed::AnswerLost,
            ..
        }]
    ));
}

#[test]
fn a_decision_is_ours_if_all_of_it_is_there_with_our_content() {
    let group = resolution(1);
    let there = |change: bool| {
        let documents = group.creates.iter().map(|create| {
            let mut fields = create.fields.as_ref().clone();
            fields.insert("createdAt".to_owned(), json!(at(-100)));
            fields.insert("storeId".to_owned(), json!("corner"));
            if change {
                fields.insert("by".to_owned(), json!("somebody else"));
            }
            found(create, Ok(fields))
        });
        documents.collect::<Vec<_>>()
    };
    let decide = |answer: Vec<Option<Found>>| {
        let (mut desk, batch) = Desk::new(vec![group.clone()]);
        desk.committed(batch, Code::AlreadyExists);
        outcomes(&desk.read(batch, answer))
    };
    assert!(matches!(
        &decide(there(false))[..],
        [Outcome::Synced { .. }]
    ));
    assert!(matches!(&decide(there(true))[..], [Outcome::Failed { .. }]));
    let mut half = there(false);
    half[1] = None;
    assert!(matches!(&decide(half)[..], [Outcome::Failed { .. }]));
}

#[test]
fn answers_to_what_was_never_asked_change_nothing() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    desk.accepted(batch);
    let stale = [
        Event::Committed {
            batch,
            sent_at: at(0),
            result: Ok(at(1)),
        },
        Event::Committed {
            batch: BatchId(99),
            sent_at: at(0),
            result: Err(error(Code::Aborted)),
        },
        Event::Read {
            batch,
            result: Ok(vec![None]),
        },
        looked(Err(error(Code::Unavailable)), Ok(())),
        Event::StoreRead(Ok(None)),
        Event::StoreCreated(Ok(at(1))),
    ];
    for event in stale {
        assert_eq!(desk.step(event.clone()), [], "{event:?}");
    }
}
