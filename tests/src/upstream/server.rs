//! A process that serves, and all that it starts.
#![expect(
    clippy::disallowed_methods,
    reason = "the wait for another process to start is real time"
)]

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::third_party::node;
use crate::wire::{client, wait_for};

/// How long a start may take on a machine that is busy with other tests.
const START: Duration = Duration::from_secs(240);

/// How an endpoint fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It answers 503.
    Down,
    /// It answers ten megabytes.
    Oversized,
    /// It sends the caller to an address of this machine's network.
    Redirect,
    /// It never answers.
    Silent,
    /// It sends a byte now and then, and never the last one.
    Slow,
    /// It does not know the caller's API key, as Google says it.
    WrongKey,
}

/// A script of `upstreams/`, running; ended with its children when it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Server {
    /// Starts a script for Node, and waits until it says that it is ready.
    ///
    /// The settings are told the port, and a folder that is gone in the end.
    pub(super) fn node(script: &str, settings: impl Fn(u16, &Path) -> Value) -> Self {
        Self::start(&node(), script, settings)
    }

    /// The same for Python.
    pub(super) fn python(script: &str, settings: impl Fn(u16, &Path) -> Value) -> Self {
        Self::start(&upstreams().join(".venv/bin/python"), script, settings)
    }

    fn start(interpreter: &Path, script: &str, settings: impl Fn(u16, &Path) -> Value) -> Self {
        // A port that was free a moment ago may be taken by a test beside this one.
        (0..3)
            .find_map(|_| Self::try_start(interpreter, script, &settings).ok())
            .unwrap_or_else(|| {
                Self::try_start(interpreter, script, &settings)
                    .unwrap_or_else(|log| panic!("{script} did not start; this is what it said:\n{log}"))
            })
    }

    fn try_start(
        interpreter: &Path,
        script: &str,
        settings: impl Fn(u16, &Path) -> Value,
    ) -> Result<Self, String> {
        assert!(
            interpreter.is_file(),
            "the identity providers are not installed: scripts/test installs them"
        );
        let folder = tempfile::tempdir().expect("a temporary directory");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener
            .local_addr()
            .expect("a bound listener has an address")
            .port();
        drop(listener);
        let log = File::create(folder.path().join("log")).expect("a log file");
        let child = Command::new(interpreter)
            .arg(upstreams().join(script))
            .arg(settings(port, folder.path()).to_string())
            .current_dir(upstreams())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle of the log"))
            .stderr(log)
            // A group of its own, so that what it starts ends with it.
            .process_group(0)
            .spawn()
            .expect("the interpreter starts");
        let mut server = Self { child, port, folder };
        let deadline = Instant::now() + START;
        loop {
            if server.log().lines().any(|line| line == "ready") && server.listens() {
                return Ok(server);
            }
            if !matches!(server.child.try_wait(), Ok(None)) || Instant::now() > deadline {
                return Err(server.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn listens(&self) -> bool {
        std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Tells the script's front something: `disable?user=alice`.
    pub(super) fn tell(&self, command: &str) {
        let url = format!("{}/test/{command}", self.origin());
        let answer = wait_for(client().get(&url).send()).expect("the front answers");
        assert_eq!(answer.status(), 200, "{url}");
    }

    /// Makes requests to paths that begin so fail from now on.
    pub(super) fn fail(&self, path: &str, failure: Failure) {
        let how = match failure {
            Failure::Down => "down",
            Failure::Oversized => "oversized",
            Failure::Redirect => "redirect",
            Failure::Silent => "silent",
            Failure::Slow => "slow",
            Failure::WrongKey => "wrong-key",
        };
        self.tell(&format!("fail?at={path}&how={how}"));
    }

    /// What it keeps its files in.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All that it has printed.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Ends it, as a crash does.
    pub(super) fn kill(&mut self) {
        // The group's number is the child's; it is not reused before the child has been waited for.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.kill();
        }
        if std::thread::panicking() {
            eprintln!("--- the upstream said:\n{}", self.log());
        }
    }
}

fn upstreams() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("upstreams")
}
