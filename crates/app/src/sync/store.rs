//! The side of the database that the sync needs, and no more of it.

use std::sync::Arc;

use counterfoil_domain::document::Fields;
use counterfoil_domain::{RegisterId, SaleId, Timestamp};
use counterfoil_store::numbers::{self, Known, NotKnown};
use counterfoil_store::table::sync_state;
use counterfoil_store::table::warnings::{self, NewWarning};
use counterfoil_store::table::{duplicate_checks, outbox, register, sales, sync_costs};
use counterfoil_store::{StoreError, SyncLock, Transaction, unreadable, uploads};
use counterfoil_sync::{
    Bill, Collection, Doubt, DuplicateRule, Expected, Found, Group, NumberQuery, Outcome,
    OwedCheck, OwnSale, Printing, Purpose, RegisterClaim, Revision, Spent, Twin,
};
use serde_json::{Value, json};

use super::joined::Joined;
use super::look_around::BEGIN;
use super::noted::note_one;
use crate::db::Db;
use crate::dto::SyncStatus;
use crate::error::{AppError, Result};
use crate::failures::field;
use crate::status::Said;
use crate::watch::DatabaseWatch;
use crate::{duplicates, identity, series, settings, status};

/// The version of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Own sales that are looked through for one question about many checks. A till sells as many in an hour or two.
const MOST_LANDED: usize = 2_000;

/// What the sync asks of a database. Every call is one transaction; calls block.
pub trait SyncStore: Send + Sync {
    /// The connection, if there is one.
    fn joined(&self) -> Result<Option<Joined>>;
    /// The same database for the session that begins with `joined`. Once the register is connected anew or is another
    /// one, whatever this would write down is refused with `not_connected`, but for what was billed, what is said to
    /// others and the release of what was in flight.
    fn of_session(&self, joined: &Joined) -> Arc<dyn SyncStore>;
    /// Notices what other programs write.
    fn watch(&self) -> Result<DatabaseWatch>;
    /// The right to sync, unless another process has it.
    fn lock(&self) -> Result<Option<SyncLock>>;
    /// Makes pending again what is in flight, and what has failed in doubt. Only under the lock.
    fn release(&self) -> Result<usize>;
    /// Makes everything pending due at `now`, and what has failed in doubt.
    fn hurry(&self, now: Timestamp) -> Result<()>;
    /// Makes pending again from `not_before` on what has failed in doubt.
    fn put_back(&self, not_before: Timestamp) -> Result<()>;
    /// Takes the oldest due groups, and says when the next one is due.
    fn claim(
        &self,
        max_groups: usize,
        max_bytes: usize,
        now: Timestamp,
    ) -> Result<(Vec<Group>, Option<Timestamp>)>;
    /// Writes outcomes down.
    fn record(&self, outcomes: Vec<Outcome>, now: Timestamp) -> Result<()> {
        self.record_billed(outcomes, Bill::default(), now)
    }
    /// The same with what was billed until then: one transaction.
    fn record_billed(&self, outcomes: Vec<Outcome>, bill: Bill, now: Timestamp) -> Result<()>;
    /// Writes down what was billed beside outcomes.
    fn spend(&self, bill: Bill, now: Timestamp) -> Result<()>;
    /// Remembers when the server created the store's document.
    fn remember_store(&self, created_at: Timestamp) -> Result<()>;
    /// What a claim of this register's id says, as it is now.
    fn claim_of_register(&self, revision: Option<Revision>) -> Result<RegisterClaim>;
    /// The stretch of this register's numbers that was sent and not counted yet.
    /// With it, up to which of them nothing waits any more.
    fn numbers_to_count(&self) -> Result<Option<(NumberQuery, i64)>>;
    /// What this database knows to be in the cloud there.
    fn numbers_known(&self, query: &NumberQuery) -> Result<Known>;
    /// Sales there, from the number after `after` on, of which that counts nothing: they failed, or were never sent.
    fn numbers_not_known(
        &self,
        query: &NumberQuery,
        after: i64,
        limit: usize,
    ) -> Result<Vec<NotKnown>>;
    /// Remembers that they were counted.
    fn numbers_counted(&self, register: RegisterId, through: i64) -> Result<()>;
    /// Remembers that the register may not be who it says it is.
    fn remember_doubt(&self, doubt: Doubt) -> Result<()>;
    /// The register is claimed: no other installation's any more.
    fn claimed(&self) -> Result<()>;
    /// The prefix of this register, while the store has not said who else prints with it.
    fn series_owed(&self) -> Result<Option<String>>;
    /// Remembers what the store has said.
    fn series_answered(&self, printing: Vec<Printing>) -> Result<()>;
    /// Remembers the server's clock minus the register's.
    fn remember_clock_offset(&self, offset_ms: i64) -> Result<()>;
    /// The checks for duplicates that have been owed for longest; of those that were set aside,
    /// only what is due.
    fn owed(&self, limit: u32, now: Timestamp) -> Result<Vec<OwedCheck>>;
    /// What a possible duplicate is.
    fn duplicate_rule(&self) -> Result<DuplicateRule>;
    /// The check that was owed last.
    fn newest_owed(&self) -> Result<Option<OwedCheck>>;
    /// Sets checks aside that are refused while others are answered.
    fn set_aside(&self, sales: Vec<SaleId>, now: Timestamp) -> Result<()>;
    /// This register's sales in the connected store that were sold in the window, if they are not too many.
    fn landed_between(&self, from: Timestamp, to: Timestamp) -> Result<Option<Vec<OwnSale>>>;
    /// Pays checks, each with the twins that were found. Answers the warnings that are new.
    fn settle(&self, checked: Vec<(SaleId, Vec<Twin>)>, now: Timestamp) -> Result<usize>;
    /// Up to when other registers' documents have been read.
    fn cursor(&self, collection: Collection) -> Result<Option<Timestamp>>;
    /// Notes other registers' documents, read up to `cursor`.
    fn note(&self, collection: Collection, found: Vec<Found>, cursor: Timestamp) -> Result<()>;
    /// Whether nothing is pending, in flight or owed a check.
    fn is_drained(&self) -> Result<bool>;
    /// What the database knows of the status.
    fn status(&self, now: Timestamp) -> Result<SyncStatus>;
    /// The status as a program sees it that does not sync.
    fn status_from_outside(&self, now: Timestamp) -> Result<SyncStatus>;
    /// Tells other programs how the sync stands. Only under the lock.
    fn say(&self, said: Said) -> Result<()>;
    /// How often another program wished that what waits is tried at once.
    fn wishes(&self) -> Result<i64>;
    /// Wishes it of the program that syncs.
    fn wish(&self) -> Result<()>;
}

