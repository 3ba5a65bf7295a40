//! Embeds the configuration, the icons and the permissions into the desktop program.

fn main() {
    // The directives are emitted here because the app's package is the workspace root: by default
    // tauri-build would watch folders that do not exist there.
    for path in [
        "tauri.conf.json",
        "src-tauri/capabilities",
        "src-tauri/icons",
        "ui/dist",
    ] {
        println!("cargo:rerun-if-changed={path}");
    }
    let attributes =
        tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*");
    if let Err(error) = tauri_build::try_build(attributes) {
        // A build script has no other way to fail than to end its process.
        panic!("the window's configuration cannot be embedded: {error:#}");
    }
}
