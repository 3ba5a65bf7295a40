//! What the cloud bills for this register: sums by month and purpose, a handful of rows a year.

use counterfoil_domain::Timestamp;
use counterfoil_sync::{Bill, Purpose, Spent};
use rusqlite::{Connection, Row, Transaction, params};

use crate::column;
use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "
CREATE TABLE sync_costs (
    month TEXT NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    purpose TEXT NOT NULL
        CHECK (purpose IN ('upload', 'duplicates', 'others', 'session', 'reconcile')),
    reads INTEGER NOT NULL CHECK (reads >= 0),
    writes INTEGER NOT NULL CHECK (writes >= 0),
    sales INTEGER NOT NULL CHECK (sales >= 0),
    PRIMARY KEY (month, purpose)
) STRICT, WITHOUT ROWID;
";

/// What one purpose has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// What for.
    pub purpose: Purpose,
    /// What was billed.
    pub spent: Spent,
    /// The sales that landed by it; 0 but for the upload.
    pub sales: u64,
}

/// What is known of the costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// Since they are counted, by purpose.
    pub total: Vec<Cost>,
    /// The month that it is, `2026-11`; none while nothing was ever billed.
    pub month: Option<String>,
    /// That month's, by purpose.
    pub of_month: Vec<Cost>,
}

/// Adds a bill to the month of `now` (UTC), and `sales` that landed.
pub fn add(
    tx: &Transaction<'_>,
    bill: &Bill,
    sales: u64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let month = month_of(now);
    for (purpose, spent) in bill.iter() {
        let landed = if purpose == Purpose::Upload { sales } else { 0 };
        tx.prepare_cached(
            "INSERT INTO sync_costs (month, purpose, reads, writes, sales)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (month, purpose) DO UPDATE SET reads = reads + excluded.reads,
                 writes = writes + excluded.writes, sales = sales + excluded.sales",
        )?
        .execute(params![
            month,
            column::spelling(&purpose),
            narrow(spent.reads),
            narrow(spent.writes),
            narrow(landed)
        ])?;
    }
    Ok(())
}

/// What was billed since it is counted, by purpose.
pub fn total(conn: &Connection) -> Result<Vec<Cost>, StoreError> {
    let mut all = conn.prepare_cached(
        "SELECT purpose, sum(reads), sum(writes), sum(sales) FROM sync_costs GROUP BY purpose",
    )?;
    in_order(all.query_map([], cost)?)
}

/// All that is known, with the month of `now` (UTC): a clock that once stood in another month has left sums there, which
/// are in the total and nowhere else.
pub fn get(conn: &Connection, now: Timestamp) -> Result<Costs, StoreError> {
    let total = total(conn)?;
    let month = (!total.is_empty()).then(|| month_of(now));
    let mut one = conn
        .prepare_cached("SELECT purpose, reads, writes, sales FROM sync_costs WHERE month = ?1")?;
    let of_month = in_order(one.query_map([&month], cost)?)?;
    Ok(Costs {
        total,
        month,
        of_month,
    })
}

/// What matters most first: the purposes in the order in which they are declared.
fn in_order(rows: impl Iterator<Item = rusqlite::Result<Cost>>) -> Result<Vec<Cost>, StoreError> {
    let mut costs: Vec<Cost> = rows.collect::<Result<_, _>>()?;
    costs.sort_by_key(|cost| cost.purpose);
    Ok(costs)
}

fn cost(row: &Row<'_>) -> rusqlite::Result<Cost> {
    let count = |index| Ok::<_, rusqlite::Error>(row.get::<_, i64>(index)?.unsigned_abs());
    Ok(Cost {
        purpose: column::spelt(row, 0)?,
        spent: Spent {
            reads: count(1)?,
            writes: count(2)?,
        },
        sales: count(3)?,
    })
}

/// The first seven letters of the time, whose year always has four.
fn month_of(now: Timestamp) -> String {
    now.to_string().chars().take(7).collect()
}

fn narrow(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
