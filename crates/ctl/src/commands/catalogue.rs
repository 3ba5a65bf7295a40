//! `catalogue` and `stock`.

use std::path::Path;

use counterfoil_app::dto::{AppState, ImportReport, Product, ProductUnit};
use counterfoil_app::{AppError, ErrorCode, ImportOptions};
use serde_json::json;

use super::Context;
use super::sales::money;
use crate::cli::{Catalogue, Stock};
use crate::output::Table;
use crate::{Done, input, output};

/// Problems that are printed for a person; the JSON report has more.
const MAX_PRINTED: usize = 50;

pub(super) fn run(context: &Context<'_>, command: &Catalogue) -> Result<Done, AppError> {
    match command {
        Catalogue::Import {
            file,
            dry_run,
            skip_bad,
            set_stock,
        } => {
            let options = ImportOptions {
                dry_run: *dry_run,
                skip_bad: *skip_bad,
                set_stock: *set_stock,
            };
            import(context, file, options)
        }
        Catalogue::Export => {
            let csv = context.till()?.export_catalogue()?;
            if context.json {
                output::json(&json!({ "csv": csv }))?;
            } else {
                output::raw(&csv);
            }
            Ok(Done::Well)
        }
        Catalogue::Find { text, limit } => {
            let till = context.till()?;
            let items = till.search_products(text, *limit)?;
            if context.json {
                output::json(&json!({ "items": items }))?;
            } else {
                products(&till.app_state()?, &items);
            }
            Ok(Done::Well)
        }
    }
}

fn import(context: &Context<'_>, file: &Path, options: ImportOptions) -> Result<Done, AppError> {
    let till = context.till()?;
    let bytes = input::bytes(file)?;
    let report = till.import_catalogue_bytes(&bytes, options, |progress| {
        output::progress(progress.done, progress.total, "products");
    })?;
    let refused =
        report.problems_total > 0 && !(options.skip_bad && (report.imported || report.dry_run));
    if context.json {
        output::json(&report)?;
    } else {
        describe(&report, refused);
    }
    if !refused {
        return Ok(Done::Well);
    }
    output::error(
        &AppError::new(
            ErrorCode::CatalogueInvalid,
            format!(
                "{} problem(s) in {} line(s); nothing was imported. Mend the file, or leave bad lines out with --skip-bad",
                report.problems_total, report.skipped.max(1)
            ),
        )
        .with_details(json!({ "problems": report.problems })),
    );
    Ok(Done::BadInput)
}

fn describe(report: &ImportReport, refused: bool) {
    for problem in report.problems.iter().take(MAX_PRINTED) {
        output::note(&format!(
            "line {}, {}: {}",
            problem.line, problem.column, problem.reason
        ));
    }
    if !report.ignored_columns.is_empty() {
        output::note(&format!(
            "passed over, as the catalogue has no such column: {}",
            report.ignored_columns.join(", ")
        ));
    }
    let verb = match (report.imported, report.dry_run) {
        (true, _) => "imported",
        (false, true) if !refused => "would be imported",
        _ => "nothing imported",
    };
    output::line(&format!(
        "{verb}: {} new, {} updated, {} line(s) left out, {} stock adjustment(s), {} product(s) free of charge",
        report.added, report.updated, report.skipped, report.stock_adjusted, report.free
    ));
}

fn products(state: &AppState, items: &[Product]) {
    let mut table = Table::new(
        &[
            "SKU", "NAME", "CATEGORY", "PRICE", "UNIT", "STOCK", "BARCODES",
        ],
        &[3, 5],
    );
    for item in items {
        table.row([
            item.sku.clone(),
            item.name.clone(),
            item.category.clone(),
            money(state, item.price.into()),
            match item.unit {
                ProductUnit::Piece => "piece".to_owned(),
                ProductUnit::Kg => "kg".to_owned(),
            },
            item.stock.clone(),
            item.barcodes.join(" "),
        ]);
    }
    table.print();
}

pub(super) fn stock(context: &Context<'_>, command: &Stock) -> Result<Done, AppError> {
    let Stock::List = command;
    let page = context.till()?.stock_list()?;
    if context.json {
        output::json(&page)?;
    } else {
        let mut table = Table::new(&["SKU", "NAME", "ON HAND", "REORDER"], &[2, 3]);
        for item in page.items {
            table.row([
                item.sku,
                item.name,
                item.on_hand,
                item.reorder.unwrap_or_default(),
            ]);
        }
        table.print();
    }
    Ok(Done::Well)
}
