//! What scripts rely on: shapes, exit statuses, streams.

#![allow(clippy::unwrap_used)]

mod common;

use common::{CART, INIT, Ran, Shop, ctl, pipe, run, shop};
use rusqlite::Connection;
use serde_json::json;

/// What a person reads.
fn plain(shop: &Shop, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_counterfoilctl"));
    let config = common::config(shop.path());
    command.arg("--data").arg(shop.path()).args(arguments);
    command.env("COUNTERFOIL_CONFIG", config);
    let ran = Ran::of(command.output().unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
    ran.stdout
}

#[test]
fn init_refuses_what_makes_no_store_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let with = |more: &[&str]| run(&data, &[&INIT[..], more].concat()).error();
    for more in [
        ["--receipt-prefix", "too long a prefix"],
        ["--time-zone", "Mars/Olympus"],
        ["--day-start", "25:00"],
        ["--cash-rounding", "-5"],
        ["--cash-rounding", "3"],
        ["--cash-rounding", "1000"],
        ["--prices", "free"],
        ["--nonsense", "1"],
    ] {
        assert_eq!(with(&more).0, 2, "{more:?}");
    }
    assert_eq!(
        with(&["--cash-rounding", "7"]),
        (2, "invalid_amount".to_owned())
    );
    assert!(!data.exists());
    for coin in ["10", "20", "25", "50", "100"] {
        let other = dir.path().join(coin);
        let state = run(&other, &[&INIT[..], &["--cash-rounding", coin]].concat()).json();
        assert_eq!(state["store"]["cashRounding"].to_string(), coin);
    }
    let state = run(&data, &[&INIT[..], &["--cash-rounding", "5"]].concat()).json();
    assert_eq!(state["store"]["cashRounding"], 5);
    assert_eq!(state["store"]["pricesIncludeTax"], true);
    assert_eq!(run(&data, &INIT).error(), (1, "already_set_up".to_owned()));
}

#[test]
fn a_store_chooses_where_halves_go() {
    let dir = tempfile::tempdir().unwrap();
    let cases = [
        (&["--cash-rounding", "10"][..], 1745, "0", json!([1745, 5])),
        (
            &["--cash-rounding", "10", "--cash-tie", "down"],
            1745,
            "0",
            json!([1745, -5]),
        ),
        (&[], 25, "10", json!([22, 0])),
        (&["--half", "even"], 25, "10", json!([23, 0])),
    ];
    for (n, (more, price, percent, expected)) in cases.into_iter().enumerate() {
        let data = dir.path().join(n.to_string());
        run(&data, &[&INIT[..], &["--demo"], more].concat()).json();
        let cart = json!({
            "lines": [{ "sku": "COF-001", "quantity": "1", "unitPrice": price,
                        "discount": { "percent": percent } }],
            "tenders": [{ "method": "cash", "amount": 2000 }],
        });
        let sale = pipe(&data, &["checkout", "-"], cart.to_string().as_bytes()).json();
        assert_eq!(
            json!([sale["total"], sale["rounding"]]),
            expected,
            "{more:?}"
        );
    }
    let coins = run(
        &dir.path().join("no"),
        &[&INIT[..], &["--cash-tie", "down"]].concat(),
    );
    assert_eq!(
        coins.error(),
        (2, "invalid_input".to_owned()),
        "tie of what?"
    );
}

#[test]
fn without_a_store_every_command_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("absent");
    for arguments in [
        &["sales", "list"][..],
        &["stock", "list"],
        &["sync", "status"],
        &["catalogue", "export"],
        &["journal", "verify"],
    ] {
        assert_eq!(
            run(&data, arguments).error(),
            (1, "not_set_up".to_owned()),
            "{arguments:?}"
        );
    }
    assert!(!data.exists(), "looking makes nothing");
}

#[test]
fn sales_are_listed_newest_first_page_by_page() {
    let shop = shop();
    for _ in 0..3 {
        shop.pipe(&["checkout", "-"], CART).json();
    }
    let page = shop.run(&["sales", "list", "--limit", "2"]).json();
    assert_eq!(page["items"][0]["receiptNumber"], "A-000003");
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let next = page["next"].to_string();
    let page = shop
        .run(&["sales", "list", "--limit", "2", "--before", &next])
        .json();
    assert_eq!(page["items"][0]["receiptNumber"], "A-000001");
    assert_eq!(page["next"], json!(null));
    assert_eq!(
        shop.run(&["sales", "show", "A-9"]).error(),
        (1, "not_found".to_owned())
    );
}

