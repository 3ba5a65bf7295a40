//! Where things lie in the checkout.

use std::path::{Path, PathBuf};

/// The checkout's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Cargo's output.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program that a debug build made.
pub(crate) fn built(program: &str) -> PathBuf {
    target()
        .join("debug")
        .join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

/// What the steps print in full.
pub(crate) fn logs() -> PathBuf {
    target().join("xtask")
}

/// The pictures that the real window's runs leave behind.
pub(crate) fn screens() -> PathBuf {
    target().join("screens")
}

/// The interface's package.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// The rules and indexes of the cloud, and the tools that go with them.
pub(crate) fn firebase() -> PathBuf {
    root().join("firebase")
}
