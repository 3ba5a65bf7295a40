//! Members: managers add registers, owners add managers, nobody touches their own membership.

use serde_json::json;

use crate::documents::{A, B};
use crate::runner::{Case, cases as table, may, may_not};
use crate::world::Who::{Manager, Owner, Stranger, TillA, TillB};

const C: &str = "00000000-0000-0000-0000-00000000004c";

pub(crate) fn cases() -> Vec<Case> {
    table([
        may(Manager, "add a register", |s| {
            s.create(&s.member(Stranger, "register", &[C]))
        }),
        may(Owner, "add a register", |s| {
            s.create(&s.member(Stranger, "register", &[C]))
        }),
        may(Owner, "add a manager", |s| {
            s.create(&s.member(Stranger, "manager", &[]))
        }),
        may_not(Owner, "add another owner", |s| {
            s.create(&s.member(Stranger, "owner", &[]))
        }),
        may_not(Manager, "add a manager", |s| {
            s.create(&s.member(Stranger, "manager", &[]))
        }),
        may_not(TillA, "add a register", |s| {
            s.create(&s.member(Stranger, "register", &[C]))
        }),
        may_not(Stranger, "add itself as a register", |s| {
            s.create(&s.member(Stranger, "register", &[A]))
        }),
        may_not(Manager, "add a member of an unknown role", |s| {
            s.create(&s.member(Stranger, "auditor", &[]))
        }),
        may_not(
            Manager,
            "add a register's account without a register",
            |s| s.create(&s.member(Stranger, "register", &[])),
        ),
        may_not(Owner, "add a manager who is a register too", |s| {
            s.create(&s.member(Stranger, "manager", &[A]))
        }),
        may_not(
            Manager,
            "add a register's account with fifty-one registers",
            |s| s.create(&s.member(Stranger, "register", &[A; 51])),
        ),
        may_not(Manager, "add a member with an unknown field", |s| {
            s.create(&s.member(Stranger, "register", &[C]).with("admin", true))
        }),
        may_not(Manager, "add a member to another store", |s| {
            let other = s.other();
            other.create(&other.member(TillA, "register", &[A]))
        }),
        may(
            Manager,
            "let a register's account continue another one",
            |s| {
                let changes = json!({ "registerIds": [A, B] });
                s.change(&s.member(TillA, "register", &[A]), changes)
            },
        ),
        may_not(TillA, "continue another register by itself", |s| {
            let changes = json!({ "registerIds": [A, B] });
            s.change(&s.member(TillA, "register", &[A]), changes)
        }),
        may_not(TillB, "make itself a manager", |s| {
            let changes = json!({ "role": "manager", "registerIds": [] });
            s.change(&s.member(TillB, "register", &[B]), changes)
        }),
        may_not(Manager, "make itself an owner", |s| {
            s.change(
                &s.member(Manager, "manager", &[]),
                json!({ "role": "owner" }),
            )
        }),
        may_not(Manager, "change its own membership at all", |s| {
            s.change(&s.member(Manager, "manager", &[]), json!({ "name": "Me" }))
        }),
        may_not(Manager, "make a register a manager", |s| {
            let changes = json!({ "role": "manager", "registerIds": [] });
            s.change(&s.member(TillA, "register", &[A]), changes)
        }),
        may_not(Owner, "change a role in place", |s| {
            let changes = json!({ "role": "register", "registerIds": [C] });
            s.change(&s.member(Manager, "manager", &[]), changes)
        }),
        may(Manager, "remove a register", |s| {
            s.delete(&s.member(TillA, "register", &[A]))
        }),
        may(Owner, "remove a manager", |s| {
            s.delete(&s.member(Manager, "manager", &[]))
        }),
        may_not(Manager, "remove the owner", |s| {
            s.delete(&s.member(Owner, "owner", &[]))
        }),
        may_not(Manager, "remove another manager", |s| {
            s.delete(&s.member(Stranger, "manager", &[]))
        })
        .given(|s| s.create(&s.member(Stranger, "manager", &[]))),
        may_not(Owner, "leave its own store without an owner", |s| {
            s.delete(&s.member(Owner, "owner", &[]))
        }),
        may_not(TillA, "remove another register", |s| {
            s.delete(&s.member(TillB, "register", &[B]))
        }),
        may_not(Manager, "add a register once it was removed", |s| {
            s.create(&s.member(Stranger, "register", &[C]))
        })
        .given(|s| s.delete(&s.member(Manager, "manager", &[]))),
    ])
}
