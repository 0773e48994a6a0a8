use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;
use vestibule_protocol::{ClientId, ProviderId, ResourceUri, ScopeSet, SessionId, Subject};

use super::{AuditEvent, EndCause, LoginFailure};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn recorded(event: &AuditEvent<'_>) -> Value {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(lines.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || event.record());
    let written = lines.0.lock().unwrap();
    let mut line: Value = serde_json::from_slice(&written).expect("one JSON line");
    line.as_object_mut().unwrap().remove("timestamp");
    line
}

#[test]
fn fields_that_do_not_apply_are_left_out() {
    let provider = ProviderId::parse("local").unwrap();
    let client = ClientId::parse("c1").unwrap();
    let event = AuditEvent::LoginFailed {
        provider: &provider,
        client: &client,
        cause: LoginFailure::WrongCredentials,
    };
    assert_eq!(
        recorded(&event),
        json!({
            "level": "INFO", "target": "audit", "event": "login_failed",
            "provider": "local", "client": "c1", "cause": "wrong_credentials",
        })
    );
}

#[test]
fn several_resources_stand_in_one_field() {
    let actor = Subject::parse("local:alice").unwrap();
    let client = ClientId::parse("c1").unwrap();
    let sid = SessionId::parse("s1").unwrap();
    let resources =
        ["https://a.example/mcp", "https://b.example/mcp"].map(|uri| ResourceUri::parse(uri).unwrap());
    let scopes = ScopeSet::parse("mcp:write mcp:read").unwrap();
    let event = AuditEvent::TokenIssued {
        actor: &actor,
        client: &client,
        resources: &resources,
        scopes: &scopes,
        sid: &sid,
    };
    assert_eq!(
        recorded(&event),
        json!({
            "level": "INFO", "target": "audit", "event": "token_issued",
            "actor": "local:alice", "client": "c1", "sid": "s1",
            "resource": "https://a.example/mcp https://b.example/mcp", "scope": "mcp:read mcp:write",
        })
    );
}

#[test]
fn the_cause_of_an_ended_session_is_on_record() {
    let actor = Subject::parse("local:alice").unwrap();
    let client = ClientId::parse("c1").unwrap();
    let sid = SessionId::parse("s1").unwrap();
    let event = AuditEvent::SessionEnded {
        actor: &actor,
        client: &client,
        sid: &sid,
        cause: EndCause::RefreshTokenReused,
    };
    let line = recorded(&event);
    assert_eq!(line["event"], "session_ended");
    assert_eq!(line["cause"], "refresh_token_reused");
    assert_eq!(line["sid"], "s1");
}
