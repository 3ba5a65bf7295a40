//! Disks that are full or cannot be written, with the right to mount one and without it.

#![allow(dead_code, reason = "every test program uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A disk of its own where this machine lets the test mount one, otherwise a folder.
pub(crate) struct Disk {
    dir: TempDir,
    mounted: bool,
}

impl Disk {
    /// A disk of this size; none where it may not be mounted.
    pub(crate) fn mount(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(dir.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self { dir, mounted })
    }

    /// A disk of this size, or a folder where none may be mounted.
    pub(crate) fn mount_or_folder(size: &str) -> Self {
        Self::mount(size).unwrap_or_else(|| Self {
            dir: tempfile::tempdir().expect("a folder"),
            mounted: false,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A folder on it that a program is to make.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn remount(&self, options: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(self.dir.path())
            .status();
        assert!(done.expect("mount").success());
    }

    /// Nothing on it can be written from now on.
    pub(crate) fn forbid_writing(&self) {
        if self.mounted {
            return self.remount("ro");
        }
        self.change_mode("a-w");
        let probe = fs::write(self.dir.path().join("probe"), "");
        assert!(
            probe.is_err(),
            "this test needs the right to mount a disk, or a user whom permissions bind: not root"
        );
    }

    pub(crate) fn allow_writing(&self) {
        if self.mounted {
            self.remount("rw");
        } else {
            self.change_mode("u+w");
        }
    }

    fn change_mode(&self, mode: &str) {
        let done = Command::new("chmod")
            .args(["-R", mode])
            .arg(self.dir.path())
            .status();
        assert!(done.expect("chmod").success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let path = self.dir.path();
        let _ = if self.mounted {
            Command::new("umount").arg("-l").arg(path).status()
        } else {
            Command::new("chmod").args(["-R", "u+w"]).arg(path).status()
        };
    }
}

/// The same call, whose files end at this many KiB: a write beyond is refused by the system, as on a
/// disk without room, but with an error of its own (`EFBIG`).
pub(crate) fn with_small_files(call: &Command, kib: u32) -> Command {
    let mut limited = Command::new("sh");
    limited
        .args(["-c", r#"trap "" XFSZ; ulimit -f "$0" && exec "$@""#])
        // POSIX counts in blocks of 512 bytes.
        .arg((kib * 2).to_string())
        .arg(call.get_program())
        .args(call.get_args());
    for (name, value) in call.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited
}
