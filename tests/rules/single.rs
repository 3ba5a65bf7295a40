//! What a register writes beside its sales: ledgers, refund claims, parked carts, shifts, events.

use serde_json::json;

use crate::documents::{A, B, Doc, Store, sale};
use crate::runner::{Case, Line, cases as table, may, may_not};
use crate::world::Who::{Manager, Owner, Stranger, TillA, TillB};
use gcloud_sdk::google::firestore::v1::Write;

pub(crate) fn ledger(register: &str, through: i64) -> Doc {
    let fields = json!({
        "schema": 1, "registerId": register, "shard": 0, "throughSequence": through,
        "entries": { "espresso": { "sold": "12", "received": "40" } },
    });
    Doc::new(
        "stockLedgers",
        &format!("{register}_0"),
        &["changedAt"],
        fields,
    )
}

/// The sale that a claim or a paid cart is made with.
const SOLD: &str = "00005a1e-0000-4000-8000-00000000000a";

fn sold(register: &str) -> Doc {
    sale(register).named("saleId", SOLD).with("cartId", "cart")
}

pub(crate) fn claim() -> Doc {
    let fields = json!({
        "schema": 1, "saleId": "sold", "n": 1, "refundId": SOLD, "registerId": A,
    });
    Doc::new("refundClaims", "sold_1", &["createdAt"], fields)
}

/// A claim in the commit of its refund.
pub(crate) fn claimed(store: &Store, claim: &Doc) -> Vec<Write> {
    vec![store.create(claim), store.create(&sold(A))]
}

pub(crate) fn cart(register: &str) -> Doc {
    let fields = json!({
        "schema": 1, "cartId": "cart", "registerId": register, "cashierName": "Mo", "state": "parked",
        "cart": { "lines": [] }, "note": "table 4",
    });
    Doc::new("parkedCarts", "cart", &["createdAt", "changedAt"], fields)
}

pub(crate) fn shift() -> Doc {
    let fields = json!({
        "schema": 1, "shiftId": "shift", "registerId": A, "businessDay": "2026-11-22",
        "openedAt": "2026-11-22T07:00:00.000Z", "closedAt": "2026-11-22T15:00:00.000Z",
        "cashierName": "Mo", "report": { "total": 174 }, "journal": {},
    });
    Doc::new("shifts", "shift", &["createdAt"], fields)
}

pub(crate) fn event() -> Doc {
    let fields = json!({
        "schema": 1, "eventId": "event", "registerId": A, "kind": "drawerOpened", "by": "Mo",
        "recordedAt": "2026-11-22T07:00:00.000Z", "details": { "reason": "change" }, "journal": {},
    });
    Doc::new("auditEvents", "event", &["createdAt"], fields)
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = table(ledgers());
    cases.extend(table(carts()));
    cases.extend(table(payments()));
    cases.extend(table(claims()));
    cases.extend(table([
        may(TillA, "put a closed shift on record", |s| {
            s.create(&shift())
        }),
        may_not(TillA, "put a shift on record twice", |s| {
            s.overwrite(&shift())
        })
        .given(|s| s.create(&shift())),
        may_not(TillB, "put another register's shift on record", |s| {
            s.create(&shift())
        }),
        may_not(TillA, "put a shift on record without its journal", |s| {
            s.create(&shift().without("journal"))
        }),
        may_not(Owner, "change a closed shift", |s| {
            s.change(&shift(), json!({ "report": {} }))
        })
        .given(|s| s.create(&shift())),
        may_not(TillA, "put a shift on record under another's id", |s| {
            s.create(&shift().under("another"))
        }),
        may_not(TillA, "put an event on record under another's id", |s| {
            s.create(&event().under("another"))
        }),
        may(TillA, "put an event on record", |s| s.create(&event())),
        may_not(TillA, "put an event on record twice", |s| {
            s.overwrite(&event())
        })
        .given(|s| s.create(&event())),
        may_not(TillA, "put an event of nobody's on record", |s| {
            s.create(&event().with("by", ""))
        }),
        may_not(TillB, "put another register's event on record", |s| {
            s.create(&event())
        }),
        may_not(TillA, "delete an event", |s| s.delete(&event())).given(|s| s.create(&event())),
        may_not(Owner, "delete an event", |s| s.delete(&event())).given(|s| s.create(&event())),
    ]));
    cases
}

fn ledgers() -> [Line; 10] {
    [
        may(TillA, "begin its ledger", |s| s.create(&ledger(A, 12))),
        may(TillA, "let its ledger grow", |s| {
            s.overwrite(&ledger(A, 13))
        })
        .given(|s| s.create(&ledger(A, 12))),
        may_not(TillA, "let its ledger shrink", |s| {
            s.overwrite(&ledger(A, 11))
        })
        .given(|s| s.create(&ledger(A, 12))),
        may_not(TillA, "change its ledger through the same sequence", |s| {
            s.overwrite(&ledger(A, 12).with("entries", json!({})))
        })
        .given(|s| s.create(&ledger(A, 12))),
        may_not(TillB, "begin another register's ledger", |s| {
            s.create(&ledger(A, 12))
        }),
        may_not(TillB, "let another register's ledger grow", |s| {
            s.overwrite(&ledger(A, 13))
        })
        .given(|s| s.create(&ledger(A, 12))),
        may_not(TillB, "take another register's ledger", |s| {
            s.overwrite(&ledger(B, 13).under(&format!("{A}_0")))
        })
        .given(|s| s.create(&ledger(A, 12))),
        may_not(TillA, "begin a ledger under another shard's name", |s| {
            s.create(&ledger(A, 12).with("shard", 1))
        }),
        may_not(Manager, "let a ledger grow", |s| {
            s.overwrite(&ledger(A, 13))
        })
        .given(|s| s.create(&ledger(A, 12))),
        may_not(TillA, "delete its ledger", |s| s.delete(&ledger(A, 12)))
            .given(|s| s.create(&ledger(A, 12))),
    ]
}

