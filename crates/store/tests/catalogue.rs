//! The catalogue: what a scan and a search find, and what an import changes.

mod shop;

use counterfoil_domain::{ProductId, Unit};
use counterfoil_store::table::product_search::{optimize, search};
use counterfoil_store::table::products::{self, NewProduct, Product, Upserted};
use counterfoil_store::table::tax_codes::{self, TaxCode};
use counterfoil_store::table::{categories, register, stock_levels, stock_movements};
use counterfoil_store::{ErrorKind, Stock, Store, StoreError};
use shop::{NOW, Shop, product, shop};

fn put(store: &mut Store, product: &NewProduct) -> Result<Upserted, StoreError> {
    store.write(|tx| products::upsert(tx, product, NOW))
}

fn found(store: &Store, text: &str) -> Vec<String> {
    let products = search(store.connection(), text, 10).expect("searched");
    products
        .into_iter()
        .map(|product| product.listed.sku)
        .collect()
}

fn scan(store: &Store, barcode: &str) -> Option<Product> {
    products::by_barcode(store.connection(), barcode).expect("read")
}

#[test]
fn a_product_comes_back_as_it_was_put_in() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let mut flour = product("FLOUR", "Mehl 405", 119);
    flour.barcodes = vec!["2000000000015".into(), "4006381333931".into()];
    flour.unit = Unit::Kilogram;
    flour.cost = "70"
        .parse()
        .ok()
        .and_then(|cost| counterfoil_domain::Amount::new(cost).ok());
    flour.reorder = "2.5".parse().ok();
    assert_eq!(put(&mut store, &flour).expect("new"), Upserted::Inserted);
    let expected = Product {
        product_id: ProductId::of_sku("FLOUR"),
        listed: flour.clone(),
        stock: Stock::NONE,
    };
    assert_eq!(scan(&store, "4006381333931"), Some(expected.clone()));
    assert_eq!(
        products::by_sku(store.connection(), "FLOUR").expect("read"),
        Some(expected)
    );
    assert_eq!(scan(&store, "4006381333932"), None);
}

#[test]
fn importing_again_updates_by_sku_and_leaves_stock_alone() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let id = ProductId::of_sku("COFFEE");
    let target = Stock::from_thousandths(12_000);
    set_stock(&mut store, id, target);
    let mut coffee = product("COFFEE", "Espresso doppio", 300);
    coffee.barcodes = vec!["2099999999990".into()];
    coffee.tax_codes.clear();
    assert_eq!(put(&mut store, &coffee).expect("known"), Upserted::Updated);
    let after = products::by_sku(store.connection(), "COFFEE")
        .expect("read")
        .expect("there");
    assert_eq!((after.listed, after.stock), (coffee, target));
    assert_eq!(scan(&store, "20COFFEE"), None, "the barcode it had is free");
    assert_eq!(found(&store, "doppio"), ["COFFEE"]);
    assert_eq!(products::count(store.connection()).expect("a count"), 2);
}

fn set_stock(store: &mut Store, product: ProductId, target: Stock) -> Stock {
    let posted: Result<Stock, StoreError> = store.write(|tx| {
        let register = register::require(tx)?.register_id;
        stock_movements::set_on_hand(tx, register, product, target, "import", NOW)
    });
    posted.expect("posted")
}

#[test]
fn setting_stock_posts_the_difference_as_an_adjustment() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let id = ProductId::of_sku("COFFEE");
    shop::ring_up(&mut store, 1, 2).expect("two espressos");
    let target = Stock::from_thousandths(10_000);
    assert_eq!(
        set_stock(&mut store, id, target),
        Stock::from_thousandths(12_000)
    );
    assert_eq!(
        set_stock(&mut store, id, target),
        Stock::NONE,
        "nothing to post"
    );
    let level = stock_levels::of_product(store.connection(), id)
        .expect("a level")
        .remove(0);
    assert_eq!(level.sold, Stock::from_thousandths(2_000));
    assert_eq!(level.adjusted, Stock::from_thousandths(12_000));
    let list = stock_levels::list(store.connection()).expect("a list");
    let coffee = list.iter().find(|row| row.sku == "COFFEE").expect("listed");
    assert_eq!(coffee.on_hand, target);
}

#[test]
fn a_barcode_belongs_to_one_product_and_a_refused_product_changes_nothing() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let before = shop::row_counts(store.connection());
    let mut thief = product("NEW", "Thief", 1);
    thief.category = "A new category".into();
    thief.barcodes.push("20COFFEE".into());
    let refused: Result<(), StoreError> = store.write(|tx| {
        let error = products::upsert(tx, &thief, NOW).expect_err("taken");
        assert_eq!(
            error.to_string(),
            "the barcode 20COFFEE belongs to the product COFFEE already"
        );
        Ok(())
    });
    refused.expect("the import goes on without it");
    assert_eq!(shop::row_counts(store.connection()), before);
}

