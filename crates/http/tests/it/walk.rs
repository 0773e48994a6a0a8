use http::StatusCode;
use rstest::rstest;

use crate::world::{Browser, Client, Parts, Redirect, TENANT, World, local};

#[tokio::test]
async fn a_walk_leads_from_the_login_to_the_client() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.begin(&mut browser).await;
    assert!(page.starts_with("/oauth/interaction/"), "{page}");

    let form = browser.get(&page).await;
    assert!(form.body.contains(r#"name="username""#) && form.body.contains(r#"name="password""#));

    let consent = browser
        .submit(&page, &[("username", "alice"), ("password", "password123")])
        .await;
    let shown = browser.get(consent.location()).await;
    for text in [
        "Claude Code",
        "Notes",
        "Alice Liddell",
        "Read your notes",
        "127.0.0.1",
    ] {
        assert!(shown.body.contains(text), "{text}: {}", shown.body);
    }

    let decision = [("scope", "mcp:read"), ("decision", "approve")];
    let answer = browser.submit(consent.location(), &decision).await;
    assert!(answer.location().starts_with("http://127.0.0.1:8787/callback?"));
    assert_eq!(answer.location_param("state").as_deref(), Some("st4te"));
    assert_eq!(
        answer.location_param("iss").as_deref(),
        Some("http://localhost:3009")
    );
    assert_eq!(answer.header("cache-control"), "no-store");

    let tokens = client
        .redeem(&world, &answer.location_param("code").unwrap())
        .await;
    assert_eq!(tokens.json()["scope"], "mcp:read");
}

#[tokio::test]
async fn below_a_path_every_address_begins_with_it() {
    let world = World::of(TENANT).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.begin(&mut browser).await;
    assert!(page.starts_with("/tenant/oauth/interaction/"), "{page}");
    let shown = browser.get(&page).await;
    let (_, stylesheet) = shown.body.split_once(r#"rel="stylesheet" href=""#).unwrap();
    let stylesheet = browser.get(stylesheet.split('"').next().unwrap()).await;
    assert_eq!(stylesheet.header("content-type"), "text/css; charset=utf-8");

    let answer = client.tokens(&mut browser).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn a_wrong_password_is_told_on_the_form_and_not_echoed() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.begin(&mut browser).await;
    let again = browser
        .submit(&page, &[("username", "alice"), ("password", "hunter2")])
        .await;
    let form = browser.get(again.location()).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.body.contains(r#"role="alert""#) && form.body.contains(r#"aria-describedby="problem""#));
    assert!(form.body.contains(r#"value="alice""#));
    assert!(!form.body.contains("hunter2"));
}

#[tokio::test]
async fn a_denial_is_told_to_the_client() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Https).await;
    let mut browser = Browser::new(&world);
    let page = client.log_in(&mut browser).await;
    let answer = browser
        .submit(&page, &[("scope", "mcp:read"), ("decision", "deny")])
        .await;
    assert!(
        answer
            .location()
            .starts_with("https://app.example/callback?fixed=1&"),
        "{answer:?}"
    );
    assert_eq!(answer.location_param("error").as_deref(), Some("access_denied"));
    assert_eq!(answer.location_param("state").as_deref(), Some("st4te"));
    assert_eq!(
        answer.location_param("iss").as_deref(),
        Some("http://localhost:3009")
    );
}

#[tokio::test]
async fn an_app_is_opened_from_a_page_that_closes_the_walk() {
    let world = World::new().await;
    let client = Client::register_as(&world, Redirect::App, "Cursor").await;
    let answer = client.approve(&mut Browser::new(&world)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let link = r#"<a id="continue" class="go" href="cursor://anysphere.cursor-mcp/oauth/callback?code="#;
    assert!(answer.body.contains(link), "{}", answer.body);
    assert!(
        answer
            .body
            .contains(r#"<meta http-equiv="refresh" content="0;url=cursor://"#)
    );
}

#[tokio::test]
async fn a_code_is_shown_to_be_copied() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Page).await;
    let answer = client.approve(&mut Browser::new(&world)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let (_, code) = answer.body.split_once(r#"<code id="code""#).unwrap();
    let code = code.split_once('>').unwrap().1.split('<').next().unwrap();
    let tokens = client.redeem(&world, code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{tokens:?}");
}

#[tokio::test]
async fn a_denied_code_page_leads_nowhere() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Page).await;
    let mut browser = Browser::new(&world);
    let page = client.log_in(&mut browser).await;
    let answer = browser.submit(&page, &[("decision", "deny")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        !answer.body.contains("urn:ietf") && !answer.body.contains("refresh"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn another_user_can_step_in() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.log_in(&mut browser).await;
    let switched = browser.submit(&page, &[("action", "switch_user")]).await;
    let form = browser.get(switched.location()).await;
    assert!(form.body.contains(r#"name="password""#), "{}", form.body);
    assert!(!browser.cookies.contains_key("vestibule_login"));
}

#[tokio::test]
async fn several_providers_are_a_choice() {
    let providers = vec![local("local", "Local users"), local("staff", "Staff")];
    let world = Parts {
        providers,
        ..Parts::default()
    }
    .build()
    .await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.begin(&mut browser).await;
    let chooser = browser.get(&page).await;
    assert!(
        chooser.body.contains(r#"name="provider" value="staff""#),
        "{}",
        chooser.body
    );
    let chosen = browser.submit(&page, &[("provider", "staff")]).await;
    assert!(browser.get(chosen.location()).await.body.contains("Staff"));
}

#[rstest]
#[case(&[("decision", "approve")], "nothing_chosen")]
#[case(&[("decision", "maybe")], "invalid_request")]
#[tokio::test]
async fn an_answer_that_is_none_is_refused(#[case] fields: &[(&str, &str)], #[case] code: &str) {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.log_in(&mut browser).await;
    let answer = browser.submit(&page, fields).await;
    assert_eq!(
        (answer.status, answer.page_error()),
        (StatusCode::BAD_REQUEST, code)
    );
}

#[tokio::test]
async fn another_browser_gets_nothing_from_the_address() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let page = client.log_in(&mut Browser::new(&world)).await;
    let mut thief = Browser::new(&world);
    for answer in [
        thief.get(&page).await,
        thief.submit(&page, &[("decision", "approve")]).await,
    ] {
        assert_eq!(
            (answer.status, answer.page_error()),
            (StatusCode::FORBIDDEN, "other_browser")
        );
    }
}

#[tokio::test]
async fn a_finished_walk_has_expired() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.log_in(&mut browser).await;
    browser.submit(&page, &[("decision", "deny")]).await;
    let answer = browser.get(&page).await;
    assert_eq!(
        (answer.status, answer.page_error()),
        (StatusCode::GONE, "expired")
    );
}

#[tokio::test]
async fn a_client_that_is_long_gone_is_told_on_a_page() {
    let world = World::new().await;
    let client = Client {
        id: "long-gone".to_owned(),
        redirect_uri: "https://evil.example/",
    };
    let answer = Browser::new(&world)
        .get(&client.authorize_path(&world, "mcp:read"))
        .await;
    assert_eq!(
        (answer.status, answer.page_error()),
        (StatusCode::BAD_REQUEST, "invalid_client")
    );
    assert!(answer.body.contains("add it again"));
    assert_eq!(answer.header("location"), "");
}

#[tokio::test]
async fn an_error_after_the_redirect_is_trusted_is_told_to_the_client() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let path = client
        .authorize_path(&world, "mcp:read")
        .replace("response_type=code", "response_type=token");
    let answer = Browser::new(&world).get(&path).await;
    assert_eq!(
        answer.location_param("error").as_deref(),
        Some("unsupported_response_type")
    );
    assert_eq!(answer.location_param("state").as_deref(), Some("st4te"));
}

#[rstest]
#[case(Redirect::Https, Some("Go back to app.example"))]
#[case(Redirect::App, Some("Go back to the app that opens cursor: links"))]
#[case(Redirect::Page, None)]
#[tokio::test]
async fn a_link_to_this_service_leads_to_no_site_of_a_stranger(
    #[case] redirect: Redirect,
    #[case] way_back: Option<&str>,
) {
    let world = World::new().await;
    let client = Client::register_as(&world, redirect, "<b>Your bank</b>").await;
    for scope in ["nobody:knows", "mcp:read&prompt=none"] {
        let path = client.authorize_path(&world, "SCOPE").replace("SCOPE", scope);
        let answer = Browser::new(&world).get(&path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
        assert!(!answer.page_error().is_empty());
        assert_eq!((answer.header("location"), answer.header("refresh")), ("", ""));
        assert!(!answer.body.contains("http-equiv") && !answer.body.contains("<b>"));
        match way_back {
            None => assert!(!answer.body.contains("<a ")),
            Some(way_back) => {
                assert!(answer.body.contains(way_back), "{}", answer.body);
                let link = format!(r#"<a id="continue" class="go" href="{}"#, client.redirect_uri);
                assert!(answer.body.contains(&link), "{}", answer.body);
                assert!(answer.body.contains("state=st4te") && answer.body.contains("iss="));
            }
        }
    }
}

#[tokio::test]
async fn a_request_that_another_site_posts_leaves_the_walks_in_other_tabs_alone() {
    let world = World::new().await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let tab = client.begin(&mut browser).await;

    // Such a form arrives without our cookies.
    let address = client.authorize_path(&world, "mcp:read");
    let (path, query) = address.split_once('?').unwrap();
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let posted = Browser::new(&world)
        .submit_from("https://app.example", path, &fields)
        .await;
    assert_eq!(posted.header("set-cookie"), "");

    let other_tab = browser.get(posted.location()).await;
    for tab in [tab.as_str(), other_tab.location()] {
        assert_eq!(browser.get(tab).await.status, StatusCode::OK);
    }
}

#[rstest]
#[case("http://localhost:3009", "vestibule_browser=", "")]
#[case(TENANT, "__Host-vestibule_browser-tenant=", "; Secure")]
#[tokio::test]
async fn the_binding_cookie_is_kept_from_scripts_and_other_sites(
    #[case] issuer: &'static str,
    #[case] name: &str,
    #[case] secure: &str,
) {
    let world = World::of(issuer).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let answer = world.get(&client.authorize_path(&world, "mcp:read")).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with(name), "{cookie}");
    assert!(
        cookie.ends_with(&format!("; Path=/; HttpOnly; SameSite=Lax{secure}")),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_strangers_name_is_shown_as_text() {
    let world = World::new().await;
    let name = "<script>alert(1)</script>\u{202e}Bank";
    let client = Client::register_as(&world, Redirect::Loopback, name).await;
    let mut browser = Browser::new(&world);
    let page = client.log_in(&mut browser).await;
    let consent = browser.get(&page).await;
    assert!(!consent.body.contains("<script") && !consent.body.contains('\u{202e}'));
    assert!(consent.body.contains("alert(1)"));
}
