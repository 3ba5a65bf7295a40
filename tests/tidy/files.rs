//! Length, leftovers and floats.

use std::path::Path;

use crate::repository::{ending_in, files, text};

/// A file is one idea. Beyond the first number somebody should think of splitting it; beyond the second it fails.
const LONG: usize = 400;
const TOO_LONG: usize = 500;

const CODE: &[&str] = &["rs", "ts", "svelte", "css", "mjs"];

fn generated(file: &Path) -> bool {
    file.starts_with("ui/src/generated")
}

#[test]
fn a_file_is_one_idea() {
    let mut too_long = Vec::new();
    for file in ending_in(CODE).filter(|file| !generated(file)) {
        match text(file).lines().count() {
            lines if lines > TOO_LONG => {
                too_long.push(format!("{}: {lines} lines", file.display()))
            }
            lines if lines > LONG => println!("long: {}: {lines} lines", file.display()),
            _ => {}
        }
    }
    assert!(too_long.is_empty(), "over {TOO_LONG} lines: {too_long:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    // In halves, so that this file does not find itself.
    let leftovers =
        [["TO", "DO"], ["FIX", "ME"], ["XX", "X:"], ["HA", "CK:"]].map(|halves| halves.concat());
    for file in ending_in(&[
        "rs", "ts", "svelte", "css", "mjs", "md", "toml", "yml", "sql",
    ]) {
        let text = text(file);
        for leftover in &leftovers {
            assert!(
                !text.contains(leftover.as_str()),
                "{}: {leftover}",
                file.display()
            );
        }
    }
}

#[test]
fn money_is_never_a_float() {
    let crates = [
        "crates/domain/src",
        "crates/sync/src",
        "crates/store/src",
        "crates/app/src",
        "crates/firestore/src",
    ];
    for file in
        ending_in(&["rs"]).filter(|file| crates.iter().any(|folder| file.starts_with(folder)))
    {
        for (number, line) in text(file).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let word = code
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .find(|word| ["f32", "f64", "REAL"].contains(word));
            assert!(
                word.is_none(),
                "{}:{}: {word:?}",
                file.display(),
                number + 1
            );
        }
    }
}

#[test]
fn lints_are_not_silenced_for_whole_crates() {
    for file in ending_in(&["rs"]) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let crossing =
            file.starts_with("tests") || file.components().any(|part| part.as_os_str() == "tests");
        if !crossing && (name == "lib.rs" || name == "main.rs") {
            let text = text(file);
            assert!(
                !text.contains("#![allow("),
                "{}: say what is expected, and where",
                file.display()
            );
        }
    }
}

#[test]
fn folders_are_named_after_what_they_hold() {
    for file in files() {
        for part in file.components() {
            let part = part.as_os_str().to_string_lossy();
            assert!(
                !["utils", "util", "helpers", "misc", "legacy"].contains(&&*part),
                "{}",
                file.display()
            );
        }
    }
}

#[test]
fn types_are_named_in_the_fields_own_words() {
    for file in ending_in(&["rs"]) {
        for line in text(file).lines() {
            let mut words = line
                .split_whitespace()
                .skip_while(|word| word.starts_with("pub"));
            if !matches!(words.next(), Some("struct" | "enum" | "trait")) {
                continue;
            }
            let name = words.next().unwrap_or_default();
            let name = name
                .split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap_or_default();
            for ending in ["Manager", "Helper", "Util", "Utils"] {
                assert!(!name.ends_with(ending), "{}: {name}", file.display());
            }
        }
    }
}
