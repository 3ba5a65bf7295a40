//! Numbers as the documents write them.

/// A whole number with a comma between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        let written = [0, 7, 999, 1_000, 20_000, 123_456, 1_234_567].map(grouped);
        let expected = ["0", "7", "999", "1,000", "20,000", "123,456", "1,234,567"];
        assert_eq!(written, expected);
    }
}
