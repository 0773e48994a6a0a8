//! What an authorization request has to be.

use vestibule_broker::settings::{ConfiguredClient, DpopBinding, Resources};
use vestibule_broker::{AnswerPlace, AuthorizeError, ClientRedirect, UntrustedRequest};
use vestibule_protocol::{AuthMethod, GrantType, RedirectClass};

use super::person::{Person, param, refusal, request, web_request, without, world, world_with};
use crate::fixture::{CALLBACK, ISSUER, LOOPBACK, NOTES_SERVER, WEB, client_id, redirect, replaced};

async fn page(pairs: &[(&str, &str)]) -> UntrustedRequest {
    match Person::default().try_authorize(&world().await, pairs).await {
        Err(AuthorizeError::Page(error)) => error,
        other => panic!("{other:?}"),
    }
}

async fn refused(pairs: &[(&str, &str)]) -> (String, ClientRedirect) {
    let redirect = refusal(Person::default().try_authorize(&world().await, pairs).await);
    (param(&redirect, "error").expect("an error"), redirect)
}

#[tokio::test]
async fn nothing_is_sent_to_a_redirect_uri_that_nobody_registered() {
    for uri in [
        "https://evil.example/callback",
        "https://app.example/callback/",
        "https://app.example/callback?x=1",
        "https://app.example:443/callback",
        "https://APP.example/callback",
        "http://app.example/callback",
        "http://127.0.0.1:4000/other",
        "http://localhost:4000/callback",
        "http://127.0.0.1.evil.example:4000/callback",
        "http://127.0.0.1@evil.example/callback",
        "javascript:alert(1)",
    ] {
        let error = page(&replaced(&request(), "redirect_uri", uri)).await;
        assert!(
            matches!(error, UntrustedRequest::RedirectUriMismatch { .. }),
            "{uri}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_client_is_told_to_register_again() {
    let error = page(&replaced(&request(), "client_id", "gone")).await;
    assert_eq!(error, UntrustedRequest::ClientUnknown);
    assert!(error.to_string().contains("add it again"));
}

#[tokio::test]
async fn a_request_without_a_usable_client_or_redirect_uri_is_a_page() {
    assert_eq!(
        page(&without(&request(), "client_id")).await,
        UntrustedRequest::ClientIdMissing
    );
    assert_eq!(
        page(&replaced(&request(), "client_id", "")).await,
        UntrustedRequest::ClientIdMissing
    );
    assert_eq!(
        page(&without(&request(), "redirect_uri")).await,
        UntrustedRequest::RedirectUriMissing
    );
}

#[tokio::test]
async fn a_client_or_redirect_uri_that_stands_twice_is_a_page() {
    for name in ["client_id", "redirect_uri"] {
        let mut pairs = request();
        pairs.push((name, CALLBACK));
        assert_eq!(page(&pairs).await, UntrustedRequest::Duplicate(name.to_owned()));
    }
}

#[tokio::test]
async fn every_other_mistake_goes_back_to_the_client_with_state_and_iss() {
    let asked = request();
    for (pairs, code) in [
        (without(&asked, "response_type"), "invalid_request"),
        (
            replaced(&asked, "response_type", "token"),
            "unsupported_response_type",
        ),
        (
            replaced(&asked, "response_type", "code id_token"),
            "unsupported_response_type",
        ),
        (replaced(&asked, "response_mode", "fragment"), "invalid_request"),
        (
            replaced(&asked, "response_mode", "web_message"),
            "invalid_request",
        ),
        (without(&asked, "code_challenge"), "invalid_request"),
        (replaced(&asked, "code_challenge", "short"), "invalid_request"),
        (without(&asked, "code_challenge_method"), "invalid_request"),
        (
            replaced(&asked, "code_challenge_method", "plain"),
            "invalid_request",
        ),
        (
            replaced(&asked, "resource", "https://other.example/mcp"),
            "invalid_target",
        ),
        (replaced(&asked, "resource", "nonsense"), "invalid_target"),
        (replaced(&asked, "scope", "nobody:knows"), "invalid_scope"),
        (replaced(&asked, "scope", "a\"b"), "invalid_scope"),
        (replaced(&asked, "prompt", "none login"), "invalid_request"),
        (replaced(&asked, "prompt", "dance"), "invalid_request"),
        (replaced(&asked, "max_age", "-1"), "invalid_request"),
        (replaced(&asked, "request", "eyJ"), "request_not_supported"),
        (
            replaced(&asked, "request_uri", "https://app.example/r"),
            "request_uri_not_supported",
        ),
    ] {
        let (error, redirect) = refused(&pairs).await;
        assert_eq!(error, code, "{pairs:?}");
        assert_eq!(
            param(&redirect, "state").as_deref(),
            Some("the state"),
            "{pairs:?}"
        );
        assert_eq!(param(&redirect, "iss").as_deref(), Some(ISSUER), "{pairs:?}");
        assert!(param(&redirect, "error_description").is_some(), "{pairs:?}");
        assert!(redirect.location.starts_with(LOOPBACK));
        assert!(redirect.is_error);
    }
}

#[tokio::test]
async fn a_parameter_that_stands_twice_is_an_invalid_request() {
    for name in ["scope", "state", "code_challenge", "nonce"] {
        let mut pairs = request();
        pairs.extend([(name, "one"), (name, "two")]);
        assert_eq!(refused(&pairs).await.0, "invalid_request", "{name}");
    }
}

#[tokio::test]
async fn a_description_echoes_nothing_that_a_header_or_page_could_trip_over() {
    let pairs = replaced(&request(), "resource", "https://x.example/\"<script>\\\u{202e}");
    let (_, redirect) = refused(&pairs).await;
    let description = param(&redirect, "error_description").unwrap();
    assert!(
        description
            .chars()
            .all(|c| (' '..='~').contains(&c) && c != '"' && c != '\\'),
        "{description}"
    );
}

#[tokio::test]
async fn a_client_without_the_code_grant_is_told_so() {
    let (error, _) = refused(&replaced(&request(), "client_id", NOTES_SERVER)).await;
    assert_eq!(error, "unauthorized_client");
}

#[tokio::test]
async fn any_loopback_port_will_do() {
    let mut person = Person::default();
    let pairs = replaced(&request(), "redirect_uri", "http://127.0.0.1:51234/callback");
    let world = world().await;
    let ticket = person.authorize(&world, &pairs).await;
    person.log_in(&world, &ticket, "alice").await;
    let view = person.consent_page(&world, &ticket).await;
    let loopback = AnswerPlace::Redirect {
        host: "127.0.0.1".to_owned(),
        class: RedirectClass::Loopback,
    };
    assert_eq!(view.client.answer, loopback);
}

#[tokio::test]
async fn a_confidential_client_begins_without_its_secret() {
    let pairs = replaced(&web_request(), "client_id", WEB);
    Person::default().authorize(&world().await, &pairs).await;
}

#[tokio::test]
async fn a_resource_is_known_with_and_without_a_slash_at_its_end() {
    let world = world().await;
    for resource in [
        "https://notes.example/mcp",
        "https://notes.example/mcp/",
        "HTTPS://NOTES.example:443/mcp",
    ] {
        Person::default()
            .authorize(&world, &replaced(&request(), "resource", resource))
            .await;
    }
}

#[tokio::test]
async fn no_resource_among_several_without_a_default_is_an_invalid_target() {
    let world = world_with(|settings| {
        settings.resources = Resources::new(settings.resources.iter().cloned().collect(), None);
    })
    .await;
    let redirect = refusal(Person::default().try_authorize(&world, &request()).await);
    assert_eq!(param(&redirect, "error").as_deref(), Some("invalid_target"));
}

#[tokio::test]
async fn the_only_redirect_uri_need_not_be_named() {
    let world = world_with(|settings| {
        settings.clients.push(ConfiguredClient {
            id: client_id("single"),
            name: None,
            secret: None,
            keys: None,
            auth_method: AuthMethod::None,
            redirect_uris: vec![redirect(CALLBACK)],
            post_logout_redirect_uris: Vec::new(),
            must_push: false,
            dpop: DpopBinding::AsProved,
            grant_types: vec![GrantType::AuthorizationCode],
            scopes: None,
            introspects: Vec::new(),
        });
    })
    .await;
    let pairs = replaced(&without(&request(), "redirect_uri"), "client_id", "single");
    Person::default().authorize(&world, &pairs).await;
}
