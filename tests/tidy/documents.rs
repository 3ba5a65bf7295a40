//! The documents: links that lead somewhere, decisions that are numbered, a change log that names this version.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::repository::{ending_in, files, root, text};

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for file in ending_in(&["md"]) {
        let text = text(file);
        for target in links(&text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, place) = target.split_once('#').unwrap_or((target, ""));
            let to = if path.is_empty() {
                file.clone()
            } else {
                straight(&file.parent().unwrap_or(Path::new("")).join(path))
            };
            let known = root().join(&to).is_dir() || files().contains(&to);
            let document = to.extension().is_some_and(|ending| ending == "md");
            let there = place.is_empty() || !document || known && has_heading(&to, place);
            if !known || !there {
                broken.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The targets of `[text](target)` and of `<img src="target"`, outside of code.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let ends = |part: &'static str, end: char| {
            line.split(part)
                .skip(1)
                .filter_map(move |rest| rest.split(end).next())
        };
        found.extend(
            ends("](", ')')
                .chain(ends("src=\"", '"'))
                .filter(|link| !link.contains(' ')),
        );
    }
    found
}

/// A path without `.` and `..`.
fn straight(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut to, part| {
        match part {
            Component::ParentDir => {
                to.pop();
            }
            Component::CurDir => {}
            other => to.push(other),
        }
        to
    })
}

/// Whether a document has the heading that a `#place` means.
fn has_heading(file: &Path, place: &str) -> bool {
    text(file)
        .lines()
        .filter(|line| line.starts_with('#'))
        .any(|line| {
            let slug: String = line
                .trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect();
            slug == place
        })
}

#[test]
fn decisions_are_numbered_once_and_say_their_number() {
    let mut numbers: BTreeMap<String, &PathBuf> = BTreeMap::new();
    for file in ending_in(&["md"]).filter(|file| file.starts_with("docs/adr")) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let number: String = name.chars().take_while(char::is_ascii_digit).collect();
        assert!(
            number.len() == 4 && name[4..].starts_with('-'),
            "{name}: NNNN-title.md"
        );
        let text = text(file);
        assert!(
            text.starts_with(&format!("# {number} ")),
            "{name}: begins with its number and title"
        );
        for part in ["**Decision.**", "**Why.**"] {
            assert!(text.contains(part), "{name}: {part} is missing");
        }
        let other = numbers.insert(number, file);
        assert!(other.is_none(), "{name} and {other:?} have one number");
    }
}

#[test]
fn the_change_log_names_this_version() {
    let log = text(Path::new("CHANGELOG.md"));
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        log.contains(&format!("## {version}")),
        "CHANGELOG.md: ## {version}"
    );
}

#[test]
fn one_version_is_written_everywhere() {
    let version = env!("CARGO_PKG_VERSION");
    for file in ["tauri.conf.json", "ui/package.json"] {
        let json: serde_json::Value = serde_json::from_str(&text(Path::new(file))).expect("JSON");
        assert_eq!(json["version"], version, "{file}");
    }
}
