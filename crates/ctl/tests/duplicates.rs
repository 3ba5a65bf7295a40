//! `sync duplicates`: what a possible duplicate is.

#![allow(missing_docs, reason = "test names are sentences")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use common::shop;
use serde_json::json;

#[test]
fn the_rule_begins_with_a_minute_and_keeps_what_is_set() {
    let shop = shop();
    let asked = |more: &[&str]| shop.run(&[&["sync", "duplicates"], more].concat());
    let rule = |seconds: u32, total: Option<i64>| json!({ "windowSeconds": seconds, "listedTotal": total, "muted": [] });
    assert_eq!(asked(&[]).json(), rule(60, None));
    assert_eq!(
        asked(&["--window", "300", "--list-from", "2000"]).json(),
        rule(300, Some(2_000))
    );
    // What is not given stays.
    assert_eq!(asked(&["--window", "120"]).json(), rule(120, Some(2_000)));
    assert_eq!(asked(&["--list-by-goods"]).json(), rule(120, None));
    for (wrong, code) in [
        (["--window", "9"], "invalid_input"),
        (["--window", "soon"], "invalid_input"),
        (["--list-from", "0"], "invalid_amount"),
        (["--list-from", "9007199254740992"], "invalid_amount"),
    ] {
        assert_eq!(asked(&wrong).error(), (2, code.to_owned()), "{wrong:?}");
    }
    let both = asked(&["--list-by-goods", "--list-from", "5"]);
    assert_eq!(both.error().0, 2);
    for unknown in [["--mute", "7"], ["--list-again", "nothing"]] {
        assert_eq!(asked(&unknown).error().1, "not_found");
    }
    assert_eq!(asked(&[]).json(), rule(120, None), "nothing was changed");
}
