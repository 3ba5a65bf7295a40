//! The laws of the engine under any order of answers, losses and crashes: no group is lost, none is
//! both synced and failed, and what is in the cloud is there once.

use counterfoil_sync::{
    Action, Code, Engine, Event, Expected, Limits, Numbers, StoreDocument, Wake,
};
use proptest::prelude::*;

mod world;

use world::{Fate, Row, T0, World, at, error, id, lost, name, record};

fn engine(now: i64) -> Engine {
    let (name, currency) = ("Corner".to_owned(), "EUR".to_owned());
    let limits = Limits {
        first_batch: 4,
        max_writes: 8,
        max_in_flight: 3,
        ..Limits::default()
    };
    Engine::new(
        limits,
        Expected {
            name,
            currency,
            created_at: Some(at(0)),
            installation_id: "here".to_owned(),
            doubt: None,
        },
        at(now),
    )
}

/// One engine against one world; answers are taken in any order.
struct Run {
    world: World,
    engine: Engine,
    now: i64,
    calls: Vec<Action>,
    local: Vec<Event>,
    /// The right to write was lost for a moment: a sale refused alone may have failed by that.
    denied: bool,
}

impl Run {
    fn take(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Release => {
                    self.world.release();
                    self.local.push(Event::Released);
                }
                Action::MakeDue => {
                    for row in self.world.rows.values_mut() {
                        if let Row::Pending(due) = row {
                            *due = 0;
                        }
                    }
                    self.world.put_back(0);
                }
                Action::PutBack { not_before } => self.world.put_back(not_before.ms() - T0),
                Action::Claim { max_groups, .. } => {
                    let claimed = self.world.claim(max_groups, self.now);
                    self.local.push(claimed);
                }
                Action::Record(decisions) => {
                    for decision in decisions {
                        self.world.record(&decision.outcome);
                    }
                }
                Action::RememberStore(_) | Action::Reconnect => {}
                call => {
                    if let Action::Commit { creates, .. } = &call {
                        self.world.sent.extend(creates.iter().map(id));
                    }
                    self.calls.push(call);
                }
            }
        }
        while let Some(event) = self.local.pop() {
            self.step(event);
        }
    }

    fn step(&mut self, event: Event) {
        let randomness = u64::try_from(self.now)
            .unwrap_or(0)
            .wrapping_mul(0x9E37_79B9);
        let actions = self.engine.step(event, at(self.now), randomness);
        self.take(actions);
    }

    fn answer(&mut self, index: usize, fate: Fate) {
        let call = self.calls.remove(index % self.calls.len());
        self.denied |= matches!(fate, Fate::Refused(Code::PermissionDenied));
        let sent_at = at(self.now);
        self.now += 7;
        let store = StoreDocument {
            name: "Corner".to_owned(),
            currency: "EUR".to_owned(),
            created_at: at(0),
        };
        let event = match (call, fate) {
            (Action::ReadStore, Fate::Answered) => Event::StoreRead(Ok(Some(store))),
            (Action::ReadStore, _) => Event::StoreRead(Err(error(Code::Unavailable))),
            (Action::ReadRegister, Fate::Answered) => Event::RegisterRead {
                result: Ok(None),
                last_sequence: 0,
            },
            (Action::ReadRegister, fate) => Event::RegisterRead {
                result: Err(lost(fate)),
                last_sequence: 0,
            },
            (Action::ClaimRegister { .. }, Fate::Answered) => Event::RegisterClaimed(Ok(at(0))),
            (Action::ClaimRegister { .. }, fate) => Event::RegisterClaimed(Err(lost(fate))),
            (Action::CountAbove, Fate::Answered) => Event::CountedAbove(Ok(Numbers::default())),
            // An index that is missing.
            (Action::CountAbove, Fate::Refused(_)) => {
                Event::CountedAbove(Err(error(Code::FailedPrecondition)))
            }
            (Action::CountAbove, fate) => Event::CountedAbove(Err(lost(fate))),
            (Action::LookAround, Fate::Answered) => Event::LookedAround {
                checks: Ok(()),
                others: Ok(()),
                numbers: Ok(Numbers::default()),
            },
            (Action::LookAround, _) => Event::LookedAround {
                checks: Err(error(Code::Unavailable)),
                others: Ok(()),
                numbers: Ok(Numbers::default()),
            },
            (Action::Commit { batch, creates }, fate) => Event::Committed {
                batch,
                sent_at,
                result: self.world.commit(&creates, fate),
            },
            (Action::Read { batch, names }, fate) => Event::Read {
                batch,
                result: self.world.read(&names, fate),
            },
            (other, _) => panic!("not a call: {other:?}"),
        };
        self.step(event);
    }

    /// The process ends; a new one begins. Whatever was sent may still arrive.
    fn crash(&mut self, late: bool) {
        for call in std::mem::take(&mut self.calls) {
            if let (Action::Commit { creates, .. }, true) = (call, late) {
                let _ = self.world.commit(&creates, Fate::Answered);
            }
        }
        self.local.clear();
        self.engine = engine(self.now);
        self.step(Event::Woken(Wake::Timer));
    }

    fn wait(&mut self) {
        if let Some(until) = self.engine.wake_at() {
            self.now = self.now.max(until.ms() - T0);
        }
        self.step(Event::Woken(Wake::Timer));
    }

    /// With no more faults everything is decided in a bounded number of steps.
    fn settle(&mut self) {
        for _ in 0..2_000 {
            if self.calls.is_empty() {
                let open = |row: &Row| !matches!(row, Row::Synced | Row::Failed);
                if !self.world.rows.values().any(open) {
                    return;
                }
                self.wait();
            } else {
                self.answer(0, Fate::Answered);
            }
        }
        panic!(
            "it does not come to an end: {:?} {:?}",
            self.world.rows, self.engine
        );
    }

    fn check(&self) {
        for (id, row) in &self.world.rows {
            let there = self
                .world
                .cloud
                .get(&name(*id))
                .map(|(fields, _)| fields.clone());
            let ours = there == Some(record("mine", *id));
            match row {
                Row::Synced => assert!(ours, "group {id} is synced and not in the cloud"),
                Row::Failed => assert!(!ours, "group {id} is failed and in the cloud"),
                other => panic!("group {id} is {other:?}"),
            }
            if self.world.taken.contains(id) {
                assert_eq!(there, Some(record("theirs", *id)), "the winner was touched");
            }
            let expected = self.world.taken.contains(id) || self.world.bad.contains(id);
            if expected || !self.denied {
                assert_eq!(*row == Row::Failed, expected, "group {id}");
            }
        }
    }
}

