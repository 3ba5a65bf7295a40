//! What the program itself writes, under a register's own token; and that the rules name the fields that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use counterfoil_app::clock::RandomIds;
use counterfoil_app::dto::{ChoiceKind, MoneyAnswer, ResolveInput, Restock};
use counterfoil_domain::document::Fields;
use counterfoil_domain::reversal::copy_of;
use counterfoil_domain::sale::seal;
use counterfoil_domain::shape::{ADDED_BY_THE_CLOUD, OPTIONAL, REQUIRED};
use counterfoil_domain::{IdSource, Timestamp};
use counterfoil_firestore::writes;
use counterfoil_sync::{Collection, Found};
use counterfoil_tests::rig::cloud::all;
use counterfoil_tests::rig::register::{Register, text};
use gcloud_sdk::google::firestore::v1::Write;
use uuid::Uuid;
use xtask::emulator::PROJECT;

use crate::copies;
use crate::decisions::numbered_conflict;
use crate::documents::{A, Request, Store, later_sale, sale};
use crate::runner::Case;
use crate::sales::{self, OTHER_ID, TRIED_ELSEWHERE, wrongly_typed};
use crate::world::Who::{Everything, Manager, TillA, TillB};
use crate::world::{Answer, PASSWORD, Who, World};

const COLLECTIONS: [Collection; 3] = [
    Collection::Sales,
    Collection::SaleConflicts,
    Collection::SaleResolutions,
];

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::told(
            "the rules name the fields of a sale that the program names",
            |_| async { the_rules_name_the_same_fields() },
        ),
        Case::told(
            "every field of a sale that the rules name is given a wrong value by some case",
            |_| async { every_field_is_tried() },
        ),
        Case::told(
            "what the program writes is allowed to the register that writes it",
            written_by_the_program,
        ),
        Case::told("the script of the set-up founds a store, once", founded),
        Case::told(
            "a full sale, its copy and its reversal are allowed as they are sealed",
            sealed,
        ),
        Case::told(
            "a replay is refused as a whole, and reading says that it is there",
            replayed,
        ),
        Case::told(
            "a register that is removed is refused at once, with the token that it has",
            removed,
        ),
    ]
}

/// The names in the list that a function of the rules returns.
fn listed(function: &str) -> BTreeSet<String> {
    let rules = include_str!("../../firebase/firestore.rules");
    let body = rules.split(&format!("function {function}()")).nth(1);
    let list = body.and_then(|body| body.split(']').next());
    let names = list.expect("the rules have this list").split('\'');
    names.skip(1).step_by(2).map(str::to_owned).collect()
}

fn the_rules_name_the_same_fields() -> Result<(), String> {
    let own = |names: &[&[&str]]| -> BTreeSet<String> {
        names.concat().into_iter().map(str::to_owned).collect()
    };
    let required = own(&[&REQUIRED, &ADDED_BY_THE_CLOUD]);
    same(&listed("saleRequired"), &required)?;
    same(&listed("saleOptional"), &own(&[&OPTIONAL]))
}

fn every_field_is_tried() -> Result<(), String> {
    let elsewhere = TRIED_ELSEWHERE.map(|(field, _)| field);
    let tried = wrongly_typed().chain(elsewhere).map(str::to_owned);
    let rules: BTreeSet<String> = (listed("saleRequired").into_iter())
        .chain(listed("saleOptional"))
        .collect();
    same(&rules, &tried.collect())?;
    let cases = sales::cases().into_iter().chain(copies::cases());
    let names: Vec<String> = cases.map(|case| case.name).collect();
    let denied = |what: &str| {
        names
            .iter()
            .any(|name| name.ends_with(&format!("may not {what}")))
    };
    match TRIED_ELSEWHERE.iter().find(|(_, what)| !denied(what)) {
        None => Ok(()),
        Some((field, what)) => Err(format!("no case is called “{what}” ({field})")),
    }
}

fn same(rules: &BTreeSet<String>, program: &BTreeSet<String>) -> Result<(), String> {
    let differ: Vec<_> = rules.symmetric_difference(program).collect();
    if differ.is_empty() {
        Ok(())
    } else {
        Err(format!("only one side has {differ:?}"))
    }
}

