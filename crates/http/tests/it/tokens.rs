use axum::body::Body;
use http::{Request, StatusCode};
use rstest::rstest;
use serde_json::json;

use crate::world::{Answer, Browser, Client, Parts, Redirect, World, form};

async fn granted(world: &World) -> (Client, Answer) {
    let client = Client::register(world, Redirect::Loopback).await;
    let answer = client.tokens(&mut Browser::new(world)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    (client, answer)
}

fn bearer(method: &str, token: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri("/oauth/userinfo")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap()
}

fn with_basic(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    // mcp-test-client:mcp-test-secret
    Request::post(path)
        .header(
            "authorization",
            "Basic bWNwLXRlc3QtY2xpZW50Om1jcC10ZXN0LXNlY3JldA==",
        )
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form(fields)))
        .unwrap()
}

#[tokio::test]
async fn tokens_are_kept_by_no_cache() {
    let world = World::new().await;
    let (_, answer) = granted(&world).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["scope"], "mcp:read mcp:write");
    assert!(body["refresh_token"].is_string());
}

#[tokio::test]
async fn an_unknown_code_is_an_error_that_no_cache_keeps() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let answer = client.redeem(&world, "unknown").await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_grant")
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("www-authenticate"), "");
    insta::assert_snapshot!("error_invalid_grant", answer.body);
}

#[tokio::test]
async fn a_client_that_tried_basic_in_vain_is_challenged() {
    let world = World::new().await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let mut request = with_basic("/oauth/token", &fields);
    request.headers_mut().insert(
        "authorization",
        "Basic bWNwLXRlc3QtY2xpZW50Ondyb25n".parse().unwrap(),
    );
    let answer = world.ask(request).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_client")
    );
    assert!(answer.header("www-authenticate").starts_with("Basic realm="));
    insta::assert_snapshot!("error_invalid_client", answer.body);

    let unknown = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
        ("client_id", "long-gone"),
    ];
    let answer = world.post_form("/oauth/token", &unknown).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_client")
    );
    assert_eq!(answer.header("www-authenticate"), "");
}

#[tokio::test]
async fn an_error_points_to_the_operators_page() {
    let page = "https://docs.example/errors".to_owned();
    let world = Parts {
        error_page: Some(page),
        ..Parts::default()
    }
    .build()
    .await;
    let answer = world
        .post_form("/oauth/token", &[("grant_type", "magic"), ("client_id", "x")])
        .await;
    let uri = answer.json()["error_uri"].as_str().unwrap().to_owned();
    assert_eq!(uri, format!("https://docs.example/errors#{}", answer.error()));
}

