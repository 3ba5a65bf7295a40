//! The four choices about a failed item: which can be taken, and what each does to money and stock.

use counterfoil_domain::Amount;
use counterfoil_domain::sale::SaleRecord;
use counterfoil_domain::tender::Method;
use counterfoil_store::Stock;
use counterfoil_sync::FailureKind;

use crate::before::Before;
use crate::convert;
use crate::dto::{Choice, ChoiceKind, Effects, MoneyEffect, StockEffect};
use crate::error::{AppError, ErrorCode, Result};

const ALL: [ChoiceKind; 4] = [
    ChoiceKind::KeepCloud,
    ChoiceKind::RecordSeparately,
    ChoiceKind::Retry,
    ChoiceKind::Dismiss,
];

/// What decides which choices there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a> {
    /// Why it failed.
    pub(crate) kind: FailureKind,
    /// The decision of this register that sends a copy of the sale and could not go up.
    pub(crate) standing: Option<ChoiceKind>,
    /// What was decided elsewhere.
    pub(crate) before: Option<&'a Before>,
}

/// All four, with what they do.
pub(crate) fn all(item: Item<'_>, local: &SaleRecord) -> Result<Vec<Choice>> {
    ALL.into_iter()
        .map(|choice| {
            let unavailable = unavailable(choice, item);
            let earlier = matches!(unavailable, Some(Unavailable::Earlier(_)));
            let unavailable = unavailable.map(|why| why.words().to_owned());
            Ok(Choice {
                choice,
                available: unavailable.is_none(),
                unavailable,
                earlier,
                owner_only: owner_only(choice, local),
                effects: effects(choice, local)?,
            })
        })
        .collect()
}

/// Why a choice cannot be taken, in words.
enum Unavailable {
    /// Because of the item itself.
    Here(&'static str),
    /// Because of what was decided elsewhere.
    Earlier(&'static str),
}

impl Unavailable {
    const fn words(&self) -> &'static str {
        match self {
            Self::Here(words) | Self::Earlier(words) => words,
        }
    }
}

fn unavailable(choice: ChoiceKind, item: Item<'_>) -> Option<Unavailable> {
    let forbids = |choice| item.before.and_then(|before| before.forbids(choice));
    // What it did here stands. It is decided anew only where it can never go up.
    if item.standing.is_some_and(|own| forbids(own).is_none()) {
        let sent_again = "it is decided; what was decided can only be sent again";
        return (choice != ChoiceKind::Retry).then_some(Unavailable::Here(sent_again));
    }
    if let Some(words) = forbids(choice) {
        return Some(Unavailable::Earlier(words));
    }
    // The cloud has a copy of this sale, whatever it said to the sale itself.
    if item.before.is_some_and(Before::left_copy) {
        return None;
    }
    let words = match (choice, item.kind) {
        (ChoiceKind::KeepCloud, FailureKind::NumberReused) => {
            "the cloud has another sale, not another version of this one"
        }
        (ChoiceKind::KeepCloud, FailureKind::Refused) => "the cloud has no version of this sale",
        (ChoiceKind::RecordSeparately, FailureKind::Refused) => {
            "the cloud refuses this sale; under another id it would refuse it too"
        }
        _ => return None,
    };
    Some(Unavailable::Here(words))
}

/// Refuses a choice that cannot be taken.
pub(crate) fn check(choice: ChoiceKind, item: Item<'_>) -> Result<()> {
    match unavailable(choice, item) {
        None => Ok(()),
        Some(why) => Err(AppError::new(
            ErrorCode::ChoiceNotAvailable,
            format!("this cannot be chosen here: {}", why.words()),
        )),
    }
}

/// A sale with money in it is left out of the cloud by an owner only.
pub(crate) fn owner_only(choice: ChoiceKind, local: &SaleRecord) -> bool {
    choice == ChoiceKind::Dismiss && !local.total.is_zero()
}

fn effects(choice: ChoiceKind, local: &SaleRecord) -> Result<Effects> {
    let notes = |codes: &[&str]| codes.iter().map(|&code| code.to_owned()).collect();
    Ok(match choice {
        ChoiceKind::KeepCloud => Effects {
            stock: stock(local),
            money: money(local)?,
            notes: notes(&["reversalTakesNextNumber", "cloudUntouched"]),
        },
        ChoiceKind::RecordSeparately => Effects {
            notes: notes(&["bothCount", "printedNumberStays"]),
            ..Effects::default()
        },
        ChoiceKind::Retry => Effects {
            notes: notes(&["sameIdAgain", "realConflictStays"]),
            ..Effects::default()
        },
        ChoiceKind::Dismiss => Effects {
            notes: notes(&["staysLocal", "notInCloudTotals"]),
            ..Effects::default()
        },
    })
}

/// What comes back if all goods go to the shelf, product by product.
fn stock(local: &SaleRecord) -> Vec<StockEffect> {
    let mut products: Vec<(&str, i64, StockEffect)> = Vec::new();
    for line in &local.lines {
        let back = line.quantity.thousandths();
        match products.iter_mut().find(|(sku, ..)| *sku == line.sku) {
            Some((_, sum, _)) => *sum += back,
            None => products.push((
                &line.sku,
                back,
                StockEffect {
                    name: line.name.clone(),
                    unit: convert::unit(line.unit),
                    quantity: String::new(),
                },
            )),
        }
    }
    let signed = |thousandths: i64| {
        let text = Stock::from_thousandths(thousandths).to_string();
        if thousandths > 0 {
            format!("+{text}")
        } else {
            text
        }
    };
    products
        .into_iter()
        .map(|(_, sum, effect)| StockEffect {
            quantity: signed(sum),
            ..effect
        })
        .collect()
}

/// What the reversal pays back: cash net of its change, the other tenders one by one.
fn money(local: &SaleRecord) -> Result<Vec<MoneyEffect>> {
    let of = |method: Method| {
        local
            .tenders
            .iter()
            .filter(move |tender| tender.method == method)
    };
    let mut money = Vec::new();
    for method in [Method::Cash, Method::Card, Method::Voucher, Method::Other] {
        let mut sum = Amount::total(of(method).map(|tender| tender.amount))?;
        if method == Method::Cash {
            sum = sum.minus(local.change_due)?;
        }
        if !sum.is_zero() {
            money.push(MoneyEffect {
                method: convert::method(method),
                amount: (-sum).into(),
            });
        }
    }
    Ok(money)
}
