//! `processCheckout`: the one way in which a sale comes into being.
//!
//! Everything is reckoned here, from the cart and the tenders alone. One SQLite transaction holds
//! the sale with its lines, taxes and tenders, the stock that moves, the next receipt number, the
//! next link of the journal, the row that uploads it, and the end of the open cart. When it returns
//! the sale is on disk.

use counterfoil_domain::cart::Cart;
use counterfoil_domain::pricing;
use counterfoil_domain::sale::{self, SaleInput, SaleRecord, content_digest};
use counterfoil_domain::tender::{self, TenderIntent};
use counterfoil_domain::{CartId, Digest, ReceiptNumber, SaleId, Timestamp};
use counterfoil_store::table::register::{self, Register};
use counterfoil_store::table::stock_movements::{Movement, MovementKind};
use counterfoil_store::table::{journal, open_cart as table, sales, sync_state};
use counterfoil_store::{NewSale, Stock, Transaction, Upload, record_sale};
use serde_json::{Value, json};

use crate::convert;
use crate::dto::{CheckoutInput, CheckoutResult, SyncState};
use crate::error::{AppError, ErrorCode, Result};
use crate::identity::require_confirmed;
use crate::open_cart::{self, OpenCart};
use crate::people::Person;
use crate::sale::{Crossed, Sale};
use crate::settings::{self, StoreSettings};
use crate::sync::Wake;
use crate::till::Till;

/// What identities a checkout may need, drawn before the transaction.
#[derive(Clone, Copy)]
pub(crate) struct Fresh {
    pub(crate) sale: SaleId,
    pub(crate) cart: CartId,
    pub(crate) now: Timestamp,
}

impl Till {
    /// Turns the open cart into a sale.
    ///
    /// The same cart again — a double Enter, two windows, two programs — returns the same sale and
    /// books nothing; with other payments it is refused.
    ///
    /// # Errors
    /// `cart_paid_differently` with `{paid, offered}`; `cart_changed` for a cart that is neither
    /// open nor paid; `cart_empty`; `payment_too_small` and the other payment codes;
    /// `identity_needed` over a database that was copied or moved.
    pub fn process_checkout(&self, input: CheckoutInput) -> Result<CheckoutResult> {
        let cart_id: CartId = input
            .cart_id
            .parse()
            .map_err(|_| AppError::invalid("the cart's id is no UUID"))?;
        let cashier = Person::at_till(&input.cashier)?;
        let tenders = convert::intents(&input.tenders);
        let fresh = self.fresh();
        let installation = self.db()?.installation().cloned();
        let (sale, cart) = self.write(move |tx| {
            let store = settings::require_store(tx)?;
            let sale = match sales::by_cart(tx, cart_id)? {
                Some(stored) => paid_alike(Sale::of(tx, stored)?, &tenders)?,
                None => {
                    require_confirmed(tx, installation.as_deref())?;
                    let open = open_with_id(tx, cart_id)?;
                    ring_up(tx, &store, open.cart, &tenders, &cashier, fresh)?
                }
            };
            let (open, _) = open_cart::load(tx, fresh.cart)?;
            let cart = open_cart::save(tx, &open, &store, fresh.now)?;
            Ok((sale, cart))
        })?;
        self.wake(Wake::Checkout);
        Ok(CheckoutResult {
            sale: sale.view(),
            cart,
        })
    }

    pub(crate) fn fresh(&self) -> Fresh {
        Fresh {
            sale: SaleId::new(self.ids().uuid()),
            cart: CartId::new(self.ids().uuid()),
            now: self.clock().now(),
        }
    }
}

fn open_with_id(tx: &Transaction<'_>, cart: CartId) -> Result<OpenCart> {
    let open = table::get::<OpenCart>(tx)?.map(|kept| kept.cart);
    open.filter(|open| open.cart.id == cart).ok_or_else(|| {
        AppError::new(
            ErrorCode::CartChanged,
            "this cart is not the open one any more; look at the cart and pay again",
        )
    })
}

/// The window pays its open cart, which is gone once it is paid: what is left to compare are the
/// tenders.
fn paid_alike(sale: Sale, tenders: &[TenderIntent]) -> Result<Sale> {
    let reference = |text: &Option<String>| {
        let text = text.as_deref().map(str::trim).unwrap_or_default();
        counterfoil_domain::document::nfc(text)
    };
    let alike = sale.record.tenders.len() == tenders.len()
        && sale
            .record
            .tenders
            .iter()
            .zip(tenders)
            .all(|(paid, offered)| {
                paid.method == offered.method
                    && paid.amount == offered.amount
                    && reference(&paid.reference) == reference(&offered.reference)
            });
    if alike {
        tracing::info!(sale_id = %sale.record.sale_id, "the same cart again: the same sale");
        return Ok(sale);
    }
    Err(paid_differently(&sale, json!({ "tenders": tenders })))
}