fn carts() -> [Line; 7] {
    [
        may(TillA, "park a cart", |s| s.create(&cart(A))),
        may_not(TillA, "park a cart under another's id", |s| {
            s.create(&cart(A).under("another"))
        }),
        may(TillB, "take a cart that another register has parked", |s| {
            s.change(&cart(A), json!({ "registerId": B, "state": "taken" }))
        })
        .given(|s| s.create(&cart(A))),
        may_not(TillB, "take a cart in another register's name", |s| {
            s.change(&cart(A), json!({ "state": "taken" }))
        })
        .given(|s| s.create(&cart(A))),
        may_not(TillA, "park a cart that is paid already", |s| {
            let paid = cart(A).with("state", "paid").with("saleId", SOLD);
            vec![s.create(&paid), s.create(&sold(A))]
        }),
        may_not(TillA, "delete a parked cart", |s| s.delete(&cart(A)))
            .given(|s| s.create(&cart(A))),
        may_not(Stranger, "park a cart", |s| s.create(&cart(A))),
    ]
}

/// Register B pays the cart that A has parked, with these sales in the same commit.
fn paid(store: &Store, sales: &[Doc]) -> Vec<Write> {
    let changes = json!({ "registerId": B, "state": "paid", "saleId": SOLD });
    let sales = sales.iter().map(|sale| store.create(sale));
    sales.chain([store.change(&cart(A), changes)]).collect()
}

fn payments() -> [Line; 7] {
    [
        may(TillB, "pay a cart that another register has parked", |s| {
            paid(s, &[sold(B)])
        })
        .given(|s| s.create(&cart(A))),
        may_not(TillB, "pay a cart that is paid", |s| {
            let changes = json!({ "registerId": B, "saleId": SOLD });
            vec![s.create(&sold(B)), s.change(&cart(A), changes)]
        })
        .given(|s| s.create(&cart(A).with("state", "paid").with("saleId", "sale"))),
        may_not(TillA, "pay a cart without a sale", |s| {
            s.change(&cart(A), json!({ "state": "paid" }))
        })
        .given(|s| s.create(&cart(A))),
        may_not(TillB, "pay a cart with a sale that is nowhere", |s| {
            paid(s, &[])
        })
        .given(|s| s.create(&cart(A))),
        may_not(TillB, "pay a cart with a sale of before", |s| paid(s, &[]))
            .given(|s| s.create(&cart(A)))
            .given(|s| s.create(&sold(B))),
        may_not(TillB, "pay a cart with the sale of another cart", |s| {
            paid(s, &[sold(B).with("cartId", "another")])
        })
        .given(|s| s.create(&cart(A))),
        may_not(TillB, "pay a cart with another register's sale", |s| {
            paid(s, &[sold(A)])
        })
        .given(|s| s.overwrite(&s.member(TillB, "register", &[A, B])))
        .given(|s| s.create(&cart(A))),
    ]
}

fn claims() -> [Line; 10] {
    [
        may(TillA, "claim a refund in the refund's commit", |s| {
            claimed(s, &claim())
        }),
        may_not(TillA, "claim a refund that is nowhere", |s| {
            s.create(&claim())
        }),
        may_not(TillA, "claim a refund for a sale of before", |s| {
            s.create(&claim())
        })
        .given(|s| s.create(&sold(A))),
        may_not(TillA, "claim a refund with another register's sale", |s| {
            vec![s.create(&claim()), s.create(&sold(B))]
        })
        .given(|s| s.overwrite(&s.member(TillA, "register", &[A, B]))),
        may_not(TillA, "claim a refund by no id of a sale", |s| {
            let refund = sold(A).named("saleId", "refund");
            let claim = claim().with("refundId", "refund");
            vec![s.create(&claim), s.create(&refund)]
        }),
        may_not(TillB, "claim a refund in another register's name", |s| {
            claimed(s, &claim())
        }),
        may_not(TillB, "take a claim over", |s| {
            let over = s.overwrite(&claim().with("registerId", B));
            vec![over, s.create(&sold(B))]
        })
        .given(|s| s.create(&claim())),
        may_not(TillA, "claim a refund under another number", |s| {
            claimed(s, &claim().under("sold_2"))
        }),
        may_not(TillA, "take a claim back", |s| s.delete(&claim())).given(|s| s.create(&claim())),
        may_not(Manager, "claim a refund", |s| claimed(s, &claim())),
    ]
}