impl SyncStore for Db {
    fn joined(&self) -> Result<Option<Joined>> {
        self.read(|conn| {
            let state = sync_state::get(conn)?;
            let (Some(connected), Some(store)) = (state.connected, settings::store(conn)?) else {
                return Ok(None);
            };
            let register = register::require(conn)?;
            let installation = self.installation().map(Arc::as_ref);
            let expected = Expected {
                installation_id: identity::claimed_by(&register),
                doubt: identity::certain_doubt(conn, installation)?,
                name: store.name,
                currency: store.currency.code().to_owned(),
                created_at: state.store_created_at,
            };
            Ok(Some(Joined {
                connected,
                expected,
                register: register.register_id,
                register_name: register.name,
                connection: sync_state::connections(conn)?,
                clock_offset_ms: state.clock_offset_ms,
            }))
        })
    }

    fn of_session(&self, joined: &Joined) -> Arc<dyn SyncStore> {
        Arc::new(Self::of_session(self, joined))
    }

    fn watch(&self) -> Result<DatabaseWatch> {
        DatabaseWatch::over(self)
    }

    fn lock(&self) -> Result<Option<SyncLock>> {
        Ok(SyncLock::acquire(self.dir())?)
    }

    fn release(&self) -> Result<usize> {
        self.write(|tx| Ok(outbox::release_in_flight(tx)?))
    }

    fn hurry(&self, now: Timestamp) -> Result<()> {
        self.write(move |tx| Ok(outbox::hurry(tx, now)?))
    }

    fn put_back(&self, not_before: Timestamp) -> Result<()> {
        self.write(move |tx| Ok(outbox::put_back(tx, not_before).map(drop)?))
    }

    fn claim(
        &self,
        max_groups: usize,
        max_bytes: usize,
        now: Timestamp,
    ) -> Result<(Vec<Group>, Option<Timestamp>)> {
        let max_groups = u32::try_from(max_groups).unwrap_or(u32::MAX);
        let max_bytes = u64::try_from(max_bytes).unwrap_or(u64::MAX);
        // Looked at before it is written: an idle register does not touch its disk.
        let due = self.read(outbox::next_due)?;
        if due.is_none_or(|due| due > now) {
            return Ok((Vec::new(), due));
        }
        self.book(move |tx| {
            let groups = outbox::claim(tx, max_groups, max_bytes, now)?;
            Ok((groups, outbox::next_due(tx)?))
        })
    }

    fn record_billed(&self, outcomes: Vec<Outcome>, mut bill: Bill, now: Timestamp) -> Result<()> {
        self.book(move |tx| {
            let arrived = uploads::record(tx, &outcomes, now)?;
            // What is there was written once, whichever answer was lost and whoever found it.
            bill.add(
                Purpose::Upload,
                Spent {
                    reads: 0,
                    writes: arrived.documents,
                },
            );
            Ok(sync_costs::add(tx, &bill, arrived.sales, now)?)
        })
    }

