//! The lists of a sale's fields are those of the record itself.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::collections::BTreeSet;

use common::{cart, cash, included, line, register, sale};
use counterfoil_domain::cart::TaxExempt;
use counterfoil_domain::sale::seal;
use counterfoil_domain::shape::{OPTIONAL, REQUIRED};
use counterfoil_domain::{Amount, SaleRecord};

fn names(record: &SaleRecord) -> BTreeSet<String> {
    let sealed = seal(record.to_fields().unwrap(), None, register()).unwrap();
    sealed.fields.keys().cloned().collect()
}

fn plain() -> SaleRecord {
    sale(&cart([line("1", 250, "20")]), &[cash(250)], &included())
}

/// Every field named, so that a new one does not compile before it is in a list.
fn full() -> SaleRecord {
    let plain = plain();
    SaleRecord {
        schema: plain.schema,
        sale_id: plain.sale_id,
        cart_id: plain.cart_id,
        register_id: plain.register_id,
        receipt_number: plain.receipt_number,
        receipt_sequence: plain.receipt_sequence,
        business_day: plain.business_day,
        time_zone: plain.time_zone,
        sold_at: plain.sold_at,
        shift_id: Some("shift".to_owned()),
        cashier_id: plain.cashier_id,
        cashier_name: plain.cashier_name,
        currency: plain.currency,
        prices_include_tax: plain.prices_include_tax,
        lines: plain.lines,
        discounts: plain.discounts,
        taxes: plain.taxes,
        total: plain.total,
        rounding: plain.rounding,
        tip: Amount::new(50).unwrap(),
        tenders: plain.tenders,
        change_due: plain.change_due,
        tax_exempt: Some(TaxExempt {
            reason: "embassy".to_owned(),
            certificate: None,
        }),
        customer: Some("a digest".to_owned()),
        cancels: Some(plain.sale_id),
        original_sale_id: Some(plain.sale_id),
        original_digest: Some(counterfoil_domain::Digest::ZERO),
    }
}

#[test]
fn a_plain_sale_has_what_is_required_and_nothing_else() {
    let required: BTreeSet<String> = REQUIRED.map(str::to_owned).into();
    assert_eq!(names(&plain()), required);
}

#[test]
fn a_full_sale_has_every_field_of_both_lists() {
    let all = REQUIRED.iter().chain(&OPTIONAL);
    let all: BTreeSet<String> = all.map(|name| (*name).to_owned()).collect();
    assert_eq!(names(&full()), all);
}
