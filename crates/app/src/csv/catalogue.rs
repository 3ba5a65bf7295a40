//! The catalogue file: which columns there are and what each must hold.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::cart::{MAX_NAME, MAX_SKU};
use counterfoil_domain::{Amount, Currency, Quantity, Rate, Unit};

use super::fields::FieldReader;
use super::reader::{Record, quoted, records};
use crate::dto::ImportProblem;

/// The columns, in the order in which they are exported.
const COLUMNS: [&str; 10] = [
    "sku", "barcode", "name", "category", "price", "cost", "tax", "stock", "reorder", "unit",
];
const REQUIRED: [&str; 3] = ["sku", "name", "price"];

/// The longest category, in characters.
const MAX_CATEGORY: usize = 100;

/// One tax of a product, as the file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TaxEntry {
    /// A percentage, which is a code of its own.
    Percent(Rate),
    /// The code of a tax that the store has.
    Code(String),
}

/// One good line. What the file has no column for is not in [`ParsedCatalogue::columns`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) line: u32,
    pub(crate) sku: String,
    pub(crate) barcodes: Vec<String>,
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) price: Amount,
    pub(crate) cost: Option<Amount>,
    pub(crate) taxes: Vec<TaxEntry>,
    pub(crate) stock: Option<Quantity>,
    pub(crate) reorder: Option<Quantity>,
    /// None where the file has no such column.
    pub(crate) unit: Option<Unit>,
}

/// A file as far as it can be judged without a database.
#[derive(Debug, Default)]
pub(crate) struct ParsedCatalogue {
    /// The columns that the file has.
    pub(crate) columns: BTreeSet<&'static str>,
    /// The columns that it has besides, as they are spelt in lower case: nothing reads them.
    pub(crate) ignored: Vec<String>,
    /// The good lines.
    pub(crate) rows: Vec<Row>,
    /// What is wrong with the others, in the order of the file.
    pub(crate) problems: Vec<ImportProblem>,
    /// Lines without the header, good and bad.
    pub(crate) lines: u32,
    /// The header itself is bad: nothing can be imported, whatever is skipped.
    pub(crate) unusable: bool,
}

/// Reads a whole file.
pub(crate) fn parse(text: &str, currency: &Currency) -> ParsedCatalogue {
    let mut parsed = ParsedCatalogue::default();
    let mut records = records(text);
    let header = match records.next() {
        Some(Ok(header)) => header,
        Some(Err(fault)) => {
            parsed.unusable = true;
            parsed
                .problems
                .push(problem(fault.line, "header", fault.reason));
            return parsed;
        }
        None => {
            parsed.unusable = true;
            parsed.problems.push(problem(
                1,
                "header",
                "the file is empty; the first line names the columns",
            ));
            return parsed;
        }
    };
    let columns = match columns(&header) {
        Ok(columns) => columns,
        Err(problems) => {
            parsed.unusable = true;
            parsed.problems = problems;
            return parsed;
        }
    };
    parsed.columns = columns.at.keys().copied().collect();
    let unknown = columns.names.iter();
    let unknown = unknown.filter(|name| !COLUMNS.contains(&name.as_str()) && !name.is_empty());
    parsed.ignored = unknown.cloned().collect();
    let mut seen = Seen::default();
    for record in records {
        parsed.lines += 1;
        let record = match record {
            Ok(record) => record,
            Err(fault) => {
                let column = column_name(&columns, fault.field);
                parsed
                    .problems
                    .push(problem(fault.line, &column, fault.reason));
                continue;
            }
        };
        match row(&record, &columns, currency).and_then(|row| seen.check(row)) {
            Ok(row) => parsed.rows.push(row),
            Err(problems) => parsed.problems.extend(problems),
        }
    }
    parsed
}

pub(super) fn problem(line: u32, column: &str, reason: impl Into<String>) -> ImportProblem {
    ImportProblem {
        line,
        column: column.to_owned(),
        reason: reason.into(),
    }
}

