//! `vestibule doctor`, beside a running broker and without one.

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::{run, vestibule};

const SECRET: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
const OTHER_SECRET: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA";

/// A directory with a configuration, and the broker that runs on it, if one does.
struct House {
    folder: TempDir,
    issuer: String,
    port: u16,
    broker: Option<Child>,
}

impl House {
    /// A configuration with a file for the store and a free port, its issuer there too.
    fn new() -> Self {
        let port = free_port();
        Self::with(port, &format!("http://localhost:{port}"))
    }

    fn with(port: u16, issuer: &str) -> Self {
        let house = Self {
            folder: tempfile::tempdir().expect("a directory"),
            issuer: issuer.to_owned(),
            port,
            broker: None,
        };
        house.write_secret(SECRET);
        house.write("");
        house
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("vestibule.toml")
    }

    fn write(&self, more: &str) {
        let Self { issuer, port, .. } = self;
        let text = format!(
            r#"
issuer = "{issuer}"
[listen]
address = "127.0.0.1:{port}"
[store]
kind = "embedded"
path = "vestibule.redb"
[secrets]
master_file = "master.secret"
[providers.local]
kind = "local"
[[providers.local.users]]
username = "ada"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
[[resources]]
uri = "http://localhost:3001/mcp"
[resources.scopes]
"notes:read" = "Read your notes"
{more}"#
        );
        fs::write(self.file(), text).expect("a file");
    }

    fn write_secret(&self, secret: &str) {
        let path = self.folder.path().join("master.secret");
        fs::write(&path, secret).expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("its mode");
    }

    /// Starts the broker, and waits until it answers operators.
    fn start(&mut self) {
        let log = fs::File::create(self.folder.path().join("log")).expect("a file");
        let broker = vestibule(&["serve", "--config"])
            .arg(self.file())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program runs");
        self.broker = Some(broker);
        let socket = self.folder.path().join("vestibule.sock");
        for _ in 0..3000 {
            if UnixStream::connect(&socket).is_ok() {
                // The socket is there a little before the keys are: only an answer tells that the broker is up.
                let (answered, _, said) = run(vestibule(&["keys", "list", "--socket"]).arg(&socket));
                assert!(answered, "{said}");
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("the broker did not start:\n{log}");
    }

    fn stop(&mut self) {
        if let Some(mut broker) = self.broker.take() {
            broker.kill().expect("SIGKILL reaches the program");
            broker.wait().expect("the program ends");
        }
    }

    /// Whether the doctor is content, and what it said.
    fn examine(&self) -> (bool, String) {
        let (good, said, trouble) = run(vestibule(&["doctor", "--config"]).arg(self.file()));
        assert_eq!(trouble, "");
        (good, said)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// The one line about `start`, without what stands before.
fn line<'a>(said: &'a str, start: &str) -> &'a str {
    let mut lines = said.lines().filter(|line| line.contains(start));
    let line = lines.next().unwrap_or_else(|| panic!("no {start} in:\n{said}"));
    assert_eq!(lines.next(), None, "{start} stands twice in:\n{said}");
    line
}

#[test]
fn before_the_first_start_nothing_is_wrong_and_nothing_is_touched() {
    let house = House::new();
    let (good, said) = house.examine();
    assert!(good, "{said}");
    assert!(
        line(&said, "configuration, file").starts_with("\u{2714} "),
        "{said}"
    );
    assert!(
        line(&said, "store, file").ends_with("is made at the first start"),
        "{said}"
    );
    assert!(line(&said, "listener, ").ends_with(": free"), "{said}");
    let public = line(&said, "public URL, metadata");
    assert!(
        public.starts_with("! ") && public.contains("\u{2192} start the broker"),
        "{said}"
    );
    assert!(line(&said, "provider local").starts_with("\u{2714} "), "{said}");
    let mut left: Vec<_> = fs::read_dir(house.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["master.secret", "vestibule.toml"]);
}

#[test]
fn beside_the_running_broker_everything_is_its_own() {
    let mut house = House::new();
    house.start();
    let (good, said) = house.examine();
    assert!(good, "{said}");
    for (start, end) in [
        ("store, file", "is in use by the running broker"),
        ("listener, ", ": the broker answers there"),
        ("public URL, metadata", " is this broker"),
        ("public URL, clock", "agree"),
    ] {
        let line = line(&said, start);
        assert!(line.starts_with("\u{2714} ") && line.ends_with(end), "{said}");
    }
}

/// Answers every request with this document.
fn serve(listener: TcpListener, document: String) {
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let length = document.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{document}"
            );
        }
    });
}