#[test]
fn products_and_stock_have_their_documented_shape() {
    let shop = shop();
    let found = shop.run(&["catalogue", "find", "2000000010014"]).json();
    let item = found["items"][0].as_object().unwrap();
    let keys: Vec<_> = item.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "barcodes",
            "category",
            "cost",
            "name",
            "price",
            "productId",
            "sku",
            "stock",
            "taxCodes",
            "unit"
        ]
    );
    assert_eq!(
        (&item["name"], &item["price"]),
        (&json!("Espresso"), &json!(220))
    );
    shop.pipe(&["checkout", "-"], CART).json();
    let stock = shop.run(&["stock", "list"]).json();
    let items = stock["items"].as_array().unwrap();
    let espresso = items.iter().find(|item| item["sku"] == "COF-001").unwrap();
    assert_eq!(
        *espresso,
        json!({ "sku": "COF-001", "name": "Espresso", "onHand": "598", "reorder": "120" })
    );
}

#[test]
fn a_store_that_is_not_connected_is_local_only() {
    let shop = shop();
    let status = shop.run(&["sync", "status"]).json();
    assert_eq!(status["state"], "localOnly");
    for key in ["pending", "inFlight", "failedTotal", "warnings"] {
        assert_eq!(status[key], 0, "{key}");
    }
    for key in ["failedItems", "lastSyncedAt", "nextAttemptAt"] {
        assert!(status.get(key).is_some(), "{key}");
    }
    assert_eq!(
        shop.run(&["sync", "once"]).error(),
        (1, "not_connected".to_owned())
    );
    let failed = shop.run(&["sync", "failed"]).json();
    assert_eq!(
        (&failed["items"], &failed["warnings"]),
        (&json!([]), &json!([]))
    );
    let nowhere = shop.run(&["sync", "failed", "--page", "0"]);
    assert_eq!(nowhere.error(), (2, "invalid_input".to_owned()));
    let bad = shop.run(&["sync", "connect", "--project", "No Such", "--store", "s"]);
    assert_eq!(bad.error(), (2, "invalid_input".to_owned()));
    let status = shop
        .run(&["sync", "connect", "--project", "demo-x", "--store", "s1"])
        .json();
    assert_eq!(
        (&status["state"], &status["storeId"]),
        (&json!("idle"), &json!("s1"))
    );
}

#[test]
fn sales_that_nobody_sends_are_paused_and_said() {
    let shop = shop();
    let connect = ["sync", "connect", "--project", "demo-x", "--store", "s1"];
    shop.run(&connect).json();
    assert_eq!(shop.run(&["sync", "status"]).json()["state"], "idle");
    shop.pipe(&["checkout", "-"], CART).json();
    let status = shop.run(&["sync", "status"]).json();
    assert_eq!(
        (&status["state"], &status["nextAttemptAt"]),
        (&json!("paused"), &json!(null))
    );
    let words = plain(&shop, &["sync", "status"]);
    assert!(
        words.starts_with("no program is sending them now: 1 waiting"),
        "{words}"
    );
}

#[test]
fn a_switch_to_another_store_says_what_stays_behind() {
    let shop = shop();
    let to = |store| ["sync", "connect", "--project", "demo-x", "--store", store];
    shop.run(&to("s1")).json();
    shop.pipe(&["checkout", "-"], CART).json();
    let conn = Connection::open(shop.path().join("counterfoil.db")).unwrap();
    conn.execute("UPDATE outbox SET state = 'synced', created_at = 1", [])
        .unwrap();
    let refused = shop.run(&to("s2"));
    assert_eq!(refused.error(), (1, "sales_elsewhere".to_owned()));
    assert!(refused.stderr.contains("1 sale(s)"), "{}", refused.stderr);
    assert_eq!(shop.run(&["sync", "status"]).json()["storeId"], "s1");
    let switched = shop.run(&[&to("s2")[..], &["--switch"]].concat()).json();
    assert_eq!(
        (&switched["storeId"], &switched["salesElsewhere"]),
        (&json!("s2"), &json!(1))
    );
    let words = plain(&shop, &[&to("s3")[..], &["--switch"]].concat());
    assert!(
        words.starts_with("1 sale(s) that went up before stay"),
        "{words}"
    );
    // One that waits for the store before has to be meant.
    shop.pipe(&["checkout", "-"], CART).json();
    let away = [&to("s4")[..], &["--switch"]].concat();
    let refused = shop.run(&away);
    assert_eq!(refused.error(), (1, "unsynced_sales".to_owned()));
    assert_eq!(refused.errors()[0]["error"]["details"]["waiting"], 1);
    assert_eq!(shop.run(&["sync", "status"]).json()["storeId"], "s3");
    let meant = shop.run(&[&away[..], &["--yes"]].concat()).json();
    assert_eq!(
        (&meant["storeId"], &meant["pending"]),
        (&json!("s4"), &json!(1))
    );
}

