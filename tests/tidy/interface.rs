//! The window's own edges and words.

use std::path::Path;

use crate::repository::{ending_in, text};

fn interface() -> impl Iterator<Item = &'static std::path::PathBuf> {
    ending_in(&["ts", "svelte"]).filter(|file| file.starts_with("ui/src"))
}

#[test]
fn only_the_platform_and_what_is_generated_import_tauri() {
    for file in interface() {
        let allowed = ["ui/src/platform", "ui/src/generated"]
            .iter()
            .any(|folder| file.starts_with(folder));
        let imports = text(file).lines().any(|line| {
            line.contains("@tauri-apps/") && (line.contains("import") || line.contains(" from "))
        });
        assert!(
            allowed || !imports,
            "{} imports @tauri-apps",
            file.display()
        );
    }
}

#[test]
fn the_words_are_short_exact_and_calm() {
    for file in interface().filter(|file| file.starts_with(Path::new("ui/src/i18n"))) {
        let text = text(file);
        for word in [
            "Oops",
            "Ups!",
            "An error occurred",
            "Something went wrong",
            "Ein Fehler ist aufgetreten",
        ] {
            assert!(!text.contains(word), "{}: {word}", file.display());
        }
    }
}

#[test]
fn colours_stand_in_the_theme_alone() {
    for file in ending_in(&["svelte", "css"]).filter(|file| file.starts_with("ui/src")) {
        if file.starts_with("ui/src/theme") {
            continue;
        }
        for line in text(file).lines() {
            let hex = line.split('#').skip(1).any(|rest| {
                let digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
                let ends = rest
                    .chars()
                    .nth(digits)
                    .is_none_or(|c| !(c.is_alphanumeric() || "-_{(".contains(c)));
                [3, 4, 6, 8].contains(&digits) && ends && line.contains(':')
            });
            // `{#if …}` and `{#each …}` are Svelte's, `href="#…"` is a place.
            let other = line.contains("{#") || line.contains("=\"#") || line.contains("url(#");
            assert!(
                !hex || other,
                "{}: a colour outside the theme: {}",
                file.display(),
                line.trim()
            );
        }
    }
}
