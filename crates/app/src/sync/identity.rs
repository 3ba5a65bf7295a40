//! The register's claim in the cloud, and its receipt numbers counted there.

use counterfoil_domain::document::Fields;
use counterfoil_domain::reversal::{copy_of, is_copy_of};
use counterfoil_store::numbers::NotKnown;
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
            ask_series(parts, remote).await?;
        }
        Err(error) => tracing::info!(%error, "the claim was not accepted"),
    }
    Ok(Event::RegisterClaimed(claimed))
}

/// Asks who else prints the register's series, once in each store: after the claim, so that of two that come at the
/// same time at least one sees the other. Nobody waits for the answer; while there is none it stays owed.
///
/// # Errors
/// The register's own database failed.
pub(super) async fn ask_series(parts: &Parts, remote: &dyn Remote) -> Result<()> {
    let Some(prefix) = blocking(parts, |store| store.series_owed()).await? else {
        return Ok(());
    };
    match remote.printing(&prefix).await {
        Ok(printing) => blocking(parts, move |store| store.series_answered(printing)).await,
        Err(error) => {
            tracing::info!(%error, prefix, "who else prints this series is not known yet");
            Ok(())
        }
    }
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
    let Some((query, settled)) = blocking(parts, |store| store.numbers_to_count()).await? else {
        return Ok(Ok(Numbers::default()));
    };
    let counted = count(parts, remote, &query).await?;
    if settled >= query.from && counted.as_ref().is_ok_and(|n| n.there <= n.ours) {
        let register = query.register_id;
        blocking(parts, move |store| store.numbers_counted(register, settled)).await?;
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
        match explained(parts, remote, query, there - ours).await? {
            Ok(explained) => ours = ours.saturating_add(explained),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(Numbers {
        from: query.from,
        there,
        ours,
    }))
}

/// How many documents stand in this stretch because of sales of ours that failed or were not sent yet, `most` at most:
/// copies by which somebody has decided about them at a copy of this database, versions in the place of those that were
/// refused, and what a copy of this database was quicker to send. All have their sale's number, so that none was used twice.
async fn explained(
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
            store.numbers_not_known(&asked, after, PAGE)
        });
        let sales = page.await?;
        let Some(last) = sales.last() else {
            break;
        };
        after = last.sequence;
        let named: Vec<(DocumentName, &NotKnown)> = sales.iter().flat_map(names).collect();
        let names: Vec<DocumentName> = named.iter().map(|(name, _)| name.clone()).collect();
        let there = match remote.get(&names).await {
            Ok(there) => there,
            Err(error) => return Ok(Err(error)),
        };
        for ((name, sale), there) in named.iter().zip(there) {
            let fields = there.and_then(|there| there.fields.ok());
            if fields.is_some_and(|fields| explains(&fields, sale)) {
                let id = &name.id;
                tracing::info!(id, "there because of a sale that has not landed from here");
                found += 1;
            }
        }
    }
    Ok(Ok(found))
}

/// The names under which something may be there because of a sale: its copy's, and its own where nobody has read it.
fn names(sale: &NotKnown) -> Vec<(DocumentName, &NotKnown)> {
    let copy = copy_of(&sale.record).ok();
    let own = sale.is_unread.then(|| sale.record.clone());
    let name = |fields: Fields| {
        let id = fields.get("saleId").and_then(Value::as_str)?.to_owned();
        let collection = Collection::Sales;
        Some((DocumentName { collection, id }, sale))
    };
    let both = copy.into_iter().chain(own);
    both.filter_map(name).collect()
}

/// Whether a document under one of those names is the sale's copy, or another version with its number.
fn explains(there: &Fields, sale: &NotKnown) -> bool {
    let same = |name: &str| there.get(name) == sale.record.get(name);
    let version = ["saleId", "registerId", "receiptSequence"];
    is_copy_of(there, &sale.record) || version.into_iter().all(same)
}
