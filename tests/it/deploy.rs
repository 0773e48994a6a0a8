//! docs/deploy.md, followed to the letter: its files written, its commands run in its order, on ports of this test's own.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use regex::{Captures, Regex};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;
use vestibule_tests::{Page, Program, wait_for};

const PAGE: &str = include_str!("../../docs/deploy.md");

/// How long everything up to the last replica's restart may take, in seconds.
const LONGEST: &str = "240";

/// What stands between two fences, and what the opening one says.
struct Block {
    language: &'static str,
    meaning: &'static str,
    text: &'static str,
}

fn blocks() -> Vec<Block> {
    let mut parts = PAGE.split("\n```");
    parts.next();
    let mut blocks = Vec::new();
    while let (Some(block), Some(_)) = (parts.next(), parts.next()) {
        let (fence, text) = block.split_once('\n').expect("a block has lines");
        let (language, meaning) = fence.split_once(' ').unwrap_or((fence, ""));
        blocks.push(Block {
            language,
            meaning,
            text,
        });
    }
    blocks
}

/// The page at work. Whatever it started is ended with it.
struct Deployment {
    folder: TempDir,
    /// Ports and names of the page, and those in their place.
    replaced: Vec<(&'static str, String)>,
    issuer: String,
}

impl Drop for Deployment {
    fn drop(&mut self) {
        for file in ["replica-1", "replica-2", "replica-3", "nginx", "redis"] {
            let pid = fs::read_to_string(self.folder.path().join(format!("{file}.pid")));
            if let Ok(pid) = pid {
                let _ = Command::new("kill").args(["-KILL", pid.trim()]).output();
            }
        }
    }
}

impl Deployment {
    fn new() -> Self {
        let port = || {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            listener.local_addr().expect("an address").port()
        };
        let (public, redis) = (port(), port());
        let [replicas, operators] = twice_ten_free_ports();
        let issuer = format!("https://localhost:{public}");
        let replaced = vec![
            ("https://auth.example.com", issuer.clone()),
            ("auth.example.com", "localhost".to_owned()),
            ("listen 443 ", format!("listen 127.0.0.1:{public} ")),
            ("6390", redis.to_string()),
            ("301", replicas),
            ("302", operators),
        ];
        let folder = tempfile::tempdir().expect("a temporary directory");
        Self {
            folder,
            replaced,
            issuer,
        }
    }

    fn as_here(&self, text: &str) -> String {
        // In one go: what is put in may look like what is to be replaced.
        let there: Vec<_> = self
            .replaced
            .iter()
            .map(|(there, _)| regex::escape(there))
            .collect();
        let there = Regex::new(&there.join("|")).expect("an expression");
        let here = |found: &Captures<'_>| {
            let mut replaced = self.replaced.iter();
            let pair = replaced.find(|(there, _)| *there == &found[0]);
            pair.map(|(_, here)| here.clone()).unwrap_or_default()
        };
        there.replace_all(text, here).into_owned()
    }

    /// Writes the page's files.
    fn write_files(&self) {
        for block in blocks() {
            if block.language != "sh" && !block.meaning.is_empty() {
                let text = self.as_here(block.text);
                fs::write(self.folder.path().join(block.meaning), text + "\n").expect("a file is written");
            }
        }
    }

    /// Runs the page's commands that have this meaning, as one script in one shell.
    fn run(&self, meaning: &str) -> String {
        let commands = blocks().into_iter();
        let commands = commands.filter(|block| block.language == "sh" && block.meaning == meaning);
        let commands: Vec<String> = commands.map(|block| self.as_here(block.text)).collect();
        let program = Program::path();
        let program = program.parent().and_then(Path::to_str).expect("a path in UTF-8");
        let script = format!(
            "set -eu\nPATH='{program}':/usr/sbin:$PATH\n{}",
            commands.join("\n")
        );
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new("timeout")
            .args([LONGEST, "bash", "-c", &script])
            .current_dir(self.folder.path())
            .env_remove("VESTIBULE_CONFIG")
            .output()
            .expect("bash runs");
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr)
        );
        assert!(status.success(), "{said}\n{}", self.logs());
        said
    }

    fn logs(&self) -> String {
        let files = ["replica-1.log", "replica-2.log", "nginx.log", "redis.log"];
        let logs = files.map(|file| fs::read_to_string(self.folder.path().join(file)).unwrap_or_default());
        logs.join("\n---\n")
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).expect("a file of the page")
    }

    /// A client that trusts the page's authority alone, and keeps no connection: each request may meet another replica.
    fn client(&self) -> reqwest::Client {
        let authority =
            reqwest::Certificate::from_pem(self.read("ca.pem").as_bytes()).expect("a certificate");
        reqwest::Client::builder()
            .tls_certs_only([authority])
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()
            .expect("a client")
    }
}

