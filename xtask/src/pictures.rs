//! The documents' pictures: those that the journeys in the real window left behind, under the same names.

use std::collections::BTreeSet;
use std::fs;

use crate::console::say;
use crate::places;
use xtask::failure::{Doing as _, Result, fail};

/// The documents that show pictures.
const SHOWN_IN: [&str; 3] = ["README.md", "docs/GUIDE.md", "docs/STATES.md"];
/// Where they lie, as a link names it.
const FOLDER: &str = "pictures/";

/// Copies every picture that a document shows from `target/screens`.
///
/// # Errors
/// When a document shows one that no journey has taken: `cargo xtask e2e` takes them.
pub(crate) fn run() -> Result {
    let mut shown = BTreeSet::new();
    for document in SHOWN_IN {
        let text = fs::read_to_string(places::root().join(document)).doing(document)?;
        shown.extend(named(&text).map(str::to_owned));
    }
    let missing: Vec<&String> = shown
        .iter()
        .filter(|name| !places::screens().join(name).is_file())
        .collect();
    if !missing.is_empty() {
        return fail(format!(
            "No journey has taken {missing:?}. Nothing was copied. First: cargo xtask e2e"
        ));
    }
    let into = places::root().join("docs").join(FOLDER);
    for name in &shown {
        fs::copy(places::screens().join(name), into.join(name)).doing(name)?;
    }
    say(&format!("{} pictures", shown.len()));
    Ok(())
}

/// The names of the pictures that a text links to.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split(FOLDER)
        .skip(1)
        .filter_map(|rest| Some(&rest[..rest.find(".png")? + ".png".len()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_to_a_picture_is_found() {
        let text = "![A](pictures/a-1.png) and <source srcset=\"docs/pictures/b.png\">, no picture";
        assert_eq!(named(text).collect::<Vec<_>>(), ["a-1.png", "b.png"]);
    }
}
