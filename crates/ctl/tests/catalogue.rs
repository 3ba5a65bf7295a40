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
fn a_wrong_check_digit_is_a_bad_line_and_a_code_of_the_shops_own_is_not() {
    let shop = shop();
    let csv = "sku,name,price,barcode\n\
               EAN13,a,1.00,4012345678902\nUPC,b,1.00,036000291453\nEAN8,c,1.00,2000000012345|96385075\n\
               GOOD,d,1.00,4012345678901|036000291452|96385074\nOWN,e,1.00,4011|ABC-12345678|1234567A|12345678901\n";
    let ran = shop.pipe(&["catalogue", "import", "-"], csv);
    assert_eq!(ran.error(), (2, "catalogue_invalid".to_owned()));
    let problems = ran.errors()[0]["error"]["details"]["problems"].clone();
    let wrong = |line: u32, code: &str, right: u32| {
        let reason = format!("{code} has a wrong check digit: its last digit would be {right}");
        json!({ "line": line, "column": "barcode", "reason": reason })
    };
    assert_eq!(
        problems,
        json!([
            wrong(2, "4012345678902", 1),
            wrong(3, "036000291453", 2),
            wrong(4, "2000000012345", 6),
            wrong(4, "96385075", 4),
        ])
    );
    let report = shop.pipe(&["catalogue", "import", "-", "--skip-bad"], csv);
    assert_eq!(report.json()["added"], 2);
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

#[test]
fn a_column_that_the_catalogue_does_not_have_is_passed_over_and_named() {
    let shop = shop();
    let csv = "sku,name,price,stok\nNEW-1,Soap,1.99,12\n";
    let ran = shop.pipe(&["catalogue", "import", "-"], csv);
    assert_eq!(ran.json()["ignoredColumns"], json!(["stok"]));
}
