//! Paying: what was handed over, what is still due, the change, the tip (rule R4 of
//! `docs/MONEY.md`). Always `total + tip + rounding = Σ tenders − change`.

use serde::{Deserialize, Serialize};

pub use crate::card::card_number_in;
use crate::cart::MAX_REFERENCE;
pub use crate::cash::{MAX_QUICK_CASH, quick_cash, round_cash};
use crate::document::nfc;
use crate::money::{Amount, MoneyError};
use crate::pricing::PricingRules;

/// Tenders of a sale at most.
pub const MAX_TENDERS: usize = 20;

/// How something is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// Notes and coins: the only one that gives change and that is rounded.
    Cash,
    /// A card at an external terminal. What it takes beyond the sale is a tip.
    Card,
    /// A voucher of the shop.
    Voucher,
    /// Anything else.
    Other,
}

impl Method {
    /// The method's spelling in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Card => "card",
            Self::Voucher => "voucher",
            Self::Other => "other",
        }
    }
}

/// What a customer wants to pay with, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenderIntent {
    /// How.
    pub method: Method,
    /// How much, in minor units.
    pub amount: Amount,
    /// The terminal's or the voucher's reference; a card needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The last four digits of the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
}

/// A tender as it is recorded. Negative where money goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tender {
    /// How.
    pub method: Method,
    /// What was handed over, change not yet taken off.
    pub amount: Amount,
    /// The terminal's or the voucher's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The last four digits of the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
}

/// A sale that is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// What was handed over, in order.
    pub tenders: Vec<Tender>,
    /// What cash rounding added (or took off, negative).
    pub rounding: Amount,
    /// What a card took beyond the sale.
    pub tip: Amount,
    /// What goes back, in cash.
    pub change_due: Amount,
    /// All tenders together.
    pub paid: Amount,
}

/// Where a payment stands while it is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// What is left to pay, exact.
    pub remaining: Amount,
    /// What would have to be handed over in cash to finish now.
    pub cash_due: Amount,
    /// What cash rounding adds, or would add if the rest is paid in cash.
    pub rounding: Amount,
    /// What goes back.
    pub change: Amount,
    /// What a card took beyond the sale.
    pub tip: Amount,
    /// Whether the sale is paid.
    pub complete: bool,
    /// The first thing that is wrong with the tenders, except that they are too little yet.
    pub problem: Option<TenderError>,
}

/// Why a payment was refused. Tenders are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the messages say it; fields are what they name"
)]
pub enum TenderError {
    #[error("{paid} was paid of {due}")]
    TooSmall { due: Amount, paid: Amount },
    #[error("tender {tender}: a payment by {} needs its reference", .method.as_str())]
    MissingReference { tender: usize, method: Method },
    #[error("tender {tender}: a card number is never stored; enter the terminal's reference")]
    CardNumber { tender: usize },
    #[error("tender {tender}: the last four digits of a card are four digits, not “{found}”")]
    InvalidLast4 { tender: usize, found: String },
    #[error("tender {tender}: the reference is longer than {limit} characters")]
    ReferenceTooLong { tender: usize, limit: usize },
    #[error("tender {tender}: an amount must be more than nothing, not {amount}")]
    NotPositive { tender: usize, amount: Amount },
    #[error("tender {tender}: {amount} by {} is more than what is left, {left}", .method.as_str())]
    ExceedsDue {
        tender: usize,
        method: Method,
        amount: Amount,
        left: Amount,
    },
    #[error("a sale holds at most {limit} tenders")]
    TooMany { limit: usize },
    #[error("a sale of {total} is not paid but paid out")]
    NegativeTotal { total: Amount },
    #[error("the payments are beyond 9007199254740991 minor units")]
    TooLarge,
}

impl From<MoneyError> for TenderError {
    fn from(_: MoneyError) -> Self {
        Self::TooLarge
    }
}

/// Settles `total` with `tenders`, in their order.
///
/// Only what is left to pay in cash after the other tenders is rounded; cash first and then a card
/// rounds nothing.
pub fn settle(
    total: Amount,
    tenders: &[TenderIntent],
    rules: &PricingRules,
) -> Result<Settlement, TenderError> {
    let mut till = Till::open(total, rules)?;
    if tenders.len() > MAX_TENDERS {
        return Err(TenderError::TooMany { limit: MAX_TENDERS });
    }
    let mut taken = Vec::with_capacity(tenders.len());
    for (index, tender) in tenders.iter().enumerate() {
        till.take(index + 1, tender.method, tender.amount)?;
        taken.push(recorded(index + 1, tender)?);
    }
    if !till.complete() {
        // Who pays in cash owes the rounded amount; who pays by card the exact one.
        let cash_last = tenders
            .last()
            .is_none_or(|tender| tender.method == Method::Cash);
        let due = if cash_last {
            till.paid.plus(till.cash_due()?)?
        } else {
            total
        };
        return Err(TenderError::TooSmall {
            due,
            paid: till.paid,
        });
    }
    Ok(Settlement {
        tenders: taken,
        rounding: till.rounding,
        tip: till.tip,
        change_due: till.change,
        paid: till.paid,
    })
}

