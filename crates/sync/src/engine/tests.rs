//! The outcome table, row by row, and what keeps the engine from going on.

use counterfoil_domain::document::Fields;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::outbox::{FailureKind, GroupId, Landed};
use crate::remote::{Code, Collection};

const T0: i64 = 1_795_356_000_000;
const SERVER: i64 = T0 + 250;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(T0 + ms)
}

fn error(code: Code) -> RemoteError {
    RemoteError {
        code,
        message: format!("the server says {code:?}"),
    }
}

fn expected() -> Expected {
    Expected {
        name: "Corner".to_owned(),
        currency: "EUR".to_owned(),
        created_at: Some(at(-9_000)),
    }
}

fn store_document() -> StoreDocument {
    StoreDocument {
        name: "Corner".to_owned(),
        currency: "EUR".to_owned(),
        created_at: at(-9_000),
    }
}

fn record(register: &str, total: i64) -> Fields {
    let fields = json!({"registerId": register, "receiptNumber": "A-000001", "total": total});
    fields.as_object().cloned().expect("an object")
}

fn sale(id: i64) -> Group {
    let sale_id = SaleId::new(Uuid::from_u128(u128::from(id.unsigned_abs())));
    let name = DocumentName {
        collection: Collection::Sales,
        id: sale_id.to_string(),
    };
    let creates = vec![Create {
        name,
        fields: record("mine", id),
    }];
    Group {
        id: GroupId(id),
        kind: GroupKind::Sale,
        sale_id,
        creates,
        attempts: 0,
    }
}

fn resolution(id: i64) -> Group {
    let mut group = sale(id);
    group.kind = GroupKind::Resolution;
    let copy = group.creates[0].clone();
    let name = DocumentName {
        collection: Collection::SaleResolutions,
        id: format!("{id}_1"),
    };
    group.creates = vec![
        Create {
            name,
            fields: record("mine", 0),
        },
        copy,
    ];
    group
}

fn found(create: &Create, fields: Result<Fields, String>) -> Option<Found> {
    Some(Found {
        name: create.name.clone(),
        fields,
        created_at: at(-100),
    })
}

/// An engine whose session has begun and whose first claim is answered by `groups`.
struct Desk {
    engine: Engine,
    now: i64,
}

impl Desk {
    fn fresh() -> Self {
        Self {
            engine: Engine::new(Limits::default(), expected(), at(0)),
            now: 0,
        }
    }

    fn new(groups: Vec<Group>) -> (Self, BatchId) {
        let mut desk = Self::fresh();
        desk.begin();
        let actions = desk.claimed(groups);
        let batch = sent(&actions)[0];
        assert_eq!(desk.claimed(vec![]), [], "the outbox is empty now");
        (desk, batch)
    }

    fn begin(&mut self) {
        assert_eq!(self.step(Event::Woken(Wake::Timer)), [Action::Release]);
        assert_eq!(self.step(Event::Released), [Action::ReadStore]);
        let actions = self.step(Event::StoreRead(Ok(Some(store_document()))));
        assert!(
            matches!(actions[..], [Action::Claim { max_groups: 20, .. }]),
            "{actions:?}"
        );
    }

    fn step(&mut self, event: Event) -> Vec<Action> {
        self.engine.step(event, at(self.now), u64::MAX / 2)
    }

    fn claimed(&mut self, groups: Vec<Group>) -> Vec<Action> {
        self.step(Event::Claimed {
            groups,
            next_due: None,
        })
    }

    fn committed(&mut self, batch: BatchId, code: Code) -> Vec<Action> {
        let sent_at = at(self.now);
        self.step(Event::Committed {
            batch,
            sent_at,
            result: Err(error(code)),
        })
    }

    fn accepted(&mut self, batch: BatchId) -> Vec<Action> {
        let (sent_at, result) = (at(self.now), Ok(Timestamp::from_ms(SERVER)));
        self.step(Event::Committed {
            batch,
            sent_at,
            result,
        })
    }

