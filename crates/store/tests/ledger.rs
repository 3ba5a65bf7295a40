//! What a sale leaves behind, and what never changes afterwards.

mod shop;

use counterfoil_domain::{CartId, ProductId};
use counterfoil_store::table::{open_cart, outbox, sales, stock_levels};
use counterfoil_store::{ErrorKind, NewSale, Stock, StoreError, Upload, record_sale, verify};
use shop::{NOW, Shop, cart, ring_up, row_counts, sealed, shop, sold};

#[test]
fn a_sale_is_found_by_its_id_its_cart_and_its_receipt() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let id = ring_up(&mut store, 1, 2).expect("a sale");
    let conn = store.connection();
    let sale = sales::by_id(conn, id).expect("read").expect("there");
    let (cart, _) = cart(1, 2);
    assert_eq!(
        sales::by_cart(conn, cart.id).expect("read"),
        Some(sale.clone())
    );
    assert_eq!(
        sales::by_receipt(conn, "A-000001").expect("read"),
        Some(sale.clone())
    );
    assert_eq!(sale.record["total"], 500);
    assert_eq!(sale.sync, sales::SaleSync::LocalOnly);
}

#[test]
fn a_sale_moves_stock_and_waits_in_the_outbox() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    ring_up(&mut store, 1, 2).expect("a sale");
    let stock = stock_levels::on_hand(store.connection(), ProductId::of_sku("COFFEE"));
    assert_eq!(stock.expect("a level"), Stock::from_thousandths(-2000));
    assert_eq!(
        outbox::counts(store.connection()).expect("counts").pending,
        1
    );
}

#[test]
fn recording_a_sale_removes_its_open_cart() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let (cart, _) = cart(1, 2);
    let saved: Result<i64, StoreError> = store.write(|tx| open_cart::save(tx, cart.id, &cart, NOW));
    assert_eq!(saved.expect("saved"), 1);
    ring_up(&mut store, 1, 2).expect("a sale");
    let open = open_cart::get::<counterfoil_domain::Cart>(store.connection()).expect("read");
    assert_eq!(open, None);
}

#[test]
fn an_open_cart_counts_its_revisions() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let (one, _) = cart(1, 2);
    let (other, _) = cart(2, 2);
    let mut save = |cart: &counterfoil_domain::Cart| {
        store
            .write(|tx| open_cart::save(tx, cart.id, cart, NOW))
            .expect("saved")
    };
    assert_eq!([save(&one), save(&one), save(&other)], [1, 2, 1]);
    let open = open_cart::get(store.connection())
        .expect("read")
        .expect("there");
    assert_eq!(
        open,
        open_cart::OpenCart {
            cart_id: other.id,
            revision: 1,
            cart: other
        }
    );
}

#[test]
fn a_cart_becomes_one_sale() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    ring_up(&mut store, 1, 2).expect("a sale");
    let before = row_counts(store.connection());
    let again = ring_up(&mut store, 1, 2).expect_err("the same cart again");
    assert_eq!(again.kind(), ErrorKind::Refused);
    assert_eq!(row_counts(store.connection()), before);
}

#[test]
fn a_receipt_or_a_link_out_of_its_series_is_refused() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let stale = store
        .write(|tx| sealed(tx, 1, 1))
        .expect("sealed for the first number");
    ring_up(&mut store, 2, 1).expect("a sale that takes the number");
    let before = row_counts(store.connection());
    let movements = [sold(1)];
    let refused: Result<i64, StoreError> = store.write(|tx| {
        let sale = NewSale {
            sealed: &stale.0,
            content_digest: stale.1,
            movements: &movements,
            upload: Upload::Alone,
        };
        record_sale(tx, &sale, NOW)
    });
    assert_eq!(refused.expect_err("stale").kind(), ErrorKind::Refused);
    assert_eq!(row_counts(store.connection()), before);
}

#[test]
fn an_error_half_way_leaves_nothing() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let before = row_counts(store.connection());
    let broken: Result<(), StoreError> = store.write(|tx| {
        let (sealed, content_digest) = sealed(tx, 1, 1)?;
        let sale = NewSale {
            sealed: &sealed,
            content_digest,
            movements: &[],
            upload: Upload::Alone,
        };
        record_sale(tx, &sale, NOW)?;
        Err(StoreError::NotSetUp)
    });
    broken.expect_err("it was told to fail");
    assert_eq!(row_counts(store.connection()), before);
}

