//! Chance from the seed: every purpose has a stream of its own, so that leaving one fault out
//! changes nothing about the others.

use std::sync::{Mutex, MutexGuard, PoisonError};

use counterfoil_domain::IdSource;
use uuid::Uuid;

/// A stream of draws (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>). Written out here rather
/// than taken from a crate, because a seed that was kept must mean the same for ever.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    /// The `nth` stream for `purpose`.
    pub(crate) fn of(seed: u64, purpose: &str, nth: u64) -> Self {
        let mut state = seed ^ 0xcbf2_9ce4_8422_2325;
        for byte in purpose.bytes().chain(nth.to_le_bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        let mut dice = Self { state };
        // The first draws of neighbouring seeds would be alike.
        dice.draw();
        dice
    }

    /// The next 64 bits.
    pub(crate) fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to below `n`; 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.draw() % n.max(1)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// Whether something happens that happens `rate` times in a thousand.
    pub(crate) fn happens(&mut self, rate: u16) -> bool {
        self.below(1_000) < u64::from(rate)
    }

    /// One of `among`; none of nothing.
    pub(crate) fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        let place = self.below(u64::try_from(among.len()).unwrap_or(u64::MAX));
        among.get(usize::try_from(place).unwrap_or(usize::MAX))
    }

    /// A random UUID (version 4).
    pub(crate) fn uuid(&mut self) -> Uuid {
        let bits = (u128::from(self.draw()) << 64) | u128::from(self.draw());
        uuid::Builder::from_u128(bits)
            .with_variant(uuid::Variant::RFC4122)
            .with_version(uuid::Version::Random)
            .into_uuid()
    }
}

/// Identities from the seed. One can be prescribed: that is how two registers come to mint one id.
#[derive(Debug)]
pub(crate) struct SeededIds {
    drawn: Mutex<(Dice, Option<Uuid>)>,
}

impl SeededIds {
    /// Draws from this stream.
    pub(crate) fn new(dice: Dice) -> Self {
        Self {
            drawn: Mutex::new((dice, None)),
        }
    }

    /// Makes the next identity this one.
    pub(crate) fn prescribe(&self, id: Uuid) {
        lock(&self.drawn).1 = Some(id);
    }

    /// Takes back a prescribed identity that nobody drew.
    pub(crate) fn forget(&self) {
        lock(&self.drawn).1 = None;
    }
}

impl IdSource for SeededIds {
    fn uuid(&self) -> Uuid {
        let (dice, prescribed) = &mut *lock(&self.drawn);
        prescribed.take().unwrap_or_else(|| dice.uuid())
    }
}

/// A seed runs on one thread: a lock is only what `Sync` asks for, and a panic ends the run.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_the_same_for_ever() {
        let mut dice = Dice::of(7, "sale", 1);
        let drawn: Vec<u64> = (0..3).map(|_| dice.below(1_000)).collect();
        let mut again = Dice::of(7, "sale", 1);
        assert_eq!(
            drawn,
            (0..3).map(|_| again.below(1_000)).collect::<Vec<_>>()
        );
        let mut other = Dice::of(7, "sale", 2);
        assert_ne!(
            drawn,
            (0..3).map(|_| other.below(1_000)).collect::<Vec<_>>()
        );
        assert_eq!(dice.uuid().get_version_num(), 4);
    }
}