#[test]
fn whoever_answers_at_the_public_url_does_not_say_where_else_to_ask() {
    let stranger = TcpListener::bind("127.0.0.1:0").expect("a port");
    let trap = TcpListener::bind("127.0.0.1:0").expect("a port");
    let issuer = format!("http://localhost:{}", stranger.local_addr().unwrap().port());
    let mut house = House::with(free_port(), &issuer);
    let keys = format!("http://{}/keys", trap.local_addr().unwrap());
    serve(
        stranger,
        serde_json::json!({"issuer": issuer, "jwks_uri": keys}).to_string(),
    );
    house.start();
    let (good, said) = house.examine();
    assert!(!good, "{said}");
    let public = line(&said, "public URL, metadata");
    assert!(public.contains("is another broker"), "{said}");
    trap.set_nonblocking(true).expect("a listener that does not wait");
    assert!(trap.accept().is_err(), "the address in the answer was called");
}

#[test]
fn every_mistake_of_the_configuration_is_a_line() {
    let house = House::new();
    house.write("[keys]\nalgorithm = \"HS256\"\ncache = \"5m\"\n");
    let (good, said) = house.examine();
    assert!(!good, "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.lines().all(|line| line.starts_with("\u{2718} ")), "{said}");
    assert!(
        said.contains("keys.algorithm: \"HS256\"") && said.contains("keys.cache: "),
        "{said}"
    );
}

#[test]
fn a_port_that_another_program_has_is_told() {
    let house = House::new();
    let _taken = TcpListener::bind(("127.0.0.1", house.port)).expect("the port");
    let (good, said) = house.examine();
    assert!(!good, "{said}");
    assert!(
        line(&said, "listener, ").contains("another program has it"),
        "{said}"
    );
}

#[test]
fn a_master_secret_that_is_not_the_store_s_is_told_and_the_right_one_is_too() {
    let mut house = House::new();
    house.start();
    house.stop();
    let (good, said) = house.examine();
    assert!(good, "{said}");
    assert!(
        line(&said, "store, keys").contains("they open under the master secret"),
        "{said}"
    );
    house.write_secret(OTHER_SECRET);
    let (good, said) = house.examine();
    assert!(!good, "{said}");
    assert!(line(&said, "store, keys").starts_with("\u{2718} "), "{said}");
    assert!(!said.contains(OTHER_SECRET), "{said}");
}

#[test]
fn a_file_that_is_no_store_is_told() {
    let house = House::new();
    fs::write(
        house.folder.path().join("vestibule.redb"),
        "something else entirely",
    )
    .unwrap();
    let (good, said) = house.examine();
    assert!(!good, "{said}");
    assert!(line(&said, "store, file").starts_with("\u{2718} "), "{said}");
    let kept = fs::read_to_string(house.folder.path().join("vestibule.redb"));
    assert_eq!(kept.unwrap(), "something else entirely");
}

#[test]
fn a_public_url_that_leads_to_another_broker_is_told() {
    let mut other = House::new();
    other.start();
    let mut house = House::with(free_port(), &other.issuer);
    let (good, said) = house.examine();
    assert!(good, "{said}");
    assert!(line(&said, "public URL, metadata").starts_with("! "), "{said}");
    house.start();
    let (good, said) = house.examine();
    assert!(!good, "{said}");
    assert!(
        line(&said, "public URL, metadata").contains("is another broker"),
        "{said}"
    );
}

#[test]
fn an_issuer_that_the_public_url_does_not_say_is_told_with_what_to_write() {
    let mut house = House::new();
    house.start();
    let issuer = house.issuer.replace("localhost", "127.0.0.1");
    let wrong = House::with(free_port(), &issuer);
    let (good, said) = wrong.examine();
    assert!(!good, "{said}");
    let line = line(&said, "public URL, metadata");
    assert!(
        line.contains(&format!("write issuer = \"{}\"", house.issuer)),
        "{said}"
    );
}

#[test]
fn a_secret_that_everybody_can_read_is_a_warning() {
    let house = House::new();
    let path = house.folder.path().join("master.secret");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let (good, said) = house.examine();
    assert!(good, "{said}");
    let line = line(&said, "secrets, secrets.master_file");
    assert!(line.starts_with("! ") && line.contains("chmod o-rwx"), "{said}");
}

#[test]
fn the_report_is_json_on_request() {
    let house = House::new();
    let _taken = TcpListener::bind(("127.0.0.1", house.port)).expect("the port");
    let (good, said, _) = run(vestibule(&["doctor", "--json", "--config"]).arg(house.file()));
    assert!(!good);
    let report: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(report["healthy"], false);
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.len() >= 6, "{said}");
    for finding in findings {
        let keys: Vec<_> = finding.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["about", "what", "verdict", "detail", "remedy"], "{said}");
    }
    let listener = findings.iter().find(|finding| finding["about"] == "listener");
    assert_eq!(listener.unwrap()["verdict"], "bad", "{said}");
}
