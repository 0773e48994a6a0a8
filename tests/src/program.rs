//! The built program, started as an operator starts it.
#![expect(
    clippy::disallowed_methods,
    reason = "the wait for another process to start is real time"
)]

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::wire::{client, wait_for};

/// The operators' socket of a program that `serve` starts, beside its configuration.
const OPERATORS: &str = "operators.sock";

/// How long a start may take on a machine that is busy with other tests.
const START: Duration = Duration::from_secs(30);

/// The running program, ended when it is dropped: a broker, and a protected MCP server that trusts it.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// The MCP server, where it is a process of its own.
    mcp_server: Option<Child>,
    broker: String,
    mcp: String,
    ports: Ports,
    home: TempDir,
}

/// Where a program listens.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    broker: u16,
    mcp: u16,
    operators: u16,
}

impl Program {
    /// The master secret of a broker that [`serve`](Self::serve) starts.
    pub const MASTER_SECRET: &str = "c2VjcmV0IG9mIGEgdGVzdCwgMzIgYnl0ZXMgYW5kIG1vcmU=";

    /// Starts the demo with a store in memory.
    pub fn start() -> Self {
        Self::start_with(&["--memory"])
    }

    /// Starts the demo on free ports with more arguments.
    pub fn start_with(arguments: &[&str]) -> Self {
        // A port that was free a moment ago may be taken by a test beside this one.
        (0..5)
            .find_map(|_| Self::try_start(Ports::free(), arguments).ok())
            .unwrap_or_else(|| {
                Self::try_start(Ports::free(), arguments)
                    .unwrap_or_else(|log| panic!("the program did not start; this is what it said:\n{log}"))
            })
    }

    /// Starts the broker that a configuration describes, and the demo's MCP server beside it.
    ///
    /// The configuration says nothing of what the test does not care for: issuer, listener, store and MCP server are filled in.
    pub fn serve(ports: Ports, configuration: &str) -> Self {
        Self::serve_in(ports, &format!("{}\n{configuration}", ports.preamble()), &[])
    }

