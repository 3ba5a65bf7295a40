//! Importing a catalogue file: all of it or, with a bad line, nothing.

use std::collections::BTreeSet;

use counterfoil_domain::{ProductId, Quantity, Timestamp, Unit};
use counterfoil_store::table::products::{self, NewProduct, Upserted};
use counterfoil_store::table::stock_movements::{self, Movement, MovementKind};
use counterfoil_store::table::{product_search, register, tax_codes};
use counterfoil_store::{Connection, Stock, StoreError, Transaction};

use crate::csv::{self, ParsedCatalogue, Row, TaxEntry};
use crate::dto::{ImportInput, ImportProblem, ImportProgress, ImportReport};
use crate::error::{AppError, Result};
use crate::settings;
use crate::till::Till;

/// Problems that a report lists at most; it counts them all.
const MAX_PROBLEMS: usize = 1000;
/// Every so many products the progress is told.
const PROGRESS_EVERY: usize = 500;

impl Till {
    /// Imports a catalogue, as text from the window. See [`Till::import_catalogue_bytes`].
    pub fn import_catalogue(
        &self,
        input: ImportInput,
        progress: impl FnMut(ImportProgress) + Send + 'static,
    ) -> Result<ImportReport> {
        let options = ImportOptions {
            dry_run: input.dry_run,
            skip_bad: input.skip_bad,
            set_stock: input.set_stock,
        };
        self.import_catalogue_bytes(input.csv.as_bytes(), options, progress)
    }

    /// Imports a catalogue file. It is one transaction: with a bad line nothing is imported, unless
    /// bad lines are to be skipped. `progress` is told from another thread.
    ///
    /// Products are known again by their sku. Stock is set for new products; for known ones only
    /// with `set_stock`, which posts the difference as an adjustment.
    pub fn import_catalogue_bytes(
        &self,
        file: &[u8],
        options: ImportOptions,
        mut progress: impl FnMut(ImportProgress) + Send + 'static,
    ) -> Result<ImportReport> {
        let currency = self.read(settings::require_store)?.currency;
        let mut parsed = match text_of(file) {
            Ok(text) => csv::parse(text, &currency),
            Err(problem) => ParsedCatalogue {
                problems: vec![problem],
                unusable: true,
                ..ParsedCatalogue::default()
            },
        };
        let stop_at_problems = !options.skip_bad || parsed.unusable;
        if options.dry_run {
            let written = self.read(|conn| judge(conn, &parsed.rows))?;
            return Ok(report(parsed, written, options, false));
        }
        if stop_at_problems && !parsed.problems.is_empty() {
            // Everything that is wrong is said at once, also what only the database knows.
            let problems = self.read(|conn| judge(conn, &parsed.rows))?.problems;
            let written = Written {
                problems,
                ..Written::default()
            };
            return Ok(report(parsed, written, options, false));
        }
        let now = self.clock().now();
        let good = Good {
            rows: std::mem::take(&mut parsed.rows),
            columns: std::mem::take(&mut parsed.columns),
        };
        let outcome = self.db()?.write(move |tx| {
            let written = import_rows(tx, &good, options.set_stock, now, &mut progress)?;
            if written.problems.is_empty() || options.skip_bad {
                product_search::optimize(tx)?;
                Ok(written)
            } else {
                Err(Stopped::Problems(Box::new(written)))
            }
        });
        match outcome {
            Ok(written) => {
                tracing::info!(
                    added = written.added,
                    updated = written.updated,
                    "catalogue imported"
                );
                Ok(report(parsed, written, options, true))
            }
            Err(Stopped::Problems(written)) => Ok(report(parsed, *written, options, false)),
            Err(Stopped::Failed(error)) => Err(error),
        }
    }
}

/// How an import is to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Check everything, change nothing.
    pub dry_run: bool,
    /// Import the good lines although there are bad ones.
    pub skip_bad: bool,
    /// Post the difference between the file's stock and the counted one as an adjustment.
    pub set_stock: bool,
}

/// The good lines of a file.
#[derive(Debug)]
pub(crate) struct Good {
    pub(crate) rows: Vec<Row>,
    /// The columns that the file has: the others of a known product stay as they are.
    pub(crate) columns: BTreeSet<&'static str>,
}