    fn spend(&self, bill: Bill, now: Timestamp) -> Result<()> {
        self.write(move |tx| Ok(sync_costs::add(tx, &bill, 0, now)?))
    }

    fn remember_store(&self, created_at: Timestamp) -> Result<()> {
        self.book(move |tx| Ok(sync_state::set_store_created_at(tx, created_at)?))
    }

    fn claim_of_register(&self, revision: Option<Revision>) -> Result<RegisterClaim> {
        self.read(|conn| {
            let register = register::require(conn)?;
            Ok(RegisterClaim {
                register_id: register.register_id,
                installation_id: identity::claimed_by(&register),
                receipt_prefix: register.prefix.to_string(),
                last_sequence: sales::last_receipt(conn, register.register_id)?,
                name: register.name,
                version: VERSION.to_owned(),
                revision,
            })
        })
    }

    fn numbers_to_count(&self) -> Result<Option<(NumberQuery, i64)>> {
        self.read(|conn| {
            let Some((register_id, from, to)) = numbers::to_count(conn)? else {
                return Ok(None);
            };
            // What is sent and not known to be there would stand for somebody else's of the same number: it is
            // counted by itself where it comes first, and with its number once it is known.
            let settled = numbers::settled(conn, register_id, to)?;
            let query = NumberQuery {
                register_id,
                from,
                to: Some(if settled >= from { settled } else { to }),
            };
            Ok(Some((query, settled)))
        })
    }

    fn numbers_known(&self, query: &NumberQuery) -> Result<Known> {
        let to = query.to.unwrap_or(i64::MAX);
        Ok(self.read(|conn| numbers::known(conn, query.register_id, query.from, to))?)
    }

    fn numbers_not_known(
        &self,
        query: &NumberQuery,
        after: i64,
        limit: usize,
    ) -> Result<Vec<NotKnown>> {
        let (register, to) = (query.register_id, query.to.unwrap_or(i64::MAX));
        Ok(self.read(|conn| numbers::not_known(conn, register, (after, to), limit))?)
    }

    fn numbers_counted(&self, register: RegisterId, through: i64) -> Result<()> {
        self.book(move |tx| Ok(numbers::set_counted(tx, register, through)?))
    }

    fn remember_doubt(&self, doubt: Doubt) -> Result<()> {
        self.book(move |tx| Ok(identity::remember_doubt(tx, &doubt)?))
    }

    fn claimed(&self) -> Result<()> {
        // Looked at before it is written: there is seldom anything to forget.
        if self.read(identity::is_claimed_elsewhere)? {
            self.book(|tx| Ok(identity::confirm_claim(tx)?))?;
        }
        Ok(())
    }

    fn series_owed(&self) -> Result<Option<String>> {
        self.read(series::owed)
    }

    fn series_answered(&self, printing: Vec<Printing>) -> Result<()> {
        self.book(move |tx| series::remember(tx, printing))
    }

    fn remember_clock_offset(&self, offset_ms: i64) -> Result<()> {
        self.book(move |tx| Ok(sync_state::set_clock_offset_ms(tx, offset_ms)?))
    }

    fn owed(&self, limit: u32, now: Timestamp) -> Result<Vec<OwedCheck>> {
        let owed = self.read(|conn| duplicate_checks::owed(conn, limit, now))?;
        Ok(owed.into_iter().map(check).collect())
    }

    fn duplicate_rule(&self) -> Result<DuplicateRule> {
        Ok(self.read(duplicates::rule)?)
    }

    fn newest_owed(&self) -> Result<Option<OwedCheck>> {
        Ok(self.read(duplicate_checks::newest)?.map(check))
    }

    fn landed_between(&self, from: Timestamp, to: Timestamp) -> Result<Option<Vec<OwnSale>>> {
        let landed = self.read(|conn| sales::landed_between(conn, from, to, MOST_LANDED + 1))?;
        let own = |(fingerprint, sold_at)| OwnSale {
            fingerprint,
            sold_at,
        };
        let few = landed.len() <= MOST_LANDED;
        Ok(few.then(|| landed.into_iter().map(own).collect()))
    }

    fn set_aside(&self, sales: Vec<SaleId>, now: Timestamp) -> Result<()> {
        self.book(move |tx| Ok(duplicate_checks::set_aside(tx, &sales, now)?))
    }

    fn settle(&self, checked: Vec<(SaleId, Vec<Twin>)>, now: Timestamp) -> Result<usize> {
        self.book(move |tx| {
            let mut new = 0;
            for (sale_id, twins) in &checked {
                for twin in twins {
                    let warning = warning(tx, *sale_id, twin)?;
                    if warnings::raise(tx, &warning, now)? {
                        new += 1;
                        // Always logged, whether or not the manager is told.
                        tracing::warn!(
                            %sale_id, twin = %twin.sale_id, seconds_apart = twin.seconds_apart,
                            listed = warning.listed, "possible duplicate: {}", warning.message
                        );
                    }
                }
            }
            let sales: Vec<SaleId> = checked.iter().map(|(sale_id, _)| *sale_id).collect();
            duplicate_checks::settle(tx, &sales)?;
            Ok(new)
        })
    }