    fn read(&mut self, batch: BatchId, found: Vec<Option<Found>>) -> Vec<Action> {
        self.step(Event::Read {
            batch,
            result: Ok(found),
        })
    }

    /// Refuses what was sent with `code`; nothing is there under its names.
    fn refused(&mut self, batch: BatchId, documents: usize, code: Code) -> Vec<Action> {
        let actions = self.committed(batch, code);
        assert!(
            matches!(actions[0], Action::Read { .. }),
            "{code:?}: {actions:?}"
        );
        self.read(batch, vec![None; documents])
    }
}

fn sent(actions: &[Action]) -> Vec<BatchId> {
    let batch = |action: &Action| match action {
        Action::Commit { batch, .. } => Some(*batch),
        _ => None,
    };
    actions.iter().filter_map(batch).collect()
}

fn outcomes(actions: &[Action]) -> Vec<Outcome> {
    let recorded = actions.iter().filter_map(|action| match action {
        Action::Record(decisions) => Some(decisions),
        _ => None,
    });
    recorded
        .flatten()
        .map(|decision| decision.outcome.clone())
        .collect()
}

fn all_retry(actions: &[Action], groups: usize) -> Vec<Timestamp> {
    let outcomes = outcomes(actions);
    assert_eq!(outcomes.len(), groups, "{outcomes:?}");
    let until = |outcome: &Outcome| match outcome {
        Outcome::Retry { not_before, .. } => *not_before,
        other => panic!("not pending again: {other:?}"),
    };
    outcomes.iter().map(until).collect()
}

const TRANSIENT: [Code; 7] = [
    Code::Unavailable,
    Code::DeadlineExceeded,
    Code::Aborted,
    Code::ResourceExhausted,
    Code::Internal,
    Code::Unknown,
    Code::Cancelled,
];
const PERMANENT: [Code; 6] = [
    Code::InvalidArgument,
    Code::NotFound,
    Code::FailedPrecondition,
    Code::OutOfRange,
    Code::Unimplemented,
    Code::DataLoss,
];

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
                    Outcome::Retry { .. } => panic!("nobody else waits"),
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
        let mut there = group.creates[0].fields.clone();
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
fn neither_reading_nor_writing_allowed_is_the_session() {
    let (mut desk, batch) = Desk::new(vec![sale(1), sale(2)]);
    desk.committed(batch, Code::PermissionDenied);
    let result = Err(error(Code::PermissionDenied));
    all_retry(&desk.step(Event::Read { batch, result }), 2);
    assert_eq!(desk.engine.condition(), Condition::NotAllowed);
}

#[test]
fn five_sales_in_a_row_refused_and_none_accepted_is_the_session() {
    let (mut desk, batch) = Desk::new((1..=6).map(sale).collect());
    let mut waiting = vec![(batch, 6)];
    let mut pending = Vec::new();
    while let Some((batch, documents)) = waiting.pop() {
        let actions = desk.refused(batch, documents, Code::PermissionDenied);
        for outcome in outcomes(&actions) {
            match outcome {
                Outcome::Retry { group, .. } => pending.push(group.0),
                other => panic!("all stay pending: {other:?}"),
            }
        }
        for action in actions {
            if let Action::Commit { batch, creates } = action {
                waiting.push((batch, creates.len()));
            }
        }
    }
    pending.sort_unstable();
    assert_eq!(pending, [1, 2, 3, 4, 5, 6]);
    assert_eq!(desk.engine.condition(), Condition::NotAllowed);
    assert!(
        desk.engine.next_attempt().is_some(),
        "tried again with backoff"
    );
}

