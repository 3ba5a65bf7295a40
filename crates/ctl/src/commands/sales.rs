//! `sales`, and a sale as a person reads it.

use counterfoil_app::dto::{AppState, SaleView};
use counterfoil_app::{AppError, Sale, Till};
use serde_json::{Value, json};

use super::Context;
use crate::Done;
use crate::cli::Sales;
use crate::output::{self, Table};

pub(super) fn run(context: &Context<'_>, command: &Sales) -> Result<Done, AppError> {
    let till = context.till()?;
    match command {
        Sales::List { limit, before } => {
            let page = till.sales(*limit, before.map(i64::from))?;
            if context.json {
                let items: Vec<Value> = page.items.iter().map(Sale::document).collect();
                output::json(&json!({ "items": items, "next": page.next }))?;
            } else {
                list(&till, &page.items)?;
            }
        }
        Sales::Show { sale } => {
            let sale = till.find_sale(sale)?;
            if context.json {
                output::json(&sale.document())?;
            } else {
                receipt(&till, &sale)?;
            }
        }
        Sales::Export => till.each_sale(|sale| output::json(&sale.document()))?,
    }
    Ok(Done::Well)
}

fn list(till: &Till, sales: &[Sale]) -> Result<(), AppError> {
    let state = till.app_state()?;
    let headings = [
        "RECEIPT", "SOLD AT", "TOTAL", "LINES", "CASHIER", "CLOUD", "ID",
    ];
    let mut table = Table::new(&headings, &[2, 3]);
    for sale in sales {
        let view = sale.view();
        let (total, cloud) = (money(&state, view.total.into()), state_of(&view));
        table.row([
            view.receipt_number,
            view.sold_at,
            total,
            view.lines.len().to_string(),
            view.cashier_name,
            cloud,
            view.sale_id,
        ]);
    }
    table.print();
    Ok(())
}

fn state_of(view: &SaleView) -> String {
    json!(view.sync_state)
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// An amount of minor units as a decimal of the store's currency.
pub(super) fn money(state: &AppState, minor: i64) -> String {
    let decimals = state
        .store
        .as_ref()
        .map_or(2, |store| usize::from(store.currency.decimals));
    let sign = if minor < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", minor.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let point = if decimals == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// Prints a sale as a person reads it.
pub(super) fn receipt(till: &Till, sale: &Sale) -> Result<(), AppError> {
    let state = till.app_state()?;
    let view = sale.view();
    let amount = |minor| money(&state, i64::from(minor));
    let cloud = state_of(&view);
    output::line(&format!(
        "{}  {}  {}",
        view.receipt_number, view.sold_at, view.cashier_name
    ));
    if let Some(number) = &view.superseded_by {
        output::line(&format!("Reversed by {number}"));
    }
    if let Some(number) = &view.reverses {
        output::line(&format!("Reverses {number}"));
    }
    let mut table = Table::new(&["", "", "", ""], &[1, 2, 3]);
    for line in &view.lines {
        table.row([
            line.name.clone(),
            line.quantity.clone(),
            amount(line.unit_price),
            amount(line.total),
        ]);
        if i64::from(line.discount) != 0 {
            table.row([
                "  less discount".to_owned(),
                String::new(),
                String::new(),
                amount(line.discount),
            ]);
        }
    }
    for discount in &view.discounts {
        table.row([
            "Less discount on the cart".to_owned(),
            String::new(),
            String::new(),
            amount(discount.amount),
        ]);
    }
    let mut figure = |name: &str, minor| {
        table.row([name.to_owned(), String::new(), String::new(), amount(minor)]);
    };
    figure("Total", view.total);
    for tax in &view.taxes {
        figure(&format!("  tax {} ({} %)", tax.code, tax.rate), tax.tax);
    }
    let nothing = |minor| i64::from(minor) == 0;
    if !nothing(view.rounding) {
        figure("Rounding", view.rounding);
    }
    if !nothing(view.tip) {
        figure("Tip", view.tip);
    }
    for tender in &view.tenders {
        let method = json!(tender.method);
        figure(method.as_str().unwrap_or_default(), tender.amount);
    }
    if !nothing(view.change_due) {
        figure("Change", view.change_due);
    }
    table.print();
    output::line(&format!("{}  {cloud}", view.sale_id));
    Ok(())
}
