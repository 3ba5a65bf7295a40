//! What a possible duplicate is, and which pairs the manager is told of: both can be set.
//!
//! A pattern that is muted is a fingerprint: the same goods at the same prices, paid the same way. Its pairs are found and
//! logged as before, and not listed. It is this register's own choice; the others list what they find.

use counterfoil_domain::{Amount, Digest, SaleId, Timestamp};
use counterfoil_store::table::warnings::Warning;
use counterfoil_store::table::{sales, settings, warnings};
use counterfoil_store::{Connection, StoreError, Transaction};
use counterfoil_sync::DuplicateRule;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dto::{DuplicateSettings, MutedPattern, PatternLine, SyncStatus, TenderMethod};
use crate::error::{AppError, ErrorCode, Result};
use crate::failures::field;
use crate::settings::{cashier, require_store};
use crate::sync::Wake;
use crate::till::Till;

const RULE: &str = "duplicateRule";
const MUTED: &str = "mutedDuplicates";
/// Two sales of the same goods within less are one scan that was rung twice at the most.
const MIN_SECONDS: u32 = 10;
/// An hour: what is further apart is another customer.
const MAX_SECONDS: u32 = 3_600;
/// What is muted is looked through for every pair that is found.
const MAX_MUTED: usize = 200;
/// Warnings that are looked through at once.
const PAGE: u32 = 100;

/// What is kept of the rule.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    window_seconds: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    listed_total: Option<Amount>,
}

impl Default for Kept {
    fn default() -> Self {
        let DuplicateRule {
            window_ms,
            listed_total,
        } = DuplicateRule::default();
        Self {
            window_seconds: u32::try_from(window_ms / 1_000).unwrap_or(MAX_SECONDS),
            listed_total,
        }
    }
}

/// A pattern that nobody is told of.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Muted {
    fingerprint: Digest,
    goods: Vec<PatternLine>,
    total: Amount,
    tenders: Vec<TenderMethod>,
    by: String,
    since: Timestamp,
}

/// The rule that the checks are made by.
pub(crate) fn rule(conn: &Connection) -> Result<DuplicateRule, StoreError> {
    let kept: Kept = settings::get(conn, RULE)?.unwrap_or_default();
    Ok(DuplicateRule {
        window_ms: i64::from(kept.window_seconds) * 1_000,
        listed_total: kept.listed_total,
    })
}

/// Whether pairs with this fingerprint are not listed.
pub(crate) fn is_muted(conn: &Connection, fingerprint: Digest) -> Result<bool, StoreError> {
    Ok(muted(conn)?
        .iter()
        .any(|one| one.fingerprint == fingerprint))
}

fn muted(conn: &Connection) -> Result<Vec<Muted>, StoreError> {
    Ok(settings::get(conn, MUTED)?.unwrap_or_default())
}

impl Till {
    /// What a possible duplicate is, and which pairs are not listed.
    pub fn duplicate_settings(&self) -> Result<DuplicateSettings> {
        self.read(|conn| {
            require_store(conn)?;
            let kept: Kept = settings::get(conn, RULE)?.unwrap_or_default();
            let view = |one: Muted| MutedPattern {
                fingerprint: one.fingerprint.to_string(),
                goods: one.goods,
                total: one.total.into(),
                tenders: one.tenders,
                by: one.by,
                since: one.since.to_string(),
            };
            Ok(DuplicateSettings {
                window_seconds: kept.window_seconds,
                listed_total: kept.listed_total.map(Into::into),
                muted: muted(conn)?.into_iter().map(view).collect(),
            })
        })
    }

    /// Sets how far apart two sales may be, and from which total on every pair is listed. Checks that
    /// are made from now on follow it; what is listed already stays.
    ///
    /// # Errors
    /// `invalid_input` for a window outside 10 s to an hour; `invalid_amount` for a total that is not
    /// above nothing.
    pub fn set_duplicate_rule(
        &self,
        window_seconds: u32,
        listed_total: Option<Amount>,
    ) -> Result<DuplicateSettings> {
        if !(MIN_SECONDS..=MAX_SECONDS).contains(&window_seconds) {
            return Err(AppError::invalid(format!(
                "two sales may be {MIN_SECONDS} to {MAX_SECONDS} seconds apart, and not {window_seconds}"
            )));
        }
        if listed_total.is_some_and(|total| total.minor() <= 0) {
            return Err(AppError::new(
                ErrorCode::InvalidAmount,
                "the total from which pairs are listed is above 0; leave it out to list by the goods alone",
            ));
        }
        self.write(move |tx| {
            require_store(tx)?;
            let kept = Kept {
                window_seconds,
                listed_total,
            };
            settings::set(tx, RULE, &kept)?;
            tracing::info!(
                window_seconds,
                ?listed_total,
                "what a possible duplicate is, was set"
            );
            Ok(())
        })?;
        self.duplicate_settings()
    }

