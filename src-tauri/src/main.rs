//! The desktop program's entry: everything is in the library, so that tests can reach it.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

/// Memory that one thread takes and another gives back is used again at once (docs/adr/0075).
#[global_allocator]
static HEAP: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    counterfoil_desktop::run()
}