async fn expect(world: &World, who: Who, writes: Vec<Write>, answer: Answer) -> Result<(), String> {
    match world.ask(who, Request::Commit(writes)).await {
        said if said == answer => Ok(()),
        said => Err(format!("{} was answered {said:?}", who.name())),
    }
}

/// Two registers of the program, at odds about three sales, each decided in another way.
async fn quarrel(world: &World, store_id: &str) -> [Register; 2] {
    let registers = [Register::local("A"), Register::local("B")];
    let mut ids = Vec::new();
    for register in &registers {
        register.connect(PROJECT, store_id);
    }
    for _ in 0..3 {
        let same: Vec<Uuid> = (0..8).map(|_| RandomIds.uuid()).collect();
        for (register, sku) in registers.iter().zip(["espresso", "bread"]) {
            register.prescribe(&same);
            let sold = register.sell(&[(sku, "2"), ("butter", "1")]);
            register.prescribe(&[]);
            ids.push(text(&sold, "saleId").to_owned());
        }
    }
    let [winner, loser] = &registers;
    winner.sync(world.host()).await;
    loser.sync(world.host()).await;
    let choices = [
        ChoiceKind::KeepCloud,
        ChoiceKind::RecordSeparately,
        ChoiceKind::Dismiss,
    ];
    for (id, choice) in ids.iter().step_by(2).zip(choices) {
        let keep = choice == ChoiceKind::KeepCloud;
        let input = ResolveInput {
            sale_id: id.clone(),
            choice,
            reason: "rung up twice".to_owned(),
            by: "Maria".to_owned(),
            money: keep.then_some(MoneyAnswer::GivenBack),
            card_reference: None,
            restock: keep.then_some(Restock::Shelf),
            restock_lines: Vec::new(),
        };
        loser.till.resolve_failed(input).expect("decided");
    }
    loser.sync(world.host()).await;
    registers
}

/// Everything in a store, by the moment of its commit.
async fn commits(world: &World, store_id: &str) -> BTreeMap<Timestamp, Vec<Found>> {
    let mut commits: BTreeMap<Timestamp, Vec<Found>> = BTreeMap::new();
    for collection in COLLECTIONS {
        for found in all(world.host(), store_id, collection).await {
            commits.entry(found.created_at).or_default().push(found);
        }
    }
    commits
}

/// Lets the program write past the rules, then writes the same again under them, commit by commit, with the accounts
/// of the two registers.
async fn written_by_the_program(world: Arc<World>) -> Result<(), String> {
    let written = format!("written-{}", RandomIds.uuid().simple());
    let registers = quarrel(&world, &written).await;
    let ids = registers.map(|register| register.sell(&[("butter", "1")])["registerId"].clone());
    let [of_a, of_b] = ids.map(|id| id.as_str().expect("an id").to_owned());
    let store = Store::new(&world).await;
    let members = vec![
        store.overwrite(&store.member(TillA, "register", &[&of_a])),
        store.overwrite(&store.member(TillB, "register", &[&of_b])),
    ];
    expect(&world, Everything, members, Answer::Allowed).await?;
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, documents) in commits(&world, &written).await {
        let mut by: BTreeMap<bool, Vec<Write>> = BTreeMap::new();
        for found in documents {
            let collection = found.name.collection.as_str();
            let path = format!("{}/{collection}/{}", store.path(), found.name.id);
            let fields = found.fields.map_err(|why| format!("{path}: {why}"))?;
            let write = writes::create(path, &store.id, &fields).map_err(|why| why.to_string())?;
            by.entry(fields["registerId"] == of_a.as_str())
                .or_default()
                .push(write);
            *seen.entry(collection).or_default() += 1;
        }
        for (is_a, writes) in by {
            let who = if is_a { TillA } else { TillB };
            let tried = expect(&world, who, writes, Answer::Allowed).await;
            tried.map_err(|why| format!("the commit of {at}: {why}"))?;
        }
    }
    // Three that won, two copies, a reversal; three that lost; three decisions.
    let expected = [("saleConflicts", 3), ("saleResolutions", 3), ("sales", 6)];
    if seen == BTreeMap::from(expected) {
        Ok(())
    } else {
        Err(format!("the program wrote {seen:?}"))
    }
}

