//! The program, the person and the documents that every row plays with.

use serde_json::Value;
use url::Url;
use vestibule_tests::{Answer, Browser, DocumentHost, Ports, Program, Recording};

use super::chatgpt::Chatgpt;

/// The pair of [RFC 7636 appendix B](https://www.rfc-editor.org/rfc/rfc7636#appendix-B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(super) const STATE: &str = "c3RhdGUgb2YgYSBjbGllbnQ";

/// A user whose password is “correct horse”, documents on this machine, and few registrations from one address.
const CONFIGURATION: &str = r#"
[client_documents]
allow_loopback = true
[proxies]
trusted = ["127.0.0.1"]
header = "x-forwarded-for"
[limits.rules.registration]
burst = 5
every = "10m"
[providers.local]
kind = "local"
[[providers.local.users]]
username = "ada"
scopes = ["mcp:read", "mcp:write"]
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
"#;

pub(super) struct Stage {
    pub(super) program: Program,
    /// Somebody who stays signed in.
    pub(super) person: Browser,
    pub(super) chatgpt: Chatgpt,
    pub(super) documents: DocumentHost,
}

/// Where the person was sent with the client's answer.
pub(super) struct Back(pub(super) Url);

/// A client that is known to the broker, and where it wants the code.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) client: &'a str,
    pub(super) redirect_uri: &'a str,
}

impl Stage {
    pub(super) fn set() -> Self {
        let chatgpt = Chatgpt::new();
        let documents = DocumentHost::serve(|origin| {
            vec![
                (
                    "/oauth/claude-code-client-metadata",
                    Recording::document("claude-code", origin),
                ),
                ("/oauth/chatgpt.json", Recording::document("chatgpt", origin)),
                ("/oauth/jwks.json", chatgpt.keys()),
            ]
        });
        let ports = Ports::free();
        // The demo's server is the default; the other is a whole host.
        let preamble = ports
            .preamble()
            .replace("[[resources]]\n", "[[resources]]\ndefault = true\n");
        let host = format!(
            "[[resources]]\nuri = \"{}\"\nname = \"A whole host\"\ndefault_scopes = [\"mcp:read\"]\n\
             [resources.scopes]\n\"mcp:read\" = \"Read your data\"\n",
            ports.mcp_host()
        );
        Self {
            program: Program::serve_in(ports, &format!("{preamble}{host}{CONFIGURATION}"), &[]),
            person: Browser::new(),
            chatgpt,
            documents,
        }
    }

    /// A recording with what belongs to this run filled in.
    pub(super) fn recording(&self, name: &str) -> Recording {
        recording_for(name, self.program.mcp())
    }

    pub(super) fn of(&self, name: &str, at: At<'_>) -> Recording {
        at.of_resource(name, self.program.mcp())
    }

    pub(super) fn send(&self, recording: &Recording) -> Answer {
        recording.send(self.program.issuer())
    }

    /// Registers the client of a recording.
    pub(super) fn register(&self, name: &str) -> Value {
        let answer = self.send(&self.recording(name));
        assert_eq!(answer.status(), 201, "{name}: {}", answer.body());
        answer.json()
    }

    /// The person follows the client's link, signs in where they are not, and stops where they are asked.
    pub(super) fn open(&self, link: &Recording) -> Answer {
        let person = &self.person;
        let seen = person.follow(person.open(&link.address(self.program.issuer())));
        match seen.page().form_with("password") {
            None => seen,
            Some(form) => {
                let form = form.fill("username", "ada").fill("password", "correct horse");
                person.follow(person.submit(&seen, &form))
            }
        }
    }

    /// Allows what the page asks.
    pub(super) fn allow(&self, seen: &Answer) -> Answer {
        let form = seen.page().form_with("decision");
        assert!(
            form.is_some(),
            "no question at {}: {}",
            seen.url(),
            seen.page().text()
        );
        let form = form.expect("a question").press("decision", "approve");
        let sent = self.person.submit(seen, &form);
        self.person.follow(sent)
    }

    /// The person follows the client's link and allows all that is asked.
    pub(super) fn approve(&self, link: &Recording) -> Back {
        let seen = self.open(link);
        // Where the answer goes to a site, it may have been remembered.
        let back = seen.location().unwrap_or_else(|| {
            let last = self.allow(&seen);
            last.location().expect("the last answer leads to the client")
        });
        Back(back)
    }

    /// Logs in with the two recordings of a client, and returns the answer of the token endpoint.
    pub(super) fn log_in(&self, client: &str, at: At<'_>) -> Value {
        let back = self.approve(&self.of(&format!("{client}/authorize"), at));
        self.redeem(&self.of(&format!("{client}/token"), at).with("code", &back.code()))
    }

    /// Redeems a code.
    pub(super) fn redeem(&self, recording: &Recording) -> Value {
        let answer = self.send(recording);
        assert_eq!(answer.status(), 200, "{}", answer.body());
        answer.json()
    }
}

impl At<'_> {
    /// A recording of this client that asks for this resource.
    pub(super) fn of_resource(self, name: &str, resource: &str) -> Recording {
        recording_for(name, resource)
            .with("client_id", self.client)
            .with("redirect_uri", self.redirect_uri)
    }
}

impl Back {
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.0.query_pairs();
        pairs.find_map(|(of, value)| (of == name).then(|| value.into_owned()))
    }

    pub(super) fn code(&self) -> String {
        self.parameter("code").expect("the answer has a code")
    }
}

fn recording_for(name: &str, resource: &str) -> Recording {
    Recording::of(name)
        .with("resource", resource)
        .with("challenge", CHALLENGE)
        .with("verifier", VERIFIER)
        .with("state", STATE)
}

/// A member of an answer that is text.
pub(super) fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    assert!(answer[name].is_string(), "no {name} in {answer}");
    answer[name].as_str().unwrap_or_default()
}
