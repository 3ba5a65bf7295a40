//! Plain decimals with a fixed number of places, read and written without a float.

/// Why a decimal was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecimalError {
    /// Not an optional minus, digits, and at most the allowed decimals.
    Invalid,
    /// More digits than the integer behind it can hold.
    TooLarge,
}

/// Reads `text` as an integer of `10^-places`.
pub(crate) fn parse(text: &str, places: usize) -> Result<i64, DecimalError> {
    let trimmed = text.trim();
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(DecimalError::Invalid),
        Some(parts) => parts,
        None => (digits, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || fraction.len() > places || !all_digits(whole) || !all_digits(fraction) {
        return Err(DecimalError::Invalid);
    }
    let scaled: i64 = format!("{whole}{fraction:0<places$}")
        .parse()
        .map_err(|_| DecimalError::TooLarge)?;
    Ok(if negative { -scaled } else { scaled })
}

/// Spells an integer of `10^-places` as the shortest decimal: no trailing zeros, no bare point.
pub(crate) fn shortest(scaled: i64, places: usize) -> String {
    let unit = 10_u64.pow(u32::try_from(places).unwrap_or(0));
    let sign = if scaled < 0 { "-" } else { "" };
    let magnitude = scaled.unsigned_abs();
    let (whole, fraction) = (magnitude / unit, magnitude % unit);
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    let decimals = format!("{fraction:0places$}");
    format!("{sign}{whole}.{}", decimals.trim_end_matches('0'))
}
