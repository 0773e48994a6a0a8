//! A request of a real client, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::browser::{Answer, parse};
use crate::wire::wait_for;

/// How long the least patient client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request from `recordings/`, with what changes from run to run filled in.
#[derive(Debug, Clone)]
pub struct Recording {
    name: String,
    target: String,
    headers: String,
    body: String,
}

impl Recording {
    /// The request of a file, such as `vs-code/register`.
    pub fn of(name: &str) -> Self {
        let text = read(&format!("{name}.http"));
        let request = text
            .split_inclusive('\n')
            .skip_while(|line| line.starts_with('#'));
        let request: String = request.collect();
        let (head, body) = request
            .split_once("\n\n")
            .unwrap_or_else(|| panic!("{name} has no empty line behind its headers"));
        let (target, headers) = head.split_once('\n').expect("a request line and headers");
        Self {
            name: name.to_owned(),
            target: target.to_owned(),
            headers: headers.to_owned(),
            body: body.trim_end_matches('\n').to_owned(),
        }
    }

    /// The metadata document of a client, served at this origin.
    pub fn document(client: &str, origin: &str) -> String {
        read(&format!("{client}/document.json")).replace("{origin}", origin)
    }

    /// Fills in a value: form-encoded in the query and in a form, and as it stands everywhere else.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let place = format!("{{{name}}}");
        let encoded: String = byte_serialize(value.as_bytes()).collect();
        let in_body = if self.body.starts_with('{') {
            value
        } else {
            &encoded
        };
        self.body = self.body.replace(&place, in_body);
        self.target = self.target.replace(&place, &encoded);
        self.headers = self.headers.replace(&place, value);
        self
    }

    /// Fills in the path.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.target = self.target.replace("{path}", path);
        self
    }

    /// Comes through a proxy, which says where the client is.
    #[must_use]
    pub fn through_proxy(mut self, address: &str) -> Self {
        self.headers.push_str("\nX-Forwarded-For: ");
        self.headers.push_str(address);
        self
    }

    /// The address that a browser is sent to.
    pub fn address(&self, origin: &str) -> String {
        let mut words = self.target.split(' ');
        let target = words.nth(1).expect("a request line has a target");
        self.complete(target);
        format!("{origin}{target}")
    }

    /// Sends it to the host of an origin and reads the answer, for no longer than the least patient client would.
    pub fn send(&self, origin: &str) -> Answer {
        let origin = parse(origin);
        let host = &origin[url::Position::BeforeHost..url::Position::AfterPort];
        let headers = self
            .headers
            .replace("{host}", host)
            .replace("{length}", &self.body.len().to_string())
            .replace('\n', "\r\n");
        let request = format!("{}\r\n{headers}\r\n\r\n{}", self.target, self.body);
        self.complete(&request);
        let target = self.target.split(' ').nth(1).expect("a target");
        let url = origin.join(target).expect("a target is a path");
        wait_for(async {
            let exchange = exchange(&origin, request.as_bytes(), url);
            let answer = tokio::time::timeout(PATIENCE, exchange).await;
            answer.unwrap_or_else(|_| panic!("{}: no answer in time", self.name))
        })
    }

    fn complete(&self, text: &str) {
        static PLACE: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\{[a-z_]+\}").expect("a pattern compiles"));
        if let Some(left) = PLACE.find(text) {
            panic!("{}: {} is not filled in", self.name, left.as_str());
        }
    }
}

/// Sends bytes, and reads an answer that says how long it is.
async fn exchange(origin: &Url, request: &[u8], url: Url) -> Answer {
    let port = origin.port().expect("a program of a test has a port");
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("the program listens");
    stream.write_all(request).await.expect("the request is sent");
    let mut received = Vec::new();
    loop {
        if let Some(answer) = Answer::read(&received, &url) {
            return answer;
        }
        let read = stream.read_buf(&mut received).await.expect("the answer is read");
        assert_ne!(
            read,
            0,
            "{url}: the answer ends early: {}",
            String::from_utf8_lossy(&received)
        );
    }
}

fn read(file: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("recordings")
        .join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
