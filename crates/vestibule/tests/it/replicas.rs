//! `vestibule serve` with its records in Redis.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use vestibule_redis_testkit::Redis;

use super::{run, vestibule};

const PASSWORD: &str = "a-password-of-redis";

/// How long a broker may take to start or to notice: far longer than it does on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);

/// One replica.
struct Replica {
    folder: TempDir,
    port: u16,
    broker: Child,
    http: Client,
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.broker.kill();
        let _ = self.broker.wait();
    }
}

fn configuration(folder: &TempDir, port: u16) -> PathBuf {
    let file = folder.path().join("vestibule.toml");
    let text = format!(
        r#"
issuer = "http://localhost:3009"
[listen]
address = "127.0.0.1:{port}"
operators_address = "127.0.0.2:{port}"
stop_notice = "0s"
[store]
kind = "redis"
url_env = "REDIS_URL"
[secrets]
master = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
[providers.local]
kind = "local"
[[providers.local.users]]
username = "ada"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
[[resources]]
uri = "http://localhost:3001/mcp"
[resources.scopes]
"notes:read" = "Read your notes"
"#
    );
    fs::write(&file, text).unwrap();
    file
}

fn serve(url: &str, folder: &TempDir, port: u16) -> Command {
    let mut command = vestibule(&["serve", "--config"]);
    command.arg(configuration(folder, port)).env("REDIS_URL", url);
    command
}

impl Replica {
    async fn start(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let log = File::create(folder.path().join("log")).unwrap();
        let broker = serve(url, &folder, port)
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let http = Client::builder()
            .timeout(Duration::from_secs(5))
            .no_proxy()
            .build()
            .unwrap();
        let replica = Self {
            folder,
            port,
            broker,
            http,
        };
        replica.until(StatusCode::OK).await;
        replica
    }

    fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Waits until `/readyz` answers so.
    async fn until(&self, status: StatusCode) {
        let ready = format!("http://127.0.0.2:{}/readyz", self.port);
        let begun = Instant::now();
        loop {
            let answered = self.http.get(&ready).send().await;
            if answered.is_ok_and(|answer| answer.status() == status) {
                return;
            }
            assert!(begun.elapsed() < LONGEST, "not {status}: {}", self.log());
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn redeem(&self, client: &str) -> Response {
        let form = format!(
            "grant_type=authorization_code&code=none&code_verifier={}&client_id={client}",
            "v".repeat(43)
        );
        let question = self
            .http
            .post(self.address("/oauth/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        question.send().await.unwrap()
    }
}

#[tokio::test]
async fn while_redis_is_away_the_broker_says_so_at_once_and_goes_on_afterwards() {
    let mut redis = Redis::guarded(PASSWORD, &["--appendonly yes"]);
    let replica = Replica::start(&redis.url()).await;
    redis.kill();
    replica.until(StatusCode::SERVICE_UNAVAILABLE).await;
    let begun = Instant::now();
    let refused = replica.redeem("nobody").await;
    assert!(
        begun.elapsed() < Duration::from_millis(500),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "5");
    let told: Value = refused.json().await.unwrap();
    assert_eq!(told["error"], "temporarily_unavailable");
    assert!(!told.to_string().contains("edis"), "{told}");

    redis.start();
    replica.until(StatusCode::OK).await;
    let log = replica.log();
    for line in ["Redis is away", "Redis is back"] {
        assert!(log.contains(line), "{log}");
    }
    assert!(!log.contains(PASSWORD), "{log}");
}

#[tokio::test]
async fn a_client_that_registered_at_one_replica_is_known_to_the_other() {
    let redis = Redis::guarded(PASSWORD, &["--appendonly yes"]);
    let replicas = [
        Replica::start(&redis.url()).await,
        Replica::start(&redis.url()).await,
    ];
    let metadata =
        r#"{"redirect_uris":["https://app.example/callback"],"token_endpoint_auth_method":"none"}"#;
    let registered = replicas[0]
        .http
        .post(replicas[0].address("/oauth/register"))
        .header("content-type", "application/json")
        .body(metadata)
        .send()
        .await
        .unwrap();
    assert_eq!(registered.status(), StatusCode::CREATED);
    let registered: Value = registered.json().await.unwrap();
    let known = replicas[1]
        .redeem(registered["client_id"].as_str().unwrap())
        .await;
    assert_eq!(known.json::<Value>().await.unwrap()["error"], "invalid_grant");
    let unknown = replicas[1].redeem("nobody").await;
    assert_eq!(unknown.json::<Value>().await.unwrap()["error"], "invalid_client");
    // Both sign with the same keys.
    let mut keys = Vec::new();
    for replica in &replicas {
        let answer = replica
            .http
            .get(replica.address("/oauth/keys"))
            .send()
            .await
            .unwrap();
        keys.push(answer.text().await.unwrap());
    }
    assert_eq!(keys[0], keys[1]);
    assert!(keys[0].contains("\"kid\""), "{}", keys[0]);
}

#[test]
fn without_redis_the_broker_does_not_start_and_says_what_to_look_at() {
    let mut redis = Redis::guarded(PASSWORD, &[]);
    redis.kill();
    let folder = tempfile::tempdir().unwrap();
    let (good, told, said) = run(&mut serve(&redis.url(), &folder, 0));
    assert!(!good);
    assert!(said.contains(&format!("127.0.0.1:{}", redis.port())), "{said}");
    assert!(said.contains("[store] url"), "{said}");
    assert!(!format!("{told}{said}").contains(PASSWORD), "{said}");
}

#[test]
fn the_doctor_tells_what_is_dangerous_about_redis() {
    let redis = Redis::guarded(PASSWORD, &["--maxmemory-policy allkeys-lru"]);
    let folder = tempfile::tempdir().unwrap();
    let file = configuration(&folder, 0);
    let mut doctor = vestibule(&["doctor", "--config"]);
    let (_, said, _) = run(doctor.arg(&file).env("REDIS_URL", redis.url()));
    for told in [
        format!("it answers at 127.0.0.1:{} (version ", redis.port()),
        "set maxmemory-policy noeviction".to_owned(),
        "set appendonly yes".to_owned(),
        "there are none yet; the broker makes them".to_owned(),
    ] {
        assert!(said.contains(&told), "{told} is not in:\n{said}");
    }
    assert!(!said.contains(PASSWORD), "{said}");
}