/// How far `tenders` get with `total`. References are not asked for yet, but one that is there must
/// be one that can be stored; the first tender that cannot be taken ends the reckoning and is the
/// problem.
pub fn preview(total: Amount, tenders: &[TenderIntent], rules: &PricingRules) -> Preview {
    let nothing = |problem| Preview {
        remaining: total,
        cash_due: total,
        rounding: Amount::ZERO,
        change: Amount::ZERO,
        tip: Amount::ZERO,
        complete: false,
        problem: Some(problem),
    };
    let mut till = match Till::open(total, rules) {
        Ok(till) => till,
        Err(problem) => return nothing(problem),
    };
    let mut problem = None;
    for (index, tender) in tenders.iter().enumerate() {
        let before = till.clone();
        let number = index + 1;
        let taken = till.take(number, tender.method, tender.amount);
        if let Err(error) = taken.and_then(|()| storable(number, tender)) {
            (till, problem) = (before, Some(error));
            break;
        }
    }
    let complete = till.complete();
    let cash_due = match till.cash_due() {
        Ok(due) if !complete => due,
        Ok(_) => Amount::ZERO,
        Err(error) => return nothing(error.into()),
    };
    let remaining = if complete {
        Amount::ZERO
    } else {
        till.left.max(Amount::ZERO)
    };
    let would_round = cash_due.minus(till.left).unwrap_or_default();
    Preview {
        remaining,
        cash_due,
        rounding: if complete { till.rounding } else { would_round },
        change: till.change,
        tip: till.tip,
        complete,
        problem,
    }
}

/// The state of a payment between two tenders.
#[derive(Clone)]
struct Till<'a> {
    rules: &'a PricingRules,
    total: Amount,
    /// Exact; nothing or less where cash covers the exact amount but is short of its rounded due.
    left: Amount,
    cash: Amount,
    paid: Amount,
    rounding: Amount,
    change: Amount,
    tip: Amount,
    settled: bool,
}

impl<'a> Till<'a> {
    fn open(total: Amount, rules: &'a PricingRules) -> Result<Self, TenderError> {
        if total.is_negative() {
            return Err(TenderError::NegativeTotal { total });
        }
        let nothing = Amount::ZERO;
        Ok(Self {
            rules,
            total,
            left: total,
            cash: nothing,
            paid: nothing,
            rounding: nothing,
            change: nothing,
            tip: nothing,
            settled: false,
        })
    }

    /// Whether the sale is paid. A sale of nothing is, without a tender.
    const fn complete(&self) -> bool {
        self.settled || self.total.is_zero()
    }

    /// What finishes the sale in cash: all that is paid in cash is rounded together, so that
    /// paying it in two goes is no different.
    fn cash_due(&self) -> Result<Amount, MoneyError> {
        let in_cash = self.left.plus(self.cash)?;
        let due = round_cash(in_cash, self.rules.cash_rounding)?.minus(self.cash)?;
        Ok(due.max(Amount::ZERO))
    }

    fn take(&mut self, tender: usize, method: Method, amount: Amount) -> Result<(), TenderError> {
        let cash_due = self.cash_due()?;
        // What rounds down to nothing is paid with no coin at all.
        let free = method == Method::Cash && cash_due.is_zero();
        if amount.is_negative() || (amount.is_zero() && !free) {
            return Err(TenderError::NotPositive { tender, amount });
        }
        let left = self.left.max(Amount::ZERO);
        let fits = match method {
            Method::Cash => true,
            Method::Card => !left.is_zero(),
            Method::Voucher | Method::Other => amount <= left,
        };
        if self.settled || !fits {
            return Err(TenderError::ExceedsDue {
                tender,
                method,
                amount,
                left,
            });
        }
        self.paid = self.paid.plus(amount)?;
        match method {
            Method::Cash if amount >= cash_due => {
                self.rounding = cash_due.minus(self.left)?;
                self.change = amount.minus(cash_due)?;
                self.left = Amount::ZERO;
                self.settled = true;
            }
            Method::Cash => {
                self.left = self.left.minus(amount)?;
                self.cash = self.cash.plus(amount)?;
            }
            Method::Card | Method::Voucher | Method::Other => {
                self.tip = amount.minus(left)?.max(Amount::ZERO);
                self.left = self.left.minus(amount.min(left))?;
                self.settled = self.left.is_zero();
            }
        }
        Ok(())
    }
}

/// Whether what is written on a tender can be stored; nothing may be written yet.
fn storable(tender: usize, intent: &TenderIntent) -> Result<(), TenderError> {
    match recorded(tender, intent) {
        Err(TenderError::MissingReference { .. }) => Ok(()),
        other => other.map(drop),
    }
}

/// The tender as it will be recorded; refuses what must not be.
fn recorded(tender: usize, intent: &TenderIntent) -> Result<Tender, TenderError> {
    let clean = |text: &Option<String>| {
        text.as_deref()
            .map(|text| nfc(text.trim()))
            .filter(|text| !text.is_empty())
    };
    let (reference, last4) = (clean(&intent.reference), clean(&intent.last4));
    if let Some(text) = &reference {
        if text.chars().count() > MAX_REFERENCE {
            return Err(TenderError::ReferenceTooLong {
                tender,
                limit: MAX_REFERENCE,
            });
        }
        if card_number_in(text) {
            return Err(TenderError::CardNumber { tender });
        }
    } else if intent.method == Method::Card {
        return Err(TenderError::MissingReference {
            tender,
            method: intent.method,
        });
    }
    if let Some(digits) = &last4 {
        if card_number_in(digits) {
            return Err(TenderError::CardNumber { tender });
        }
        if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TenderError::InvalidLast4 {
                tender,
                found: digits.clone(),
            });
        }
    }
    Ok(Tender {
        method: intent.method,
        amount: intent.amount,
        reference,
        last4,
    })
}
