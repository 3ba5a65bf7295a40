//! Arrows between the crates point one way (docs/ARCHITECTURE.md).

use std::collections::BTreeSet;

use crate::repository::{members, string};

/// Each crate, and the crates of this workspace that it may name.
const ALLOWED: &[(&str, &[&str])] = &[
    ("counterfoil-domain", &[]),
    ("counterfoil-sync", &["counterfoil-domain"]),
    (
        "counterfoil-store",
        &["counterfoil-domain", "counterfoil-sync"],
    ),
    (
        "counterfoil-firestore",
        &["counterfoil-domain", "counterfoil-sync"],
    ),
    (
        "counterfoil-app",
        &[
            "counterfoil-domain",
            "counterfoil-firestore",
            "counterfoil-store",
            "counterfoil-sync",
        ],
    ),
    (
        "counterfoil-simulator",
        &[
            "counterfoil-app",
            "counterfoil-domain",
            "counterfoil-store",
            "counterfoil-sync",
        ],
    ),
    (
        "counterfoil-ctl",
        &["counterfoil-app", "counterfoil-simulator"],
    ),
    ("counterfoil", &["counterfoil-app"]),
    ("xtask", &[]),
];
/// May name every crate.
const TESTS: &str = "counterfoil-tests";

/// What a pure crate must not know: clocks, disks, networks, windows, chance.
const IMPURE: &[&str] = &[
    "directories",
    "firestore",
    "gcloud-sdk",
    "getrandom",
    "rusqlite",
    "tauri",
    "tokio",
    "tonic",
    "tracing-subscriber",
];
const PURE: &[&str] = &["counterfoil-domain", "counterfoil-sync"];

/// The names that a package depends on when it is built for use, without what only its tests need.
fn dependencies(package: &serde_json::Value) -> BTreeSet<&str> {
    package["dependencies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|dependency| dependency["kind"] != "dev")
        .map(|dependency| string(&dependency["name"]))
        .collect()
}

#[test]
fn crates_name_only_those_further_in() {
    let own: BTreeSet<&str> = members().map(|package| string(&package["name"])).collect();
    for package in members() {
        let name = string(&package["name"]);
        if name == TESTS {
            continue;
        }
        let (_, allowed) = ALLOWED
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("{name} is new: say in {} what it may name", file!()));
        for dependency in dependencies(package).intersection(&own) {
            assert!(
                allowed.contains(dependency),
                "{name} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn pure_crates_know_no_clock_disk_network_or_window() {
    for package in members().filter(|package| PURE.contains(&string(&package["name"]))) {
        for dependency in dependencies(package) {
            let name = string(&package["name"]);
            assert!(
                !IMPURE.contains(&dependency),
                "{name} is pure and must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn only_the_shell_names_tauri() {
    for package in members() {
        let name = string(&package["name"]);
        let tauri = dependencies(package)
            .into_iter()
            .find(|dependency| dependency.starts_with("tauri"));
        assert!(
            name == "counterfoil" || tauri.is_none(),
            "{name} must not depend on {tauri:?}"
        );
    }
}

#[test]
fn every_crate_takes_the_houses_lints() {
    for package in members() {
        let manifest =
            std::fs::read_to_string(string(&package["manifest_path"])).expect("the manifest reads");
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} has lints of its own",
            string(&package["name"])
        );
    }
}