#[test]
fn what_was_sold_is_never_updated_or_deleted() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    ring_up(&mut store, 1, 2).expect("a sale");
    let changes = [
        ("sales", "total = 0"),
        ("sale_lines", "total = 0"),
        ("sale_line_taxes", "tax = 0"),
        ("sale_taxes", "tax = 0"),
        ("sale_tenders", "amount = 0"),
        ("stock_movements", "change = 0"),
        ("journal", "recorded_at = 0"),
    ];
    let conn = store.connection();
    for (table, change) in changes {
        let update = conn.execute(&format!("UPDATE {table} SET {change}"), []);
        assert!(
            update
                .expect_err(table)
                .to_string()
                .contains("never updated"),
            "{table}"
        );
        let delete = conn.execute(&format!("DELETE FROM {table}"), []);
        assert!(
            delete
                .expect_err(table)
                .to_string()
                .contains("never deleted"),
            "{table}"
        );
    }
    let replace = "INSERT OR REPLACE INTO journal SELECT register_id, sequence, previous_hash,
        kind, recorded_at, digest, hash, sale_id, document FROM journal";
    let replaced = conn
        .execute(replace, [])
        .expect_err("a replacement is a deletion");
    assert!(replaced.to_string().contains("never deleted"));
    let outbox = conn
        .execute("DELETE FROM outbox", [])
        .expect_err("a sale that waits");
    assert!(outbox.to_string().contains("never deleted"));
}

#[test]
fn sales_are_listed_newest_first_page_by_page() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    for seed in 1..=5 {
        ring_up(&mut store, seed, 1).expect("a sale");
    }
    let numbers = |sales: &[sales::StoredSale]| -> Vec<String> {
        sales
            .iter()
            .map(|sale| sale.record["receiptNumber"].to_string())
            .collect()
    };
    let first = sales::list(store.connection(), None, 3).expect("a page");
    assert_eq!(
        numbers(&first),
        ["\"A-000005\"", "\"A-000004\"", "\"A-000003\""]
    );
    let rest = sales::list(store.connection(), Some(first[2].entry), 3).expect("a page");
    assert_eq!(numbers(&rest), ["\"A-000002\"", "\"A-000001\""]);
}

#[test]
fn a_new_identity_begins_its_own_series_and_chain() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    ring_up(&mut store, 1, 1).expect("a sale of register A");
    store
        .write(|tx| {
            counterfoil_store::table::register::make_current(tx, &shop::register_named("B", 2))
        })
        .map_err(|error: StoreError| error)
        .expect("a new identity");
    ring_up(&mut store, 2, 1).expect("a sale of register B");
    let conn = store.connection();
    assert!(sales::by_receipt(conn, "B-000001").expect("read").is_some());
    let chains = verify(conn).expect("verified");
    assert_eq!(
        chains.iter().map(|chain| chain.links).collect::<Vec<_>>(),
        [1, 1]
    );
    assert!(chains.iter().all(|chain| chain.broken.is_none()));
    let stock = stock_levels::on_hand(conn, ProductId::of_sku("COFFEE")).expect("a level");
    assert_eq!(
        stock,
        Stock::from_thousandths(-2000),
        "on hand is the sum over registers"
    );
}

#[test]
fn a_register_uses_no_prefix_twice() {
    let Shop {
        dir: _dir,
        mut store,
    } = shop();
    let again: Result<(), StoreError> = store.write(|tx| {
        counterfoil_store::table::register::make_current(tx, &shop::register_named("A", 2))
    });
    assert_eq!(again.expect_err("A was used").kind(), ErrorKind::Refused);
}

#[test]
fn nothing_is_sold_before_the_shop_is_set_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = counterfoil_store::Store::open(dir.path(), NOW).expect("a database");
    let refused = ring_up(&mut store, 1, 1).expect_err("no register");
    assert_eq!(refused.kind(), ErrorKind::NotSetUp);
    let none = sales::by_cart(store.connection(), CartId::new(uuid::Uuid::nil()));
    assert_eq!(none.expect("read"), None);
}
