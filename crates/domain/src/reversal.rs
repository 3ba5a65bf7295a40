//! Copies and reversals: how a sale that lost its place in the cloud is recorded there all the same
//! (`docs/SYNC.md`, “The four choices”).

use serde_json::Value;
use uuid::Uuid;

use crate::digest::{Digest, LOCAL};
use crate::document::{DocumentError, Fields};
use crate::ids::{CartId, ReceiptNumber, RegisterId, SaleId};
use crate::money::{Amount, MoneyError};
use crate::pricing::DiscountValue;
use crate::sale::{RefundOf, Restock, SCHEMA, SaleLine, SaleRecord};
use crate::seal::text;
use crate::tender::{Method, Tender};
use crate::time::{BusinessDay, Timestamp};

/// The id of the copy of the sale `original` with `digest`: UUID v5(namespace: the sale's id, name:
/// the digest in hex). Whoever makes it again makes the same.
pub fn copy_id(original: SaleId, digest: Digest) -> SaleId {
    SaleId::new(Uuid::new_v5(
        &original.uuid(),
        digest.to_string().as_bytes(),
    ))
}

/// The id of the reversal of a copy: UUID v5(namespace: the copy's id, name: `reversal`).
pub fn reversal_id(copy: SaleId) -> SaleId {
    SaleId::new(Uuid::new_v5(&copy.uuid(), b"reversal"))
}

/// The cart id of that reversal: UUID v5(namespace: the copy's id, name: `reversal cart`).
pub fn reversal_cart_id(copy: SaleId) -> CartId {
    CartId::new(Uuid::new_v5(&copy.uuid(), b"reversal cart"))
}

/// The copy of a sealed sale, for the cloud: its own id and digest, the original's number, time,
/// journal link and every field that this version does not know.
///
/// A copy is not copied again.
pub fn copy_of(fields: &Fields) -> Result<Fields, DocumentError> {
    if fields.contains_key("originalSaleId") || fields.contains_key("originalDigest") {
        return Err(DocumentError::Shape {
            reason: "the sale is a copy already".to_owned(),
        });
    }
    let original = text(fields, "saleId")?.to_owned();
    let digest = Digest::of_sale(fields)?;
    let id: SaleId = original.parse().map_err(|_| DocumentError::Missing {
        path: "saleId".to_owned(),
    })?;
    let mut copy = fields.clone();
    for name in LOCAL {
        copy.remove(name);
    }
    copy.insert("saleId".to_owned(), copy_id(id, digest).to_string().into());
    copy.insert("originalSaleId".to_owned(), original.into());
    copy.insert("originalDigest".to_owned(), digest.to_string().into());
    let own = Digest::of_sale(&copy)?;
    let fingerprint = Digest::fingerprint_of_sale(&copy)?;
    copy.insert("digest".to_owned(), own.to_string().into());
    copy.insert("fingerprint".to_owned(), fingerprint.to_string().into());
    Ok(copy)
}

/// Whether a document that was read is the true copy of the sale `own`, whoever has put it there: its
/// content, its seal and its link.
pub fn is_copy_of(found: &Fields, own: &Fields) -> bool {
    let Ok(copy) = copy_of(own) else {
        return false;
    };
    let mut found = found.clone();
    for name in LOCAL {
        found.remove(name);
    }
    found == copy
}

/// The digest of the sale that `fields` is a copy of; `None` for one that is no copy.
pub(crate) fn original_digest(fields: &Fields) -> Result<Option<Digest>, DocumentError> {
    match fields.get("originalDigest") {
        None => Ok(None),
        Some(Value::String(hex)) => hex.parse().map(Some).map_err(|_| DocumentError::Missing {
            path: "originalDigest".to_owned(),
        }),
        Some(_) => Err(DocumentError::Missing {
            path: "originalDigest".to_owned(),
        }),
    }
}

/// Whether the copy's content under its original id has the digest that it names, and its id is
/// the one that follows from both.
pub(crate) fn is_true_copy(fields: &Fields, digest: Digest) -> Result<bool, DocumentError> {
    let original = text(fields, "originalSaleId")?.to_owned();
    let Ok(id) = original.parse::<SaleId>() else {
        return Ok(false);
    };
    if id.to_string() != original {
        return Ok(false);
    }
    let mut restored = fields.clone();
    restored.remove("originalSaleId");
    restored.remove("originalDigest");
    restored.insert("saleId".to_owned(), original.into());
    let named = text(fields, "saleId")? == copy_id(id, digest).to_string();
    Ok(named && Digest::of_sale(&restored)? == digest)
}

