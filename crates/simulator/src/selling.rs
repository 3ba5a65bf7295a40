//! The cashier: rings up whoever waits, and pays again what nobody saw the answer of.

use counterfoil_app::dto::CheckoutInput;
use counterfoil_app::{AppError, ErrorCode, OfferedCart, Sale, Till};
use counterfoil_domain::document::Fields;
use counterfoil_sync::{Collection, DocumentName};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::books;
use crate::carts::{CASHIER, Cart};
use crate::cloud::short;
use crate::desk::{Desk, Receipt, Waiting};
use crate::faults::Fault;
use crate::identities::Standing;
use crate::logs;
use crate::random::Dice;

/// How an attempt to ring up ended.
enum Attempt {
    Sold(Box<Sale>),
    /// The process is over; whoever waits goes on waiting.
    Ended,
    /// The disk is full; later.
    Full,
    /// Nothing is sold before the register has an identity of its own.
    Unknown,
    Failed(AppError),
}

impl Desk {
    /// Serves whoever waits, as far as it goes. `taken` are ids that other registers have used.
    pub(crate) fn serve(&mut self, taken: &[Uuid]) {
        while let Some(mut waiting) = self.waiting.pop_front() {
            logs::mute(false);
            self.remember_unseen(&mut waiting);
            let attempt = self.ring_up(&mut waiting, taken);
            self.ids.forget();
            let sale = match attempt {
                Attempt::Sold(sale) => sale,
                Attempt::Ended => {
                    self.waiting.push_front(waiting);
                    return;
                }
                Attempt::Full => {
                    self.world.occurred(Fault::DiskFull);
                    self.waiting.push_front(waiting);
                    return;
                }
                Attempt::Unknown => {
                    self.waiting.push_front(waiting);
                    return;
                }
                Attempt::Failed(error) => {
                    let name = short(self.register);
                    let what = format!("{name}: a checkout failed: {:?} {error}", error.code);
                    self.world.broken(1, what);
                    continue;
                }
            };
            if std::mem::take(&mut waiting.cart.unseen) {
                self.world.occurred(Fault::Unseen);
                let sale = sale.document();
                waiting.unseen = sale["saleId"].as_str().map(str::to_owned);
                self.waiting.push_front(waiting);
                continue;
            }
            self.sold(&waiting, &sale, taken);
        }
    }

    fn sold(&mut self, waiting: &Waiting, sale: &Sale, taken: &[Uuid]) {
        let receipt = receipt_of(sale);
        let (name, number) = (short(self.register), waiting.cart.number);
        self.world
            .log(|| format!("{name} sells {number} as {}", receipt.id));
        if waiting.unseen.as_ref().is_some_and(|id| *id != receipt.id) {
            self.world
                .broken(1, format!("{name}: the same cart became another sale"));
        }
        if self.receipts.iter().any(|before| before.id == receipt.id) {
            self.world
                .broken(1, format!("{name}: two carts became one sale"));
        }
        if waiting.cart.same_goods {
            self.world.occurred(Fault::SameGoods);
        }
        if waiting.cart.same_id && taken.iter().any(|id| id.to_string() == receipt.id) {
            self.world.occurred(Fault::SameId);
        }
        if waiting.cart.forged {
            self.forge(number, &receipt.fields);
        }
        self.receipts.push(receipt);
    }

    /// What is on disk of a cart whose answer nobody saw: it must be the sale that is answered next.
    fn remember_unseen(&self, waiting: &mut Waiting) {
        let cart = match &waiting.paying {
            Some(paying) => paying.cart_id.clone(),
            None => waiting.cart.id.to_string(),
        };
        if let Some(Some(id)) = self.books(|conn| books::sale_of_cart(conn, &cart)) {
            waiting.unseen = Some(id);
        }
    }

    fn ring_up(&self, waiting: &mut Waiting, taken: &[Uuid]) -> Attempt {
        let Some(open) = self.open.as_ref().filter(|open| !open.life.is_over()) else {
            return Attempt::Ended;
        };
        let cart = waiting.cart.clone();
        // Once is enough: who comes back after it is served.
        waiting.cart.ends_after = None;
        let done = if cart.by_window {
            self.through_window(&open.till, waiting, &cart, taken)
        } else {
            self.mint_again(&cart, taken);
            self.at_risk(&cart, || open.till.checkout(offered(&cart)?))
        };
        if open.life.is_over() {
            return Attempt::Ended;
        }
        let sale = match done {
            Ok(sale) => sale,
            Err(error) if error.code == ErrorCode::DiskFull => return Attempt::Full,
            Err(error)
                if error.code == ErrorCode::IdentityNeeded && self.standing == Standing::Copy =>
            {
                return Attempt::Unknown;
            }
            Err(error) => return Attempt::Failed(error),
        };
        if self.standing == Standing::Copy {
            let what = format!("desk {} sells as a copy", self.number);
            self.world.broken(2, what);
        }
        if let Some(by_another) = cart.twice {
            self.again(&open.till, waiting, &sale, by_another);
        }
        Attempt::Sold(Box::new(sale))
    }

