//! What the server says to a commit: its limits, the rules, the guards.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::RegisterId;
use counterfoil_domain::document::Fields;
use counterfoil_domain::shape::{ADDED_BY_THE_CLOUD, OPTIONAL, REQUIRED};
use counterfoil_sync::{Code, Collection, Create, DocumentName, RemoteError};
use serde_json::Value;

use super::{Stored, refused};

/// Writes in one commit (<https://firebase.google.com/docs/firestore/quotas>).
const MAX_WRITES: usize = 500;
/// Bytes of one request.
const MAX_COMMIT_BYTES: usize = 10 * 1024 * 1024;
/// Bytes of one document.
const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;

/// A line's note that the rules refuse for good, with the code that they refuse it with. It stands for
/// any content that they do not take.
pub(crate) const DENIED_NOTE: &str = "the rules deny this";
/// The same for a document that the server calls invalid.
pub(crate) const INVALID_NOTE: &str = "the server calls this invalid";

/// Why such a document is refused.
const CONTENT: &str = "its content";

/// Whether a document was refused for what is in it.
pub(crate) fn is_about_content(error: &RemoteError) -> bool {
    error.message.ends_with(CONTENT)
}

/// What limits, rules and guards say, in this order.
pub(super) fn judge(
    documents: &BTreeMap<DocumentName, Stored>,
    own: &BTreeSet<RegisterId>,
    creates: &[Create],
) -> Result<(), RemoteError> {
    if creates.len() > MAX_WRITES {
        return refused(Code::InvalidArgument, "more than 500 writes");
    }
    let mut names = BTreeSet::new();
    let mut bytes = 0;
    for create in creates {
        let size = serde_json::to_string(&*create.fields).map_or(usize::MAX, |text| text.len());
        bytes += size;
        if size > MAX_DOCUMENT_BYTES {
            return refused(Code::InvalidArgument, "a document of more than 1 MiB");
        }
        if !names.insert(&create.name) {
            return refused(Code::InvalidArgument, "one document written twice");
        }
    }
    if bytes > MAX_COMMIT_BYTES {
        return refused(Code::InvalidArgument, "more than 10 MiB");
    }
    let after = After { documents, creates };
    for create in creates {
        rules(own, &after, create)?;
    }
    if creates
        .iter()
        .any(|create| documents.contains_key(&create.name))
    {
        return refused(Code::AlreadyExists, "a document is there");
    }
    Ok(())
}

/// What is there once a commit is taken.
struct After<'a> {
    documents: &'a BTreeMap<DocumentName, Stored>,
    creates: &'a [Create],
}

impl After<'_> {
    /// Whose document this is, if it is there and says so.
    fn register(&self, collection: Collection, id: String) -> Option<RegisterId> {
        let name = DocumentName { collection, id };
        let created = self.creates.iter().find(|create| create.name == name);
        let fields = match created {
            Some(create) => &*create.fields,
            None => &self.documents.get(&name)?.fields,
        };
        register(fields)
    }
}

fn register(fields: &Fields) -> Option<RegisterId> {
    fields.get("registerId")?.as_str()?.parse().ok()
}

/// A register writes only what is its own, under the name that it says, with all the fields of a sale
/// and no others; it decides about what it lost, copies that and reverses its own.
fn rules(
    own: &BTreeSet<RegisterId>,
    after: &After<'_>,
    create: &Create,
) -> Result<(), RemoteError> {
    let text = |field: &str| create.fields.get(field).and_then(Value::as_str);
    let owner = register(&create.fields);
    if !owner.is_some_and(|owner| own.contains(&owner)) {
        return refused(Code::PermissionDenied, "another register's document");
    }
    let item = || {
        format!(
            "{}_{}",
            text("saleId").unwrap_or_default(),
            text("digest").unwrap_or_default()
        )
    };
    let named = match create.name.collection {
        Collection::Sales => text("saleId") == Some(create.name.id.as_str()),
        Collection::SaleConflicts => create.name.id == item(),
        Collection::SaleResolutions => {
            let n = create.fields.get("n").and_then(Value::as_i64);
            n.is_some_and(|n| n > 0 && create.name.id == format!("{}_{n}", item()))
        }
    };
    if !named {
        return refused(Code::PermissionDenied, "a name that is not its own");
    }
    let lost = |id: String| after.register(Collection::SaleConflicts, id);
    let decides = create.name.collection == Collection::SaleResolutions;
    let copied = text("originalSaleId").zip(text("originalDigest"));
    let cancels = text("cancels").map(str::to_owned);
    if decides && lost(item()).is_some_and(|loser| !own.contains(&loser))
        || copied.is_some_and(|(sale, digest)| lost(format!("{sale}_{digest}")) != owner)
        || cancels.is_some_and(|id| {
            let of = after.register(Collection::Sales, id);
            !of.is_some_and(|of| own.contains(&of))
        })
    {
        return refused(Code::PermissionDenied, "what another register holds");
    }
    if create.name.collection == Collection::Sales {
        sale(create)
    } else {
        Ok(())
    }
}

fn sale(create: &Create) -> Result<(), RemoteError> {
    let known = |name: &str| {
        REQUIRED.contains(&name) || OPTIONAL.contains(&name) || ADDED_BY_THE_CLOUD.contains(&name)
    };
    let whole = REQUIRED
        .iter()
        .all(|name| create.fields.contains_key(*name));
    if !whole || !create.fields.keys().all(|name| known(name)) {
        return refused(Code::PermissionDenied, "the fields of a sale");
    }
    let lines = create.fields.get("lines").and_then(Value::as_array);
    for line in lines.into_iter().flatten() {
        match line.get("note").and_then(Value::as_str) {
            Some(DENIED_NOTE) => return refused(Code::PermissionDenied, CONTENT),
            Some(INVALID_NOTE) => return refused(Code::InvalidArgument, CONTENT),
            _ => {}
        }
    }
    Ok(())
}
