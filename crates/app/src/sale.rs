//! A sale as it is handed out: its signed document, and the same for the window.

use counterfoil_domain::document::Fields;
use counterfoil_domain::sale::SaleRecord;
use counterfoil_domain::{ReceiptNumber, RegisterId, SaleId, Timestamp};
use counterfoil_store::table::sales::{self, SaleSync, StoredSale};
use counterfoil_store::table::{register, sale_marks};
use counterfoil_store::{Connection, StoreError};
use serde_json::Value;

use crate::convert;
use crate::dto::{SaleDiscountView, SaleLineView, SaleView, SyncState};
use crate::error::{AppError, Result};

/// A sale with where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Sale {
    /// Its document as the register signed it: digest, fingerprint and journal link included.
    pub(crate) fields: Fields,
    /// The fields that this program knows.
    pub(crate) record: SaleRecord,
    pub(crate) sync: SyncState,
    pub(crate) created_at: Option<Timestamp>,
    /// The store in the cloud, where the register is connected to one.
    pub(crate) store_id: Option<String>,
    /// The register's name, where it is one of this database.
    pub(crate) register_name: Option<String>,
    pub(crate) crossed: Crossed,
}

/// The other receipt, where one cancels the other: whoever looks one up finds both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Crossed {
    /// The number of the sale that this one cancels.
    pub(crate) reverses: Option<ReceiptNumber>,
    /// The number of the reversal that cancels this one.
    pub(crate) superseded_by: Option<ReceiptNumber>,
}

impl Crossed {
    fn of(conn: &Connection, record: &SaleRecord) -> Result<Self> {
        let number = |id: Option<SaleId>| -> Result<Option<ReceiptNumber>> {
            let Some(stored) = id.map(|id| sales::by_id(conn, id)).transpose()?.flatten() else {
                return Ok(None);
            };
            let other = SaleRecord::from_fields(&stored.record).map_err(damaged)?;
            Ok(Some(other.receipt_number))
        };
        let superseded = match record.cancels {
            Some(_) => sale_marks::superseded(conn, record.sale_id)?,
            None => None,
        };
        Ok(Self {
            reverses: number(superseded)?,
            superseded_by: number(sale_marks::get(conn, record.sale_id)?.superseded_by)?,
        })
    }
}

impl Sale {
    /// The sale of a row.
    pub(crate) fn of(conn: &Connection, stored: StoredSale) -> Result<Self> {
        let record = SaleRecord::from_fields(&stored.record).map_err(damaged)?;
        let register_name = register_name(conn, record.register_id)?;
        let crossed = Crossed::of(conn, &record)?;
        Ok(Self {
            fields: stored.record,
            record,
            sync: sync_state(stored.sync),
            created_at: stored.created_at,
            store_id: stored.store_id,
            register_name,
            crossed,
        })
    }

    /// The document as counterfoilctl prints it: the signed record, `syncState`, and what stands
    /// beside the record in the cloud: `storeId` once the register is connected, `createdAt` once
    /// the cloud has said it.
    pub fn document(&self) -> Value {
        let mut fields = self.fields.clone();
        if let Some(at) = self.created_at {
            fields.insert("createdAt".to_owned(), at.to_string().into());
        }
        if let Some(store_id) = &self.store_id {
            fields.insert("storeId".to_owned(), store_id.as_str().into());
        }
        let state = serde_json::to_value(self.sync).unwrap_or(Value::Null);
        fields.insert("syncState".to_owned(), state);
        Value::Object(fields)
    }

    /// The sale for the window.
    pub fn view(&self) -> SaleView {
        let number = |number: &Option<ReceiptNumber>| number.as_ref().map(ToString::to_string);
        SaleView {
            reverses: number(&self.crossed.reverses),
            superseded_by: number(&self.crossed.superseded_by),
            ..view(
                &self.record,
                self.register_name.clone(),
                self.sync,
                self.created_at,
            )
        }
    }
}

/// A record that this program wrote and cannot read any more.
pub(crate) fn damaged(error: impl std::fmt::Display) -> AppError {
    AppError::from(StoreError::Damaged(format!("a sale's record: {error}")))
}

pub(crate) fn register_name(conn: &Connection, id: RegisterId) -> Result<Option<String>> {
    let all = register::all(conn)?;
    Ok(all
        .into_iter()
        .find(|register| register.register_id == id)
        .map(|register| register.name))
}

pub(crate) const fn sync_state(sync: SaleSync) -> SyncState {
    match sync {
        SaleSync::LocalOnly => SyncState::LocalOnly,
        SaleSync::Pending => SyncState::Pending,
        SaleSync::InFlight => SyncState::InFlight,
        SaleSync::Synced => SyncState::Synced,
        SaleSync::Failed => SyncState::Failed,
    }
}

/// A record as the window shows it.
pub(crate) fn view(
    record: &SaleRecord,
    register_name: Option<String>,
    sync_state: SyncState,
    created_at: Option<Timestamp>,
) -> SaleView {
    let lines = record.lines.iter().map(|line| SaleLineView {
        line: u32::try_from(line.line).unwrap_or(u32::MAX),
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: line.quantity.to_string(),
        unit: convert::unit(line.unit),
        unit_price: line.unit_price.into(),
        discount: line.discount.into(),
        total: line.total.into(),
        note: line.note.clone(),
    });
    let discounts = record.discounts.iter().map(|discount| {
        let (kind, value) = convert::discount_spelling(discount.value);
        let reason = discount.reason.clone();
        SaleDiscountView {
            kind,
            value,
            amount: discount.amount.into(),
            reason,
        }
    });
    SaleView {
        sale_id: record.sale_id.to_string(),
        cart_id: record.cart_id.to_string(),
        receipt_number: record.receipt_number.to_string(),
        sold_at: record.sold_at.to_string(),
        business_day: record.business_day.to_string(),
        cashier_name: record.cashier_name.clone(),
        register_name,
        currency: record.currency.code().to_owned(),
        prices_include_tax: record.prices_include_tax,
        lines: lines.collect(),
        discounts: discounts.collect(),
        taxes: record.taxes.iter().map(convert::tax_row).collect(),
        total: record.total.into(),
        rounding: record.rounding.into(),
        tip: record.tip.into(),
        tenders: record.tenders.iter().map(convert::tender_view).collect(),
        change_due: record.change_due.into(),
        cancels: record.cancels.map(|id| id.to_string()),
        reverses: None,
        superseded_by: None,
        original_sale_id: record.original_sale_id.map(|id| id.to_string()),
        created_at: created_at.map(|at| at.to_string()),
        sync_state,
    }
}