    /// Line by line, then the payment: each an edit that is saved.
    fn through_window(
        &self,
        till: &Till,
        waiting: &mut Waiting,
        cart: &Cart,
        taken: &[Uuid],
    ) -> Result<Sale, AppError> {
        if waiting.paying.is_none() {
            let mut view = till.clear_cart(None)?;
            for (line, position) in waiting.cart.lines.iter().zip(1_u32..) {
                view = till.add_product(line.sku, Some(&line.quantity), None)?;
                if let Some(note) = line.note {
                    view = till.set_line_note(position, Some(note.to_owned()))?;
                }
            }
            waiting.paying = Some(CheckoutInput {
                cart_id: view.cart_id,
                tenders: waiting.cart.tenders(view.total),
                cashier: CASHIER.to_owned(),
            });
        }
        let Some(input) = waiting.paying.clone() else {
            return Err(AppError::invalid("nothing is paid"));
        };
        self.mint_again(cart, taken);
        self.at_risk(cart, || {
            let sold = till.process_checkout(input)?;
            till.find_sale(&sold.sale.sale_id)
        })
    }

    /// Does `payment` while the process may end between any two steps of SQLite's machine.
    fn at_risk<T>(&self, cart: &Cart, payment: impl FnOnce() -> T) -> T {
        let life = self.open.as_ref().map(|open| &open.life);
        let ends = cart
            .ends_after
            .filter(|_| self.world.rate(Fault::CrashWrite) > 0);
        if let (Some(life), Some(steps)) = (life, ends) {
            life.end_after_steps(steps);
        }
        let done = payment();
        if let (Some(life), Some(_)) = (life, ends) {
            life.end_after_steps(0);
        }
        done
    }

    /// Makes the next sale's id one that another register has used.
    fn mint_again(&self, cart: &Cart, taken: &[Uuid]) {
        if !cart.same_id || self.world.rate(Fault::SameId) == 0 {
            return;
        }
        let free: Vec<&Uuid> = taken.iter().filter(|id| !self.knows(id)).collect();
        let mut dice = Dice::of(cart.number, "which", 0);
        if let Some(id) = dice.pick(&free) {
            self.ids.prescribe(**id);
        }
    }

    fn knows(&self, id: &Uuid) -> bool {
        let id = id.to_string();
        let on_disk = self.books(|conn| books::record(conn, &id)).flatten();
        on_disk.is_some() || self.receipts.iter().any(|receipt| receipt.id == id)
    }

    /// The same payment once more, by this program or by another one beside it.
    fn again(&self, till: &Till, waiting: &Waiting, sale: &Sale, by_another: bool) {
        let again = if by_another {
            let other = self.other_till(till.dir());
            other.and_then(|other| pay_again(&other, waiting))
        } else {
            pay_again(till, waiting)
        };
        match again {
            Ok(again) if receipt_of(&again).fields == receipt_of(sale).fields => {
                self.world.occurred(Fault::DoubleEnter);
            }
            Ok(again) => {
                let id = receipt_of(&again).id;
                self.world
                    .broken(1, format!("a second Enter became another sale: {id}"));
            }
            // An answer again needs a write, of the next cart.
            Err(error) if error.code == ErrorCode::DiskFull => {}
            Err(_) if self.open.as_ref().is_some_and(|open| open.life.is_over()) => {}
            Err(error) => {
                let what = format!("a second Enter was refused: {:?} {error}", error.code);
                self.world.broken(1, what);
            }
        }
    }

    /// Puts a version with one field changed under the sale's id, before its upload can have arrived.
    fn forge(&self, number: u64, sale: &Fields) {
        let mut fields = sale.clone();
        let mut dice = Dice::of(number, "forged", 0);
        let changed = match dice.below(4) {
            0 => (
                "total",
                json!(fields.get("total").and_then(Value::as_i64).unwrap_or(0) + 1),
            ),
            1 => ("cashierName", json!("Somebody")),
            2 => ("soldAt", json!("2026-11-22T00:00:00.000Z")),
            _ => ("receiptNumber", json!("X-000001")),
        };
        fields.insert(changed.0.to_owned(), changed.1);
        let id = fields
            .get("saleId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let name = DocumentName {
            collection: Collection::Sales,
            id: id.to_owned(),
        };
        self.cloud.forge(name, fields);
    }
}

fn offered(cart: &Cart) -> Result<OfferedCart, AppError> {
    OfferedCart::parse(&cart.document().to_string())
}

fn pay_again(till: &Till, waiting: &Waiting) -> Result<Sale, AppError> {
    match &waiting.paying {
        Some(paying) => {
            let sold = till.process_checkout(paying.clone())?;
            till.find_sale(&sold.sale.sale_id)
        }
        None => till.checkout(offered(&waiting.cart)?),
    }
}

/// What the reference model keeps of a sale: its document as it was signed.
pub(crate) fn receipt_of(sale: &Sale) -> Receipt {
    let mut fields = match sale.document() {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    };
    for added in ["syncState", "createdAt", "storeId"] {
        fields.remove(added);
    }
    let id = fields
        .get("saleId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Receipt {
        id: id.to_owned(),
        fields,
    }
}
