//! A manager's answers, checked before anything is written.

use counterfoil_domain::document::nfc;
use counterfoil_domain::tender::{Method, card_number_in};

use crate::choices;
use crate::dto::{ChoiceKind, MoneyAnswer, ResolveInput, Restock};
use crate::error::{AppError, ErrorCode, Result};
use crate::people::Person;
use crate::sale::Sale;

/// The longest reason, in characters.
const MAX_REASON: usize = 500;
/// The longest reference of a card refund, in characters.
const MAX_REFERENCE: usize = 100;

/// A decision that was checked.
pub(super) struct Decided {
    pub(super) choice: ChoiceKind,
    pub(super) reason: String,
    pub(super) by: Person,
    pub(super) money: Option<MoneyAnswer>,
    pub(super) card_reference: Option<String>,
    /// What becomes of each line's goods, in order.
    pub(super) restock: Vec<Restock>,
    /// The choice needed an owner.
    pub(super) as_owner: bool,
}

impl Decided {
    pub(super) fn new(input: &ResolveInput, local: &Sale) -> Result<Self> {
        let by = Person::named(&input.by)
            .map_err(|_| AppError::invalid("say who decides: a manager's name is needed"))?;
        if by.id.to_string() == local.record.cashier_id {
            return Err(AppError::new(
                ErrorCode::NotPermitted,
                format!(
                    "{} rang up this sale and cannot decide about it; another person must",
                    local.record.cashier_name
                ),
            ));
        }
        let reason = nfc(input.reason.trim());
        if reason.is_empty() {
            return Err(AppError::new(
                ErrorCode::ReasonMissing,
                "say why: a reason is needed",
            ));
        }
        if reason.chars().count() > MAX_REASON {
            return Err(AppError::invalid(format!(
                "a reason has at most {MAX_REASON} characters"
            )));
        }
        if card_number_in(&reason) {
            return Err(card_number());
        }
        let keep_cloud = input.choice == ChoiceKind::KeepCloud;
        let money = if keep_cloud {
            Some(money_answer(input.money)?)
        } else {
            None
        };
        Ok(Self {
            choice: input.choice,
            reason,
            by,
            money,
            card_reference: if keep_cloud {
                card_reference(input, local)?
            } else {
                None
            },
            restock: if keep_cloud {
                restock(input, local)?
            } else {
                Vec::new()
            },
            as_owner: choices::owner_only(input.choice, &local.record),
        })
    }
}

fn card_number() -> AppError {
    AppError::new(
        ErrorCode::CardNumberRefused,
        "a card number is never stored; enter the terminal's reference",
    )
}

fn money_answer(answer: Option<MoneyAnswer>) -> Result<MoneyAnswer> {
    match answer {
        Some(MoneyAnswer::TakenAndKept) => Err(AppError::new(
            ErrorCode::ChoiceNotAvailable,
            "money that was taken and is kept belongs to a sale; record this one separately",
        )),
        Some(answer) => Ok(answer),
        None => Err(AppError::invalid(
            "say where the money is: given back now, or never taken",
        )),
    }
}

fn card_reference(input: &ResolveInput, local: &Sale) -> Result<Option<String>> {
    let reference = input.card_reference.as_deref().map(|text| nfc(text.trim()));
    let reference = reference.filter(|text| !text.is_empty());
    if let Some(text) = &reference {
        if card_number_in(text) {
            return Err(card_number());
        }
        if text.chars().count() > MAX_REFERENCE {
            return Err(AppError::invalid(format!(
                "a reference has at most {MAX_REFERENCE} characters"
            )));
        }
    }
    let by_card = local
        .record
        .tenders
        .iter()
        .any(|tender| tender.method == Method::Card);
    if by_card && input.money == Some(MoneyAnswer::GivenBack) && reference.is_none() {
        return Err(AppError::new(
            ErrorCode::ReferenceMissing,
            "refund the card at its terminal first and enter the refund's reference",
        ));
    }
    Ok(reference)
}

fn restock(input: &ResolveInput, local: &Sale) -> Result<Vec<Restock>> {
    let lines = local.record.lines.len();
    let mut restock = vec![input.restock.unwrap_or(Restock::None); lines];
    for line in &input.restock_lines {
        let index = usize::try_from(line.line)
            .ok()
            .and_then(|line| line.checked_sub(1));
        let place = index.and_then(|index| restock.get_mut(index));
        *place.ok_or_else(|| {
            AppError::invalid(format!(
                "there is no line {} in a sale of {lines}",
                line.line
            ))
        })? = line.restock;
    }
    Ok(restock)
}
