//! In-store article numbers for made-up products.

/// The EAN-13 in the in-store range 20 for an item number of up to ten digits: `20`, the number, the check digit.
///
/// The check digit is GS1's: the digits weigh 1 and 3 by turns, and the sum with it is a multiple of ten
/// (GS1 General Specifications, 7.9). Range 20 is each shop's own, so these never meet a real product's code.
///
/// # Panics
/// When `item` has more than ten digits.
#[must_use]
pub fn in_store(item: u64) -> String {
    assert!(
        item < 10_000_000_000,
        "an in-store item number has at most ten digits"
    );
    let digits = format!("20{item:010}");
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::in_store;

    #[test]
    fn the_check_digit_is_gs1s() {
        // 2010007107310 is the price label of docs/MONEY.md, whose check digit was computed elsewhere.
        assert_eq!(in_store(1_000_710_731), "2010007107310");
        assert_eq!(in_store(0), "2000000000008");
    }
}
