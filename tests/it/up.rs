//! `scripts/up` and `scripts/down`, without Docker.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use vestibule_tests::{Browser, Program};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the repository")
        .to_owned()
}

/// Runs a script, bounded, and says whether it went well and what it said.
fn script(name: &str, arguments: &[&str]) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new("timeout")
        .arg("120")
        .arg(root().join("scripts").join(name))
        .args(arguments)
        .env("VESTIBULE", Program::path())
        .output()
        .expect("the script runs");
    let said = [stdout, stderr]
        .map(|said| String::from_utf8_lossy(&said).into_owned())
        .concat();
    (status.success(), said)
}

/// Takes down what a failed test leaves.
struct Down;

impl Drop for Down {
    fn drop(&mut self) {
        script("down", &[]);
    }
}

#[test]
fn what_is_brought_up_answers_and_nothing_is_left_when_it_is_taken_down() {
    let _down = Down;
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    let number = port.to_string();
    let (well, said) = script("up", &["--local", "--port", &number]);
    assert!(!well && said.contains("scripts/up --port"), "{said}");
    assert!(
        !root().join(".up").exists(),
        "nothing is made before it can start"
    );
    drop(taken);

    let (well, said) = script("up", &["--local", "--port", &number]);
    assert!(well, "{said}");
    let issuer = format!("http://localhost:{port}");
    let metadata = Browser::new().open(&format!("{issuer}/.well-known/oauth-authorization-server"));
    assert_eq!(metadata.json()["issuer"], issuer);
    let file = root().join(".up/broker/vestibule.toml");
    let configuration = fs::read_to_string(&file).expect("the configuration");
    assert!(
        !configuration.contains("XZwgp36TkP30aET9BDhr"),
        "the password of the example"
    );
    let checked = Command::new(Program::path())
        .args(["config", "check"])
        .arg(&file)
        .status();
    assert!(checked.is_ok_and(|status| status.success()), "{configuration}");
    let redis: u16 = fs::read_to_string(root().join(".up/broker/redis.url"))
        .ok()
        .and_then(|url| url.rsplit(':').next()?.parse().ok())
        .expect("Redis's port");
    assert_ne!(redis, 6379);
    assert!(TcpStream::connect(("127.0.0.1", redis)).is_ok());

    let (well, again) = script("up", &["--local", "--port", &number]);
    assert!(!well && again.contains("scripts/down"), "{again}");

    let (well, said) = script("down", &[]);
    assert!(well, "{said}");
    assert!(!root().join(".up").exists());
    for port in [port, redis] {
        assert!(
            TcpStream::connect(("127.0.0.1", port)).is_err(),
            "somebody still listens on {port}"
        );
    }
    let (well, said) = script("down", &[]);
    assert!(well && said.contains("Nothing is up"), "{said}");
}
