//! Barcodes: the check digits of GS1's EAN-13, UPC-A and EAN-8
//! (<https://www.gs1.org/services/how-calculate-check-digit-manually>).

/// The check digit that follows `digits`: weights 3 and 1 by turns, from the right.
///
/// `None` when there is anything but digits, or nothing.
pub fn check_digit(digits: &str) -> Option<u8> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let weighted = digits.bytes().rev().enumerate().map(|(place, digit)| {
        let weight = if place % 2 == 0 { 3 } else { 1 };
        u32::from(digit - b'0') * weight
    });
    // At most a sum of 27 a digit; the remainder is one digit.
    let sum = weighted.fold(0_u32, |sum, part| (sum + part) % 10);
    u8::try_from((10 - sum) % 10).ok()
}

/// Whether `code` is an EAN-13, UPC-A or EAN-8 with the right check digit.
pub fn is_valid(code: &str) -> bool {
    if !matches!(code.len(), 8 | 12 | 13) || !code.is_ascii() {
        return false;
    }
    let (digits, last) = code.split_at(code.len() - 1);
    check_digit(digits).is_some_and(|digit| last.bytes().eq([b'0' + digit]))
}

/// A plain in-store EAN-13: range 20, ten digits of item number, the check digit.
///
/// `None` for an item number of more than ten digits.
pub fn in_store_ean13(item: u64) -> Option<String> {
    if item > 9_999_999_999 {
        return None;
    }
    let digits = format!("20{item:010}");
    check_digit(&digits).map(|digit| format!("{digits}{digit}"))
}
