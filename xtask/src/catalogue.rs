//! The demo store's catalogue: a list that people write, `products.txt`, becomes the CSV that the program imports.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::barcode::in_store;

/// The header of a catalogue file, as the program reads and writes it.
pub const HEADER: &str = "sku,barcode,name,category,price,cost,tax,stock,reorder,unit";

/// A category's defaults, from its heading.
struct Category<'a> {
    name: &'a str,
    letters: &'a str,
    tax: &'a str,
    unit: &'a str,
    number: u64,
}

/// Turns the list into CSV.
///
/// # Errors
/// A line that does not read, by its number and what is wrong with it.
pub fn csv(list: &str) -> Result<String, String> {
    let mut out = format!("{HEADER}\n");
    let mut category: Option<Category<'_>> = None;
    let mut names = BTreeSet::new();
    let (mut categories, mut place) = (0, 0);
    for (at, line) in list.lines().enumerate() {
        let line = line.trim();
        let wrong = |why: &str| format!("line {}: {why}: {line}", at + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(heading) = line.strip_prefix("==") {
            let parts: Vec<&str> = heading.split(',').map(str::trim).collect();
            let [name, letters, tax, unit] = parts[..] else {
                return Err(wrong("a heading is == name, letters, tax, unit"));
            };
            categories += 1;
            place = 0;
            category = Some(Category {
                name,
                letters,
                tax,
                unit,
                number: categories,
            });
            continue;
        }
        let category = category
            .as_ref()
            .ok_or_else(|| wrong("a product before the first heading"))?;
        place += 1;
        let row = product(line, category, place).map_err(|why| wrong(&why))?;
        if !names.insert(row.0) {
            return Err(wrong("a name used twice"));
        }
        out.push_str(&row.1);
    }
    Ok(out)
}

/// One product's name and its line of CSV.
fn product<'a>(
    line: &'a str,
    category: &Category<'_>,
    place: u64,
) -> Result<(&'a str, String), String> {
    let mut fields = line.split('|').map(str::trim);
    let mut next = |what: &str| fields.next().ok_or_else(|| format!("{what} is missing"));
    let name = next("the name")?;
    let (price, cost) = (next("the price")?, next("the cost")?);
    let (stock, reorder) = (next("the stock")?, next("the reorder level")?);
    let (mut tax, mut unit, mut barcodes) = (category.tax, category.unit, 1);
    for own in next("")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|own| !own.is_empty())
    {
        match own.split_once('=') {
            Some(("tax", value)) => tax = value,
            Some(("unit", value @ ("kg" | "piece"))) => unit = value,
            Some(("barcodes", value)) => barcodes = value.parse().map_err(|_| "barcodes=N")?,
            _ => return Err(format!("{own} is not tax=, unit= or barcodes=")),
        }
    }
    // The first code names category and place; further ones, a second packing, lie in a block of their own.
    let codes: Vec<String> = (0..barcodes)
        .map(|packing: u64| in_store(packing * 1_000_000 + category.number * 1_000 + place))
        .collect();
    let mut row = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        row,
        "{}-{place:03},{},{},{},{price},{cost},{tax},{stock},{reorder},{unit}",
        category.letters,
        codes.join("|"),
        quoted(name),
        quoted(category.name),
    );
    Ok((name, row))
}

/// A field as RFC 4180 writes it.
#[must_use]
pub fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// Where the list and the CSV lie.
const FOLDER: &str = "crates/app/demo";

/// Writes `catalogue.csv` from `products.txt`, and returns how many products it holds.
///
/// # Errors
/// When a file cannot be read or written, or a line of the list does not read.
pub fn write(root: &Path) -> io::Result<usize> {
    let folder = root.join(FOLDER);
    let csv = csv(&fs::read_to_string(folder.join("products.txt"))?).map_err(io::Error::other)?;
    fs::write(folder.join("catalogue.csv"), &csv)?;
    Ok(csv.lines().count() - 1)
}

#[cfg(test)]
mod tests {
    use super::csv;

    const LIST: &str = include_str!("../../crates/app/demo/products.txt");
    const CSV: &str = include_str!("../../crates/app/demo/catalogue.csv");

    #[test]
    fn the_catalogue_is_what_its_list_says() {
        assert_eq!(
            csv(LIST).expect("the list reads"),
            CSV,
            "run `cargo xtask catalogue`"
        );
    }

    #[test]
    fn the_demo_store_has_enough_of_everything() {
        let rows: Vec<&str> = CSV.lines().skip(1).collect();
        let count = |ending: &str| rows.iter().filter(|row| row.ends_with(ending)).count();
        assert!(rows.len() >= 240, "{} products", rows.len());
        assert!(count(",kg") >= 20, "some are sold by weight");
        assert!(rows.iter().filter(|row| row.contains('|')).count() >= 3);
        assert!(LIST.lines().filter(|line| line.starts_with("==")).count() >= 10);
    }

    #[test]
    fn a_line_that_does_not_read_is_named() {
        let error = csv("== A, AAA, 5, piece\nRye bread | 3.90").expect_err("no cost");
        assert!(error.starts_with("line 2: the cost is missing"), "{error}");
    }
}
