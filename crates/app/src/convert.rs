//! Between what the core means and what crosses its edge.

use counterfoil_domain::cart::{Discount, Unit};
use counterfoil_domain::pricing::{DiscountValue, PricingError};
use counterfoil_domain::tax::TaxTotal;
use counterfoil_domain::tender::{Method, Tender, TenderError, TenderIntent};
use counterfoil_domain::{Amount, Currency};
use counterfoil_store::table::products;

use crate::dto::{
    DiscountInput, Product, ProductUnit, SaleTenderView, TaxRow, TenderInput, TenderMethod,
};
use crate::error::{AppError, ErrorCode, Result};

pub(crate) const fn unit(unit: Unit) -> ProductUnit {
    match unit {
        Unit::Piece => ProductUnit::Piece,
        Unit::Kilogram => ProductUnit::Kg,
    }
}

pub(crate) const fn method(method: Method) -> TenderMethod {
    match method {
        Method::Cash => TenderMethod::Cash,
        Method::Card => TenderMethod::Card,
        Method::Voucher => TenderMethod::Voucher,
        Method::Other => TenderMethod::Other,
    }
}

pub(crate) fn intents(tenders: &[TenderInput]) -> Vec<TenderIntent> {
    let intent = |tender: &TenderInput| TenderIntent {
        method: match tender.method {
            TenderMethod::Cash => Method::Cash,
            TenderMethod::Card => Method::Card,
            TenderMethod::Voucher => Method::Voucher,
            TenderMethod::Other => Method::Other,
        },
        amount: tender.amount.into(),
        reference: tender.reference.clone(),
        last4: tender.last4.clone(),
    };
    tenders.iter().map(intent).collect()
}

pub(crate) fn tender_view(tender: &Tender) -> SaleTenderView {
    SaleTenderView {
        method: method(tender.method),
        amount: tender.amount.into(),
        reference: tender.reference.clone(),
        last4: tender.last4.clone(),
    }
}

pub(crate) fn tax_row(tax: &TaxTotal) -> TaxRow {
    TaxRow {
        code: tax.code.clone(),
        rate: tax.rate.to_string(),
        net: tax.net.into(),
        tax: tax.tax.into(),
        gross: tax.gross.into(),
    }
}

/// A discount as it was typed; one that takes nothing off is none.
pub(crate) fn discount(input: Option<&DiscountInput>) -> Result<Option<Discount>> {
    let discount = match input {
        None => return Ok(None),
        Some(DiscountInput::Percent { value }) => Discount::Percent(
            value
                .parse()
                .map_err(|e| AppError::invalid(format!("the discount: {e}")))?,
        ),
        Some(DiscountInput::Amount { value }) => Discount::Amount((*value).into()),
    };
    Ok(Some(discount).filter(|discount| !discount.is_zero()))
}

pub(crate) fn discount_view(discount: Discount) -> DiscountInput {
    match discount {
        Discount::Percent(rate) => DiscountInput::Percent {
            value: rate.to_string(),
        },
        Discount::Amount(amount) => DiscountInput::Amount {
            value: amount.into(),
        },
    }
}

/// A discount's kind and value as the record spells them.
pub(crate) fn discount_spelling(value: DiscountValue) -> (String, String) {
    match value {
        DiscountValue::Percent(rate) => ("percent".to_owned(), rate.to_string()),
        DiscountValue::Amount(amount) => ("amount".to_owned(), amount.to_string()),
    }
}

pub(crate) fn product(product: &products::Product) -> Product {
    let listed = &product.listed;
    Product {
        product_id: product.product_id.to_string(),
        sku: listed.sku.clone(),
        barcodes: listed.barcodes.clone(),
        name: listed.name.clone(),
        category: listed.category.clone(),
        price: listed.price.into(),
        cost: listed.cost.map(Into::into),
        tax_codes: listed.tax_codes.clone(),
        unit: unit(listed.unit),
        stock: product.stock.to_string(),
    }
}

/// What a pricing error means at the till; amounts in the currency's own spelling.
pub(crate) fn pricing_error(error: &PricingError, currency: Currency) -> AppError {
    use ErrorCode as Code;
    let money = |amount: &Amount| format!("{} {currency}", currency.format(*amount));
    let plain = error.to_string();
    let (code, message) = match error {
        PricingError::TooManyLines { .. }
        | PricingError::TooMuchText { .. }
        | PricingError::TextTooLong { .. } => (Code::CartTooLarge, plain),
        PricingError::QuantityNotPositive { .. } => (Code::InvalidQuantity, plain),
        PricingError::NegativePrice { line, price } => (
            Code::InvalidAmount,
            format!("line {line}: a price cannot be negative ({})", money(price)),
        ),
        PricingError::NegativeCost { .. } | PricingError::NegativeDiscount { .. } => {
            (Code::InvalidAmount, plain)
        }
        PricingError::PercentTooLarge { .. } => (Code::DiscountTooLarge, plain),
        PricingError::DiscountTooLarge {
            line,
            discount,
            amount,
        } => (
            Code::DiscountTooLarge,
            format!(
                "line {line}: the discount of {} is more than the line, {}",
                money(discount),
                money(amount)
            ),
        ),
        PricingError::CartDiscountTooLarge { discount, amount } => (
            Code::DiscountTooLarge,
            format!(
                "the discount of {} is more than the sale, {}; change the discount first",
                money(discount),
                money(amount)
            ),
        ),
        PricingError::CardNumber { .. } => (Code::CardNumberRefused, plain),
        PricingError::TooLarge { .. } => (Code::AmountTooLarge, plain),
        PricingError::TooManyTaxes { .. }
        | PricingError::TaxTwice { .. }
        | PricingError::TaxTooManyMixes { .. } => (Code::InvalidInput, plain),
    };
    AppError::new(code, message)
}

/// What a tender error means at the till.
pub(crate) fn tender_error(error: &TenderError, currency: Currency) -> AppError {
    use ErrorCode as Code;
    let money = |amount: &Amount| format!("{} {currency}", currency.format(*amount));
    let plain = error.to_string();
    match error {
        TenderError::TooSmall { due, paid } => AppError::new(
            Code::PaymentTooSmall,
            format!(
                "{} was paid of {}; nothing is booked",
                money(paid),
                money(due)
            ),
        )
        .with_details(serde_json::json!({ "due": due, "paid": paid })),
        TenderError::MissingReference { .. } => AppError::new(Code::ReferenceMissing, plain),
        TenderError::CardNumber { .. } => AppError::new(Code::CardNumberRefused, plain),
        TenderError::InvalidLast4 { .. } | TenderError::ReferenceTooLong { .. } => {
            AppError::new(Code::InvalidInput, plain)
        }
        TenderError::NotPositive { .. } | TenderError::NegativeTotal { .. } => {
            AppError::new(Code::InvalidAmount, plain)
        }
        TenderError::ExceedsDue {
            tender,
            method,
            amount,
            left,
        } => AppError::new(
            Code::TenderExceedsDue,
            format!(
                "tender {tender}: {} by {} is more than what is left, {}",
                money(amount),
                method.as_str(),
                money(left)
            ),
        ),
        TenderError::TooMany { .. } => AppError::new(Code::CartTooLarge, plain),
        TenderError::TooLarge => AppError::new(Code::AmountTooLarge, plain),
    }
}