#[test]
fn a_tax_code_must_exist() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let mut odd = product("ODD", "Odd", 1);
    odd.tax_codes = vec!["NONE".into()];
    let refused = put(&mut store, &odd).expect_err("unknown");
    assert_eq!(refused.kind(), ErrorKind::Refused);
    assert!(refused.to_string().contains("NONE"));
    let code = TaxCode {
        code: "NONE".into(),
        rate: "0".parse().expect("a rate"),
    };
    let known: Result<(), StoreError> = store.write(|tx| tax_codes::set(tx, &code));
    known.expect("added");
    assert_eq!(tax_codes::all(store.connection()).expect("read").len(), 2);
    put(&mut store, &odd).expect("known now");
}

#[test]
fn the_exact_number_comes_first_then_names_that_begin_so_then_words() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    put(&mut store, &product("MILK", "Vollmilch", 99)).expect("new");
    put(&mut store, &product("P1", "Milk chocolate", 99)).expect("new");
    put(&mut store, &product("P2", "Oat milk", 99)).expect("new");
    assert_eq!(found(&store, "MILK"), ["MILK", "P1", "P2"]);
    assert_eq!(found(&store, "milk"), ["P1", "MILK", "P2"]);
    assert_eq!(found(&store, "20P2"), ["P2"], "a barcode");
    assert_eq!(
        found(&store, "cho mi"),
        ["P1"],
        "the beginnings of words in any order"
    );
}

#[test]
fn accents_case_and_signs_do_not_matter() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    put(&mut store, &product("BRULEE", "Crème brûlée", 450)).expect("new");
    for text in [
        "creme",
        "CRÈME BRÛLÉE",
        "brulee",
        "bru",
        "Cre\u{300}me",
        "  creme  ",
    ] {
        assert_eq!(found(&store, text), ["BRULEE"], "{text}");
    }
    assert_eq!(found(&store, "café-boh"), ["BEANS"]);
    for text in [
        "", "   ", "\"", "'; --", "*", "a AND", "NEAR(", "%", "\u{0}", "((((((((",
    ] {
        assert!(found(&store, text).is_empty(), "{text:?}");
    }
}

#[test]
fn categories_count_their_products_and_page_by_name() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let mut tea = product("TEA", "Tee", 250);
    tea.category = "Tee".into();
    put(&mut store, &tea).expect("new");
    let all = categories::all(store.connection()).expect("categories");
    let named: Vec<_> = all.iter().map(|c| (c.name.as_str(), c.products)).collect();
    assert_eq!(named, [("Café", 2), ("Tee", 1)]);
    let page = |offset| products::by_category(store.connection(), "Café", offset, 1);
    let sku = |offset| page(offset).expect("a page")[0].listed.sku.clone();
    assert_eq!([sku(0), sku(1)], ["BEANS", "COFFEE"]);
    assert!(page(2).expect("a page").is_empty());
    let mut skus = Vec::new();
    let exported: Result<(), StoreError> = products::for_each(store.connection(), |product| {
        skus.push(product.listed.sku);
        Ok(())
    });
    exported.expect("exported");
    assert_eq!(skus, ["BEANS", "COFFEE", "TEA"]);
}

/// Words as groceries have them, so that many names share their beginnings.
const WORDS: [&str; 16] = [
    "Apfel", "Alpen", "Bio", "Butter", "Creme", "Dinkel", "Joghurt", "Käse", "Mandel", "Milch",
    "Nuss", "Salz", "Schoko", "Tomaten", "Vollkorn", "Zucker",
];

fn one_of_many(n: usize) -> NewProduct {
    let word = |shift: usize| WORDS[(n >> shift) % WORDS.len()];
    let name = format!("{} {} {} {n}", word(0), word(4), word(8));
    let mut product = product(&format!("S{n:05}"), &name, 99);
    product.category = format!("Regal {}", n % 20);
    product
}

/// How fast this is, `cargo xtask bench` prints; here it is only right.
#[test]
fn fifty_thousand_products_are_imported_in_one_transaction_and_found() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let imported: Result<(), StoreError> = store.write(|tx| {
        for n in 0..50_000 {
            products::upsert(tx, &one_of_many(n), NOW)?;
        }
        optimize(tx)
    });
    imported.expect("imported");
    for n in (0..50_000).step_by(997) {
        let found = scan(&store, &format!("20S{n:05}")).expect("scanned");
        assert_eq!(found.listed.sku, format!("S{n:05}"));
    }
    for typed in [
        "m",
        "mi",
        "mil",
        "milch",
        "s z",
        "a b",
        "zuc sal tom",
        "nuss 1",
    ] {
        let found = search(store.connection(), typed, 50).expect("searched");
        assert_eq!(found.len(), 50, "{typed} is in many names");
        for product in found {
            let (name, sku) = (&product.listed.name, &product.listed.sku);
            let name = format!("{name} {sku}").to_lowercase();
            for word in typed.split(' ') {
                assert!(
                    name.split(' ').any(|part| part.starts_with(word)),
                    "{name} has no word that begins with {word}"
                );
            }
        }
    }
    let by_number = search(store.connection(), "49999", 50).expect("searched");
    assert_eq!(by_number[0].listed.sku, "S49999");
    assert!(
        search(store.connection(), "xyz", 50)
            .expect("searched")
            .is_empty()
    );
}