/// Who, where and when of a reversal, and what becomes of the card's money.
#[derive(Clone, Debug)]
pub struct ReversalInput {
    /// The register that holds the sale.
    pub register_id: RegisterId,
    /// The next number of its series.
    pub receipt_number: ReceiptNumber,
    /// The same as a sequence.
    pub receipt_sequence: i64,
    /// Today.
    pub business_day: BusinessDay,
    /// The store's IANA time zone.
    pub time_zone: String,
    /// Now, by the register's clock.
    pub sold_at: Timestamp,
    /// The open shift.
    pub shift_id: Option<String>,
    /// Who decides.
    pub cashier_id: String,
    /// The same by name.
    pub cashier_name: String,
    /// The terminal's reference of the refund, in place of the payment's.
    pub card_reference: Option<String>,
}

/// The full reversal of `original`, which stands in the cloud as `copy`: a new sale in which
/// everything is negated, cash net of its change, rounding included, so that exactly what was paid
/// goes back and nothing remains.
///
/// `restock` says for each line (from 1) where its goods go.
pub fn reversal_of(
    original: &SaleRecord,
    copy: SaleId,
    input: ReversalInput,
    restock: impl Fn(i64) -> Restock,
) -> Result<SaleRecord, MoneyError> {
    let lines = original
        .lines
        .iter()
        .map(|line| negated_line(line, copy, &restock))
        .collect();
    let mut discounts = original.discounts.clone();
    for discount in &mut discounts {
        discount.amount = -discount.amount;
        if let DiscountValue::Amount(value) = &mut discount.value {
            *value = -*value;
        }
    }
    let mut taxes = original.taxes.clone();
    for tax in &mut taxes {
        (tax.net, tax.tax, tax.gross) = (-tax.net, -tax.tax, -tax.gross);
    }
    Ok(SaleRecord {
        schema: SCHEMA,
        sale_id: reversal_id(copy),
        cart_id: reversal_cart_id(copy),
        register_id: input.register_id,
        receipt_number: input.receipt_number,
        receipt_sequence: input.receipt_sequence,
        business_day: input.business_day,
        time_zone: input.time_zone,
        sold_at: input.sold_at,
        shift_id: input.shift_id,
        cashier_id: input.cashier_id,
        cashier_name: input.cashier_name,
        currency: original.currency,
        prices_include_tax: original.prices_include_tax,
        lines,
        discounts,
        taxes,
        total: -original.total,
        rounding: -original.rounding,
        tip: -original.tip,
        tenders: negated_tenders(original, input.card_reference.as_deref())?,
        change_due: Amount::ZERO,
        tax_exempt: original.tax_exempt.clone(),
        customer: original.customer.clone(),
        cancels: Some(copy),
        original_sale_id: None,
        original_digest: None,
    })
}

fn negated_line(line: &SaleLine, copy: SaleId, restock: &impl Fn(i64) -> Restock) -> SaleLine {
    let mut taxes = line.taxes.clone();
    for tax in &mut taxes {
        (tax.base, tax.tax) = (-tax.base, -tax.tax);
    }
    let goods_come_back = line.quantity.thousandths() > 0;
    SaleLine {
        quantity: -line.quantity,
        discount: -line.discount,
        total: -line.total,
        taxes,
        refund_of: Some(RefundOf {
            sale_id: copy,
            line: line.line,
        }),
        restock: goods_come_back.then(|| restock(line.line)),
        ..line.clone()
    }
}

/// All cash in one, net of the change that was given; the other tenders one by one.
fn negated_tenders(original: &SaleRecord, card: Option<&str>) -> Result<Vec<Tender>, MoneyError> {
    let cash = original
        .tenders
        .iter()
        .filter(|tender| tender.method == Method::Cash);
    let cash = Amount::total(cash.map(|tender| tender.amount))?.minus(original.change_due)?;
    let mut tenders = Vec::with_capacity(original.tenders.len());
    if !cash.is_zero() {
        tenders.push(Tender {
            method: Method::Cash,
            amount: -cash,
            reference: None,
            last4: None,
        });
    }
    for tender in original
        .tenders
        .iter()
        .filter(|tender| tender.method != Method::Cash)
    {
        let reference = match card {
            Some(card) if tender.method == Method::Card => Some(card.to_owned()),
            _ => tender.reference.clone(),
        };
        tenders.push(Tender {
            amount: -tender.amount,
            reference,
            ..tender.clone()
        });
    }
    Ok(tenders)
}