    /// Starts the broker of a whole configuration, with these variables in its environment, and the demo's MCP server beside
    /// it.
    pub fn serve_in(ports: Ports, configuration: &str, environment: &[(&str, String)]) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let file = home.path().join("vestibule.toml");
        fs::write(&file, configuration).expect("the configuration is written");
        let listen = format!("127.0.0.1:{}", ports.mcp);
        let mcp_server = command(&home)
            .args([
                "demo-server",
                "--issuer",
                &ports.broker(),
                "--resource",
                &ports.mcp(),
            ])
            .args(["--listen", &listen])
            .spawn();
        let child = command(&home)
            .arg("serve")
            .arg("--config")
            .arg(&file)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .spawn()
            .unwrap_or_else(|error| missing(&error));
        let mut program = Self::new(child, ports, home);
        program.mcp_server = Some(mcp_server.unwrap_or_else(|error| missing(&error)));
        program
            .wait()
            .unwrap_or_else(|log| panic!("the program did not start; this is what it said:\n{log}"))
    }

    fn try_start(ports: Ports, arguments: &[&str]) -> Result<Self, String> {
        let home = tempfile::tempdir().expect("a temporary directory");
        let child = command(&home)
            .args(["demo", "--port", &ports.broker.to_string()])
            .args(["--mcp-port", &ports.mcp.to_string()])
            .args(arguments)
            .spawn()
            .unwrap_or_else(|error| missing(&error));
        Self::new(child, ports, home).wait()
    }

    fn new(child: Child, ports: Ports, home: TempDir) -> Self {
        Self {
            child,
            mcp_server: None,
            broker: ports.broker(),
            mcp: ports.mcp(),
            ports,
            home,
        }
    }

    /// Waits until broker and MCP server answer.
    fn wait(mut self) -> Result<Self, String> {
        let program = &mut self;
        let deadline = Instant::now() + START;
        loop {
            if let Ok(Some(_)) = program.child.try_wait() {
                return Err(program.log());
            }
            if program.answers() {
                return Ok(self);
            }
            if Instant::now() > deadline {
                return Err(program.log());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn answers(&self) -> bool {
        let discovery = format!("{}/.well-known/oauth-authorization-server", self.broker);
        let answered = |url: String| wait_for(client().get(url).send());
        answered(discovery).is_ok_and(|answer| answer.status() == 200) && answered(self.mcp.clone()).is_ok()
    }

    /// Where cargo put the program: beside the directory that this test runs from.
    pub fn path() -> PathBuf {
        let test = std::env::current_exe().expect("a test knows its own path");
        test.ancestors()
            .skip(1)
            .map(|directory| directory.join("vestibule"))
            .find(|candidate| candidate.is_file())
            .unwrap_or_else(|| {
                panic!(
                    "no `vestibule` above {}: cargo build --workspace makes it",
                    test.display()
                )
            })
    }

    /// The broker's issuer, without a trailing slash.
    pub fn issuer(&self) -> &str {
        &self.broker
    }

    /// A URL of the broker.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.broker)
    }

    /// What operators alone can ask, of a program that `serve` started.
    pub fn operators_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports.operators)
    }

    /// Runs an operator's command against a program that `serve` started, and says whether it went well and what it said.
    pub fn operate(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(Self::path())
            .args(arguments)
            .arg("--socket")
            .arg(self.home.path().join(OPERATORS))
            .output()
            .expect("the command runs");
        let said = if output.status.success() {
            output.stdout
        } else {
            output.stderr
        };
        (
            output.status.success(),
            String::from_utf8(said).expect("a command speaks UTF-8"),
        )
    }

    /// Asks the program to end as an operator does, with SIGTERM.
    pub fn ask_to_stop(&self) {
        let id = self.child.id().to_string();
        let signalled = Command::new("kill").args(["-TERM", &id]).status();
        assert!(
            signalled.is_ok_and(|status| status.success()),
            "SIGTERM reaches the program"
        );
    }

    /// The protected MCP endpoint, which is its resource's canonical URI.
    pub fn mcp(&self) -> &str {
        &self.mcp
    }

    /// Where the broker and the MCP server listen.
    pub fn ports(&self) -> Ports {
        self.ports
    }

    /// What Prometheus reads behind the operators' socket.
    pub fn scrape(&self, socket: &Path) -> String {
        let client = reqwest::Client::builder().unix_socket(socket).no_proxy().build();
        let client = client.expect("a client of a Unix socket");
        let text = async {
            let answer = client.get("http://operators/metrics").send().await?;
            answer.error_for_status()?.text().await
        };
        wait_for(text).expect("the operators' socket answers")
    }

    /// The lines of the log that hold this text.
    pub fn log_lines(&self, text: &str) -> Vec<String> {
        let log = self.log();
        let lines = log.lines().filter(|line| line.contains(text));
        lines.map(str::to_owned).collect()
    }

    /// All that the program has printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    /// Asks the program to end as an operator does who will not wait for its notice: with SIGTERM until it has.
    pub fn stop(&mut self) -> ExitStatus {
        const ASKED: usize = 200;
        for _ in 0..ASKED {
            self.ask_to_stop();
            for _ in 0..30 {
                if let Some(status) = self.child.try_wait().expect("a process to wait for") {
                    return status;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        panic!("the program does not end:\n{}", self.log());
    }

    /// Ends the program as a power cut does, and waits until it has.
    pub fn kill(&mut self) {
        self.child.kill().expect("SIGKILL reaches the program");
        self.child.wait().expect("the program ends");
    }

    /// Starts the program again on the same ports, with other arguments.
    #[must_use]
    pub fn restart_with(mut self, arguments: &[&str]) -> Self {
        if let Ok(None) = self.child.try_wait() {
            self.stop();
        }
        let ports = self.ports;
        drop(self);
        Self::try_start(ports, arguments)
            .unwrap_or_else(|log| panic!("the program did not start again:\n{log}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to end.
        for child in std::iter::once(&mut self.child).chain(&mut self.mcp_server) {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- the program said:\n{}", self.log());
        }
    }
}

/// Asks a process to end, with SIGTERM.
pub(crate) fn terminate(process: &Child) {
    let id = process.id().to_string();
    let signalled = Command::new("kill").args(["-TERM", &id]).status();
    assert!(
        signalled.is_ok_and(|status| status.success()),
        "SIGTERM reaches the program"
    );
}

/// A command of the program, with a home of its own and a log there.
pub(crate) fn command(home: &TempDir) -> Command {
    let log = File::options()
        .create(true)
        .append(true)
        .open(home.path().join("log"))
        .expect("a log file");
    let mut command = Command::new(Program::path());
    command
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("VESTIBULE_TEST_SECRET", Program::MASTER_SECRET)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle of the log"))
        .stderr(log);
    command
}

pub(crate) fn missing(error: &std::io::Error) -> Child {
    panic!(
        "{}: {error}; cargo build --workspace makes it",
        Program::path().display()
    )
}

impl Ports {
    /// Ports that nobody listens on now.
    pub fn free() -> Self {
        let listeners = [0; 3].map(|_| TcpListener::bind(("127.0.0.1", 0)).expect("a free port"));
        let [broker, mcp, operators] = listeners.map(|listener| {
            let address = listener.local_addr();
            address.expect("a bound listener has an address").port()
        });
        Self {
            broker,
            mcp,
            operators,
        }
    }

    /// A port that nobody listens on now.
    pub(crate) fn free_one() -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr();
        address.expect("a bound listener has an address").port()
    }

    /// The broker's issuer.
    pub fn broker(self) -> String {
        format!("http://localhost:{}", self.broker)
    }

    /// The protected MCP endpoint.
    pub fn mcp(self) -> String {
        format!("http://localhost:{}/mcp", self.mcp)
    }

    /// The host of the MCP server.
    pub fn mcp_host(self) -> String {
        format!("http://localhost:{}", self.mcp)
    }

    /// The callback that a provider of this id sends browsers back to.
    pub fn callback(self, provider: &str) -> String {
        format!("{}/oauth/callback/{provider}", self.broker())
    }

    /// Where a provider sends browsers back to that logged out there.
    pub fn after_logout(self) -> String {
        format!("{}/oauth/logout", self.broker())
    }

    /// What every configuration of a test begins with.
    pub fn preamble(self) -> String {
        format!(
            r#"
issuer = "{issuer}"
[listen]
address = "127.0.0.1:{port}"
operators = "{OPERATORS}"
operators_address = "127.0.0.1:{operators}"
# So long that a test which wants it to end has to ask twice.
stop_notice = "10m"
[store]
kind = "memory"
[secrets]
master_env = "VESTIBULE_TEST_SECRET"
[[resources]]
uri = "{mcp}"
name = "Demo MCP server"
default_scopes = ["mcp:read"]
[resources.scopes]
"mcp:read" = "Read your data"
"mcp:write" = "Change your data"
"mcp:admin" = "Do what only administrators may do"
"#,
            issuer = self.broker(),
            port = self.broker,
            operators = self.operators,
            mcp = self.mcp(),
        )
    }
}
