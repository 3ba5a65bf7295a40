//! Import, export, find.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use common::{CATALOGUE, import, minor, shop, stock};
use counterfoil_app::ImportOptions;
use counterfoil_app::dto::{ImportInput, ProductUnit};

#[test]
fn an_export_imports_to_the_same_catalogue() {
    let shop = shop();
    let exported = shop.till.export_catalogue().unwrap();
    let report = shop
        .till
        .import_catalogue(import(&exported), |_| {})
        .unwrap();
    assert_eq!(
        (report.added, report.updated, report.problems_total),
        (0, 5, 0)
    );
    assert_eq!(shop.till.export_catalogue().unwrap(), exported);
    let row = "BOOK,2000000000046,Cookbook,Books,25.00,12.00,20|5,3,,piece\r\n";
    assert!(exported.contains(row), "{exported}");
}

#[test]
fn with_one_bad_line_nothing_is_imported_unless_it_is_skipped() {
    let shop = shop();
    let csv = "sku,name,price,tax,barcode\nNEW,New,1.00,20,77\nBAD,Bad,x,20,78\nTAX,Tax,1,GST,79\n\
               BAR,Bar,1,20,2000000000015\n";
    let places = |input: ImportInput| {
        let report = shop.till.import_catalogue(input, |_| {}).unwrap();
        let places: Vec<_> = report
            .problems
            .iter()
            .map(|p| (p.line, p.column.clone()))
            .collect();
        (report.imported, report.added, report.skipped, places)
    };
    let all = [
        (3, "price".to_owned()),
        (4, "tax".to_owned()),
        (5, "barcode".to_owned()),
    ];
    let dry = ImportInput {
        dry_run: true,
        ..import(csv)
    };
    assert_eq!(places(dry), (false, 1, 3, all.to_vec()));
    assert_eq!(places(import(csv)), (false, 0, 3, all.to_vec()));
    assert_eq!(shop.till.search_products("NEW", 5).unwrap(), []);
    let skip = ImportInput {
        skip_bad: true,
        ..import(csv)
    };
    assert_eq!(places(skip), (true, 1, 3, all.to_vec()));
    assert_eq!(shop.till.search_products("NEW", 5).unwrap().len(), 1);
}

#[test]
fn what_the_database_refuses_rolls_the_good_lines_back() {
    let shop = shop();
    let csv = "sku,name,price,barcode\nNEW,New,1.00,77\nBAR,Bar,1,2000000000015\n";
    let report = shop.till.import_catalogue(import(csv), |_| {}).unwrap();
    assert!(!report.imported);
    assert_eq!(
        report.problems[0].reason,
        "2000000000015 belongs to the product MILK already"
    );
    assert_eq!(shop.till.search_products("NEW", 5).unwrap(), []);
}

#[test]
fn stock_is_set_for_new_products_and_for_known_ones_only_when_asked() {
    let shop = shop();
    let csv = "sku,name,price,stock,unit\nMILK,Oat milk 1 l,2.49,50,piece\nTEA,Tea,3,7,piece\n";
    let report = shop.till.import_catalogue(import(csv), |_| {}).unwrap();
    assert_eq!(report.stock_adjusted, 0);
    assert_eq!(
        (stock(&shop.till, "MILK"), stock(&shop.till, "TEA")),
        ("10".into(), "7".into())
    );
    let set = ImportInput {
        set_stock: true,
        ..import(csv)
    };
    let report = shop.till.import_catalogue(set, |_| {}).unwrap();
    assert_eq!(report.stock_adjusted, 1);
    assert_eq!(stock(&shop.till, "MILK"), "50");
}

#[test]
fn half_a_piece_is_not_counted_whether_or_not_the_file_names_the_unit() {
    let shop = shop();
    let set = ImportInput {
        set_stock: true,
        ..import("sku,name,price,stock\nMILK,Oat milk 1 l,2.49,3.5\nBAN,Bananas,2.49,3.5\n")
    };
    let report = shop.till.import_catalogue(set, |_| {}).unwrap();
    let named: Vec<_> = report
        .problems
        .iter()
        .map(|p| (p.line, p.column.as_str()))
        .collect();
    assert_eq!(named, [(2, "stock")]);
    assert_eq!(stock(&shop.till, "MILK"), "10");
}

