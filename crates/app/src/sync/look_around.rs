//! After a drain: is the same sale there under another id, and what do other registers hold?

use counterfoil_domain::document::Fields;
use counterfoil_domain::{SaleId, Timestamp};
use counterfoil_sync::classify::{Class, class};
use counterfoil_sync::duplicates::{MAX_QUERIES, MAX_TWINS};
use counterfoil_sync::together::{stretch, together};
use counterfoil_sync::{
    Collection, DocumentName, DuplicateQuery, DuplicateRule, OwedCheck, Remote, RemoteError, Twin,
};

use super::blocking::blocking;
use super::driver::Parts;
use crate::error::AppError;

/// Other registers' documents in one read. One commit may create 500 of them at one moment, and a page
/// must hold more than one moment: the next page begins where this one ends.
const PAGE: u32 = 1_000;

/// Two commits may become visible in another order than their times; what was created this long
/// before the last document seen is read once more. Noting one again changes nothing.
const OVERLAP_MS: i64 = 5_000;

/// Before anything that other registers hold.
pub(super) const BEGIN: Timestamp = Timestamp::from_ms(0);

/// How far it came.
pub(super) struct Looked {
    /// Whether every owed check was made.
    pub(super) checks: Result<(), RemoteError>,
    /// Whether everything that other registers hold was read.
    pub(super) others: Result<(), RemoteError>,
}

/// Why it came to no end.
enum Stopped {
    /// The cloud did not answer, or refused.
    Remote(RemoteError),
    /// The register's own database failed.
    Database(AppError),
}

impl From<RemoteError> for Stopped {
    fn from(error: RemoteError) -> Self {
        Self::Remote(error)
    }
}

impl From<AppError> for Stopped {
    fn from(error: AppError) -> Self {
        Self::Database(error)
    }
}

/// Pays every owed check, then reads what other registers have put into the failure lists; the one
/// does not wait for the other to be allowed.
///
/// # Errors
/// The register's own database failed.
pub(super) async fn look_around(
    parts: &Parts,
    remote: &dyn Remote,
    clock_offset_ms: i64,
    now: Timestamp,
) -> Result<Looked, AppError> {
    let checks = pay(parts, remote, clock_offset_ms, now).await;
    let checks = answered(checks)?;
    let mut others = Ok(());
    for collection in [Collection::SaleConflicts, Collection::SaleResolutions] {
        let read = answered(read_others(parts, remote, collection).await)?;
        others = others.and(read);
    }
    Ok(Looked { checks, others })
}

fn answered(done: Result<(), Stopped>) -> Result<Result<(), RemoteError>, AppError> {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(Stopped::Remote(error)) => Ok(Err(error)),
        Err(Stopped::Database(error)) => Err(error),
    }
}

async fn pay(
    parts: &Parts,
    remote: &dyn Remote,
    clock_offset_ms: i64,
    now: Timestamp,
) -> Result<(), Stopped> {
    let limit = u32::try_from(MAX_QUERIES).unwrap_or(u32::MAX);
    // Whether the cloud has answered any check this time.
    let mut answered = false;
    loop {
        let owed = blocking(parts, move |store| store.owed(limit, now)).await?;
        if owed.is_empty() {
            return Ok(());
        }
        // It may be set while the till runs.
        let rule = blocking(parts, |store| store.duplicate_rule()).await?;
        let found = Looking {
            remote,
            rule: &rule,
            clock_offset_ms,
        };
        let cleared = found.clear_together(parts, &owed).await?;
        answered |= !cleared.is_empty();
        let owed: Vec<_> = owed
            .into_iter()
            .filter(|check| !cleared.contains(&check.sale_id))
            .collect();
        if !cleared.is_empty() {
            let cleared = cleared.into_iter().map(|sale_id| (sale_id, Vec::new()));
            let cleared = cleared.collect();
            blocking(parts, move |store| store.settle(cleared, now)).await?;
        }
        if owed.is_empty() {
            continue;
        }
        let checked = match found.check(&owed).await {
            Ok(checked) => checked,
            Err(error) if !about_a_check(&error) => return Err(error.into()),
            Err(_) => {
                let (checked, refused) = found.one_by_one(&owed).await?;
                answered |= !checked.is_empty();
                if let Some((_, error)) = refused.first() {
                    // Is it these checks, or every check? The newest tells.
                    let newest = blocking(parts, |store| store.newest_owed()).await?;
                    let newest = newest.filter(|newest| !owed.contains(newest));
                    if !answered && let Some(newest) = newest {
                        answered = found.check(&[newest]).await.is_ok();
                    }
                    if !answered {
                        return Err(error.clone().into());
                    }
                    set_aside(parts, refused, now).await?;
                }
                checked
            }
        };
        answered |= !checked.is_empty();
        blocking(parts, move |store| store.settle(checked, now)).await?;
    }
}

/// A refusal that may be about one check alone; the others are about the way to the cloud.
fn about_a_check(error: &RemoteError) -> bool {
    matches!(
        class(error.code),
        Class::Exists | Class::Denied | Class::Permanent
    )
}

