//! What customers buy, from the seed.

use counterfoil_app::dto::{Minor, TenderInput, TenderMethod};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cloud::{DENIED_NOTE, INVALID_NOTE};
use crate::faults::{Fault, FaultPlan};
use crate::random::Dice;

/// What every register sells. Prices are never changed, stock is plenty.
pub(crate) const CATALOGUE: &str = "sku,barcode,name,category,price,tax,stock,unit
espresso,2000000000015,Espresso,Coffee,2.50,20,1000,piece
bread,2000000000022,Rye bread,Bakery,3.40,10,1000,piece
butter,2000000000039,Butter,Dairy,1.99,10,1000,piece
apples,,Apples,Fruit,2.99,10,1000,kg
beans,2000000000046,Beans,Coffee,8.75,20|10,1000,piece
";

/// The skus, and whether they are sold by weight.
const PRODUCTS: [(&str, bool); 5] = [
    ("espresso", false),
    ("bread", false),
    ("butter", false),
    ("apples", true),
    ("beans", false),
];

/// A line of a cart.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) sku: &'static str,
    pub(crate) quantity: String,
    pub(crate) note: Option<&'static str>,
}

/// What one customer buys, and how it is rung up.
#[derive(Clone, Debug)]
pub(crate) struct Cart {
    /// The sale's number in the run.
    pub(crate) number: u64,
    /// The cart's own id, where it is handed in as a document.
    pub(crate) id: Uuid,
    pub(crate) lines: Vec<Line>,
    percent: Option<u64>,
    pub(crate) card: bool,
    /// Rung up line by line, as in the window, and not handed in as a document.
    pub(crate) by_window: bool,
    /// Paid twice at the same moment; the second time by another program.
    pub(crate) twice: Option<bool>,
    /// The first answer is not seen.
    pub(crate) unseen: bool,
    /// It mints an id that another register has used.
    pub(crate) same_id: bool,
    /// It is what the customer before has bought.
    pub(crate) same_goods: bool,
    /// Somebody puts a changed version under its id first.
    pub(crate) forged: bool,
    /// SQLite's steps until the process ends, counted from the payment.
    pub(crate) ends_after: Option<u64>,
}

impl Cart {
    /// The cart of the sale with this number.
    pub(crate) fn draw(seed: u64, number: u64, plan: &FaultPlan) -> Self {
        let mut how = Dice::of(seed, "how", number);
        let same_goods = number > 0 && how.happens(plan.rate(Fault::SameGoods));
        let goods = if same_goods { number - 1 } else { number };
        let mut dice = Dice::of(seed, "goods", goods);
        let mut lines: Vec<Line> = Vec::new();
        for _ in 0..dice.between(1, 4) {
            let (sku, weighed) = *dice.pick(&PRODUCTS).unwrap_or(&PRODUCTS[0]);
            if lines.iter().any(|line| line.sku == sku) {
                continue;
            }
            let quantity = if weighed {
                format!("0.{:03}", dice.between(50, 950) / 10 * 10 + 1)
            } else {
                dice.between(1, 5).to_string()
            };
            lines.push(Line {
                sku,
                quantity,
                note: None,
            });
        }
        let percent = dice.happens(200).then(|| dice.between(1, 30));
        let card = dice.happens(300);
        let of = |fault: Fault| {
            let mut dice = Dice::of(seed, fault.name(), number + 1);
            let happens = dice.happens(plan.rate(fault));
            happens.then_some(dice)
        };
        if let Some(mut dice) = of(Fault::Refused) {
            let note = dice.happens(500).then_some(DENIED_NOTE);
            if let Some(line) = lines.first_mut() {
                line.note = Some(note.unwrap_or(INVALID_NOTE));
            }
        }
        Self {
            number,
            id: how.uuid(),
            lines,
            percent,
            card,
            by_window: how.happens(500),
            twice: of(Fault::DoubleEnter).map(|mut dice| dice.happens(300)),
            unseen: of(Fault::Unseen).is_some(),
            same_goods,
            same_id: of(Fault::SameId).is_some(),
            forged: of(Fault::Forged).is_some(),
            ends_after: of(Fault::CrashWrite).map(|mut dice| dice.between(1, 7_000)),
        }
    }

    /// The cart as a script hands it in.
    pub(crate) fn document(&self) -> Value {
        let lines: Vec<Value> = self
            .lines
            .iter()
            .map(|line| {
                let mut document = json!({"sku": line.sku, "quantity": line.quantity});
                if let Some(note) = line.note {
                    document["note"] = json!(note);
                }
                document
            })
            .collect();
        let mut cart = json!({
            "cartId": self.id, "lines": lines, "cashier": CASHIER,
            "tenders": [{"method": "cash", "amount": PLENTY}],
        });
        if let Some(percent) = self.percent {
            cart["discount"] = json!({"percent": percent.to_string()});
        }
        cart
    }

    /// How it is paid in the window, where it costs `total`.
    pub(crate) fn tenders(&self, total: Minor) -> Vec<TenderInput> {
        let card = TenderInput {
            method: TenderMethod::Card,
            amount: total,
            reference: Some(format!("T-{}", self.number)),
            last4: None,
        };
        let cash = TenderInput {
            method: TenderMethod::Cash,
            amount: Minor::try_from(PLENTY).unwrap_or(total),
            reference: None,
            last4: None,
        };
        vec![if self.card { card } else { cash }]
    }
}

/// Who rings up.
pub(crate) const CASHIER: &str = "Ann";
/// More than any cart costs, in minor units.
const PLENTY: i64 = 100_000;
