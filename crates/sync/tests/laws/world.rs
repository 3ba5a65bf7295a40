//! A dumb outbox, a dumb cloud, and what may happen to a call between them.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::document::Fields;
use counterfoil_domain::{SaleId, Timestamp};
use counterfoil_sync::{
    Code, Collection, Create, DocumentName, Event, Found, Group, GroupId, GroupKind, Outcome,
    RemoteError,
};
use serde_json::json;
use uuid::Uuid;

pub(crate) const T0: i64 = 1_795_356_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    Pending(i64),
    InFlight,
    Synced,
    Failed,
    Doubted,
}

/// What the network and the server do to one call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    Answered,
    LostBefore(Code),
    LostAfter(Code),
    Refused(Code),
}

/// A dumb outbox and a dumb cloud.
pub(crate) struct World {
    pub(crate) rows: BTreeMap<i64, Row>,
    pub(crate) cloud: BTreeMap<DocumentName, (Fields, Timestamp)>,
    /// Sales that the rules of the cloud refuse.
    pub(crate) bad: BTreeSet<i64>,
    /// Sales whose id is taken by somebody else's.
    pub(crate) taken: BTreeSet<i64>,
    /// What was sent since it was claimed.
    pub(crate) sent: BTreeSet<i64>,
    pub(crate) server_ms: i64,
}

pub(crate) fn name(id: i64) -> DocumentName {
    let id = SaleId::new(Uuid::from_u128(u128::from(id.unsigned_abs())));
    DocumentName {
        collection: Collection::Sales,
        id: id.to_string(),
    }
}

pub(crate) fn record(register: &str, id: i64) -> Fields {
    json!({"registerId": register, "total": id})
        .as_object()
        .cloned()
        .expect("an object")
}

pub(crate) fn group(id: i64) -> Group {
    let creates = vec![Create {
        name: name(id),
        fields: record("mine", id).into(),
    }];
    let sale_id = SaleId::new(Uuid::from_u128(u128::from(id.unsigned_abs())));
    Group {
        id: GroupId(id),
        kind: GroupKind::Sale,
        sale_id,
        creates,
        attempts: 0,
    }
}

/// The group that a document is of.
pub(crate) fn id(create: &Create) -> i64 {
    create.fields["total"].as_i64().expect("a total")
}

pub(crate) fn error(code: Code) -> RemoteError {
    RemoteError {
        code,
        message: String::new(),
    }
}

/// Why a call that was not answered failed.
pub(crate) fn lost(fate: Fate) -> RemoteError {
    match fate {
        Fate::LostBefore(code) | Fate::LostAfter(code) | Fate::Refused(code) => error(code),
        Fate::Answered => error(Code::Unavailable),
    }
}

impl World {
    pub(crate) fn new(groups: i64, bad: BTreeSet<i64>, taken: BTreeSet<i64>) -> Self {
        let rows = (1..=groups).map(|id| (id, Row::Pending(0))).collect();
        let theirs = taken
            .iter()
            .map(|id| (name(*id), (record("theirs", *id), at(0))));
        let cloud = theirs.collect();
        Self {
            rows,
            cloud,
            bad,
            taken,
            sent: BTreeSet::new(),
            server_ms: 0,
        }
    }

    pub(crate) fn claim(&mut self, max: usize, now: i64) -> Event {
        let mut groups = Vec::new();
        for (id, row) in &mut self.rows {
            if groups.len() < max && matches!(row, Row::Pending(due) if *due <= now) {
                *row = Row::InFlight;
                self.sent.remove(id);
                groups.push(group(*id));
            }
        }
        let due = self.rows.values().filter_map(|row| match row {
            Row::Pending(due) => Some(*due),
            _ => None,
        });
        Event::Claimed {
            groups,
            next_due: due.min().map(at),
        }
    }

    pub(crate) fn commit(
        &mut self,
        creates: &[Create],
        fate: Fate,
    ) -> Result<Timestamp, RemoteError> {
        match fate {
            Fate::LostBefore(code) | Fate::Refused(code) => return Err(error(code)),
            Fate::Answered | Fate::LostAfter(_) => {}
        }
        self.server_ms += 1;
        let refused = |create: &&Create| self.bad.contains(&id(create));
        if creates
            .iter()
            .any(|create| self.cloud.contains_key(&create.name))
        {
            return Err(error(Code::AlreadyExists));
        }
        if creates.iter().find(refused).is_some() {
            return Err(error(Code::InvalidArgument));
        }
        let now = at(self.server_ms);
        for create in creates {
            self.cloud
                .insert(create.name.clone(), ((*create.fields).clone(), now));
        }
        match fate {
            Fate::LostAfter(code) => Err(error(code)),
            _ => Ok(now),
        }
    }

    pub(crate) fn read(
        &self,
        names: &[DocumentName],
        fate: Fate,
    ) -> Result<Vec<Option<Found>>, RemoteError> {
        match fate {
            Fate::Answered => Ok(names
                .iter()
                .map(|name| {
                    self.cloud.get(name).map(|(fields, created_at)| Found {
                        name: name.clone(),
                        fields: Ok(fields.clone()),
                        created_at: *created_at,
                    })
                })
                .collect()),
            Fate::LostBefore(code) | Fate::LostAfter(code) | Fate::Refused(code) => {
                Err(error(code))
            }
        }
    }

    pub(crate) fn record(&mut self, outcome: &Outcome) {
        let (id, row) = match outcome {
            Outcome::Synced { group, .. } => (group.0, Row::Synced),
            Outcome::Retry {
                group, not_before, ..
            } => (group.0, Row::Pending(not_before.ms() - T0)),
            Outcome::Unsent { group, not_before } => {
                assert!(!self.sent.contains(&group.0), "group {group:?} was sent");
                (group.0, Row::Pending(not_before.ms() - T0))
            }
            Outcome::Failed { group, .. } => (group.0, Row::Failed),
            Outcome::Doubted { group, .. } => (group.0, Row::Doubted),
        };
        let before = self.rows.insert(id, row);
        assert_eq!(
            before,
            Some(Row::InFlight),
            "group {id} was decided twice or never claimed"
        );
    }

    pub(crate) fn release(&mut self) {
        for row in self.rows.values_mut().filter(|row| **row == Row::InFlight) {
            *row = Row::Pending(0);
        }
        self.put_back(0);
    }

    pub(crate) fn put_back(&mut self, not_before: i64) {
        for row in self.rows.values_mut().filter(|row| **row == Row::Doubted) {
            *row = Row::Pending(not_before);
        }
    }
}

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(T0 + ms)
}
