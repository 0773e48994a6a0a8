use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;
use vestibule_protocol::{ClientId, KeyId, ProviderId, ResourceUri, ScopeSet, SessionId, Subject};

use super::{AdminAction, AdminTarget, AuditEvent, EndCause, LoginFailure, Operator, THEFTS};
use crate::request::RequestId;

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

/// One event of each kind. A new kind does not compile here until it has its place.
#[expect(clippy::too_many_lines, reason = "an entry for each event")]
fn each(given: &Given) -> Vec<AuditEvent<'_>> {
    let Given {
        actor,
        client,
        provider,
        resources,
        scopes,
        sid,
        kid,
        operator,
    } = given;
    let all = vec![
        AuditEvent::Login {
            actor,
            provider,
            client,
        },
        AuditEvent::LoginFailed {
            provider,
            client,
            cause: LoginFailure::Denied,
        },
        AuditEvent::Consent {
            actor,
            client,
            resources,
            scopes,
            sid,
        },
        AuditEvent::Denied { actor, client },
        AuditEvent::TokenIssued {
            actor,
            client,
            resources,
            scopes,
            sid,
        },
        AuditEvent::Refreshed {
            actor,
            client,
            resources,
            scopes,
            sid,
        },
        AuditEvent::TokenExchanged {
            actor,
            client,
            resources,
            scopes,
            sid,
        },
        AuditEvent::ReuseDetected { actor, client, sid },
        AuditEvent::CodeReplayed { client, sid },
        AuditEvent::SessionEnded {
            actor,
            client,
            sid,
            cause: EndCause::EndedByUser,
        },
        AuditEvent::ClientRegistered { client },
        AuditEvent::ClientUpdated { client },
        AuditEvent::ClientDeleted { client },
        AuditEvent::ClientBlocked { client },
        AuditEvent::ClientUnblocked { client },
        AuditEvent::ClientApproved { client },
        AuditEvent::ClientDocumentRead { client },
        AuditEvent::ClientDocumentChanged {
            client,
            changed: "jwks_uri redirect_uris",
        },
        AuditEvent::AssertionReplayed { client },
        AuditEvent::KeysRotated { kid },
        AuditEvent::OperatorActed {
            actor: operator,
            action: AdminAction::EndSessions,
            target: AdminTarget {
                subject: Some(actor),
                client: Some(client),
                resource: resources.first(),
                sid: Some(sid),
            },
        },
    ];
    for event in &all {
        match event {
            AuditEvent::Login { .. }
            | AuditEvent::LoginFailed { .. }
            | AuditEvent::Consent { .. }
            | AuditEvent::Denied { .. }
            | AuditEvent::TokenIssued { .. }
            | AuditEvent::Refreshed { .. }
            | AuditEvent::TokenExchanged { .. }
            | AuditEvent::ReuseDetected { .. }
            | AuditEvent::CodeReplayed { .. }
            | AuditEvent::SessionEnded { .. }
            | AuditEvent::ClientRegistered { .. }
            | AuditEvent::ClientUpdated { .. }
            | AuditEvent::ClientDeleted { .. }
            | AuditEvent::ClientBlocked { .. }
            | AuditEvent::ClientUnblocked { .. }
            | AuditEvent::ClientApproved { .. }
            | AuditEvent::ClientDocumentRead { .. }
            | AuditEvent::ClientDocumentChanged { .. }
            | AuditEvent::AssertionReplayed { .. }
            | AuditEvent::KeysRotated { .. }
            | AuditEvent::OperatorActed { .. } => {}
        }
    }
    all
}

/// What events are about.
struct Given {
    actor: Subject,
    client: ClientId,
    provider: ProviderId,
    resources: Vec<ResourceUri>,
    scopes: ScopeSet,
    sid: SessionId,
    kid: KeyId,
    operator: Operator,
}

fn given() -> Given {
    Given {
        actor: Subject::parse("local:alice").unwrap(),
        client: ClientId::parse("c1").unwrap(),
        provider: ProviderId::parse("local").unwrap(),
        resources: vec![ResourceUri::parse("https://a.example/mcp").unwrap()],
        scopes: ScopeSet::parse("mcp:read").unwrap(),
        sid: SessionId::parse("s1").unwrap(),
        kid: KeyId::parse("k1").unwrap(),
        operator: Operator::of_account(1000),
    }
}

#[test]
fn the_page_lists_every_event_with_its_fields() {
    const PAGE: &str = include_str!("../../../../docs/telemetry.md");
    const ORDER: [&str; 10] = [
        "actor", "client", "provider", "resource", "scope", "sid", "kid", "action", "subject", "cause",
    ];
    let given = given();
    let events = each(&given);
    for event in &events {
        let line = serde_json::to_value(event.line()).unwrap();
        let fields: Vec<String> = ORDER
            .into_iter()
            .filter(|field| line.get(field).is_some())
            .map(|field| format!("`{field}`"))
            .collect();
        assert_eq!(
            line.as_object().unwrap().len(),
            fields.len() + 2,
            "time, event and these: {line}"
        );
        let row = format!("| `{}` | {} |", event.line().event, fields.join(", "));
        assert!(PAGE.contains(&row), "docs/telemetry.md lacks:\n{row}");
    }
    let section = PAGE.split("| event | fields | when |").nth(1).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, events.len());
}

#[test]
fn the_dashboard_shows_every_theft() {
    const DASHBOARD: &str =
        include_str!("../../../../docker/observability/grafana/dashboards/vestibule.json");
    let given = given();
    let names: Vec<_> = each(&given).iter().map(|event| event.line().event).collect();
    for theft in THEFTS {
        assert!(names.contains(&theft), "no event is called {theft}");
    }
    let asked = format!("{{event=~\\\"{}\\\"}}", THEFTS.join("|"));
    assert!(DASHBOARD.contains(&asked), "no panel asks for {asked}");
}

#[test]
fn a_line_is_one_json_object_with_its_time() {
    let given = given();
    let event = AuditEvent::Denied {
        actor: &given.actor,
        client: &given.client,
    };
    let text = serde_json::to_string(&event.line().in_request()).unwrap();
    let line: Value = serde_json::from_str(&text).unwrap();
    let time = line["time"].as_str().unwrap();
    assert!(time.ends_with('Z') && time.contains('T'), "{time}");
    assert_eq!(line["event"], "denied");
    assert!(line.get("request_id").is_none(), "nothing is answered here");
}

#[tokio::test]
async fn a_line_names_the_request_that_caused_it() {
    let given = given();
    let id = RequestId::of([7; 16]);
    let line = id.scope(async {
        let event = AuditEvent::Denied {
            actor: &given.actor,
            client: &given.client,
        };
        serde_json::to_value(event.line().in_request()).unwrap()
    });
    assert_eq!(line.await["request_id"], id.as_str());
}