#[test]
fn a_switch_while_sales_may_have_arrived_says_how_many() {
    let shop = shop();
    let to = |store| ["sync", "connect", "--project", "demo-x", "--store", store];
    shop.run(&to("s1")).json();
    shop.pipe(&["checkout", "-"], CART).json();
    // Nothing was ever sent: it was the wrong store, if that is meant.
    let refused = shop.run(&to("s2"));
    assert_eq!(refused.error(), (1, "unsynced_sales".to_owned()));
    assert_eq!(refused.errors()[0]["error"]["details"]["waiting"], 1);
    shop.run(&[&to("s2")[..], &["--yes"]].concat()).json();
    shop.pipe(&["checkout", "-"], CART).json();
    let conn = Connection::open(shop.path().join("counterfoil.db")).unwrap();
    conn.execute("UPDATE outbox SET attempts = 1", []).unwrap();
    let refused = shop.run(&to("s3"));
    assert_eq!(refused.error(), (1, "sales_elsewhere".to_owned()));
    assert!(
        refused.stderr.contains("arrived is not known: 2."),
        "{}",
        refused.stderr
    );
    assert_eq!(refused.errors()[0]["error"]["details"]["tried"], 2);
    let away = [&to("s3")[..], &["--switch"]].concat();
    let refused = shop.run(&away);
    assert_eq!(refused.error(), (1, "unsynced_sales".to_owned()));
    assert!(
        refused.stderr.contains("arrived is not known: 2."),
        "{}",
        refused.stderr
    );
    let meant = shop.run(&[&away[..], &["--yes"]].concat()).json();
    assert_eq!(
        (&meant["storeId"], &meant["pending"]),
        (&json!("s3"), &json!(2))
    );
}

#[test]
fn a_register_is_disconnected_with_the_number_that_waits() {
    let shop = shop();
    let connect = ["sync", "connect", "--project", "demo-x", "--store", "s1"];
    shop.run(&connect).json();
    shop.pipe(&["checkout", "-"], CART).json();
    let refused = shop.run(&["sync", "disconnect"]);
    assert_eq!(refused.error(), (1, "unsynced_sales".to_owned()));
    assert_eq!(refused.errors()[0]["error"]["details"]["waiting"], 1);
    assert_eq!(shop.run(&["sync", "status"]).json()["disconnected"], false);
    let words = plain(&shop, &["sync", "disconnect", "--yes"]);
    assert!(
        words.starts_with("disconnected from the store s1;") && words.contains(": 1 waiting"),
        "{words}"
    );
    let status = shop.run(&["sync", "status"]).json();
    assert_eq!(
        (
            &status["state"],
            &status["storeId"],
            &status["disconnected"]
        ),
        (&json!("localOnly"), &json!("s1"), &json!(true))
    );
    let once = shop.run(&["sync", "once"]);
    assert_eq!(once.error(), (1, "not_connected".to_owned()));
    let status = shop.run(&connect).json();
    assert_eq!(
        (&status["disconnected"], &status["pending"]),
        (&json!(false), &json!(1))
    );
}

#[test]
fn an_unreachable_cloud_ends_once_at_its_timeout() {
    let shop = shop();
    shop.run(&["sync", "connect", "--project", "demo-x", "--store", "s1"])
        .json();
    shop.pipe(&["checkout", "-"], CART).json();
    let mut command = ctl(shop.path());
    // Port 9 is “discard”; nothing listens there.
    command.env("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9");
    let ran = Ran::of(
        command
            .args(["sync", "once", "--timeout", "2"])
            .output()
            .unwrap(),
    );
    assert_eq!(ran.status, 1);
    assert_eq!(shop.run(&["sync", "status"]).json()["pending"], 1);
}

#[test]
fn help_is_no_error_and_a_person_gets_tables() {
    let shop = shop();
    let help = shop.run(&["checkout", "--help"]);
    assert_eq!((help.status, help.stderr.as_str()), (0, ""));
    assert!(help.stdout.contains("exit status"), "{}", help.stdout);
    let found = plain(&shop, &["catalogue", "find", "espresso"]);
    assert!(found.starts_with("SKU "), "{found}");
    assert!(found.contains(" 2.20 "), "{found}");
}

#[test]
fn the_log_names_the_sale_and_nothing_personal() {
    let shop = shop();
    let cart = r#"{"lines":[{"sku":"COF-001","quantity":"1","note":"for Mr Secretson"}],
        "tenders":[{"method":"card","amount":220,"reference":"TERMINAL-77","last4":"4242"}],
        "cashier":"Annabella"}"#;
    let sale = shop.pipe(&["checkout", "-"], cart).json();
    let mut log = String::new();
    for entry in std::fs::read_dir(shop.path().join("logs")).unwrap() {
        log.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    assert!(log.contains(sale["saleId"].as_str().unwrap()), "{log}");
    for personal in ["Annabella", "Secretson", "TERMINAL-77", "4242"] {
        assert!(!log.contains(personal), "{personal}: {log}");
    }
}
