//! A till over a folder of its own, with a clock that stands where it is put.

#![allow(dead_code, reason = "every test file uses a part of this")]
#![allow(clippy::unwrap_used, reason = "a test may")]

pub(crate) mod cloud;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use counterfoil_app::clock::RandomIds;
use counterfoil_app::dto::{
    CheckoutInput, DiscountInput, ImportInput, Minor, SaleView, SetUpInput, TaxRoundingInput,
    TenderInput, TenderMethod,
};
use counterfoil_app::{ErrorCode, ImportOptions, OfferedCart, Places, Sale, Till};
use counterfoil_domain::{Clock, Timestamp};
use tempfile::TempDir;

/// 2026-11-22T14:02:13Z.
pub(crate) const NOON: i64 = 1_795_356_133_000;

/// A clock that goes on by a second whenever it is read.
#[derive(Debug)]
pub(crate) struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.fetch_add(1000, Ordering::SeqCst))
    }
}

pub(crate) const CATALOGUE: &str = "\
sku,barcode,name,category,price,cost,tax,stock,reorder,unit
MILK,2000000000015|4012345678901,Oat milk 1 l,Dairy,2.49,1.20,20,10,4,piece
ROLL,2000000000022,Bread roll,Bakery,0.35,0.10,5,100,,piece
BAN,2000000000039,Bananas,Fruit,1.99,0.90,10,25.5,5,kg
BAG,,Paper bag,,0,,20,,,piece
BOOK,2000000000046,Cookbook,Books,25.00,12.00,20|5,3,,piece
";

/// A folder with a till on it.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) dir: TempDir,
    pub(crate) till: Till,
}

pub(crate) fn set_up_input() -> SetUpInput {
    SetUpInput {
        store_name: "Corner shop".to_owned(),
        currency: "EUR".to_owned(),
        register_name: "Till 1".to_owned(),
        receipt_prefix: "A".to_owned(),
        prices_include_tax: true,
        tax_rounding: TaxRoundingInput::Line,
        cash_rounding: None,
        time_zone: "Europe/Berlin".to_owned(),
        day_start: "04:00".to_owned(),
        demo: false,
    }
}

pub(crate) fn open(dir: &Path) -> Till {
    Till::open(
        &Places::within(dir),
        Arc::new(Ticking(AtomicI64::new(NOON))),
        Arc::new(RandomIds),
    )
    .unwrap()
}

/// A shop with [`CATALOGUE`].
pub(crate) fn shop() -> Shop {
    shop_with(set_up_input())
}

pub(crate) fn shop_with(input: SetUpInput) -> Shop {
    let dir = tempfile::tempdir().unwrap();
    let till = open(dir.path());
    till.set_up_store(input).unwrap();
    let report = till
        .import_catalogue_bytes(CATALOGUE.as_bytes(), ImportOptions::default(), |_| {})
        .unwrap();
    assert!(report.imported, "{report:?}");
    Shop { dir, till }
}

pub(crate) fn import(csv: &str) -> ImportInput {
    ImportInput {
        csv: csv.to_owned(),
        ..ImportInput::default()
    }
}

pub(crate) fn minor(amount: i64) -> Minor {
    Minor::try_from(amount).unwrap()
}

pub(crate) fn cash(amount: i64) -> TenderInput {
    tender(TenderMethod::Cash, amount, None)
}

pub(crate) fn tender(method: TenderMethod, amount: i64, reference: Option<&str>) -> TenderInput {
    let reference = reference.map(str::to_owned);
    TenderInput {
        method,
        amount: minor(amount),
        reference,
        last4: None,
    }
}

pub(crate) fn percent(value: &str) -> Option<DiscountInput> {
    Some(DiscountInput::Percent {
        value: value.to_owned(),
    })
}

pub(crate) fn off(amount: i64) -> Option<DiscountInput> {
    Some(DiscountInput::Amount {
        value: minor(amount),
    })
}

pub(crate) fn pay(cart_id: &str, tenders: Vec<TenderInput>) -> CheckoutInput {
    CheckoutInput {
        cart_id: cart_id.to_owned(),
        tenders,
        cashier: "Anna".to_owned(),
    }
}

/// Pays the open cart.
pub(crate) fn sell(till: &Till, tenders: Vec<TenderInput>) -> SaleView {
    let cart = till.cart().unwrap();
    let done = till.process_checkout(pay(&cart.cart_id, tenders));
    done.unwrap().sale
}

/// One oat milk in cash.
pub(crate) const CART: &str =
    r#"{"lines":[{"sku":"MILK","quantity":"1"}],"tenders":[{"method":"cash","amount":249}]}"#;

/// Rings up a cart that is written as JSON.
pub(crate) fn ring(till: &Till, cart: &str) -> Result<Sale, counterfoil_app::AppError> {
    till.checkout(OfferedCart::parse(cart)?)
}

pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, counterfoil_app::AppError>) -> ErrorCode {
    result.expect_err("this is refused").code
}

pub(crate) fn stock(till: &Till, sku: &str) -> String {
    let page = till.stock_list().unwrap();
    page.items
        .into_iter()
        .find(|item| item.sku == sku)
        .unwrap()
        .on_hand
}
