//! What the built program tells of itself: to a collector, to Prometheus, and in the audit log.

mod measured;
mod secrets;

pub(crate) use measured::promtool;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::Value;
use vestibule_tests::{
    Collector, DeafCollector, Flow, OidcProvider, Ports, Program, Tokens, Upstream, attribute, wait_for,
};

/// A user, and an MCP server that introspects.
pub(crate) const HOUSE: &str = r#"
[providers.local]
kind = "local"
[[providers.local.users]]
username = "ada"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
scopes = ["mcp:read", "mcp:write"]
"#;
const PASSWORD: &str = "correct horse";
pub(crate) const SERVER: &str = "notes-server";
pub(crate) const SERVER_SECRET: &str = "the-secret-of-an-mcp-server-0123456789";

/// The configuration of a broker that tells `telemetry`, with what else it is made of.
pub(crate) fn configuration(ports: Ports, more: &str, telemetry: &str) -> String {
    format!(
        "{more}\n[[clients]]\nid = \"{SERVER}\"\nname = \"Notes\"\nsecret = \"{SERVER_SECRET}\"\n\
         redirect_uris = [\"http://localhost/callback\"]\nintrospects = [\"{}\"]\n{telemetry}\n",
        ports.mcp()
    )
}

pub(crate) fn exporting_to(collector: &str) -> String {
    format!("[telemetry]\notlp_endpoint = \"{collector}\"\n[audit]\nto = [\"stdout\", \"otlp\"]")
}

pub(crate) fn walk(program: &Program) -> Tokens<'_> {
    let client = Flow::new(program).scope("mcp:read offline_access").register();
    client.authorize().log_in_as("ada", PASSWORD).approve().redeem()
}

/// The MCP server asks about a token.
fn introspect(program: &Program, tokens: &Tokens<'_>) {
    let server = Flow::new(program).as_client(SERVER, Some(SERVER_SECRET));
    let answer = server.post("/oauth/introspect", &[("token", tokens.access_token())]);
    assert_eq!(answer.json()["active"], true, "{}", answer.body());
}

/// The lines of the audit log on standard output.
fn audit(program: &Program) -> Vec<Value> {
    let log = program.log();
    let lines = log.lines().filter(|line| line.starts_with("{\"time\":"));
    lines
        .map(|line| serde_json::from_str(line).expect("a line of the audit log is JSON"))
        .collect()
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let names: BTreeSet<_> = spans.iter().map(|span| &span.name).collect();
    assert!(names.contains(&name.to_owned()), "no span {name}, but {names:?}");
    let mut found = spans.iter().filter(|span| span.name == name);
    found.next().expect("it is among them")
}

pub(crate) fn hex(trace_id: &[u8]) -> String {
    let bytes = trace_id.try_into().expect("a trace's id has 16 bytes");
    format!("{:032x}", u128::from_be_bytes(bytes))
}

#[test]
fn one_attempt_is_one_trace_from_authorize_to_the_first_use() {
    let collector = Collector::start();
    let ports = Ports::free();
    let mut program = Program::serve(
        ports,
        &configuration(ports, HOUSE, &exporting_to(&collector.url())),
    );
    let tokens = walk(&program);
    introspect(&program, &tokens);
    introspect(&program, &tokens);
    let sid = tokens.claims()["sid"].as_str().expect("a sid").to_owned();
    assert!(program.stop().success());

    let spans = collector.spans();
    let root = named(&spans, "GET /oauth/authorize");
    assert!(root.parent_span_id.is_empty(), "the attempt begins there");
    let of_attempt: Vec<Span> = spans
        .iter()
        .filter(|span| span.trace_id == root.trace_id)
        .cloned()
        .collect();
    let ids: BTreeSet<_> = of_attempt.iter().map(|span| span.span_id.clone()).collect();
    for span in of_attempt.iter().filter(|span| span.span_id != root.span_id) {
        assert!(
            ids.contains(&span.parent_span_id),
            "{} hangs on nothing",
            span.name
        );
    }
    for step in [
        "GET /oauth/interaction/{ticket}",
        "POST /oauth/interaction/{ticket}",
        "complete",
        "POST /oauth/token",
        "POST /oauth/introspect",
    ] {
        named(&of_attempt, step);
    }
    let token = named(&of_attempt, "POST /oauth/token");
    assert_eq!(attribute(&token.attributes, "vestibule.sid"), Some(sid));
    assert_eq!(
        attribute(&token.attributes, "http.response.status_code").as_deref(),
        Some("200")
    );
    assert!(
        token
            .events
            .iter()
            .any(|event| { attribute(&event.attributes, "verb").as_deref() == Some("redeem_code") })
    );
    let uses: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "POST /oauth/introspect")
        .collect();
    let (first, later): (Vec<_>, Vec<_>) = uses.into_iter().partition(|span| span.trace_id == root.trace_id);
    assert_eq!((first.len(), later.len()), (1, 1), "one use is the first");
    assert!(
        later
            .iter()
            .all(|span| span.links.iter().any(|link| link.trace_id == root.trace_id))
    );
    assert!(
        collector
            .resource()
            .iter()
            .any(|attribute| attribute.key == "service.name"),
    );
}

