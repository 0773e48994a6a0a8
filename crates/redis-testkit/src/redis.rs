//! One server.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use tempfile::TempDir;

use crate::door::Door;
use crate::process::Process;
use crate::wait::until;

/// How often a server is started on other ports when its own were taken meanwhile.
const TRIES: usize = 5;
/// Stands for an empty argument.
const NOTHING: &str = "''";

/// A `redis-server` with a directory of its own.
#[derive(Debug)]
pub struct Redis {
    folder: TempDir,
    port: u16,
    command: Vec<String>,
    door: Door,
    process: Option<Process>,
}

impl Redis {
    /// One server that keeps everything, however its process dies.
    pub fn durable() -> Self {
        Self::with(&[
            "--appendonly yes",
            "--appendfsync everysec",
            "--maxmemory-policy noeviction",
        ])
    }

    /// A server with options of `redis.conf`, such as `--appendonly yes`.
    pub fn with(options: &[&str]) -> Self {
        Self::behind(&Door::default(), options)
    }

    /// A server behind this door.
    pub(crate) fn behind(door: &Door, options: &[&str]) -> Self {
        Self::started(door, &[], |door, port| {
            let mut command = vec!["redis-server".to_owned(), door.listen(port), door.lock()];
            command.extend(["--save".to_owned(), NOTHING.to_owned()]);
            command.extend(options.iter().map(|option| (*option).to_owned()));
            command
        })
    }

    /// A server that asks for a password.
    pub fn guarded(password: &str, options: &[&str]) -> Self {
        Self::behind(&Door::locked(password), options)
    }

    /// A server that speaks TLS alone, and the certificate of the authority that vouches for it.
    pub fn encrypted() -> (Self, Vec<u8>) {
        let (door, authority) = Door::encrypted();
        (Self::behind(&door, &["--appendonly yes"]), authority)
    }

    /// Starts what `command` makes for a free port, with these lines in the file `config` beside it.
    pub(crate) fn started(
        door: &Door,
        config: &[String],
        command: impl Fn(&Door, u16) -> Vec<String>,
    ) -> Self {
        for _ in 0..TRIES {
            let port = free_port();
            let mut server = Self {
                folder: tempfile::tempdir().expect("a directory"),
                port,
                command: split(&command(door, port)),
                door: door.clone(),
                process: None,
            };
            std::fs::write(server.folder.path().join("config"), config.join("\n")).expect("a file");
            if server.try_start() {
                return server;
            }
        }
        panic!("no free port was left for Redis");
    }

    /// Starts it again after [`kill`](Self::kill), where it was.
    pub fn start(&mut self) {
        assert!(self.try_start(), "Redis does not start again: {}", self.log());
    }

    /// Starts it; says whether the port was free.
    fn try_start(&mut self) -> bool {
        let process = Process::start(self.folder.path(), &self.command);
        let id = process.id();
        self.process = Some(process);
        let mut taken = false;
        until("Redis starts", || {
            let log = self.log();
            let started = log.rsplit_once("Redis is starting").map_or("", |(_, rest)| rest);
            taken = started.contains("Address already in use");
            taken || answers(started, id)
        });
        !taken
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Kills it without a warning, as a crash does.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Kills it once the system has all that it acknowledged: with `everysec` Redis puts off writing while the disk is slow.
    pub fn kill_once_written(&mut self) {
        until("Redis has written what it acknowledged", || {
            let state = self.ask(&["INFO", "persistence"]);
            state.lines().any(|line| line.trim() == "aof_buffer_length:0")
        });
        self.kill();
    }

    /// Halts it: it keeps its connections and answers nobody.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        if let Some(process) = &self.process {
            process.signal(signal);
        }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its directory.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its URL, with the password if it asks for one.
    pub fn url(&self) -> String {
        format!("{}127.0.0.1:{}", self.door.url(""), self.port)
    }

    /// What `redis-cli` prints for a command.
    pub fn ask(&self, command: &[&str]) -> String {
        let mut cli = self.door.client();
        cli.args(["--raw", "-p", &self.port.to_string()]);
        let output = cli.args(command).output().expect("redis-cli runs");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }
}

/// Whether this very process says in its log that it is ready.
fn answers(log: &str, id: u32) -> bool {
    let ready = ["Ready to accept connections", "Sentinel ID is"];
    ready.iter().any(|line| log.contains(line)) && log.contains(&format!("pid={id},"))
}

/// Options are a name and values; each becomes an argument of its own.
fn split(command: &[String]) -> Vec<String> {
    let words = command.iter().flat_map(|text| text.split_ascii_whitespace());
    let argument = |word| {
        if word == NOTHING {
            String::new()
        } else {
            str::to_owned(word)
        }
    };
    words.map(argument).collect()
}

/// A port that is free just now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}
