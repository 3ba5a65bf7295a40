//! A sale becomes a fact: sale, lines, taxes, tenders, stock, receipt number, journal link and
//! outbox row in one transaction, or nothing of them.

use counterfoil_domain::sale::SealedSale;
use counterfoil_domain::{Digest, Timestamp};
use rusqlite::Transaction;

use crate::error::StoreError;
use crate::table::stock_movements::Movement;
use crate::table::{
    journal, open_cart, outbox, register, sale_lines, sale_taxes, sale_tenders, sales,
    stock_movements,
};

/// How a sale goes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upload {
    /// By itself: it is queued with the sale.
    Alone,
    /// As one document of a group that the caller queues in the same transaction: a reversal goes
    /// up with its resolution, or not at all.
    WithGroup,
}

/// A sale that is to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct NewSale<'a> {
    /// The record with its seal. Its journal link follows [`journal::head`], its receipt sequence
    /// is [`sales::next_receipt`], both read in the same transaction.
    pub sealed: &'a SealedSale,
    /// What its cart and tenders were.
    pub content_digest: Digest,
    /// What it moves.
    pub movements: &'a [Movement],
    /// How it goes up.
    pub upload: Upload,
}

/// Records a sale of the current register and removes its cart. Answers its row.
///
/// # Errors
/// [`StoreError::Refused`] for a record that is not a sale, a receipt number or a journal link out
/// of its series, or a cart that became a sale already. Nothing is written then, provided the
/// caller lets the transaction fall.
pub fn record_sale(
    tx: &Transaction<'_>,
    sale: &NewSale<'_>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let SealedSale {
        fields,
        digest,
        fingerprint,
        link,
        ..
    } = sale.sealed;
    let columns = sales::Columns::of(fields)
        .map_err(|error| StoreError::Refused(format!("this is no sale: {error}")))?;
    if columns.digest != *digest || columns.fingerprint != *fingerprint || columns.journal != *link
    {
        return Err(StoreError::Refused(
            "the record and its seal differ".to_owned(),
        ));
    }
    let register = register::require(tx)?.register_id;
    if columns.register_id != register {
        return Err(StoreError::Refused(format!(
            "the sale is register {}'s, this is {register}",
            columns.register_id
        )));
    }
    let next = sales::next_receipt(tx, register)?;
    if columns.receipt_sequence != next {
        return Err(StoreError::Refused(format!(
            "receipt {} is out of its series, the next is {next}",
            columns.receipt_sequence
        )));
    }
    let record = sale.sealed.canonical();
    let entry = sales::insert(tx, &columns, sale.content_digest, record)?;
    sale_lines::insert(tx, entry, &columns.lines)?;
    sale_taxes::insert(tx, entry, &columns.taxes)?;
    sale_tenders::insert(tx, entry, &columns.tenders)?;
    for movement in sale.movements {
        stock_movements::post(
            tx,
            register,
            movement,
            Some(columns.sale_id),
            columns.sold_at,
        )?;
    }
    journal::insert_sale(tx, register, link, *digest, columns.sale_id)?;
    if sale.upload == Upload::Alone {
        outbox::queue_sale(tx, columns.sale_id, record, now)?;
    }
    open_cart::remove(tx, columns.cart_id)?;
    Ok(entry)
}
