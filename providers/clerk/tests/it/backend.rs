//! The backend API: only Clerk's own word ends a login.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use vestibule_protocol::Subject;
use vestibule_provider::{
    Examination, Provider as _, ProviderError, Sealed, Standing, UpstreamSession, Verdict,
};
use vestibule_provider_testkit::{Shape, Upstream, sample};
use vestibule_upstream_oidc::ProviderOrigin;

use crate::{build, secret_key, settings};

/// Answers by path, and what was asked.
#[derive(Default)]
struct Api {
    answers: Mutex<BTreeMap<String, (u16, Value)>>,
    seen: Mutex<Vec<(String, Option<String>)>>,
}

impl Api {
    async fn start() -> (Arc<Self>, ProviderOrigin) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let api = Arc::new(Self::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&api));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (api, ProviderOrigin::parse(&origin).unwrap())
    }

    fn answer(&self, path: &str, status: u16, body: Value) {
        self.answers
            .lock()
            .unwrap()
            .insert(path.to_owned(), (status, body));
    }
}

async fn answer(State(api): State<Arc<Api>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let key = request.headers().get(AUTHORIZATION);
    let key = key.map(|value| value.to_str().unwrap().to_owned());
    api.seen.lock().unwrap().push((path.clone(), key));
    let answers = api.answers.lock().unwrap();
    let Some((status, body)) = answers.get(&path) else {
        return StatusCode::IM_A_TEAPOT.into_response();
    };
    let status = StatusCode::from_u16(*status).unwrap();
    match body {
        Value::String(text) => (status, [(LOCATION, "/v1/elsewhere")], text.clone()).into_response(),
        body => (status, axum::Json(body.clone())).into_response(),
    }
}

fn session(user: &str) -> UpstreamSession {
    UpstreamSession {
        subject: Subject::parse(&format!("clerk:{user}")).unwrap(),
        sid: None,
        sub: None,
        kept: Sealed::default(),
    }
}

/// What the provider makes of an answer about `user_1`.
async fn recheck(status: u16, body: Value) -> Result<Standing, ProviderError> {
    let (api, origin) = Api::start().await;
    api.answer("/v1/users/user_1", status, body);
    let mut settings = settings("http://127.0.0.1:9");
    settings.secret_key = Some(secret_key("sk_test_hush"));
    settings.api = origin;
    let provider = build(settings).unwrap();
    let standing = provider.recheck(&session("user_1"), sample::NOW).await;
    let seen = api.seen.lock().unwrap().clone();
    assert_eq!(
        seen,
        [(
            "/v1/users/user_1".to_owned(),
            Some("Bearer sk_test_hush".to_owned())
        )]
    );
    assert!(!format!("{standing:?}").contains("hush"));
    standing
}

fn user(banned: bool, locked: bool) -> Value {
    json!({"id": "user_1", "object": "user", "banned": banned, "locked": locked, "public_metadata": {}})
}

#[tokio::test]
async fn a_user_who_is_not_banned_stands_though_locked_out_for_a_while() {
    for locked in [false, true] {
        let standing = recheck(200, user(false, locked)).await;
        assert!(matches!(standing, Ok(Standing::Good(_))), "{standing:?}");
    }
}

#[tokio::test]
async fn a_user_who_is_banned_or_deleted_is_gone() {
    let deleted = json!({"errors": [{"message": "not found", "code": "resource_not_found"}]});
    for (status, body) in [(200, user(true, false)), (200, user(true, true)), (404, deleted)] {
        let standing = recheck(status, body.clone()).await;
        assert!(
            matches!(standing, Ok(Standing::Gone(_))),
            "{status} {body}: {standing:?}"
        );
    }
}

#[tokio::test]
async fn an_outage_or_a_strange_answer_is_no_revocation() {
    for (status, body) in [
        (429, json!({"errors": [{"code": "too_many_requests"}]})),
        (500, json!({})),
        (503, json!("<h1>down</h1>")),
        (404, json!("<h1>no such page</h1>")),
        (404, json!({"errors": []})),
        (404, json!({"errors": [{"code": "something_else"}]})),
        (410, json!({"errors": [{"code": "resource_not_found"}]})),
        (302, json!("moved")),
        (200, json!("<h1>welcome</h1>")),
        (200, json!({})),
        (200, json!({"id": "user_1"})),
        (200, json!({"id": "user_1", "banned": "yes", "locked": false})),
        (200, json!({"id": "user_2", "banned": true, "locked": false})),
    ] {
        let standing = recheck(status, body.clone()).await;
        assert!(
            matches!(standing, Err(ProviderError::Unavailable(_))),
            "{status} {body}: {standing:?}"
        );
    }
}

#[tokio::test]
async fn a_key_that_is_refused_is_a_misconfiguration() {
    for status in [401, 403] {
        let standing = recheck(status, json!({"errors": [{"code": "authentication_invalid"}]})).await;
        let Err(ProviderError::Misconfigured(text)) = standing else {
            panic!("{status}: {standing:?}");
        };
        assert!(text.contains("secret_key"), "{text}");
    }
}

#[tokio::test]
async fn an_api_that_cannot_be_reached_is_no_revocation() {
    let mut settings = settings("http://127.0.0.1:9");
    settings.secret_key = Some(secret_key("sk_test_hush"));
    settings.api = ProviderOrigin::parse("http://127.0.0.1:9").unwrap();
    let standing = build(settings)
        .unwrap()
        .recheck(&session("user_1"), sample::NOW)
        .await;
    assert!(
        matches!(standing, Err(ProviderError::Unavailable(_))),
        "{standing:?}"
    );
}

#[tokio::test]
async fn a_subject_that_is_no_user_s_id_is_never_asked_about() {
    let (api, origin) = Api::start().await;
    let mut settings = settings("http://127.0.0.1:9");
    settings.secret_key = Some(secret_key("sk_test_hush"));
    settings.api = origin;
    let provider = build(settings).unwrap();
    for user in ["../jwks", "a/b", "a?b", "a#b", ".", "a%2Fb", "user_1 "] {
        let standing = provider.recheck(&session(user), sample::NOW).await;
        assert!(
            matches!(standing, Err(ProviderError::Unavailable(_))),
            "{user}: {standing:?}"
        );
    }
    assert!(api.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_secret_key_of_another_instance_is_found_before_the_first_login() {
    let upstream = Upstream::start(Shape::clerk()).await;
    for (kid, verdict) in [
        ("key-1", Verdict::Good),
        ("key-of-another-instance", Verdict::Bad),
    ] {
        let (api, origin) = Api::start().await;
        api.answer("/v1/jwks", 200, json!({"keys": [{"kty": "RSA", "kid": kid}]}));
        let mut settings = settings(upstream.origin());
        settings.secret_key = Some(secret_key("sk_test_hush"));
        settings.api = origin;
        let findings = build(settings)
            .unwrap()
            .examine(&Examination {
                now: sample::NOW,
                callback_url: sample::callback_url(),
            })
            .await;
        let found = findings.iter().find(|finding| finding.what == "secret key");
        assert_eq!(found.expect("a finding").verdict, verdict, "{findings:?}");
        assert!(!format!("{findings:?}").contains("hush"));
    }
}