/// A sale with every optional field, as the program seals it; and its copy.
fn full() -> [Fields; 2] {
    let mut fields = later_sale();
    for name in ["loyalty", "digest", "fingerprint", "journal"] {
        fields.remove(name);
    }
    for (name, value) in [
        ("shiftId", "a shift"),
        ("customer", "a salted digest"),
        ("cancels", OTHER_ID),
    ] {
        fields.insert(name.to_owned(), value.into());
    }
    let sealed = seal(fields, None, A.parse().expect("an id")).expect("a record");
    let copy = copy_of(&sealed.fields).expect("a sale that is no copy");
    [sealed.fields, copy]
}

async fn sealed(world: Arc<World>) -> Result<(), String> {
    let store = Store::new(&world).await;
    let documents = full();
    let names: BTreeSet<&str> = documents
        .iter()
        .flat_map(|fields| fields.keys().map(String::as_str))
        .collect();
    if let Some(missing) = OPTIONAL.iter().find(|name| !names.contains(*name)) {
        return Err(format!("neither of them has {missing}"));
    }
    let [_, copy] = &documents;
    let of = |name: &str| copy[name].as_str().unwrap_or_default();
    let name = format!("{}_{}", of("originalSaleId"), of("originalDigest"));
    let before = vec![
        store.create(&numbered_conflict(A, 1).under(&name)),
        store.create(&sale(A).named("saleId", OTHER_ID)),
    ];
    expect(&world, Everything, before, Answer::Allowed).await?;
    let writes = documents.iter().map(|fields| {
        let id = fields["saleId"].as_str().unwrap_or_default();
        let path = format!("{}/sales/{id}", store.path());
        writes::create(path, &store.id, fields).map_err(|why| why.to_string())
    });
    let writes = writes.collect::<Result<Vec<_>, _>>()?;
    expect(&world, TillA, writes, Answer::Allowed).await
}

async fn replayed(world: Arc<World>) -> Result<(), String> {
    let store = Store::new(&world).await;
    let (old, new) = (sale(A), sale(A).named("saleId", OTHER_ID));
    expect(&world, TillA, vec![store.create(&old)], Answer::Allowed).await?;
    let again = Request::Commit(vec![store.create(&old), store.create(&new)]);
    match world.ask(TillA, again).await {
        Answer::Other(why) if why.starts_with("AlreadyExists") => {}
        said => return Err(format!("the replay was answered {said:?}")),
    }
    let names = vec![store.path_of(&old), store.path_of(&new)];
    match world.found(TillA, names).await {
        Ok(1) => Ok(()),
        said => Err(format!("of two, one of them absent: {said:?}")),
    }
}

async fn removed(world: Arc<World>) -> Result<(), String> {
    let store = Store::new(&world).await;
    let (first, second) = (sale(A), sale(A).named("saleId", OTHER_ID));
    expect(&world, TillA, vec![store.create(&first)], Answer::Allowed).await?;
    let removal = store.delete(&store.member(TillA, "register", &[A]));
    expect(&world, Manager, vec![removal], Answer::Allowed).await?;
    expect(&world, TillA, vec![store.create(&second)], Answer::Denied).await
}

/// Runs `firebase/create-store.mjs` as `docs/SETUP-FIREBASE.md` tells: once, again, and as somebody else.
async fn founded(world: Arc<World>) -> Result<(), String> {
    let store = format!("founded-{}", RandomIds.uuid().simple());
    for email in ["owner", "owner", "stranger"] {
        let mut script = tokio::process::Command::new("node");
        script
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../firebase"))
            .args(["create-store.mjs", "--project", PROJECT, "--key", "any"])
            .args([
                "--email",
                &format!("{email}@shop.example"),
                "--store",
                &store,
            ])
            .args(["--name", "Corner shop", "--currency", "EUR"])
            .env("COUNTERFOIL_PASSWORD", PASSWORD)
            .env("FIREBASE_AUTH_EMULATOR_HOST", world.auth_host())
            .env("FIRESTORE_EMULATOR_HOST", world.host());
        let output = script.output().await.map_err(|error| error.to_string())?;
        if output.status.success() != (email == "owner") {
            return Err(format!("{email}: {output:?}"));
        }
    }
    let path = format!("{}/documents/stores/{store}", world.database());
    let membership = format!("{path}/members/{}", world.uid(Who::Owner));
    match world.found(Who::Owner, vec![path, membership]).await {
        Ok(2) => Ok(()),
        said => Err(format!("the store and its owner: {said:?}")),
    }
}