#[test]
fn a_sale_refused_alone_fails_once_another_is_accepted() {
    let (mut desk, batch) = Desk::new(vec![sale(1), sale(2)]);
    let actions = desk.refused(batch, 2, Code::PermissionDenied);
    let halves = sent(&actions);
    assert_eq!(
        outcomes(&desk.refused(halves[0], 1, Code::PermissionDenied)),
        []
    );
    let actions = desk.accepted(halves[1]);
    let kinds = |outcome: &Outcome| match outcome {
        Outcome::Synced { group, .. } => (group.0, None),
        Outcome::Failed { group, kind, .. } => (group.0, Some(*kind)),
        Outcome::Retry { .. } => panic!("decided"),
    };
    let decided: Vec<_> = outcomes(&actions).iter().map(kinds).collect();
    assert_eq!(decided, [(2, None), (1, Some(FailureKind::Refused))]);
}

#[test]
fn a_sale_refused_alone_in_a_session_that_has_written_fails_when_the_outbox_is_empty() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    desk.accepted(batch);
    desk.step(Event::Woken(Wake::Checkout));
    desk.step(Event::LookedAround(Ok(())));
    let batch = sent(&desk.claimed(vec![sale(2)]))[0];
    desk.claimed(vec![]);
    let actions = desk.refused(batch, 1, Code::PermissionDenied);
    assert!(matches!(
        &outcomes(&actions)[..],
        [Outcome::Failed {
            group: GroupId(2),
            ..
        }]
    ));
}

#[test]
fn a_sale_refused_alone_in_a_session_that_never_wrote_stays_pending() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    all_retry(&desk.refused(batch, 1, Code::PermissionDenied), 1);
    assert_eq!(desk.engine.condition(), Condition::NotAllowed);
}

#[test]
fn a_token_that_is_refused_is_renewed_once_and_then_a_person_is_asked() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    let actions = desk.committed(batch, Code::Unauthenticated);
    let again = sent(&actions);
    assert_eq!(
        (actions.first(), again.len()),
        (Some(&Action::Reconnect), 1)
    );
    all_retry(&desk.committed(again[0], Code::Unauthenticated), 1);
    assert_eq!(desk.engine.condition(), Condition::SignInNeeded);
    assert!(
        desk.engine.next_attempt().is_some(),
        "it recovers by itself when the cause is gone"
    );
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
            let mut fields = create.fields.clone();
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
fn several_batches_are_in_flight_and_no_more_than_allowed() {
    let mut desk = Desk::fresh();
    desk.begin();
    let mut batches = Vec::new();
    for n in 0..4 {
        batches.extend(sent(&desk.claimed(vec![sale(n + 1)])));
    }
    assert_eq!(batches.len(), 4);
    assert_eq!(
        desk.step(Event::Woken(Wake::Checkout)),
        [],
        "four are under way"
    );
    let actions = desk.accepted(batches[2]);
    assert!(
        actions
            .iter()
            .any(|action| matches!(action, Action::Claim { .. }))
    );
}

#[test]
fn the_owed_checks_follow_a_drain() {
    let (mut desk, batch) = Desk::new(vec![sale(1)]);
    assert_eq!(desk.accepted(batch).last(), Some(&Action::LookAround));
    assert!(!desk.engine.is_quiet(at(0)));
    desk.step(Event::LookedAround(Ok(())));
    assert!(desk.engine.is_quiet(at(0)));
    assert_eq!(desk.engine.condition(), Condition::Idle);
    assert_eq!(desk.engine.wake_at(), Some(at(300_000)));
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
        [Action::RememberStore(_), Action::Claim { .. }]
    ));
}

#[test]
fn another_store_pauses_until_a_person_asks_again() {
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
        assert_eq!(desk.engine.wake_at(), None);
        assert_eq!(
            desk.step(Event::Woken(Wake::User)),
            [Action::MakeDue, Action::ReadStore]
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
        Event::LookedAround(Err(error(Code::Unavailable))),
        Event::StoreRead(Ok(None)),
        Event::StoreCreated(Ok(at(1))),
    ];
    for event in stale {
        assert_eq!(desk.step(event.clone()), [], "{event:?}");
    }
}