/// The header: which of [`COLUMNS`] stands where. A column of another name is passed over.
pub(super) struct Columns {
    names: Vec<String>,
    at: BTreeMap<&'static str, usize>,
}

impl Columns {
    /// Where a column stands; none where the file does not have it.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.at.get(column).copied()
    }
}

fn column_name(columns: &Columns, field: u32) -> String {
    let index = usize::try_from(field)
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    columns
        .names
        .get(index)
        .cloned()
        .unwrap_or_else(|| format!("field {field}"))
}

fn columns(header: &Record) -> Result<Columns, Vec<ImportProblem>> {
    let names: Vec<String> = header
        .fields
        .iter()
        .map(|f| f.trim().to_lowercase())
        .collect();
    let mut problems = Vec::new();
    let mut at = BTreeMap::new();
    for column in COLUMNS {
        let mut places = names.iter().enumerate().filter(|(_, name)| *name == column);
        if let Some((index, _)) = places.next() {
            at.insert(column, index);
        }
        if places.next().is_some() {
            problems.push(problem(
                header.line,
                column,
                "this column stands in the header twice",
            ));
        }
    }
    for column in REQUIRED {
        if !at.contains_key(column) {
            let hint = if header.fields.len() == 1 && names[0].contains([';', '\t']) {
                "; the columns must be separated by commas"
            } else {
                ""
            };
            let reason = format!("the header has no column “{column}”, which is required{hint}");
            problems.push(problem(header.line, column, reason));
        }
    }
    if problems.is_empty() {
        Ok(Columns { names, at })
    } else {
        Err(problems)
    }
}

fn row(record: &Record, columns: &Columns, currency: &Currency) -> Result<Row, Vec<ImportProblem>> {
    let (have, want) = (record.fields.len(), columns.names.len());
    if have != want {
        let field = u32::try_from(have.min(want) + 1).unwrap_or(u32::MAX);
        let column = column_name(columns, field);
        let reason = format!("the line has {have} fields, the header has {want}");
        return Err(vec![problem(record.line, &column, reason)]);
    }
    let mut reader = FieldReader {
        record,
        columns,
        currency,
        problems: Vec::new(),
    };
    let unit = reader.unit();
    let row = Row {
        line: record.line,
        sku: reader.text("sku", MAX_SKU, true),
        barcodes: reader.barcodes(),
        name: reader.text("name", MAX_NAME, true),
        category: reader.text("category", MAX_CATEGORY, false),
        price: reader.amount("price", true).unwrap_or(Amount::ZERO),
        cost: reader.amount("cost", false),
        taxes: reader.taxes(),
        stock: reader.quantity("stock", unit),
        reorder: reader.quantity("reorder", unit),
        unit,
    };
    if reader.problems.is_empty() {
        Ok(row)
    } else {
        Err(reader.problems)
    }
}

/// Skus and barcodes of the lines before.
#[derive(Default)]
struct Seen {
    skus: BTreeMap<String, u32>,
    barcodes: BTreeMap<String, u32>,
}

