//! Card numbers: recognised so that they are never stored.

/// Whether `text` holds something that may be a card's number: 13 to 19 digits, perhaps in groups
/// parted by single spaces or hyphens, that pass the Luhn check (ISO/IEC 7812-1, annex B).
pub fn card_number_in(text: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    text.split(|c: char| !is_digit(c) && c != ' ' && c != '-')
        .any(|run| {
            // Two separators in a row part numbers from each other.
            let groups: Vec<&str> = run.split([' ', '-']).collect();
            groups.split(|group| group.is_empty()).any(|groups| {
                (0..groups.len()).any(|first| {
                    let mut digits = String::new();
                    groups.iter().skip(first).take(19).any(|group| {
                        digits.push_str(group);
                        (13..=19).contains(&digits.len()) && luhn(&digits)
                    })
                })
            })
        })
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match (place % 2, digit) {
                (0, digit) => digit,
                (_, digit) if digit > 4 => digit * 2 - 9,
                (_, digit) => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10) && digits.bytes().any(|byte| byte != b'0')
}
