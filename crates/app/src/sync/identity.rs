//! The register's claim in the cloud, and its receipt numbers counted there.

use counterfoil_domain::document::Fields;
use counterfoil_domain::reversal::{copy_of, is_copy_of};
use counterfoil_sync::{
    Collection, DocumentName, Event, Metered, NumberQuery, Numbers, Remote, RemoteError, Revision,
};
use serde_json::Value;

use super::blocking::blocking;
use super::driver::Parts;
use crate::error::Result;

/// Documents of one question by name.
const PAGE: usize = 100;

/// Reads whose the register's id is.
pub(super) async fn read(parts: &Parts, remote: &dyn Remote) -> Result<Event> {
    let own = blocking(parts, |store| store.claim_of_register(None)).await?;
    let result = remote.register(own.register_id).await;
    // After the answer: whatever this register has told the cloud is in its database by now.
    let own = blocking(parts, |store| store.claim_of_register(None)).await?;
    if let Err(error) = &result {
        tracing::info!(%error, "the register's claim could not be read");
    }
    Ok(Event::RegisterRead {
        result,
        last_sequence: own.last_sequence,
    })
}

/// Claims the register's id for this installation.
pub(super) async fn claim(
    parts: &Parts,
    remote: &dyn Remote,
    revision: Option<Revision>,
) -> Result<Event> {
    let claim = blocking(parts, move |store| store.claim_of_register(revision)).await?;
    let claimed = remote.claim_register(&claim).await;
    match &claimed {
        Ok(_) => {
            tracing::info!(
                register_id = %claim.register_id, last_sequence = claim.last_sequence,
                "the register is claimed"
            );
            blocking(parts, |store| store.claimed()).await?;
        }
        Err(error) => tracing::info!(%error, "the claim was not accepted"),
    }
    Ok(Event::RegisterClaimed(claimed))
}

/// Counts what is there above the highest number of the register's own database.
pub(super) async fn count_above(parts: &Parts, remote: &Metered) -> Result<Event> {
    let own = blocking(parts, |store| store.claim_of_register(None)).await?;
    let query = NumberQuery {
        register_id: own.register_id,
        from: own.last_sequence.saturating_add(1),
        to: None,
    };
    Ok(Event::CountedAbove(count(parts, remote, &query).await?))
}

/// Counts the numbers that were drained since they were last counted.
///
/// # Errors
/// The register's own database failed.
pub(super) async fn count_drained(
    parts: &Parts,
    remote: &Metered,
) -> Result<Result<Numbers, RemoteError>> {
    let Some(query) = blocking(parts, |store| store.numbers_to_count()).await? else {
        return Ok(Ok(Numbers::default()));
    };
    let counted = count(parts, remote, &query).await?;
    if counted.as_ref().is_ok_and(|n| n.there <= n.ours) {
        blocking(parts, move |store| store.numbers_counted(&query)).await?;
    }
    Ok(counted)
}

async fn count(
    parts: &Parts,
    remote: &Metered,
    query: &NumberQuery,
) -> Result<Result<Numbers, RemoteError>> {
    let there = match remote.count_numbers(query).await {
        Ok(there) => there,
        Err(error) => return Ok(Err(error)),
    };
    // After the answer: what was counted is known here, unless it is somebody else's.
    let asked = query.clone();
    let known = blocking(parts, move |store| store.numbers_known(&asked)).await?;
    tracing::debug!(
        there,
        known = known.there,
        perhaps = known.perhaps,
        from = query.from,
        "numbers counted"
    );
    if there < known.there {
        // Nobody has used a number twice; that something is gone there, reconcile says by name.
        tracing::warn!(
            there,
            known = known.there,
            from = query.from,
            "fewer sales are in the cloud than went up"
        );
    }
    let mut ours = known.there.saturating_add(known.perhaps);
    if there > ours {
        match copies(parts, remote, query, there - ours).await? {
            Ok(copies) => ours = ours.saturating_add(copies),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(Numbers {
        from: query.from,
        there,
        ours,
    }))
}

/// How many of the sales in this stretch that failed stand there as copies that are none of ours, `most` at
/// most: somebody has decided about them at a copy of this database. A copy keeps its sale's number, so that
/// none was used twice.
async fn copies(
    parts: &Parts,
    remote: &Metered,
    query: &NumberQuery,
    most: u64,
) -> Result<Result<u64, RemoteError>> {
    let remote = remote.counting_numbers();
    let (mut found, mut after) = (0, query.from.saturating_sub(1));
    while found < most {
        let asked = query.clone();
        let page = blocking(parts, move |store| {
            store.numbers_without_copy(&asked, after, PAGE)
        });
        let sales = page.await?;
        let Some((last, _)) = sales.last() else {
            break;
        };
        after = *last;
        let named: Vec<(DocumentName, &Fields)> = sales.iter().filter_map(copy_name).collect();
        let names: Vec<DocumentName> = named.iter().map(|(name, _)| name.clone()).collect();
        let there = match remote.get(&names).await {
            Ok(there) => there,
            Err(error) => return Ok(Err(error)),
        };
        for ((name, sale), there) in named.iter().zip(there) {
            let fields = there.and_then(|there| there.fields.ok());
            if fields.is_some_and(|fields| is_copy_of(&fields, sale)) {
                tracing::info!(
                    copy = name.id,
                    "a sale was decided at a copy of this register"
                );
                found += 1;
            }
        }
    }
    Ok(Ok(found))
}

/// The name under which a copy of the sale would be there.
fn copy_name((_, sale): &(i64, Fields)) -> Option<(DocumentName, &Fields)> {
    let copy = copy_of(sale).ok()?;
    let id = copy.get("saleId").and_then(Value::as_str)?.to_owned();
    let collection = Collection::Sales;
    Some((DocumentName { collection, id }, sale))
}
