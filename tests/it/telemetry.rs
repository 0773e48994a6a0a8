//! What the built program tells of itself: to a collector, to Prometheus, and in the audit log.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::Value;
use vestibule_tests::{
    Collector, DeafCollector, Flow, OidcProvider, Ports, Program, Tokens, Upstream, attribute,
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

#[test]
fn the_collector_is_sent_what_is_counted() {
    let collector = Collector::start();
    let ports = Ports::free();
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=house".to_owned()),
        ("OTEL_TRACES_SAMPLER", "always_off".to_owned()),
        ("OTEL_SERVICE_NAME", "inner-door".to_owned()),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test".to_owned(),
        ),
    ];
    let text = format!("{}\n{}", ports.preamble(), configuration(ports, HOUSE, ""));
    let mut program = Program::serve_in(ports, &text, &env);
    walk(&program);
    assert!(program.stop().success());
    assert!(collector.spans().is_empty(), "nothing is sampled");
    let names: BTreeSet<String> = collector
        .metrics()
        .into_iter()
        .map(|metric| metric.name)
        .collect();
    for name in [
        "http.server.request.duration",
        "vestibule.grants",
        "vestibule.logins",
        "vestibule.audit.events",
        "vestibule.store.duration",
        "vestibule.provider.duration",
        "vestibule.key.age",
    ] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
    let headers = collector.headers("x-tenant");
    assert!(
        !headers.is_empty() && headers.iter().all(|value| value == "house"),
        "{headers:?}"
    );
    assert!(collector.text().contains("inner-door"));
    assert!(collector.text().contains("deployment.environment.name"));
}

#[test]
fn a_collector_that_does_not_answer_holds_nobody_up() {
    let collector = DeafCollector::start();
    let ports = Ports::free();
    let mut program = Program::serve(
        ports,
        &configuration(ports, HOUSE, &exporting_to(&collector.url())),
    );
    let tokens = walk(&program);
    introspect(&program, &tokens);
    let before = Instant::now();
    assert!(program.stop().success());
    let took = before.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert!(
        !program.log_lines("what was not sent is lost").is_empty()
            || !program.log_lines("could not be sent").is_empty()
    );
}

#[test]
fn no_secret_is_in_anything_that_the_program_tells() {
    let collector = Collector::start();
    let ports = Ports::free();
    let upstream = OidcProvider::coming_back_to(&ports.callback("up")).start();
    let more = format!(
        "{HOUSE}\n{}",
        upstream.section(
            "up",
            "scopes = [\"openid\", \"profile\", \"email\", \"offline_access\"]\nextra_params = { prompt = \"consent\" }"
        )
    );
    let folder = tempfile::tempdir().expect("a temporary directory");
    let socket = folder.path().join("operators.sock");
    let file = folder.path().join("audit.jsonl");
    let telemetry = format!(
        "[logs]\nfilter = \"info,vestibule=trace\"\nformat = \"json\"\n[telemetry]\nmetrics = true\notlp_endpoint = \"{}\"\n\
         [audit]\nto = [\"log\", \"stdout\", \"file\", \"otlp\"]\nfile = \"{}\"",
        collector.url(),
        file.display(),
    );
    let preamble = ports.preamble();
    let preamble = preamble.replace("operators.sock", &socket.display().to_string());
    let text = format!("{preamble}\n{}", configuration(ports, &more, &telemetry));
    let mut program = Program::serve_in(ports, &text, &[]);

    let mut secrets = Secrets::default();
    secrets.keep("the broker's secret at its provider", "the-secret-of-a-test");
    secrets.keep("a client's secret", SERVER_SECRET);
    secrets.keep("a password", PASSWORD);
    secrets.keep("a password's hash", "m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs");
    secrets.keep("the master secret", Program::MASTER_SECRET);
    secrets.walk_locally(&program);
    secrets.walk_upstream(&program, &upstream);
    let metrics = program.scrape(&socket);
    assert!(program.stop().success());

    let told = [
        ("the log", program.log()),
        (
            "the audit log",
            std::fs::read_to_string(&file).expect("an audit log"),
        ),
        ("the collector", collector.text()),
        ("/metrics", metrics),
    ];
    // Whatever is a JWT: an access token, an ID token, a sealed record.
    let jwt = regex::Regex::new(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}").expect("a pattern");
    for (place, text) in &told {
        assert!(text.len() > 1000, "{place}: {text}");
        for (what, secret) in &secrets.0 {
            assert!(!text.contains(secret), "{what} is in {place}: {secret}");
        }
        assert!(
            jwt.find(text).is_none(),
            "a JWT is in {place}: {:?}",
            jwt.find(text)
        );
    }
    assert!(secrets.0.len() > 30, "{:?}", secrets.0);
}