/// The same cart with other content: both are shown, nothing is booked.
pub(crate) fn paid_differently(paid: &Sale, offered: Value) -> AppError {
    tracing::warn!(sale_id = %paid.record.sale_id, "a paid cart came again with other content");
    AppError::new(
        ErrorCode::CartPaidDifferently,
        format!(
            "this cart was paid already with other content, as receipt {}; nothing is booked. \
             Give a new cart an id of its own",
            paid.record.receipt_number
        ),
    )
    .with_details(json!({ "paid": paid.view(), "offered": offered }))
}

/// Books a cart that is not paid yet. The open cart ends if it is this one.
pub(crate) fn ring_up(
    tx: &Transaction<'_>,
    store: &StoreSettings,
    cart: Cart,
    tenders: &[TenderIntent],
    cashier: &Person,
    fresh: Fresh,
) -> Result<Sale> {
    if cart.lines.is_empty() {
        return Err(AppError::new(
            ErrorCode::CartEmpty,
            "the cart is empty; there is nothing to pay",
        ));
    }
    let priced = pricing::price(&cart, &store.rules)
        .map_err(|error| convert::pricing_error(&error, store.currency))?;
    let settlement = tender::settle(priced.total, tenders, &store.rules)
        .map_err(|error| convert::tender_error(&error, store.currency))?;
    let content = content_digest(&cart, tenders).map_err(AppError::internal)?;
    let register = register::require(tx)?;
    let sequence = sales::next_receipt(tx, register.register_id)?;
    let record = SaleRecord::new(SaleInput {
        sale_id: fresh.sale,
        cart,
        priced,
        settlement,
        register_id: register.register_id,
        receipt_number: ReceiptNumber::new(&register.prefix, sequence),
        receipt_sequence: sequence,
        business_day: store.business_day(fresh.now)?,
        time_zone: store.time_zone.clone(),
        sold_at: fresh.now,
        shift_id: None,
        cashier_id: cashier.id.to_string(),
        cashier_name: cashier.name.clone(),
        currency: store.currency,
        prices_include_tax: store.rules.prices_include_tax,
    });
    let movements = sold(&record);
    let sale = book(
        tx,
        record,
        Some(content),
        &movements,
        &register,
        Upload::Alone,
    )?;
    settings::set_last_change(tx, sale.record.change_due.minor())?;
    Ok(sale)
}

/// Seals a record as the next link of its register's journal and writes it with its movements and
/// its outbox row.
pub(crate) fn book(
    tx: &Transaction<'_>,
    record: SaleRecord,
    content: Option<Digest>,
    movements: &[Movement],
    register: &Register,
    upload: Upload,
) -> Result<Sale> {
    let now = record.sold_at;
    let fields = record.to_fields().map_err(AppError::internal)?;
    let head = journal::head(tx, register.register_id)?;
    let sealed = sale::seal(fields, head, register.register_id).map_err(AppError::internal)?;
    let new = NewSale {
        sealed: &sealed,
        // A reversal has no cart that could come again.
        content_digest: content.unwrap_or(sealed.digest),
        movements,
        upload,
    };
    record_sale(tx, &new, now)?;
    let connected = sync_state::get(tx)?.connected;
    tracing::info!(
        sale_id = %record.sale_id, receipt = %record.receipt_number, lines = record.lines.len(),
        "sale booked"
    );
    Ok(Sale {
        fields: sealed.fields,
        record,
        sync: if connected.is_some() {
            SyncState::Pending
        } else {
            SyncState::LocalOnly
        },
        created_at: None,
        store_id: connected.map(|to| to.store_id),
        register_name: Some(register.name.clone()),
        crossed: Crossed::default(),
    })
}

/// What leaves the shelf with a sale.
fn sold(record: &SaleRecord) -> Vec<Movement> {
    let movement = |line: &sale::SaleLine| Movement {
        product_id: line.product_id,
        kind: MovementKind::Sold,
        change: Stock::from(-line.quantity),
        line: Some(line.line),
        reason: None,
    };
    record.lines.iter().map(movement).collect()
}
