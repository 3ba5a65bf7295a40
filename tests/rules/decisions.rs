//! Conflicts and what is decided about them: once, whole, by the register that holds the item. What goes up with a
//! decision is in `copies`.

use serde_json::json;

use crate::documents::{A, B, Doc, sale};
use crate::runner::{Case, cases as table, may, may_not};
use crate::world::Who::{Manager, Owner, Stranger, TillA, TillB};

/// The sale that the items are versions of.
pub(crate) const SALE: &str = "00005a1e-0000-4000-8000-000000000009";

/// The digest of the n-th item.
pub(crate) fn digest(n: usize) -> String {
    format!("{n:064}")
}

/// The version that a register lost.
fn conflict(register: &str) -> Doc {
    numbered_conflict(register, 1)
}

/// Its n-th losing version of the sale.
pub(crate) fn numbered_conflict(register: &str, n: usize) -> Doc {
    let digest = digest(n);
    let fields = json!({
        "saleId": SALE, "digest": digest, "kind": "sameId", "message": "Another sale has this id.",
        "failedAt": "2026-11-22T14:02:15.000Z", "registerId": register, "receiptNumber": "A-000009",
        "cashierId": "mo", "cashierName": "Mo", "soldAt": "2026-11-22T14:02:13.999Z", "total": 174,
        "sale": { "saleId": SALE, "registerId": register, "digest": digest, "total": 174 },
    });
    Doc::new(
        "saleConflicts",
        &format!("{SALE}_{digest}"),
        &["createdAt"],
        fields,
    )
    .with("winnerDigest", self::digest(7))
    .with("winnerSaleId", SALE)
}

/// What was decided about it there.
fn resolution(register: &str) -> Doc {
    numbered_resolution(register, 1)
}

/// What was decided about the n-th item.
pub(crate) fn numbered_resolution(register: &str, n: usize) -> Doc {
    let digest = digest(n);
    let fields = json!({
        "schema": 1, "saleId": SALE, "digest": digest, "n": 1, "choice": "recordSeparately",
        "reason": "rung up twice", "by": "Maria", "decidedAt": "2026-11-22T15:00:00.000Z",
        "registerId": register, "journal": { "kind": "resolution" },
    });
    Doc::new(
        "saleResolutions",
        &format!("{SALE}_{digest}_1"),
        &["createdAt"],
        fields,
    )
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = table(conflicts());
    cases.extend(table([
        may(TillA, "decide its own item", |s| s.create(&resolution(A)))
            .given(|s| s.create(&conflict(A))),
        may(TillA, "decide an item that the server has refused", |s| {
            s.create(&resolution(A))
        }),
        may(
            TillB,
            "decide about a sale that is in the cloud and lost nothing",
            |s| s.create(&resolution(B)),
        )
        .given(|s| s.create(&sale(A).named("saleId", SALE))),
        may_not(
            TillB,
            "decide about a sale that is in the cloud in another register's name",
            |s| s.create(&resolution(A)),
        )
        .given(|s| s.create(&sale(A).named("saleId", SALE))),
        may(
            TillA,
            "dismiss an item, its conflict in the same commit",
            |s| {
                let resolution = resolution(A)
                    .with("choice", "dismiss")
                    .with("byOwner", true);
                vec![s.create(&resolution), s.create(&conflict(A))]
            },
        ),
        may(
            TillA,
            "decide an item of a register that it continues, in its own name",
            |s| s.create(&resolution(A)),
        )
        .given(|s| {
            let changes = json!({ "registerIds": [A, B] });
            s.change(&s.member(TillA, "register", &[A]), changes)
        })
        .given(|s| s.create(&conflict(B))),
        may_not(TillB, "decide another register's item in its name", |s| {
            s.create(&resolution(A))
        })
        .given(|s| s.create(&conflict(A))),
        may_not(
            TillB,
            "decide another register's item in its own name",
            |s| s.create(&resolution(B)),
        )
        .given(|s| s.create(&conflict(A))),
        may_not(Manager, "decide an item with their own account", |s| {
            s.create(&resolution(A))
        })
        .given(|s| s.create(&conflict(A))),
        may_not(Stranger, "decide an item", |s| s.create(&resolution(A))),
        may_not(TillA, "decide without saying who decides", |s| {
            s.create(&resolution(A).without("by"))
        }),
        may_not(TillA, "decide in nobody's name", |s| {
            s.create(&resolution(A).with("by", ""))
        }),
        may_not(TillA, "decide without a reason", |s| {
            s.create(&resolution(A).with("reason", ""))
        }),
        may_not(TillA, "decide something that is no choice", |s| {
            s.create(&resolution(A).with("choice", "forget"))
        }),
        may_not(TillA, "decide under another item's name", |s| {
            s.create(&resolution(A).under(&format!("{SALE}_{}_1", digest(2))))
        }),
        may_not(TillA, "decide as if there had been decisions before", |s| {
            s.create(&resolution(A).under(&format!("{SALE}_{}_2", digest(1))))
        }),
        may_not(TillA, "decide with an unknown field", |s| {
            s.create(&resolution(A).with("bonus", 1))
        }),
        may_not(TillA, "decide the same anew over itself", |s| {
            s.overwrite(&resolution(A).with("choice", "dismiss"))
        })
        .given(|s| s.create(&resolution(A))),
        may_not(TillA, "unmake a decision", |s| s.delete(&resolution(A)))
            .given(|s| s.create(&resolution(A))),
    ]));
    cases
}

fn conflicts() -> [crate::runner::Line; 12] {
    [
        may(TillA, "put its losing version on record", |s| {
            s.create(&conflict(A))
        }),
        may(
            TillA,
            "put a refused sale on record, which has no winner",
            |s| {
                let refused = conflict(A).with("kind", "refused");
                s.create(&refused.without("winnerDigest").without("winnerSaleId"))
            },
        ),
        may_not(TillB, "put another register's version on record", |s| {
            s.create(&conflict(A))
        }),
        may_not(
            TillA,
            "put another register's sale on record as its own",
            |s| {
                let sale = json!({ "saleId": SALE, "registerId": B, "digest": digest(1) });
                s.create(&conflict(A).with("sale", sale))
            },
        ),
        may_not(TillA, "put a version on record without the sale", |s| {
            s.create(&conflict(A).without("sale"))
        }),
        may_not(
            TillA,
            "put a version on record under another content's name",
            |s| s.create(&conflict(A).under(&format!("{SALE}_{}", digest(2)))),
        ),
        may_not(TillA, "put a version on record of an unknown kind", |s| {
            s.create(&conflict(A).with("kind", "mislaid"))
        }),
        may_not(
            TillA,
            "put a version on record with an unknown field",
            |s| s.create(&conflict(A).with("solved", true)),
        ),
        may_not(TillA, "say when a version was put on record", |s| {
            s.create(&conflict(A).with("createdAt", "2026-11-22T14:02:13.000Z"))
        }),
        may_not(TillA, "put a version on record twice", |s| {
            s.overwrite(&conflict(A))
        })
        .given(|s| s.create(&conflict(A))),
        may_not(Owner, "change a losing version", |s| {
            s.change(&conflict(A), json!({ "message": "none" }))
        })
        .given(|s| s.create(&conflict(A))),
        may_not(Owner, "delete a losing version", |s| s.delete(&conflict(A)))
            .given(|s| s.create(&conflict(A))),
    ]
}
