//! The outcome table: one group against what the cloud holds under its names.

use counterfoil_domain::document::Fields;
use counterfoil_domain::{Digest, Timestamp};
use serde_json::Value;

use crate::outbox::{FailureKind, Group, GroupKind};
use crate::remote::{Collection, Create, Found};

/// What the cloud says about one group.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing is there under any of its names.
    Absent,
    /// It is there, whole and ours: an earlier answer was lost.
    Ours {
        /// When the server took it.
        created_at: Timestamp,
    },
    /// Something else is there. What is there came first and stays.
    Conflict {
        /// What the failure is called.
        kind: FailureKind,
        /// The same in words.
        message: String,
        /// The winner, unless it cannot be read.
        remote: Option<Fields>,
    },
}

/// Decides one group. `found` holds what is there under each of its names, in their order.
///
/// A sale is ours if its recomputed digest and its register are ours; what a document says about
/// its own digest is never believed. A losing version lies under a name made of its digest, so
/// whatever is there under it is it. The documents of a decision are ours if all are there with
/// the content that we send.
pub fn verdict(group: &Group, found: &[Option<Found>]) -> Verdict {
    match group.kind {
        GroupKind::Sale => match (group.creates.first(), found.first()) {
            (Some(create), Some(Some(found))) => sale(create, found),
            _ => Verdict::Absent,
        },
        GroupKind::Conflict => match found.iter().flatten().next() {
            Some(first) => Verdict::Ours {
                created_at: first.created_at,
            },
            None => Verdict::Absent,
        },
        GroupKind::Resolution => decision(&group.creates, found),
    }
}

fn sale(create: &Create, found: &Found) -> Verdict {
    let fields = match &found.fields {
        Ok(fields) => fields,
        Err(why) => return unreadable(why),
    };
    let same_content = match (Digest::of_sale(fields), Digest::of_sale(&create.fields)) {
        (Ok(there), Ok(here)) => there == here,
        _ => false,
    };
    if same_content && fields.get("registerId") == create.fields.get("registerId") {
        return Verdict::Ours {
            created_at: found.created_at,
        };
    }
    Verdict::Conflict {
        kind: FailureKind::SameId,
        message: format!(
            "Another sale with this id has been in the cloud since {}: receipt {} of register {}. It stays; this one needs a decision.",
            found.created_at,
            word(fields, "receiptNumber"),
            word(fields, "registerId"),
        ),
        remote: Some(fields.clone()),
    }
}

fn decision(creates: &[Create], found: &[Option<Found>]) -> Verdict {
    let mut first = None;
    let mut absent = 0;
    for (create, there) in creates.iter().zip(found) {
        let Some(there) = there else {
            absent += 1;
            continue;
        };
        let fields = match &there.fields {
            Ok(fields) => fields,
            Err(why) => return unreadable(why),
        };
        if !same_content(&create.fields, fields) {
            return Verdict::Conflict {
                kind: FailureKind::SameId,
                message: decided_before(create, there, fields),
                remote: Some(fields.clone()),
            };
        }
        first = first.or(Some(there.created_at));
    }
    match first {
        None => Verdict::Absent,
        Some(created_at) if absent == 0 => Verdict::Ours { created_at },
        Some(_) => Verdict::Conflict {
            kind: FailureKind::SameId,
            message: format!(
                "{absent} of the {} documents of this decision are missing in the cloud although they go up together.",
                creates.len()
            ),
            remote: None,
        },
    }
}

/// A decision that was taken before a backup was put back, or at a copy of this register: whoever decides
/// again is told which one stands.
fn decided_before(create: &Create, there: &Found, fields: &Fields) -> String {
    let (collection, id) = (create.name.collection.as_str(), &create.name.id);
    let at = there.created_at;
    let what = match word(fields, "choice") {
        "keepCloud" => "the cloud's version was kept",
        "recordSeparately" => "this version was recorded separately",
        "dismiss" => "this version was dismissed",
        _ if create.name.collection == Collection::Sales => {
            return in_its_place(create, there, fields);
        }
        _ => {
            return format!(
                "Another decision about this sale has been in the cloud since {at} ({collection}/{id})."
            );
        }
    };
    format!(
        "Another decision about this sale has been in the cloud since {at}, and stays: {what}, by {} ({}).",
        word(fields, "by"),
        word(fields, "reason")
    )
}

