//! Users who leave, or are made to, at the provider.

use std::time::{Duration, Instant};

use serde_json::json;
use vestibule_tests::{Failure, Flow, OidcProvider, Ports, Program, Tokens, Upstream};

/// Told of logouts by the provider, and asking it once a second at most whether a user still stands.
fn house() -> (OidcProvider, Program) {
    let ports = Ports::free();
    let hears = format!("{}/oauth/backchannel_logout/up", ports.broker());
    let upstream = OidcProvider::coming_back_to(&ports.callback("up"))
        .client("backchannel_logout_uri", hears)
        .client("backchannel_logout_session_required", true)
        .client("post_logout_redirect_uris", json!([ports.after_logout()]))
        .start();
    let more = "scopes = [\"openid\", \"profile\", \"email\", \"offline_access\"]\nextra_params = { prompt = \"consent\" }";
    let configuration = format!(
        "{}\n[lifetimes]\nrecheck = \"1s\"\n",
        upstream.section("up", more)
    );
    let program = Program::serve(ports, &configuration);
    (upstream, program)
}

#[test]
fn a_logout_at_the_provider_ends_the_session_here() {
    let (upstream, program) = house();
    let callback = Flow::new(&program)
        .register()
        .authorize()
        .log_in_at(&upstream, "alice", "anything")
        .approve();
    let tokens = callback.redeem().refresh();
    let away = url::Url::parse(&format!("{}/session/end", upstream.issuer())).expect("a URL");
    upstream.log_out(callback.browser(), &away);
    let refused = tokens.try_refresh();
    assert_eq!(refused.status(), 400, "{}\n{}", refused.body(), upstream.log());
    assert_eq!(refused.json()["error"], "invalid_grant");
    // The guard verifies offline and polls the status list.
    wait(|| (tokens.call("tools/list", &json!({})).status() == 401).then_some(()));
}

#[test]
fn a_user_who_is_gone_at_the_provider_cannot_refresh() {
    let (upstream, program) = house();
    let mut tokens = log_in(&program, &upstream).refresh();
    upstream.disable("alice");
    let refused = wait(|| {
        let answer = tokens.try_refresh();
        if answer.status() != 200 {
            return Some(answer);
        }
        tokens = tokens.renewed(&answer);
        None
    });
    assert_eq!(refused.status(), 400, "{}", refused.body());
    assert_eq!(refused.json()["error"], "invalid_grant");
}

#[test]
fn a_provider_that_is_away_ends_no_session() {
    let (upstream, program) = house();
    let mut tokens = log_in(&program, &upstream);
    upstream.fail_at_token(Failure::Down);
    wait(|| {
        tokens = tokens.refresh();
        program.log_lines("answered with 503").into_iter().next()
    });
    upstream.mend();
    assert_eq!(tokens.try_refresh().status(), 200);
}

fn log_in<'p>(program: &'p Program, upstream: &OidcProvider) -> Tokens<'p> {
    Flow::new(program)
        .register()
        .authorize()
        .log_in_at(upstream, "alice", "anything")
        .approve()
        .redeem()
}

/// Tries until something is seen.
fn wait<T>(mut tried: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(seen) = tried() {
            return seen;
        }
        assert!(Instant::now() < deadline, "nothing was seen in time");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_person_who_signs_out_here_is_signed_out_at_the_provider() {
    let (upstream, program) = house();
    let client = Flow::new(&program).register();
    let callback = client
        .clone()
        .authorize()
        .log_in_at(&upstream, "alice", "anything")
        .approve();
    let browser = callback.browser();
    let asked = browser.open(&program.url("/oauth/logout"));
    let form = asked.page().form_with("form_token").expect("a question");
    let sent = browser.submit(&asked, &form);
    let away = sent.location().expect("the way to the provider");
    let hint = away.query_pairs().any(|(name, _)| name == "id_token_hint");
    assert!(hint, "{away}");
    let back = upstream.log_out(browser, &away).location();
    assert!(back.is_some_and(|back| back.as_str().starts_with(&program.ports().after_logout())));
    let again = client.authorize_in(browser);
    let page = browser.follow(browser.open(again.leaves_for().as_str()));
    assert!(page.page().form_with("login").is_some(), "{}", page.body());
}

#[test]
fn an_app_that_signs_a_person_out_gets_the_browser_back_from_the_provider() {
    const BYE: &str = "http://127.0.0.1:33418/bye";
    let (upstream, program) = house();
    let callback = Flow::new(&program)
        .metadata("post_logout_redirect_uris", json!([BYE]))
        .scope("openid mcp:read")
        .register()
        .authorize()
        .log_in_at(&upstream, "alice", "anything")
        .approve();
    let tokens = callback.redeem();
    let hint = tokens.member("id_token").expect("an ID token");
    let mut leaving = url::Url::parse(&program.url("/oauth/logout")).expect("a URL");
    leaving.query_pairs_mut().extend_pairs([
        ("id_token_hint", hint),
        ("post_logout_redirect_uri", BYE),
        ("state", "the-state"),
    ]);
    let browser = callback.browser();
    let away = browser.open(leaving.as_str()).location();
    let away = away.expect("the way to the provider");
    assert!(away.as_str().starts_with(upstream.issuer()), "{away}");
    let back = upstream.log_out(browser, &away).location();
    let home = browser.open(back.expect("the way back").as_str()).location();
    assert_eq!(home.map(String::from), Some(format!("{BYE}?state=the-state")));
}
