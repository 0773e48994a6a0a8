//! Replicas of the built program behind one address, a load on them, and what came of it.
#![expect(
    clippy::disallowed_methods,
    reason = "the wait for another process to start is real time"
)]

mod balancer;
mod hand_clock;
mod isolated;
mod ledger;
mod walker;

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub use self::hand_clock::HandClock;
pub use self::isolated::{isolated, run};
pub use self::ledger::{Kept, Ledger, Outcome};

use self::balancer::Balancer;
use self::walker::Walker;
use crate::browser::{Answer, parse};
use crate::program::{Ports, command, missing};
use crate::wire::{client, spawn_task, wait_for, with_form};

const APP: (&str, &str) = ("app", "kq0Y8rXo1r5m3J0mPp9Wc2o7eVtNq4uLz6sTgBhDxEA=");
const GATE: (&str, &str) = ("gate", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c");
const CALLBACK: &str = "https://app.example/callback";
const USER: &str = "ada";
const PASSWORD: &str = "correct horse";
/// How long a replica may take to start on a machine that is busy.
const START: Duration = Duration::from_secs(30);
/// How long a revocation may take to reach an MCP server that verifies offline: the status list's interval, and the poll.
const REVOCATION: Duration = Duration::from_secs(12);

/// Identical replicas of the broker behind a balancer, and an MCP server that trusts them.
#[derive(Debug)]
pub struct Replicas {
    brokers: Vec<Replica>,
    balancer: Balancer,
    mcp_server: Child,
    mcp: String,
    /// What the replicas are started with, beside what every program is.
    environment: Vec<(&'static str, String)>,
    home: TempDir,
}

#[derive(Debug)]
struct Replica {
    port: u16,
    process: Option<Child>,
}

impl Replicas {
    /// Starts this many replicas, on the stores that these sections of a configuration describe in turn.
    pub fn start(count: usize, stores: &[&str]) -> Self {
        Self::start_in(count, stores, Vec::new())
    }

    /// Starts this many replicas that go by this clock. The MCP server beside them does not.
    pub fn start_by(clock: &HandClock, count: usize, stores: &[&str]) -> Self {
        Self::start_in(count, stores, clock.environment())
    }

    fn start_in(count: usize, stores: &[&str], environment: Vec<(&'static str, String)>) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let unserved = Balancer::bind();
        let issuer = format!("http://localhost:{}", unserved.port());
        let ports: Vec<u16> = (0..count).map(|_| Ports::free_one()).collect();
        let mcp_port = Ports::free_one();
        let mcp = format!("http://localhost:{mcp_port}/mcp");
        for ((number, port), store) in ports.iter().enumerate().zip(stores.iter().cycle()) {
            let file = home.path().join(format!("{number}.toml"));
            let socket = home.path().join(format!("{number}.sock"));
            let listen = format!(
                "[listen]\naddress = \"127.0.0.1:{port}\"\noperators = \"{}\"\n",
                socket.display()
            );
            let text = format!("issuer = \"{issuer}\"\n{listen}\n{store}\n{}", settings(&mcp));
            fs::write(&file, text).expect("the configuration is written");
        }
        let balancer = unserved.before(ports.clone());
        let brokers = ports
            .into_iter()
            .map(|port| Replica { port, process: None })
            .collect();
        let mcp_server = command(&home)
            .args(["demo-server", "--issuer", &issuer, "--resource", &mcp])
            .args(["--listen", &format!("127.0.0.1:{mcp_port}")])
            .spawn()
            .unwrap_or_else(|error| missing(&error));
        let mut replicas = Self {
            brokers,
            balancer,
            mcp_server,
            mcp,
            environment,
            home,
        };
        for number in 0..count {
            replicas.start_one(number);
        }
        replicas
    }

    /// The issuer, which is the balancer's address.
    pub fn issuer(&self) -> String {
        format!("http://localhost:{}", self.balancer.port())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.brokers.len()
    }

    /// Starts a replica that is not running, and waits until it answers.
    pub fn start_one(&mut self, number: usize) {
        let file = self.home.path().join(format!("{number}.toml"));
        let mut serve = command(&self.home);
        serve.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let process = serve.arg("serve").arg("--config").arg(file).spawn();
        let replica = self.replica(number);
        replica.process = Some(process.unwrap_or_else(|error| missing(&error)));
        let discovery = format!(
            "http://localhost:{}/.well-known/oauth-authorization-server",
            replica.port
        );
        let deadline = Instant::now() + START;
        while !wait_for(client().get(&discovery).send()).is_ok_and(|answer| answer.status() == 200) {
            assert!(
                Instant::now() < deadline,
                "replica {number} does not answer:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends a replica as a crash does.
    pub fn kill_one(&mut self, number: usize) {
        let mut process = self.replica(number).process.take().expect("a running replica");
        process.kill().expect("SIGKILL reaches the replica");
        process.wait().expect("the replica ends");
    }

    /// Ends a replica as an operator does, and waits until it has.
    pub fn stop_one(&mut self, number: usize) {
        let mut process = self.replica(number).process.take().expect("a running replica");
        crate::program::terminate(&process);
        let status = process.wait().expect("the replica ends");
        assert!(
            status.success(),
            "replica {number} ends with {status}:\n{}",
            self.log()
        );
    }

    fn replica(&mut self, number: usize) -> &mut Replica {
        self.brokers.get_mut(number).expect("a replica of this number")
    }

    /// All that the replicas have printed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    /// Lets a user log in and a client redeem the code.
    pub fn log_in(&self) -> Kept {
        wait_for(Walker::new(&self.issuer(), &self.mcp, Arc::default()).log_in())
    }

    /// Refreshes all sessions at the same time, each by whichever replica is its turn, while `meanwhile` goes on.
    pub fn refresh_at_once(&self, sessions: &mut [Kept], meanwhile: impl FnOnce()) {
        let ask = |session: &Kept| spawn_task(self.ask_to_refresh(&session.refresh_token).send());
        let asked: Vec<_> = sessions.iter().map(ask).collect();
        meanwhile();
        for (session, asked) in sessions.iter_mut().zip(asked) {
            let body: Value = wait_for(async {
                let answer = asked.await.expect("a task without mistakes").expect("an answer");
                answer.json().await.expect("JSON")
            });
            let token = |name: &str| Some(body.get(name)?.as_str()?.to_owned());
            *session = Kept {
                refresh_token: token("refresh_token").unwrap_or_else(|| panic!("no tokens: {body}")),
                access_token: token("access_token").expect("an access token"),
            };
        }
    }

    /// Asks a replica over its operators' socket to rotate the signing keys.
    pub fn rotate_keys(&self, number: usize) {
        let socket = self.home.path().join(format!("{number}.sock"));
        let mut socket = UnixStream::connect(socket).expect("the operators' socket");
        let request =
            "POST /keys/rotate HTTP/1.1\r\nhost: operators\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        socket
            .write_all(request.as_bytes())
            .expect("the socket takes a request");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Reads an address of whichever replica is its turn.
    pub fn read(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.issuer());
        let request = client().get(&url).header("connection", "close");
        Answer::of(request, parse(&url))
    }

    /// Puts this many clients to work.
    pub fn load(&self, clients: usize) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let walk = |_| spawn_task(Walker::new(&self.issuer(), &self.mcp, stop.clone()).run());
        let walkers = (0..clients).map(walk).collect();
        Load { walkers, stop }
    }

    /// Holds what clients were told against what is true now: every session that was acknowledged and not ended still
    /// refreshes, and none that was ended is let in anywhere. Says how many sessions were lost.
    pub fn audit(&self, ledger: &mut Ledger) -> usize {
        let mut lost = 0;
        for session in std::mem::take(&mut ledger.living) {
            let answer = self.refresh(&session.refresh_token);
            lost += usize::from(answer.status() != 200);
        }
        std::thread::sleep(REVOCATION);
        for session in std::mem::take(&mut ledger.ended) {
            let refreshed = self.refresh(&session.refresh_token).status();
            if refreshed != 400 {
                ledger.wrong(format!("an ended session refreshes: {refreshed}"));
            }
            let request = client().post(&self.mcp).bearer_auth(&session.access_token);
            let called = Answer::of(request.json(&serde_json::json!({})), parse(&self.mcp)).status();
            if called != 401 {
                ledger.wrong(format!("an MCP server lets an ended session in: {called}"));
            }
        }
        lost
    }

    fn refresh(&self, token: &str) -> Answer {
        Answer::of(self.ask_to_refresh(token), parse(&self.issuer()))
    }

    /// On a connection of its own, so that it is another replica's turn.
    fn ask_to_refresh(&self, token: &str) -> RequestBuilder {
        let url = format!("{}/oauth/token", self.issuer());
        let request = client().post(&url).basic_auth(APP.0, Some(APP.1));
        let data = [("grant_type", "refresh_token"), ("refresh_token", token)];
        with_form(request.header("connection", "close"), &data)
    }
}

impl Drop for Replicas {
    fn drop(&mut self) {
        let brokers = self
            .brokers
            .iter_mut()
            .filter_map(|replica| replica.process.as_mut());
        for process in brokers.chain([&mut self.mcp_server]) {
            let _ = process.kill();
            let _ = process.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- the replicas said:\n{}", self.log());
        }
    }
}

/// Clients at work.
pub struct Load {
    walkers: Vec<JoinHandle<Ledger>>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Lets the clients finish what they are at, and takes down what they were told.
    pub fn end(self) -> Ledger {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Ledger::default();
        for walker in self.walkers {
            all.merge(wait_for(walker).expect("a client without mistakes"));
        }
        all
    }
}

fn settings(mcp: &str) -> String {
    let (app, app_secret) = APP;
    let (gate, gate_secret) = GATE;
    format!(
        r#"
[secrets]
master_env = "VESTIBULE_TEST_SECRET"
# One user behind one balancer asks for more than anybody else.
[limits]
mode = "off"
[[resources]]
uri = "{mcp}"
name = "Demo MCP server"
default_scopes = ["mcp:read"]
[resources.scopes]
"mcp:read" = "Read your data"
[providers.local]
kind = "local"
[[providers.local.users]]
username = "{USER}"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
scopes = ["mcp:read"]
[[clients]]
id = "{app}"
name = "App"
secret = "{app_secret}"
redirect_uris = ["{CALLBACK}"]
[[clients]]
id = "{gate}"
name = "Gate"
secret = "{gate_secret}"
redirect_uris = ["https://gate.example/callback"]
introspects = ["{mcp}"]
"#
    )
}
