//! What goes up with a decision: the copy of a sale that lost, and its reversal. Whose they are says the losing version;
//! no register makes either of another one's sale, in whatever name.

use serde_json::json;

use crate::decisions::{SALE, digest, numbered_conflict, numbered_resolution};
use crate::documents::{A, B, Doc, Store, sale};
use crate::runner::{Case, Line, cases as table, may, may_not};
use crate::world::Who::{Manager, TillA, TillB};
use gcloud_sdk::google::firestore::v1::Write;

/// As many decisions as the program sends in one commit.
const MOST: usize = 9;

fn copy_id(n: usize) -> String {
    format!("c0b1e500-0000-5000-8000-{n:012}")
}

/// A register's n-th losing version, as a sale under an id of its own.
fn copy(register: &str, n: usize) -> Doc {
    sale(register)
        .named("saleId", &copy_id(n))
        .with("originalSaleId", SALE)
        .with("originalDigest", digest(n))
}

/// What takes the n-th copy back.
fn reversal(register: &str, n: usize) -> Doc {
    sale(register)
        .named("saleId", &format!("c0b1e501-0000-5000-8000-{n:012}"))
        .with("cancels", copy_id(n))
}

/// Register A keeps the cloud's version of its n-th item.
fn kept(store: &Store, n: usize) -> [Write; 3] {
    let resolution = numbered_resolution(A, n)
        .with("choice", "keepCloud")
        .with("money", "givenBack")
        .with("restock", json!([{ "line": 1, "restock": "shelf" }]))
        .with("cloudId", copy_id(n))
        .with("reversalId", "reversal");
    [
        store.create(&resolution),
        store.create(&copy(A, n)),
        store.create(&reversal(A, n)),
    ]
}

/// As many decisions as fit, each with all that it can bring along.
fn all_kept(store: &Store) -> impl Iterator<Item = Write> {
    (1..=MOST).flat_map(|n| kept(store, n))
}

/// The versions that those are about.
fn all_lost(store: &Store) -> Vec<Write> {
    let lost = (1..=MOST).map(|n| store.create(&numbered_conflict(A, n)));
    lost.collect()
}

/// Sales of register A, so many that a commit is as large as one may be.
fn sales(store: &Store, beside: usize) -> impl Iterator<Item = Write> {
    (beside..500).map(|n| {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        store.create(&sale(A).named("saleId", &id))
    })
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = table(decided());
    cases.extend(table(copies()));
    cases.extend(table(foreign()));
    cases.extend(table(reversals()));
    cases
}

fn decided() -> [Line; 5] {
    [
        may(TillA, "keep the cloud's, all of it in one commit", |s| {
            kept(s, 1).to_vec()
        })
        .given(|s| s.create(&numbered_conflict(A, 1))),
        may(
            TillA,
            "keep the cloud's nine times in one commit, beside as many sales as fit",
            |s| all_kept(s).chain(sales(s, 3 * MOST)).collect::<Vec<_>>(),
        )
        .given(all_lost),
        may(
            TillA,
            "keep the cloud's nine times, the losing versions in the same commit",
            |s| {
                all_lost(s)
                    .into_iter()
                    .chain(all_kept(s))
                    .collect::<Vec<_>>()
            },
        ),
        may(TillA, "decide nine items in one commit", |s| {
            let decided = (1..=MOST).map(|n| s.create(&numbered_resolution(A, n)));
            decided.collect::<Vec<_>>()
        })
        .given(all_lost),
        may(
            TillA,
            "keep the cloud's for a register that it continues, the reversal in its own name",
            |s| {
                vec![
                    s.create(&numbered_resolution(A, 1)),
                    s.create(&copy(B, 1)),
                    s.create(&reversal(A, 1)),
                ]
            },
        )
        .given(|s| s.overwrite(&s.member(TillA, "register", &[A, B])))
        .given(|s| s.create(&numbered_conflict(B, 1))),
    ]
}

