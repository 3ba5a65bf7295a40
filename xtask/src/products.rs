//! Products for trying out a large catalogue: makers × goods × varieties × sizes, from word lists in `words/`.
//!
//! The same count and seed give the same file, to the byte. Prices and costs are whole cents throughout.

use std::fmt::Write as _;
use std::str::FromStr;

use crate::barcode::in_store;
use crate::catalogue::{HEADER, quoted};

const BRANDS: &str = include_str!("../words/brands.txt");
const GOODS: &str = include_str!("../words/goods.txt");

/// The seed used when none is given.
pub const SEED: u64 = 20;

struct Brand {
    name: &'static str,
    percent: u64,
}

struct Good {
    name: &'static str,
    category: &'static str,
    tax: &'static str,
    cents: u64,
    varieties: Vec<&'static str>,
    sizes: Vec<(&'static str, u64)>,
}

/// `count` products as a catalogue file.
///
/// # Errors
/// When the lists hold fewer combinations than asked for, or a list's line does not read.
pub fn csv(count: usize, seed: u64) -> Result<String, String> {
    let brands = brands()?;
    let goods = goods()?;
    let mut all: Vec<(u16, u16, u16, u16)> = Vec::new();
    for (b, _) in (0u16..).zip(&brands) {
        for (g, good) in (0u16..).zip(&goods) {
            for (v, _) in (0u16..).zip(&good.varieties) {
                all.extend((0u16..).zip(&good.sizes).map(|(s, _)| (b, g, v, s)));
            }
        }
    }
    if count > all.len() {
        return Err(format!(
            "the word lists make {} different products, not {count}",
            all.len()
        ));
    }
    let mut random = Random(seed);
    shuffle(&mut all, &mut random);

    let mut out = format!("{HEADER}\n");
    for (number, &(b, g, v, s)) in (1u64..).zip(&all[..count]) {
        let brand = &brands[usize::from(b)];
        let good = &goods[usize::from(g)];
        let (size, size_percent) = good.sizes[usize::from(s)];
        // Prices end in 9, as on a shelf; the cost leaves a margin of 25 to 49 %.
        let price = (good.cents * size_percent * brand.percent / 10_000 / 10) * 10 + 9;
        let cost = price * (51 + random.below(25)) / 100;
        let by_weight = size == "per kg";
        let name = if by_weight {
            format!(
                "{} {}, {}",
                brand.name,
                good.name,
                good.varieties[usize::from(v)]
            )
        } else {
            format!(
                "{} {}, {} {size}",
                brand.name,
                good.name,
                good.varieties[usize::from(v)]
            )
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "P{number:05},{},{},{},{},{},{},{},{},{}",
            in_store(500_000_000 + number),
            quoted(&name),
            quoted(good.category),
            decimal(price),
            decimal(cost),
            good.tax,
            random.below(97),
            random.below(13),
            if by_weight { "kg" } else { "piece" },
        );
    }
    Ok(out)
}

/// Cents as a decimal number.
fn decimal(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A list's lines without comments.
fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn number<T: FromStr>(text: &str, line: &str) -> Result<T, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("not a number: {text} in {line}"))
}

fn brands() -> Result<Vec<Brand>, String> {
    lines(BRANDS)
        .map(|line| {
            let (name, percent) = line.rsplit_once(' ').ok_or(format!("no percent: {line}"))?;
            Ok(Brand {
                name,
                percent: number(percent, line)?,
            })
        })
        .collect()
}

fn goods() -> Result<Vec<Good>, String> {
    lines(GOODS)
        .map(|line| {
            let fields: Vec<&'static str> = line.split('|').map(str::trim).collect();
            let [name, category, tax, cents, varieties, sizes] = fields[..] else {
                return Err(format!("not six fields: {line}"));
            };
            let sizes = sizes
                .split(',')
                .map(|size| {
                    let (size, percent) =
                        size.split_once(':').ok_or(format!("no percent: {line}"))?;
                    Ok((size.trim(), number(percent, line)?))
                })
                .collect::<Result<_, String>>()?;
            Ok(Good {
                name,
                category,
                tax,
                cents: number(cents, line)?,
                varieties: varieties.split(',').map(str::trim).collect(),
                sizes,
            })
        })
        .collect()
}

/// `SplitMix64` (Steele, Lea, Flood 2014): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, and without, `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Fisher and Yates's shuffle.
fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for last in (1..items.len()).rev() {
        // What remains of a division by last + 1 fits where `last` does.
        let other = usize::try_from(random.below(last as u64 + 1)).unwrap_or(last);
        items.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{SEED, csv};

    #[test]
    fn fifty_thousand_products_differ_in_name_and_code() {
        let file = csv(50_000, SEED).expect("the lists are long enough");
        let rows: Vec<&str> = file.lines().skip(1).collect();
        let codes: BTreeSet<_> = rows.iter().map(|row| row.split(',').nth(1)).collect();
        // Every name holds a comma, so it stands between quotes.
        let names: BTreeSet<_> = rows.iter().map(|row| row.split('"').nth(1)).collect();
        assert_eq!((codes.len(), names.len()), (50_000, 50_000));
    }

    #[test]
    fn a_seed_gives_the_same_file_again() {
        assert_eq!(csv(500, 7), csv(500, 7));
        assert_ne!(csv(500, 7), csv(500, 8));
    }

    #[test]
    fn more_than_the_lists_hold_is_refused() {
        assert!(csv(10_000_000, SEED).is_err());
    }
}
