//! Finding products among 50,000, and importing them.
//!
//! Goals: a barcode under 50 µs, a search as you type under 5 ms, the import under 10 s.
#![allow(missing_docs, reason = "criterion's macros make public functions")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot start ends")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use counterfoil_app::clock::{RandomIds, SystemClock};
use counterfoil_app::dto::{SetUpInput, TaxRoundingInput};
use counterfoil_app::{ImportOptions, Places, Till};
use counterfoil_store::Store;
use counterfoil_store::table::{product_search, products};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};

const PRODUCTS: usize = 50_000;

/// What a cashier types, letter by letter, and with a second word.
const TYPED: [&str; 6] = ["m", "mi", "mil", "milk", "milk 1", "organic milk"];

fn empty_till(dir: &Path) -> Till {
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
        demo: false,
    })
    .unwrap();
    till
}

fn import(till: &Till, csv: &str) {
    let report = till
        .import_catalogue_bytes(csv.as_bytes(), ImportOptions::default(), |_| {})
        .unwrap();
    assert_eq!(usize::try_from(report.added).unwrap(), PRODUCTS);
}

fn catalogue(c: &mut Criterion) {
    let csv = xtask::products::csv(PRODUCTS, xtask::products::SEED).unwrap();
    let dir = tempfile::tempdir().unwrap();
    import(&empty_till(dir.path()), &csv);
    let store = Store::open_read_only(dir.path()).unwrap();
    let conn = store.connection();
    let mut barcodes = Vec::new();
    products::for_each::<counterfoil_store::StoreError>(conn, |product| {
        barcodes.extend(product.listed.barcodes);
        Ok(())
    })
    .unwrap();

    let mut group = c.benchmark_group("catalogue of 50,000");
    let mut next = 0;
    group.bench_function("barcode", |b| {
        b.iter(|| {
            // A prime step: every lookup is of another part of the catalogue.
            next = (next + 7_919) % barcodes.len();
            let found = products::by_barcode(conn, black_box(&barcodes[next])).unwrap();
            assert!(found.is_some());
        });
    });
    for typed in TYPED {
        group.bench_with_input(BenchmarkId::new("search", typed), typed, |b, typed| {
            b.iter(|| product_search::search(conn, black_box(typed), 30).unwrap());
        });
    }
    group.sample_size(10);
    group.bench_function("import", |b| {
        b.iter_batched(
            || {
                let dir = tempfile::tempdir().unwrap();
                (empty_till(dir.path()), dir)
            },
            |(till, dir)| {
                import(&till, &csv);
                (till, dir)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, catalogue);
criterion_main!(benches);
