//! The founding design, taken literally, as another uploader over the same outbox and the same model:
//! each attempt makes a document of its own with a random id, in a transaction that first looks for
//! the same sale among those of the last 60 seconds, and counts the stock down by increments.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_app::db::Db;
use counterfoil_app::sync::SyncStore as _;
use counterfoil_domain::document::Fields;
use counterfoil_domain::{Clock as _, Timestamp};
use counterfoil_sync::{
    Code, Collection, DocumentName, FailureKind, Group, GroupKind, Landed, Outcome, RemoteError,
};
use serde_json::Value;
use tokio::time::sleep;

use crate::cloud::{Cloud, refused};
use crate::life::Life;
use crate::network::{Link, Plug};
use crate::random::Dice;
use crate::rules::thousandths;
use crate::world::SkewedClock;

/// How far back the query looks.
const WINDOW_MS: i64 = 60_000;
/// How long an app waits before it syncs again.
const PAUSE: Duration = Duration::from_secs(7);

/// Uploads sale by sale, for ever.
pub(crate) async fn upload(db: Db, clock: Arc<SkewedClock>, link: Arc<Link>, life: Arc<Life>) {
    let mut dice = Dice::of(link.draw(), "document ids", 0);
    let plug = Plug { link, life };
    // What was in flight when the last process ended is tried again.
    let _ = db.release();
    loop {
        let now = clock.now();
        let Ok((groups, _)) = db.claim(1, usize::MAX, now) else {
            sleep(PAUSE).await;
            continue;
        };
        let Some(group) = groups.into_iter().next() else {
            sleep(PAUSE).await;
            continue;
        };
        let documents: Vec<(DocumentName, Fields)> = group
            .creates
            .iter()
            .map(|create| {
                let name = DocumentName {
                    collection: create.name.collection,
                    id: dice.uuid().to_string(),
                };
                (name, (*create.fields).clone())
            })
            .collect();
        let is_sale = group.kind == GroupKind::Sale;
        // Each time with a fresh token.
        let answer = plug
            .line()
            .call(true, move |cloud, _| {
                transaction(cloud, &documents, is_sale)
            })
            .await;
        let now = clock.now();
        let _ = db.record(vec![outcome(&group, answer, now)], now);
    }
}

/// The query, and the writes if it finds nothing.
fn transaction(
    cloud: &Cloud,
    documents: &[(DocumentName, Fields)],
    is_sale: bool,
) -> Result<Timestamp, RemoteError> {
    let since = cloud.server_now().plus_ms(-WINDOW_MS);
    for (name, fields) in documents {
        let recent = cloud.created_since(name.collection, since, u32::MAX);
        let same = |found: &Fields| id_of(found).is_some() && id_of(found) == id_of(fields);
        let hit = recent
            .iter()
            .any(|found| found.fields.as_ref().is_ok_and(same));
        if hit && name.collection == Collection::Sales {
            return refused(Code::AlreadyExists, "the same sale in the last minute");
        }
    }
    let mut created_at = since;
    for (name, fields) in documents {
        created_at = cloud.put(name.clone(), fields.clone());
        if is_sale {
            sold(fields).for_each(|(sku, quantity)| cloud.increment(sku, quantity));
        }
    }
    Ok(created_at)
}

/// What a sale takes from the stock, in thousandths by sku.
pub(crate) fn sold(fields: &Fields) -> impl Iterator<Item = (&str, i64)> {
    let lines = fields.get("lines").and_then(Value::as_array);
    lines.into_iter().flatten().map(|line| {
        let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        (text("sku"), thousandths(text("quantity")))
    })
}

fn id_of(fields: &Fields) -> Option<&str> {
    fields.get("saleId").and_then(Value::as_str)
}

fn outcome(group: &Group, answer: Result<Timestamp, RemoteError>, now: Timestamp) -> Outcome {
    let group = group.id;
    match answer {
        Ok(created_at) => Outcome::Synced {
            group,
            landed: Landed::Accepted,
            created_at,
        },
        Err(error) if error.code == Code::AlreadyExists => Outcome::Failed {
            group,
            kind: FailureKind::SameId,
            message: error.message,
            remote: None,
        },
        Err(error) => Outcome::Retry {
            group,
            not_before: now.plus_ms(5_000),
            reason: error.message,
        },
    }
}
