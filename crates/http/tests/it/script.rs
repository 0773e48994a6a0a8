//! A provider whose own script runs in the broker's page.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;
use serde_json::{Value, json};
use vestibule_protocol::{ProviderId, Subject, Timestamp};
use vestibule_provider::{
    Capabilities, Identity, Login, LoginContext, LoginStep, Provider, ProviderError, Reply, Script,
    ScriptAsset, ScriptOrigins, Sealed, Standing, UpstreamSession,
};

use crate::world::{Answer, Browser, Client, Parts, Redirect, World};

const SCRIPT: &[u8] = b"document.getElementById('provider').textContent = 'Hello';";

/// Believes whoever its script names.
struct Scripted {
    id: ProviderId,
    origins: ScriptOrigins,
    popups: bool,
    asset: &'static str,
}

impl Scripted {
    fn new(id: &str) -> Self {
        Self {
            id: ProviderId::parse(id).unwrap(),
            origins: ScriptOrigins {
                script: Vec::new(),
                connect: vec!["https://accounts.example".to_owned()],
                frame: Vec::new(),
            },
            popups: false,
            asset: "acme.js",
        }
    }
}

#[async_trait]
impl Provider for Scripted {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn display_name(&self) -> &'static str {
        "Acme"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn begin(&self, _: &LoginContext) -> Result<LoginStep, ProviderError> {
        let script = Script {
            asset: self.asset.to_owned(),
            settings: json!({ "key": "</script><script>alert(1)</script>" }),
            fields: vec!["id_token".to_owned()],
            origins: self.origins.clone(),
            popups: self.popups,
            problem: None,
        };
        Ok(LoginStep::Run(Box::new(script), Sealed::default()))
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        let Reply::Form(fields) = reply else {
            return Err(ProviderError::Rejected("a callback".to_owned()));
        };
        let identity = Identity {
            subject: Subject::of(&self.id, fields["id_token"].expose())
                .map_err(|error| ProviderError::Rejected(error.to_string()))?,
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

    fn assets(&self) -> Vec<ScriptAsset> {
        vec![ScriptAsset {
            name: "acme.js",
            media_type: "text/javascript; charset=utf-8",
            body: Cow::Borrowed(SCRIPT),
        }]
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

async fn page_of(world: &World) -> Answer {
    let client = Client::register(world, Redirect::Loopback).await;
    let mut browser = Browser::new(world);
    let page = client.begin(&mut browser).await;
    browser.get(&page).await
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).expect("the beginning");
    rest.split_once(after).expect("the end").0
}

#[tokio::test]
async fn the_script_is_served_for_good_and_under_its_digest() {
    let world = world(vec![Arc::new(Scripted::new("acme"))]).await;
    let page = page_of(&world).await;
    let address = between(&page.body, r#"<script type="module" src=""#, "\"");
    let asset = world.get(address).await;
    assert_eq!(
        (asset.status, asset.body.as_bytes()),
        (StatusCode::OK, SCRIPT),
        "{address}"
    );
    assert_eq!(asset.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(
        asset.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(asset.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn the_page_allows_what_the_script_needs_and_nothing_inline() {
    let world = world(vec![Arc::new(Scripted::new("acme"))]).await;
    let page = page_of(&world).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';"), "{policy}");
    assert!(
        policy.contains("connect-src 'self' https://accounts.example;"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers.get_all("content-security-policy").iter().count(), 1);
    assert_eq!(page.header("cross-origin-opener-policy"), "");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("referrer-policy"), "strict-origin");
}

#[tokio::test]
async fn a_script_with_popups_may_hear_from_them() {
    let provider = Scripted {
        popups: true,
        ..Scripted::new("acme")
    };
    let world = world(vec![Arc::new(provider)]).await;
    let page = page_of(&world).await;
    assert_eq!(
        page.header("cross-origin-opener-policy"),
        "same-origin-allow-popups"
    );
}

#[tokio::test]
async fn the_settings_cannot_leave_their_element() {
    let world = world(vec![Arc::new(Scripted::new("acme"))]).await;
    let page = page_of(&world).await;
    assert_eq!(page.body.matches("<script").count(), 2);
    let settings = between(&page.body, r#"id="provider-settings">"#, "</script>");
    let settings: Value = serde_json::from_str(settings).unwrap();
    assert_eq!(settings["key"], "</script><script>alert(1)</script>");
}

#[tokio::test]
async fn the_credential_reaches_the_provider() {
    let world = world(vec![Arc::new(Scripted::new("acme"))]).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.begin(&mut browser).await;
    assert_eq!(browser.get(&page).await.hidden("id_token"), "");
    let answer = browser.submit(&page, &[("id_token", "zoe")]).await;
    let consent = answer.location().to_owned();
    assert!(browser.get(&consent).await.body.contains("acme:zoe"));
}

#[tokio::test]
async fn a_credential_that_another_site_posts_is_refused() {
    let world = world(vec![Arc::new(Scripted::new("acme"))]).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.begin(&mut browser).await;
    let answer = browser
        .submit_from("https://evil.example", &page, &[("id_token", "mallory")])
        .await;
    assert_eq!(answer.page_error(), "cross_origin");
}

#[tokio::test]
async fn origins_and_assets_that_are_none_are_faults_and_no_page() {
    let origins = ScriptOrigins {
        connect: vec!["https://x.example; script-src *".to_owned()],
        ..ScriptOrigins::default()
    };
    let bad_origin = Scripted {
        origins,
        ..Scripted::new("acme")
    };
    let no_asset = Scripted {
        asset: "missing.js",
        ..Scripted::new("acme")
    };
    for provider in [bad_origin, no_asset] {
        let world = world(vec![Arc::new(provider)]).await;
        let page = page_of(&world).await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!page.body.contains("script-src *"));
    }
}

#[tokio::test]
async fn two_providers_of_one_kind_share_their_script() {
    let providers: Vec<Arc<dyn Provider>> = vec![
        Arc::new(Scripted::new("acme")),
        Arc::new(Scripted::new("umbrella")),
    ];
    let world = world(providers).await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.begin(&mut browser).await;
    let chosen = browser.submit(&page, &[("provider", "umbrella")]).await;
    let script = browser.get(chosen.location()).await;
    let address = between(&script.body, r#"<script type="module" src=""#, "\"");
    assert_eq!(world.get(address).await.status, StatusCode::OK);
}
