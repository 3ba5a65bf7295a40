//! Two versions of a sale side by side.

use counterfoil_domain::Amount;
use counterfoil_domain::sale::{SaleLine, SaleRecord};

use crate::convert;
use crate::dto::{DiffCell, DiffPart, DiffRow};

/// Every row of the comparison: head, lines, discounts, taxes, totals, tenders.
pub(crate) fn rows(local: &SaleRecord, remote: Option<&SaleRecord>) -> Vec<DiffRow> {
    let mut rows = Vec::new();
    head(&mut rows, local, remote);
    lines(&mut rows, local, remote);
    discounts(&mut rows, local, remote);
    taxes(&mut rows, local, remote);
    totals(&mut rows, local, remote);
    tenders(&mut rows, local, remote);
    rows
}

fn push(
    rows: &mut Vec<DiffRow>,
    part: DiffPart,
    label: &str,
    local: Option<DiffCell>,
    remote: Option<DiffCell>,
) {
    if local.is_none() && remote.is_none() {
        return;
    }
    let differs = local != remote;
    rows.push(DiffRow {
        part,
        label: label.to_owned(),
        local,
        remote,
        differs,
    });
}

fn text(text: impl Into<String>) -> DiffCell {
    DiffCell {
        text: Some(text.into()),
        ..DiffCell::default()
    }
}

fn amount(amount: Amount) -> DiffCell {
    DiffCell {
        amount: Some(amount.into()),
        ..DiffCell::default()
    }
}

fn head(rows: &mut Vec<DiffRow>, local: &SaleRecord, remote: Option<&SaleRecord>) {
    type Read = fn(&SaleRecord) -> String;
    let fields: [(&str, Read); 4] = [
        ("receiptNumber", |sale| sale.receipt_number.to_string()),
        ("soldAt", |sale| sale.sold_at.to_string()),
        ("cashierName", |sale| sale.cashier_name.clone()),
        ("registerId", |sale| sale.register_id.to_string()),
    ];
    for (label, read) in fields {
        let cell = |sale: &SaleRecord| text(read(sale));
        push(
            rows,
            DiffPart::Head,
            label,
            Some(cell(local)),
            remote.map(cell),
        );
    }
}

/// Lines of the same product are put beside each other, equal ones first.
fn lines(rows: &mut Vec<DiffRow>, local: &SaleRecord, remote: Option<&SaleRecord>) {
    let mut left: Vec<&SaleLine> = remote
        .map(|sale| sale.lines.iter().collect())
        .unwrap_or_default();
    let mut pairs: Vec<(&SaleLine, Option<&SaleLine>)> = Vec::new();
    for line in &local.lines {
        let equal = left
            .iter()
            .position(|other| line_cell(other) == line_cell(line) && other.sku == line.sku);
        pairs.push((line, equal.map(|place| left.remove(place))));
    }
    for (line, beside) in &mut pairs {
        if beside.is_none()
            && let Some(place) = left.iter().position(|other| other.sku == line.sku)
        {
            *beside = Some(left.remove(place));
        }
    }
    for (line, beside) in pairs {
        push(
            rows,
            DiffPart::Line,
            &line.name,
            Some(line_cell(line)),
            beside.map(line_cell),
        );
    }
    for line in left {
        push(
            rows,
            DiffPart::Line,
            &line.name,
            None,
            Some(line_cell(line)),
        );
    }
}

fn line_cell(line: &SaleLine) -> DiffCell {
    DiffCell {
        text: line.note.clone(),
        quantity: Some(line.quantity.to_string()),
        amount: Some(line.total.into()),
    }
}

fn discounts(rows: &mut Vec<DiffRow>, local: &SaleRecord, remote: Option<&SaleRecord>) {
    let cells = |sale: &SaleRecord| -> Vec<(String, DiffCell)> {
        let cell = |discount: &counterfoil_domain::pricing::AppliedDiscount| {
            let (kind, value) = convert::discount_spelling(discount.value);
            let asked = if kind == "percent" {
                Some(format!("{value} %"))
            } else {
                None
            };
            let words = [asked, discount.reason.clone()];
            let words: Vec<String> = words.into_iter().flatten().collect();
            let text = (!words.is_empty()).then(|| words.join(", "));
            let amount = Some((-discount.amount).into());
            (
                "discount".to_owned(),
                DiffCell {
                    text,
                    quantity: None,
                    amount,
                },
            )
        };
        sale.discounts.iter().map(cell).collect()
    };
    beside(
        rows,
        DiffPart::Discount,
        cells(local),
        remote.map(cells).unwrap_or_default(),
    );
}

fn taxes(rows: &mut Vec<DiffRow>, local: &SaleRecord, remote: Option<&SaleRecord>) {
    let cells = |sale: &SaleRecord| -> Vec<(String, DiffCell)> {
        let cell = |tax: &counterfoil_domain::tax::TaxTotal| {
            let text = Some(format!("{} %", tax.rate));
            (
                tax.code.clone(),
                DiffCell {
                    text,
                    quantity: None,
                    amount: Some(tax.tax.into()),
                },
            )
        };
        sale.taxes.iter().map(cell).collect()
    };
    beside(
        rows,
        DiffPart::Tax,
        cells(local),
        remote.map(cells).unwrap_or_default(),
    );
}

fn totals(rows: &mut Vec<DiffRow>, local: &SaleRecord, remote: Option<&SaleRecord>) {
    type Read = fn(&SaleRecord) -> Amount;
    let fields: [(&str, Read); 4] = [
        ("total", |sale| sale.total),
        ("rounding", |sale| sale.rounding),
        ("tip", |sale| sale.tip),
        ("changeDue", |sale| sale.change_due),
    ];
    for (label, read) in fields {
        let nothing = read(local).is_zero() && remote.is_none_or(|sale| read(sale).is_zero());
        if label == "total" || !nothing {
            let cell = |sale: &SaleRecord| amount(read(sale));
            push(
                rows,
                DiffPart::Total,
                label,
                Some(cell(local)),
                remote.map(cell),
            );
        }
    }
}

fn tenders(rows: &mut Vec<DiffRow>, local: &SaleRecord, remote: Option<&SaleRecord>) {
    let cells = |sale: &SaleRecord| -> Vec<(String, DiffCell)> {
        let cell = |tender: &counterfoil_domain::tender::Tender| {
            let text = tender.reference.clone();
            let cell = DiffCell {
                text,
                quantity: None,
                amount: Some(tender.amount.into()),
            };
            (tender.method.as_str().to_owned(), cell)
        };
        sale.tenders.iter().map(cell).collect()
    };
    beside(
        rows,
        DiffPart::Tender,
        cells(local),
        remote.map(cells).unwrap_or_default(),
    );
}

/// Puts cells of the same label beside each other.
fn beside(
    rows: &mut Vec<DiffRow>,
    part: DiffPart,
    local: Vec<(String, DiffCell)>,
    mut remote: Vec<(String, DiffCell)>,
) {
    for (label, cell) in local {
        let place = remote.iter().position(|(other, _)| *other == label);
        let other = place.map(|place| remote.remove(place).1);
        push(rows, part, &label, Some(cell), other);
    }
    for (label, cell) in remote {
        push(rows, part, &label, None, Some(cell));
    }
}
