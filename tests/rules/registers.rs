//! The claim: a register says which installation it is, and another one is refused until a manager lets go of it.

use serde_json::json;

use crate::documents::{A, B, Doc};
use crate::runner::{Case, cases as table, may, may_not};
use crate::world::Who::{Manager, Stranger, TillA, TillB};

/// Register A as its installation writes it.
pub(crate) fn register() -> Doc {
    let fields = json!({
        "schema": 1, "registerId": A, "installationId": "one", "receiptPrefix": "A", "lastSequence": 41,
        "version": "0.1.0", "name": "Counter",
    });
    Doc::new("registers", A, &["createdAt", "lastSeenAt"], fields)
}

pub(crate) fn cases() -> Vec<Case> {
    table([
        may(TillA, "claim its register first", |s| s.create(&register())),
        may(TillA, "claim it again from the same installation", |s| {
            let seen = json!({ "installationId": "one", "lastSequence": 42 });
            s.change(&register(), seen)
        })
        .given(|s| s.create(&register())),
        may_not(TillA, "claim it from another installation", |s| {
            s.change(&register(), json!({ "installationId": "two" }))
        })
        .given(|s| s.create(&register())),
        may_not(TillA, "write over the claim of another installation", |s| {
            s.overwrite(&register().with("installationId", "two"))
        })
        .given(|s| s.create(&register())),
        may_not(TillA, "let go of its own claim", |s| {
            s.change(&register(), json!({ "installationId": null }))
        })
        .given(|s| s.create(&register())),
        may(Manager, "let go of a register's claim", |s| {
            s.change(
                &register().without("lastSeenAt"),
                json!({ "installationId": null }),
            )
        })
        .given(|s| s.create(&register())),
        may(
            TillA,
            "claim it from another installation once it is free",
            |s| s.change(&register(), json!({ "installationId": "two" })),
        )
        .given(|s| s.create(&register()))
        .given(|s| s.change(&register(), json!({ "installationId": null }))),
        may_not(
            Manager,
            "put an installation in the place of another",
            |s| {
                s.change(
                    &register().without("lastSeenAt"),
                    json!({ "installationId": "mine" }),
                )
            },
        )
        .given(|s| s.create(&register())),
        may_not(Manager, "change a register while letting go of it", |s| {
            let changes = json!({ "installationId": null, "lastSequence": 0 });
            s.change(&register().without("lastSeenAt"), changes)
        })
        .given(|s| s.create(&register())),
        may_not(Manager, "claim a register", |s| s.create(&register())),
        may_not(TillB, "claim another register", |s| s.create(&register())),
        may_not(TillB, "let go of another register's claim", |s| {
            s.change(
                &register().without("lastSeenAt"),
                json!({ "installationId": null }),
            )
        })
        .given(|s| s.create(&register())),
        may_not(Stranger, "claim a register", |s| s.create(&register())),
        may_not(TillA, "claim its register without an installation", |s| {
            s.create(&register().without("installationId"))
        }),
        may_not(
            TillA,
            "claim it with an installation that is no text",
            |s| s.create(&register().with("installationId", 1)),
        ),
        may_not(TillA, "claim it with an empty installation", |s| {
            s.create(&register().with("installationId", ""))
        }),
        may_not(TillA, "claim it under another register's name", |s| {
            s.create(&register().under(B))
        }),
        may_not(TillA, "count its receipts backwards", |s| {
            s.change(&register(), json!({ "lastSequence": 40 }))
        })
        .given(|s| s.create(&register())),
        may_not(TillA, "change its receipts' prefix", |s| {
            s.change(&register(), json!({ "receiptPrefix": "B" }))
        })
        .given(|s| s.create(&register())),
        may_not(TillA, "say when it was last seen", |s| {
            s.create(&register().with("lastSeenAt", "2030-01-01T00:00:00.000Z"))
        }),
        may_not(Manager, "delete a register", |s| s.delete(&register()))
            .given(|s| s.create(&register())),
    ])
}
