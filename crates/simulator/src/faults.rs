//! What may go wrong, how often, and how that is spelt on a command line.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::random::Dice;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $spelt:literal, $rate:literal;)*) => {
        /// Something that goes wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name on the command line and in a summary.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $spelt,)* }
            }

            /// How often in a thousand opportunities, where it is on and nothing else is said.
            const fn usual_rate(self) -> u16 {
                match self { $(Self::$name => $rate,)* }
            }
        }
    };
}

faults! {
    /// A request that never arrives.
    LostBefore = "lost-before", 40;
    /// A request that is carried out and whose answer is lost.
    LostAfter = "lost-after", 60;
    /// A request that arrives when its sender has given it up, perhaps after it was sent again.
    Late = "late", 30;
    /// A request that arrives twice.
    Repeated = "repeated", 40;
    /// A request that later ones overtake.
    Reordered = "reordered", 80;
    /// An answer with any code of gRPC, whether or not it was carried out.
    Code = "code", 60;
    /// A register, or all of them, without a network for a while.
    Partition = "partition", 250;
    /// A token that is not accepted any more.
    Token = "token", 200;
    /// The server's clock is off by up to a day.
    ServerClock = "server-clock", 500;
    /// A register's clock is set, by minutes to days, either way.
    Clock = "clock", 200;
    /// The process ends where the driver waits for something.
    CrashAwait = "crash-await", 500;
    /// The process ends before or after the driver asks its database.
    CrashStep = "crash-step", 500;
    /// The process ends between any two steps of SQLite's machine, in a checkout, a decision or a write of the driver's.
    CrashWrite = "crash-write", 250;
    /// The process ends at some moment.
    CrashMoment = "crash-moment", 200;
    /// A checkout is committed and nobody sees its answer.
    Unseen = "unseen", 60;
    /// The disk is full for a while.
    DiskFull = "disk-full", 150;
    /// The same cart is paid twice at the same moment, perhaps by two programs.
    DoubleEnter = "double-enter", 100;
    /// Two registers mint one id.
    SameId = "same-id", 100;
    /// The same goods again within the minute, under another id.
    SameGoods = "same-goods", 150;
    /// A sale that the rules refuse for good.
    Refused = "refused", 80;
    /// The rules deny all writes, or every new sale, for a while.
    Denied = "denied", 300;
    /// Somebody has put a changed version under the id first.
    Forged = "forged", 80;
    /// A decision is taken twice.
    DecideTwice = "decide-twice", 300;
    /// A database is copied to another computer, and somebody sells there too.
    Copied = "copied", 200;
    /// A whole computer is copied, with what tells its installation from others: both use the same numbers.
    Cloned = "cloned", 150;
    /// A backup is put back.
    Restored = "restored", 200;
}

/// Which faults may happen. A rate that is named is taken; the others are drawn from the seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(BTreeMap<Fault, Option<u16>>);

impl Faults {
    /// None at all.
    pub fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// All of them, each as often as the seed says.
    pub fn usual() -> Self {
        Self(Fault::ALL.iter().map(|fault| (*fault, None)).collect())
    }

    /// Only this one, at its usual rate.
    pub fn only(fault: Fault) -> Self {
        Self(BTreeMap::from([(fault, Some(fault.usual_rate()))]))
    }

    /// The same without one.
    pub fn without(&self, fault: Fault) -> Self {
        let mut rest = self.clone();
        rest.0.remove(&fault);
        rest
    }

    /// The same with one at this rate.
    pub fn at_rate(&self, fault: Fault, rate: u16) -> Self {
        let mut other = self.clone();
        other.0.insert(fault, Some(rate));
        other
    }

    /// Those that are on.
    pub fn on(&self) -> impl Iterator<Item = Fault> {
        self.0.keys().copied()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::usual() {
            return f.write_str("all");
        }
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let spelt = self.0.iter().map(|(fault, rate)| match rate {
            Some(rate) => format!("{}={rate}", fault.name()),
            None => fault.name().to_owned(),
        });
        f.write_str(&spelt.collect::<Vec<_>>().join(","))
    }
}

/// A fault that nobody knows, or a rate that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault(String);

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        write!(
            f,
            "“{}” is no fault; write all, none, or some of {}, each with =RATE in a thousand if wanted",
            self.0,
            names.join(",")
        )
    }
}

impl std::error::Error for UnknownFault {}

impl FromStr for Faults {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "all" => return Ok(Self::usual()),
            "none" | "" => return Ok(Self::none()),
            _ => {}
        }
        let mut faults = BTreeMap::new();
        for part in text.split(',') {
            let unknown = || UnknownFault(part.to_owned());
            let (name, rate) = match part.trim().split_once('=') {
                Some((name, rate)) => {
                    let rate: u16 = rate.parse().map_err(|_| unknown())?;
                    (name, Some(rate.min(1_000)))
                }
                None => (part.trim(), None),
            };
            let fault = Fault::ALL.iter().find(|fault| fault.name() == name);
            faults.insert(*fault.ok_or_else(unknown)?, rate);
        }
        Ok(Self(faults))
    }
}

/// How often what happens in one run.
#[derive(Clone, Debug)]
pub struct FaultPlan(BTreeMap<Fault, u16>);

impl FaultPlan {
    /// Draws the rates. Each seed leaves some faults out and has much of others: what always
    /// happens hides what follows from its absence.
    pub fn draw(seed: u64, faults: &Faults) -> Self {
        let mut rates = BTreeMap::new();
        for (fault, fixed) in &faults.0 {
            let mut dice = Dice::of(seed, fault.name(), 0);
            let (on, quarters) = (dice.happens(550), dice.between(1, 10));
            let drawn = u64::from(fault.usual_rate()) * quarters / 4;
            let drawn = u16::try_from(drawn).unwrap_or(1_000).min(1_000);
            let rate = fixed.unwrap_or(if on { drawn } else { 0 });
            if rate > 0 {
                rates.insert(*fault, rate);
            }
        }
        Self(rates)
    }

    /// How often in a thousand.
    pub fn rate(&self, fault: Fault) -> u16 {
        self.0.get(&fault).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_faults_is_read_as_it_is_written() {
        for text in ["all", "none", "lost-after,late=20", "copied"] {
            let faults: Faults = text.parse().expect("faults");
            assert_eq!(faults.to_string().parse(), Ok(faults.clone()), "{text}");
        }
        assert!("lost".parse::<Faults>().is_err());
        assert!("late=often".parse::<Faults>().is_err());
    }

    #[test]
    fn leaving_one_fault_out_changes_no_other() {
        for seed in 0..50 {
            let all = FaultPlan::draw(seed, &Faults::usual());
            let fewer = FaultPlan::draw(seed, &Faults::usual().without(Fault::Late));
            for fault in Fault::ALL.iter().filter(|fault| **fault != Fault::Late) {
                assert_eq!(all.rate(*fault), fewer.rate(*fault));
            }
        }
    }
}
