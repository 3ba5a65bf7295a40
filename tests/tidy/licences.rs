//! Everything that is shipped or built with may be used in a program under MIT or Apache-2.0.

use crate::repository::{packages, root, string};

/// Licences that ask for no more than a notice, and MPL-2.0, which asks for the changes to its own files.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
/// And these for the interface: a licence for documents and one for fonts.
const ALLOWED_IN_THE_INTERFACE: &[&str] = &["BlueOak-1.0.0", "OFL-1.1"];

/// Whether an SPDX expression leaves a choice that is allowed. `/` is the old way to write OR.
fn fits(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (fits, rest) = any_of(&words, allowed);
    fits && rest.is_empty()
}

/// `a OR b`, of which one is enough.
fn any_of<'a>(words: &'a [&'a str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'a [&'a str]) {
    let (mut fits, mut rest) = all_of(words, allowed);
    while let ["OR", after @ ..] = rest {
        let (also, left) = all_of(after, allowed);
        fits |= also;
        rest = left;
    }
    (fits, rest)
}

/// `a AND b`, which bind closer, and of which all are needed.
fn all_of<'a>(words: &'a [&'a str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'a [&'a str]) {
    let (mut fits, mut rest) = one(words, allowed);
    while let ["AND", after @ ..] = rest {
        let (also, left) = one(after, allowed);
        fits &= also;
        rest = left;
    }
    (fits, rest)
}

fn one<'a>(words: &'a [&'a str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inside @ ..] => match any_of(inside, allowed) {
            (fits, [")", rest @ ..]) => (fits, rest),
            (_, rest) => (false, rest),
        },
        [name, "WITH", exception, rest @ ..] => {
            (allowed(&format!("{name} WITH {exception}")), rest)
        }
        [name, rest @ ..] => (allowed(name), rest),
        [] => (false, &[]),
    }
}

#[test]
fn licences_are_read_as_spdx_means_them() {
    let allowed = |name: &str| ["MIT", "ISC"].contains(&name);
    for good in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/GPL-3.0",
        "MIT AND (ISC OR GPL-3.0)",
        "GPL-3.0 AND ISC OR MIT",
    ] {
        assert!(fits(good, &allowed), "{good}");
    }
    for bad in [
        "",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT",
        "MIT WITH exception",
        "MIT ISC",
    ] {
        assert!(!fits(bad, &allowed), "{bad}");
    }
}

#[test]
fn crates_have_licences_that_fit() {
    let misfits: Vec<String> = packages()
        .filter(|package| !fits(string(&package["license"]), &|name| ALLOWED.contains(&name)))
        .map(|package| {
            format!(
                "{} {}: {}",
                package["name"], package["version"], package["license"]
            )
        })
        .collect();
    assert!(misfits.is_empty(), "{misfits:#?}");
}

#[test]
fn packages_of_the_interface_have_licences_that_fit() {
    let lock =
        std::fs::read_to_string(root().join("ui/package-lock.json")).expect("the lock reads");
    let lock: serde_json::Value = serde_json::from_str(&lock).expect("the lock is JSON");
    let packages = lock["packages"]
        .as_object()
        .expect("the lock lists packages");
    let allowed = |name: &str| ALLOWED.contains(&name) || ALLOWED_IN_THE_INTERFACE.contains(&name);
    let misfits: Vec<String> = packages
        .iter()
        .filter(|(path, package)| !path.is_empty() && !fits(string(&package["license"]), &allowed))
        .map(|(path, package)| format!("{path}: {}", package["license"]))
        .collect();
    assert!(packages.len() > 10 && misfits.is_empty(), "{misfits:#?}");
}
