//! Lists and figures read columns, not signed records: proof that both say the same.

use rusqlite::{Connection, params};

use crate::error::StoreError;
use crate::table::sales::Columns;

/// Whether the rows of the sale in row `entry` are those of its record.
pub(crate) fn rows_agree(
    conn: &Connection,
    entry: i64,
    columns: &Columns,
) -> Result<bool, StoreError> {
    Ok(head_agrees(conn, entry, columns)?
        && lines_agree(conn, entry, columns)?
        && tenders_agree(conn, entry, columns)?
        && taxes_agree(conn, entry, columns)?)
}

fn head_agrees(conn: &Connection, entry: i64, columns: &Columns) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM sales WHERE entry = ?1 AND sale_id = ?2
                AND cart_id = ?3 AND receipt_number = ?4 AND receipt_sequence = ?5
                AND business_day = ?6 AND sold_at = ?7 AND cashier_name = ?8 AND currency = ?9
                AND total = ?10 AND digest = ?11 AND fingerprint = ?12 AND cancels IS ?13
                AND register_id = ?14)",
        )?
        .query_row(
            params![
                entry,
                columns.sale_id.to_string(),
                columns.cart_id.to_string(),
                columns.receipt_number,
                columns.receipt_sequence,
                columns.business_day,
                columns.sold_at.ms(),
                columns.cashier_name,
                columns.currency,
                columns.total.minor(),
                columns.digest.to_string(),
                columns.fingerprint.to_string(),
                columns.cancels.map(|id| id.to_string()),
                columns.register_id.to_string()
            ],
            |row| row.get(0),
        )?)
}

fn lines_agree(conn: &Connection, entry: i64, columns: &Columns) -> Result<bool, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT line, sku, quantity, total,
             (SELECT coalesce(sum(tax), 0) FROM sale_line_taxes t
              WHERE t.sale = l.sale AND t.line = l.line)
         FROM sale_lines l WHERE sale = ?1 ORDER BY line",
    )?;
    let rows = select
        .query_map([entry], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })?
        .collect::<Result<Vec<(i64, String, i64, i64, i64)>, _>>()?;
    Ok(rows.into_iter().eq(columns.lines.iter().map(|line| {
        let tax = line.taxes.iter().map(|tax| tax.tax.minor()).sum();
        let quantity = line.quantity.thousandths();
        (
            line.line,
            line.sku.clone(),
            quantity,
            line.total.minor(),
            tax,
        )
    })))
}

fn tenders_agree(conn: &Connection, entry: i64, columns: &Columns) -> Result<bool, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT method, amount FROM sale_tenders WHERE sale = ?1 ORDER BY position",
    )?;
    let rows = select
        .query_map([entry], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(String, i64)>, _>>()?;
    let recorded = columns.tenders.iter();
    Ok(rows
        .into_iter()
        .eq(recorded.map(|tender| (tender.method.clone(), tender.amount.minor()))))
}

fn taxes_agree(conn: &Connection, entry: i64, columns: &Columns) -> Result<bool, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT code, net, tax, gross FROM sale_taxes WHERE sale = ?1 ORDER BY position",
    )?;
    let rows = select
        .query_map([entry], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<Vec<(String, i64, i64, i64)>, _>>()?;
    Ok(rows.into_iter().eq(columns.taxes.iter().map(|tax| {
        (
            tax.code.clone(),
            tax.net.minor(),
            tax.tax.minor(),
            tax.gross.minor(),
        )
    })))
}
