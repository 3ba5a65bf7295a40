//! A shop with one register and two products on a real file, for the tests of this crate.

#![allow(dead_code, reason = "every test program uses a part of it")]

pub(crate) mod cloud;

use counterfoil_domain::cart::TaxRate;
use counterfoil_domain::pricing::TaxRounding;
use counterfoil_domain::rounding::HalfRule;
use counterfoil_domain::sale::{SaleInput, SealedSale, content_digest, seal};
use counterfoil_domain::tender::settle;
use counterfoil_domain::time::DayRule;
use counterfoil_domain::{
    Amount, Cart, CartId, CartLine, Currency, Digest, Method, PricingRules, ProductId, Quantity,
    Rate, ReceiptNumber, ReceiptPrefix, RegisterId, SaleId, SaleRecord, TenderIntent, Timestamp,
    Unit, price,
};
use counterfoil_store::table::products::NewProduct;
use counterfoil_store::table::register::Register;
use counterfoil_store::table::stock_movements::{Movement, MovementKind};
use counterfoil_store::table::tax_codes::TaxCode;
use counterfoil_store::table::{journal, products, register, sales, tax_codes};
use counterfoil_store::{NewSale, Stock, Store, StoreError, Upload, record_sale};
use rusqlite::{Connection, Transaction};
use tempfile::TempDir;
use uuid::Uuid;

/// When all of it happens: 2026-11-22 14:00 UTC.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_795_356_000_000);

/// A shop's folder and its open database. The folder goes when this goes.
pub(crate) struct Shop {
    pub(crate) dir: TempDir,
    pub(crate) store: Store,
}

/// A shop that is set up: register A, a tax code, coffee by the piece and beans by weight.
pub(crate) fn shop() -> Shop {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(dir.path(), NOW).expect("a new database");
    store.write(set_up).expect("a shop");
    Shop { dir, store }
}

fn set_up(tx: &Transaction<'_>) -> Result<(), StoreError> {
    register::make_current(tx, &register_named("A", 1))?;
    let rate = "20".parse().expect("a rate");
    tax_codes::set(
        tx,
        &TaxCode {
            code: "VAT".to_owned(),
            rate,
        },
    )?;
    products::upsert(tx, &product("COFFEE", "Espresso", 250), NOW)?;
    products::upsert(tx, &product("BEANS", "Café-Bohnen", 1990), NOW)?;
    Ok(())
}

pub(crate) fn register_named(prefix: &str, id: u128) -> Register {
    Register {
        register_id: RegisterId::new(Uuid::from_u128(id)),
        name: format!("Till {prefix}"),
        prefix: ReceiptPrefix::new(prefix).expect("a prefix"),
        installation_id: None,
        since: NOW,
    }
}

pub(crate) fn product(sku: &str, name: &str, price: i64) -> NewProduct {
    NewProduct {
        sku: sku.to_owned(),
        barcodes: vec![format!("20{sku}")],
        name: name.to_owned(),
        category: "Café".to_owned(),
        price: Amount::new(price).expect("a price"),
        cost: None,
        tax_codes: vec!["VAT".to_owned()],
        unit: Unit::Piece,
        reorder: None,
    }
}

/// The rules that the shop reckons by.
pub(crate) const RULES: PricingRules = PricingRules {
    prices_include_tax: true,
    tax_rounding: TaxRounding::Line,
    half: HalfRule::Up,
    cash_rounding: None,
};

/// A cart of so many espressos, paid with what it costs.
pub(crate) fn cart(seed: u128, pieces: i64) -> (Cart, TenderIntent) {
    let quantity = Quantity::new(pieces * 1000).expect("a quantity");
    let mut cart = Cart::empty(CartId::new(Uuid::from_u128(seed << 8)));
    cart.lines.push(CartLine {
        product_id: ProductId::of_sku("COFFEE"),
        sku: "COFFEE".to_owned(),
        name: "Espresso".to_owned(),
        unit: Unit::Piece,
        quantity,
        unit_price: Amount::new(250).expect("a price"),
        unit_cost: None,
        taxes: vec![TaxRate {
            code: "VAT".to_owned(),
            rate: Rate::from_ppm(200_000).expect("20 %"),
        }],
        discount: None,
        note: None,
    });
    let amount = Amount::new(250 * pieces).expect("an amount");
    (
        cart,
        TenderIntent {
            method: Method::Cash,
            amount,
            reference: None,
            last4: None,
        },
    )
}

pub(crate) fn sale_id(seed: u128) -> SaleId {
    SaleId::new(Uuid::from_u128((seed << 8) | 1))
}

/// Seals the sale of [`cart`] as the register's next.
pub(crate) fn sealed(
    tx: &Transaction<'_>,
    seed: u128,
    pieces: i64,
) -> Result<(SealedSale, Digest), StoreError> {
    let register = register::require(tx)?;
    let sequence = sales::next_receipt(tx, register.register_id)?;
    let (cart, tender) = cart(seed, pieces);
    let priced = price(&cart, &RULES).expect("a price");
    let settlement =
        settle(priced.total, std::slice::from_ref(&tender), &RULES).expect("a settlement");
    let content = content_digest(&cart, &[tender]).expect("a content");
    let day = DayRule::new("Europe/Berlin", "04:00").expect("a day");
    let record = SaleRecord::new(SaleInput {
        sale_id: sale_id(seed),
        cart,
        priced,
        settlement,
        register_id: register.register_id,
        receipt_number: ReceiptNumber::new(&register.prefix, sequence),
        receipt_sequence: sequence,
        business_day: day.business_day(NOW),
        time_zone: "Europe/Berlin".to_owned(),
        sold_at: NOW.plus_ms(sequence),
        shift_id: None,
        cashier_id: "anna".to_owned(),
        cashier_name: "Anna".to_owned(),
        currency: Currency::parse("EUR").expect("a currency"),
        prices_include_tax: true,
    });
    let head = journal::head(tx, register.register_id)?;
    let fields = record.to_fields().expect("a document");
    Ok((
        seal(fields, head, register.register_id).expect("a seal"),
        content,
    ))
}

pub(crate) fn sold(pieces: i64) -> Movement {
    Movement {
        product_id: ProductId::of_sku("COFFEE"),
        kind: MovementKind::Sold,
        change: Stock::from_thousandths(-1000 * pieces),
        line: Some(1),
        reason: None,
    }
}

/// Rings up so many espressos, in one transaction as the till does.
pub(crate) fn ring_up(store: &mut Store, seed: u128, pieces: i64) -> Result<SaleId, StoreError> {
    store.write(|tx| {
        let (sealed, content_digest) = sealed(tx, seed, pieces)?;
        let movements = [sold(pieces)];
        let sale = NewSale {
            sealed: &sealed,
            content_digest,
            movements: &movements,
            upload: Upload::Alone,
        };
        record_sale(tx, &sale, NOW)?;
        Ok(sale_id(seed))
    })
}

/// How many rows every table has: equal before and after whatever failed.
pub(crate) fn row_counts(conn: &Connection) -> Vec<(String, i64)> {
    let mut names = conn
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table'
             AND name NOT LIKE 'product_words%' AND name NOT LIKE 'sqlite_%' ORDER BY name",
        )
        .expect("the schema");
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))
        .expect("tables")
        .collect::<Result<_, _>>()
        .expect("names");
    names
        .into_iter()
        .map(|name| {
            let count = conn
                .query_row(&format!("SELECT count(*) FROM {name}"), [], |row| {
                    row.get(0)
                })
                .expect("a count");
            (name, count)
        })
        .collect()
}
