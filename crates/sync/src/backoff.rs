//! How long to wait before the next attempt: exponential, with full jitter.

/// The first attempt waits at most this long.
pub const BASE_MS: i64 = 1_000;
/// No attempt waits longer than this: a shop whose network is back should not wait for minutes.
pub const CEILING_MS: i64 = 60_000;
/// No attempt comes sooner than this, so that an unlucky draw is not a busy loop.
pub const FLOOR_MS: i64 = 20;

/// The wait before attempt `attempt` (from 0): uniform between [`FLOOR_MS`] and
/// `min(CEILING_MS, BASE_MS × 2^attempt)`.
///
/// Full jitter keeps the registers of a shop from coming back in one wave
/// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
pub fn delay_ms(attempt: u32, randomness: u64) -> i64 {
    let ceiling = BASE_MS
        .saturating_mul(1_i64 << attempt.min(32))
        .min(CEILING_MS);
    let span = ceiling.unsigned_abs() + 1;
    let drawn = i64::try_from(randomness % span).unwrap_or(ceiling);
    drawn.max(FLOOR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_wait_is_never_above_its_ceiling_nor_below_its_floor(attempt: u32, randomness: u64) {
            let wait = delay_ms(attempt, randomness);
            prop_assert!((FLOOR_MS..=CEILING_MS).contains(&wait));
            if attempt < 5 {
                prop_assert!(wait <= BASE_MS << attempt);
            }
        }
    }

    #[test]
    fn the_whole_span_is_drawn_from() {
        assert_eq!(delay_ms(0, 0), FLOOR_MS);
        assert_eq!(delay_ms(0, 1_000), 1_000);
        assert_eq!(delay_ms(3, 8_000), 8_000);
        assert_eq!(delay_ms(40, 60_000), CEILING_MS);
    }
}
