//! `catalogue`.

#![allow(clippy::unwrap_used)]

mod common;

use common::shop;
use serde_json::json;

#[test]
fn a_bad_file_is_reported_by_line_and_column_and_changes_nothing() {
    let shop = shop();
    let csv =
        "sku,name,price,barcode\nQUX,Quxly,1.00,77\nBAD,Bad,\"1,00\",78\nOPEN,\"never closed,1,\n";
    let ran = shop.pipe(&["catalogue", "import", "-"], csv);
    assert_eq!(ran.error(), (2, "catalogue_invalid".to_owned()));
    let problems = &ran.errors()[0]["error"]["details"]["problems"];
    let places: Vec<_> = problems
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (problem["line"].clone(), problem["column"].clone()))
        .collect();
    assert_eq!(
        places,
        [(json!(3), json!("price")), (json!(4), json!("name"))]
    );
    assert_eq!(
        shop.run(&["catalogue", "find", "QUX"]).json()["items"],
        json!([])
    );
    let report = shop
        .pipe(&["catalogue", "import", "-", "--skip-bad"], csv)
        .json();
    assert_eq!(
        (&report["added"], &report["skipped"]),
        (&json!(1), &json!(2))
    );
}

#[test]
fn a_dry_run_changes_nothing() {
    let shop = shop();
    let csv = "sku,name,price\nQUX,Quxly,1.00\n";
    let report = shop
        .pipe(&["catalogue", "import", "-", "--dry-run"], csv)
        .json();
    assert_eq!(
        (&report["added"], &report["imported"]),
        (&json!(1), &json!(false))
    );
    assert_eq!(
        shop.run(&["catalogue", "find", "QUX"]).json()["items"],
        json!([])
    );
}

#[test]
fn what_is_exported_imports_again() {
    let shop = shop();
    let csv = shop.run(&["catalogue", "export"]).json()["csv"]
        .as_str()
        .unwrap()
        .to_owned();
    let report = shop.pipe(&["catalogue", "import", "-"], &csv).json();
    assert_eq!(
        (&report["added"], &report["problemsTotal"]),
        (&json!(0), &json!(0))
    );
}

#[test]
fn a_file_without_its_columns_is_refused_also_when_bad_lines_are_skipped() {
    let shop = shop();
    let ran = shop.pipe(
        &["catalogue", "import", "-", "--skip-bad"],
        "sku;name;price\nA;B;1\n",
    );
    assert_eq!(ran.error(), (2, "catalogue_invalid".to_owned()));
}
