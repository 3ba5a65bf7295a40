//! A desk to try the engine at: its session has begun, and the test answers what it asks.

use counterfoil_domain::document::Fields;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::outbox::{FailureKind, GroupId, GroupKind, Landed, Outcome};
use crate::remote::{
    Code, Collection, Create, DocumentName, Found, RegisterDocument, Revision, StoreDocument,
};
use counterfoil_domain::SaleId;

const T0: i64 = 1_795_356_000_000;
const SERVER: i64 = T0 + 250;
const REVISION: Revision = Revision {
    seconds: 7,
    nanos: 7_000,
};
/// The highest number that the register has given out.
const HIGHEST: i64 = 7;
const NO_MORE: Numbers = Numbers {
    from: HIGHEST + 1,
    there: 0,
    ours: 0,
};

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
        installation_id: "here".to_owned(),
        doubt: None,
    }
}

/// What stands under the register's id: claimed by `installation`, with this highest number.
fn register_document(installation: Option<&str>, last_sequence: i64) -> RegisterDocument {
    RegisterDocument {
        installation_id: installation.map(str::to_owned),
        last_sequence,
        revision: REVISION,
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
        fields: record("mine", id).into(),
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
            fields: record("mine", 0).into(),
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
        let asked = self.step(Event::StoreRead(Ok(Some(store_document()))));
        assert_eq!(asked, [Action::ReadRegister]);
        let actions = self.identified();
        assert!(
            matches!(actions[..], [Action::Claim { max_groups: 20, .. }]),
            "{actions:?}"
        );
    }

    fn step(&mut self, event: Event) -> Vec<Action> {
        self.engine.step(event, at(self.now), u64::MAX / 2)
    }

    /// The register's id is ours, and so are its numbers.
    fn identified(&mut self) -> Vec<Action> {
        let claim = self.register_read(Ok(Some(register_document(Some("here"), HIGHEST))));
        let revision = Some(REVISION);
        assert_eq!(claim, [Action::ClaimRegister { revision }]);
        assert_eq!(self.register_claimed(Ok(at(0))), [Action::CountAbove]);
        self.step(Event::CountedAbove(Ok(NO_MORE)))
    }

    fn register_read(
        &mut self,
        result: Result<Option<RegisterDocument>, RemoteError>,
    ) -> Vec<Action> {
        let last_sequence = HIGHEST;
        self.step(Event::RegisterRead {
            result,
            last_sequence,
        })
    }

    fn register_claimed(&mut self, result: Result<Timestamp, RemoteError>) -> Vec<Action> {
        self.step(Event::RegisterClaimed(result))
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

fn looked(checks: Result<(), RemoteError>, others: Result<(), RemoteError>) -> Event {
    let numbers = Ok(NO_MORE);
    Event::LookedAround {
        checks,
        others,
        numbers,
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
        Outcome::Retry { not_before, .. } | Outcome::Unsent { not_before, .. } => *not_before,
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

mod doubt;
mod identity;
mod outcomes;
mod pace;
mod session;