#[rstest]
#[case("application/json")]
#[case("application/json; charset=utf-8")]
#[case("application/json, application/x-www-form-urlencoded")]
#[tokio::test]
async fn a_json_body_is_as_good_as_a_form(#[case] media_type: &str) {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let code = client
        .approve(&mut Browser::new(&world))
        .await
        .location_param("code")
        .unwrap();
    let fields: serde_json::Map<_, _> = client
        .redemption(&code)
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let answer = world
        .post(
            "/oauth/token",
            media_type,
            serde_json::Value::Object(fields).to_string(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn a_form_under_a_list_of_types_is_read_as_a_form() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let code = client
        .approve(&mut Browser::new(&world))
        .await
        .location_param("code")
        .unwrap();
    let list = "application/json, application/x-www-form-urlencoded";
    let answer = world
        .post("/oauth/token", list, form(&client.redemption(&code)))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn userinfo_challenges_a_caller_without_a_good_token() {
    let world = World::new().await;
    let answer = world.get("/oauth/userinfo").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("www-authenticate"), "Bearer");

    let answer = world.ask(bearer("GET", "nonsense")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(
        answer
            .header("www-authenticate")
            .starts_with("Bearer error=\"invalid_token\""),
        "{answer:?}"
    );

    let (_, tokens) = granted(&world).await;
    let answer = world
        .ask(bearer("GET", tokens.json()["access_token"].as_str().unwrap()))
        .await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (StatusCode::FORBIDDEN, "insufficient_scope")
    );
}

#[tokio::test]
async fn userinfo_takes_the_token_in_the_header_or_in_a_form_and_not_in_both() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = browser
        .get(&client.authorize_path(&world, "openid mcp:read"))
        .await
        .location()
        .to_owned();
    let page = browser
        .submit(&page, &[("username", "alice"), ("password", "password123")])
        .await;
    let decision = [
        ("scope", "openid"),
        ("scope", "mcp:read"),
        ("decision", "approve"),
    ];
    let code = browser
        .submit(page.location(), &decision)
        .await
        .location_param("code")
        .unwrap();
    let tokens = client.redeem(&world, &code).await.json();
    let token = tokens["access_token"].as_str().unwrap();

    for request in [bearer("GET", token), bearer("POST", token)] {
        let answer = world.ask(request).await;
        assert_eq!(answer.json()["sub"], "local:alice");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let answer = world
        .post_form("/oauth/userinfo", &[("access_token", token)])
        .await;
    assert_eq!(answer.json()["sub"], "local:alice");

    let mut twice = with_basic("/oauth/userinfo", &[("access_token", token)]);
    twice
        .headers_mut()
        .insert("authorization", format!("Bearer {token}").parse().unwrap());
    assert_eq!(world.ask(twice).await.error(), "invalid_request");
    let in_query = world.get(&format!("/oauth/userinfo?access_token={token}")).await;
    assert_eq!(in_query.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_revoked_token_is_inactive_and_the_status_list_changes() {
    let world = World::new().await;
    let (client, tokens) = granted(&world).await;
    let tokens = tokens.json();
    let token = tokens["access_token"].as_str().unwrap();
    let introspect = || world.ask(with_basic("/oauth/introspect", &[("token", token)]));

    let answer = introspect().await;
    assert_eq!(answer.json()["active"], true);
    assert_eq!(answer.header("cache-control"), "no-store");
    let before = world.get("/oauth/status/0").await;
    assert_eq!(before.header("content-type"), "application/statuslist+jwt");
    assert!(before.header("cache-control").starts_with("public, max-age="));
    let unchanged = Request::get("/oauth/status/0")
        .header("if-none-match", before.header("etag"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(world.ask(unchanged).await.status, StatusCode::NOT_MODIFIED);

    let answer = world
        .post_form("/oauth/revoke", &[("token", token), ("client_id", &client.id)])
        .await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(answer.header("cache-control"), "no-store");

    assert_eq!(introspect().await.json(), json!({"active": false}));
    assert_ne!(
        world.get("/oauth/status/0").await.header("etag"),
        before.header("etag")
    );
}

#[tokio::test]
async fn revoking_an_unknown_token_is_fine() {
    let world = World::new().await;
    let (client, _) = granted(&world).await;
    let answer = world
        .post_form(
            "/oauth/revoke",
            &[("token", "unknown"), ("client_id", &client.id)],
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn introspection_is_not_for_everybody() {
    let world = World::new().await;
    let (client, tokens) = granted(&world).await;
    let token = tokens.json()["access_token"].as_str().unwrap().to_owned();
    for fields in [
        vec![("token", token.as_str())],
        vec![("token", token.as_str()), ("client_id", client.id.as_str())],
    ] {
        let answer = world.post_form("/oauth/introspect", &fields).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
        assert!(!answer.body.contains("active"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_status_list_that_does_not_exist_is_a_clean_404() {
    let world = World::new().await;
    for path in ["/oauth/status/7", "/oauth/status/x"] {
        let answer = world.get(path).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (StatusCode::NOT_FOUND, "invalid_request")
        );
    }
}

#[tokio::test]
async fn credentials_in_the_address_are_not_looked_at() {
    let world = World::new().await;
    for path in [
        "/oauth/token?client_id=mcp-test-client&client_secret=mcp-test-secret",
        "/oauth/introspect?client_id=mcp-test-client&client_secret=mcp-test-secret&token=x",
        "/oauth/revoke?client_id=mcp-test-client&client_secret=mcp-test-secret&token=x",
    ] {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("token", "x"),
        ];
        let answer = world.post_form(path, &fields).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (StatusCode::BAD_REQUEST, "invalid_request"),
            "{path}"
        );
        assert!(
            answer.json()["error_description"]
                .as_str()
                .unwrap()
                .contains("client_id is missing")
        );
    }
}

#[tokio::test]
async fn whoever_guesses_a_secret_is_told_when_to_come_again() {
    let world = World::new().await;
    let mut answer = None;
    for _ in 0..21 {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_id", "mcp-test-client"),
            ("client_secret", "a guess"),
        ];
        answer = Some(world.post_form("/oauth/token", &fields).await);
    }
    let answer = answer.unwrap();
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable")
    );
    assert_eq!(answer.header("retry-after"), "31");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn an_introspection_answer_is_signed_for_whoever_asks_for_that() {
    let world = World::new().await;
    let (_, tokens) = granted(&world).await;
    let token = tokens.json()["access_token"].as_str().unwrap().to_owned();
    let asking = |accept: &str| {
        let mut request = with_basic("/oauth/introspect", &[("token", token.as_str())]);
        request.headers_mut().insert("accept", accept.parse().unwrap());
        request
    };
    for accept in [
        "application/json",
        "*/*",
        "application/token-introspection+jwt;q=0, application/json",
    ] {
        let answer = world.ask(asking(accept)).await;
        assert_eq!(answer.header("content-type"), "application/json", "{accept}");
        assert_eq!(answer.json()["active"], true);
    }
    for accept in [
        "application/token-introspection+jwt",
        "application/json;q=0.5, Application/Token-Introspection+JWT",
    ] {
        let answer = world.ask(asking(accept)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            answer.header("content-type"),
            "application/token-introspection+jwt"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.body.split('.').count(), 3, "{}", answer.body);
    }
    let mut stranger = asking("application/token-introspection+jwt");
    stranger.headers_mut().remove("authorization");
    let answer = world.ask(stranger).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.error(), "invalid_request");
}

#[tokio::test]
async fn a_pushed_request_leads_through_the_whole_walk() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let path = client.authorize_path(&world, "mcp:read mcp:write");
    let query = path.split_once('?').unwrap().1.to_owned();
    let answer = world
        .post("/oauth/par", "application/x-www-form-urlencoded", query)
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json()["expires_in"], 90);
    let request_uri = answer.json()["request_uri"].as_str().unwrap().to_owned();
    let brought = form(&[("client_id", client.id.as_str()), ("request_uri", &request_uri)]);
    let path = format!("/oauth/authorize?{brought}");
    let mut browser = Browser::new(&world);
    let page = client.log_in_at(&path, &mut browser).await;
    let fields = [("scope", "mcp:read"), ("decision", "approve")];
    let answer = browser.submit(&page, &fields).await;
    assert_eq!(answer.location_param("state").as_deref(), Some("st4te"));
    let code = answer.location_param("code").expect("a code");
    assert_eq!(client.redeem(&world, &code).await.status, StatusCode::OK);

    let again = browser.get(&path).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.body.contains("This request is over"));
}
