//! The model of Firestore that the simulator runs on is honest: one script of operations gets the same
//! answers from it and from Google's emulator, under the project's rules and with the tokens of real
//! accounts. Where it does not, that is listed, and `docs/RELIABILITY.md` says why.

#![allow(missing_docs, reason = "test names are sentences")]

mod script;
#[expect(
    dead_code,
    reason = "another program's world, of which this one needs a part"
)]
#[path = "../accounts/world.rs"]
mod world;

use counterfoil_simulator::model::Model;
use script::{Books, Script};
use world::{Signed, Store};

/// Operations that the model answers otherwise: what it says, what the emulator says. Each is explained
/// in `docs/RELIABILITY.md` under the same name.
const DIFFERENCES: [(&str, &str, &str); 4] = [
    (
        "create the store again",
        "AlreadyExists",
        "PermissionDenied",
    ),
    ("501 sales in one commit", "InvalidArgument", "\"taken\""),
    ("a commit of 9 MB", "\"taken\"", "ResourceExhausted"),
    ("a commit of 12 MB", "InvalidArgument", "ResourceExhausted"),
];

#[tokio::test(flavor = "multi_thread")]
async fn one_script_gets_the_same_answers_from_the_model_and_from_the_emulator() {
    let store = Store::founded().await;
    let tills = [Signed::out(&store), Signed::out(&store)];
    let mut real = Vec::new();
    for till in &tills {
        till.sign_in(&store).await;
        let parts = till.parts(&store);
        let joined = parts.store.joined().expect("read").expect("connected");
        real.push((
            parts.connect.remote(&joined.connected),
            parts
                .connect
                .archive(&joined.connected)
                .expect("an archive"),
        ));
    }
    let books = tills.each_ref().map(|till| Books::of(&till.register));
    let [(a, archive), (b, _)] = real.try_into().map_err(|_| ()).expect("two registers");
    let script = |a, b, archive| Script::new(a, b, archive, books.clone());
    let said = script(a, b, archive).run().await;

    let model = Model::default();
    let members = books
        .each_ref()
        .map(|books| model.member(&[books.register]));
    let founded = members[0].create_store("Corner shop", "EUR").await;
    founded.expect("a store");
    let [a, b] = members;
    let modelled = script(a, b, model.archive()).run().await;

    let page = include_str!("../../docs/RELIABILITY.md");
    let mut differ = Vec::new();
    assert_eq!(said.len(), modelled.len(), "one script");
    for ((what, real), (_, model)) in said.iter().zip(&modelled) {
        let listed = DIFFERENCES.iter().find(|(name, ..)| name == what);
        match listed {
            Some((_, by_model, by_real)) => {
                assert_eq!(
                    (model.as_str(), real.as_str()),
                    (*by_model, *by_real),
                    "{what}"
                );
                assert!(
                    page.contains(what),
                    "docs/RELIABILITY.md does not explain “{what}”"
                );
            }
            None if model != real => differ.push(format!("{what}: {model} / {real}")),
            None => {}
        }
    }
    for (name, ..) in DIFFERENCES {
        assert!(
            said.iter().any(|(what, _)| what == name),
            "nothing is called “{name}”"
        );
    }
    assert!(
        differ.is_empty(),
        "model / emulator:\n{}",
        differ.join("\n")
    );
}
