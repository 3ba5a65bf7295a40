//! The day of a shop: what happens when, drawn from the seed before it begins.

use crate::carts::Cart;
use crate::case::Case;
use crate::cloud::Denial;
use crate::faults::{Fault, FaultPlan};
use crate::random::Dice;

/// Faults that last are drawn once for each register and each span of this length.
const SPAN_MS: u64 = 15_000;
/// A minute and a day in milliseconds: clocks are set by something between.
const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;

/// What happens at a register.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A customer comes.
    Sell(Box<Cart>),
    /// A manager looks at the failure list and decides about an item.
    Decide,
    /// Its clock is set.
    Jump { by_ms: i64 },
    /// Its network goes, or comes back.
    Cut(bool),
    /// Everybody's.
    CutAll(bool),
    /// Its disk fills up, or has room again.
    Full(bool),
    /// The cloud denies what it takes at other times, or takes it again.
    Deny(Option<Denial>),
    /// Its process ends.
    End,
    /// Its tokens are not accepted any more; fresh ones not for so long.
    Expire { ms: i64 },
    /// Its database is copied, alone or with the whole computer, and the copy sells too.
    Copy { whole: bool },
    /// Somebody makes a backup of it.
    BackUp,
    /// Somebody puts the backup back.
    Restore,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) at_ms: u64,
    pub(crate) register: usize,
    pub(crate) what: What,
}

/// The day of a case, in its order.
pub(crate) fn day(case: &Case, plan: &FaultPlan) -> Vec<Step> {
    let mut shape = Dice::of(case.seed, "day", 0);
    let quick = shape.happens(300);
    let day_ms = if quick {
        5_000
    } else {
        (15_000 + 1_500 * case.sales).min(90_000)
    };
    let mut steps = Vec::new();
    for number in (0..case.sales).filter(|number| !case.without.contains(number)) {
        steps.push(sale(case, number, day_ms, plan));
    }
    for register in 0..case.registers {
        of_register(case, register, day_ms, plan, &mut steps);
    }
    steps.sort_by_key(|step| step.at_ms);
    steps
}

fn sale(case: &Case, number: u64, day_ms: u64, plan: &FaultPlan) -> Step {
    let mut dice = Dice::of(case.seed, "sale", number);
    let (at_ms, register) = (dice.below(day_ms), dice.draw());
    let registers = u64::try_from(case.registers).unwrap_or(1).max(1);
    Step {
        at_ms,
        register: usize::try_from(register % registers).unwrap_or(0),
        what: What::Sell(Box::new(Cart::draw(case.seed, number, plan))),
    }
}

fn of_register(case: &Case, register: usize, day_ms: u64, plan: &FaultPlan, steps: &mut Vec<Step>) {
    let stream = u64::try_from(register).unwrap_or(0) << 32;
    let mut push = |at_ms: u64, what: What| {
        steps.push(Step {
            at_ms,
            register,
            what,
        })
    };
    let mut managers = Dice::of(case.seed, "managers", stream);
    for _ in 0..managers.between(1, 4) {
        push(day_ms / 4 + managers.below(day_ms), What::Decide);
    }
    for span in 0..=day_ms / SPAN_MS {
        let of = |fault: Fault| {
            let mut dice = Dice::of(case.seed, fault.name(), stream + span + 1);
            let (happens, at_ms) = (
                dice.happens(plan.rate(fault)),
                span * SPAN_MS + dice.below(SPAN_MS),
            );
            happens.then_some((at_ms, dice))
        };
        if let Some((at_ms, mut dice)) = of(Fault::Partition) {
            let until = at_ms + dice.between(500, 30_000);
            let everybody = register == 0 && dice.happens(300);
            let cut = |cut| {
                if everybody {
                    What::CutAll(cut)
                } else {
                    What::Cut(cut)
                }
            };
            push(at_ms, cut(true));
            push(until, cut(false));
        }
        if let Some((at_ms, mut dice)) = of(Fault::Clock) {
            let size = if dice.happens(500) {
                dice.between(1, 30 * MINUTE_MS)
            } else {
                dice.between(MINUTE_MS, 5 * DAY_MS)
            };
            let size = i64::try_from(size).unwrap_or(0);
            let by_ms = if dice.happens(500) { size } else { -size };
            push(at_ms, What::Jump { by_ms });
        }
        if let Some((at_ms, mut dice)) = of(Fault::DiskFull) {
            push(at_ms, What::Full(true));
            push(at_ms + dice.between(200, 20_000), What::Full(false));
        }
        if let Some((at_ms, _)) = of(Fault::CrashMoment) {
            push(at_ms, What::End);
        }
        if let Some((at_ms, mut dice)) = of(Fault::Token) {
            let ms = if dice.happens(500) {
                0
            } else {
                dice.between(100, 20_000)
            };
            let ms = i64::try_from(ms).unwrap_or(0);
            push(at_ms, What::Expire { ms });
        }
    }
    let mut denied = Dice::of(case.seed, Fault::Denied.name(), stream + 1);
    // The rules are one for all; that they change their mind twice is not promised to be told.
    if register == 0 && denied.happens(plan.rate(Fault::Denied)) {
        let at_ms = denied.below(day_ms);
        let what = if denied.happens(600) {
            Denial::NewSales
        } else {
            Denial::AllWrites
        };
        push(at_ms, What::Deny(Some(what)));
        push(at_ms + denied.between(500, 40_000), What::Deny(None));
    }
    for (fault, whole) in [(Fault::Copied, false), (Fault::Cloned, true)] {
        let mut dice = Dice::of(case.seed, fault.name(), stream + 1);
        // Once in a shop is enough.
        if register == 0 && dice.happens(plan.rate(fault)) {
            push(dice.below(day_ms), What::Copy { whole });
        }
    }
    let mut restores = Dice::of(case.seed, Fault::Restored.name(), stream + 1);
    if restores.happens(plan.rate(Fault::Restored)) {
        let at_ms = restores.below(day_ms);
        push(at_ms, What::BackUp);
        push(at_ms + restores.between(500, day_ms), What::Restore);
    }
}
