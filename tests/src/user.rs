//! A person at a terminal, with a folder of their own and a browser that opens by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::program::Program;
use crate::third_party::{clients, node};

/// Somebody who runs the program as an MCP client.
#[derive(Debug)]
pub struct User {
    home: TempDir,
}

impl User {
    /// Somebody who signs in with this name and password whenever the browser opens.
    pub fn new(name: &str, password: &str) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let person = clients().join("lib/person.mjs");
        let opener = format!(
            "#!/bin/sh\nGO=1 exec '{}' '{}' \"$1\" '{name}:{password}'\n",
            node().display(),
            person.display()
        );
        let path = home.path().join("xdg-open");
        fs::write(&path, opener).expect("the opener is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the opener is executable");
        Self { home }
    }

    /// Runs a subcommand to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// A subcommand that has not begun.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(Program::path());
        command
            .args(arguments)
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.config())
            .env("PATH", self.home.path());
        command
    }

    /// The folder in which the program keeps what it keeps for this person.
    pub fn config(&self) -> PathBuf {
        self.home.path().join("config")
    }

    /// The files kept, with their permissions.
    pub fn kept(&self) -> Vec<(PathBuf, u32)> {
        let mut kept = Vec::new();
        walk(&self.config(), &mut kept);
        kept
    }
}

fn walk(directory: &Path, kept: &mut Vec<(PathBuf, u32)>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let metadata = entry.metadata().expect("a file's metadata");
        if metadata.is_dir() {
            walk(&entry.path(), kept);
        } else {
            kept.push((entry.path(), metadata.permissions().mode() & 0o777));
        }
    }
}