/// Everything in a run that nobody else may know.
#[derive(Debug, Default)]
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn keep(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= 8, "{what}: {secret}");
        self.0.push((what.to_owned(), secret.to_owned()));
    }

    /// What a visit knows: its ticket, its state, its cookies.
    fn keep_visit(&mut self, visit: &vestibule_tests::Visit<'_>) {
        let url = visit.answer().url().clone();
        if let Some(ticket) = url.path().strip_prefix("/oauth/interaction/") {
            self.keep("a ticket", ticket);
        }
        self.keep("a client's state", visit.state());
        self.keep("a verifier", visit.verifier());
        for (name, value) in visit.browser().cookies() {
            if value.len() >= 8 && name != "vestibule_provider" {
                self.keep(&format!("the cookie {name}"), &value);
            }
        }
    }

    fn keep_tokens(&mut self, tokens: &Tokens<'_>) {
        self.keep("an access token", tokens.access_token());
        self.keep("a refresh token", tokens.refresh_token());
        if let Some(id_token) = tokens.member("id_token") {
            self.keep("an ID token", id_token);
        }
        if let Some(secret) = tokens.client().secret() {
            self.keep("a registered client's secret", secret);
        }
    }

    /// A walk with what goes wrong on the way: a wrong password, a wrong verifier, a code and a refresh token used twice.
    fn walk_locally(&mut self, program: &Program) {
        let wrong = "a-wrong-password-of-ada";
        self.keep("a wrong password", wrong);
        let client = Flow::new(program)
            .scope("openid mcp:read offline_access")
            .metadata("token_endpoint_auth_method", "client_secret_basic")
            .register();
        let visit = client
            .clone()
            .authorize()
            .send("provider", |form| form.press("provider", "local"));
        self.keep_visit(&visit);
        let visit = visit.log_in_as("ada", wrong);
        let visit = visit.log_in_as("ada", PASSWORD);
        self.keep_visit(&visit);
        let callback = visit.approve();
        self.keep("a code", &callback.code());
        let tokens = callback.redeem();
        self.keep_tokens(&tokens);
        introspect(program, &tokens);
        let renewed = tokens.refresh();
        self.keep_tokens(&renewed);
        assert_ne!(callback.try_redeem(&[]).status(), 200, "a code is good once");
        assert_ne!(renewed.try_refresh().status(), 200, "its session has ended");

        let visit = client.authorize_in(callback.browser());
        self.keep_visit(&visit);
        let callback = visit.approve();
        self.keep("a code", &callback.code());
        let guess = "a-verifier-that-is-another-one-than-was-hashed-0123456789";
        self.keep("a wrong verifier", guess);
        assert_ne!(callback.try_redeem(&[("code_verifier", guess)]).status(), 200);
    }

    /// A login at the provider, a refresh after which a spent token comes back, and a revocation.
    fn walk_upstream(&mut self, program: &Program, upstream: &OidcProvider) {
        let client = Flow::new(program)
            .scope("openid mcp:read offline_access")
            .register();
        let visit = client
            .authorize()
            .send("provider", |form| form.press("provider", "up"));
        self.keep_visit(&visit);
        let away = visit.leaves_for();
        for (name, value) in away.query_pairs() {
            if matches!(&*name, "state" | "nonce" | "code_challenge") {
                self.keep(&format!("the {name} sent upstream"), &value);
            }
        }
        let back = upstream.log_in(visit.browser(), &away, "alice", "the-password-of-alice-upstream");
        for (name, value) in back.query_pairs().filter(|(name, _)| name == "code") {
            self.keep(&format!("the provider's {name}"), &value);
        }
        let visit = visit.come_back(&back);
        self.keep_visit(&visit);
        let callback = visit.approve();
        self.keep("a code", &callback.code());
        let tokens = callback.redeem();
        self.keep_tokens(&tokens);
        let renewed = tokens.refresh();
        self.keep_tokens(&renewed);
        renewed.revoke(renewed.refresh_token());
        let issued: Vec<String> = upstream
            .log()
            .lines()
            .filter_map(|line| line.strip_prefix("issued ").map(str::to_owned))
            .collect();
        assert!(
            issued.len() >= 2,
            "the provider issued an access and a refresh token: {}",
            upstream.log()
        );
        for token in issued {
            self.keep("a token of the provider's", &token);
        }
    }
}

/// Where `scripts/promtool` put Prometheus' own tool: in the path, or beside what cargo builds.
pub(crate) fn promtool() -> std::path::PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let built = test.ancestors().map(|folder| folder.join("promtool/promtool"));
    let mut found = built.filter(|tool| tool.is_file());
    found.next().unwrap_or_else(|| "promtool".into())
}

#[test]
fn prometheus_finds_no_fault_with_the_metrics() {
    let ports = Ports::free();
    let folder = tempfile::tempdir().expect("a temporary directory");
    let socket = folder.path().join("operators.sock");
    let preamble = ports
        .preamble()
        .replace("operators.sock", &socket.display().to_string());
    let text = format!(
        "{preamble}\n{}",
        configuration(ports, HOUSE, "[telemetry]\nmetrics = true")
    );
    let program = Program::serve_in(ports, &text, &[]);
    introspect(&program, &walk(&program));
    let metrics = program.scrape(&socket);
    let public = vestibule_tests::Browser::new().open(&program.url("/metrics"));
    assert_eq!(public.status(), 404, "the world reads no metrics");

    let mut check = Command::new(promtool())
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("scripts/promtool puts it here");
    let mut input = check.stdin.take().expect("a pipe");
    input.write_all(metrics.as_bytes()).expect("promtool reads");
    drop(input);
    let output = check.wait_with_output().expect("promtool ends");
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success() && said.is_empty(),
        "{}",
        String::from_utf8_lossy(&said)
    );
    for count in [
        "vestibule_grants_total{grant=\"authorization_code\",outcome=\"ok\",reason=\"none\"} 1",
        "vestibule_logins_total{outcome=\"ok\",provider=\"local\"} 1",
        "vestibule_audit_events_total{event=\"consent\"} 1",
        "vestibule_store_duration_seconds_count{backend=\"embedded\",outcome=\"ok\",verb=\"redeem_code\"} 1",
    ] {
        assert!(metrics.contains(count), "{count}:\n{metrics}");
    }
}