impl Seen {
    fn check(&mut self, row: Row) -> Result<Row, Vec<ImportProblem>> {
        let mut problems = Vec::new();
        if let Some(line) = self.skus.get(&row.sku) {
            problems.push(problem(
                row.line,
                "sku",
                format!("{} is on line {line} already", row.sku),
            ));
        }
        for barcode in &row.barcodes {
            if let Some(line) = self.barcodes.get(barcode) {
                let reason = format!("{barcode} is on line {line} already");
                problems.push(problem(row.line, "barcode", reason));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        self.skus.insert(row.sku.clone(), row.line);
        for barcode in &row.barcodes {
            self.barcodes.insert(barcode.clone(), row.line);
        }
        Ok(row)
    }
}

/// The header that an export begins with.
pub(crate) fn export_header() -> String {
    format!("{}\r\n", COLUMNS.join(","))
}

/// One line of an export; `fields` in the order of the header.
pub(crate) fn export_row(fields: [&str; 10]) -> String {
    format!("{}\r\n", fields.map(quoted).join(","))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn euro() -> Currency {
        Currency::parse("EUR").unwrap()
    }

    fn problems(text: &str) -> Vec<(u32, String, String)> {
        let parsed = parse(text, &euro());
        parsed
            .problems
            .into_iter()
            .map(|p| (p.line, p.column, p.reason))
            .collect()
    }

    #[test]
    fn columns_come_in_any_order_and_unknown_ones_are_passed_over() {
        let text = "Price,colour,SKU,name,tax,unit,stock,barcode\n\
                    1.99,yellow,BAN,Bananas,7|GST,kg,12.5,2000000000015|4011\n";
        let parsed = parse(text, &euro());
        assert_eq!(parsed.problems, []);
        let row = &parsed.rows[0];
        assert_eq!(row.price.minor(), 199);
        assert_eq!(row.barcodes, ["2000000000015", "4011"]);
        assert_eq!(row.unit, Some(Unit::Kilogram));
        assert_eq!(row.stock.unwrap().thousandths(), 12_500);
        let seven = TaxEntry::Percent("7".parse().unwrap());
        assert_eq!(row.taxes, [seven, TaxEntry::Code("GST".to_owned())]);
    }

    #[test]
    fn a_header_without_a_required_column_makes_the_file_unusable() {
        let parsed = parse("sku;name;price\nA;B;1\n", &euro());
        assert!(parsed.unusable);
        assert_eq!(parsed.problems.len(), 3);
        assert!(parsed.problems[0].reason.contains("separated by commas"));
        assert!(parse("", &euro()).unusable);
        assert!(parse("sku,name,price,sku\n", &euro()).unusable);
    }

    #[test]
    fn every_bad_field_is_named_by_line_column_and_reason() {
        let text = "sku,name,price,cost,tax,stock,unit,barcode\n\
                    A,,1.999,-1,-5,1.5,piece,12 34\n\
                    B,Good,0,,,,,\n\
                    C,Bad unit,x,,1001,,litre,1|1\n\
                    D,Short,1\n";
        let got = problems(text);
        let places: Vec<(u32, &str)> = got.iter().map(|(l, c, _)| (*l, c.as_str())).collect();
        assert_eq!(
            places,
            [
                (2, "barcode"),
                (2, "name"),
                (2, "price"),
                (2, "cost"),
                (2, "tax"),
                (2, "stock"),
                (4, "unit"),
                (4, "barcode"),
                (4, "price"),
                (4, "tax"),
                (5, "cost"),
            ]
        );
        assert!(got.iter().all(|(_, _, reason)| !reason.is_empty()));
        assert_eq!(parse(text, &euro()).rows.len(), 1);
    }

    #[test]
    fn a_sku_or_barcode_that_comes_twice_is_refused_the_second_time() {
        let got = problems("sku,name,price,barcode\nA,a,1,11\nB,b,1,11\nA,c,1,\n");
        assert_eq!(
            got,
            [
                (
                    3,
                    "barcode".to_owned(),
                    "11 is on line 2 already".to_owned()
                ),
                (4, "sku".to_owned(), "A is on line 2 already".to_owned()),
            ]
        );
    }

    #[test]
    fn an_exported_line_reads_back() {
        let fields = [
            "A",
            "1|2",
            "Say \"hi\"",
            "x, y",
            "1.99",
            "",
            "20",
            "3",
            "",
            "piece",
        ];
        let text = export_header() + &export_row(fields);
        let parsed = parse(&text, &euro());
        assert_eq!(parsed.problems, []);
        assert_eq!(parsed.rows[0].name, "Say \"hi\"");
        assert_eq!(parsed.rows[0].category, "x, y");
    }
}
