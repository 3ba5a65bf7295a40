//! One field at a time: what each column may hold.

use counterfoil_domain::barcode;
use counterfoil_domain::cart::{MAX_TAX_CODE, MAX_TAXES};
use counterfoil_domain::document::nfc;
use counterfoil_domain::{Amount, Currency, Quantity, Rate, Unit};

use super::catalogue::{Columns, TaxEntry, problem};
use super::reader::Record;
use crate::dto::ImportProblem;

/// The longest barcode, in characters.
const MAX_BARCODE: usize = 64;
/// The most barcodes one product can have.
const MAX_BARCODES: usize = 20;

/// Reads one record field by field and gathers what is wrong with each.
pub(super) struct FieldReader<'a> {
    pub(super) record: &'a Record,
    pub(super) columns: &'a Columns,
    pub(super) currency: &'a Currency,
    pub(super) problems: Vec<ImportProblem>,
}

impl FieldReader<'_> {
    fn raw(&self, column: &str) -> &str {
        let index = self.columns.place(column);
        index
            .and_then(|index| self.record.fields.get(index))
            .map_or("", |field| field.trim())
    }

    fn wrong(&mut self, column: &str, reason: impl Into<String>) {
        self.problems
            .push(problem(self.record.line, column, reason));
    }

    pub(super) fn text(&mut self, column: &str, limit: usize, required: bool) -> String {
        let text = nfc(self.raw(column));
        if text.is_empty() && required {
            self.wrong(column, "this must not be empty");
        } else if text.chars().count() > limit {
            self.wrong(column, format!("longer than {limit} characters"));
        } else if text.chars().any(char::is_control) {
            self.wrong(column, "holds a line end or another control character");
        }
        text
    }

    fn list(&mut self, column: &str, limit: usize) -> Vec<String> {
        let entries = self
            .raw(column)
            .split('|')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        let entries: Vec<String> = entries.map(nfc).collect();
        if entries.len() > limit {
            self.wrong(column, format!("more than {limit} entries"));
        }
        entries
    }

    pub(super) fn barcodes(&mut self) -> Vec<String> {
        let barcodes = self.list("barcode", MAX_BARCODES);
        for (index, barcode) in barcodes.iter().enumerate() {
            let printable = barcode.chars().all(|c| c.is_ascii_graphic());
            if !printable || barcode.len() > MAX_BARCODE {
                let reason = format!("“{barcode}” is not a barcode: letters and digits, no spaces");
                self.wrong("barcode", reason);
            } else if barcodes[..index].contains(barcode) {
                self.wrong("barcode", format!("{barcode} stands here twice"));
            } else if let Some(right) = right_check_digit(barcode) {
                let reason =
                    format!("{barcode} has a wrong check digit: its last digit would be {right}");
                self.wrong("barcode", reason);
            }
        }
        barcodes
    }

    pub(super) fn amount(&mut self, column: &str, required: bool) -> Option<Amount> {
        let text = self.raw(column).to_owned();
        if text.is_empty() {
            if required {
                self.wrong(
                    column,
                    "this must not be empty; write 0 for a product that is free of charge",
                );
            }
            return None;
        }
        match self.currency.parse_amount(&text) {
            Ok(amount) if amount.is_negative() => {
                self.wrong(column, format!("“{text}” is less than nothing"));
                None
            }
            Ok(amount) => Some(amount),
            Err(error) => {
                self.wrong(column, error.to_string());
                None
            }
        }
    }

    pub(super) fn taxes(&mut self) -> Vec<TaxEntry> {
        let mut taxes = Vec::new();
        for entry in self.list("tax", MAX_TAXES) {
            let number = entry
                .strip_suffix('%')
                .map_or(entry.as_str(), str::trim_end);
            let numeric = number.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.');
            let tax = match number.parse::<Rate>() {
                Ok(rate) => TaxEntry::Percent(rate),
                Err(error) if numeric => {
                    self.wrong("tax", error.to_string());
                    continue;
                }
                Err(_) if entry.chars().count() > MAX_TAX_CODE => {
                    self.wrong(
                        "tax",
                        format!("a tax code has at most {MAX_TAX_CODE} characters"),
                    );
                    continue;
                }
                Err(_) => TaxEntry::Code(entry.clone()),
            };
            if taxes.contains(&tax) {
                self.wrong("tax", format!("{entry} stands here twice"));
            } else {
                taxes.push(tax);
            }
        }
        taxes
    }

    pub(super) fn quantity(&mut self, column: &str, unit: Option<Unit>) -> Option<Quantity> {
        let text = self.raw(column).to_owned();
        if text.is_empty() {
            return None;
        }
        match text.parse::<Quantity>() {
            Ok(quantity) if unit == Some(Unit::Piece) && !quantity.is_whole() => {
                self.wrong(
                    column,
                    format!("“{text}” pieces cannot be counted; use the unit kg"),
                );
                None
            }
            Ok(quantity) => Some(quantity),
            Err(error) => {
                self.wrong(column, error.to_string());
                None
            }
        }
    }

    /// The unit; none where the file has no such column.
    pub(super) fn unit(&mut self) -> Option<Unit> {
        self.columns.place("unit")?;
        let text = self.raw("unit").to_lowercase();
        match text.as_str() {
            "" | "piece" => Some(Unit::Piece),
            "kg" => Some(Unit::Kilogram),
            _ => {
                self.wrong("unit", format!("“{text}” is not a unit; write piece or kg"));
                None
            }
        }
    }
}

/// The right check digit of an EAN-13, UPC-A or EAN-8 that ends in another one. Codes that are none of
/// these are a shop's own and have no check digit to be wrong.
fn right_check_digit(code: &str) -> Option<u8> {
    let digits = matches!(code.len(), 8 | 12 | 13) && code.bytes().all(|b| b.is_ascii_digit());
    if !digits || barcode::is_valid(code) {
        return None;
    }
    barcode::check_digit(&code[..code.len() - 1])
}