/// One bad check never holds up another: it waits, longer each time.
async fn set_aside(
    parts: &Parts,
    refused: Vec<(SaleId, RemoteError)>,
    now: Timestamp,
) -> Result<(), AppError> {
    for (sale_id, error) in &refused {
        tracing::warn!(%sale_id, %error, "a check for duplicates is refused and set aside");
    }
    let sales = refused.into_iter().map(|(sale_id, _)| sale_id).collect();
    blocking(parts, move |store| store.set_aside(sales, now)).await
}

/// What a check for duplicates is made with.
struct Looking<'a> {
    remote: &'a dyn Remote,
    rule: &'a DuplicateRule,
    clock_offset_ms: i64,
}

type Checked = Vec<(SaleId, Vec<Twin>)>;

impl Looking<'_> {
    /// The sales that one question shows to have no twin. A refusal is no answer: the checks are then made one
    /// by one, and tell whose it is.
    async fn clear_together(
        &self,
        parts: &Parts,
        owed: &[OwedCheck],
    ) -> Result<Vec<SaleId>, Stopped> {
        let Some((from, to)) = stretch(owed, self.rule, self.clock_offset_ms) else {
            return Ok(Vec::new());
        };
        let own = blocking(parts, move |store| store.landed_between(from, to)).await?;
        let asked = own.and_then(|own| together(owed, &own, self.rule, self.clock_offset_ms));
        let Some((checks, any, expected)) = asked else {
            return Ok(Vec::new());
        };
        match self.remote.count_any(&any).await {
            Ok(count) if count == expected => {
                tracing::debug!(checks = checks.len(), count, "no twin of any of these");
                Ok(checks.into_iter().map(|check| check.sale_id).collect())
            }
            Ok(_) => Ok(Vec::new()),
            Err(error) if about_a_check(&error) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// Each check by itself: those that were answered, and those that were refused.
    ///
    /// # Errors
    /// What stands in the way of all of them.
    async fn one_by_one(
        &self,
        owed: &[OwedCheck],
    ) -> Result<(Checked, Vec<(SaleId, RemoteError)>), RemoteError> {
        let (mut checked, mut refused) = (Vec::new(), Vec::new());
        for one in owed {
            match self.check(std::slice::from_ref(one)).await {
                Ok(done) => checked.extend(done),
                Err(error) if about_a_check(&error) => refused.push((one.sale_id, error)),
                Err(error) => return Err(error),
            }
        }
        Ok((checked, refused))
    }

    async fn check(&self, owed: &[OwedCheck]) -> Result<Checked, RemoteError> {
        let queries: Vec<_> = owed
            .iter()
            .map(|check| check.query(self.rule, self.clock_offset_ms))
            .collect();
        let counts = self.remote.count(&queries).await?;
        let mut checked = Vec::with_capacity(owed.len());
        for ((check, query), count) in owed.iter().zip(&queries).zip(counts) {
            let sale_id = check.sale_id;
            tracing::debug!(%sale_id, count, "looked for the same goods under another id");
            // Documents are read only where there is more than the sale itself.
            let twins = if count > check.own_count(query) {
                self.twins(check, query).await?
            } else {
                Vec::new()
            };
            checked.push((sale_id, twins));
        }
        Ok(checked)
    }

    async fn twins(
        &self,
        check: &OwedCheck,
        query: &DuplicateQuery,
    ) -> Result<Vec<Twin>, RemoteError> {
        let found = self.remote.duplicates(query, MAX_TWINS).await?;
        let id = check.sale_id.to_string();
        let own = found.iter().find(|found| found.name.id == id);
        let own: Option<Fields> = match own {
            Some(own) => own.fields.clone().ok(),
            None => {
                let name = DocumentName {
                    collection: Collection::Sales,
                    id,
                };
                let read = self.remote.get(&[name]).await?;
                read.into_iter()
                    .flatten()
                    .next()
                    .and_then(|own| own.fields.ok())
            }
        };
        let twins = check.twins(own.as_ref(), &found, self.rule);
        Ok(nearest(twins).into_iter().collect())
    }
}

/// The one twin that a check tells of: the nearest of those that a manager is told, else the nearest. Of many
/// equal sales each leads to the next; all their pairs would grow with the square of their number.
fn nearest(twins: Vec<Twin>) -> Option<Twin> {
    twins
        .into_iter()
        .min_by_key(|twin| (!twin.listed, twin.seconds_apart, twin.sale_id))
}

async fn read_others(
    parts: &Parts,
    remote: &dyn Remote,
    collection: Collection,
) -> Result<(), Stopped> {
    let cursor = blocking(parts, move |store| store.cursor(collection)).await?;
    let mut since = cursor.map_or(BEGIN, |at| at.plus_ms(-OVERLAP_MS).max(BEGIN));
    let mut newest = cursor.unwrap_or(BEGIN);
    loop {
        let found = remote.created_since(collection, since, PAGE).await?;
        let full = u32::try_from(found.len()).is_ok_and(|n| n >= PAGE);
        let Some(last) = found.last().map(|found| found.created_at) else {
            break;
        };
        // A whole page of one moment would come again and again.
        since = if last > since { last } else { since.plus_ms(1) };
        newest = newest.max(last);
        blocking(parts, move |store| store.note(collection, found, newest)).await?;
        if !full {
            break;
        }
    }
    Ok(())
}