#[test]
fn a_security_event_names_the_request_and_the_trace() {
    let collector = Collector::start();
    let ports = Ports::free();
    let mut program = Program::serve(
        ports,
        &configuration(ports, HOUSE, &exporting_to(&collector.url())),
    );
    let tokens = walk(&program);
    tokens.revoke(tokens.refresh_token());
    assert!(program.stop().success());

    let lines = audit(&program);
    let events: Vec<_> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert_eq!(
        events,
        [
            "client_registered",
            "login",
            "consent",
            "token_issued",
            "session_ended"
        ]
    );
    let spans = collector.spans();
    let requests: BTreeMap<_, _> = spans
        .iter()
        .filter_map(|span| {
            Some((
                attribute(&span.attributes, "vestibule.request_id")?,
                hex(&span.trace_id),
            ))
        })
        .collect();
    for line in &lines {
        let request = line["request_id"].as_str().expect("the request's name");
        assert_eq!(
            requests.get(request).map(String::as_str),
            line["trace_id"].as_str(),
            "{line}"
        );
    }
    let records = collector.logs();
    let exported: Vec<_> = records
        .iter()
        .filter_map(|record| attribute(&record.attributes, "event"))
        .collect();
    assert_eq!(exported, events, "the collector has the audit log too");
    let in_requests = records
        .iter()
        .filter(|record| attribute(&record.attributes, "event").is_some());
    for record in in_requests {
        assert!(
            attribute(&record.attributes, "vestibule.request_id").is_some(),
            "{record:?}"
        );
        assert!(!record.trace_id.is_empty(), "{record:?}");
    }
}

#[test]
fn an_error_page_s_reference_finds_its_trace() {
    let collector = Collector::start();
    let ports = Ports::free();
    let mut program = Program::serve(
        ports,
        &configuration(ports, HOUSE, &exporting_to(&collector.url())),
    );
    let browser = vestibule_tests::Browser::new();
    let page = browser.open(&program.url("/oauth/authorize?client_id=nobody"));
    let reference = page.header("x-request-id").expect("a name").to_owned();
    assert!(page.page().text().contains(&reference), "{}", page.page().text());
    assert!(program.stop().success());
    let spans = collector.spans();
    let span = spans
        .iter()
        .find(|span| attribute(&span.attributes, "vestibule.request_id").as_deref() == Some(&*reference));
    assert_eq!(span.map(|span| span.name.as_str()), Some("GET /oauth/authorize"));
}

/// Whoever sends a `traceparent` would otherwise decide whose trace a request belongs to, and whether it is told at all.
#[test]
fn a_trace_that_a_stranger_names_is_not_continued() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let collector = Collector::start();
    let ports = Ports::free();
    let mut program = Program::serve(
        ports,
        &configuration(ports, HOUSE, &exporting_to(&collector.url())),
    );
    for sampled in ["00", "01"] {
        let request = reqwest::Client::new()
            .get(program.url("/oauth/authorize?client_id=nobody"))
            .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-{sampled}"));
        wait_for(request.send()).expect("an answer");
    }
    assert!(program.stop().success());
    let spans = collector.spans();
    let asked = spans.iter().filter(|span| span.name == "GET /oauth/authorize");
    let asked: Vec<_> = asked.collect();
    assert_eq!(asked.len(), 2, "both are told");
    for span in asked {
        assert_ne!(hex(&span.trace_id), TRACE);
        assert!(
            span.parent_span_id.is_empty() && span.links.is_empty(),
            "{span:?}"
        );
    }
}