/// The digits that ten free ports have in common, twice: 2345 for those from 23450 on.
fn twice_ten_free_ports() -> [String; 2] {
    let prefix = (1000..1600).map(|half| 2 * half).find(|prefix| {
        let mut ports = prefix * 10..prefix * 10 + 20;
        // Another test may look at the same moment: each process begins elsewhere.
        (prefix + 2 * std::process::id()).is_multiple_of(7)
            && ports.all(|port| {
                let port = u16::try_from(port).expect("a port");
                TcpListener::bind(("127.0.0.1", port)).is_ok()
            })
    });
    let prefix = prefix.expect("twenty free ports");
    [prefix, prefix + 1].map(|prefix| prefix.to_string())
}

fn get(client: &reqwest::Client, url: &str, cookies: &str) -> reqwest::Response {
    let request = client.get(url).header("cookie", cookies);
    wait_for(request.send()).expect("an answer")
}

fn json_of(answer: reqwest::Response) -> Value {
    let body = wait_for(answer.text()).expect("a body");
    serde_json::from_str(&body).expect("JSON")
}

/// Registers a client and goes to the page where users log in, from replica to replica.
fn go_to_the_login(deployment: &Deployment) -> String {
    let client = deployment.client();
    let callback = "http://127.0.0.1:4999/callback";
    let metadata = json!({ "redirect_uris": [callback], "token_endpoint_auth_method": "none" });
    let registered = client.post(format!("{}/oauth/register", deployment.issuer));
    let registered = json_of(wait_for(registered.json(&metadata).send()).expect("an answer"));
    let mut url = Url::parse(&format!("{}/oauth/authorize", deployment.issuer)).expect("a URL");
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair(
            "client_id",
            registered["client_id"].as_str().expect("a client id"),
        )
        .append_pair("redirect_uri", callback)
        .append_pair("resource", "https://mcp.example.com/mcp")
        .append_pair("scope", "notes:read")
        .append_pair("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        .append_pair("code_challenge_method", "S256");
    let mut cookies = Vec::new();
    let mut page = None;
    for _ in 0..5 {
        let answer = get(&client, url.as_str(), &cookies.join("; "));
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a cookie");
            cookies.push(cookie.split(';').next().unwrap_or_default().to_owned());
        }
        let Some(location) = answer.headers().get("location") else {
            page = wait_for(answer.text()).ok();
            break;
        };
        url = url.join(location.to_str().expect("a location")).expect("a URL");
    }
    page.expect("a page at the end of the redirects")
}

#[test]
fn whoever_follows_the_page_has_three_replicas_behind_nginx() {
    let deployment = Deployment::new();
    deployment.write_files();
    let said = deployment.run("");
    assert!(
        said.contains(&format!("\"issuer\":\"{}\"", deployment.issuer)),
        "{said}"
    );
    assert_eq!(
        said.matches("ready; logins: ready").count(),
        6,
        "twice each: {said}"
    );

    let page = go_to_the_login(&deployment);
    assert!(Page::new(page.as_str()).form_with("username").is_some(), "{page}");

    // One of them dies on the spot, and nobody notices.
    let pid = deployment.read("replica-2.pid");
    assert!(
        Command::new("kill")
            .args(["-KILL", pid.trim()])
            .status()
            .is_ok_and(|status| status.success())
    );
    let client = deployment.client();
    let keys = format!("{}/oauth/keys", deployment.issuer);
    for _ in 0..9 {
        assert_eq!(get(&client, &keys, "").status(), 200);
    }
    assert!(
        Page::new(go_to_the_login(&deployment))
            .form_with("username")
            .is_some()
    );
    assert_eq!(
        get(&client, &format!("{}/readyz", deployment.issuer), "").status(),
        404
    );

    // The page's last block ends three replicas; the second is gone already.
    fs::write(
        deployment.folder.path().join("replica-2.pid"),
        deployment.read("replica-1.pid"),
    )
    .expect("a file");
    deployment.run("end");
    assert!(
        wait_for(client.get(&keys).send()).is_err(),
        "nobody listens any more"
    );
}

#[test]
fn every_block_of_the_page_is_one_that_the_test_knows() {
    let known = ["", "root", "build", "end"];
    let files = ["redis.conf", "vestibule.toml", "nginx.conf"];
    for block in blocks() {
        let fits = match block.language {
            "sh" => known.contains(&block.meaning),
            "ini" => block.meaning.is_empty(),
            _ => files.contains(&block.meaning),
        };
        assert!(fits, "```{} {}", block.language, block.meaning);
    }
    assert!(blocks().len() > 12);
}