    fn cursor(&self, collection: Collection) -> Result<Option<Timestamp>> {
        let name = collection.as_str();
        let (state, mut unread) =
            self.read(|conn| Ok::<_, AppError>((sync_state::get(conn)?, unreadable::get(conn)?)))?;
        // What another version could not read, this one may. Whatever ends the reading, it begins there again.
        if unread.begin_anew(name, VERSION) {
            self.book(move |tx| {
                set_cursor(tx, collection, BEGIN)?;
                Ok(unreadable::set(tx, &unread)?)
            })?;
            return Ok(None);
        }
        Ok(match collection {
            Collection::Sales => None,
            Collection::SaleConflicts => state.conflicts_cursor,
            Collection::SaleResolutions => state.resolutions_cursor,
        })
    }

    fn note(&self, collection: Collection, found: Vec<Found>, cursor: Timestamp) -> Result<()> {
        self.book(move |tx| {
            let own: Vec<String> = register::all(tx)?
                .iter()
                .map(|one| one.register_id.to_string())
                .collect();
            let known = unreadable::get(tx)?;
            let mut all = known.clone();
            for found in &found {
                note_one(tx, &own, &mut all, found)?;
            }
            if all != known {
                unreadable::set(tx, &all)?;
            }
            Ok(set_cursor(tx, collection, cursor)?)
        })
    }

    fn is_drained(&self) -> Result<bool> {
        self.read(|conn| {
            let counts = outbox::counts(conn)?;
            Ok(counts.pending == 0 && counts.in_flight == 0 && !duplicate_checks::any(conn)?)
        })
    }

    fn status(&self, now: Timestamp) -> Result<SyncStatus> {
        self.read(move |conn| status::of_database(conn, now))
    }

    fn status_from_outside(&self, now: Timestamp) -> Result<SyncStatus> {
        status::from_outside(self, now)
    }

    fn say(&self, said: Said) -> Result<()> {
        // Looked at before it is written: a register that starts again and again says nothing new.
        if self.read(sync_state::said::<Said>)?.as_ref() == Some(&said) {
            return Ok(());
        }
        self.write(move |tx| Ok(sync_state::say(tx, &said)?))
    }

    fn wishes(&self) -> Result<i64> {
        Ok(self.read(sync_state::wishes)?)
    }

    fn wish(&self) -> Result<()> {
        self.write(|tx| Ok(sync_state::wish(tx)?))
    }
}

fn set_cursor(
    tx: &Transaction<'_>,
    collection: Collection,
    cursor: Timestamp,
) -> Result<(), StoreError> {
    match collection {
        Collection::Sales => Ok(()),
        Collection::SaleConflicts => sync_state::set_conflicts_cursor(tx, cursor),
        Collection::SaleResolutions => sync_state::set_resolutions_cursor(tx, cursor),
    }
}

fn check(owed: duplicate_checks::OwedCheck) -> OwedCheck {
    OwedCheck {
        sale_id: owed.sale_id,
        fingerprint: owed.fingerprint,
        sold_at: owed.sold_at,
    }
}

/// The warning about a sale and its twin; this register's sale stands first.
fn warning(tx: &Transaction<'_>, sale_id: SaleId, twin: &Twin) -> Result<NewWarning, StoreError> {
    let own = sales::by_id(tx, sale_id)?
        .map(|sale| sale.record)
        .unwrap_or_default();
    let text = |fields: &Fields, name: &str| {
        fields
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or("unknown")
            .to_owned()
    };
    let both = |name: &str| [text(&own, name), text(&twin.fields, name)];
    let is_muted = match field(&own, "fingerprint") {
        Some(fingerprint) => duplicates::is_muted(tx, fingerprint)?,
        None => false,
    };
    let numbers = both("receiptNumber");
    let message = format!(
        "Receipts {} and {} have the same goods, paid the same way, {} s apart. Both stay.",
        numbers[0], numbers[1], twin.seconds_apart
    );
    let details = json!({
        "saleIds": [sale_id, twin.sale_id],
        "receiptNumbers": numbers,
        "registers": both("registerId"),
        "total": twin.fields.get("total"),
        "secondsApart": twin.seconds_apart,
    });
    let details = details.as_object().cloned().unwrap_or_default();
    Ok(NewWarning {
        sales: [sale_id, twin.sale_id],
        message,
        details,
        listed: twin.listed && !is_muted,
    })
}
