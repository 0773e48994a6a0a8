use http::StatusCode;

use crate::world::{Browser, Client, Redirect, World};

#[tokio::test]
async fn a_session_is_listed_and_revoked() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let tokens = client.tokens(&mut browser).await.json();
    let account = browser.get("/account").await;
    assert!(
        account.body.contains("Claude Code") && account.body.contains("Alice Liddell"),
        "{}",
        account.body
    );

    let (_, session) = account.body.split_once(r#"name="end_session" value=""#).unwrap();
    let session = session.split('"').next().unwrap().to_owned();
    let token = account.hidden("form_token").to_owned();
    let answer = browser
        .submit("/account", &[("form_token", &token), ("end_session", &session)])
        .await;
    assert_eq!(answer.location(), "/account");

    assert!(!browser.get("/account").await.body.contains("end_session"));
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", client.id.as_str()),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(
        world.post_form("/oauth/token", &refresh).await.error(),
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_form_without_the_pages_token_does_nothing() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    client.tokens(&mut browser).await;
    let account = browser.get("/account").await;
    let (_, session) = account.body.split_once(r#"name="end_session" value=""#).unwrap();
    let session = session.split('"').next().unwrap().to_owned();
    for fields in [
        &[("end_session", session.as_str())][..],
        &[("form_token", "forged"), ("end_session", &session)],
    ] {
        let answer = browser.submit("/account", fields).await;
        assert_eq!(
            (answer.status, answer.page_error()),
            (StatusCode::FORBIDDEN, "stale_form")
        );
    }
    assert!(browser.get("/account").await.body.contains(&session));
}

#[tokio::test]
async fn a_person_who_is_not_signed_in_sees_nothing() {
    let world = World::new().await;
    let account = world.get("/account").await;
    assert_eq!(account.status, StatusCode::OK);
    assert!(account.body.contains("You are not signed in"));
    let answer = world.post_form("/account", &[("end_session", "whatever")]).await;
    assert_eq!(
        (answer.status, answer.page_error()),
        (StatusCode::FORBIDDEN, "not_signed_in")
    );
}

#[tokio::test]
async fn signing_out_asks_first_and_ends_the_login() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    client.log_in(&mut browser).await;
    let kept = browser.cookies.clone();

    let question = browser.get("/oauth/logout").await;
    assert!(question.body.contains("Sign out?"));
    assert!(
        browser.cookies.contains_key("vestibule_login"),
        "a link alone signs nobody out"
    );

    let token = question.hidden("form_token").to_owned();
    let answer = browser
        .submit("/oauth/logout", &[("form_token", &token), ("action", "sign_out")])
        .await;
    assert!(answer.body.contains("You are signed out"));
    assert!(!browser.cookies.contains_key("vestibule_login"));

    // The login is over at the broker as well.
    browser.cookies = kept;
    assert!(
        browser
            .get("/account")
            .await
            .body
            .contains("You are not signed in")
    );
}

#[tokio::test]
async fn a_client_s_form_that_asks_for_a_logout_is_asked_again_with_the_cookies() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let fields = [("client_id", "mcp-test-client"), ("state", "s")];
    let answer = browser
        .submit_from("https://app.example", "/oauth/logout", &fields)
        .await;
    assert_eq!(
        answer.location(),
        "/oauth/logout?client_id=mcp-test-client&state=s"
    );
}

#[tokio::test]
async fn a_client_sends_a_person_to_sign_out_and_gets_the_browser_back() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Https).await;
    let mut browser = Browser::new(&world);
    client.log_in(&mut browser).await;
    let uri = "https://app.example/bye";
    let query = |id: &str| format!("/oauth/logout?client_id={id}&post_logout_redirect_uri={uri}&state=s");

    let refused = browser.get(&query(&client.id)).await;
    assert_eq!(
        (refused.status, refused.page_error()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
    assert!(browser.cookies.contains_key("vestibule_login"));

    let metadata = serde_json::json!({
        "client_name": "<b>Notes</b>",
        "redirect_uris": ["https://app.example/callback"],
        "post_logout_redirect_uris": [uri],
        "token_endpoint_auth_method": "none",
    });
    let registered = world
        .post("/oauth/register", "application/json", metadata.to_string())
        .await
        .json();
    assert_eq!(registered["post_logout_redirect_uris"], serde_json::json!([uri]));
    let id = registered["client_id"].as_str().unwrap();

    // Nobody is signed in: nobody is sent to a stranger's site unasked.
    let stays = world.get(&query(id)).await;
    assert_eq!(stays.status, StatusCode::OK);
    assert!(stays.body.contains(r#"href="https://app.example/bye?state=s""#));

    let question = browser.get(&query(id)).await;
    assert!(
        question
            .body
            .contains("go back to <bdi>&#60;b&#62;Notes&#60;/b&#62;</bdi> at app.example")
    );
    let fields = ["form_token", "client_id", "post_logout_redirect_uri", "state"];
    let fields = fields.map(|name| (name, question.hidden(name).to_owned()));
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let left = browser.submit("/oauth/logout", &fields).await;
    assert_eq!(left.location(), "https://app.example/bye?state=s");
    assert!(!browser.cookies.contains_key("vestibule_login"));
}