fn copies() -> [Line; 8] {
    [
        may(TillA, "create a copy of what it lost", |s| {
            s.create(&copy(A, 1))
        })
        .given(|s| s.create(&numbered_conflict(A, 1))),
        may(TillA, "create a copy together with what it lost", |s| {
            vec![s.create(&numbered_conflict(A, 1)), s.create(&copy(A, 1))]
        }),
        may_not(Manager, "create a copy", |s| s.create(&copy(A, 1)))
            .given(|s| s.create(&numbered_conflict(A, 1))),
        may_not(TillA, "create a sale that is its own copy", |s| {
            s.create(&copy(A, 1).with("originalSaleId", copy_id(1)))
        })
        .given(|s| {
            let of_itself = format!("{}_{}", copy_id(1), digest(1));
            s.create(&numbered_conflict(A, 1).under(&of_itself))
        }),
        may_not(TillA, "create a copy that does not say of what", |s| {
            s.create(&copy(A, 1).without("originalSaleId"))
        })
        .given(|s| s.create(&numbered_conflict(A, 1))),
        may_not(
            TillA,
            "create a copy that does not say of which content",
            |s| s.create(&copy(A, 1).without("originalDigest")),
        )
        .given(|s| s.create(&numbered_conflict(A, 1))),
        may_not(TillA, "create a copy of a content that is no digest", |s| {
            s.create(&copy(A, 1).with("originalDigest", "0"))
        })
        .given(|s| s.create(&numbered_conflict(A, 1).under(&format!("{SALE}_0")))),
        may_not(TillA, "create a copy of what is named by no id", |s| {
            s.create(&copy(A, 1).with("originalSaleId", "sale"))
        })
        .given(|s| {
            let other = format!("sale_{}", digest(1));
            s.create(&numbered_conflict(A, 1).under(&other))
        }),
    ]
}

/// Copies of what another register lost, or nobody.
fn foreign() -> [Line; 10] {
    [
        may_not(TillB, "create another register's copy in its name", |s| {
            s.create(&copy(A, 1))
        })
        .given(|s| s.create(&numbered_conflict(A, 1))),
        may_not(
            TillB,
            "create a copy of what another register lost in its own name",
            |s| s.create(&copy(B, 1)),
        )
        .given(|s| s.create(&numbered_conflict(A, 1))),
        may_not(
            TillB,
            "decide another register's item in its own name, with its copy",
            |s| vec![s.create(&numbered_resolution(B, 1)), s.create(&copy(B, 1))],
        )
        .given(|s| s.create(&numbered_conflict(A, 1))),
        may_not(
            TillA,
            "create a copy in its own name of what a register lost that it continues",
            |s| s.create(&copy(A, 1)),
        )
        .given(|s| s.overwrite(&s.member(TillA, "register", &[A, B])))
        .given(|s| s.create(&numbered_conflict(B, 1))),
        may_not(TillB, "create a copy of what nobody lost", |s| {
            s.create(&copy(B, 1))
        }),
        may_not(TillB, "create a copy of a sale that lost nothing", |s| {
            s.create(&copy(B, 1))
        })
        .given(|s| s.create(&sale(A).named("saleId", SALE))),
        may_not(
            TillB,
            "create a copy of another content than what it lost",
            |s| s.create(&copy(B, 2)),
        )
        .given(|s| s.create(&numbered_conflict(B, 1))),
        may_not(TillB, "create a copy of what it lost in another store", |s| {
            s.create(&copy(B, 1))
        })
        .given(|s| s.other().create(&numbered_conflict(B, 1))),
        may_not(
            TillB,
            "say that it lost what another register did, to copy it",
            |s| vec![s.overwrite(&numbered_conflict(B, 1)), s.create(&copy(B, 1))],
        )
        .given(|s| s.create(&numbered_conflict(A, 1))),
        may(
            TillB,
            "create a plain sale under the id that another register's copy will have, which no rule can compute",
            |s| s.create(&sale(B).named("saleId", &copy_id(1))),
        )
        .given(|s| s.create(&numbered_conflict(A, 1))),
    ]
}

fn reversals() -> [Line; 8] {
    [
        may(TillA, "reverse a copy of before", |s| {
            s.create(&reversal(A, 1))
        })
        .given(|s| s.create(&copy(A, 1))),
        may_not(TillA, "reverse a copy in nobody's name", |s| {
            s.create(&reversal(A, 1).with("cashierName", ""))
        })
        .given(|s| s.create(&copy(A, 1))),
        may_not(TillB, "reverse another register's copy in its name", |s| {
            s.create(&reversal(A, 1))
        })
        .given(|s| s.create(&copy(A, 1))),
        may_not(
            TillB,
            "reverse another register's copy in its own name",
            |s| s.create(&reversal(B, 1)),
        )
        .given(|s| s.create(&copy(A, 1))),
        may_not(TillB, "reverse what is nowhere", |s| {
            s.create(&reversal(B, 1))
        }),
        may_not(TillB, "reverse a sale of another store", |s| {
            s.create(&reversal(B, 1))
        })
        .given(|s| s.other().create(&copy(B, 1))),
        may_not(TillA, "create a sale that reverses itself", |s| {
            s.create(
                &copy(A, 1)
                    .without("originalSaleId")
                    .without("originalDigest")
                    .with("cancels", copy_id(1)),
            )
        }),
        may_not(TillA, "reverse what is named by no id", |s| {
            s.create(&reversal(A, 1).with("cancels", "copy"))
        })
        .given(|s| s.create(&copy(A, 1).under("copy"))),
    ]
}
