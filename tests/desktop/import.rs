//! The catalogue from a file, through the settings.

use std::fmt::Write as _;

use counterfoil_tests::window::Outcome;

use crate::hands::{control, key, reads, scan_lines};
use crate::shop::Shop;
use fantoccini::key::Key;

/// Enough products that the import takes as long as a person needs to see it.
const MANY: u32 = 20_000;

#[tokio::test]
async fn a_file_with_bad_lines_is_told_line_by_line_and_imports_nothing() -> Outcome {
    let shop = Shop::open();
    let register = shop.register("A");
    let file = shop.file(
        "bad.csv",
        "sku,barcode,name,category,price,tax,unit\n\
         TEA-001,2000000880013,Darjeeling 100 g,Tea,7.90,5,piece\n\
         TEA-002,2000000880020,Assam 100 g,Tea,six,5,piece\n\
         TEA-003,2000000880037,,Tea,6.90,5,piece\n\
         TEA-004,2000000880044,Sencha loose,Tea,49.00,5,pound\n",
    );
    let window = register.window("import").await;
    window.press(control(',')).await?;
    window.choose_file("import-file", &file).await?;
    let said = reads(&window, "import-outcome", "Nothing was imported yet").await?;
    for words in [
        "1 line is good",
        "Line 3, price:",
        "Line 4, name:",
        "Line 5, unit:",
    ] {
        assert!(said.contains(words), "“{words}” is in {said}");
    }
    window.pictures("1-bad-lines").await?;
    // Looked at and left alone.
    window.press(key(Key::Escape)).await?;
    window.part("till").await?;
    let found = register.ctl(&["catalogue", "find"], &["TEA-001"]);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(0));

    // The good line alone, when somebody says so.
    window.press(control(',')).await?;
    window.choose_file("import-file", &file).await?;
    reads(&window, "import-do", "good lines only").await?;
    window.click("import-do").await?;
    reads(&window, "import-outcome", "1 product is in the catalogue").await?;
    window.pictures("2-good-line").await?;
    window.press(key(Key::Escape)).await?;
    scan_lines(&window, &["2000000880013"], 1).await?;
    reads(&window, "total", "7.90").await?;
    window.close().await
}

#[tokio::test]
async fn a_long_file_shows_how_far_it_is_and_what_came_of_it() -> Outcome {
    let shop = Shop::open();
    let register = shop.register("A");
    let mut csv = "sku,name,category,price,tax,stock\n".to_owned();
    for product in 1..=MANY {
        writeln!(csv, "LOT-{product},Lot {product},Lots,1.50,10,4").expect("written");
    }
    let file = shop.file("long.csv", &csv);
    let window = register.window("import-long").await;
    window.press(control(',')).await?;
    window.choose_file("import-file", &file).await?;
    reads(&window, "import-outcome", "20,000 new, 0 to update").await?;
    window.pictures("1-checked").await?;
    window.click("import-do").await?;
    reads(&window, "import-progress", "of 20,000").await?;
    window.pictures("2-running").await?;
    reads(
        &window,
        "import-outcome",
        "20,000 products are in the catalogue",
    )
    .await?;
    window.pictures("3-done").await?;
    window.press(key(Key::Escape)).await?;
    // What was imported is for sale at once.
    window.type_slowly("lot 19999").await?;
    reads(&window, "result-0", "Lot 19999").await?;
    window.close().await
}
