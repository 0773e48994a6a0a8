//! Identity providers seen from outside: their logouts, their outages, and the choice between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use url::Url;
use vestibule_protocol::{ProviderId, Subject, Timestamp};
use vestibule_provider::{
    Capabilities, Identity, Leaving, Login, LoginContext, LoginStep, LogoutNotice, Once, Provider,
    ProviderError, Reply, Sealed, Standing, UpstreamSession, Whose,
};

use crate::world::{Browser, Client, Parts, Redirect, World, local};

/// Sends the browser away and believes the `who` that comes back, unless it is down.
struct Far {
    id: ProviderId,
    down: AtomicBool,
}

impl Far {
    fn new(id: &str) -> Arc<Self> {
        Arc::new(Self {
            id: ProviderId::parse(id).unwrap(),
            down: AtomicBool::new(false),
        })
    }

    fn answer(&self) -> Result<(), ProviderError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(ProviderError::Unavailable("connection refused".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl Provider for Far {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn display_name(&self) -> &str {
        self.id.as_str()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            recheck: false,
            logout: true,
            back_channel_logout: true,
        }
    }

    async fn begin(&self, login: &LoginContext) -> Result<LoginStep, ProviderError> {
        let url = Url::parse_with_params("https://far.example/login", [("state", &login.state)]);
        Ok(LoginStep::Redirect(url.unwrap(), Sealed::default()))
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        self.answer()?;
        let Reply::Callback(params) = reply else {
            return Err(ProviderError::Rejected("no callback".to_owned()));
        };
        let who = params
            .get("who")
            .ok_or_else(|| ProviderError::Misconfigured("a secret cause".to_owned()))?;
        let identity = Identity {
            subject: Subject::of(&self.id, who).unwrap(),
            provider: self.id.clone(),
            issuer: None,
            auth_time: login.now,
            name: None,
            username: None,
            email: None,
            email_verified: false,
            picture: None,
            groups: Vec::new(),
            roles: Vec::new(),
            scopes: None,
        };
        Ok(LoginStep::Done(Box::new(Login::of(identity))))
    }

    async fn recheck(&self, _: &UpstreamSession, _: Timestamp) -> Result<Standing, ProviderError> {
        Ok(Standing::Unknown)
    }

    async fn logout(&self, leaving: &Leaving) -> Result<Option<Url>, ProviderError> {
        let pairs = [("back", leaving.return_to.as_str())];
        Ok(Url::parse_with_params("https://far.example/logout", pairs).ok())
    }

    async fn read_logout_token(&self, token: &str, now: Timestamp) -> Result<LogoutNotice, ProviderError> {
        let subject = Subject::parse(token).map_err(|error| ProviderError::Rejected(error.to_string()))?;
        Ok(LogoutNotice {
            whose: Whose::User(subject),
            once: Once {
                key: token.to_owned(),
                expires_at: now + Duration::from_secs(60),
            },
        })
    }

    async fn ready(&self) -> Result<(), ProviderError> {
        self.answer()
    }
}

async fn world(providers: Vec<Arc<dyn Provider>>) -> World {
    Parts {
        providers,
        ..Parts::default()
    }
    .build()
    .await
}

/// Goes away and comes back as `who`; answers the page that the browser is led to.
async fn log_in(client: &Client, browser: &mut Browser<'_>, who: &str) -> String {
    let path = client.authorize_path(browser.world, "mcp:read");
    let away = browser.get(&path).await;
    let state = away.location_param("state").unwrap();
    let back = format!("/oauth/callback/far?state={state}&who={who}");
    browser.get(&back).await.location().to_owned()
}

#[tokio::test]
async fn a_provider_s_logout_token_is_answered_as_the_specification_has_it() {
    let world = world(vec![Far::new("far")]).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    log_in(&client, &mut browser, "zoe").await;
    assert!(!browser.get("/account").await.body.contains("not signed in"));

    let path = "/oauth/backchannel_logout/far";
    let told = world.post_form(path, &[("logout_token", "far:zoe")]).await;
    assert_eq!((told.status, told.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(told.header("cache-control"), "no-store");
    assert!(!browser.get("/oauth/logout").await.body.contains("form_token"));

    for (path, fields) in [
        (path, &[("logout_token", "far:zoe")][..]),
        (path, &[("logout_token", "no subject")]),
        (path, &[("logout_token", "local:alice")]),
        (path, &[]),
        ("/oauth/backchannel_logout/local", &[("logout_token", "far:yan")]),
    ] {
        let refused = world.post_form(path, fields).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (StatusCode::BAD_REQUEST, "invalid_request"),
            "{path} {fields:?}"
        );
        assert_eq!(refused.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn signing_out_goes_on_to_the_provider_and_comes_back() {
    let world = world(vec![Far::new("far")]).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    log_in(&client, &mut browser, "zoe").await;
    let question = browser.get("/oauth/logout").await;
    assert!(question.body.contains("You will leave <bdi>far</bdi>"));
    let token = question.hidden("form_token").to_owned();

    let forged = browser
        .submit_from("https://evil.example", "/oauth/logout", &[("form_token", &token)])
        .await;
    assert_eq!(forged.page_error(), "cross_origin");

    let left = browser.submit("/oauth/logout", &[("form_token", &token)]).await;
    assert_eq!(
        left.location(),
        "https://far.example/logout?back=http%3A%2F%2Flocalhost%3A3009%2Foauth%2Flogout"
    );
    assert!(!browser.cookies.contains_key("vestibule_login"));
    let back = browser.get("/oauth/logout?state=whatever").await;
    assert!(back.body.contains("You are signed out"));
}

#[tokio::test]
async fn while_the_provider_is_away_the_page_leads_to_another_try() {
    let far = Far::new("far");
    let world = world(vec![far.clone()]).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let path = client.authorize_path(&world, "mcp:read");
    let state = browser.get(&path).await.location_param("state").unwrap();
    let back = format!("/oauth/callback/far?state={state}&who=zoe");
    far.down.store(true, Ordering::SeqCst);
    let page = browser.get(&back).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.page_error(), "provider_unavailable");
    assert_eq!(page.header("retry-after"), "5");
    assert!(!page.body.contains("connection refused"));
    let again = format!("/oauth/interaction/{state}");
    assert!(page.body.contains(&format!("href=\"{again}\"")), "{}", page.body);

    far.down.store(false, Ordering::SeqCst);
    assert!(
        browser
            .get(&again)
            .await
            .location()
            .starts_with("https://far.example/login")
    );
    assert_eq!(browser.get(&back).await.location(), again);
}

#[tokio::test]
async fn a_misconfigured_provider_is_told_of_without_its_cause() {
    let world = world(vec![Far::new("far")]).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let path = client.authorize_path(&world, "mcp:read");
    let state = browser.get(&path).await.location_param("state").unwrap();
    let page = browser.get(&format!("/oauth/callback/far?state={state}")).await;
    assert_eq!(
        (page.status, page.page_error()),
        (StatusCode::INTERNAL_SERVER_ERROR, "provider_misconfigured")
    );
    assert!(!page.body.contains("a secret cause"));
    assert!(page.body.contains(page.header("x-request-id")), "{}", page.body);
}

#[tokio::test]
async fn readiness_names_each_provider_and_stays_good_while_one_is_down() {
    let far = Far::new("far");
    let world = world(vec![far.clone(), local("local", "Local users")]).await;
    let ready = world.get_health("/readyz").await;
    assert_eq!(
        (ready.status, &ready.json()["login"]),
        (StatusCode::OK, &"ready".into())
    );

    far.down.store(true, Ordering::SeqCst);
    for path in ["/readyz", "/readyz/login"] {
        let ready = world.get_health(path).await;
        assert_eq!(
            (ready.status, &ready.json()["login"]),
            (StatusCode::OK, &"partly".into())
        );
        let report = &ready.json()["providers"];
        assert_eq!(report["local"]["ready"], true);
        assert_eq!(report["far"]["ready"], false);
        assert_eq!(
            report["far"]["why"],
            "the provider is unavailable: connection refused"
        );
    }
}

#[tokio::test]
async fn without_any_provider_the_broker_is_ready_and_logins_are_not() {
    let far = Far::new("far");
    far.down.store(true, Ordering::SeqCst);
    let world = world(vec![far]).await;
    let ready = world.get_health("/readyz").await;
    assert_eq!(
        (ready.status, &ready.json()["login"]),
        (StatusCode::OK, &"down".into())
    );
    assert_eq!(
        world.get_health("/readyz/login").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test]
async fn the_provider_used_last_stands_first_and_its_cookie_says_no_more() {
    let providers: Vec<Arc<dyn Provider>> = vec![local("local", "Local users"), Far::new("far")];
    let world = world(providers).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.begin(&mut browser).await;
    let away = browser.submit(&page, &[("provider", "far")]).await;
    let state = away.location_param("state").unwrap();
    browser
        .get(&format!("/oauth/callback/far?state={state}&who=zoe"))
        .await;
    assert_eq!(
        browser.cookies.get("vestibule_provider").map(String::as_str),
        Some("far")
    );
    browser.cookies.remove("vestibule_login");
    for (cookie, first) in [
        ("far", "far"),
        ("local", "local"),
        ("\"><b>", "local"),
        ("gone", "local"),
    ] {
        browser
            .cookies
            .insert("vestibule_provider".to_owned(), cookie.to_owned());
        let page = client.begin(&mut browser).await;
        let chooser = browser.get(&page).await.body;
        let (_, rest) = chooser.split_once("name=\"provider\" value=\"").unwrap();
        assert!(rest.starts_with(first), "{cookie}: {chooser}");
        assert!(!chooser.contains("<b>"));
    }
}
