//! `simulate`, killed.

#![allow(missing_docs, reason = "test names are sentences")]
#![cfg(target_os = "linux")]

mod common;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::ctl;

/// Where a run has its databases.
const MEMORY: &str = "/dev/shm";

fn folders_of(process: u32) -> Vec<PathBuf> {
    let name = format!("counterfoil-simulator-{process}-");
    let all = std::fs::read_dir(MEMORY).expect("a folder in memory");
    all.flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&name))
        .map(|entry| entry.path())
        .collect()
}

#[test]
fn what_a_killed_run_left_in_memory_is_cleared_away_by_the_next() {
    if !Path::new(MEMORY).is_dir() {
        return;
    }
    let nowhere = tempfile::tempdir().expect("a folder");
    let mut killed = ctl(nowhere.path())
        .args(["simulate", "--seeds", "1000000"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("counterfoilctl runs");
    let begun = Instant::now();
    while folders_of(killed.id()).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it runs");
        std::thread::sleep(Duration::from_millis(2));
    }
    killed.kill().expect("it runs");
    killed.wait().expect("it is dead");

    let next = ["simulate", "--registers", "1", "--sales", "1"];
    let next = ctl(nowhere.path()).args(next).output();
    assert!(next.expect("counterfoilctl runs").status.success());
    assert_eq!(folders_of(killed.id()), Vec::<PathBuf>::new());
}