    /// Lists no pair like the one of this warning any more: it goes from the list, and so do those
    /// like it. Both sales of every pair stay.
    ///
    /// # Errors
    /// `not_found`; `already_resolved` for a warning that was decided; `invalid_input` where too many
    /// patterns are muted already.
    pub fn mute_duplicates(&self, warning: u32) -> Result<SyncStatus> {
        let now = self.clock().now();
        self.write(move |tx| {
            let id = i64::from(warning);
            let found = warnings::get(tx, id)?;
            let found =
                found.ok_or_else(|| AppError::not_found(format!("there is no warning {id}")))?;
            if found.decision.is_some() {
                let message = "this was decided already";
                return Err(AppError::new(ErrorCode::AlreadyResolved, message));
            }
            let by = cashier(tx)?;
            let pattern = pattern(tx, &found, by.clone(), now)?;
            let fingerprint = pattern.fingerprint;
            let mut all = muted(tx)?;
            if all.len() >= MAX_MUTED {
                return Err(AppError::invalid(format!(
                    "{MAX_MUTED} patterns are muted already; list one of them again first"
                )));
            }
            if all.iter().all(|one| one.fingerprint != fingerprint) {
                all.push(pattern);
                settings::set(tx, MUTED, &all)?;
            }
            let gone = take_from_list(tx, fingerprint, &by, now)?;
            tracing::info!(%fingerprint, by, gone, "pairs like this are not listed any more");
            Ok(())
        })?;
        self.wake(Wake::Checkout);
        self.sync_status()
    }

    /// Lists pairs with this fingerprint again, from the next one on.
    ///
    /// # Errors
    /// `not_found` where it is not muted.
    pub fn list_duplicates_again(&self, fingerprint: &str) -> Result<DuplicateSettings> {
        let wanted = fingerprint.to_owned();
        self.write(move |tx| {
            let mut all = muted(tx)?;
            let before = all.len();
            all.retain(|one| one.fingerprint.to_string() != wanted);
            if all.len() == before {
                return Err(AppError::not_found(format!("{wanted} is not muted")));
            }
            settings::set(tx, MUTED, &all)?;
            tracing::info!(fingerprint = wanted, "pairs like this are listed again");
            Ok(())
        })?;
        self.duplicate_settings()
    }
}

/// Decides every open warning of the pattern; answers how many there were.
fn take_from_list(
    tx: &Transaction<'_>,
    fingerprint: Digest,
    by: &str,
    now: Timestamp,
) -> Result<usize> {
    let mut alike = Vec::new();
    for page in 0.. {
        let listed = warnings::page(tx, page * PAGE, PAGE)?;
        for warning in &listed {
            let own = own_sale(tx, warning)?;
            if own.is_some_and(|own| own.0 == fingerprint) {
                alike.push(warning.id);
            }
        }
        if u32::try_from(listed.len()).is_ok_and(|n| n < PAGE) {
            break;
        }
    }
    for id in &alike {
        warnings::decide(tx, *id, "muted", by, now)?;
    }
    Ok(alike.len())
}

/// This register's sale of a pair: its fingerprint, and its record.
fn own_sale(
    conn: &Connection,
    warning: &Warning,
) -> Result<Option<(Digest, counterfoil_domain::document::Fields)>> {
    for sale in warning.sales {
        if let Some(own) = of_sale(conn, sale)? {
            return Ok(Some(own));
        }
    }
    Ok(None)
}

fn of_sale(
    conn: &Connection,
    sale: SaleId,
) -> Result<Option<(Digest, counterfoil_domain::document::Fields)>> {
    let Some(stored) = sales::by_id(conn, sale)? else {
        return Ok(None);
    };
    let fingerprint = field(&stored.record, "fingerprint");
    Ok(fingerprint.map(|fingerprint| (fingerprint, stored.record)))
}

fn pattern(conn: &Connection, warning: &Warning, by: String, since: Timestamp) -> Result<Muted> {
    let own = own_sale(conn, warning)?;
    let (fingerprint, record) = own.ok_or_else(|| {
        AppError::not_found(format!("neither sale of warning {} is here", warning.id))
    })?;
    let list = |name: &str| {
        record
            .get(name)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let goods = list("lines").into_iter().map(PatternLine::deserialize);
    let methods = list("tenders")
        .into_iter()
        .filter_map(|tender| TenderMethod::deserialize(tender.get("method")?).ok());
    Ok(Muted {
        fingerprint,
        goods: goods.filter_map(std::result::Result::ok).collect(),
        total: field(&record, "total").unwrap_or_default(),
        tenders: methods.collect(),
        by,
        since,
    })
}