/// A sale that has the id of the decision's copy, or of the copy's reversal, and is neither. Whoever knows what lost can
/// compute that id.
fn in_its_place(create: &Create, there: &Found, fields: &Fields) -> String {
    let what = match create.fields.get("cancels") {
        Some(_) => "reversal",
        None => "copy",
    };
    format!(
        "Another sale has had the id of this one's {what} in the cloud since {}: receipt {} of register {} (sales/{}). \
         Nothing of the decision goes up while it is there, and only the owner of the cloud project can remove it; then try again.",
        there.created_at,
        word(fields, "receiptNumber"),
        word(fields, "registerId"),
        create.name.id
    )
}

fn word<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or("unknown")
}

fn unreadable(why: &str) -> Verdict {
    Verdict::Conflict {
        kind: FailureKind::SameId,
        message: format!("The document with this id in the cloud is not valid: {why}."),
        remote: None,
    }
}

/// Whether two documents say the same, apart from what only the cloud adds.
pub fn same_content(ours: &Fields, theirs: &Fields) -> bool {
    let added = ["storeId", "createdAt"];
    let own = |fields: &Fields| -> Fields {
        let kept = fields
            .iter()
            .filter(|(name, _)| !added.contains(&name.as_str()));
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    own(ours) == own(theirs)
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::SaleId;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::outbox::GroupId;
    use crate::remote::DocumentName;

    fn document(fields: &Value) -> Fields {
        fields.as_object().cloned().unwrap_or_default()
    }

    fn create(collection: Collection, id: &str, fields: &Value) -> Create {
        let name = DocumentName {
            collection,
            id: id.to_owned(),
        };
        let fields = document(fields).into();
        Create { name, fields }
    }

    fn decided(creates: Vec<Create>) -> Group {
        Group {
            id: GroupId(1),
            kind: GroupKind::Resolution,
            sale_id: SaleId::new(Uuid::from_u128(1)),
            creates,
            attempts: 1,
        }
    }

    #[test]
    fn a_decision_whose_copys_id_another_sale_has_says_which_one() {
        let choice = json!({"choice": "keepCloud", "by": "Mara", "reason": "counted twice"});
        let group = decided(vec![
            create(Collection::SaleResolutions, "sale_digest_1", &choice),
            create(
                Collection::Sales,
                "copy",
                &json!({"registerId": "a", "originalSaleId": "sale"}),
            ),
            create(
                Collection::Sales,
                "reversal",
                &json!({"registerId": "a", "cancels": "copy"}),
            ),
        ]);
        let squatter = json!({"registerId": "b", "receiptNumber": "B-000007"});
        for (place, what) in [(1, "copy"), (2, "reversal")] {
            let mut found = [None, None, None];
            found[place] = Some(Found {
                name: group.creates[place].name.clone(),
                fields: Ok(document(&squatter)),
                created_at: Timestamp::from_ms(0),
            });
            let Verdict::Conflict { message, .. } = verdict(&group, &found) else {
                panic!("another sale is there");
            };
            let place = format!("sales/{what}");
            for told in [
                what,
                &place,
                "receipt B-000007 of register b",
                "then try again",
            ] {
                assert!(message.contains(told), "{message}");
            }
        }
    }

    #[test]
    fn a_decision_that_meets_an_older_one_says_which_one_stands() {
        let choice =
            |choice: &str, by: &str| json!({"choice": choice, "by": by, "reason": "counted twice"});
        let ours = choice("dismiss", "Mara");
        let group = decided(vec![create(
            Collection::SaleResolutions,
            "sale_digest_1",
            &ours,
        )]);
        let older = Found {
            name: group.creates[0].name.clone(),
            fields: Ok(document(&choice("recordSeparately", "Bea"))),
            created_at: Timestamp::from_ms(0),
        };
        let Verdict::Conflict { message, .. } = verdict(&group, &[Some(older)]) else {
            panic!("another decision is there");
        };
        for told in ["recorded separately", "by Bea", "counted twice"] {
            assert!(message.contains(told), "{message}");
        }
    }
}
