//! A smaller case that still fails.

use crate::case::Case;
use crate::run::run;

/// Runs at most: a shrunk case is a convenience.
const MAX_RUNS: usize = 150;

/// Leaves out faults, registers and sales one at a time while a rule is still broken.
pub fn shrink(case: &Case) -> Case {
    let mut smallest = case.clone();
    let mut runs = 0;
    loop {
        let mut smaller = None;
        for candidate in candidates(&smallest) {
            if runs >= MAX_RUNS {
                return smallest;
            }
            runs += 1;
            if !run(&candidate, false).broken.is_empty() {
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
    for fault in case.faults.on() {
        push(&|smaller| smaller.faults = case.faults.without(fault));
    }
    if case.sales > 1 {
        push(&|smaller| smaller.sales -= 1);
    }
    for number in (0..case.sales).filter(|number| !case.without.contains(number)) {
        push(&|smaller| {
            smaller.without.insert(number);
        });
    }
    all
}
