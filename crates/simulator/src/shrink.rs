//! A smaller case that still fails.

use crate::case::Case;
use crate::faults::{Fault, FaultPlan};
use crate::run::run;

/// Runs at most: a shrunk case is a convenience.
const MAX_RUNS: usize = 150;

/// Leaves out faults, registers and sales one at a time while the same rule is still broken, and lets what is left
/// of the faults happen half as often. Of several rules that are broken it is the first: the others may only follow.
pub fn shrink(case: &Case) -> Case {
    let breaks = |case: &Case| run(case, false).broken.into_iter().map(|(rule, _)| rule);
    // 0 is the simulator's own trouble, and counts where there is nothing else.
    let Some(rule) = breaks(case).min_by_key(|rule| rule.wrapping_sub(1)) else {
        return case.clone();
    };
    let mut smallest = case.clone();
    let mut runs = 0;
    loop {
        let mut smaller = None;
        for candidate in candidates(&smallest) {
            if runs >= MAX_RUNS {
                return smallest;
            }
            runs += 1;
            if breaks(&candidate).any(|broken| broken == rule) {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(candidate) => smallest = candidate,
            None => return smallest,
        }
    }
}

/// Everything that is a little smaller, the largest steps first.
fn candidates(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let mut push = |change: &dyn Fn(&mut Case)| {
        let mut smaller = case.clone();
        change(&mut smaller);
        all.push(smaller);
    };
    if case.sales > 1 {
        push(&|smaller| smaller.sales /= 2);
    }
    if case.registers > 1 {
        push(&|smaller| smaller.registers /= 2);
        push(&|smaller| smaller.registers -= 1);
    }
    let plan = FaultPlan::draw(case.seed, &case.faults);
    let (happen, idle): (Vec<Fault>, Vec<Fault>) =
        case.faults.on().partition(|fault| plan.rate(*fault) > 0);
    if !idle.is_empty() {
        // Those that this seed has left out anyway.
        push(&|smaller| {
            let rest = idle
                .iter()
                .fold(case.faults.clone(), |rest, fault| rest.without(*fault));
            smaller.faults = rest;
        });
    }
    for fault in &happen {
        push(&|smaller| smaller.faults = case.faults.without(*fault));
    }
    if case.sales > 1 {
        push(&|smaller| smaller.sales -= 1);
    }
    for number in (0..case.sales).filter(|number| !case.without.contains(number)) {
        push(&|smaller| {
            smaller.without.insert(number);
        });
    }
    for fault in &happen {
        let rate = plan.rate(*fault);
        if rate > 1 {
            push(&|smaller| smaller.faults = case.faults.at_rate(*fault, rate / 2));
        }
    }
    all
}
