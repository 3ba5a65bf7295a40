//! What `processCheckout` costs over the disk's own price: a sale of five lines against a bare
//! transaction that writes the very same rows into the same tables, WAL and `synchronous=FULL`:
//! those that a sale adds, and the levels of stock and the last change that it moves.
//!
//! Goal: at most 1.5 times the bare transaction.
#![allow(missing_docs, reason = "criterion's macros make public functions")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot start ends")]

use std::path::Path;
use std::sync::Arc;

use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::dto::{SetUpInput, TaxRoundingInput};
use counterfoil_app::{OfferedCart, Places, Till};
use counterfoil_domain::IdSource as _;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rusqlite::types::Value;
use rusqlite::{Connection, TransactionBehavior, params_from_iter};
use uuid::Uuid;

/// The tables of a sale, parents first.
const TABLES: [&str; 9] = [
    "sales",
    "sale_lines",
    "sale_line_taxes",
    "sale_taxes",
    "sale_tenders",
    "stock_movements",
    "journal",
    "outbox",
    "sale_requests",
];

fn till(dir: &Path) -> Till {
    let till = Till::open(
        &Places::within(dir),
        Arc::new(SystemClock),
        Arc::new(RandomIds),
    )
    .unwrap();
    till.set_up_store(SetUpInput {
        store_name: "Bench".to_owned(),
        currency: "EUR".to_owned(),
        register_name: "Till 1".to_owned(),
        receipt_prefix: "A".to_owned(),
        prices_include_tax: true,
        tax_rounding: TaxRoundingInput::Line,
        cash_rounding: None,
        time_zone: "Europe/Berlin".to_owned(),
        day_start: "04:00".to_owned(),
        demo: true,
    })
    .unwrap();
    till
}

/// A cart of five different products, paid in cash.
fn cart(skus: &[String]) -> OfferedCart {
    let lines: Vec<String> = skus
        .iter()
        .map(|sku| format!(r#"{{"sku":"{sku}","quantity":"1"}}"#))
        .collect();
    let text = format!(
        r#"{{"cartId":"{}","lines":[{}],"tenders":[{{"method":"cash","amount":1000000}}]}}"#,
        RandomIds.uuid(),
        lines.join(",")
    );
    OfferedCart::parse(&text).unwrap()
}

fn five_skus(till: &Till) -> Vec<String> {
    let category = &till.categories().unwrap()[0].name;
    let products = till.category_products(category, 0, 5).unwrap();
    assert_eq!(products.len(), 5, "the first category holds five products");
    products.into_iter().map(|product| product.sku).collect()
}

/// What a sale changes in rows that are there already.
const MOVED: [&str; 2] = [
    "UPDATE stock_levels SET sold = sold + 1000, through_sequence = through_sequence + 1
     WHERE product_id = ?1 AND register_id = ?2",
    "UPDATE settings SET value = ?2 WHERE name = ?1",
];

/// The rows of one sale, to be written again and again under fresh keys.
struct Rows {
    tables: Vec<(String, Vec<String>, Vec<Vec<Value>>)>,
    levels: Vec<Vec<Value>>,
}

impl Rows {
    /// The rows of the only sale in the database of `dir`.
    fn of_the_only_sale(conn: &Connection) -> Self {
        let tables = TABLES.iter().map(|table| {
            let filter = match *table {
                "stock_movements" => "WHERE sale_id IS NOT NULL",
                "journal" => "WHERE kind = 'sale'",
                _ => "",
            };
            let mut read = conn
                .prepare(&format!("SELECT * FROM {table} {filter}"))
                .unwrap();
            let columns: Vec<String> = read.column_names().into_iter().map(str::to_owned).collect();
            let width = columns.len();
            let rows = read
                .query_map([], |row| (0..width).map(|index| row.get(index)).collect())
                .unwrap()
                .collect::<Result<Vec<Vec<Value>>, _>>()
                .unwrap();
            assert!(!rows.is_empty(), "a sale writes into {table}");
            let marks = vec!["?"; width].join(", ");
            (
                format!("INSERT INTO {table} VALUES ({marks})"),
                columns,
                rows,
            )
        });
        let tables = tables.collect();
        let mut read = conn
            .prepare(
                "SELECT product_id, register_id FROM stock_movements WHERE sale_id IS NOT NULL",
            )
            .unwrap();
        let levels = read
            .query_map([], |row| Ok(vec![row.get(0)?, row.get(1)?]))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        Self { tables, levels }
    }

    /// The same rows as the `n`-th sale.
    fn fresh(&self, n: i64) -> Vec<(&str, Vec<Vec<Value>>)> {
        let id = Uuid::from_u128(u128::from(n.unsigned_abs())).to_string();
        let mut written = Vec::new();
        for (insert, columns, rows) in &self.tables {
            let mut position = 0;
            let rows = rows.iter().map(|row| {
                position += 1;
                columns
                    .iter()
                    .zip(row)
                    .map(|(column, value)| match (column.as_str(), value) {
                        ("entry" | "sale" | "receipt_sequence" | "group_id", Value::Integer(_)) => {
                            Value::Integer(n)
                        }
                        ("sequence", Value::Integer(_)) => Value::Integer(n * 100 + position),
                        ("sale_id" | "cart_id" | "receipt_number", Value::Text(_)) => {
                            Value::Text(id.clone())
                        }
                        _ => value.clone(),
                    })
                    .collect()
            });
            written.push((insert.as_str(), rows.collect()));
        }
        let change = vec![
            Value::Text("lastChange".to_owned()),
            Value::Text(n.to_string()),
        ];
        written.push((MOVED[0], self.levels.clone()));
        written.push((MOVED[1], vec![change]));
        written
    }
}

fn insert(conn: &mut Connection, tables: &[(&str, Vec<Vec<Value>>)]) {
    let tx = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    for (insert, rows) in tables {
        let mut statement = tx.prepare_cached(insert).unwrap();
        for row in rows {
            let written = statement.execute(params_from_iter(row)).unwrap();
            assert_eq!(written, 1, "{insert}");
        }
    }
    tx.commit().unwrap();
}

fn checkout(c: &mut Criterion) {
    let mut group = c.benchmark_group("checkout");
    let (ours, bare) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());

    let model = till(bare.path());
    let skus = five_skus(&model);
    model.checkout(cart(&skus)).unwrap();
    drop(model);
    let mut conn = Connection::open(bare.path().join("counterfoil.db")).unwrap();
    conn.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")
        .unwrap();
    let rows = Rows::of_the_only_sale(&conn);
    let mut n = 1_000_000;
    group.bench_function("bare transaction of the same rows", |b| {
        b.iter_batched(
            || {
                n += 1;
                rows.fresh(n)
            },
            |tables| insert(&mut conn, &tables),
            BatchSize::PerIteration,
        );
    });

    let till = till(ours.path());
    group.bench_function("processCheckout, five lines", |b| {
        b.iter_batched(
            || cart(&skus),
            |cart| till.checkout(cart).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, checkout);
criterion_main!(benches);
