//! What the cloud bills, and how a backlog shrinks, for scripts.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use common::{cart, ctl, shop};
use serde_json::{Value, json};

#[test]
fn prices_begin_with_the_list_and_keep_what_is_set() {
    let shop = shop();
    let prices = |more: &[&str]| shop.run(&[&["sync", "prices"], more].concat());
    let list = json!({"currency": "USD", "reads": "0.06", "writes": "0.18"});
    assert_eq!(prices(&[]).json(), list);
    let set = prices(&["--writes", "0.1", "--currency", "eur"]).json();
    let kept = json!({"currency": "EUR", "reads": "0.06", "writes": "0.10"});
    assert_eq!((&set, &prices(&[]).json()), (&kept, &kept));
    for wrong in [["--reads", "-1"], ["--reads", "cheap"], ["--currency", "E"]] {
        let refused = prices(&[&wrong.join("=")]);
        assert_eq!(
            refused.error(),
            (2, "invalid_input".to_owned()),
            "{wrong:?}"
        );
    }
    assert_eq!(prices(&[]).json(), kept, "what is refused changes nothing");
}

#[test]
fn a_register_that_has_asked_nothing_has_cost_nothing() {
    let shop = shop();
    let status = shop.run(&["sync", "status"]).json();
    assert_eq!(status["progress"], Value::Null);
    let costs = &status["costs"];
    let figures = ["sales", "reads", "writes", "money", "currency", "month"];
    let figures = figures.map(|name| costs[name].clone());
    let nothing = json!([0, 0, 0, "0.00", "USD", null]);
    assert_eq!(json!(figures), nothing);
    assert_eq!(costs["readsPerSale"], Value::Null);
}

#[test]
fn a_watch_says_how_many_wait_and_that_nobody_knows_how_long_offline() {
    let shop = shop();
    let carts: Vec<String> = (1..=25)
        .map(|n| cart(&format!("00000000-0000-4000-8000-0000000000{n:02}"), "1"))
        .collect();
    shop.pipe(&["checkout", "--lines", "-"], &carts.join("\n"));
    let to = ["--project", "demo-ctl", "--store", "corner"];
    shop.run(&[&["sync", "connect"], &to[..]].concat()).json();
    let status = shop.run(&["sync", "status"]).json();
    assert_eq!(status["progress"]["waiting"], 25);

    let mut watch = ctl(shop.path());
    // Nobody listens there.
    watch.env("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9");
    watch.args(["sync", "watch"]).stdout(Stdio::piped());
    let mut watch = watch.spawn().unwrap();
    let lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let said = lines
        .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
        .find(|status| status["state"] == "offline");
    let progress = said.unwrap()["progress"].clone();
    watch.kill().unwrap();
    watch.wait().unwrap();
    let unknown = json!({"waiting": 25, "landed": 0, "perSecond": null, "secondsLeft": null});
    assert_eq!(progress, unknown);
}