fn code() -> impl Strategy<Value = Code> {
    prop_oneof![
        Just(Code::Unavailable),
        Just(Code::DeadlineExceeded),
        Just(Code::Aborted),
        Just(Code::ResourceExhausted),
        Just(Code::Internal),
        Just(Code::Unknown),
        Just(Code::Cancelled),
        Just(Code::Unauthenticated),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Answered),
        1 => code().prop_map(Fate::LostBefore),
        1 => code().prop_map(Fate::LostAfter),
        1 => code().prop_map(Fate::Refused),
        // The session loses its right to write for a moment.
        1 => Just(Fate::Refused(Code::PermissionDenied)),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Answer(usize, Fate),
    Crash(bool),
    Wait,
    Wake(Wake),
    DatabaseFails,
    ClockJumps(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (any::<prop::sample::Index>(), fate()).prop_map(|(n, fate)| Step::Answer(n.index(64), fate)),
        1 => any::<bool>().prop_map(Step::Crash),
        3 => Just(Step::Wait),
        1 => prop_oneof![Just(Wake::Checkout), Just(Wake::User), Just(Wake::Network)].prop_map(Step::Wake),
        1 => Just(Step::DatabaseFails),
        1 => (-86_400_000_i64..86_400_000).prop_map(Step::ClockJumps),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_group_is_lost_doubled_or_both(
        groups in 1_i64..30,
        bad in prop::collection::btree_set(1_i64..30, 0..3),
        taken in prop::collection::btree_set(1_i64..30, 0..4),
        steps in prop::collection::vec(step(), 0..80),
    ) {
        let bad = bad.difference(&taken).copied().collect();
        let world = World::new(groups, bad, taken);
        let mut run = Run {
            world,
            engine: engine(0),
            now: 0,
            calls: vec![],
            local: vec![],
            denied: false,
        };
        run.step(Event::Woken(Wake::Timer));
        for step in steps {
            match step {
                Step::Answer(index, fate) if !run.calls.is_empty() => run.answer(index, fate),
                Step::Answer(..) | Step::Wait => run.wait(),
                Step::Crash(late) => run.crash(late),
                Step::Wake(wake) => run.step(Event::Woken(wake)),
                Step::DatabaseFails => {
                    run.step(Event::DatabaseFailed { message: "the disk is full".to_owned() });
                }
                Step::ClockJumps(ms) => run.now = (run.now + ms).max(0),
            }
        }
        run.settle();
        run.check();
        // Replayed from the beginning, nothing changes.
        let cloud = run.world.cloud.clone();
        for row in run.world.rows.values_mut().filter(|row| **row == Row::Synced) {
            *row = Row::Pending(0);
        }
        run.crash(false);
        run.settle();
        run.check();
        prop_assert_eq!(cloud, run.world.cloud);
    }
}
