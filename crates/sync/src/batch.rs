//! What goes up in one commit, and how much of it.

use serde_json::Value;

use crate::outbox::{Group, GroupKind};
use crate::remote::{Create, DocumentName};

/// One commit in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u64);

/// What bounds an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Writes in one commit (<https://firebase.google.com/docs/firestore/quotas>).
    pub max_writes: usize,
    /// Bytes in one commit: a request may have 10 MiB, and its envelope needs some of them.
    pub max_bytes: usize,
    /// Decisions in one commit: the rules read up to two documents for each of them beside the membership, and may
    /// read 20 for a commit (<https://firebase.google.com/docs/firestore/quotas#security_rules>).
    pub max_decisions: usize,
    /// Commits in flight at once.
    pub max_in_flight: usize,
    /// Groups in the first batch of a session.
    pub first_batch: usize,
    /// An answer that takes longer than this halves the batch.
    pub slow_answer_ms: i64,
    /// Sales refused in a row, none accepted, that mean the session and not the sales.
    pub refusals_in_a_row: usize,
    /// How often an idle register looks at what other registers hold.
    pub look_around_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_writes: 500,
            max_bytes: 9 * 1024 * 1024,
            max_decisions: 9,
            max_in_flight: 4,
            first_batch: 20,
            slow_answer_ms: 3_000,
            refusals_in_a_row: 5,
            look_around_ms: 300_000,
        }
    }
}

/// Groups that are sent in one commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// In the order of the outbox.
    pub groups: Vec<Group>,
}

impl Batch {
    /// Everything that is created.
    pub fn creates(&self) -> Vec<Create> {
        self.groups
            .iter()
            .flat_map(|group| group.creates.iter().cloned())
            .collect()
    }

    /// The names of everything that is created, in the same order.
    pub fn names(&self) -> Vec<DocumentName> {
        let creates = self.groups.iter().flat_map(|group| group.creates.iter());
        creates.map(|create| create.name.clone()).collect()
    }

    /// Both halves, the first one not smaller. A batch of one group has no second half.
    pub fn halves(mut self) -> (Self, Option<Self>) {
        let middle = self.groups.len().div_ceil(2);
        let rest = self.groups.split_off(middle);
        (
            self,
            if rest.is_empty() {
                None
            } else {
                Some(Self { groups: rest })
            },
        )
    }
}

/// Packs `groups`, in their order, into batches within the limits. A group is never torn apart:
/// one that is over the limits by itself goes alone, and the server says what it thinks of it.
pub fn pack(groups: Vec<Group>, limits: &Limits) -> Vec<Batch> {
    let mut batches = Vec::new();
    let (mut current, mut load) = (Vec::new(), Load::default());
    for group in groups {
        let with = load.and(&group);
        if with.is_over(limits) && !current.is_empty() {
            batches.push(Batch {
                groups: std::mem::take(&mut current),
            });
            load = Load::default().and(&group);
        } else {
            load = with;
        }
        current.push(group);
    }
    if !current.is_empty() {
        batches.push(Batch { groups: current });
    }
    batches
}

/// What a commit carries.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    writes: usize,
    bytes: usize,
    decisions: usize,
}

impl Load {
    fn and(self, group: &Group) -> Self {
        Self {
            writes: self.writes + group.creates.len(),
            bytes: self.bytes + size(group),
            decisions: self.decisions + usize::from(group.kind == GroupKind::Resolution),
        }
    }

    fn is_over(self, limits: &Limits) -> bool {
        self.writes > limits.max_writes
            || self.bytes > limits.max_bytes
            || self.decisions > limits.max_decisions
    }
}

/// About how many bytes the group takes on the wire; never less than it really takes in Firestore's
/// own counting (<https://firebase.google.com/docs/firestore/storage-size>).
pub fn size(group: &Group) -> usize {
    let document = |create: &Create| {
        let fields: usize = create
            .fields
            .iter()
            .map(|(name, value)| name.len() + 8 + weight(value))
            .sum();
        // The name with project and store, the guard, the transform.
        256 + create.name.id.len() + fields
    };
    group.creates.iter().map(document).sum()
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 12,
        Value::String(text) => text.len() + 8,
        Value::Array(items) => 8 + items.iter().map(|item| 8 + weight(item)).sum::<usize>(),
        Value::Object(fields) => {
            8 + fields
                .iter()
                .map(|(name, field)| name.len() + 12 + weight(field))
                .sum::<usize>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::GroupId;
    use crate::remote::Collection;
    use counterfoil_domain::SaleId;
    use serde_json::json;
    use std::sync::Arc;

    fn group(id: i64, documents: usize, text: usize) -> Group {
        let creates = (0..documents)
            .map(|n| Create {
                name: DocumentName {
                    collection: Collection::Sales,
                    id: format!("{id}-{n}"),
                },
                fields: Arc::new(
                    [("note".to_owned(), json!("x".repeat(text)))]
                        .into_iter()
                        .collect(),
                ),
            })
            .collect();
        let sale_id = SaleId::new(uuid(id));
        Group {
            id: GroupId(id),
            kind: GroupKind::Sale,
            sale_id,
            creates,
            attempts: 0,
        }
    }

    fn uuid(n: i64) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::from(n.unsigned_abs()))
    }

    #[test]
    fn a_batch_keeps_within_writes_and_bytes_and_no_group_is_torn() {
        let limits = Limits {
            max_writes: 5,
            max_bytes: 4_000,
            ..Limits::default()
        };
        let batches = pack((1..=7).map(|id| group(id, 2, 100)).collect(), &limits);
        assert_eq!(
            batches.iter().map(|b| b.groups.len()).collect::<Vec<_>>(),
            [2, 2, 2, 1]
        );
        let heavy = pack((1..=3).map(|id| group(id, 1, 3_000)).collect(), &limits);
        assert_eq!(heavy.len(), 3, "three of 3 kB do not fit into one of 4 kB");
        assert_eq!(
            pack(vec![group(1, 9, 10)], &limits).len(),
            1,
            "too large goes alone"
        );
    }

    #[test]
    fn only_so_many_decisions_go_together_and_sales_beside_them() {
        let decisions = (1..=20).map(|id| Group {
            kind: GroupKind::Resolution,
            ..group(id, 3, 10)
        });
        let sales = (21..=120).map(|id| group(id, 1, 10));
        let batches = pack(decisions.chain(sales).collect(), &Limits::default());
        let groups: Vec<_> = batches.iter().map(|batch| batch.groups.len()).collect();
        assert_eq!(groups, [9, 9, 102]);
    }

    #[test]
    fn halving_ends_at_one() {
        let batch = Batch {
            groups: (1..=5).map(|id| group(id, 1, 1)).collect(),
        };
        let (first, second) = batch.halves();
        assert_eq!(
            (first.groups.len(), second.map(|b| b.groups.len())),
            (3, Some(2))
        );
        let alone = Batch {
            groups: vec![group(1, 1, 1)],
        };
        assert_eq!(alone.halves().1, None);
    }
}
