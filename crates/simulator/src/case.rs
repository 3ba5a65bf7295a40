//! One run: what it is drawn from, and the line that replays it.

use std::collections::BTreeSet;
use std::fmt;

use crate::controls::Control;
use crate::faults::Faults;
use crate::random::Dice;

/// Registers in one run at most.
pub const MAX_REGISTERS: usize = 64;

/// Everything that a run depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Where all chance comes from.
    pub seed: u64,
    /// How many registers, 1 to [`MAX_REGISTERS`].
    pub registers: usize,
    /// How many sales, over all registers.
    pub sales: u64,
    /// What may go wrong.
    pub faults: Faults,
    /// Sales that are left out, by their number from 0.
    pub without: BTreeSet<u64>,
    /// Something that is made wrong on purpose, to see whether it is caught.
    pub control: Option<Control>,
}

impl Case {
    /// The run of a seed when nothing else is asked for: mostly few registers and sales, because
    /// those are quick and show most, sometimes many.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed, "case", 0);
        let (registers, sales) = match dice.below(100) {
            0..30 => (1, dice.between(1, 12)),
            30..75 => (dice.between(2, 3), dice.between(2, 16)),
            75..95 => (dice.between(3, 6), dice.between(6, 30)),
            95..99 => (dice.between(6, 12), dice.between(20, 60)),
            _ => (dice.between(16, 64), dice.between(64, 160)),
        };
        Self {
            seed,
            registers: usize::try_from(registers).unwrap_or(1),
            sales,
            faults: Faults::usual(),
            without: BTreeSet::new(),
            control: None,
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "counterfoilctl simulate --seed {} --registers {} --sales {} --faults {}",
            self.seed, self.registers, self.sales, self.faults
        )?;
        if !self.without.is_empty() {
            let without: Vec<String> = self.without.iter().map(ToString::to_string).collect();
            write!(f, " --without {}", without.join(","))?;
        }
        match self.control {
            Some(control) => write!(f, " --control {}", control.name()),
            None => Ok(()),
        }
    }
}
