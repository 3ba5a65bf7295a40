//! Carts and sales for tests, short to write.

#![allow(dead_code, clippy::unwrap_used, missing_docs, unreachable_pub)]

use counterfoil_domain::cart::TaxRate;
use counterfoil_domain::pricing::PricingRules;
use counterfoil_domain::reversal::{ReversalInput, copy_id, reversal_of};
use counterfoil_domain::sale::{Restock, SaleInput};
use counterfoil_domain::tender::settle;
use counterfoil_domain::time::DayRule;
use counterfoil_domain::{
    Amount, Cart, CartId, CartLine, Currency, Digest, Method, ProductId, ReceiptNumber,
    ReceiptPrefix, RegisterId, SaleId, SaleRecord, TenderIntent, Timestamp, Unit, price,
};
use uuid::Uuid;

/// Prices include tax, per line, half up.
pub fn included() -> PricingRules {
    PricingRules::INCLUDED
}

/// Tax is added.
pub fn added() -> PricingRules {
    PricingRules {
        prices_include_tax: false,
        ..PricingRules::INCLUDED
    }
}

pub fn taxed(quantity: &str, price: i64, taxes: &[(&str, &str)]) -> CartLine {
    let tax = |(code, rate): &(&str, &str)| TaxRate {
        code: (*code).to_owned(),
        rate: rate.parse().unwrap(),
    };
    CartLine {
        product_id: ProductId::of_sku("sku"),
        sku: "sku".to_owned(),
        name: "Something".to_owned(),
        unit: Unit::Piece,
        quantity: quantity.parse().unwrap(),
        unit_price: Amount::new(price).unwrap(),
        unit_cost: None,
        taxes: taxes.iter().map(tax).collect(),
        discount: None,
        note: None,
    }
}

pub fn line(quantity: &str, price: i64, rate: &str) -> CartLine {
    taxed(quantity, price, &[(&format!("V{rate}"), rate)])
}

pub fn cart(lines: impl IntoIterator<Item = CartLine>) -> Cart {
    let mut cart = Cart::empty(CartId::new(Uuid::from_u128(0xca27)));
    cart.lines.extend(lines);
    cart
}

pub fn tender(method: Method, amount: i64) -> TenderIntent {
    let reference = (method == Method::Card).then(|| "T-1".to_owned());
    TenderIntent {
        method,
        amount: Amount::new(amount).unwrap(),
        reference,
        last4: None,
    }
}

pub fn cash(amount: i64) -> TenderIntent {
    tender(Method::Cash, amount)
}

pub fn card(amount: i64) -> TenderIntent {
    tender(Method::Card, amount)
}

pub fn register() -> RegisterId {
    RegisterId::new(Uuid::from_u128(0x4e61))
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A sale in Berlin of `cart`, paid with `tenders`.
pub fn sale(cart: &Cart, tenders: &[TenderIntent], rules: &PricingRules) -> SaleRecord {
    let priced = price(cart, rules).unwrap();
    let settlement = settle(priced.total, tenders, rules).unwrap();
    let sold_at = at("2026-11-22T23:30:00.250Z");
    SaleRecord::new(SaleInput {
        sale_id: SaleId::new(Uuid::from_u128(0x5a1e)),
        cart: cart.clone(),
        priced,
        settlement,
        register_id: register(),
        receipt_number: ReceiptNumber::new(&ReceiptPrefix::new("A").unwrap(), 1),
        receipt_sequence: 1,
        business_day: DayRule::new("Europe/Berlin", "04:00")
            .unwrap()
            .business_day(sold_at),
        time_zone: "Europe/Berlin".to_owned(),
        sold_at,
        shift_id: None,
        cashier_id: "mo".to_owned(),
        cashier_name: "Mo".to_owned(),
        currency: Currency::parse("EUR").unwrap(),
        prices_include_tax: rules.prices_include_tax,
    })
}

/// The full reversal of `sale`, everything back to the shelf.
pub fn reversal(sale: &SaleRecord) -> SaleRecord {
    let copy = copy_id(
        sale.sale_id,
        Digest::of_sale(&sale.to_fields().unwrap()).unwrap(),
    );
    let input = ReversalInput {
        register_id: sale.register_id,
        receipt_number: ReceiptNumber::new(&ReceiptPrefix::new("A").unwrap(), 2),
        receipt_sequence: 2,
        business_day: sale.business_day.clone(),
        time_zone: sale.time_zone.clone(),
        sold_at: sale.sold_at.plus_ms(60_000),
        shift_id: None,
        cashier_id: "lee".to_owned(),
        cashier_name: "Lee".to_owned(),
        card_reference: Some("R-9".to_owned()),
    };
    reversal_of(sale, copy, input, |_| Restock::Shelf).unwrap()
}
