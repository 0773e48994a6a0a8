//! What the built program tells where its store fails: an answer of 5xx leads to its trace.

use serde_json::Value;
use vestibule_redis_testkit::Redis;
use vestibule_tests::{Browser, Collector, Ports, Program, attribute, wait_for};

use crate::telemetry::{HOUSE, SERVER, SERVER_SECRET, configuration, exporting_to, hex, walk};

/// What a proxy of the operator's own sends along.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: u64 = 0x00f0_67aa_0ba9_02b7;

/// An answer: its status, its name, its body.
struct Answered {
    status: u16,
    name: String,
    body: String,
}

fn send(request: reqwest::RequestBuilder) -> Answered {
    let request = request.header("traceparent", format!("00-{TRACE}-{PARENT:016x}-01"));
    wait_for(async {
        let answer = request.send().await.expect("an answer");
        let name = answer.headers()["x-request-id"]
            .to_str()
            .expect("text")
            .to_owned();
        Answered {
            status: answer.status().as_u16(),
            name,
            body: answer.text().await.expect("text"),
        }
    })
}

/// A refresh with a token of this session, which nobody issued.
fn refresh(program: &Program, session: &str) -> Answered {
    let token = format!("{session}.0.{}", "A".repeat(43));
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    let request = reqwest::Client::new()
        .post(program.url("/oauth/token"))
        .body(form);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    send(request.basic_auth(SERVER, Some(SERVER_SECRET)))
}

#[test]
fn an_answer_of_5xx_leads_to_its_trace() {
    let mut redis = Redis::durable();
    let collector = Collector::start();
    let ports = Ports::free();
    let telemetry = exporting_to(&collector.url()).replace(
        "[telemetry]",
        "[telemetry]\nmetrics = true\ncontinue_traces = true",
    );
    let on_redis = format!("kind = \"redis\"\nurl = \"{}\"", redis.url());
    let preamble = ports.preamble().replace("kind = \"memory\"", &on_redis);
    let text = format!("{preamble}\n{}", configuration(ports, HOUSE, &telemetry));
    let mut program = Program::serve_in(ports, &text, &[]);
    let sessions = || Browser::new().open(&program.operators_url("/metrics"));
    // They are counted as soon as the broker runs.
    let counted = (0..1000).any(|_| sessions().body().contains("vestibule_sessions_active 0"));
    assert!(counted, "{}", sessions().body());
    walk(&program);

    let session = "AAECAwQFBgcICQoLDA0ODw";
    assert_eq!(refresh(&program, session).status, 400);
    redis.ask(&["SET", &format!("vb:s:{session}"), "not a session"]);
    let broken = refresh(&program, session);
    redis.kill();
    let begin = "/oauth/authorize?client_id=notes-server&redirect_uri=http://localhost/callback&response_type=code\
                 &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let away = refresh(&program, session);
    let page = send(reqwest::Client::new().get(program.url(begin)));
    assert_eq!(
        [broken.status, away.status, page.status],
        [500, 503, 503],
        "{}",
        page.body
    );
    let told: Value = serde_json::from_str(&broken.body).expect("JSON");
    assert_eq!(told["error"], "server_error");
    let answers = [broken, away, page];
    for Answered { name, body, .. } in &answers {
        assert!(body.contains(name.as_str()), "{name} is not in {body}");
        assert!(!body.contains("edis"), "{body}");
        assert!(!program.log_lines(name).is_empty(), "the log knows {name}");
    }

    assert!(program.stop().success());
    let spans = collector.spans();
    for Answered { status, name, .. } in answers {
        let named = |span: &&opentelemetry_proto::tonic::trace::v1::Span| {
            attribute(&span.attributes, "vestibule.request_id").as_deref() == Some(&*name)
        };
        let span = spans.iter().find(named).expect("its span");
        let attribute = |of: &str| attribute(&span.attributes, of);
        assert_eq!(attribute("http.response.status_code"), Some(status.to_string()));
        assert_eq!(attribute("error.type"), Some(status.to_string()));
        // The operator's proxy has begun the trace.
        assert_eq!(hex(&span.trace_id), TRACE);
        assert_eq!(span.parent_span_id, PARENT.to_be_bytes());
    }
}