/// What became of good lines.
#[derive(Debug, Default)]
pub(crate) struct Written {
    added: u32,
    updated: u32,
    free: u32,
    stock_adjusted: u32,
    problems: Vec<ImportProblem>,
}

/// Why the import's transaction was given up.
enum Stopped {
    Problems(Box<Written>),
    Failed(AppError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<AppError> for Stopped {
    fn from(error: AppError) -> Self {
        Self::Failed(error)
    }
}

/// The file as text, or where it is not UTF-8.
fn text_of(file: &[u8]) -> std::result::Result<&str, ImportProblem> {
    let problem = |line: usize, reason: &str| ImportProblem {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: "encoding".to_owned(),
        reason: reason.to_owned(),
    };
    if file.starts_with(&[0xff, 0xfe]) || file.starts_with(&[0xfe, 0xff]) {
        return Err(problem(1, "the file is UTF-16; save it as “CSV UTF-8”"));
    }
    std::str::from_utf8(file).map_err(|error| {
        let good = file.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + good.iter().filter(|&&byte| byte == b'\n').count();
        problem(
            line,
            "a character that is not UTF-8; save the file as “CSV UTF-8”",
        )
    })
}

/// What an import would do with the good lines, and what the database has against them.
fn judge(conn: &Connection, rows: &[Row]) -> Result<Written> {
    let mut written = Written::default();
    let mut known = KnownTaxes::default();
    for row in rows {
        let mut problems = known.unknown(conn, row)?;
        for barcode in &row.barcodes {
            match products::by_barcode(conn, barcode)? {
                Some(holder) if holder.listed.sku != row.sku => {
                    problems.push(barcode_taken(row, barcode, &holder.listed.sku));
                }
                _ => {}
            }
        }
        if problems.is_empty() {
            let found = products::by_sku(conn, &row.sku)?;
            *if found.is_some() {
                &mut written.updated
            } else {
                &mut written.added
            } += 1;
            written.free += u32::from(row.price.is_zero());
        }
        written.problems.append(&mut problems);
    }
    Ok(written)
}

/// Writes the good lines; those that the database refuses become problems.
pub(crate) fn import_rows(
    tx: &Transaction<'_>,
    good: &Good,
    set_stock: bool,
    now: Timestamp,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<Written> {
    let register = register::require(tx)?.register_id;
    let total = u32::try_from(good.rows.len()).unwrap_or(u32::MAX);
    let mut written = Written::default();
    let mut known = KnownTaxes::default();
    for (index, row) in good.rows.iter().enumerate() {
        if index % PROGRESS_EVERY == 0 {
            progress(ImportProgress {
                done: u32::try_from(index).unwrap_or(total),
                total,
            });
        }
        let mut problems = known.unknown(tx, row)?;
        if !problems.is_empty() {
            written.problems.append(&mut problems);
            continue;
        }
        let product = new_product(tx, row, &good.columns, &mut known)?;
        // The file may leave the unit to what is known of the product.
        let stock = row.stock.filter(|stock| !stock.is_whole());
        if let (Unit::Piece, Some(stock)) = (product.unit, stock) {
            written.problems.push(not_countable(row, stock));
            continue;
        }
        let new = match products::upsert(tx, &product, now) {
            Ok(upserted) => upserted == Upserted::Inserted,
            Err(StoreError::BarcodeTaken { barcode, sku }) => {
                written.problems.push(barcode_taken(row, &barcode, &sku));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        *if new {
            &mut written.added
        } else {
            &mut written.updated
        } += 1;
        written.free += u32::from(row.price.is_zero());
        if let Some(target) = row.stock.map(|q| Stock::from_thousandths(q.thousandths())) {
            let product_id = ProductId::of_sku(&row.sku);
            if new && target != Stock::NONE {
                let opening = Movement {
                    product_id,
                    kind: MovementKind::Received,
                    change: target,
                    line: None,
                    reason: Some("opening stock".to_owned()),
                };
                stock_movements::post(tx, register, &opening, None, now)?;
            } else if !new && set_stock {
                let reason = "stock set by an import";
                let change =
                    stock_movements::set_on_hand(tx, register, product_id, target, reason, now)?;
                written.stock_adjusted += u32::from(change != Stock::NONE);
            }
        }
    }
    progress(ImportProgress { done: total, total });
    Ok(written)
}

fn not_countable(row: &Row, stock: Quantity) -> ImportProblem {
    ImportProblem {
        line: row.line,
        column: "stock".to_owned(),
        reason: format!("“{stock}” pieces cannot be counted; use the unit kg"),
    }
}

fn barcode_taken(row: &Row, barcode: &str, sku: &str) -> ImportProblem {
    ImportProblem {
        line: row.line,
        column: "barcode".to_owned(),
        reason: format!("{barcode} belongs to the product {sku} already"),
    }
}

/// The product of a row. What the file has no column for stays as it is.
fn new_product(
    tx: &Transaction<'_>,
    row: &Row,
    columns: &BTreeSet<&'static str>,
    known: &mut KnownTaxes,
) -> Result<NewProduct> {
    let mut product = NewProduct {
        sku: row.sku.clone(),
        barcodes: row.barcodes.clone(),
        name: row.name.clone(),
        category: row.category.clone(),
        price: row.price,
        cost: row.cost,
        tax_codes: known.codes_of(tx, row)?,
        unit: row.unit.unwrap_or(Unit::Piece),
        reorder: row.reorder,
    };
    let kept = ["barcode", "category", "cost", "tax", "unit", "reorder"];
    let kept: Vec<_> = kept
        .into_iter()
        .filter(|column| !columns.contains(column))
        .collect();
    if kept.is_empty() {
        return Ok(product);
    }
    let Some(before) = products::by_sku(tx, &row.sku)? else {
        return Ok(product);
    };
    let before = before.listed;
    for column in kept {
        match column {
            "barcode" => product.barcodes.clone_from(&before.barcodes),
            "category" => product.category.clone_from(&before.category),
            "cost" => product.cost = before.cost,
            "tax" => product.tax_codes.clone_from(&before.tax_codes),
            "unit" => product.unit = before.unit,
            _ => product.reorder = before.reorder,
        }
    }
    Ok(product)
}

/// Tax codes that were seen to exist.
#[derive(Default)]
struct KnownTaxes {
    codes: BTreeSet<String>,
}

impl KnownTaxes {
    /// The codes of a row; a percentage becomes a code of its own.
    fn codes_of(&mut self, tx: &Transaction<'_>, row: &Row) -> Result<Vec<String>> {
        let mut codes = Vec::with_capacity(row.taxes.len());
        for tax in &row.taxes {
            codes.push(match tax {
                TaxEntry::Code(code) => code.clone(),
                TaxEntry::Percent(rate) => {
                    let code = tax_codes::TaxCode {
                        code: rate.to_string(),
                        rate: *rate,
                    };
                    if self.codes.insert(code.code.clone()) {
                        tax_codes::set(tx, &code)?;
                    }
                    code.code
                }
            });
        }
        Ok(codes)
    }

    /// The row's tax codes that the store does not have.
    fn unknown(&mut self, conn: &Connection, row: &Row) -> Result<Vec<ImportProblem>> {
        let mut problems = Vec::new();
        for tax in &row.taxes {
            let TaxEntry::Code(code) = tax else { continue };
            if self.codes.contains(code) {
                continue;
            }
            if tax_codes::get(conn, code)?.is_some() {
                self.codes.insert(code.clone());
            } else {
                problems.push(ImportProblem {
                    line: row.line,
                    column: "tax".to_owned(),
                    reason: format!("“{code}” is no tax code of this store; write a percentage"),
                });
            }
        }
        Ok(problems)
    }
}

fn report(
    parsed: ParsedCatalogue,
    written: Written,
    options: ImportOptions,
    imported: bool,
) -> ImportReport {
    let mut problems = parsed.problems;
    problems.extend(written.problems);
    problems.sort_by_key(|problem| problem.line);
    let bad: BTreeSet<u32> = problems.iter().map(|problem| problem.line).collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let problems_total = count(problems.len());
    problems.truncate(MAX_PROBLEMS);
    ImportReport {
        dry_run: options.dry_run,
        imported,
        lines: parsed.lines,
        added: written.added,
        updated: written.updated,
        skipped: if parsed.unusable {
            parsed.lines
        } else {
            count(bad.len())
        },
        free: written.free,
        stock_adjusted: written.stock_adjusted,
        ignored_columns: parsed.ignored,
        problems,
        problems_total,
    }
}