#[test]
fn columns_that_the_file_does_not_have_stay_as_they_are() {
    let shop = shop();
    shop.till
        .import_catalogue(import("sku,name,price\nBAN,Bananas bio,2.49\n"), |_| {})
        .unwrap();
    let product = shop
        .till
        .search_products("2000000000039", 1)
        .unwrap()
        .remove(0);
    assert_eq!(
        (product.name.as_str(), product.price),
        ("Bananas bio", minor(249))
    );
    assert_eq!(
        (product.unit, product.category.as_str()),
        (ProductUnit::Kg, "Fruit")
    );
    assert_eq!(
        (product.cost, product.tax_codes),
        (Some(minor(90)), vec!["10".to_owned()])
    );
    let blank = "sku,name,price,barcode,category\nBAN,Bananas,2.49,,\n";
    shop.till.import_catalogue(import(blank), |_| {}).unwrap();
    let product = shop.till.search_products("BAN", 1).unwrap().remove(0);
    assert_eq!((product.barcodes.len(), product.category.as_str()), (0, ""));
}

#[test]
fn a_product_that_is_free_is_imported_and_counted() {
    let shop = shop();
    let csv = "sku,name,price\nF,Free sample,0\n";
    let report = shop.till.import_catalogue(import(csv), |_| {}).unwrap();
    assert_eq!((report.imported, report.free), (true, 1));
}

#[test]
fn a_file_that_is_no_text_is_named_by_line() {
    let shop = shop();
    let bytes = |file: &[u8]| {
        shop.till
            .import_catalogue_bytes(file, ImportOptions::default(), |_| {})
            .unwrap()
    };
    let latin = bytes(b"sku,name,price\nA,Caf\xe9,1\n");
    assert_eq!(
        (latin.problems[0].line, latin.problems[0].column.as_str()),
        (2, "encoding")
    );
    assert_eq!(bytes(b"\xff\xfes\0k\0u\0").problems[0].column, "encoding");
    let skip = ImportOptions {
        skip_bad: true,
        ..ImportOptions::default()
    };
    let report = shop
        .till
        .import_catalogue_bytes(b"sku,name\n\xe9,x\n", skip, |_| {})
        .unwrap();
    assert!(!report.imported, "what cannot be read cannot be skipped");
}

#[test]
fn products_are_found_by_category_and_by_words() {
    let shop = shop();
    let till = &shop.till;
    let names: Vec<_> = till
        .categories()
        .unwrap()
        .into_iter()
        .map(|c| c.name)
        .collect();
    assert_eq!(names, ["", "Bakery", "Books", "Dairy", "Fruit"]);
    assert_eq!(
        till.category_products("Dairy", 0, 10).unwrap()[0].sku,
        "MILK"
    );
    assert_eq!(till.search_products("mil oa", 10).unwrap()[0].sku, "MILK");
    assert_eq!(
        till.search_products("4012345678901", 10).unwrap()[0].sku,
        "MILK"
    );
}

#[test]
fn the_progress_ends_at_the_total() {
    let shop = shop();
    let (last, calls) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (seen, counted) = (Arc::clone(&last), Arc::clone(&calls));
    let mut csv = "sku,name,price\n".to_owned();
    for n in 0..1200 {
        csv.push_str(&format!("P{n},Product {n},1\n"));
    }
    shop.till
        .import_catalogue(import(&csv), move |progress| {
            assert_eq!(progress.total, 1200);
            seen.store(progress.done, Ordering::SeqCst);
            counted.fetch_add(1, Ordering::SeqCst);
        })
        .unwrap();
    assert_eq!(last.load(Ordering::SeqCst), 1200);
    assert!(calls.load(Ordering::SeqCst) >= 4);
}

#[test]
fn percentages_are_codes_of_their_own_and_exempt_is_none_of_them() {
    let shop = shop();
    let csv = "sku,name,price,tax\nZ,Zero,1,0\nE,Exempt,1,exempt\nP,Percent,1,8.25%\n";
    assert!(
        shop.till
            .import_catalogue(import(csv), |_| {})
            .unwrap()
            .imported
    );
    let codes = |sku: &str| {
        shop.till.search_products(sku, 1).unwrap()[0]
            .tax_codes
            .join("|")
    };
    assert_eq!(
        (codes("Z"), codes("E"), codes("P")),
        ("0".into(), "exempt".into(), "8.25".into())
    );
    assert!(CATALOGUE.contains("20|5"));
}
