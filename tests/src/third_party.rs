//! A client of somebody else's, run as it is published.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::Program;

/// A script of `clients/` that drives an unmodified third party.
#[derive(Debug)]
pub struct ThirdParty {
    command: Command,
}

/// What a third party's script printed, and what it showed.
#[derive(Debug)]
pub struct Report {
    output: String,
    ended_well: bool,
}

impl ThirdParty {
    /// A script for Node, which comes pinned with the packages.
    pub fn node(script: &str) -> Self {
        Self::new(node(), script)
    }

    /// A script for Node that drives the client of an identity provider, from the folder `upstreams/`.
    pub fn upstream(script: &str) -> Self {
        Self::of(node(), &upstreams(), script)
    }

    /// A script for the Python of the tests' own environment.
    pub fn python(script: &str) -> Self {
        let mut party = Self::new(clients().join(".venv/bin/python"), script);
        // Its person is the one of the scripts for Node.
        party.command.env("NODE", node());
        party
    }

    fn new(interpreter: PathBuf, script: &str) -> Self {
        Self::of(interpreter, &clients(), script)
    }

    fn of(interpreter: PathBuf, folder: &Path, script: &str) -> Self {
        assert!(
            interpreter.is_file(),
            "the third parties are not installed: scripts/test installs them"
        );
        let mut command = Command::new(interpreter);
        command.arg(folder.join(script)).current_dir(folder);
        Self { command }
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    /// Sets a variable of the script's environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs the script to its end.
    pub fn run_alone(self) -> Report {
        self.finish()
    }

    /// Runs the script against a running program, to its end.
    pub fn run(mut self, program: &Program) -> Report {
        self.command
            .env("ISSUER", program.issuer())
            .env("MCP_URL", program.mcp());
        self.finish()
    }

    /// Runs the script with the program as the client under test, to its end.
    pub fn run_with_client(mut self) -> Report {
        self.command.env("PROGRAM", Program::path());
        self.finish()
    }

    fn finish(mut self) -> Report {
        let output = self.command.output().expect("the script starts");
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Report {
            output: format!("{}\n{}", text(&output.stdout), text(&output.stderr)),
            ended_well: output.status.success(),
        }
    }
}

impl Report {
    /// The things that were shown, in their order.
    pub fn shown(&self) -> Vec<&str> {
        self.output
            .lines()
            .filter_map(|line| line.strip_prefix("ok - "))
            .collect()
    }

    /// Insists that just these things were shown, and that the script then ended well.
    ///
    /// An exit status alone proves nothing: a script that skips everything ends well too.
    pub fn must_show(&self, expected: &[&str]) {
        assert!(self.ended_well, "the third party failed:\n{}", self.output);
        assert_eq!(self.shown(), expected, "the third party said:\n{}", self.output);
    }
}

pub(crate) fn node() -> PathBuf {
    let platform = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "x64",
    };
    clients().join(format!("node_modules/node-linux-{platform}/bin/node"))
}

pub(crate) fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

fn upstreams() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("upstreams")
}
